#include "programs/daos_perf/value.h"

#include <cstring>

#include "platform/base/hash.h"

namespace daos::perf {
namespace {

struct Head {
  uint64_t checksum;
  uint64_t key;
  uint64_t sequence;
  uint64_t bytes;
};
static_assert(sizeof(Head) == kValueBytesMin);

uint64_t checksum_of(std::span<const std::byte> value) { return xxh3(value.subspan(sizeof(uint64_t))); }

}  // namespace

void fill_value(std::span<std::byte> value, uint64_t seed) {
  for (size_t at = kValueBytesMin; at < value.size(); at += sizeof(uint64_t)) {
    const uint64_t word = mix64(seed + at);
    std::memcpy(value.data() + at, &word, std::min(sizeof word, value.size() - at));
  }
}

void stamp_value(std::span<std::byte> value, uint64_t key, uint64_t sequence) {
  Head head{.checksum = 0, .key = key, .sequence = sequence, .bytes = value.size()};
  std::memcpy(value.data(), &head, sizeof head);
  head.checksum = checksum_of(value);
  std::memcpy(value.data(), &head.checksum, sizeof head.checksum);
}

Result<uint64_t> check_value(std::span<const std::byte> value, uint64_t key) {
  Head head;
  std::memcpy(&head, value.data(), sizeof head);
  if (head.checksum != checksum_of(value)) {
    return error(Code::kChecksum, "key {:#x}: the bytes do not match the value's checksum", key);
  }
  if (head.key != key) return error(Code::kChecksum, "key {:#x}: it holds a value of key {:#x}", key, head.key);
  if (head.bytes != value.size()) {
    return error(Code::kChecksum, "key {:#x}: {} bytes came of a value of {}", key, value.size(), head.bytes);
  }
  return head.sequence;
}

}  // namespace daos::perf
