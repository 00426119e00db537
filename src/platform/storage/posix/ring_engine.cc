// Requests carried out by io_uring. What a turn produces is submitted with one system call at its end; completions are
// looked for in every turn, and the ring's descriptor ends the poller's sleep.
#include <liburing.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <deque>

#include "platform/base/check.h"
#include "platform/storage/posix/io_engine.h"

namespace daos::storage::posix {
namespace {

constexpr size_t kVectorMax = 1024;  // IOV_MAX of Linux; more parts take several rounds
constexpr uint64_t kFlushTag =
    1;  // in user_data: the flush of a kWriteDurable; requests are aligned, so the bit is free
constexpr unsigned kEntriesPerRequest = 2;

class RingEngine final : public IoEngine, public runtime::PollSource, public runtime::FdHandler {
 public:
  RingEngine(runtime::Reactor& reactor, runtime::EpollPoller& poller, std::unique_ptr<IoEngine> calls)
      : IoEngine(reactor), poller_(poller), calls_(std::move(calls)) {}

  Status start(unsigned entries) {
    io_uring_params params{};
    params.flags = IORING_SETUP_CLAMP;
    const int error = io_uring_queue_init_params(entries, &ring_, &params);
    if (error < 0) {
      return daos::error(Code::kNotSupported, "io_uring_setup: {}", errno_error(-error, "").message());
    }
    room_ = params.sq_entries;
    started_ = true;
    DX_TRY(poller_.watch(ring_.ring_fd, EPOLLIN, this));
    watched_ = true;
    reactor_.add_source(this);
    return {};
  }

  ~RingEngine() override {
    if (!started_) return;
    reactor_.remove_source(this);
    // Nothing may be freed under the kernel's hands: what was submitted is waited for, and the rest never starts.
    closing_ = true;
    for (IoRequest* request : std::exchange(backlog_, {})) {
      request->error = ECANCELED;
      finish(request);
    }
    submit_queued();
    while (in_kernel_ > 0) {
      io_uring_cqe* completion = nullptr;
      const int error = io_uring_wait_cqe(&ring_, &completion);
      DX_CHECK(error == 0 || error == -EINTR || error == -EAGAIN, "io_uring_wait_cqe: {}", error);
      reap();
    }
    if (watched_) poller_.unwatch(ring_.ring_fd, this);
    io_uring_queue_exit(&ring_);
  }

  void submit(IoRequest* request) override {
    if (request->kind == IoRequest::Kind::kCall) {
      calls_->submit(request);
      return;
    }
    backlog_.push_back(request);
    prepare();
    // Whoever flushes behind us in a turn (a log's commit) must not wait for the next one.
    if (flushed_) submit_queued();
  }

  bool poll() override {
    flushed_ = false;
    return reap();
  }
  void flush() override {
    submit_queued();
    flushed_ = true;
  }
  void on_ready(uint32_t) override { reap(); }

 private:
  /// Moves requests from the backlog into the submission queue, as far as it has room for all of their entries.
  void prepare() {
    while (!backlog_.empty() && in_kernel_ + kEntriesPerRequest <= room_) {
      IoRequest* request = backlog_.front();
      backlog_.pop_front();
      const int fd = request->file->get();
      const auto parts = static_cast<unsigned>(std::min(request->rest.size(), kVectorMax));
      if (request->kind == IoRequest::Kind::kRead) {
        io_uring_sqe* read = entry(request);
        io_uring_prep_readv(read, fd, request->rest.data(), parts, request->offset);
        tag(read, request, 0);
        continue;
      }
      if (request->wants_more()) {
        io_uring_sqe* write = entry(request);
        io_uring_prep_writev(write, fd, request->rest.data(), parts, request->offset);
        tag(write, request, 0);
        // A flush covers only what had ended before it began. A write that fails or is short cancels the flush.
        if (request->kind == IoRequest::Kind::kWriteDurable) write->flags |= IOSQE_IO_LINK;
      }
      if (request->kind != IoRequest::Kind::kWrite) {
        io_uring_sqe* flush = entry(request);
        io_uring_prep_fsync(flush, fd, IORING_FSYNC_DATASYNC);
        tag(flush, request, kFlushTag);
      }
    }
  }

  io_uring_sqe* entry(IoRequest* request) {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    DX_CHECK(sqe != nullptr, "no entry although {} of {} are used", in_kernel_, room_);
    in_kernel_++;
    queued_++;
    request->in_kernel++;
    return sqe;
  }
  static void tag(io_uring_sqe* sqe, IoRequest* request, uint64_t bit) {
    io_uring_sqe_set_data64(sqe, reinterpret_cast<uint64_t>(request) | bit);
  }

  void submit_queued() {
    while (queued_ > 0) {
      const int n = io_uring_submit(&ring_);
      if (n == -EINTR) continue;
      if (n == -EAGAIN || n == -EBUSY) return;  // short of memory, or completions wait to be seen: again next turn
      DX_CHECK(n >= 0, "io_uring_submit: {}", n);
      queued_ -= std::min(queued_, static_cast<unsigned>(n));
    }
  }

  bool reap() {
    unsigned seen = 0;
    io_uring_cqe* completion = nullptr;
    while (io_uring_peek_cqe(&ring_, &completion) == 0) {
      const uint64_t data = io_uring_cqe_get_data64(completion);
      const int result = completion->res;
      io_uring_cqe_seen(&ring_, completion);
      seen++;
      in_kernel_--;
      ended(reinterpret_cast<IoRequest*>(data & ~kFlushTag), (data & kFlushTag) != 0, result);
    }
    if (seen > 0) prepare();
    if (flushed_) submit_queued();
    return seen > 0;
  }

  void ended(IoRequest* request, bool is_flush, int result) {
    request->in_kernel--;
    (is_flush ? request->flush_result : request->io_result) = result;
    if (request->in_kernel > 0) return;  // its flush, or its write, is still there
    if (settle(*request)) {
      finish(request);
    } else if (closing_) {
      request->error = ECANCELED;
      finish(request);
    } else {
      backlog_.push_front(request);
    }
  }

  /// True when the request is done; false when (the rest of) it must go to the kernel again.
  static bool settle(IoRequest& request) {
    const auto again = [](int result) { return result == -EINTR || result == -EAGAIN; };
    if (request.wants_more()) {
      const int n = request.io_result;
      if (again(n) || n == -ECANCELED) return false;
      if (n < 0) return fail(request, -n);
      if (n == 0) return request.kind == IoRequest::Kind::kRead || fail(request, ENOSPC);
      request.advance(static_cast<size_t>(n));
      if (request.kind == IoRequest::Kind::kRead && request.direct && n % 512 != 0) return true;
      if (request.wants_more()) return false;
      if (request.kind != IoRequest::Kind::kWriteDurable) return true;
    }
    if (again(request.flush_result) || request.flush_result == -ECANCELED) return false;
    return request.flush_result == 0 || fail(request, -request.flush_result);
  }
  static bool fail(IoRequest& request, int error) {
    request.error = error;
    return true;
  }

  runtime::EpollPoller& poller_;
  std::unique_ptr<IoEngine> calls_;
  io_uring ring_{};
  bool started_ = false;
  bool watched_ = false;
  bool closing_ = false;
  bool flushed_ = true;  // between the end of a turn's flush and the next poll: submit at once
  unsigned room_ = 0;
  unsigned in_kernel_ = 0;  // entries prepared and not yet seen to have ended
  unsigned queued_ = 0;     // of those, not yet submitted
  std::deque<IoRequest*> backlog_;
};

}  // namespace

Result<std::unique_ptr<IoEngine>> make_ring_engine(runtime::Reactor& reactor, runtime::EpollPoller& poller,
                                                   unsigned entries, std::unique_ptr<IoEngine> calls) {
  auto engine = std::make_unique<RingEngine>(reactor, poller, std::move(calls));
  DX_TRY(engine->start(std::max(entries, 2 * kEntriesPerRequest)));
  return std::unique_ptr<IoEngine>(std::move(engine));
}

}  // namespace daos::storage::posix
