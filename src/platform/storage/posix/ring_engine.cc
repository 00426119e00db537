// Requests carried out by io_uring. What a turn produces is submitted with one system call at its end; completions are
// looked for in every turn, and the ring's descriptor ends the poller's sleep.
#include <liburing.h>
#include <sys/epoll.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <deque>

#include "platform/base/check.h"
#include "platform/storage/posix/io_engine.h"

namespace daos::storage::posix {
namespace {

constexpr size_t kVectorMax = 1024;  // IOV_MAX of Linux; more parts take several rounds

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
    io_uring_ring_dontfork(&ring_);  // a child that kept the mapping would keep the ring
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

  void abandon_after_fork() override { ::close(ring_.ring_fd); }

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
    while (!backlog_.empty() && in_kernel_ < room_) {
      IoRequest* request = backlog_.front();
      backlog_.pop_front();
      io_uring_sqe* entry = io_uring_get_sqe(&ring_);
      DX_CHECK(entry != nullptr, "no entry although {} of {} are used", in_kernel_, room_);
      const int fd = request->file->get();
      const auto parts = static_cast<unsigned>(std::min(request->rest.size(), kVectorMax));
      switch (request->kind) {
        case IoRequest::Kind::kRead:
          io_uring_prep_readv(entry, fd, request->rest.data(), parts, request->offset);
          break;
        case IoRequest::Kind::kWrite:
          io_uring_prep_writev(entry, fd, request->rest.data(), parts, request->offset);
          break;
        case IoRequest::Kind::kWriteDurable:
          // Not a write linked to an fdatasync: docs/decisions/0001-flush-by-rwf-dsync.md.
          io_uring_prep_writev2(entry, fd, request->rest.data(), parts, request->offset, RWF_DSYNC);
          break;
        default:
          io_uring_prep_fsync(entry, fd, IORING_FSYNC_DATASYNC);
      }
      io_uring_sqe_set_data(entry, request);
      in_kernel_++;
      queued_++;
    }
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
      auto* request = static_cast<IoRequest*>(io_uring_cqe_get_data(completion));
      const int result = completion->res;
      io_uring_cqe_seen(&ring_, completion);
      seen++;
      in_kernel_--;
      ended(request, result);
    }
    if (seen > 0) prepare();
    if (flushed_) submit_queued();
    return seen > 0;
  }

  void ended(IoRequest* request, int result) {
    if (is_done(*request, result)) {
      finish(request);
    } else if (closing_) {
      request->error = ECANCELED;
      finish(request);
    } else {
      backlog_.push_front(request);
    }
  }

  /// False when the request, or the rest of it, must go to the kernel again.
  static bool is_done(IoRequest& request, int result) {
    if (result == -EINTR || result == -EAGAIN) return false;
    if (result < 0) return fail(request, -result);
    if (request.kind == IoRequest::Kind::kFlush) return true;
    if (result == 0) return request.kind == IoRequest::Kind::kRead || fail(request, ENOSPC);
    request.advance(static_cast<size_t>(result));
    if (request.kind == IoRequest::Kind::kRead && request.direct && result % 512 != 0) return true;
    return !request.wants_more();
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
  DX_TRY(engine->start(std::max(entries, 1u)));
  return std::unique_ptr<IoEngine>(std::move(engine));
}

}  // namespace daos::storage::posix
