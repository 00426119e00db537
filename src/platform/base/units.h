// Sizes and durations with their unit in the name.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace daos {

inline constexpr uint64_t kKiB = 1024;
inline constexpr uint64_t kMiB = 1024 * kKiB;
inline constexpr uint64_t kGiB = 1024 * kMiB;
inline constexpr uint64_t kTiB = 1024 * kGiB;

/// Time on a reactor's own monotonic clock. Its origin means nothing; never stored, never sent.
using Duration = std::chrono::nanoseconds;
struct Time {
  int64_t ns = 0;
  constexpr auto operator<=>(const Time&) const = default;
  constexpr Time operator+(Duration d) const { return {ns + d.count()}; }
  constexpr Time operator-(Duration d) const { return {ns - d.count()}; }
  constexpr Duration operator-(Time other) const { return Duration(ns - other.ns); }
  static constexpr Time never() { return {INT64_MAX}; }
};

constexpr uint64_t align_up(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}
constexpr uint64_t align_down(uint64_t value, uint64_t alignment) { return value / alignment * alignment; }

}  // namespace daos
