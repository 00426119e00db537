#include "server/engine/engine.h"

#include <algorithm>
#include <map>
#include <set>

#include "server/engine/superblock.h"
#include "server/object/ops/ops.h"

namespace daos::engine {
namespace {

constexpr Duration kJoinLimit = std::chrono::seconds(2);
constexpr Duration kJoinPauseMax = std::chrono::seconds(1);

}  // namespace

Engine::Engine(EngineConfig config, Room system, std::vector<Room> targets)
    : config_(std::move(config)),
      system_(system),
      rooms_(std::move(targets)),
      node_(system.reactor, {.role = rpc::ClockRole::kEngine}),
      scope_(system.reactor) {
  const size_t devices = config_.devices.size();
  for (size_t i = 0; i < rooms_.size(); i++) {
    stopping_.push_back(std::make_unique<runtime::Scope>(rooms_[i].reactor));
    targets_.push_back(std::make_unique<target::Target>(
        rooms_[i].reactor, rooms_[i].disk,
        target::TargetConfig{
            .engine = config_.engine,
            .rank = config_.rank,
            .index = static_cast<uint32_t>(i),
            .directory = path(fmt::format("target-{}", i)),
            .listen = fmt::format("tcp://{}:{}", config_.address.host, config_.address.target_ports[i]),
            .service_address = config_.service_address,
            .incarnation = config_.incarnation,
            .build = config_.build,
            .planted = config_.planted,
            .log_segment_bytes = config_.log_segment_bytes,
            .bulk_bytes_max = config_.bulk_bytes_max,
            .device = devices == 0 ? std::nullopt : std::optional(config_.devices[i % devices]),
            .device_region = static_cast<uint32_t>(devices == 0 ? 0 : i / devices)}));
  }
}

Engine::~Engine() = default;

runtime::Task<Status> Engine::start() {
  DX_CO_TRY(co_await claim_devices());
  // The order matters: targets serve before the engine says that it does, and the services answer before anybody joins.
  runtime::Scope starting(system_.reactor);
  for (size_t i = 0; i < targets_.size(); i++) starting.spawn(start_target(i));
  DX_CO_TRY(co_await starting.join());
  if (config_.rank == map::Rank(0)) {
    services_ = std::make_unique<services::SystemService>(node_, system_.disk,
                                                          services::SystemConfig{.system = config_.system,
                                                                                 .name = config_.system_name,
                                                                                 .provider = config_.provider,
                                                                                 .directory = path("services")});
    DX_CO_TRY(co_await services_->start());
  }
  serve();
  DX_CO_TRY(node_.open(system_.transport,
                       {.listen = fmt::format("tcp://{}:{}", config_.address.host, config_.address.system_port),
                        .identity = {.client = config_.engine,
                                     .context = 0,
                                     .incarnation = config_.incarnation,
                                     .role = fabric::Role::kEngine}}));
  if (services_) services_->resume();
  scope_.spawn(join());
  co_return Status();
}

runtime::Task<Status> Engine::claim_devices() {
  const auto targets = static_cast<uint32_t>(rooms_.size());
  const auto devices = static_cast<uint32_t>(config_.devices.size());
  for (const vos::DeviceRef& device : config_.devices) {
    vos::OpenDevice open = DX_CO_TRY(co_await vos::open_device(system_.disk, device, storage::LockKind::kExclusive));
    const uint32_t share = targets_on(device.number, devices, targets);
    if (open.header.engine != config_.engine || open.header.regions != share) {
      co_return error(Code::kFormatInvalid, "{} was formatted for engine {} with {} targets on it, not for {} with {}",
                      device.in_words(), open.header.engine, open.header.regions, config_.engine, share);
    }
    // From alone to together with our own shards, which lock what they write through: whoever follows us comes in only
    // when the last of those descriptors is gone, with the writes that a ring still has under way.
    DX_CO_TRY(open.file->lock(storage::LockKind::kShared));
    devices_.push_back(std::move(open.file));
  }
  co_return Status();
}

void Engine::abandon_after_fork() {
  node_.abandon_after_fork();
  for (const auto& target : targets_) target->node().abandon_after_fork();
}

runtime::Task<Status> Engine::start_target(size_t index) {
  target::Target& target = *targets_[index];
  fabric::Transport& transport = rooms_[index].transport;
  Status started = co_await runtime::run_on<Status>(system_.reactor, target.scope(), [&target, &transport] {
    object::serve(target);
    return target.start(transport);
  });
  co_return std::move(started).within(fmt::format("target {}", index));
}

runtime::Task<Status> Engine::stop() {
  scope_.stop();
  Status status = co_await scope_.join();
  status.ignore("joining ends with the engine");
  status = Status();
  if (services_) status = co_await services_->stop();
  co_await node_.close();
  runtime::Scope stopping(system_.reactor);
  for (size_t i = 0; i < targets_.size(); i++) stopping.spawn(stop_target(i));
  Status stopped = co_await stopping.join();
  devices_.clear();
  co_return status.ok() ? stopped : status;
}

runtime::Task<Status> Engine::stop_target(size_t index) {
  target::Target& target = *targets_[index];
  // Not in the target's own scope: stop() waits for that to be empty.
  Status stopped =
      co_await runtime::run_on<Status>(system_.reactor, *stopping_[index], [&target] { return target.stop(); });
  co_return stopped;
}

runtime::Task<Status> Engine::join() {
  const messages::SystemJoinRequest request{.member = {.rank = config_.rank,
                                                       .engine = config_.engine,
                                                       .address = config_.address,
                                                       .state = messages::MemberState::kJoined,
                                                       .incarnation = config_.incarnation,
                                                       .memory_bytes = config_.memory_bytes,
                                                       .disk_bytes = config_.disk_bytes}};
  const fabric::PeerId service = DX_CO_TRY(node_.endpoint().peer(config_.service_address));
  Duration pause = std::chrono::milliseconds(5);
  for (;;) {
    const std::set<Uuid> found = DX_CO_TRY(co_await pools_found());
    auto reply = co_await node_.call(service, request, system_.reactor.within(kJoinLimit, scope_.token()));
    if (reply.ok()) {
      DX_CO_TRY(co_await remove_unknown_shards(found, std::move(reply->pools)));
      DX_CO_TRY(co_await report_losses(service));
      joined_ = true;
      system_.reactor.log().info("rank {} has joined system {}", config_.rank, config_.system_name);
      co_return Status();
    }
    if (reply.code() == Code::kExists) {
      system_.reactor.log().error("rank {} is refused by the system: {}", config_.rank, reply.status());
    }
    DX_CO_TRY(co_await runtime::sleep(system_.reactor, system_.reactor.within(pause, scope_.token())));
    pause = std::min(pause * 2, kJoinPauseMax);
  }
}

runtime::Task<Result<std::set<Uuid>>> Engine::pools_found() {
  std::set<Uuid> found;
  for (const auto& target : targets_) {
    const Result<std::vector<Uuid>> pools =
        co_await runtime::run_on<Result<std::vector<Uuid>>>(system_.reactor, target->scope(), [&target] {
          return [](target::Target& t) -> runtime::Task<Result<std::vector<Uuid>>> { co_return t.pools(); }(*target);
        });
    if (!pools.ok()) co_return pools.status();
    found.insert(pools->begin(), pools->end());
  }
  co_return found;
}

runtime::Task<Status> Engine::report_losses(fabric::PeerId service) {
  std::map<Uuid, std::vector<uint32_t>> losses;
  for (size_t i = 0; i < targets_.size(); i++) {
    target::Target& target = *targets_[i];
    const Result<std::vector<Uuid>> pools =
        co_await runtime::run_on<Result<std::vector<Uuid>>>(system_.reactor, target.scope(), [&target] {
          return [](target::Target& t) -> runtime::Task<Result<std::vector<Uuid>>> { co_return t.losses(); }(target);
        });
    if (!pools.ok()) co_return pools.status();
    for (const Uuid& pool : *pools) losses[pool].push_back(static_cast<uint32_t>(i));
  }
  for (auto& [pool, targets] : losses) DX_CO_TRY(co_await report_loss(service, pool, targets));
  co_return Status();
}

runtime::Task<Status> Engine::report_loss(fabric::PeerId service, Uuid pool, std::vector<uint32_t> targets) {
  const messages::PoolDataLostRequest request{.pool = pool, .rank = config_.rank, .targets = targets};
  for (;;) {
    const auto reply = co_await node_.call(service, request, system_.reactor.within(kJoinLimit, scope_.token()));
    if (reply.ok()) break;
    if (reply.code() == Code::kNonexistent) co_return Status();  // it is being destroyed: nobody will open it again
    system_.reactor.log().warn("pool {}: its service cannot be told of a loss: {}", pool, reply.status());
    DX_CO_TRY(co_await runtime::sleep(system_.reactor, system_.reactor.within(kJoinPauseMax, scope_.token())));
  }
  // Told again after a crash before this, which changes nothing.
  for (const uint32_t index : targets) {
    DX_CO_TRY(co_await on_target(index, [pool](target::Target& target) { return target.loss_was_reported(pool); }));
  }
  co_return Status();
}

runtime::Task<Status> Engine::remove_unknown_shards(std::set<Uuid> found, std::vector<Uuid> known) {
  // Only what was there when the question was asked: a pool that was made since may have overtaken the answer.
  for (const Uuid& pool : known) found.erase(pool);
  Status removed = co_await on_all_targets([found](target::Target& target) -> runtime::Task<Status> {
    return [](target::Target& t, std::set<Uuid> gone) -> runtime::Task<Status> {
      for (const Uuid& pool : t.pools()) {
        if (!gone.contains(pool)) continue;
        t.reactor().log().info("pool {} was destroyed while this engine was away: removing its shard", pool);
        DX_CO_TRY(co_await t.destroy_shard(pool));
      }
      co_return Status();
    }(target, found);
  });
  co_return removed;
}

template <class Operation>
runtime::Task<Status> Engine::on_target(size_t index, Operation operation) {
  target::Target& target = *targets_[index];
  Status status = co_await runtime::run_on<Status>(system_.reactor, target.scope(),
                                                   [&target, &operation] { return operation(target); });
  co_return std::move(status).within(fmt::format("target {}", index));
}

template <class Operation>
runtime::Task<Status> Engine::on_all_targets(Operation operation) {
  runtime::Scope scope(system_.reactor);
  for (size_t i = 0; i < targets_.size(); i++) scope.spawn(on_target(i, operation));
  Status status = co_await scope.join();
  co_return status;
}

template <class Request, class Operation>
runtime::Task<Result<messages::Nothing>> Engine::pass_on(Request request, Operation operation) {
  DX_CO_TRY(co_await on_all_targets(
      [request = std::move(request), operation](target::Target& target) { return operation(target, request); }));
  co_return messages::Nothing{};
}

template <class Request, class Operation>
void Engine::serve_on_all(Operation operation) {
  node_.serve<Request>(
      [this, operation](Request request, rpc::Caller) { return pass_on(std::move(request), operation); });
}

runtime::Task<Result<messages::ShardSpaceReply>> Engine::space(Uuid pool) {
  messages::ShardSpaceReply reply;
  for (const auto& target : targets_) {
    messages::Space space =
        DX_CO_TRY(co_await runtime::run_on<Result<messages::Space>>(system_.reactor, target->scope(), [&target, pool] {
          return [](target::Target& t, Uuid id) -> runtime::Task<Result<messages::Space>> { co_return t.space(id); }(
                                                    *target, pool);
        }));
    reply.targets.push_back(space);
  }
  co_return reply;
}

messages::EngineStatusReply Engine::status() const {
  return {.system = config_.system,
          .system_name = config_.system_name,
          .engine = config_.engine,
          .rank = config_.rank,
          .incarnation = config_.incarnation,
          .build = config_.build,
          .joined = joined_};
}

void Engine::serve() {
  using messages::Nothing;
  node_.serve<messages::EngineStatusRequest>(
      [this](auto, rpc::Caller) -> runtime::Task<Result<messages::EngineStatusReply>> {
        return [](messages::EngineStatusReply reply) -> runtime::Task<Result<messages::EngineStatusReply>> {
          co_return reply;
        }(status());
      });
  node_.serve<messages::ShardSpaceRequest>([this](auto request, rpc::Caller) { return space(request.pool); });
  serve_on_all<messages::ShardCreateRequest>(
      [](target::Target& target, auto request) { return target.create_shard(std::move(request)); });
  serve_on_all<messages::ShardDestroyRequest>(
      [](target::Target& target, auto request) { return target.destroy_shard(request.pool); });
  serve_on_all<messages::HandleRevokeRequest>(
      [](target::Target& target, auto request) { return target.revoke(std::move(request)); });
  serve_on_all<messages::ClientEndedRequest>(
      [](target::Target& target, auto request) { return target.end_client(std::move(request)); });
  serve_on_all<messages::MapUpdateRequest>(
      [](target::Target& target, auto request) { return target.update_map(std::move(request)); });
}

}  // namespace daos::engine
