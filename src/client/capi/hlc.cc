// Hybrid logical clock values for programs: conversions, and a clock of the process. Operations do not use this clock
// (the epoch of an update comes from its target); programs that order events of their own do.
#include <daos_api.h>
#include <gurt/common.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "platform/runtime/hlc.h"

namespace {

using daos::runtime::hlc_from_unix_ns;
using daos::runtime::hlc_to_unix_ns;
using daos::runtime::HlcClock;
using daos::runtime::kHlcLogicalMask;
using daos::runtime::SystemClock;

constexpr uint64_t kNsPerSecond = 1'000'000'000;
constexpr uint64_t kUnitsPerNs = 16;
constexpr uint64_t kOriginUnixNs = daos::runtime::kHlcOriginUnixSeconds * kNsPerSecond;
// Later times do not fit 64 bits of 1/16 ns.
constexpr uint64_t kLastUnixNs = kOriginUnixNs + UINT64_MAX / kUnitsPerNs;

constexpr uint64_t round_up_to_logical(uint64_t hlc) { return (hlc + kHlcLogicalMask) & ~kHlcLogicalMask; }

std::atomic<uint64_t> epsilon{round_up_to_logical(kNsPerSecond * kUnitsPerNs)};  // relaxed: a setting on its own

// The process's clock, made at the first use.
struct ProcessClock {
  SystemClock system;
  std::mutex mutex;
  HlcClock hlc{system};
};
ProcessClock& process_clock() {
  static ProcessClock clock;
  return clock;
}

}  // namespace

uint64_t d_hlc_get(void) {
  ProcessClock& clock = process_clock();
  const std::lock_guard lock(clock.mutex);
  return clock.hlc.next();
}

int d_hlc_get_msg(uint64_t msg, uint64_t* hlc_out, uint64_t* offset) {
  ProcessClock& clock = process_clock();
  const std::lock_guard lock(clock.mutex);
  const uint64_t physical = clock.hlc.physical();
  const uint64_t ahead = msg > physical ? msg - physical : 0;
  if (offset != nullptr) *offset = ahead;
  const bool too_far = ahead > epsilon.load(std::memory_order_relaxed);
  if (!too_far) clock.hlc.observe(msg);
  if (hlc_out != nullptr) *hlc_out = clock.hlc.next();
  return too_far ? -DER_HLC_SYNC : 0;
}

uint64_t d_hlc2nsec(uint64_t hlc) { return hlc / kUnitsPerNs; }

uint64_t d_nsec2hlc(uint64_t nsec) { return nsec * kUnitsPerNs; }

uint64_t d_hlc2unixnsec(uint64_t hlc) { return static_cast<uint64_t>(hlc_to_unix_ns(hlc)); }

uint64_t d_unixnsec2hlc(uint64_t unixnsec) {
  if (unixnsec < kOriginUnixNs || unixnsec > kLastUnixNs) return 0;
  return hlc_from_unix_ns(static_cast<int64_t>(unixnsec));
}

int d_hlc2timespec(uint64_t hlc, struct timespec* ts) {
  if (ts == nullptr) return -DER_INVAL;
  const uint64_t ns = d_hlc2unixnsec(hlc);
  ts->tv_sec = static_cast<time_t>(ns / kNsPerSecond);
  ts->tv_nsec = static_cast<long>(ns % kNsPerSecond);
  return 0;
}

int d_timespec2hlc(struct timespec ts, uint64_t* hlc) {
  if (hlc == nullptr) return -DER_INVAL;
  *hlc = d_unixnsec2hlc(static_cast<uint64_t>(ts.tv_sec) * kNsPerSecond + static_cast<uint64_t>(ts.tv_nsec));
  return 0;
}

uint64_t d_hlc_age2sec(uint64_t hlc) {
  ProcessClock& clock = process_clock();
  const std::lock_guard lock(clock.mutex);
  // Values handed out may be ahead of the physical part: the age of one that is 100 s older must not be 99 s.
  const uint64_t now = std::max(clock.hlc.physical(), clock.hlc.last());
  return now > hlc ? d_hlc2sec(now - hlc) : 0;
}

void d_hlc_epsilon_set(uint64_t value) { epsilon.store(round_up_to_logical(value), std::memory_order_relaxed); }

uint64_t d_hlc_epsilon_get(void) { return epsilon.load(std::memory_order_relaxed); }

uint64_t d_hlc_epsilon_get_bound(uint64_t hlc) { return (hlc + d_hlc_epsilon_get()) | kHlcLogicalMask; }

int daos_hlc2timespec(uint64_t hlc, struct timespec* ts) { return d_hlc2timespec(hlc, ts); }

int daos_hlc2timestamp(uint64_t hlc, time_t* ts) {
  if (ts == nullptr) return -DER_INVAL;
  *ts = static_cast<time_t>(d_hlc2unixnsec(hlc) / kNsPerSecond);
  return 0;
}
