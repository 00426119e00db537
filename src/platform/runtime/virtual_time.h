// Virtual time for tests and simulation: a clock that moves only when told, and a driver that runs reactors under it,
// in one thread, in an order that depends on nothing but the seed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "platform/runtime/clock.h"
#include "platform/runtime/reactor.h"
#include "platform/runtime/scope.h"

namespace daos::runtime {

/// The world's queue: what happens when, in order of (time, order of scheduling).
class Timeline {
 public:
  Time now() const { return now_; }
  void at(Time when, std::move_only_function<void()> what) {
    events_.emplace(std::pair(std::max(when, now_), order_++), std::move(what));
  }
  void after(Duration delay, std::move_only_function<void()> what) { at(now_ + delay, std::move(what)); }
  /// Runs the next event and moves time to it. False when there is none, or it lies beyond `limit`.
  bool step(Time limit = Time::never());
  /// Runs everything up to `limit`, then moves time there.
  void run_until(Time limit);
  uint64_t steps() const { return order_; }

 private:
  Time now_;
  uint64_t order_ = 0;
  std::map<std::pair<Time, uint64_t>, std::move_only_function<void()>> events_;
};

/// A node's view of the timeline: its boot time, and a wall clock that may be off and may be stepped.
class VirtualClock : public Clock {
 public:
  explicit VirtualClock(const Timeline& timeline) : timeline_(timeline) {}
  Time now() override { return timeline_.now(); }
  int64_t unix_ns() override { return kStartUnixNs + timeline_.now().ns + offset_.count(); }
  void step_wall_clock(Duration by) { offset_ += by; }

 private:
  static constexpr int64_t kStartUnixNs = 1'767'225'600'000'000'000;  // 2026-01-01T00:00:00Z
  const Timeline& timeline_;
  Duration offset_{0};
};

/// A reactor under virtual time: a turn is an event of the timeline, scheduled when something is posted, ready or due.
class VirtualReactor : public Waker {
 public:
  VirtualReactor(Timeline& timeline, Reactor::Options options) : timeline_(timeline), reactor_(std::move(options)) {
    reactor_.set_waker(this);
  }
  ~VirtualReactor() override { *alive_ = false; }
  Reactor& reactor() { return reactor_; }
  /// A turn at the current virtual time, after what is already scheduled for it.
  void wake() override { schedule(timeline_.now()); }

 private:
  void schedule(Time when);

  Timeline& timeline_;
  Reactor reactor_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // events of a destroyed reactor do nothing
  Time scheduled_ = Time::never();
};

namespace detail {
template <class T>
Task<void> keep_result(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}
}  // namespace detail

/// Runs `task` on `reactor` until it ends, letting time pass; for tests. Checks that it does end.
template <class T>
T run(Timeline& timeline, Reactor& reactor, Task<T> task) {
  std::optional<T> result;
  Scope scope(reactor);
  reactor.post([&] { scope.spawn(detail::keep_result(std::move(task), result)); });
  while ((!result || scope.running() > 0) && timeline.step()) {
  }
  DX_CHECK(result.has_value(), "the task waits for something that never happens");
  return std::move(*result);
}

}  // namespace daos::runtime
