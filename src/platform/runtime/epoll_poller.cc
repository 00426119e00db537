#include "platform/runtime/epoll_poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "platform/base/check.h"

namespace daos::runtime {
namespace {
constexpr int kBatch = 64;  // what is ready beyond that is reported by the next call
}

Result<std::unique_ptr<EpollPoller>> EpollPoller::create() {
  const int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) return errno_error(errno, "epoll_create1");
  const int event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (event_fd < 0) {
    const Status status = errno_error(errno, "eventfd");
    close(epoll_fd);
    return status;
  }
  std::unique_ptr<EpollPoller> poller(new EpollPoller(epoll_fd, event_fd));
  DX_TRY(poller->watch(event_fd, EPOLLIN, nullptr));
  return poller;
}

EpollPoller::~EpollPoller() { abandon_after_fork(); }

void EpollPoller::abandon_after_fork() {
  if (epoll_fd_ >= 0) close(epoll_fd_);
  if (event_fd_ >= 0) close(event_fd_);
  epoll_fd_ = event_fd_ = -1;
}

Status EpollPoller::watch(int fd, uint32_t events, FdHandler* handler) {
  epoll_event event{.events = events, .data = {.ptr = handler}};
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) != 0) return errno_error(errno, "epoll_ctl add");
  return {};
}

Status EpollPoller::modify(int fd, uint32_t events, FdHandler* handler) {
  epoll_event event{.events = events, .data = {.ptr = handler}};
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, fd, &event) != 0) return errno_error(errno, "epoll_ctl modify");
  return {};
}

void EpollPoller::unwatch(int fd, FdHandler* handler) {
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);  // fails only for what is not watched: nothing to do then
  std::replace(current_.begin(), current_.end(), handler, static_cast<FdHandler*>(nullptr));
}

bool EpollPoller::sleep(const Reactor& reactor, Duration limit) {
  sleeping_.store(true, std::memory_order_seq_cst);
  int64_t us = 0;
  if (!reactor.has_work()) {
    us = std::clamp<int64_t>((limit.count() + 999) / 1000, 0, 1'000'000'000);
  }
  const bool ready = wait_for(static_cast<int>(us));
  sleeping_.store(false, std::memory_order_relaxed);
  return ready;
}

void EpollPoller::wake() {
  if (!sleeping_.exchange(false, std::memory_order_seq_cst)) return;
  const uint64_t one = 1;
  const ssize_t written = write(event_fd_, &one, sizeof one);
  DX_CHECK(written == sizeof one || errno == EAGAIN, "eventfd: {}", errno);  // EAGAIN: already full, so it wakes anyway
}

bool EpollPoller::wait_for(int timeout_us) {
  epoll_event events[kBatch];
  const timespec timeout{.tv_sec = timeout_us / 1'000'000, .tv_nsec = timeout_us % 1'000'000 * 1000L};
  // A mere look is cheaper without a timeout to set up.
  const int n = timeout_us == 0 ? epoll_wait(epoll_fd_, events, kBatch, 0)
                                : epoll_pwait2(epoll_fd_, events, kBatch, &timeout, nullptr);
  if (n <= 0) return false;
  current_.clear();
  for (int i = 0; i < n; i++) current_.push_back(static_cast<FdHandler*>(events[i].data.ptr));
  for (int i = 0; i < n; i++) {
    if (events[i].data.ptr == nullptr) {
      uint64_t count;
      if (read(event_fd_, &count, sizeof count) < 0) continue;  // drained by an earlier wake: nothing to do
    } else if (FdHandler* handler = current_[static_cast<size_t>(i)]) {
      handler->on_ready(events[i].events);
    }
  }
  current_.clear();
  return true;
}

}  // namespace daos::runtime
