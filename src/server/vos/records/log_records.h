// What a shard writes to its log. Each record is one byte of kind, one byte of format, then the struct in codec form
// (docs/formats/shard-log.md). A reader refuses kinds and formats that it does not know: the log was written by a newer
// build.
#pragma once

#include <algorithm>
#include <span>
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
  kPunch = 6,
  kPrepared = 7,
  kDecision = 8,
  kForgotten = 9,
};

enum class ValueKind : uint8_t { kSingle = 1, kArray = 2 };  // the API's daos_iod_type_t

/// Records [start, start + count) of an array.
struct Extent {
  uint64_t start = 0;
  uint64_t count = 0;
  uint64_t end() const { return start + count; }
  auto operator<=>(const Extent&) const = default;
  static void visit(auto&& visitor, auto& self) { visitor(self.start, self.count); }
};

/// Where a value's bytes are when they are not in the record: a run of tier 1, by byte offset.
struct TierAddress {
  uint64_t offset = 0;
  uint64_t bytes = 0;
  uint32_t crc = 0;  // crc32c of the run as it was written; recovery verifies it beyond the flushed position
  auto operator<=>(const TierAddress&) const = default;
  static void visit(auto&& visitor, auto& self) { visitor(self.offset, self.bytes, self.crc); }
};

/// How many of `runs`, from the first on, hold a value or an extent of `bytes`: as many as it takes, all but the last
/// of them full. 0: they do not suffice.
size_t runs_for(std::span<const TierAddress> runs, uint64_t bytes);

/// Checksums of a value as its container's property asks for: one for a single value, one per aligned chunk that an
/// extent touches, over the extent's own bytes in it. Opaque here; type 0: none.
struct Checksums {
  uint8_t type = 0;    // the API's DAOS_PROP_CO_CSUM_*
  uint8_t length = 0;  // bytes of one
  uint32_t chunk = 0;  // bytes of an array's chunk
  IoBuf values;        // back to back, in order of the value's bytes
  static void visit(auto&& visitor, auto& self) { visitor(self.type, self.length, self.chunk, self.values); }
};

/// What an update does to one akey. Either bytes in the record, or tier-1 runs, never both.
struct AkeyValue {
  IoBuf akey;
  ValueKind kind = ValueKind::kSingle;
  uint8_t flags = 0;          // zero
  uint64_t record_bytes = 0;  // size of the value, or of one record; 0 removes the value, or the extents; the key stays
  std::vector<Extent> extents;      // kArray: disjoint, in the order of the bytes
  IoBuf value;                      // all bytes, back to back
  std::vector<TierAddress> stored;  // of each extent in order, or of the value: as many as runs_for() says
  Checksums checksums;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.akey, self.kind, self.flags, self.record_bytes, self.extents, self.value, self.stored, self.checksums);
  }
};

/// Whether a value or an extent lies in more than one run.
bool in_several_runs(const AkeyValue& value);

/// Everything of one update, with the slot's outcome: atomic because it is one record.
struct UpdateRecord {
  static constexpr RecordKind kKind = RecordKind::kUpdate;
  static constexpr uint8_t kFormat = 2;  // written only where something lies in several runs; the struct is that of 1
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
  /// What it does, without who asked and when: its part of a transaction's record.
  static void visit_body(auto&& visitor, auto& self) {
    visitor(self.container, self.object, self.minor, self.dkey, self.values);
  }
};

enum class PunchLevel : uint8_t { kObject = 1, kDkey = 2, kAkey = 3 };

/// Makes everything below a key invisible from this epoch on.
struct PunchRecord {
  static constexpr RecordKind kKind = RecordKind::kPunch;
  static constexpr uint8_t kFormat = 1;
  Uuid container;
  classes::ObjectId object;
  uint64_t epoch = 0;
  uint16_t minor = 0;
  rpc::EndpointId endpoint;
  rpc::SlotRef slot;
  PunchLevel level = PunchLevel::kObject;
  IoBuf dkey;                // of kDkey and kAkey
  std::vector<IoBuf> akeys;  // of kAkey
  static void visit(auto&& visitor, auto& self) {
    visitor(self.container, self.object, self.epoch, self.minor, self.endpoint, self.slot, self.level, self.dkey,
            self.akeys);
  }
  static void visit_body(auto&& visitor, auto& self) {
    visitor(self.container, self.object, self.minor, self.level, self.dkey, self.akeys);
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

/// The oldest format that can say this: what is written, so that older builds read what they can.
template <class Record>
uint8_t format_for(const Record&) {
  return Record::kFormat;
}
inline uint8_t format_for(const UpdateRecord& record) {
  return std::any_of(record.values.begin(), record.values.end(), in_several_runs) ? UpdateRecord::kFormat : 1;
}

template <class Record>
ByteVector encode_record(const Record& record) {
  ByteVector bytes;
  bytes.push_back(static_cast<std::byte>(Record::kKind));
  bytes.push_back(static_cast<std::byte>(format_for(record)));
  encode_into(bytes, record);
  return bytes;
}

struct PreparedRecord;  // transaction_records.h
struct DecisionRecord;
struct ForgottenRecord;

/// Told about each record, decoded. IoBuf fields are copies.
class RecordVisitor {
 public:
  virtual ~RecordVisitor() = default;
  virtual Status on(UpdateRecord record) = 0;
  virtual Status on(PunchRecord record) = 0;
  virtual Status on(SlotClosedRecord record) = 0;
  virtual Status on(ClientEndedRecord record) = 0;
  virtual Status on(ClockReservedRecord record) = 0;
  virtual Status on(ContainerDestroyedRecord record) = 0;
  virtual Status on(PreparedRecord record) = 0;
  virtual Status on(DecisionRecord record) = 0;
  virtual Status on(ForgottenRecord record) = 0;
};
/// Whether the lengths of a value agree with each other: its bytes (or runs) are what extents and record size ask for,
/// and no extent is empty or runs over the last index. kInvalid, saying which does not.
Status check_lengths(const AkeyValue& value);

/// kCorrupt for bytes that are no record, or one whose lengths disagree; kFormatVersion for a kind or format of a newer
/// build.
Status decode_record(ByteSpan bytes, RecordVisitor& visitor);

}  // namespace daos::vos
