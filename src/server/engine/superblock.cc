#include "server/engine/superblock.h"

#include "platform/base/stamp.h"

namespace daos::engine {
namespace {
constexpr Stamp kStamp{.magic = "DXENGINE", .version = kSuperblockVersion};
}

ByteVector encode_superblock(const Superblock& superblock) { return stamp(kStamp, encode(superblock)); }

Result<Superblock> decode_superblock(ByteSpan file, std::string_view path) {
  const ByteSpan body = DX_TRY(unstamp(kStamp, file, path));
  Result<Superblock> superblock = decode<Superblock>(body, path);
  if (!superblock.ok()) return error(Code::kFormatInvalid, "{}", superblock.status().message());
  if (superblock->targets == 0 || superblock->targets > map::kTargetsPerEngineMax) {
    return error(Code::kFormatInvalid, "{}: {} targets", path, superblock->targets);
  }
  if (superblock->address.target_ports.size() != superblock->targets) {
    return error(Code::kFormatInvalid, "{}: {} ports for {} targets", path, superblock->address.target_ports.size(),
                 superblock->targets);
  }
  return superblock;
}

std::string tcp_address(const std::string& host, uint16_t port) { return fmt::format("tcp://{}:{}", host, port); }

}  // namespace daos::engine
