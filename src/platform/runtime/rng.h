// The seam for randomness: a generator of our own (xoshiro256**), so that a seed gives the same run with every
// compiler.
#pragma once

#include <cstdint>

#include "platform/base/hash.h"
#include "platform/base/uuid.h"

namespace daos::runtime {

class Rng {
 public:
  explicit Rng(uint64_t seed) {
    for (uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15ULL;
      word = mix64(seed);
    }
  }
  uint64_t next() {
    const uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }
  /// Uniform in [0, bound); bound >= 1.
  uint64_t below(uint64_t bound) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }
  /// Uniform in [low, high].
  uint64_t between(uint64_t low, uint64_t high) { return low + below(high - low + 1); }
  /// True with probability `parts_per_million` / 1,000,000.
  bool chance_ppm(uint32_t parts_per_million) { return below(1'000'000) < parts_per_million; }
  Uuid uuid() {
    const uint64_t high = next();
    return Uuid::from_random(high, next());
  }
  /// A generator of its own whose stream does not depend on how much this one is used afterwards.
  Rng fork() { return Rng(next()); }

 private:
  static uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  uint64_t state_[4];
};

/// A seed from the operating system, for programs; simulations are given theirs.
uint64_t system_seed();

}  // namespace daos::runtime
