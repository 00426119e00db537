#include "server/vos/records/log_records.h"

#include "platform/base/stamp.h"
#include "server/vos/records/transaction_records.h"

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

Status check_record(const PreparedRecord& record) {
  if (record.modifications.empty()) return error(Code::kCorrupt, "log record: {} prepared nothing", record.id);
  for (const Modification& modification : record.modifications) {
    DX_TRY(std::visit([](const auto& what) { return check_record(what); }, modification.what));
  }
  return {};
}
Status check_record(const DecisionRecord& record) {
  if (record.outcome != Outcome::kCommitted && record.outcome != Outcome::kAborted) {
    return error(Code::kCorrupt, "log record: unknown outcome {} of {}", static_cast<int>(record.outcome), record.id);
  }
  for (const Touched& touched : record.keys) {
    if (!touched.punched) continue;
    DX_TRY(check_record(touched.punch(record.epoch)));
  }
  return {};
}

template <class Record>
Status decode_as(uint8_t format, ByteSpan body, RecordVisitor& visitor) {
  if (format == 0 || format > Record::kFormat) {
    return error(Code::kFormatVersion,
                 "log record of kind {} has format {}: a newer build wrote it; this build ({}) reads format {}",
                 static_cast<int>(Record::kKind), format, build_string(), Record::kFormat);
  }
  Record record = DX_TRY(decode<Record>(body, "log record"));
  if (format_for(record) > format) {
    return error(Code::kCorrupt, "log record of kind {}: format {} has not what is in it",
                 static_cast<int>(Record::kKind), format);
  }
  DX_TRY(check_record(record));
  return visitor.on(std::move(record));
}

}  // namespace

size_t runs_for(std::span<const TierAddress> runs, uint64_t bytes) {
  for (size_t i = 0; i < runs.size() && runs[i].bytes > 0; i++) {
    if (bytes <= runs[i].bytes) return i + 1;
    bytes -= runs[i].bytes;
  }
  return 0;
}

bool in_several_runs(const AkeyValue& value) {
  return value.stored.size() > (value.kind == ValueKind::kSingle ? 1 : value.extents.size());
}

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
  std::span<const TierAddress> runs = value.stored;
  for (size_t i = 0; i < (single ? 1 : value.extents.size()); i++) {
    const unsigned __int128 part =
        static_cast<unsigned __int128>(single ? 1 : value.extents[i].count) * value.record_bytes;
    const size_t own = part > UINT64_MAX ? 0 : runs_for(runs, static_cast<uint64_t>(part));
    if (own == 0) return error(Code::kInvalid, "{} runs of tier 1 hold less than their value", value.stored.size());
    runs = runs.subspan(own);
  }
  if (!runs.empty())
    return error(Code::kInvalid, "{} of {} runs of tier 1 hold nothing", runs.size(), value.stored.size());
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
    case RecordKind::kPrepared:
      return decode_as<PreparedRecord>(format, body, visitor);
    case RecordKind::kDecision:
      return decode_as<DecisionRecord>(format, body, visitor);
    case RecordKind::kForgotten:
      return decode_as<ForgottenRecord>(format, body, visitor);
  }
  return error(Code::kFormatVersion, "log record of unknown kind {}: a newer build than this one ({}) wrote the log",
               kind, build_string());
}

}  // namespace daos::vos
