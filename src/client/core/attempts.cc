#include "client/core/attempts.h"

#include <algorithm>

namespace daos::core {

bool is_transient(Code code) {
  switch (code) {
    case Code::kTimedOut:
    case Code::kConnectionLost:
    case Code::kShuttingDown:
    case Code::kUnreachable:
    case Code::kAgain:
    case Code::kOutcomeUnknown:  // the same slot and sequence will tell
      return true;
    default:
      return false;
  }
}

Attempts::Attempts(Lane& lane, runtime::StopToken stop, std::optional<Duration> limit)
    : lane_(lane),
      stop_(stop),
      begun_(lane.reactor().now()),
      attempt_(lane.client().patience().attempt_first),
      pause_(lane.client().patience().pause_first) {
  const std::optional<Duration> total = lane.client().patience().total;
  if (total || limit) deadline_ = begun_ + (total ? *total : *limit);
}

runtime::CallContext Attempts::next(uint64_t bytes) {
  const Patience& patience = lane_.client().patience();
  // So much longer may it take, however patient one is: what is under way would only begin anew.
  const uint64_t moved = std::min(bytes, messages::kUpdateBytesMax);  // at once, whatever there is room for
  const Time now = lane_.reactor().now() + std::chrono::milliseconds(moved / patience.bytes_per_ms_least);
  Time deadline = std::min(deadline_, now + attempt_);
  // A long attempt must not keep the warning back.
  if (!warned_) deadline = std::min(deadline, std::max(begun_ + patience.warn_after, now + patience.attempt_first));
  attempt_ = std::min(attempt_ + attempt_ / 2, patience.attempt_max);
  return {.deadline = deadline, .stop = stop_};
}

runtime::Task<void> Attempts::pause(Code why) {
  if (why == Code::kTimedOut || over()) co_return;
  const Time until = std::min(deadline_, lane_.reactor().now() + pause_);
  pause_ = std::min(pause_ * 2, lane_.client().patience().pause_max);
  const Status slept = co_await runtime::sleep(lane_.reactor(), {.deadline = until, .stop = stop_});
  slept.ignore("over() tells");
}

bool Attempts::time_to_warn() {
  if (warned_ || lane_.reactor().now() - begun_ < lane_.client().patience().warn_after) return false;
  warned_ = true;
  return true;
}

Status Attempts::given_up(const Status& last) const {
  if (stop_.stop_requested()) return Status(Code::kCancelled);
  return error(Code::kTimedOut, "given up after {} s; the last attempt ended with: {}", seconds(), last);
}

}  // namespace daos::core
