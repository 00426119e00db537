// One thread's run queue, timers, mailbox and poll sources. Does not know what drives it: a thread with an EpollPoller,
// a client thread that happens to wait, or virtual time. Thread-safety: post() from any thread, everything else from
// whoever drives it at the moment.
#pragma once

#include <atomic>
#include <boost/intrusive/set.hpp>
#include <coroutine>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "platform/base/log.h"
#include "platform/base/units.h"
#include "platform/runtime/clock.h"
#include "platform/runtime/hlc.h"
#include "platform/runtime/rng.h"
#include "platform/runtime/stop.h"

namespace daos::runtime {

class Reactor;

/// How long a wait may last, and who may end it. Passed by value to everything that waits.
struct CallContext {
  Time deadline = Time::never();
  StopToken stop;
};

/// Fires once, at or after its deadline, unless cancelled or destroyed before. Owned by whoever waits.
class Timer : public boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  using Function = void (*)(void* self);
  Timer() = default;
  Timer(const Timer&) = delete;
  void arm(Reactor& reactor, Time deadline, Function function, void* self);
  void cancel() { unlink(); }
  bool armed() const { return is_linked(); }

 private:
  friend class Reactor;
  struct Earlier {
    bool operator()(const Timer& a, const Timer& b) const {
      return a.deadline_ != b.deadline_ ? a.deadline_ < b.deadline_ : a.order_ < b.order_;
    }
  };
  Time deadline_;
  uint64_t order_ = 0;
  Function function_ = nullptr;
  void* self_ = nullptr;
};

/// Something that must be looked at in every turn: a transport, a disk ring, a log.
class PollSource {
 public:
  virtual ~PollSource() = default;
  /// At the start of a turn: handle what has arrived, without waiting. True if anything had.
  virtual bool poll() = 0;
  /// At the end of a turn: send what the turn has produced (one write for a peer, one commit for a log).
  virtual void flush() {}
};

/// Ends the sleep of whoever drives the reactor. Called by post(), from any thread.
class Waker {
 public:
  virtual ~Waker() = default;
  virtual void wake() = 0;
};

class Reactor {
 public:
  struct Options {
    Clock* clock = nullptr;  // outlives the reactor
    uint64_t seed = 0;
    Logger log;
  };
  explicit Reactor(Options options);
  ~Reactor();
  Reactor(const Reactor&) = delete;

  // --- what product code uses
  /// The time at which this turn began.
  Time now() const { return now_; }
  /// The clock read afresh, for latency that must not be rounded to a turn.
  Time fresh_now() { return clock_.now(); }
  CallContext within(Duration limit, StopToken stop = {}) const { return {now_ + limit, stop}; }
  HlcClock& hlc() { return hlc_; }
  Rng& rng() { return rng_; }
  const Logger& log() const { return log_; }
  /// Counts the turns: who sees many callers within one knows that their waits can overlap.
  uint64_t turn_number() const { return turns_; }
  /// Resumes a coroutine in this turn or the next, behind those already queued.
  void ready(std::coroutine_handle<> handle) { ready_.push_back(handle); }
  /// Runs `function` on the driving thread, in order of posting. From any thread.
  void post(std::move_only_function<void()> function);

  // --- what transports, disks and logs use
  void add_source(PollSource* source) { sources_.push_back(source); }
  void remove_source(PollSource* source);
  /// The source has so much to send that it shall not wait for the turn's end: flushed when the coroutine that runs now
  /// has suspended.
  void flush_soon(PollSource* source) { urgent_.push_back(source); }

  // --- what drivers use
  /// One round: mailbox, sources, due timers, ready coroutines, flush. True if anything happened.
  bool turn();
  /// Nothing to do before this time unless something is posted or a source becomes ready.
  Time next_deadline() const;
  bool has_work() const { return !ready_.empty() || mail_.load(std::memory_order_acquire); }
  /// Who is woken by post(); set by the driver before the first turn.
  void set_waker(Waker* waker) { waker_.store(waker, std::memory_order_release); }

 private:
  friend class Timer;
  static constexpr size_t kResumedPerTurnMax = 4096;  // then sources get their turn again
  bool deliver_mail();
  bool fire_timers();
  bool run_ready();

  Clock& clock_;
  HlcClock hlc_;
  Rng rng_;
  Logger log_;
  Time now_;
  uint64_t turns_ = 0;
  std::deque<std::coroutine_handle<>> ready_;
  boost::intrusive::set<Timer, boost::intrusive::compare<Timer::Earlier>, boost::intrusive::constant_time_size<false>>
      timers_;
  uint64_t timer_order_ = 0;
  std::vector<PollSource*> sources_;
  std::vector<PollSource*> urgent_;

  std::mutex mail_mutex_;
  std::vector<std::move_only_function<void()>> mailbox_;  // guarded by mail_mutex_
  std::vector<std::move_only_function<void()>> delivering_;
  std::atomic<bool> mail_{false};       // set under the mutex; lets turn() skip the lock when there is no mail
  std::atomic<Waker*> waker_{nullptr};  // release/acquire: a poster must see the waker's construction
};

}  // namespace daos::runtime
