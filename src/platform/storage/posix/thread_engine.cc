// Requests carried out by a few threads, started when first needed.
#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "platform/storage/posix/io_engine.h"

namespace daos::storage::posix {

void IoRequest::advance(size_t bytes) {
  transferred += bytes;
  offset += bytes;
  size_t whole = 0;
  while (whole < rest.size() && bytes >= rest[whole].iov_len) bytes -= rest[whole++].iov_len;
  rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(whole));
  if (bytes > 0) {
    rest.front().iov_base = static_cast<char*>(rest.front().iov_base) + bytes;
    rest.front().iov_len -= bytes;
  }
}

namespace {

constexpr size_t kVectorMax = 1024;  // IOV_MAX of Linux; more parts take several calls

/// Reads or writes all of the request's rest, with blocking calls.
int transfer(IoRequest& request) {
  while (request.wants_more()) {
    const int parts = static_cast<int>(std::min(request.rest.size(), kVectorMax));
    const auto offset = static_cast<off_t>(request.offset);
    const int flags = request.kind == IoRequest::Kind::kWriteDurable ? RWF_DSYNC : 0;
    const ssize_t n = request.kind == IoRequest::Kind::kRead
                          ? preadv(request.file->get(), request.rest.data(), parts, offset)
                          : pwritev2(request.file->get(), request.rest.data(), parts, offset, flags);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    if (n == 0) return request.kind == IoRequest::Kind::kRead ? 0 : ENOSPC;
    request.advance(static_cast<size_t>(n));
    if (request.kind == IoRequest::Kind::kRead && request.direct && n % 512 != 0) return 0;
  }
  return 0;
}

int flush(const IoRequest& request) {
  while (fdatasync(request.file->get()) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

int carry_out(IoRequest& request) {
  switch (request.kind) {
    case IoRequest::Kind::kCall:
      return request.call();
    case IoRequest::Kind::kFlush:
      return flush(request);
    default:
      return transfer(request);
  }
}

class ThreadEngine final : public IoEngine {
 public:
  ThreadEngine(runtime::Reactor& reactor, unsigned threads_max)
      : IoEngine(reactor), threads_max_(threads_max), shared_(std::make_shared<Shared>()) {}

  ~ThreadEngine() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    // Mail that is still under way finds nothing to do: this runs on the thread that delivers it.
    for (IoRequest* request : std::exchange(shared_->finished, {})) finish(request);
  }

  void submit(IoRequest* request) override {
    {
      std::lock_guard lock(mutex_);
      queue_.push_back(request);
      if (idle_ < queue_.size() && threads_.size() < threads_max_) threads_.emplace_back([this] { work(); });
    }
    work_.notify_one();
  }

 private:
  struct Shared {
    std::mutex mutex;
    std::vector<IoRequest*> finished;  // guarded by mutex
  };

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      idle_++;
      work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      idle_--;
      if (queue_.empty()) return;  // what was queued before the end is still carried out
      IoRequest* request = queue_.front();
      queue_.pop_front();
      lock.unlock();
      request->error = carry_out(*request);
      hand_back(request);
      lock.lock();
    }
  }

  void hand_back(IoRequest* request) {
    bool first;
    {
      std::lock_guard lock(shared_->mutex);
      first = shared_->finished.empty();
      shared_->finished.push_back(request);
    }
    if (!first) return;  // mail is under way already
    reactor_.post([this, shared = shared_] {
      std::vector<IoRequest*> finished;
      {
        std::lock_guard lock(shared->mutex);
        finished.swap(shared->finished);
      }
      for (IoRequest* each : finished) finish(each);  // empty when the engine is gone: its destructor took them
    });
  }

  const unsigned threads_max_;
  const std::shared_ptr<Shared> shared_;
  std::vector<std::thread> threads_;  // the reactor's thread only

  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<IoRequest*> queue_;  // guarded by mutex_
  size_t idle_ = 0;               // guarded by mutex_
  bool stopping_ = false;         // guarded by mutex_
};

}  // namespace

std::unique_ptr<IoEngine> make_thread_engine(runtime::Reactor& reactor, unsigned threads) {
  return std::make_unique<ThreadEngine>(reactor, std::max(threads, 1u));
}

}  // namespace daos::storage::posix
