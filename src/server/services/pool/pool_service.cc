#include "server/services/pool/pool_service.h"

#include <algorithm>

#include "model/map/builder.h"
#include "platform/runtime/sync.h"

namespace daos::services {

runtime::Task<Status> PoolService::open() {
  replica_ = DX_CO_TRY(co_await consensus::open_single_replica(
      reactor(), disk_, directory_, state_, {.journal = {.segment_bytes = 4u << 20, .segments_max = 16}}));
  co_return Status();
}

runtime::Task<Status> PoolService::initialise(PoolInit init) {
  const Uuid operation = init.pool;  // once in the pool's life
  DX_CO_TRY(co_await propose(operation, std::move(init)));
  co_return Status();
}

runtime::Task<Status> PoolService::close() {
  Status closed = co_await replica_->close();
  co_return closed;
}

runtime::Task<Status> PoolService::resume() {
  co_await forget_cached();
  const auto to_wipe = state_.to_wipe();
  for (const auto& [container, ranks] : to_wipe) {
    Status wiped = co_await wipe(container, ranks);
    wiped.ignore("asked again when the engine joins");
  }
  co_return Status();
}

// --- pool

runtime::Task<Result<messages::PoolInfo>> PoolService::info(bool with_space) {
  const map::PoolMapRef map = DX_CO_TRY(map::PoolMap::decode(state_.map_bytes()));
  messages::PoolInfo info{
      .pool = state_.pool(),
      .label = state_.label(),
      .map_version = map->version(),
      .targets = static_cast<uint32_t>(map->targets().size()),
      .engines = static_cast<uint32_t>(map->engines().size()),
      .targets_disabled = map->target_count(map::State::kDown) + map->target_count(map::State::kDownOut),
      .leader = map::Rank(0),
      .containers = static_cast<uint32_t>(state_.containers().size()),
      .handles = static_cast<uint32_t>(state_.handle_count()),
      .properties = state_.properties()};
  if (!with_space) co_return info;
  const auto replies = DX_CO_TRY(co_await engines_.call_all(
      state_.ranks(), messages::ShardSpaceRequest{.pool = state_.pool()}, reactor().within(kEngineLimit)));
  bool first = true;
  for (const messages::ShardSpaceReply& reply : replies) {
    for (const messages::Space& target : reply.targets) {
      for (size_t tier = 0; tier < messages::kTiers; tier++) {
        const messages::TierSpace& space = target.tiers[tier];
        info.space.tiers[tier].total += space.total;
        info.space.tiers[tier].free += space.free;
        info.free_min[tier] = first ? space.free : std::min(info.free_min[tier], space.free);
        info.free_max[tier] = std::max(info.free_max[tier], space.free);
      }
      first = false;
    }
  }
  info.with_space = true;
  co_return info;
}

runtime::Task<Result<messages::PoolConnectReply>> PoolService::connect(messages::PoolConnectRequest request) {
  DX_CO_TRY(co_await propose(new_operation(), PoolConnect{.handle = request.handle,
                                                          .what = {.access = request.access,
                                                                   .client = request.client,
                                                                   .credential = std::move(request.credential)}}));
  messages::PoolInfo pool = DX_CO_TRY(co_await info(request.with_space));
  co_return messages::PoolConnectReply{.map = state_.map_bytes(), .info = std::move(pool)};
}

runtime::Task<Result<messages::Nothing>> PoolService::disconnect(messages::PoolDisconnectRequest request) {
  DX_CO_TRY(co_await propose(new_operation(), PoolDisconnect{.handle = request.handle}));
  co_return messages::Nothing{};
}

runtime::Task<Result<messages::PoolInfo>> PoolService::query(messages::PoolQueryRequest request) {
  if (!request.handle.is_nil()) DX_CO_TRY(state_.handle(request.handle));
  DX_CO_TRY(co_await replica_->read_barrier());
  Result<messages::PoolInfo> pool = co_await info(request.with_space);
  co_return pool;
}

Result<messages::PoolMapReply> PoolService::map() const { return messages::PoolMapReply{.map = state_.map_bytes()}; }

Result<messages::HandleRights> PoolService::rights(const messages::HandleId& handle) const {
  return state_.containers().rights(handle);
}

runtime::Task<Result<messages::TargetInfo>> PoolService::query_target(messages::TargetQueryRequest request) {
  if (!request.handle.is_nil()) DX_CO_TRY(state_.handle(request.handle));
  const map::Target* target = state_.map().find_target(request.rank, request.target);
  if (target == nullptr) {
    co_return error(Code::kNonexistent, "pool {} has no target {} on rank {}", state_.label(), request.target,
                    request.rank);
  }
  messages::TargetInfo info{.state = target->state};
  if (!state_.map().is_in(*target, map::kServing)) co_return info;
  const messages::ShardSpaceReply reply = DX_CO_TRY(co_await engines_.call(
      request.rank, messages::ShardSpaceRequest{.pool = state_.pool()}, reactor().within(kEngineLimit)));
  if (request.target < reply.targets.size()) info.space = reply.targets[request.target];
  co_return info;
}

runtime::Task<Result<messages::Nothing>> PoolService::data_lost(messages::PoolDataLostRequest request) {
  DX_CO_TRY(co_await propose(new_operation(), DataLost{.rank = request.rank, .targets = request.targets}));
  reactor().log().error(
      "pool {}: targets {} of rank {} lost acknowledged updates when power was lost (durability `process`); its {} "
      "containers are unclean until somebody declares them healthy",
      state_.label(), fmt::join(request.targets, ", "), request.rank, state_.containers().size());
  co_return messages::Nothing{};
}

runtime::Task<Result<messages::Nothing>> PoolService::step_down(messages::PoolServiceStopRequest request) {
  DX_CO_TRY(state_.require_write(request.handle, "stopping the service"));
  co_await forget_cached();
  co_return messages::Nothing{};
}

// --- what engines are told

runtime::Task<void> PoolService::tell(map::Rank rank, messages::HandleRevokeRequest request, Time until, bool& told) {
  constexpr Duration kPause = std::chrono::milliseconds(50);
  for (;;) {
    const Time now = reactor().now();
    const Result<messages::Nothing> answer =
        co_await engines_.call(rank, request, {.deadline = until > now ? until : now + kEngineLimit});
    // An engine without a part of the pool has nothing to forget.
    told = answer.ok() || answer.code() == Code::kNonexistent;
    if (told) co_return;
    if (reactor().now() >= until) {
      reactor().log().warn(
          "pool {}: rank {} could not be told what is closed or destroyed ({}); it trusts nothing that "
          "it knows about handles for longer than {} s",
          state_.label(), rank, answer.status(), messages::kHandleLease / std::chrono::seconds(1));
      co_return;
    }
    const Status slept = co_await runtime::sleep(reactor(), {.deadline = reactor().now() + kPause});
    slept.ignore("then it is tried at once");
  }
}

runtime::Task<void> PoolService::tell_all(messages::HandleRevokeRequest request, Time until) {
  const std::vector<map::Rank> ranks = state_.ranks();
  std::unique_ptr<bool[]> told(new bool[ranks.size()]());
  runtime::Scope scope(reactor());
  for (size_t i = 0; i < ranks.size(); i++) scope.spawn(tell(ranks[i], request, until, told[i]));
  Status done = co_await scope.join();
  done.ignore("tell() reports");
}

runtime::Task<void> PoolService::revoke(std::vector<messages::HandleId> handles) {
  const Time now = reactor().now();
  std::erase_if(lapsed_, [&](const auto& entry) { return entry.second + kRepetitions < now; });
  Time until = now;
  for (const messages::HandleId& handle : handles) {
    until = std::max(until, lapsed_.try_emplace(handle, now + messages::kRevocationWait).first->second);
  }
  if (until > now) co_await tell_all({.pool = state_.pool(), .handles = std::move(handles)}, until);
}

runtime::Task<void> PoolService::forget_cached() { co_await tell_all({.pool = state_.pool()}, reactor().now()); }

runtime::Task<Status> PoolService::wipe(messages::ContainerId container, std::vector<map::Rank> ranks) {
  std::unique_ptr<bool[]> told(new bool[ranks.size()]());
  runtime::Scope scope(reactor());
  for (size_t i = 0; i < ranks.size(); i++) {
    scope.spawn(tell(ranks[i], {.pool = state_.pool(), .destroyed = container}, reactor().now(), told[i]));
  }
  Status done = co_await scope.join();
  done.ignore("tell() reports");
  ContainerWiped wiped{.container = container};
  for (size_t i = 0; i < ranks.size(); i++) {
    if (told[i]) wiped.ranks.push_back(ranks[i]);
  }
  DX_CO_TRY(co_await propose(new_operation(), std::move(wiped)));
  co_return Status();
}

runtime::Task<Status> PoolService::end_client(Uuid client) {
  Closed closed = DX_CO_TRY(co_await propose(new_operation(), EndClient{.client = client, .now = now()}));
  // Also when it had closed all its handles: its sessions are with the targets until they hear of its end.
  if (!closed.handles.empty()) co_await revoke(std::move(closed.handles));
  const auto answers =
      co_await engines_.call_all(state_.ranks(), messages::ClientEndedRequest{.pool = state_.pool(), .client = client},
                                 reactor().within(kEngineLimit));
  co_return answers.status();
}

runtime::Task<Status> PoolService::evict_all() {
  Closed closed = DX_CO_TRY(co_await propose(new_operation(), EvictAll{.now = now()}));
  if (!closed.handles.empty()) co_await revoke(std::move(closed.handles));
  co_return Status();
}

runtime::Task<Status> PoolService::set_map(map::PoolMapRef map) {
  DX_CO_TRY(co_await propose(new_operation(), PoolSetMap{.map = map->encode()}));
  const auto told = co_await engines_.call_all(state_.ranks(),
                                               messages::MapUpdateRequest{.pool = state_.pool(), .map = map->encode()},
                                               reactor().within(kEngineLimit));
  co_return told.status();
}

runtime::Task<Status> PoolService::engine_joined(map::Rank rank, messages::EngineAddress address, bool moved) {
  if (std::find(state_.ranks().begin(), state_.ranks().end(), rank) == state_.ranks().end()) co_return Status();
  const map::PoolMapRef map = DX_CO_TRY(map::PoolMap::decode(state_.map_bytes()));
  const map::Engine* engine = map->find_engine(rank);
  bool differs =
      moved || engine == nullptr || engine->host != address.host || engine->system_port != address.system_port;
  for (size_t i = 0; !differs && i < address.target_ports.size(); i++) {
    const map::Target* target = map->find_target(rank, static_cast<uint32_t>(i));
    differs = target != nullptr && target->port != address.target_ports[i];
  }
  if (differs) {
    map::Builder builder(*map);
    builder.set_address(rank, address.host, address.system_port, address.target_ports);
    const map::PoolMapRef next = DX_CO_TRY(builder.build());
    reactor().log().info("pool {}: rank {} is now at {}:{}, map version {}", state_.label(), rank, address.host,
                         address.system_port, next->version());
    Status told = co_await set_map(next);
    told.ignore("an engine that missed it is told when it joins");
  } else {
    const auto told =
        co_await engines_.call(rank, messages::MapUpdateRequest{.pool = state_.pool(), .map = state_.map_bytes()},
                               reactor().within(kEngineLimit));
    told.ignore("as above");
  }
  const auto to_wipe = state_.to_wipe();
  for (const auto& [container, ranks] : to_wipe) {
    if (std::find(ranks.begin(), ranks.end(), rank) == ranks.end()) continue;
    DX_CO_TRY(co_await wipe(container, {rank}));
  }
  co_return Status();
}

}  // namespace daos::services
