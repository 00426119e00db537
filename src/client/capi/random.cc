// Pseudo-random numbers for programs. Deterministic from the seed; the product itself takes its randomness from the
// seam in platform/runtime.
#include <gurt/common.h>

#include <atomic>

#include "platform/base/hash.h"

namespace {
constexpr uint64_t kStep = 0x9e3779b97f4a7c15ULL;
std::atomic<uint64_t> state{1};  // relaxed: each caller takes a number of its own out of one sequence
}  // namespace

void d_srand(long int seed) { state.store(static_cast<uint64_t>(seed), std::memory_order_relaxed); }

long int d_rand(void) {
  return static_cast<long int>(daos::mix64(state.fetch_add(kStep, std::memory_order_relaxed) + kStep) >> 33);
}

double d_randd(void) { return static_cast<double>(d_rand()) / (static_cast<double>(D_RAND_MAX) + 1); }
