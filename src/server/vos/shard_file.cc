#include "server/vos/shard_file.h"

#include "platform/base/hash.h"

namespace daos::vos {
namespace {

constexpr std::string_view kMagic = "DAOSSHRD";

}  // namespace

ByteVector encode_superblock(const ShardSuperblock& superblock) {
  ByteVector body;
  Encoder encoder(body);
  encoder(superblock.part ? kShardFormat : uint16_t{1}, superblock);
  if (superblock.part) encoder(*superblock.part);
  ByteVector bytes(kMagic.size());
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  encode_into(bytes, crc32c(body));
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

Result<ShardSuperblock> decode_superblock(ByteSpan bytes, std::string_view path) {
  if (bytes.size() < kMagic.size() + 6 || as_text(bytes.first(kMagic.size())) != kMagic) {
    return error(Code::kFormatInvalid, "{} is not the superblock of a shard; affected: the whole shard", path);
  }
  Decoder decoder(bytes.subspan(kMagic.size()));
  uint32_t crc = 0;
  decoder(crc);
  if (crc32c(decoder.rest()) != crc)
    return error(Code::kFormatInvalid, "{} is damaged (its checksum does not match); affected: the whole shard", path);
  uint16_t format = 0;
  std::string build;
  Decoder peek(decoder.rest());
  peek(format, build);
  if (format == 0 || format > kShardFormat) {
    return error(Code::kFormatVersion, "{} has format {}, written by build {}; this build reads formats up to {}", path,
                 format, build, kShardFormat);
  }
  ShardSuperblock superblock;
  decoder(format, superblock);
  if (format == 2) decoder(superblock.part.emplace());
  if (!decoder.ok() || !decoder.rest().empty()) return error(Code::kFormatInvalid, "{} is malformed", path);
  return superblock;
}

}  // namespace daos::vos
