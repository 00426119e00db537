// The superblock of a shard, DIR/engine-R/target-T/POOL/shard: what it is part of and how it was made. Replaced
// atomically.
//
//   off size field     meaning
//     0    8 magic     "DAOSSHRD"
//     8    4 crc32c    over everything behind it
//    12    2 format    1, or 2 where tier 1 lies on a device; another one is refused, naming the build that wrote it
//    14    . build     text (u32 length, bytes): the build that wrote it
//     .   16 pool      uuid
//     .    8 tier 0    bytes
//     .    8 tier 1    bytes
//     .    1 durability
//     .    4 inline max
//     .    4 map bytes, then the pool map as it was last told
//     .    . part      of format 2: DevicePart in codec form
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/base/codec.h"
#include "platform/base/uuid.h"

namespace daos::vos {

inline constexpr uint16_t kShardFormat = 2;  // newest; 1 is written where it says everything

/// Where tier 1 lies if not in a file: pieces of one of the engine's devices, which are one space of bytes in this
/// order.
struct DevicePart {
  uint32_t number = 0;  // of the device
  Uuid device;
  std::vector<uint32_t> pieces;
  bool operator==(const DevicePart&) const = default;
  static void visit(auto&& visitor, auto& self) { visitor(self.number, self.device, self.pieces); }
};

struct ShardSuperblock {
  std::string build;
  Uuid pool;
  uint64_t tier_bytes[2] = {};
  uint8_t durability = 0;
  uint32_t inline_max = 0;
  ByteVector map;
  std::optional<DevicePart> part;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.build, self.pool, self.tier_bytes[0], self.tier_bytes[1], self.durability, self.inline_max, self.map);
  }
};

ByteVector encode_superblock(const ShardSuperblock& superblock);
/// kFormatInvalid: no superblock, or damaged. kFormatVersion: of another format, with the build that wrote it.
Result<ShardSuperblock> decode_superblock(ByteSpan bytes, std::string_view path);

}  // namespace daos::vos
