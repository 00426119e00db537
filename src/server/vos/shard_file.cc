#include "server/vos/shard_file.h"

#include "platform/base/hash.h"

namespace daos::vos {
namespace {

constexpr std::string_view kMagic = "DAOSSHRD";

}  // namespace

ByteVector encode_superblock(const ShardSuperblock& superblock) {
  ByteVector body;
  Encoder encoder(body);
  encoder(kShardFormat, superblock);
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
  if (format != kShardFormat) {
    return error(Code::kFormatVersion, "{} has format {}, written by build {}; this build reads format {}", path,
                 format, build, kShardFormat);
  }
  ShardSuperblock superblock;
  decoder(format, superblock);
  if (!decoder.ok() || !decoder.rest().empty()) return error(Code::kFormatInvalid, "{} is malformed", path);
  return superblock;
}

}  // namespace daos::vos
