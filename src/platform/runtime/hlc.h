// Hybrid logical clock: the source of epochs. 64 bits in units of 1/16 ns since 2021-01-01T00:00:00Z; the low 18 bits
// are logical. Larger is later, and an event that caused another has the smaller value.
#pragma once

#include <cstdint>

#include "platform/base/status.h"
#include "platform/runtime/clock.h"

namespace daos::runtime {

inline constexpr int64_t kHlcOriginUnixSeconds = 1609459200;  // 2021-01-01T00:00:00Z
inline constexpr uint64_t kHlcLogicalMask = (1ULL << 18) - 1;
constexpr uint64_t hlc_from_unix_ns(int64_t ns) {
  const int64_t since = ns - kHlcOriginUnixSeconds * 1'000'000'000;
  return since <= 0 ? 0 : static_cast<uint64_t>(since) << 4;
}
constexpr int64_t hlc_to_unix_ns(uint64_t hlc) {
  return static_cast<int64_t>(hlc >> 4) + kHlcOriginUnixSeconds * 1'000'000'000;
}
constexpr uint64_t hlc_duration(Duration d) { return static_cast<uint64_t>(d.count()) << 4; }

/// One reactor's clock. Physical time is the wall clock once, at construction, then boot time slewed towards the wall
/// clock by at most 1/2000, so that a stepped wall clock neither runs it backwards nor stops it.
class HlcClock {
 public:
  explicit HlcClock(Clock& clock);

  /// A new value, above every one returned or observed before.
  uint64_t next();
  /// The highest value returned or observed, without making a new one.
  uint64_t last() const { return last_; }
  /// Learns a value from a message. Never refuses: for clients' values, which came from engines in the first place.
  void observe(uint64_t value) {
    if (value > last_) last_ = value;
  }
  /// Learns a value from another engine, whose HLC stood `lead_ms` ahead of its own physical clock. Refused (kInvalid,
  /// naming both) when that physical clock is ahead of ours by more than `bound`: an HLC may rightly be ahead (a
  /// restart begins at the reservation made before it, up to 2 s ahead), a clock may not.
  Status observe_engine(uint64_t value, uint32_t lead_ms, Duration bound);
  /// How far the last value stands ahead of the physical clock, as of the last next(); rounded down.
  uint32_t lead_ms() const {
    return last_ > seen_physical_
               ? static_cast<uint32_t>((last_ - seen_physical_) / hlc_duration(std::chrono::milliseconds(1)))
               : 0;
  }
  /// What the physical part says now, without the logical part.
  uint64_t physical();
  /// Never to return anything below `floor` again: after a restart, from the stored reservation.
  void raise_to(uint64_t floor) { observe(floor); }

 private:
  Clock& clock_;
  Time boot_then_;
  int64_t unix_ns_then_;
  uint64_t last_ = 0;
  uint64_t seen_physical_ = 0;
};

}  // namespace daos::runtime
