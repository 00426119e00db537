// Time as a client's deadlines count it. A context moves only while somebody waits on it, so a program that computes
// for a minute between two polls must not find its operations timed out: gaps in which nobody drove count for at most
// kGapMax. Gaps shorter than that count in full, so that a program which polls every millisecond still has its messages
// repeated.
//
// The wall clock is always 1970: a client carries the highest engine clock that it has seen, never its own.
// Thread-safety: belongs to whoever drives; hand-over is by the context's lock.
#pragma once

#include "platform/runtime/clock.h"

namespace daos::core {

class ClientClock : public runtime::Clock {
 public:
  static constexpr Duration kGapMax = std::chrono::milliseconds(100);

  /// `real` outlives this.
  explicit ClientClock(runtime::Clock& real) : real_(real), left_at_(real.now()) {}

  Time now() override { return real_.now() - excluded_; }
  int64_t unix_ns() override { return 0; }

  /// Somebody begins to drive.
  void resume() {
    const Duration gap = real_.now() - left_at_;
    if (gap > kGapMax) excluded_ += gap - kGapMax;
  }
  /// Nobody drives any more.
  void pause() { left_at_ = real_.now(); }

 private:
  runtime::Clock& real_;
  Duration excluded_{0};
  Time left_at_;
};

}  // namespace daos::core
