// The superblock of a shard, DIR/engine-R/target-T/POOL/shard: what it is part of and how it was made. Replaced
// atomically.
//
//   off size field     meaning
//     0    8 magic     "DAOSSHRD"
//     8    4 crc32c    over everything behind it
//    12    2 format    1; another one is refused, naming the build that wrote it
//    14    . build     text (u32 length, bytes): the build that wrote it
//     .   16 pool      uuid
//     .    8 tier 0    bytes
//     .    8 tier 1    bytes
//     .    1 durability
//     .    4 inline max
//     .    4 map bytes, then the pool map as it was last told
#pragma once

#include <string>

#include "platform/base/codec.h"
#include "platform/base/uuid.h"

namespace daos::vos {

inline constexpr uint16_t kShardFormat = 1;

struct ShardSuperblock {
  std::string build;
  Uuid pool;
  uint64_t tier_bytes[2] = {};
  uint8_t durability = 0;
  uint32_t inline_max = 0;
  ByteVector map;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.build, self.pool, self.tier_bytes[0], self.tier_bytes[1], self.durability, self.inline_max, self.map);
  }
};

ByteVector encode_superblock(const ShardSuperblock& superblock);
/// kFormatInvalid: no superblock, or damaged. kFormatVersion: of another format, with the build that wrote it.
Result<ShardSuperblock> decode_superblock(ByteSpan bytes, std::string_view path);

}  // namespace daos::vos
