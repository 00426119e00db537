#include "server/vos/checkpoint/format.h"

#include <cstring>

#include "platform/base/hash.h"
#include "platform/base/stamp.h"
#include "platform/base/units.h"

namespace daos::vos {
namespace {

constexpr std::string_view kTableMagic = "DAOSCKPT";
constexpr uint32_t kImageMagic = 0x544b4342;  // "BCKT"

struct ImageHeader {
  uint32_t magic = kImageMagic;
  uint32_t crc = 0;
  uint16_t format = kImageFormat;
  uint16_t reserved = 0;
  uint32_t item_bytes = 0;
  uint64_t position = 0;
  uint64_t sequence = 0;
};
static_assert(sizeof(ImageHeader) == kImageHeaderBytes && std::has_unique_object_representations_v<ImageHeader>);

}  // namespace

ByteVector encode_table(const Table& table) {
  ByteVector body;
  Encoder encoder(body);
  encoder(kCheckpointFormat, table);
  ByteVector bytes;
  Encoder head(bytes);
  head.fixed(kTableMagic.data(), kTableMagic.size());
  head(crc32c(body));
  head.fixed(body.data(), body.size());
  return bytes;
}

Result<Table> decode_table(ByteSpan bytes, std::string_view path) {
  if (bytes.size() < kTableMagic.size() + 6 || as_text(bytes.first(kTableMagic.size())) != kTableMagic) {
    return error(Code::kFormatInvalid, "{} is not the table of a checkpoint", path);
  }
  Decoder decoder(bytes.subspan(kTableMagic.size()));
  uint32_t crc = 0;
  decoder(crc);
  if (crc32c(decoder.rest()) != crc) {
    return error(Code::kFormatInvalid,
                 "{} is damaged (its checksum does not match); affected: everything that is not in the log", path);
  }
  uint16_t format = 0;
  decoder(format);
  if (format == 0 || format > kCheckpointFormat) {
    std::string build;
    decoder(build);
    return error(Code::kFormatVersion, "{} has format {}, written by build {}; this build ({}) reads formats 1 to {}",
                 path, format, build, build_string(), kCheckpointFormat);
  }
  Table table;
  if (format == 1) {
    Table::visit_format_1(decoder, table);
    table.transactions_position = table.slots_position;  // it had none, up to there
  } else {
    decoder(table);
  }
  bool valid = decoder.ok() && decoder.rest().empty() && (table.buckets.empty() || table.buckets[0].first.empty());
  for (size_t i = 1; i < table.buckets.size(); i++) valid &= table.buckets[i - 1].first < table.buckets[i].first;
  if (!valid) return error(Code::kFormatInvalid, "{} is malformed", path);
  return table;
}

Result<IoBuf> encode_image(ByteSpan items, journal::Position position, uint64_t sequence) {
  const size_t used = kImageHeaderBytes + items.size();
  IoBuf image = DX_TRY(IoBuf::allocate(align_up(used, kImageBlock), IoBuf::kDirectAlignment));
  ImageHeader header{
      .item_bytes = static_cast<uint32_t>(items.size()), .position = position.value(), .sequence = sequence};
  std::memcpy(image.data(), &header, sizeof header);
  if (!items.empty()) std::memcpy(image.data() + sizeof header, items.data(), items.size());
  std::memset(image.data() + used, 0, image.size() - used);
  header.crc = crc32c(image.bytes().subspan(8, used - 8));
  std::memcpy(image.data(), &header, sizeof header);
  return image;
}

Result<IoBuf> decode_image(IoBuf image, const BucketEntry& entry, std::string_view path) {
  ImageHeader header;
  const uint64_t offset = entry.run.block * kImageBlock;
  const auto damaged = [&](std::string_view what) {
    return error(Code::kCorrupt, "{} at offset {}: {}", path, offset, what);
  };
  if (image.size() < sizeof header) return damaged("the image is cut off");
  std::memcpy(&header, image.data(), sizeof header);
  if (header.magic != kImageMagic) return damaged("there is no image");
  if (header.format != kImageFormat) {
    return error(Code::kFormatVersion,
                 "{} at offset {}: an image of format {} was written by a newer build; this build ({}) reads format {}",
                 path, offset, header.format, build_string(), kImageFormat);
  }
  if (header.item_bytes > image.size() - sizeof header) return damaged("an impossible length");
  if (crc32c(image.bytes().subspan(8, sizeof header - 8 + header.item_bytes)) != header.crc) {
    return damaged("the checksum does not match");
  }
  if (header.sequence != entry.sequence || header.position != entry.position.value()) {
    return damaged("an older image stands there");
  }
  return image.slice(sizeof header, header.item_bytes);
}

}  // namespace daos::vos
