// An open pool: who it is, where its service is, its map. The map is cached by all contexts together and only ever
// replaced by a newer one. Thread-safety: any thread; the functions run on a lane.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "client/core/system.h"
#include "model/messages/pool.h"
#include "model/placement/placement.h"

namespace daos::core {

/// A map with the tables that layouts are computed from.
struct PoolView {
  explicit PoolView(map::PoolMapRef m) : map(std::move(m)), placement(*map) {}
  map::PoolMapRef map;
  placement::Placement placement;
};
using PoolViewRef = std::shared_ptr<const PoolView>;

class Pool {
 public:
  /// `system`: which one it belongs to.
  Pool(SystemSourceRef system, messages::PoolId id, messages::HandleId handle, messages::PoolAccess access,
       std::vector<std::string> services, PoolViewRef view)
      : system_(std::move(system)),
        id_(id),
        handle_(handle),
        access_(access),
        services_(std::move(services)),
        view_(std::move(view)) {}

  SystemSource& system() const { return *system_; }
  const messages::PoolId& id() const { return id_; }
  const messages::HandleId& handle() const { return handle_; }
  messages::PoolAccess access() const { return access_; }

  /// Null only in a forked child that has not asked for the map yet.
  PoolViewRef view() const;
  /// Takes it if it is newer than what is there.
  void offer(map::PoolMapRef map);
  std::vector<std::string> services() const;
  void set_services(std::vector<std::string> services);

  /// For a forked child, whose parent's threads may have held the lock: the same handle with what can be had without
  /// waiting. `system`: the child's.
  std::shared_ptr<Pool> clone_after_fork(SystemSourceRef system) const;

 private:
  const SystemSourceRef system_;
  const messages::PoolId id_;
  const messages::HandleId handle_;
  const messages::PoolAccess access_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::string> services_;
  PoolViewRef view_;
};
using PoolRef = std::shared_ptr<Pool>;

struct ConnectedPool {
  PoolRef pool;
  messages::PoolInfo info;
};
/// `name`: label or uuid; `system_name`: empty, or what the system must be called.
runtime::Task<Result<ConnectedPool>> connect_pool(Lane& lane, SystemSourceRef source, std::string name,
                                                  std::string system_name, messages::PoolAccess access, bool with_space,
                                                  runtime::StopToken stop);
/// Of the client's own system.
runtime::Task<Result<ConnectedPool>> connect_pool(Lane& lane, std::string name, std::string system_name,
                                                  messages::PoolAccess access, bool with_space,
                                                  runtime::StopToken stop);
runtime::Task<Status> disconnect_pool(Lane& lane, PoolRef pool, runtime::StopToken stop);
runtime::Task<Result<messages::PoolInfo>> query_pool(Lane& lane, PoolRef pool, bool with_space,
                                                     runtime::StopToken stop);

/// A connection that another process made, by what it handed over. kNoHandle: it is closed.
runtime::Task<Result<ConnectedPool>> adopt_pool(Lane& lane, SystemSourceRef source, messages::PoolId id,
                                                messages::HandleId handle, messages::PoolAccess access,
                                                runtime::StopToken stop);
/// `target`: within its engine. kNonexistent.
runtime::Task<Result<messages::TargetInfo>> query_target(Lane& lane, PoolRef pool, map::Rank rank, uint32_t target,
                                                         runtime::StopToken stop);
runtime::Task<Status> stop_pool_service(Lane& lane, PoolRef pool, runtime::StopToken stop);

/// Fetches the pool's map once, whoever of this lane asks meanwhile. Does not insist: the caller tries again anyway.
runtime::Task<Status> refresh_map(Lane& lane, PoolRef pool, runtime::CallContext context);
/// The view, fetched first where there is none.
runtime::Task<Result<PoolViewRef>> view_of(Lane& lane, PoolRef pool, Attempts& attempts);

/// Asks the pool's service until it answers or patience ends. When it does not answer, the system service is asked
/// where the pool's service is now.
template <class Request>
runtime::Task<Result<typename Request::Reply>> ask_pool(Lane& lane, PoolRef pool, Request request,
                                                        runtime::StopToken stop) {
  Attempts attempts(lane, stop, lane.client().patience().services_limit);
  for (;;) {
    Result<typename Request::Reply> reply = co_await ask_any(lane, pool->services(), request, attempts);
    if (reply.ok() || !is_transient(reply.code())) co_return reply;
    if (attempts.over()) co_return attempts.given_up(reply.status());
    if (attempts.time_to_warn()) {
      lane.client().log().warn("the service of pool {} has not answered for {} s ({}); still trying", pool->id(),
                               attempts.seconds(), reply.status().message());
    }
    co_await attempts.pause(reply.code());
    Result<messages::PoolResolveReply> resolved =
        co_await resolve_pool(lane, pool->system(), pool->id().to_string(), attempts);
    if (resolved.ok()) pool->set_services(std::move(resolved->service_addresses));
  }
}

}  // namespace daos::core
