// Hashes and checksums whose values are stored or sent: fixed for ever, pinned by test vectors in hash_test.cc.
#pragma once

#include <cstdint>

#include "platform/base/bytes.h"

namespace daos {

/// CRC-32C (Castagnoli), as every frame, record and block header carries it. `seed` continues an earlier crc.
uint32_t crc32c(ByteSpan bytes, uint32_t seed = 0);
/// Murmur2, 64 bit: which group a dkey belongs to (seed 5731 there).
uint64_t murmur64(ByteSpan bytes, uint64_t seed);
/// XXH3, 64 bit: everything internal that needs a good hash of bytes.
uint64_t xxh3(ByteSpan bytes, uint64_t seed = 0);
/// One number well mixed (splitmix64's finaliser).
constexpr uint64_t mix64(uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}
/// Jump consistent hash: the bucket of `key` among `buckets` >= 1 (Lamping and Veach, 2014).
uint32_t jump_hash(uint64_t key, uint32_t buckets);

/// An order-sensitive running digest of what a simulation did; equal for equal runs.
class TraceHash {
 public:
  void add(uint64_t value) { state_ = mix64(state_ ^ value) + 0x9e3779b97f4a7c15ULL; }
  void add(ByteSpan bytes) { add(xxh3(bytes)); }
  uint64_t value() const { return state_; }

 private:
  uint64_t state_ = 0;
};

}  // namespace daos
