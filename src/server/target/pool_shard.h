// A shard with what a target must know to serve it: the pool's map, and the handles that it has asked the pool's
// service for.
#pragma once

#include <map>
#include <memory>

#include "model/map/pool_map.h"
#include "model/messages/pool.h"
#include "platform/rpc/node.h"
#include "server/vos/shard.h"

namespace daos::target {

class PoolShard {
 public:
  PoolShard(Uuid pool, std::unique_ptr<vos::Shard> shard, map::PoolMapRef map)
      : pool_(pool), shard_(std::move(shard)), map_(std::move(map)) {}

  const Uuid& pool() const { return pool_; }
  vos::Shard& shard() { return *shard_; }
  const map::PoolMapRef& map() const { return map_; }
  /// Newer maps only; an older one is ignored.
  runtime::Task<Status> update_map(map::PoolMapRef map);

  /// What the handle allows, from the cache or from the pool's service. kNoHandle: it is not open (any more). An answer
  /// is trusted for messages::kHandleLease, so that an engine which the service cannot reach does not serve a revoked
  /// handle for ever.
  runtime::Task<Result<messages::HandleRights>> resolve(rpc::Node& node, fabric::PeerId service, Uuid handle,
                                                        runtime::CallContext context);
  /// Whether a cached answer is old enough to be asked for again before it lapses, so that nobody has to wait.
  bool wants_renewal(const Uuid& handle, Time now) const;
  runtime::Task<void> renew(rpc::Node& node, fabric::PeerId service, Uuid handle, runtime::CallContext context);
  void revoke(const std::vector<Uuid>& handles);
  void revoke_all();
  /// Forgets all handles of a container that is gone.
  void revoke_container(const Uuid& container);

 private:
  Uuid pool_;
  std::unique_ptr<vos::Shard> shard_;
  map::PoolMapRef map_;
  struct Known {
    messages::HandleRights rights;
    Time asked;  // the lease runs from here: the service has not revoked it before
    bool renewing = false;
  };
  runtime::Task<Result<messages::HandleRights>> ask(rpc::Node& node, fabric::PeerId service, Uuid handle,
                                                    runtime::CallContext context);

  std::map<Uuid, Known> handles_;
  uint64_t revocations_ = 0;  // an answer that was under way during one is asked for again
};

}  // namespace daos::target
