// What every object operation does first: find the shard, check the caller's map and its container handle.
#pragma once

#include "model/messages/object.h"
#include "server/target/target.h"

namespace daos::object {

enum class Need : uint8_t { kRead, kWrite };

struct Access {
  std::shared_ptr<target::PoolShard> pool;
  Uuid container;
  bool verify_checksums = false;  // of what is written
  vos::Shard& shard() const { return pool->shard(); }
  map::MapVersion map_version() const { return pool->map()->version(); }
};

/// kNonexistent: no part of the pool here. kStale: the caller's map is older than this target's; it must fetch the map
/// and ask whoever that names. kNoHandle, kNoPerm: what the handle allows.
runtime::Task<Result<Access>> access(target::Target& target, Uuid pool, Uuid handle, map::MapVersion callers_map,
                                     Need need, runtime::CallContext context);

inline vos::OpId op_id(const rpc::Caller& caller, rpc::SlotRef slot) {
  return {.endpoint = {caller.identity.client, caller.identity.context}, .slot = slot};
}
inline uint64_t epoch_or_latest(uint64_t epoch) { return epoch == 0 ? vos::kLatest : epoch; }
inline vos::Extent to_vos(const messages::Extent& extent) { return {.start = extent.start, .count = extent.count}; }
inline messages::Extent to_message(const vos::Extent& extent) { return {.start = extent.start, .count = extent.count}; }

}  // namespace daos::object
