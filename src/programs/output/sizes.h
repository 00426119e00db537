// Sizes as people read and write them. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/status.h"

namespace daos::output {

/// Base 1000: "0 B", "8.0 GB", "64 GB"; one decimal below 10.
std::string decimal_size(uint64_t bytes);
/// Base 1024: "1.0 MiB", "32 KiB".
std::string binary_size(uint64_t bytes);

/// "1GiB", "100GB", "1.5tb", "64m" (decimal), "512" -> bytes. kInvalid says what a size looks like.
Result<uint64_t> parse_size(std::string_view text);
/// "25%" or "0.5%" -> hundredths of a percent; nothing for a text that does not end in '%'. kInvalid outside (0, 100].
Result<uint32_t> parse_percent(std::string_view text);
/// "6,94", "6.5%,93.5%" or "100": hundredths of a percent for each storage tier. kInvalid: not one or two shares that
/// make 100 together.
Result<std::vector<uint32_t>> parse_tier_ratio(std::string_view text);

}  // namespace daos::output
