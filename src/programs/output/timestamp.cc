#include "programs/output/timestamp.h"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>

namespace daos::output {
namespace {
constexpr int64_t kSecond = 1'000'000'000;

struct Split {
  std::time_t seconds;
  int64_t ns;
};
Split split(int64_t unix_ns) {
  int64_t seconds = unix_ns / kSecond;
  int64_t ns = unix_ns % kSecond;
  if (ns < 0) {
    ns += kSecond;
    seconds--;
  }
  return {seconds, ns};
}

std::string formatted(const std::tm& time, const char* format) {
  char buffer[64];
  return {buffer, std::strftime(buffer, sizeof buffer, format, &time)};
}
}  // namespace

std::string local_timestamp(int64_t unix_ns) {
  const auto [seconds, ns] = split(unix_ns);
  std::tm time{};
  tzset();  // localtime_r need not look at TZ again
  localtime_r(&seconds, &time);
  const long minutes = std::labs(time.tm_gmtoff) / 60;
  return fmt::format("{}.{:03}{}{:02}:{:02}", formatted(time, "%Y-%m-%dT%H:%M:%S"), ns / 1'000'000,
                     time.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::string utc_time(int64_t unix_ns) {
  const auto [seconds, ns] = split(unix_ns);
  std::tm time{};
  gmtime_r(&seconds, &time);
  std::string fraction = ns == 0 ? std::string() : fmt::format(".{:09}", ns);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return fmt::format("{}{} +0000 UTC", formatted(time, "%Y-%m-%d %H:%M:%S"), fraction);
}

}  // namespace daos::output
