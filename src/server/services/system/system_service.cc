#include "server/services/system/system_service.h"

#include "model/map/builder.h"
#include "platform/base/stamp.h"
#include "server/services/container/container_properties.h"

namespace daos::services {
namespace {

constexpr Duration kEngineLimit = std::chrono::seconds(5);
constexpr Duration kShardLimit = std::chrono::seconds(60);  // a shard's log is written once over before it is used
constexpr Duration kPingLimit = std::chrono::seconds(1);
constexpr uint64_t kTierBytesMinPerTarget = 16u << 20;
constexpr uint32_t kRedundancyFactorProperty = 11;  // DAOS_PROP_PO_REDUN_FAC

/// An answer that needs no waiting, as a task.
template <class T>
runtime::Task<Result<T>> answer(Result<T> result) {
  co_return result;
}

}  // namespace

template <class Request, class Function>
runtime::Task<Result<typename Request::Reply>> SystemService::route(Function function, Request request) {
  const std::shared_ptr<PoolService> service = DX_CO_TRY(pool(request.pool));
  Result<typename Request::Reply> reply = co_await function(*service, std::move(request));
  co_return reply;
}

template <class Request, class Function>
void SystemService::serve_pool(Function function) {
  node_.serve<Request>(
      [this, function](Request request, rpc::Caller) { return route<Request>(function, std::move(request)); });
}

SystemService::SystemService(rpc::Node& node, storage::Disk& disk, SystemConfig config)
    : node_(node), disk_(disk), config_(std::move(config)), scope_(node.reactor()), engines_(node) {}

runtime::Task<Status> SystemService::start() {
  replica_ =
      DX_CO_TRY(co_await consensus::open_single_replica(node_.reactor(), disk_, config_.directory + "/system", state_,
                                                        {.journal = {.segment_bytes = 4u << 20, .segments_max = 16}}));
  for (const auto& [rank, member] : state_.members()) engines_.set(member.rank, member.address);
  const auto pools = state_.pools();
  for (const auto& [pool, record] : pools) {
    // What was being made or removed is removed, whatever is left of it.
    if (record.stage != PoolStage::kReady) continue;
    Status opened = co_await open_pool(pool);
    if (!opened.ok()) co_return std::move(opened).within(fmt::format("pool {}: service", record.summary.label));
  }
  serve();
  co_return Status();
}

runtime::Task<Status> SystemService::stop() {
  scope_.stop();
  Status joined = co_await scope_.join();
  joined.ignore("background work logs what fails");
  Status status;
  for (auto& [id, service] : pools_) {
    Status closed = co_await service->close();
    if (status.ok()) status = std::move(closed);
  }
  if (replica_ == nullptr) co_return status;  // start() did not come that far
  Status closed = co_await replica_->close();
  co_return status.ok() ? closed : status;
}

runtime::Task<Status> SystemService::open_pool(messages::PoolId pool) {
  auto service = std::make_shared<PoolService>(engines_, disk_, scope_, pool_directory(pool));
  DX_CO_TRY(co_await service->open());
  pools_[pool] = std::move(service);
  co_return Status();
}

runtime::Task<Status> SystemService::finish_interrupted() {
  const auto pools = state_.pools();
  for (const auto& [pool, record] : pools) {
    if (record.stage == PoolStage::kReady) {
      if (const auto found = pools_.find(pool); found != pools_.end()) {
        const std::shared_ptr<PoolService> service = found->second;
        Status resumed = co_await service->resume();
        resumed.ignore("it logs what fails");
        Status renamed = co_await finish_rename(service, record.summary.label);
        if (!renamed.ok()) node_.reactor().log().warn("pool {}: its new label: {}", record.summary.label, renamed);
        // Who moved just before this service died says so only once.
        for (const map::Rank rank : record.summary.ranks) {
          const auto member = state_.members().find(rank.value());  // it may join, from elsewhere, at any time
          if (member == state_.members().end()) continue;
          Status told = co_await service->engine_joined(rank, member->second.address, false);
          if (!told.ok()) node_.reactor().log().warn("pool {}: rank {}: {}", record.summary.label, rank, told);
        }
      }
    } else if (!busy_.contains(pool)) {
      node_.reactor().log().info("pool {}: its {} was interrupted and is {}", record.summary.label,
                                 record.stage == PoolStage::kCreating ? "creation" : "destruction",
                                 record.stage == PoolStage::kCreating ? "taken back" : "finished");
      busy_.insert(pool);
      Status removed = co_await remove_pool(pool);
      busy_.erase(pool);
      if (!removed.ok()) node_.reactor().log().warn("pool {}: {}", record.summary.label, removed);
    }
  }
  co_return Status();
}

Result<std::shared_ptr<PoolService>> SystemService::pool(const messages::PoolId& id) {
  const auto found = pools_.find(id);
  if (found == pools_.end() || !found->second->state().initialised()) {
    return error(Code::kNonexistent, "the system has no pool {}", id);
  }
  return found->second;
}

runtime::Task<Result<messages::SystemJoinReply>> SystemService::join(messages::SystemJoinRequest request) {
  const messages::Member member = request.member;
  const size_t targets = member.address.target_ports.size();
  if (targets == 0 || targets > map::kTargetsPerEngineMax) {
    co_return error(Code::kInvalid, "rank {} has {} targets (1 to {} are possible)", member.rank, targets,
                    map::kTargetsPerEngineMax);
  }
  const Join::Joined joined = DX_CO_TRY(co_await propose(node_.reactor().rng().uuid(), Join{.member = member}));
  engines_.set(member.rank, member.address);
  messages::SystemJoinReply reply;
  for (const auto& [pool, record] : state_.pools()) reply.pools.push_back(pool);
  scope_.spawn(after_join(member, joined.moved));
  co_return reply;
}

runtime::Task<Status> SystemService::after_join(messages::Member member, bool moved) {
  std::vector<messages::PoolId> ready;
  for (const auto& [pool, record] : state_.pools()) {
    if (record.stage == PoolStage::kReady) ready.push_back(pool);
  }
  for (const messages::PoolId& id : ready) {
    const Result<std::shared_ptr<PoolService>> service = pool(id);
    if (!service.ok()) continue;
    Status told = co_await (*service)->engine_joined(member.rank, member.address, moved);
    if (!told.ok()) node_.reactor().log().warn("rank {} joined: {}", member.rank, told);
  }
  co_return Status();
}

runtime::Task<void> SystemService::ask_state(messages::Member& member) {
  const auto status =
      co_await engines_.call(member.rank, messages::EngineStatusRequest{}, node_.reactor().within(kPingLimit));
  if (!status.ok()) member.state = messages::MemberState::kUnknown;
}

runtime::Task<Result<messages::SystemQueryReply>> SystemService::query() {
  messages::SystemQueryReply reply{.system = config_.system,
                                   .name = config_.name,
                                   .provider = config_.provider,
                                   .build = std::string(build_string())};
  for (const auto& [rank, member] : state_.members()) reply.members.push_back(member);
  runtime::Scope scope(node_.reactor());
  for (messages::Member& member : reply.members) scope.spawn(ask_state(member));
  DX_CO_TRY(co_await scope.join());
  co_return reply;
}

runtime::Task<Result<messages::PoolSummary>> SystemService::create_pool(messages::PoolCreateRequest request) {
  if (!is_label(request.label)) {
    co_return error(Code::kInvalid,
                    "\"{}\" is not a label: 1 to 127 letters, digits, '.', '_', ':' or '-', and not a uuid",
                    request.label);
  }
  if (const messages::Property* rf = messages::find_property(request.properties, kRedundancyFactorProperty);
      rf != nullptr && rf->number > 0) {
    co_return error(Code::kNotSupported,
                    "rd_fac {}: redundancy is not there yet; create the pool with --properties rd_fac:0", rf->number);
  }
  DX_CO_TRY(check_pool_properties(request.properties));
  if (request.durability > static_cast<uint8_t>(journal::Durability::kProcess)) {
    co_return error(Code::kInvalid, "durability {} is not known: 0 power, 1 process", request.durability);
  }
  if (!busy_.insert(request.pool).second) co_return error(Code::kAgain, "pool {} is being created", request.label);
  const messages::PoolSummary wanted{
      .pool = request.pool,
      .label = request.label,
      .service_ranks = {map::Rank(0)},
      .ranks = request.ranks,
      .tier_bytes_per_engine = {request.tier_bytes_per_engine[0], request.tier_bytes_per_engine[1]}};
  const messages::PoolId id = request.pool;
  Result<PoolRecord> record = co_await propose(node_.reactor().rng().uuid(), PoolBegin{.pool = wanted});
  Status made = record.status();
  if (record.ok() && record->stage == PoolStage::kDestroying) made = error(Code::kBusy, "the pool is being destroyed");
  if (record.ok() && record->stage == PoolStage::kCreating) {
    made = co_await make_pool(*record, std::move(request));
    if (!made.ok()) {
      Status removed = co_await remove_pool(id);
      if (!removed.ok()) node_.reactor().log().warn("pool {}: taking back its creation: {}", wanted.label, removed);
    }
  }
  busy_.erase(id);
  if (!made.ok()) co_return made;
  co_return record->summary;
}

runtime::Task<Status> SystemService::make_pool(const PoolRecord& record, messages::PoolCreateRequest request) {
  const messages::PoolSummary summary = record.summary;
  map::Builder builder;
  size_t targets_per_engine = 0;
  for (const map::Rank rank : summary.ranks) {
    const messages::EngineAddress address = state_.members().at(rank.value()).address;
    builder.add_engine(
        {.rank = rank, .host = address.host, .system_port = address.system_port, .target_ports = address.target_ports});
    targets_per_engine = std::max(targets_per_engine, address.target_ports.size());
  }
  const uint64_t tier0_per_target = summary.tier_bytes_per_engine[0] / targets_per_engine;
  if (tier0_per_target < kTierBytesMinPerTarget) {
    co_return error(Code::kInvalid, "{} MiB of tier 0 per engine are too small: {} targets need {} MiB each",
                    summary.tier_bytes_per_engine[0] >> 20, targets_per_engine, kTierBytesMinPerTarget >> 20);
  }
  const map::PoolMapRef map = DX_CO_TRY(builder.build());
  if (!pools_.contains(summary.pool)) {
    DX_CO_TRY(co_await disk_.remove_tree(pool_directory(summary.pool)));  // what an interrupted creation left
    DX_CO_TRY(co_await open_pool(summary.pool));
  }
  const std::shared_ptr<PoolService> service = pools_.at(summary.pool);
  DX_CO_TRY(co_await service->initialise({.pool = summary.pool,
                                          .label = summary.label,
                                          .ranks = summary.ranks,
                                          .map = map->encode(),
                                          .properties = request.properties}));
  DX_CO_TRY(co_await engines_.call_all(
      summary.ranks,
      messages::ShardCreateRequest{
          .pool = summary.pool,
          .spec = {.tier_bytes = {tier0_per_target, summary.tier_bytes_per_engine[1] / targets_per_engine},
                   .durability = request.durability},
          .map = map->encode()},
      node_.reactor().within(kShardLimit)));
  DX_CO_TRY(co_await propose(node_.reactor().rng().uuid(), PoolReady{.pool = summary.pool}));
  co_return Status();
}

runtime::Task<Result<messages::Nothing>> SystemService::destroy_pool(messages::PoolDestroyRequest request) {
  Result<PoolRecord> record = state_.find(request.pool);
  if (!record.ok()) {
    if (replica_->has_answered(request.operation)) co_return messages::Nothing{};  // a repetition
    co_return std::move(record).status();
  }
  const messages::PoolId id = record->summary.pool;
  if (record->stage == PoolStage::kReady) {
    const std::shared_ptr<PoolService> service = DX_CO_TRY(pool(id));
    const size_t containers = service->state().containers().size();
    const size_t handles = service->state().handle_count();
    if (containers > 0 && !request.recursive) {
      co_return error(Code::kBusy, "pool {} has {} containers; destroy them first, or the pool with --recursive",
                      request.pool, containers);
    }
    if (handles > 0 && !request.force) {
      co_return error(Code::kBusy, "pool {} has {} open handles; --force evicts them", request.pool, handles);
    }
  }
  if (!busy_.insert(id).second) co_return error(Code::kAgain, "pool {} is being created or destroyed", request.pool);
  Status removed = (co_await propose(request.operation, PoolDestroying{.pool = id})).status();
  if (removed.ok()) removed = co_await remove_pool(id);
  busy_.erase(id);
  if (!removed.ok()) co_return removed;
  co_return messages::Nothing{};
}

runtime::Task<Status> SystemService::remove_pool(messages::PoolId id) {
  const auto record = state_.pools().find(id);
  if (record == state_.pools().end()) co_return Status();
  const std::vector<map::Rank> ranks = record->second.summary.ranks;
  if (const auto found = pools_.find(id); found != pools_.end()) {
    const std::shared_ptr<PoolService> service = found->second;
    if (service->state().initialised()) DX_CO_TRY(co_await service->evict_all());
  }
  const auto destroyed = co_await engines_.call_all(ranks, messages::ShardDestroyRequest{.pool = id},
                                                    node_.reactor().within(kEngineLimit));
  // An engine that does not answer removes its part when it joins and is not told of the pool any more.
  if (!destroyed.ok()) node_.reactor().log().warn("pool {}: {}", id, destroyed.status());
  if (auto node = pools_.extract(id); !node.empty()) {
    Status closed = co_await node.mapped()->close();
    closed.ignore("it is removed anyway");
  }
  DX_CO_TRY(co_await disk_.remove_tree(pool_directory(id)));
  // Before the system forgets the pool: nobody would look for a folder that a loss of power brought back.
  DX_CO_TRY(co_await disk_.sync_directory(config_.directory));
  DX_CO_TRY(co_await propose(node_.reactor().rng().uuid(), PoolGone{.pool = id}));
  co_return Status();
}

Result<messages::PoolListReply> SystemService::list_pools(const messages::PoolListRequest& request) const {
  messages::PoolListReply reply;
  for (const auto& [id, record] : state_.pools()) {
    if (record.stage != PoolStage::kReady) continue;
    if (request.asker) {
      const auto service = pools_.find(id);
      if (service == pools_.end() || !service->second->state().may_connect(*request.asker)) continue;
    }
    reply.pools.push_back(record.summary);
  }
  std::sort(reply.pools.begin(), reply.pools.end(),
            [](const messages::PoolSummary& a, const messages::PoolSummary& b) { return a.label < b.label; });
  return reply;
}

Result<messages::PoolResolveReply> SystemService::resolve_pool(const messages::PoolResolveRequest& request) {
  const PoolRecord record = DX_TRY(state_.find(request.pool));
  if (record.stage != PoolStage::kReady) return error(Code::kNonexistent, "pool {} is being destroyed", request.pool);
  return messages::PoolResolveReply{.pool = record.summary.pool, .service_addresses = {node_.endpoint().address()}};
}

runtime::Task<Result<messages::Nothing>> SystemService::end_client(messages::ClientEndRequest request) {
  std::vector<messages::PoolId> ids;
  for (const auto& [id, service] : pools_) ids.push_back(id);
  for (const messages::PoolId& id : ids) {
    const Result<std::shared_ptr<PoolService>> service = pool(id);
    if (!service.ok()) continue;
    Status ended = co_await (*service)->end_client(request.client);
    if (!ended.ok()) node_.reactor().log().warn("pool {}: handles of an ended client: {}", id, ended);
  }
  co_return messages::Nothing{};
}

void SystemService::serve() {
  using messages::Nothing;
  node_.serve<messages::SystemJoinRequest>([this](auto request, rpc::Caller) { return join(std::move(request)); });
  node_.serve<messages::SystemQueryRequest>([this](auto, rpc::Caller) { return query(); });
  node_.serve<messages::PoolCreateRequest>(
      [this](auto request, rpc::Caller) { return create_pool(std::move(request)); });
  node_.serve<messages::PoolDestroyRequest>(
      [this](auto request, rpc::Caller) { return destroy_pool(std::move(request)); });
  node_.serve<messages::PoolListRequest>([this](auto request, rpc::Caller) { return answer(list_pools(request)); });
  node_.serve<messages::PoolResolveRequest>(
      [this](auto request, rpc::Caller) { return answer(resolve_pool(request)); });
  node_.serve<messages::PoolChangeRequest>(
      [this](auto request, rpc::Caller) { return change_pool(std::move(request)); });
  node_.serve<messages::ClientEndRequest>([this](auto request, rpc::Caller) { return end_client(std::move(request)); });

  serve_pool<messages::PoolConnectRequest>(
      [](PoolService& pool, auto request) { return pool.connect(std::move(request)); });
  serve_pool<messages::PoolDisconnectRequest>(
      [](PoolService& pool, auto request) { return pool.disconnect(std::move(request)); });
  serve_pool<messages::PoolQueryRequest>(
      [](PoolService& pool, auto request) { return pool.query(std::move(request)); });
  serve_pool<messages::PoolMapFetchRequest>([](PoolService& pool, auto) { return answer(pool.map()); });
  serve_pool<messages::HandleLookupRequest>(
      [](PoolService& pool, auto request) { return answer(pool.rights(request.handle)); });
  serve_pool<messages::ContainerCreateRequest>(
      [](PoolService& pool, auto request) { return pool.create_container(std::move(request)); });
  serve_pool<messages::ContainerOpenRequest>(
      [](PoolService& pool, auto request) { return pool.open_container(std::move(request)); });
  serve_pool<messages::ContainerCloseRequest>(
      [](PoolService& pool, auto request) { return pool.close_container(std::move(request)); });
  serve_pool<messages::ContainerDestroyRequest>(
      [](PoolService& pool, auto request) { return pool.destroy_container(std::move(request)); });
  serve_pool<messages::ContainerListRequest>(
      [](PoolService& pool, auto request) { return answer(pool.list_containers(request)); });
  serve_pool<messages::ContainerQueryRequest>(
      [](PoolService& pool, auto request) { return pool.query_container(std::move(request)); });
  serve_pool<messages::ContainerChangeRequest>(
      [](PoolService& pool, auto request) { return pool.change_container(std::move(request)); });
  serve_pool<messages::ContainerAclRequest>(
      [](PoolService& pool, auto request) { return pool.change_acl(std::move(request)); });
  serve_pool<messages::ObjectIdsRequest>(
      [](PoolService& pool, auto request) { return pool.allocate_object_ids(std::move(request)); });
  serve_pool<messages::AttributeListRequest>(
      [](PoolService& pool, auto request) { return pool.list_attributes(std::move(request)); });
  serve_pool<messages::AttributeGetRequest>(
      [](PoolService& pool, auto request) { return pool.get_attributes(std::move(request)); });
  serve_pool<messages::AttributeSetRequest>(
      [](PoolService& pool, auto request) { return pool.set_attributes(std::move(request)); });
  serve_pool<messages::AttributeDeleteRequest>(
      [](PoolService& pool, auto request) { return pool.delete_attributes(std::move(request)); });
  serve_pool<messages::PoolAclRequest>(
      [](PoolService& pool, auto request) { return pool.change_pool_acl(std::move(request)); });
  serve_pool<messages::PoolEvictRequest>(
      [](PoolService& pool, auto request) { return pool.evict(std::move(request)); });
  serve_pool<messages::ContainerOwnerRequest>(
      [](PoolService& pool, auto request) { return pool.change_owner(std::move(request)); });
  serve_pool<messages::TargetQueryRequest>(
      [](PoolService& pool, auto request) { return pool.query_target(std::move(request)); });
  serve_pool<messages::PoolDataLostRequest>(
      [](PoolService& pool, auto request) { return pool.data_lost(std::move(request)); });
  serve_pool<messages::PoolServiceStopRequest>(
      [](PoolService& pool, auto request) { return pool.step_down(std::move(request)); });
}

}  // namespace daos::services
