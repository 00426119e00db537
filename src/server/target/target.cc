#include "server/target/target.h"

#include "model/messages/handle_lease.h"
#include "platform/base/heap.h"

namespace daos::target {

Target::Target(runtime::Reactor& reactor, storage::Disk& disk, TargetConfig config)
    : reactor_(reactor),
      disk_(disk),
      config_(std::move(config)),
      bulk_buffers_(reactor, config_.bulk_bytes_max),
      node_(reactor, {.role = rpc::ClockRole::kEngine}),
      scope_(reactor),
      shard_turn_(reactor, 1) {}

vos::ShardOptions Target::shard_options() const {
  return {.build = config_.build,
          .log_segment_bytes = config_.log_segment_bytes,
          .device = config_.device,
          .planted = config_.planted};
}

runtime::Task<Status> Target::start(fabric::Transport& transport) {
  DX_CO_TRY(co_await disk_.make_directory(config_.directory));
  const std::vector<std::string> names = DX_CO_TRY(disk_.list(config_.directory));
  std::vector<Uuid> pools;
  for (const std::string& name : names) {
    if (const std::optional<Uuid> pool = Uuid::parse(name)) pools.push_back(*pool);  // else not ours to judge
  }
  DX_CO_TRY(co_await claim_pieces(pools));
  for (const Uuid& pool : pools) {
    Status opened = co_await open_shard(pool);
    if (!opened.ok())
      co_return std::move(opened).within(fmt::format("pool {}: shard on target {}", pool, config_.index));
  }
  DX_CO_TRY(node_.open(transport, {.listen = config_.listen,
                                   .identity = {.client = config_.engine,
                                                .context = config_.index + 1,
                                                .incarnation = config_.incarnation,
                                                .role = fabric::Role::kEngine}}));
  service_ = DX_CO_TRY(node_.endpoint().peer(config_.service_address));
  co_return Status();
}

runtime::Task<Status> Target::claim_pieces(std::vector<Uuid> pools) {
  if (!config_.device) co_return Status();
  const vos::OpenDevice device =
      DX_CO_TRY(co_await vos::open_device(disk_, *config_.device, storage::LockKind::kShared));
  piece_bytes_ = device.header.piece_bytes;
  pieces_ = vos::PieceTable(vos::region_of(device.header, config_.device_region));
  for (const Uuid& pool : pools) {
    const std::string directory = shard_directory(pool);
    if (!disk_.exists(directory + "/shard")) continue;
    const auto superblock = co_await vos::Shard::read_superblock(disk_, directory);
    Status claimed = superblock.status();
    if (claimed.ok() && superblock->part) claimed = pieces_.claim(pool, superblock->part->pieces);
    if (!claimed.ok())
      co_return std::move(claimed).within(fmt::format("pool {}: shard on target {}", pool, config_.index));
  }
  co_return Status();
}

runtime::Task<Status> Target::open_shard(Uuid pool) {
  const std::string directory = shard_directory(pool);
  if (!disk_.exists(directory + "/shard")) {  // its creation did not come to its end: nobody was told that it exists
    Status removed = co_await disk_.remove_tree(directory);
    co_return removed;
  }
  std::unique_ptr<vos::Shard> shard = DX_CO_TRY(co_await vos::Shard::open(reactor_, disk_, directory, shard_options()));
  Result<map::PoolMapRef> map = map::PoolMap::decode(shard->superblock().map);
  if (!map.ok()) {
    Status closed = co_await shard->close();
    closed.ignore("nothing was written");
    co_return std::move(map).status().within("its pool map");
  }
  shards_[pool] = std::make_shared<PoolShard>(pool, std::move(shard), std::move(map).take());
  co_return Status();
}

runtime::Task<Status> Target::stop() {
  co_await node_.close();
  scope_.stop();
  Status status = co_await scope_.join();
  for (auto& [pool, shard] : shards_) {
    Status closed = co_await shard->shard().close();
    if (status.ok()) status = std::move(closed);
  }
  shards_.clear();
  co_return status;
}

Result<std::shared_ptr<PoolShard>> Target::lease(const Uuid& pool) {
  const auto found = shards_.find(pool);
  if (found == shards_.end()) {
    return error(Code::kNonexistent, "rank {} target {} has no part of pool {}", config_.rank, config_.index, pool);
  }
  return found->second;
}

runtime::Task<Result<messages::HandleRights>> Target::resolve(std::shared_ptr<PoolShard> shard, Uuid handle,
                                                              runtime::CallContext context) {
  Result<messages::HandleRights> rights = co_await shard->resolve(node_, service_, handle, context);
  if (rights.ok() && shard->wants_renewal(handle, reactor_.now())) {
    scope_.spawn([](Target& target, std::shared_ptr<PoolShard> held, Uuid renewed) -> runtime::Task<void> {
      co_await held->renew(target.node_, target.service_, renewed,
                           target.reactor_.within(messages::kHandleLease, target.scope_.token()));
    }(*this, std::move(shard), handle));
  }
  co_return rights;
}

runtime::Task<Status> Target::create_shard(messages::ShardCreateRequest request) {
  // In turn with a destruction: a service that restarted takes back what its former life still has us create.
  DX_CO_TRY(co_await shard_turn_.acquire({}));
  Status created = co_await create_shard_in_turn(std::move(request));
  shard_turn_.release();
  co_return created;
}

runtime::Task<Status> Target::create_shard_in_turn(messages::ShardCreateRequest request) {
  if (shards_.contains(request.pool)) co_return Status();
  map::PoolMapRef map = DX_CO_TRY(map::PoolMap::decode(request.map));
  const Uuid pool = request.pool;
  DX_CO_TRY(co_await remove_shard(pool));  // what an interrupted creation left
  Status made = co_await make_shard(std::move(request), std::move(map));
  if (!made.ok()) {
    // It may be on the disk all the same: its pieces are free only when it is known to be gone.
    const Status removed = co_await remove_shard(pool);
    if (!removed.ok()) reactor_.log().error("pool {}: a shard that could not be made stays: {}", pool, removed);
  }
  co_return made;
}

runtime::Task<Status> Target::make_shard(messages::ShardCreateRequest request, map::PoolMapRef map) {
  vos::ShardSuperblock superblock{.pool = request.pool,
                                  .tier_bytes = {request.spec.tier_bytes[0], request.spec.tier_bytes[1]},
                                  .durability = request.spec.durability,
                                  .inline_max = request.spec.inline_max,
                                  .map = std::move(request.map)};
  if (config_.device && superblock.tier_bytes[1] > 0) {
    const uint32_t pieces = vos::pieces_for(superblock.tier_bytes[1], piece_bytes_);
    Result<std::vector<uint32_t>> taken = pieces_.take(request.pool, pieces);
    if (!taken.ok()) {
      co_return std::move(taken).status().within(
          fmt::format("target {}: tier 1 on {}", config_.index, config_.device->in_words()));
    }
    superblock.part = vos::DevicePart{
        .number = config_.device->number, .device = config_.device->id, .pieces = std::move(taken).take()};
  }
  std::unique_ptr<vos::Shard> shard = DX_CO_TRY(co_await vos::Shard::create(
      reactor_, disk_, shard_directory(request.pool), std::move(superblock), shard_options()));
  shards_[request.pool] = std::make_shared<PoolShard>(request.pool, std::move(shard), std::move(map));
  co_return Status();
}

runtime::Task<Status> Target::destroy_shard(Uuid pool) {
  DX_CO_TRY(co_await shard_turn_.acquire({}));
  Status destroyed = co_await destroy_shard_in_turn(pool);
  shard_turn_.release();
  co_return destroyed;
}

runtime::Task<Status> Target::destroy_shard_in_turn(Uuid pool) {
  if (const auto found = shards_.find(pool); found != shards_.end()) {
    std::shared_ptr<PoolShard> shard = found->second;
    shards_.erase(found);
    Status closed = co_await shard->shard().close();
    closed.ignore("it is removed anyway");
    give_back_freed_memory();  // of its index
  }
  Status removed = co_await remove_shard(pool);
  co_return removed;
}

runtime::Task<Status> Target::remove_shard(Uuid pool) {
  // First what makes it a shard, so that an interruption leaves no half of a log that would not open.
  const std::string directory = shard_directory(pool);
  DX_CO_TRY(co_await vos::Shard::disown(disk_, directory));
  pieces_.release(pool);
  Status removed = co_await disk_.remove_tree(directory);
  co_return removed;
}

Result<messages::Space> Target::space(const Uuid& pool) {
  const std::shared_ptr<PoolShard> held = DX_TRY(lease(pool));
  messages::Space space;
  for (size_t tier = 0; tier < messages::kTiers; tier++) {
    space.tiers[tier] = {.total = held->shard().tier_total(tier), .free = held->shard().tier_free(tier)};
  }
  return space;
}

runtime::Task<Status> Target::revoke(messages::HandleRevokeRequest request) {
  const std::shared_ptr<PoolShard> held = DX_CO_TRY(lease(request.pool));
  if (request.handles.empty() && !request.destroyed) held->revoke_all();
  held->revoke(request.handles);
  if (!request.destroyed) co_return Status();
  held->revoke_container(*request.destroyed);
  Status destroyed = co_await held->shard().destroy_container(*request.destroyed);
  co_return destroyed;
}

runtime::Task<Status> Target::end_client(messages::ClientEndedRequest request) {
  const std::shared_ptr<PoolShard> held = DX_CO_TRY(lease(request.pool));
  Status ended = co_await held->shard().end_client(request.client);
  co_return ended;
}

runtime::Task<Status> Target::update_map(messages::MapUpdateRequest request) {
  const std::shared_ptr<PoolShard> held = DX_CO_TRY(lease(request.pool));
  map::PoolMapRef map = DX_CO_TRY(map::PoolMap::decode(request.map));
  Status updated = co_await held->update_map(std::move(map));
  co_return updated;
}

std::vector<Uuid> Target::pools() const {
  std::vector<Uuid> pools;
  for (const auto& [pool, shard] : shards_) pools.push_back(pool);
  return pools;
}

std::vector<Uuid> Target::losses() const {
  std::vector<Uuid> pools;
  for (const auto& [pool, shard] : shards_) {
    if (shard->shard().has_loss_to_report()) pools.push_back(pool);
  }
  return pools;
}

runtime::Task<Status> Target::loss_was_reported(Uuid pool) {
  const std::shared_ptr<PoolShard> held = DX_CO_TRY(lease(pool));
  Status stored = co_await held->shard().loss_was_reported();
  co_return stored;
}

}  // namespace daos::target
