#include "server/vos/log_records.h"

namespace daos::vos {
namespace {

template <class Record>
Status decode_as(uint8_t format, ByteSpan body, RecordVisitor& visitor) {
  if (format != Record::kFormat) {
    return error(Code::kFormatVersion, "log record of kind {} has format {}, this build reads {}",
                 static_cast<int>(Record::kKind), format, Record::kFormat);
  }
  return visitor.on(DX_TRY(decode<Record>(body, "log record")));
}

}  // namespace

Status decode_record(ByteSpan bytes, RecordVisitor& visitor) {
  if (bytes.size() < 2) return error(Code::kCorrupt, "a log record of {} bytes", bytes.size());
  const auto kind = static_cast<uint8_t>(bytes[0]);
  const auto format = static_cast<uint8_t>(bytes[1]);
  const ByteSpan body = bytes.subspan(2);
  switch (static_cast<RecordKind>(kind)) {
    case RecordKind::kUpdate: return decode_as<UpdateRecord>(format, body, visitor);
    case RecordKind::kSlotClosed: return decode_as<SlotClosedRecord>(format, body, visitor);
    case RecordKind::kClientEnded: return decode_as<ClientEndedRecord>(format, body, visitor);
    case RecordKind::kClockReserved: return decode_as<ClockReservedRecord>(format, body, visitor);
    case RecordKind::kContainerDestroyed: return decode_as<ContainerDestroyedRecord>(format, body, visitor);
  }
  return error(Code::kFormatVersion, "log record of unknown kind {}: the log was written by a newer build", kind);
}

}  // namespace daos::vos
