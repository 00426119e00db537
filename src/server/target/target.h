// One target of an engine. Lives on its own reactor; other reactors reach it through runtime::run_on with its scope.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "model/messages/engine.h"
#include "platform/rpc/node.h"
#include "platform/runtime/scope.h"
#include "server/target/bulk_buffers.h"
#include "server/target/pool_shard.h"
#include "server/vos/extents/pieces.h"

namespace daos::target {

struct TargetConfig {
  Uuid engine;
  map::Rank rank;
  uint32_t index = 0;           // within its engine
  std::string directory;        // on the disk, relative
  std::string listen;           // "tcp://127.0.0.1:20011"
  std::string service_address;  // of the system and pool services
  uint64_t incarnation = 0;
  std::string build;
  vos::PlantedBugs planted;
  uint64_t log_segment_bytes = 16u << 20;
  uint64_t bulk_bytes_max = 256u << 20;  // of values on their way; as much as one update may bring
  std::optional<vos::DeviceRef> device;  // where tier 1 lies, if not in files
  uint32_t device_region = 0;            // of the device, this target's
};

class Target {
 public:
  Target(runtime::Reactor& reactor, storage::Disk& disk, TargetConfig config);

  /// Opens every shard that is there, then listens. A shard that cannot be opened fails the start, naming it.
  runtime::Task<Status> start(fabric::Transport& transport);
  /// Stops listening, closes the shards.
  runtime::Task<Status> stop();

  runtime::Reactor& reactor() { return reactor_; }
  runtime::Scope& scope() { return scope_; }
  rpc::Node& node() { return node_; }
  BulkBuffers& bulk_buffers() { return bulk_buffers_; }
  std::string address() { return node_.endpoint().address(); }

  /// The pool's shard, for as long as it is held. kNonexistent: this target has no part of the pool.
  Result<std::shared_ptr<PoolShard>> lease(const Uuid& pool);
  runtime::Task<Result<messages::HandleRights>> resolve(std::shared_ptr<PoolShard> shard, Uuid handle,
                                                        runtime::CallContext context);

  // What the engine's system listener passes on.
  runtime::Task<Status> create_shard(messages::ShardCreateRequest request);
  runtime::Task<Status> destroy_shard(Uuid pool);
  Result<messages::Space> space(const Uuid& pool);
  runtime::Task<Status> revoke(messages::HandleRevokeRequest request);
  runtime::Task<Status> end_client(messages::ClientEndedRequest request);
  runtime::Task<Status> update_map(messages::MapUpdateRequest request);
  std::vector<Uuid> pools() const;
  /// Pools of which this target lost acknowledged updates, with the machine's power, and whose service must be told.
  std::vector<Uuid> losses() const;
  runtime::Task<Status> loss_was_reported(Uuid pool);

 private:
  std::string shard_directory(const Uuid& pool) const { return config_.directory + "/" + pool.to_string(); }
  /// Reads which pieces of the device belong to whom, before anything is written to any of them.
  runtime::Task<Status> claim_pieces(std::vector<Uuid> pools);
  runtime::Task<Status> open_shard(Uuid pool);
  runtime::Task<Status> make_shard(messages::ShardCreateRequest request, map::PoolMapRef map);
  /// The pool's folder is gone, and its pieces are free: durably, in this order.
  runtime::Task<Status> remove_shard(Uuid pool);
  runtime::Task<Status> create_shard_in_turn(messages::ShardCreateRequest request);
  runtime::Task<Status> destroy_shard_in_turn(Uuid pool);
  vos::ShardOptions shard_options() const;

  runtime::Reactor& reactor_;
  storage::Disk& disk_;
  TargetConfig config_;
  BulkBuffers bulk_buffers_;
  rpc::Node node_;
  runtime::Scope scope_;
  runtime::Semaphore shard_turn_;  // creations and destructions, one at a time
  std::map<Uuid, std::shared_ptr<PoolShard>> shards_;
  vos::PieceTable pieces_;  // with a device
  uint64_t piece_bytes_ = 0;
  fabric::PeerId service_;
};

}  // namespace daos::target
