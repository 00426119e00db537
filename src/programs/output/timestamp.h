// Times as the commands print them. Pure functions of their argument and the time zone.
#pragma once

#include <cstdint>
#include <string>

namespace daos::output {

/// "2024-03-01T12:00:00.123+01:00", local time, of nanoseconds since 1970.
std::string local_timestamp(int64_t unix_ns);
/// "2024-03-01 12:00:00.123456789 +0000 UTC", without trailing zeros of the fraction.
std::string utc_time(int64_t unix_ns);

}  // namespace daos::output
