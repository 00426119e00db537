// Hash functions of gurt/hash.h; those that the product itself uses are platform/base's.
#include <gurt/hash.h>

#include "platform/base/hash.h"

uint64_t d_hash_murmur64(const unsigned char* key, unsigned int key_len, unsigned int seed) {
  return daos::murmur64(daos::ByteSpan(reinterpret_cast<const std::byte*>(key), key_len), seed);
}

uint32_t d_hash_string_u32(const char* string, unsigned int len) {
  uint32_t hash = 5381;
  for (unsigned int i = 0; i < len; i++) hash = hash * 33 + static_cast<unsigned char>(string[i]);
  return hash;
}

uint64_t d_hash_mix64(uint64_t key) { return daos::mix64(key); }

uint32_t d_hash_mix96(uint32_t a, uint32_t b, uint32_t c) {
  return static_cast<uint32_t>(daos::mix64(daos::mix64(uint64_t{a} << 32 | b) ^ c));
}

uint32_t d_hash_jump(uint64_t key, uint32_t num_buckets) { return daos::jump_hash(key, num_buckets); }

unsigned int d_hash_srch_u64(uint64_t* hashes, unsigned int nhashes, uint64_t value) {
  unsigned int low = 0;
  unsigned int high = nhashes;
  while (high - low > 1) {
    const unsigned int middle = low + (high - low) / 2;
    (hashes[middle] <= value ? low : high) = middle;
  }
  return low;
}

// Fibonacci hashing: 2^64 and 2^32 divided by the golden ratio.
uint64_t d_u64_hash(uint64_t val, unsigned int bits) {
  return bits == 0 ? 0 : val * 0x9e3779b97f4a7c15ULL >> (64 - bits);
}

uint32_t d_u32_hash(uint64_t key, unsigned int bits) {
  return bits == 0 ? 0 : static_cast<uint32_t>(key) * 0x9e3779b9U >> (32 - bits);
}
