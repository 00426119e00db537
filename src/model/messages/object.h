// Object operations, sent to the target that holds the shard. Values travel inline up to the pool's threshold.
#pragma once

#include <array>

#include "model/messages/common.h"

namespace daos::messages {

enum class ValueKind : uint8_t { kNone = 0, kSingle = 1, kArray = 2 };  // the API's daos_iod_type_t

/// Records [start, start + count) of an array; the API's daos_recx_t.
struct Extent {
  uint64_t start = 0;
  uint64_t count = 0;
  bool operator==(const Extent&) const = default;
  static void visit(auto&& visitor, auto& self) { visitor(self.start, self.count); }
};

struct AkeyUpdate {
  IoBuf akey;
  ValueKind kind = ValueKind::kSingle;
  uint64_t conditions = 0;  // with DAOS_COND_PER_AKEY
  uint64_t record_bytes =
      0;  // size of the value, or of each record; 0: the value, or the extents, are removed, the key stays
  std::vector<Extent> extents;  // kArray, in the order of the bytes
  IoBuf value;                  // all bytes, back to back
  static void visit(auto&& visitor, auto& self) {
    visitor(self.akey, self.kind, self.conditions, self.record_bytes, self.extents, self.value);
  }
};

struct UpdateReply {
  uint64_t epoch = 0;
  map::MapVersion map_version;
  static void visit(auto&& visitor, auto& self) { visitor(self.epoch, self.map_version); }
};
/// All akeys of the one dkey change atomically, in one epoch.
struct UpdateRequest {
  DX_REQUEST(kObjectUpdate);
  using Reply = UpdateReply;
  uint8_t format = 1;
  PoolId pool;
  HandleId handle;  // of the container
  classes::ObjectId object;
  map::MapVersion map_version;
  rpc::SlotRef slot;
  uint64_t conditions = 0;  // the API's DAOS_COND_*
  IoBuf dkey;
  std::vector<AkeyUpdate> akeys;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.pool, self.handle, self.object, self.map_version, self.slot, self.conditions, self.dkey,
            self.akeys);
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
  uint64_t bytes_max = 0;       // more is only measured
  static void visit(auto&& visitor, auto& self) {
    visitor(self.akey, self.kind, self.conditions, self.extents, self.bytes_max);
  }
};
struct FetchedValue {
  uint64_t record_bytes = 0;    // size of the value, or of each record; 0: nothing there
  std::vector<Extent> extents;  // kArray: the runs that hold data, per asked extent in order, clipped to it
  bool too_big = false;         // the data is above bytes_max: `value` is empty
  IoBuf value;                  // the data, back to back
  static void visit(auto&& visitor, auto& self) { visitor(self.record_bytes, self.extents, self.too_big, self.value); }
};
struct FetchReply {
  uint64_t epoch = 0;
  map::MapVersion map_version;
  std::vector<FetchedValue> values;
  static void visit(auto&& visitor, auto& self) { visitor(self.epoch, self.map_version, self.values); }
};
struct FetchRequest {
  DX_REQUEST(kObjectFetch);
  using Reply = FetchReply;
  uint8_t format = 1;
  PoolId pool;
  HandleId handle;
  classes::ObjectId object;
  map::MapVersion map_version;
  uint64_t epoch = 0;  // 0: the newest committed state
  uint64_t conditions = 0;
  IoBuf dkey;
  std::vector<AkeyFetch> akeys;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.pool, self.handle, self.object, self.map_version, self.epoch, self.conditions, self.dkey,
            self.akeys);
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
