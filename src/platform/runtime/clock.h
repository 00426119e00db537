// The seam for time. Product code reads a clock only through its reactor (Reactor::now, Reactor::hlc).
#pragma once

#include <cstdint>

#include "platform/base/units.h"

namespace daos::runtime {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Never runs backwards, counts suspended time too (boot time). Its origin means nothing.
  virtual Time now() = 0;
  /// Nanoseconds since 1970 as the operating system believes; may step in either direction.
  virtual int64_t unix_ns() = 0;
};

/// The machine's clocks. Stateless; one serves the whole process.
class SystemClock : public Clock {
 public:
  Time now() override;
  int64_t unix_ns() override;
};

}  // namespace daos::runtime
