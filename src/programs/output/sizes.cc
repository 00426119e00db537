#include "programs/output/sizes.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

namespace daos::output {
namespace {

std::string humanized(uint64_t bytes, uint64_t base, const char* const* units) {
  if (bytes < 10) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (unit < 6 && value >= static_cast<double>(base)) {
    value /= static_cast<double>(base);
    unit++;
  }
  value = std::floor(value * 10 + 0.5) / 10;
  if (value >= static_cast<double>(base) && unit < 6) {  // 999,960 would read "1000 kB"
    value /= static_cast<double>(base);
    unit++;
  }
  return value < 10 && unit > 0 ? fmt::format("{:.1f} {}", value, units[unit])
                                : fmt::format("{:.0f} {}", value, units[unit]);
}

/// How many bytes a unit stands for; 0 for a word that is none.
uint64_t unit_bytes(std::string_view unit) {
  if (unit.empty() || unit == "b") return 1;
  constexpr std::string_view kLetters = "kmgtpe";
  const size_t power = kLetters.find(unit.front());
  if (power == std::string_view::npos) return 0;
  const std::string_view rest = unit.substr(1);
  uint64_t base = 0;
  if (rest.empty() || rest == "b") base = 1000;
  if (rest == "i" || rest == "ib") base = 1024;
  uint64_t bytes = base;
  for (size_t i = 0; i < power; i++) bytes *= base;
  return bytes;
}

/// A number in front, and where it ended.
struct Number {
  double value = 0;
  std::string rest;
};
bool parse_number(std::string_view text, Number& out) {
  std::string lower;
  for (const char c : text) {
    if (c != ' ') lower.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  const auto [end, err] =
      std::from_chars(lower.data(), lower.data() + lower.size(), out.value, std::chars_format::fixed);
  if (err != std::errc()) return false;
  out.rest = lower.substr(static_cast<size_t>(end - lower.data()));
  return std::isfinite(out.value);
}

}  // namespace

std::string decimal_size(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  return humanized(bytes, 1000, kUnits);
}

std::string binary_size(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  return humanized(bytes, 1024, kUnits);
}

Result<uint64_t> parse_size(std::string_view text) {
  Number number;
  const bool parsed = parse_number(text, number);
  const uint64_t unit = parsed ? unit_bytes(number.rest) : 0;
  if (unit == 0 || number.value < 0) {
    return error(Code::kInvalid, "\"{}\" is not a size: write a number and a unit, such as 512MB, 1GiB or 1.5TB", text);
  }
  const double bytes = number.value * static_cast<double>(unit);
  if (bytes >= 9.2e18) return error(Code::kInvalid, "\"{}\" is more than any system could hold", text);
  return static_cast<uint64_t>(bytes);
}

Result<uint32_t> parse_percent(std::string_view text) {
  Number number;
  if (!parse_number(text, number) || number.rest != "%" || !(number.value > 0) || number.value > 100) {
    return error(Code::kInvalid, "\"{}\" is not a percentage between 0 and 100, such as 25%", text);
  }
  return static_cast<uint32_t>(std::max(1L, std::lround(number.value * 100)));
}

Result<std::vector<uint32_t>> parse_tier_ratio(std::string_view text) {
  std::vector<uint32_t> shares;
  uint32_t sum = 0;
  for (std::string_view rest = text;;) {
    const size_t comma = rest.find(',');
    std::string share(rest.substr(0, comma));
    if (!share.ends_with('%')) share += '%';
    shares.push_back(DX_TRY(parse_percent(share).within("storage tier ratio")));
    sum += shares.back();
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (shares.size() > 2) return error(Code::kInvalid, "Storage tier ratios of {} tiers: a pool has two", shares.size());
  if (sum != 10'000) return error(Code::kInvalid, "Storage tier ratios must add up to 100 (got {})", sum / 100.0);
  return shares;
}

}  // namespace daos::output
