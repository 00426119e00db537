// Drives a reactor with real time: turn after turn while there is work, a short spin after it, then sleep.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "platform/runtime/epoll_poller.h"
#include "platform/runtime/reactor.h"

namespace daos::runtime {

/// The loop's body. Used by a ReactorThread, and by client threads that wait for an operation.
class Driver {
 public:
  /// How long to look again before sleeping: a sleep and its wake-up cost 25-45 us of latency (measured), so a peer
  /// that answers within this time is met awake. Nothing is spun while nothing happens.
  static constexpr Duration kSpin = std::chrono::microseconds(20);

  Driver(Reactor& reactor, EpollPoller& poller) : reactor_(reactor), poller_(poller) { reactor.set_waker(&poller); }
  ~Driver() { reactor_.set_waker(nullptr); }

  /// One turn; sleeps first-time idle up to `sleep_max` after the spin. True if anything happened.
  bool step(Duration sleep_max);

 private:
  Reactor& reactor_;
  EpollPoller& poller_;
  static constexpr int kTurnsUnaskedMax = 8;
  int turns_unasked_ = 0;  // busy turns since the poller was asked
  bool was_busy_ = false;  // in the last step
  Time busy_until_;        // keep looking until then
};

/// A thread with a reactor and a poller of its own. What it runs is put there with reactor().post().
class ReactorThread {
 public:
  static Result<std::unique_ptr<ReactorThread>> start(std::string name, Reactor::Options options);
  ~ReactorThread() { stop(); }
  Reactor& reactor() { return reactor_; }
  EpollPoller& poller() { return *poller_; }
  /// Ends the loop after the current turn and joins. What still waits in the reactor never resumes: join scopes before.
  void stop();
  /// Runs `function` there and waits until it has returned. Not from the thread itself.
  void call(std::move_only_function<void()> function);

 private:
  ReactorThread(Reactor::Options options, std::unique_ptr<EpollPoller> poller)
      : reactor_(std::move(options)), poller_(std::move(poller)) {}
  void run();

  Reactor reactor_;
  std::unique_ptr<EpollPoller> poller_;
  std::atomic<bool> stopping_{false};  // set from another thread, followed by a wake; relaxed: post() orders it
  std::thread thread_;
};

}  // namespace daos::runtime
