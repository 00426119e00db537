// What carries out requests for posix_disk.cc: a ring or threads. A request belongs to its engine from submit() to
// finish(), whether or not anybody still waits for it, so the kernel never writes into memory that has been given back.
#pragma once

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "platform/base/bytes.h"
#include "platform/runtime/epoll_poller.h"
#include "platform/runtime/reactor.h"

namespace daos::storage::posix {

/// The descriptors of a disk's files: known all the time, so that a forked child can close its copies. Thread-safety:
/// any thread.
class OpenFiles {
 public:
  /// open(2); -1 and errno.
  int open(const char* path, int flags, mode_t mode) {
    const std::lock_guard lock(mutex_);
    const int fd = ::open(path, flags, mode);
    if (fd >= 0) open_.insert(fd);
    return fd;
  }
  void close(int fd) {
    const std::lock_guard lock(mutex_);
    open_.erase(fd);
    ::close(fd);
  }
  void hold() { mutex_.lock(); }
  void release() { mutex_.unlock(); }
  /// In the child, with hold() from before the fork.
  void abandon() {
    for (const int fd : open_) ::close(fd);
  }

 private:
  std::mutex mutex_;
  std::set<int> open_;  // guarded by mutex_
};

/// Closed when neither its file nor a request in flight needs it.
class Descriptor {
 public:
  explicit Descriptor(int fd, std::shared_ptr<OpenFiles> among = nullptr) : fd_(fd), among_(std::move(among)) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ < 0) return;
    if (among_ != nullptr) {
      among_->close(fd_);
    } else {
      ::close(fd_);
    }
  }
  int get() const { return fd_; }

 private:
  const int fd_;
  const std::shared_ptr<OpenFiles> among_;
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
  runtime::Reactor& reactor() { return reactor_; }
  /// Takes the request over.
  virtual void submit(IoRequest* request) = 0;
  /// In a forked child.
  virtual void abandon_after_fork() {}

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
