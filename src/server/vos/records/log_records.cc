#include "server/vos/records/log_records.h"

#include "platform/base/stamp.h"

namespace daos::vos {
namespace {

template <class Record>
Status check_record(const Record&) {
  return {};
}
Status check_record(const UpdateRecord& record) {
  for (const AkeyValue& value : record.values) {
    if (Status sound = check_lengths(value); !sound.ok()) return error(Code::kCorrupt, "log record: {}", sound);
  }
  return {};
}
Status check_record(const PunchRecord& record) {
  if (record.level < PunchLevel::kObject || record.level > PunchLevel::kAkey) {
    return error(Code::kCorrupt, "log record: punch of unknown level {}", static_cast<int>(record.level));
  }
  return {};
}

template <class Record>
Status decode_as(uint8_t format, ByteSpan body, RecordVisitor& visitor) {
  if (format != Record::kFormat) {
    return error(Code::kFormatVersion,
                 "log record of kind {} has format {}: a newer build wrote it; this build ({}) reads format {}",
                 static_cast<int>(Record::kKind), format, build_string(), Record::kFormat);
  }
  Record record = DX_TRY(decode<Record>(body, "log record"));
  DX_TRY(check_record(record));
  return visitor.on(std::move(record));
}

}  // namespace

Status check_lengths(const AkeyValue& value) {
  if (value.kind != ValueKind::kSingle && value.kind != ValueKind::kArray) {
    return error(Code::kInvalid, "a value of unknown kind {}", static_cast<int>(value.kind));
  }
  const bool single = value.kind == ValueKind::kSingle;
  if (single && !value.extents.empty()) return error(Code::kInvalid, "a single value with extents");
  unsigned __int128 bytes = single ? value.record_bytes : 0;
  for (const Extent& extent : value.extents) {
    if (extent.count == 0 || extent.start + extent.count < extent.start) {
      return error(Code::kInvalid, "an extent of {} records from {} on", extent.count, extent.start);
    }
    bytes += static_cast<unsigned __int128>(extent.count) * value.record_bytes;
  }
  if (value.stored.empty() || value.record_bytes == 0) {
    if (!value.stored.empty()) return error(Code::kInvalid, "a removal with {} runs of tier 1", value.stored.size());
    if (bytes == value.value.size()) return {};
    return error(Code::kInvalid, "a value of {} bytes where its extents and record size make another number",
                 value.value.size());
  }
  if (!value.value.empty()) return error(Code::kInvalid, "a value both in the record and on tier 1");
  if (value.stored.size() != (single ? 1 : value.extents.size())) {
    return error(Code::kInvalid, "{} runs of tier 1 for {} extents", value.stored.size(), value.extents.size());
  }
  for (size_t i = 0; i < value.stored.size(); i++) {
    const uint64_t count = single ? 1 : value.extents[i].count;
    if (static_cast<unsigned __int128>(count) * value.record_bytes > value.stored[i].bytes) {
      return error(Code::kInvalid, "run {} of tier 1 has {} bytes, its value more", i, value.stored[i].bytes);
    }
  }
  return {};
}

Status decode_record(ByteSpan bytes, RecordVisitor& visitor) {
  if (bytes.size() < 2) return error(Code::kCorrupt, "a log record of {} bytes", bytes.size());
  const auto kind = static_cast<uint8_t>(bytes[0]);
  const auto format = static_cast<uint8_t>(bytes[1]);
  const ByteSpan body = bytes.subspan(2);
  switch (static_cast<RecordKind>(kind)) {
    case RecordKind::kUpdate:
      return decode_as<UpdateRecord>(format, body, visitor);
    case RecordKind::kPunch:
      return decode_as<PunchRecord>(format, body, visitor);
    case RecordKind::kSlotClosed:
      return decode_as<SlotClosedRecord>(format, body, visitor);
    case RecordKind::kClientEnded:
      return decode_as<ClientEndedRecord>(format, body, visitor);
    case RecordKind::kClockReserved:
      return decode_as<ClockReservedRecord>(format, body, visitor);
    case RecordKind::kContainerDestroyed:
      return decode_as<ContainerDestroyedRecord>(format, body, visitor);
  }
  return error(Code::kFormatVersion, "log record of unknown kind {}: a newer build than this one ({}) wrote the log",
               kind, build_string());
}

}  // namespace daos::vos
