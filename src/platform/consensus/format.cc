#include "platform/consensus/format.h"

#include "platform/base/hash.h"

namespace daos::consensus {
namespace {

constexpr std::string_view kMagic = "DAOSSNAP";

}  // namespace

Result<Entry> decode_entry(ByteSpan record) {
  if (!record.empty() && static_cast<uint8_t>(record[0]) != kEntryFormat) {
    return error(Code::kFormatVersion, "a service log record of format {}, this build reads {}",
                 static_cast<int>(record[0]), kEntryFormat);
  }
  return decode<Entry>(record, "service log record");
}

ByteVector encode_snapshot(const Snapshot& snapshot) {
  const ByteVector body = encode(snapshot);
  ByteVector file;
  Encoder encoder(file);
  encoder.fixed(kMagic.data(), kMagic.size());
  encoder(crc32c(body));
  encoder.fixed(body.data(), body.size());
  return file;
}

Result<Snapshot> decode_snapshot(ByteSpan file, std::string_view path) {
  if (file.size() < kMagic.size() + 4 || as_text(file.first(kMagic.size())) != kMagic) {
    return error(Code::kFormatInvalid, "{} is damaged: it does not begin as a snapshot does", path);
  }
  Decoder decoder(file.subspan(kMagic.size()));
  uint32_t crc = 0;
  decoder(crc);
  const ByteSpan body = decoder.rest();
  if (crc32c(body) != crc) return error(Code::kFormatInvalid, "{} is damaged: its checksum does not match", path);
  uint16_t format = 0;
  Decoder peek(body);
  peek(format);
  if (format != kSnapshotFormat) {
    return error(Code::kFormatVersion, "{} has format {}, this build reads {}", path, format, kSnapshotFormat);
  }
  Result<Snapshot> snapshot = decode<Snapshot>(body, path);
  if (!snapshot.ok()) return error(Code::kFormatInvalid, "{} is malformed", path);
  return snapshot;
}

}  // namespace daos::consensus
