// Readiness of descriptors, and the sleep of whoever drives a reactor. One epoll set holds the sockets, the disk ring
// and the wake-up eventfd, so network, disk and mail end one and the same sleep (docs/decisions: readiness by epoll).
// Thread-safety: wake() from any thread, the rest from the driving thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "platform/base/status.h"
#include "platform/base/units.h"
#include "platform/runtime/reactor.h"

namespace daos::runtime {

/// Told when a watched descriptor is ready. `events` are EPOLL* bits.
class FdHandler {
 public:
  virtual ~FdHandler() = default;
  virtual void on_ready(uint32_t events) = 0;
};

class EpollPoller : public Waker {
 public:
  static Result<std::unique_ptr<EpollPoller>> create();
  ~EpollPoller() override;

  /// `handler` must live until unwatch(fd). A handler may unwatch any descriptor from on_ready.
  Status watch(int fd, uint32_t events, FdHandler* handler);
  Status modify(int fd, uint32_t events, FdHandler* handler);
  void unwatch(int fd, FdHandler* handler);

  /// Tells handlers what is ready now, without waiting. True if anything was.
  bool poll() { return wait_for(0); }
  /// The same, after sleeping until something is ready, wake() is called, or `limit` passes. `reactor` is asked once
  /// more for work after the sleep is announced, so no post() is missed.
  bool sleep(const Reactor& reactor, Duration limit);
  void wake() override;

  /// In a forked child: closes this process's copies of the descriptors and does nothing else.
  void abandon_after_fork();

 private:
  EpollPoller(int epoll_fd, int event_fd) : epoll_fd_(epoll_fd), event_fd_(event_fd) {}
  bool wait_for(int timeout_us);

  int epoll_fd_;
  int event_fd_;
  std::atomic<bool> sleeping_{false};  // seq_cst with Reactor::mail_: either post() sees it, or sleep() sees the mail
  std::vector<FdHandler*> current_;    // of the batch being handled; null once unwatched
};

}  // namespace daos::runtime
