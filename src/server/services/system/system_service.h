// The system service, and host of all pool services: on rank 0 for now.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "server/services/engine_directory.h"
#include "server/services/pool/pool_service.h"
#include "server/services/system/system_state.h"

namespace daos::services {

struct SystemConfig {
  Uuid system;
  std::string name;
  std::string provider;   // as attach answers name it
  std::string directory;  // of the services, on the disk
};

class SystemService {
 public:
  SystemService(rpc::Node& node, storage::Disk& disk, SystemConfig config);

  /// Recovers, and registers what it answers. Before the node listens: a request that came earlier would be told that
  /// its method, or its pool, does not exist, and nobody asks again after that.
  runtime::Task<Status> start();
  /// Once the node listens: finishes interrupted creations and destructions in the background.
  void resume() { scope_.spawn(finish_interrupted()); }
  runtime::Task<Status> stop();
  const SystemState& state() const { return state_; }

 private:
  void serve();
  runtime::Task<Status> open_pool(messages::PoolId pool);
  runtime::Task<Status> finish_interrupted();
  Result<std::shared_ptr<PoolService>> pool(const messages::PoolId& id);
  std::string pool_directory(const messages::PoolId& pool) const {
    return config_.directory + "/pool-" + pool.to_string();
  }

  runtime::Task<Result<messages::SystemJoinReply>> join(messages::SystemJoinRequest request);
  runtime::Task<Status> after_join(messages::Member member, bool moved);
  runtime::Task<Result<messages::SystemQueryReply>> query();
  runtime::Task<void> ask_state(messages::Member& member);
  runtime::Task<Result<messages::PoolSummary>> create_pool(messages::PoolCreateRequest request);
  runtime::Task<Status> make_pool(const PoolRecord& record, messages::PoolCreateRequest request);
  runtime::Task<Result<messages::Nothing>> destroy_pool(messages::PoolDestroyRequest request);
  /// Removes every trace of a pool that is marked as being destroyed, or was never finished.
  runtime::Task<Status> remove_pool(messages::PoolId pool);
  Result<messages::PoolListReply> list_pools(const messages::PoolListRequest& request) const;
  Result<messages::PoolResolveReply> resolve_pool(const messages::PoolResolveRequest& request);
  // administration.cc
  runtime::Task<Result<messages::Nothing>> change_pool(messages::PoolChangeRequest request);
  /// A pool's own service may have missed the label that it was given last.
  runtime::Task<Status> finish_rename(std::shared_ptr<PoolService> service, std::string label);
  runtime::Task<Result<messages::Nothing>> end_client(messages::ClientEndRequest request);

  template <class Command>
  runtime::Task<Result<typename Command::Answer>> propose(Uuid operation, Command command) {
    const ByteVector answer = DX_CO_TRY(co_await replica_->propose(operation, encode_command(command)));
    co_return decode_answer<typename Command::Answer>(answer);
  }
  /// Routes a request to the service of its pool.
  template <class Request, class Function>
  void serve_pool(Function function);
  template <class Request, class Function>
  runtime::Task<Result<typename Request::Reply>> route(Function function, Request request);

  rpc::Node& node_;
  storage::Disk& disk_;
  SystemConfig config_;
  runtime::Scope scope_;
  EngineDirectory engines_;
  SystemState state_;
  std::unique_ptr<consensus::Replica> replica_;
  std::map<messages::PoolId, std::shared_ptr<PoolService>> pools_;  // requests under way hold theirs
  std::set<messages::PoolId> busy_;                                 // being created or destroyed at this moment
};

}  // namespace daos::services
