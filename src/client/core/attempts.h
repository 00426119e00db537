// How often, how long: the patience of one operation. Attempts get deadlines that grow; what failed at once is repeated
// after a pause; after a while the user hears, once, who does not answer. Belongs to the operation.
#pragma once

#include <optional>
#include <string>

#include "client/core/lane.h"

namespace daos::core {

/// Whether it is worth asking again: the request was lost, refused for the moment, or its fate is not known.
bool is_transient(Code code);

class Attempts {
 public:
  /// `limit`: of the operation as a whole, unless the client's total says otherwise.
  Attempts(Lane& lane, runtime::StopToken stop, std::optional<Duration> limit);

  /// For the next attempt, which moves that many bytes beside its messages.
  runtime::CallContext next(uint64_t bytes = 0);
  /// For a wait that may last as long as the operation.
  runtime::CallContext whole() const { return {.deadline = deadline_, .stop = stop_}; }
  runtime::StopToken stop() const { return stop_; }
  /// No more attempts: the time is over, or somebody asked to stop.
  bool over() const { return stop_.stop_requested() || lane_.reactor().now() >= deadline_; }
  /// After an attempt that failed with `why`. What timed out has waited already.
  runtime::Task<void> pause(Code why);
  /// True once, when this has taken long enough to be told.
  bool time_to_warn();
  /// How long the operation has been at it, in whole seconds.
  int64_t seconds() const { return (lane_.reactor().now() - begun_).count() / 1'000'000'000; }
  /// The error of an operation that gave up after its last attempt ended with `last`.
  Status given_up(const Status& last) const;

 private:
  Lane& lane_;
  runtime::StopToken stop_;
  Time begun_;
  Time deadline_ = Time::never();
  Duration attempt_;
  Duration pause_;
  bool warned_ = false;
};

}  // namespace daos::core
