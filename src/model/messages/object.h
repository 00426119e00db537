// Object operations, sent to the target that holds the shard. Values travel inline up to the pool's threshold.
#pragma once

#include "model/messages/common.h"

namespace daos::messages {

enum class ValueKind : uint8_t { kNone = 0, kSingle = 1, kArray = 2 };  // the API's daos_iod_type_t

struct AkeyUpdate {
  IoBuf akey;
  ValueKind kind = ValueKind::kSingle;
  IoBuf value;  // empty: the value is removed, the key stays
  static void visit(auto&& visitor, auto& self) { visitor(self.akey, self.kind, self.value); }
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
  uint64_t conditions = 0;  // the API's DAOS_COND_*; none are known yet: any bit is refused
  IoBuf dkey;
  std::vector<AkeyUpdate> akeys;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.pool, self.handle, self.object, self.map_version, self.slot, self.conditions, self.dkey,
            self.akeys);
  }
};

struct AkeyFetch {
  IoBuf akey;
  ValueKind kind = ValueKind::kSingle;
  uint64_t bytes_max = 0;  // a larger value is only measured
  static void visit(auto&& visitor, auto& self) { visitor(self.akey, self.kind, self.bytes_max); }
};
struct FetchedValue {
  uint64_t bytes = 0;  // 0: nothing there
  IoBuf value;         // empty when `bytes` is above bytes_max
  static void visit(auto&& visitor, auto& self) { visitor(self.bytes, self.value); }
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
