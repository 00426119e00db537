#include "server/target/pool_shard.h"

namespace daos::target {

runtime::Task<Status> PoolShard::update_map(map::PoolMapRef map) {
  if (map->version() <= map_->version()) co_return Status();
  map_ = map;
  Status stored = co_await shard_->store_map(map->encode());
  co_return stored;
}

runtime::Task<Result<messages::HandleRights>> PoolShard::resolve(rpc::Node& node, fabric::PeerId service, Uuid handle,
                                                                 runtime::CallContext context) {
  if (const auto known = handles_.find(handle); known != handles_.end()) co_return known->second;
  for (;;) {
    const uint64_t before = revocations_;
    Result<messages::HandleRights> rights =
        co_await node.call(service, messages::HandleLookupRequest{.pool = pool_, .handle = handle}, context);
    if (!rights.ok()) co_return std::move(rights).status();
    if (revocations_ != before) continue;
    handles_[handle] = *rights;
    co_return *rights;
  }
}

void PoolShard::revoke(const std::vector<Uuid>& handles) {
  revocations_++;
  for (const Uuid& handle : handles) handles_.erase(handle);
}

void PoolShard::revoke_all() {
  revocations_++;
  handles_.clear();
}

void PoolShard::revoke_container(const Uuid& container) {
  revocations_++;
  std::erase_if(handles_, [&](const auto& entry) { return entry.second.container == container; });
}

}  // namespace daos::target
