#include "server/target/pool_shard.h"

#include "model/messages/handle_lease.h"

namespace daos::target {

runtime::Task<Status> PoolShard::update_map(map::PoolMapRef map) {
  if (map->version() <= map_->version()) co_return Status();
  map_ = map;
  Status stored = co_await shard_->store_map(map->encode());
  co_return stored;
}

runtime::Task<Result<messages::HandleRights>> PoolShard::resolve(rpc::Node& node, fabric::PeerId service, Uuid handle,
                                                                 runtime::CallContext context) {
  const auto known = handles_.find(handle);
  if (known != handles_.end() && node.reactor().now() < known->second.asked + messages::kHandleLease) {
    co_return known->second.rights;
  }
  Result<messages::HandleRights> rights = co_await ask(node, service, handle, context);
  co_return rights;
}

runtime::Task<Result<messages::HandleRights>> PoolShard::ask(rpc::Node& node, fabric::PeerId service, Uuid handle,
                                                             runtime::CallContext context) {
  for (;;) {
    const uint64_t before = revocations_;
    const Time asked = node.reactor().now();
    Result<messages::HandleRights> rights =
        co_await node.call(service, messages::HandleLookupRequest{.pool = pool_, .handle = handle}, context);
    if (!rights.ok()) {
      if (rights.code() == Code::kNoHandle) handles_.erase(handle);
      co_return std::move(rights).status();
    }
    if (revocations_ != before) continue;
    handles_[handle] = {.rights = *rights, .asked = asked};
    co_return *rights;
  }
}

bool PoolShard::wants_renewal(const Uuid& handle, Time now) const {
  const auto known = handles_.find(handle);
  return known != handles_.end() && !known->second.renewing && now >= known->second.asked + messages::kHandleLease / 2;
}

runtime::Task<void> PoolShard::renew(rpc::Node& node, fabric::PeerId service, Uuid handle,
                                     runtime::CallContext context) {
  if (const auto known = handles_.find(handle); known != handles_.end()) known->second.renewing = true;
  const Result<messages::HandleRights> rights = co_await ask(node, service, handle, context);
  if (rights.ok()) co_return;
  // Then the lease runs out, and whoever comes next waits for the answer.
  if (const auto known = handles_.find(handle); known != handles_.end()) known->second.renewing = false;
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
  std::erase_if(handles_, [&](const auto& entry) { return entry.second.rights.container == container; });
}

}  // namespace daos::target
