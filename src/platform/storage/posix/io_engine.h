// What carries out requests for posix_disk.cc: a ring or threads. A request belongs to its engine from submit() to
// finish(), whether or not anybody still waits for it, so the kernel never writes into memory that has been given back.
#pragma once

#include <sys/uio.h>
#include <unistd.h>

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "platform/base/bytes.h"
#include "platform/runtime/epoll_poller.h"
#include "platform/runtime/reactor.h"

namespace daos::storage::posix {

/// Closed when neither its file nor a request in flight needs it.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

struct IoRequest {
  enum class Kind : uint8_t { kRead, kWrite, kFlush, kWriteDurable, kCall };
  Kind kind = Kind::kCall;
  bool direct = false;  // a short read that is not a multiple of a sector is the end of the file
  std::shared_ptr<Descriptor> file;
  uint64_t offset = 0;
  std::vector<IoBuf> parts;             // keeps the memory of `rest` alive
  std::vector<iovec> rest;              // what is still to be transferred
  std::move_only_function<int()> call;  // kCall: runs on a thread; 0 or an errno

  int error = 0;  // errno, once finished
  size_t transferred = 0;
  bool finished = false;

  void advance(size_t bytes);
  bool wants_more() const { return !rest.empty(); }

  // the engine's
  std::coroutine_handle<> waiter;  // null once nobody waits
};

class IoEngine {
 public:
  explicit IoEngine(runtime::Reactor& reactor) : reactor_(reactor) {}
  virtual ~IoEngine() = default;
  /// Takes the request over.
  virtual void submit(IoRequest* request) = 0;

  /// co_await engine.run(std::move(request)): the finished request.
  auto run(std::unique_ptr<IoRequest> request) {
    struct Awaiter {
      IoEngine& engine;
      IoRequest* request;
      Awaiter(IoEngine& e, IoRequest* r) : engine(e), request(r) {}
      Awaiter(const Awaiter&) = delete;
      ~Awaiter() {
        if (request != nullptr) request->waiter = nullptr;  // gave up: finish() frees it
      }
      bool await_ready() { return false; }
      void await_suspend(std::coroutine_handle<> handle) {
        request->waiter = handle;
        engine.submit(request);
      }
      std::unique_ptr<IoRequest> await_resume() { return std::unique_ptr<IoRequest>(std::exchange(request, nullptr)); }
    };
    return Awaiter(*this, request.release());
  }

 protected:
  /// On the reactor's thread.
  void finish(IoRequest* request) {
    request->finished = true;
    if (request->waiter) {
      reactor_.ready(std::exchange(request->waiter, nullptr));
    } else {
      delete request;
    }
  }
  runtime::Reactor& reactor_;
};

std::unique_ptr<IoEngine> make_thread_engine(runtime::Reactor& reactor, unsigned threads);
/// kNotSupported when the kernel forbids or lacks io_uring. `calls` gets what only threads can do.
Result<std::unique_ptr<IoEngine>> make_ring_engine(runtime::Reactor& reactor, runtime::EpollPoller& poller,
                                                   unsigned entries, std::unique_ptr<IoEngine> calls);

}  // namespace daos::storage::posix
