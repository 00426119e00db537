#include "platform/runtime/clock.h"

#include <sys/random.h>
#include <time.h>

#include <algorithm>

#include "platform/base/check.h"
#include "platform/runtime/hlc.h"
#include "platform/runtime/rng.h"

namespace daos::runtime {
namespace {

int64_t read_clock(clockid_t id) {
  timespec ts;
  clock_gettime(id, &ts);
  return ts.tv_sec * 1'000'000'000LL + ts.tv_nsec;
}

}  // namespace

Time SystemClock::now() { return {read_clock(CLOCK_MONOTONIC)}; }
int64_t SystemClock::unix_ns() { return read_clock(CLOCK_REALTIME); }

uint64_t system_seed() {
  uint64_t seed = 0;
  const ssize_t got = getrandom(&seed, sizeof seed, 0);
  DX_CHECK(got == sizeof seed, "getrandom gave {} bytes", got);
  return seed;
}

HlcClock::HlcClock(Clock& clock) : clock_(clock), boot_then_(clock.now()), unix_ns_then_(clock.unix_ns()) {
  last_ = hlc_from_unix_ns(unix_ns_then_) & ~kHlcLogicalMask;
}

uint64_t HlcClock::physical() {
  constexpr int64_t kSlewDivisor = 2000;
  constexpr Duration kRebase = std::chrono::seconds(1);
  const Time boot = clock_.now();
  const int64_t elapsed = (boot - boot_then_).count();
  const int64_t free_running = unix_ns_then_ + elapsed;
  if (elapsed < kRebase.count()) return hlc_from_unix_ns(free_running) & ~kHlcLogicalMask;
  const int64_t behind = clock_.unix_ns() - free_running;
  const int64_t most = elapsed / kSlewDivisor;
  boot_then_ = boot;
  unix_ns_then_ = free_running + std::clamp(behind, -most, most);
  return hlc_from_unix_ns(unix_ns_then_) & ~kHlcLogicalMask;
}

uint64_t HlcClock::next() {
  const uint64_t now = physical();
  seen_physical_ = now;
  last_ = now > last_ ? now : last_ + 1;
  return last_;
}

Status HlcClock::observe_engine(uint64_t value, uint32_t lead_ms, Duration bound) {
  if (value <= last_) return {};
  const uint64_t now = physical();
  const uint64_t lead = hlc_duration(std::chrono::milliseconds(lead_ms));
  const uint64_t peers = value > lead ? value - lead : 0;
  if (peers > now && peers - now > hlc_duration(bound)) {
    return error(Code::kInvalid,
                 "the peer's clock is {} ms ahead of ours (allowed: {} ms); check that both hosts keep time",
                 (peers - now) / hlc_duration(std::chrono::milliseconds(1)), bound.count() / 1'000'000);
  }
  last_ = value;
  return {};
}

}  // namespace daos::runtime
