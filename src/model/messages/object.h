// Object operations, sent to the target that holds the shard. Short values travel with the message; for long ones the
// client lends its own memory (fabric: lend), and the target pulls from it or puts into it. A lent range is one row of
// bytes: the parts of the akeys back to back, in their order. Each attempt lends anew, under a key of its own.
#pragma once

#include <array>

#include "model/messages/common.h"
#include "platform/fabric/fabric.h"

namespace daos::messages {

enum class ValueKind : uint8_t { kNone = 0, kSingle = 1, kArray = 2 };  // the API's daos_iod_type_t

/// Records [start, start + count) of an array; the API's daos_recx_t.
struct Extent {
  uint64_t start = 0;
  uint64_t count = 0;
  bool operator==(const Extent&) const = default;
  static void visit(auto&& visitor, auto& self) { visitor(self.start, self.count); }
};

/// Checksums as the container's property asks for them. Of a single value: one. Of data of an array: one for each
/// chunk-aligned part that an extent touches, over the extent's own bytes in it.
struct Checksums {
  uint8_t type = 0;    // the API's DAOS_PROP_CO_CSUM_*; 0: none
  uint8_t length = 0;  // bytes of one
  uint32_t chunk = 0;  // bytes of an array's chunk
  IoBuf values;        // back to back, in the order of the bytes
  bool none() const { return type == 0; }
  static void visit(auto&& visitor, auto& self) { visitor(self.type, self.length, self.chunk, self.values); }
};

struct AkeyUpdate {
  IoBuf akey;
  ValueKind kind = ValueKind::kSingle;
  uint64_t conditions = 0;  // with DAOS_COND_PER_AKEY
  uint64_t record_bytes =
      0;  // size of the value, or of each record; 0: the value, or the extents, are removed, the key stays
  std::vector<Extent> extents;  // kArray, in the order of the bytes
  Trailing value;               // all bytes, back to back; empty when they are lent
  uint64_t lent_bytes = 0;      // of the update's lent memory are this akey's
  Checksums checksums;          // over all bytes, wherever they are
  static void visit(auto&& visitor, auto& self) {
    visitor(self.akey, self.kind, self.conditions, self.record_bytes, self.extents, self.value, self.lent_bytes,
            self.checksums);
  }
};

struct UpdateReply {
  uint64_t epoch = 0;
  map::MapVersion map_version;
  static void visit(auto&& visitor, auto& self) { visitor(self.epoch, self.map_version); }
};
/// Of the values of one update together: what a target holds of it until all of it is there.
inline constexpr uint64_t kUpdateBytesMax = 256u << 20;
/// All akeys of the one dkey change atomically, in one epoch.
struct UpdateRequest {
  DX_REQUEST(kObjectUpdate);
  using Reply = UpdateReply;
  uint8_t format = 2;
  PoolId pool;
  HandleId handle;  // of the container
  classes::ObjectId object;
  map::MapVersion map_version;
  rpc::SlotRef slot;
  uint64_t conditions = 0;  // the API's DAOS_COND_*
  IoBuf dkey;
  std::vector<AkeyUpdate> akeys;
  fabric::RemoteMemory lent;  // for the target to read: the akeys' lent_bytes; no key: all values are in the message
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.pool, self.handle, self.object, self.map_version, self.slot, self.conditions, self.dkey,
            self.akeys, self.lent);
  }
};

enum class PunchLevel : uint8_t { kObject = 1, kDkey = 2, kAkey = 3 };

/// Of an object only this shard of it: the client asks every shard.
struct PunchRequest {
  DX_REQUEST(kObjectPunch);
  using Reply = UpdateReply;
  uint8_t format = 1;
  PoolId pool;
  HandleId handle;
  classes::ObjectId object;
  map::MapVersion map_version;
  rpc::SlotRef slot;
  uint64_t conditions = 0;
  PunchLevel level = PunchLevel::kObject;
  IoBuf dkey;                // of kDkey and kAkey
  std::vector<IoBuf> akeys;  // of kAkey
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.pool, self.handle, self.object, self.map_version, self.slot, self.conditions, self.level,
            self.dkey, self.akeys);
  }
};

struct AkeyFetch {
  IoBuf akey;
  ValueKind kind = ValueKind::kSingle;
  uint64_t conditions = 0;
  std::vector<Extent> extents;  // kArray: what is asked for
  uint64_t bytes_max = 0;       // more is only measured; as many bytes of the fetch's lent memory are this akey's
  static void visit(auto&& visitor, auto& self) {
    visitor(self.akey, self.kind, self.conditions, self.extents, self.bytes_max);
  }
};
struct FetchedValue {
  uint64_t record_bytes = 0;         // size of the value, or of each record; 0: nothing there
  std::vector<Extent> extents;       // kArray: the runs that hold data, per asked extent in order, clipped to it
  bool too_big = false;              // there is data, and it is not sent: see FetchRequest
  Trailing value;                    // the data, back to back; empty when it was placed
  std::vector<Checksums> checksums;  // of the value, or one per run, over the run's own bytes; empty: none are kept
  static void visit(auto&& visitor, auto& self) {
    visitor(self.record_bytes, self.extents, self.too_big, self.value, self.checksums);
  }
};
struct FetchReply {
  uint64_t epoch = 0;
  map::MapVersion map_version;
  bool placed = false;  // the data of all akeys is in the lent memory, and nothing was written between the runs
  std::vector<FetchedValue> values;
  static void visit(auto&& visitor, auto& self) { visitor(self.epoch, self.map_version, self.placed, self.values); }
};
/// Without lent memory the data comes with the reply, and an akey's is too big when it is longer than bytes_max. With
/// it the target may still send what is short. What it places has the place that it would have in a buffer for all that
/// was asked for (a single value at 0; a record of an array behind all records asked for before it), and when what an
/// akey asks for does not fit that way it is too big, and nothing is placed of any akey.
struct FetchRequest {
  DX_REQUEST(kObjectFetch);
  using Reply = FetchReply;
  uint8_t format = 2;
  PoolId pool;
  HandleId handle;
  classes::ObjectId object;
  map::MapVersion map_version;
  uint64_t epoch = 0;  // 0: the newest committed state
  uint64_t conditions = 0;
  IoBuf dkey;
  std::vector<AkeyFetch> akeys;
  fabric::RemoteMemory lent;  // for the target to write: the akeys' bytes_max; no key: there is none
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.pool, self.handle, self.object, self.map_version, self.epoch, self.conditions, self.dkey,
            self.akeys, self.lent);
  }
};

/// Where an enumeration of keys stands in one shard: opaque to the client, 97 bytes that fit the API's anchor.
inline constexpr size_t kAnchorBytes = 97;
using AnchorBytes = std::array<uint8_t, kAnchorBytes>;

struct KeyListReply {
  map::MapVersion map_version;
  std::vector<IoBuf> keys;
  AnchorBytes anchor{};
  bool end = false;
  uint64_t first_bytes = 0;  // the first key alone is above bytes_max and takes this
  static void visit(auto&& visitor, auto& self) {
    visitor(self.map_version, self.keys);
    visitor.fixed(self.anchor.data(), self.anchor.size());
    visitor(self.end, self.first_bytes);
  }
};
/// Dkeys of an object's shard, or akeys of a dkey.
struct KeyListRequest {
  DX_REQUEST(kKeyList);
  using Reply = KeyListReply;
  uint8_t format = 1;
  PoolId pool;
  HandleId handle;
  classes::ObjectId object;
  map::MapVersion map_version;
  uint64_t epoch = 0;
  IoBuf dkey;            // empty: dkeys are listed
  AnchorBytes anchor{};  // zeros: from the beginning
  IoBuf from;            // if not empty: from this key on, instead of the anchor
  uint32_t keys_max = 0;
  uint64_t bytes_max = 0;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.pool, self.handle, self.object, self.map_version, self.epoch, self.dkey);
    visitor.fixed(self.anchor.data(), self.anchor.size());
    visitor(self.from, self.keys_max, self.bytes_max);
  }
};

struct ListedExtent {
  Extent extent;
  uint64_t epoch = 0;
  static void visit(auto&& visitor, auto& self) { visitor(self.extent, self.epoch); }
};
struct ExtentListReply {
  map::MapVersion map_version;
  uint64_t record_bytes = 0;
  std::vector<ListedExtent> extents;
  bool end = false;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.map_version, self.record_bytes, self.extents, self.end);
  }
};
struct ExtentListRequest {
  DX_REQUEST(kExtentList);
  using Reply = ExtentListReply;
  uint8_t format = 1;
  PoolId pool;
  HandleId handle;
  classes::ObjectId object;
  map::MapVersion map_version;
  uint64_t epoch = 0;
  IoBuf dkey;
  IoBuf akey;
  uint64_t from = 0;  // upwards: the first record; downwards: behind the last one
  bool upwards = true;
  uint32_t extents_max = 0;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.pool, self.handle, self.object, self.map_version, self.epoch, self.dkey, self.akey,
            self.from, self.upwards, self.extents_max);
  }
};

/// What is asked for, nested: the largest (or smallest) integer dkey that has data, then akey, then extent.
enum KeyQueryParts : uint8_t { kQueryMax = 1, kQueryDkey = 2, kQueryAkey = 4, kQueryExtent = 8 };
struct KeyQueryReply {
  map::MapVersion map_version;
  bool found = false;
  uint64_t dkey = 0;
  uint64_t akey = 0;
  Extent extent;
  uint64_t highest_epoch = 0;  // at which this shard of the object was modified; 0: never
  static void visit(auto&& visitor, auto& self) {
    visitor(self.map_version, self.found, self.dkey, self.akey, self.extent, self.highest_epoch);
  }
};
struct KeyQueryRequest {
  DX_REQUEST(kKeyQuery);
  using Reply = KeyQueryReply;
  uint8_t format = 1;
  PoolId pool;
  HandleId handle;
  classes::ObjectId object;
  map::MapVersion map_version;
  uint64_t epoch = 0;
  uint8_t parts = 0;  // KeyQueryParts; 0: only the highest epoch
  IoBuf dkey;         // given when it is not asked for
  IoBuf akey;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.pool, self.handle, self.object, self.map_version, self.epoch, self.parts, self.dkey,
            self.akey);
  }
};

struct SlotCloseReply {
  std::optional<rpc::SlotOutcome> executed;  // of the operation given up, if it was executed after all
  static void visit(auto&& visitor, auto& self) { visitor(self.executed); }
};
/// Gives up the operation before `slot.sequence`: from now on it is dropped if it still arrives.
struct SlotCloseRequest {
  DX_REQUEST(kSlotClose);
  using Reply = SlotCloseReply;
  uint8_t format = 1;
  PoolId pool;
  rpc::SlotRef slot;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool, self.slot); }
};

}  // namespace daos::messages
