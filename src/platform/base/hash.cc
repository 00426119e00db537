#include "platform/base/hash.h"

#include <isa-l/crc.h>
#include <xxhash.h>

namespace daos {

uint32_t crc32c(ByteSpan bytes, uint32_t seed) {
  // isa-l wants the complemented register; its buffer parameter lacks a const.
  auto* data = const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(bytes.data()));
  return ~crc32_iscsi(data, static_cast<int>(bytes.size()), ~seed);
}

uint64_t murmur64(ByteSpan bytes, uint64_t seed) {
  constexpr uint64_t kMultiplier = 0xc6a4a7935bd1e995ULL;
  constexpr int kShift = 47;
  uint64_t h = seed ^ (bytes.size() * kMultiplier);
  const std::byte* p = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; left -= 8, p += 8) {
    uint64_t k;
    std::memcpy(&k, p, 8);
    k *= kMultiplier;
    k ^= k >> kShift;
    k *= kMultiplier;
    h ^= k;
    h *= kMultiplier;
  }
  if (left > 0) {
    uint64_t tail = 0;
    std::memcpy(&tail, p, left);
    h ^= tail;
    h *= kMultiplier;
  }
  h ^= h >> kShift;
  h *= kMultiplier;
  h ^= h >> kShift;
  return h;
}

uint64_t xxh3(ByteSpan bytes, uint64_t seed) { return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed); }

uint32_t jump_hash(uint64_t key, uint32_t buckets) {
  int64_t chosen = -1;
  int64_t next = 0;
  while (next < static_cast<int64_t>(buckets)) {
    chosen = next;
    key = key * 2862933555777941757ULL + 1;
    next = static_cast<int64_t>(static_cast<double>(chosen + 1) *
                                (static_cast<double>(1LL << 31) / static_cast<double>((key >> 33) + 1)));
  }
  return static_cast<uint32_t>(chosen);
}

}  // namespace daos
