#include "client/core/pool.h"

namespace daos::core {

PoolViewRef Pool::view() const {
  std::lock_guard lock(mutex_);
  return view_;
}

void Pool::offer(map::PoolMapRef map) {
  {
    std::lock_guard lock(mutex_);
    if (view_ != nullptr && map->version() <= view_->map->version()) return;
  }
  auto view = std::make_shared<const PoolView>(std::move(map));  // takes its time with many targets
  std::lock_guard lock(mutex_);
  if (view_ == nullptr || view->map->version() > view_->map->version()) view_ = std::move(view);
}

std::vector<std::string> Pool::services() const {
  std::lock_guard lock(mutex_);
  return services_;
}

void Pool::set_services(std::vector<std::string> services) {
  std::lock_guard lock(mutex_);
  services_ = std::move(services);
}

std::shared_ptr<Pool> Pool::clone_after_fork(SystemSourceRef system) const {
  std::unique_lock lock(mutex_, std::try_to_lock);
  const bool whole = lock.owns_lock();
  return std::make_shared<Pool>(std::move(system), id_, handle_, access_,
                                whole ? services_ : std::vector<std::string>{}, whole ? view_ : nullptr);
}

runtime::Task<Result<ConnectedPool>> connect_pool(Lane& lane, SystemSourceRef source, std::string name,
                                                  std::string system_name, messages::PoolAccess access, bool with_space,
                                                  runtime::StopToken stop) {
  Attempts attempts(lane, stop, lane.client().patience().services_limit);
  const SystemRef system = DX_CO_TRY(co_await source->find(lane));
  if (!system_name.empty() && system_name != system->name) {
    co_return error(Code::kNonexistent, "the agent belongs to system {}, not to {}", system->name, system_name);
  }
  std::string label = DX_CO_TRY(co_await source->pool_named(lane, std::move(name)));
  messages::PoolResolveReply resolved = DX_CO_TRY(co_await resolve_pool(lane, *source, std::move(label), attempts));
  const messages::HandleId handle = lane.reactor().rng().uuid();
  auto pool = std::make_shared<Pool>(std::move(source), resolved.pool, handle, access,
                                     std::move(resolved.service_addresses), nullptr);
  messages::PoolConnectReply reply =
      DX_CO_TRY(co_await ask_pool(lane, pool,
                                  messages::PoolConnectRequest{.pool = pool->id(),
                                                               .handle = handle,
                                                               .access = access,
                                                               .client = lane.client().id(),
                                                               .credential = system->credential,
                                                               .with_space = with_space},
                                  stop));
  pool->offer(DX_CO_TRY(map::PoolMap::decode(reply.map)));
  co_return ConnectedPool{std::move(pool), std::move(reply.info)};
}

runtime::Task<Result<ConnectedPool>> connect_pool(Lane& lane, std::string name, std::string system_name,
                                                  messages::PoolAccess access, bool with_space,
                                                  runtime::StopToken stop) {
  return connect_pool(lane, lane.client().own_system(), std::move(name), std::move(system_name), access, with_space,
                      stop);
}

runtime::Task<Result<ConnectedPool>> adopt_pool(Lane& lane, SystemSourceRef source, messages::PoolId id,
                                                messages::HandleId handle, messages::PoolAccess access,
                                                runtime::StopToken stop) {
  Attempts attempts(lane, stop, lane.client().patience().services_limit);
  messages::PoolResolveReply resolved = DX_CO_TRY(co_await resolve_pool(lane, *source, id.to_string(), attempts));
  auto pool =
      std::make_shared<Pool>(std::move(source), id, handle, access, std::move(resolved.service_addresses), nullptr);
  messages::PoolInfo info = DX_CO_TRY(co_await query_pool(lane, pool, false, stop));
  DX_CO_TRY(co_await view_of(lane, pool, attempts));
  co_return ConnectedPool{std::move(pool), std::move(info)};
}

runtime::Task<Result<messages::TargetInfo>> query_target(Lane& lane, PoolRef pool, map::Rank rank, uint32_t target,
                                                         runtime::StopToken stop) {
  Result<messages::TargetInfo> info = co_await ask_pool(
      lane, pool,
      messages::TargetQueryRequest{.pool = pool->id(), .handle = pool->handle(), .rank = rank, .target = target}, stop);
  co_return info;
}

runtime::Task<Status> stop_pool_service(Lane& lane, PoolRef pool, runtime::StopToken stop) {
  DX_CO_TRY(co_await ask_pool(lane, pool,
                              messages::PoolServiceStopRequest{.pool = pool->id(), .handle = pool->handle()}, stop));
  co_return Status();
}

runtime::Task<Status> disconnect_pool(Lane& lane, PoolRef pool, runtime::StopToken stop) {
  DX_CO_TRY(co_await ask_pool(lane, pool, messages::PoolDisconnectRequest{.pool = pool->id(), .handle = pool->handle()},
                              stop));
  co_return Status();
}

runtime::Task<Result<messages::PoolInfo>> query_pool(Lane& lane, PoolRef pool, bool with_space,
                                                     runtime::StopToken stop) {
  Result<messages::PoolInfo> info = co_await ask_pool(
      lane, pool, messages::PoolQueryRequest{.pool = pool->id(), .handle = pool->handle(), .with_space = with_space},
      stop);
  if (!info.ok()) co_return info;
  const PoolViewRef view = pool->view();
  if (view == nullptr || info->map_version > view->map->version()) {
    const Status refreshed =
        co_await refresh_map(lane, pool, lane.reactor().within(lane.client().patience().attempt_first, stop));
    refreshed.ignore("the next operation that needs it asks again");
  }
  co_return info;
}

namespace {

runtime::Task<Status> fetch_map(Lane& lane, PoolRef pool, runtime::CallContext context) {
  Status last = error(Code::kUnreachable, "the pool's service has no address");
  const std::vector<std::string> addresses = pool->services();
  for (const std::string& address : addresses) {
    const fabric::PeerId peer = DX_CO_TRY(lane.node().endpoint().peer(address));
    Result<messages::PoolMapReply> reply =
        co_await lane.node().call(peer, messages::PoolMapFetchRequest{.pool = pool->id()}, context);
    if (reply.ok()) {
      pool->offer(DX_CO_TRY(map::PoolMap::decode(reply->map)));
      co_return Status();
    }
    last = std::move(reply).status();
  }
  co_return last;
}

}  // namespace

runtime::Task<Status> refresh_map(Lane& lane, PoolRef pool, runtime::CallContext context) {
  std::shared_ptr<Lane::Refresh>& entry = lane.refreshes()[pool->handle()];
  if (entry != nullptr) {
    const std::shared_ptr<Lane::Refresh> other = entry;
    DX_CO_TRY(co_await other->ended.wait(context));
    co_return other->outcome;
  }
  const auto mine = entry = std::make_shared<Lane::Refresh>(lane.reactor());
  mine->outcome = co_await fetch_map(lane, pool, context);
  lane.refreshes().erase(pool->handle());
  mine->ended.set();
  co_return mine->outcome;
}

runtime::Task<Result<PoolViewRef>> view_of(Lane& lane, PoolRef pool, Attempts& attempts) {
  for (;;) {
    if (PoolViewRef view = pool->view()) co_return view;
    Status refreshed = co_await refresh_map(lane, pool, attempts.next());
    if (refreshed.ok()) continue;
    if (attempts.over()) co_return attempts.given_up(refreshed);
    co_await attempts.pause(refreshed.code());
    Result<messages::PoolResolveReply> resolved =
        co_await resolve_pool(lane, pool->system(), pool->id().to_string(), attempts);
    if (resolved.ok()) pool->set_services(std::move(resolved->service_addresses));
  }
}

}  // namespace daos::core
