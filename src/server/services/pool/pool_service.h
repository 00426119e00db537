// A pool's service: its state machine, and what its changes mean for engines.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "model/messages/administration.h"
#include "model/messages/handle_lease.h"
#include "server/services/engine_directory.h"
#include "server/services/pool/pool_state.h"

namespace daos::services {

class PoolService {
 public:
  /// `scope` is where work that outlives a request runs.
  PoolService(EngineDirectory& engines, storage::Disk& disk, runtime::Scope& scope, std::string directory)
      : engines_(engines), disk_(disk), scope_(scope), directory_(std::move(directory)) {}

  runtime::Task<Status> open();
  runtime::Task<Status> initialise(PoolInit init);
  runtime::Task<Status> close();
  /// After a restart: targets forget their cached handles, and wipe what they missed.
  runtime::Task<Status> resume();
  const PoolState& state() const { return state_; }

  runtime::Task<Result<messages::PoolConnectReply>> connect(messages::PoolConnectRequest request);
  runtime::Task<Result<messages::Nothing>> disconnect(messages::PoolDisconnectRequest request);
  runtime::Task<Result<messages::PoolInfo>> query(messages::PoolQueryRequest request);
  Result<messages::PoolMapReply> map() const;
  Result<messages::HandleRights> rights(const messages::HandleId& handle) const;
  runtime::Task<Result<messages::Nothing>> create_container(messages::ContainerCreateRequest request);
  runtime::Task<Result<messages::ContainerInfo>> open_container(messages::ContainerOpenRequest request);
  runtime::Task<Result<messages::Nothing>> close_container(messages::ContainerCloseRequest request);
  runtime::Task<Result<messages::Nothing>> destroy_container(messages::ContainerDestroyRequest request);
  Result<messages::ContainerListReply> list_containers(const messages::ContainerListRequest& request) const;
  runtime::Task<Result<messages::TargetInfo>> query_target(messages::TargetQueryRequest request);
  runtime::Task<Result<messages::Nothing>> data_lost(messages::PoolDataLostRequest request);
  runtime::Task<Result<messages::Nothing>> step_down(messages::PoolServiceStopRequest request);

  // container_calls.cc
  runtime::Task<Result<messages::ContainerInfo>> query_container(messages::ContainerQueryRequest request);
  runtime::Task<Result<messages::Nothing>> change_container(messages::ContainerChangeRequest request);
  runtime::Task<Result<messages::Nothing>> change_acl(messages::ContainerAclRequest request);
  runtime::Task<Result<messages::ObjectIdsReply>> allocate_object_ids(messages::ObjectIdsRequest request);

  // administration_calls.cc
  runtime::Task<Status> change(Uuid operation, messages::Properties properties);
  runtime::Task<Result<messages::Nothing>> change_pool_acl(messages::PoolAclRequest request);
  runtime::Task<Result<messages::Nothing>> evict(messages::PoolEvictRequest request);
  runtime::Task<Result<messages::Nothing>> change_owner(messages::ContainerOwnerRequest request);

  // attribute_calls.cc
  runtime::Task<Result<messages::AttributeListReply>> list_attributes(messages::AttributeListRequest request);
  runtime::Task<Result<messages::AttributeGetReply>> get_attributes(messages::AttributeGetRequest request);
  runtime::Task<Result<messages::Nothing>> set_attributes(messages::AttributeSetRequest request);
  runtime::Task<Result<messages::Nothing>> delete_attributes(messages::AttributeDeleteRequest request);

  /// The client's process ended.
  runtime::Task<Status> end_client(Uuid client);
  /// Closes everything, before the pool is destroyed.
  runtime::Task<Status> evict_all();
  /// The engine (re)joined, perhaps elsewhere.
  runtime::Task<Status> engine_joined(map::Rank rank, messages::EngineAddress address, bool moved);

 private:
  /// How long a change waits for an engine that does not answer. An engine that is gone restarts with nothing cached,
  /// and one that is only out of reach has by then no answer about a handle left that it may trust.
  static constexpr Duration kEngineLimit = messages::kRevocationWait;

  template <class Command>
  runtime::Task<Result<typename Command::Answer>> propose(Uuid operation, Command command) {
    const ByteVector answer = DX_CO_TRY(co_await replica_->propose(operation, encode_command(command)));
    co_return decode_answer<typename Command::Answer>(answer);
  }
  Uuid new_operation() { return reactor().rng().uuid(); }
  uint64_t now() { return reactor().hlc().next(); }
  runtime::Reactor& reactor() { return engines_.node().reactor(); }
  /// Every target refuses these handles when this returns: because it was told, or because its leases have run out.
  /// When a client repeats what it has had no answer to, the time counts from the first call.
  runtime::Task<void> revoke(std::vector<messages::HandleId> handles);
  /// Has all targets that can be reached ask again about every handle.
  runtime::Task<void> forget_cached();
  /// `until`: how long it is tried again and again.
  runtime::Task<void> tell(map::Rank rank, messages::HandleRevokeRequest request, Time until, bool& told);
  runtime::Task<void> tell_all(messages::HandleRevokeRequest request, Time until);
  /// Has the engines in `ranks` remove the data of a destroyed container; those that do not answer are asked when they
  /// join.
  runtime::Task<Status> wipe(messages::ContainerId container, std::vector<map::Rank> ranks);
  runtime::Task<Status> set_map(map::PoolMapRef map);
  runtime::Task<Result<messages::PoolInfo>> info(bool with_space);

  static constexpr Duration kRepetitions = std::chrono::minutes(2);  // a client is not that patient

  EngineDirectory& engines_;
  std::map<messages::HandleId, Time> lapsed_;  // revoked handles: when no target trusts them any more
  storage::Disk& disk_;
  runtime::Scope& scope_;
  std::string directory_;
  PoolState state_;
  std::unique_ptr<consensus::Replica> replica_;
};

}  // namespace daos::services
