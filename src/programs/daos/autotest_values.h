// What autotest stores and reads back: values that follow from their number, many of them under way at a time.
#pragma once

#include <daos.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "programs/daos/session.h"

namespace daos::cli {

struct Load {
  size_t value_bytes = 0;
  uint64_t values_max = 0;
  std::optional<std::chrono::steady_clock::duration> limit;  // of storing; reading takes what it takes
};

/// The values of one size in one object.
class AutotestValues {
 public:
  static Result<AutotestValues> create(const Container& container, Load load);
  AutotestValues(AutotestValues&& other) noexcept
      : object_(std::exchange(other.object_, DAOS_HDL_INVAL)),
        queue_(std::exchange(other.queue_, DAOS_HDL_INVAL)),
        load_(other.load_),
        stored_(other.stored_) {}
  ~AutotestValues();

  /// Until there are enough or the time is over.
  Status store();
  /// Reads all that was stored. kCorrupt: a value is another than was stored, or has gone.
  Status verify();
  /// Removes the object's values, and sees that they are gone.
  Status punch();
  uint64_t stored() const { return stored_; }

 private:
  enum class Direction : uint8_t { kStore, kRead };
  struct Slot;
  AutotestValues(daos_handle_t object, daos_handle_t queue, Load load) : object_(object), queue_(queue), load_(load) {}
  /// Runs operations 0 to `count` and gives how many were done.
  Result<uint64_t> run(Direction direction, uint64_t count);
  Status start(Slot& slot, Direction direction, uint64_t number);
  Status finish(Slot& slot, Direction direction);

  daos_handle_t object_;
  daos_handle_t queue_;
  Load load_;
  uint64_t stored_ = 0;
};

}  // namespace daos::cli
