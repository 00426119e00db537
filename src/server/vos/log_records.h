// What a shard writes to its log. Each record is one byte of kind, one byte of format, then the struct in codec form
// (docs/formats/shard-log.md). A reader refuses kinds and formats that it does not know: the log was written by a newer build.
#pragma once

#include <vector>

#include "model/classes/object_id.h"
#include "platform/base/codec.h"
#include "platform/base/uuid.h"
#include "platform/rpc/slots.h"

namespace daos::vos {

enum class RecordKind : uint8_t {
  kUpdate = 1,
  kSlotClosed = 2,
  kClientEnded = 3,
  kClockReserved = 4,
  kContainerDestroyed = 5,
};

enum class ValueKind : uint8_t { kSingle = 1, kArray = 2 };  // the API's daos_iod_type_t

/// One version of one akey's value.
struct AkeyValue {
  IoBuf akey;
  ValueKind kind = ValueKind::kSingle;
  uint8_t flags = 0;  // zero; checksums and prepared state will be announced here
  IoBuf value;        // empty: removed, the key stays
  static void visit(auto&& visitor, auto& self) { visitor(self.akey, self.kind, self.flags, self.value); }
};

/// Everything of one update, with the slot's outcome: atomic because it is one record.
struct UpdateRecord {
  static constexpr RecordKind kKind = RecordKind::kUpdate;
  static constexpr uint8_t kFormat = 1;
  Uuid container;
  classes::ObjectId object;
  uint64_t epoch = 0;
  uint16_t minor = 0;  // up to 65,535 modifications of one transaction share an epoch
  rpc::EndpointId endpoint;
  rpc::SlotRef slot;
  IoBuf dkey;
  std::vector<AkeyValue> values;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.container, self.object, self.epoch, self.minor, self.endpoint, self.slot, self.dkey, self.values);
  }
};

/// A slot was given up: its operation before `outcome.sequence` was executed (epoch is not 0) or never will be.
struct SlotClosedRecord {
  static constexpr RecordKind kKind = RecordKind::kSlotClosed;
  static constexpr uint8_t kFormat = 1;
  rpc::EndpointId endpoint;
  uint16_t slot = 0;
  rpc::SlotOutcome outcome;
  static void visit(auto&& visitor, auto& self) { visitor(self.endpoint, self.slot, self.outcome); }
};

/// All sessions of a client ended.
struct ClientEndedRecord {
  static constexpr RecordKind kKind = RecordKind::kClientEnded;
  static constexpr uint8_t kFormat = 1;
  Uuid client;
  static void visit(auto&& visitor, auto& self) { visitor(self.client); }
};

/// No epoch above `until` was given out before this record's successor is in the log.
struct ClockReservedRecord {
  static constexpr RecordKind kKind = RecordKind::kClockReserved;
  static constexpr uint8_t kFormat = 1;
  uint64_t until = 0;
  static void visit(auto&& visitor, auto& self) { visitor(self.until); }
};

struct ContainerDestroyedRecord {
  static constexpr RecordKind kKind = RecordKind::kContainerDestroyed;
  static constexpr uint8_t kFormat = 1;
  Uuid container;
  static void visit(auto&& visitor, auto& self) { visitor(self.container); }
};

template <class Record>
ByteVector encode_record(const Record& record) {
  ByteVector bytes;
  bytes.push_back(static_cast<std::byte>(Record::kKind));
  bytes.push_back(static_cast<std::byte>(Record::kFormat));
  encode_into(bytes, record);
  return bytes;
}

/// Told about each record, decoded. IoBuf fields are copies.
class RecordVisitor {
 public:
  virtual ~RecordVisitor() = default;
  virtual Status on(UpdateRecord record) = 0;
  virtual Status on(SlotClosedRecord record) = 0;
  virtual Status on(ClientEndedRecord record) = 0;
  virtual Status on(ClockReservedRecord record) = 0;
  virtual Status on(ContainerDestroyedRecord record) = 0;
};
/// kCorrupt for bytes that are no record; kFormatVersion for a kind or format of a newer build.
Status decode_record(ByteSpan bytes, RecordVisitor& visitor);

}  // namespace daos::vos
