// The client's end of the control socket: used by dmg, and by daos_server's own verbs. One call at a time.
// gRPC itself is kept out of this header: it costs seconds of compilation in every file that sees it.
#pragma once

#include <control.pb.h>

#include <memory>
#include <string>

#include "platform/base/status.h"
#include "platform/base/units.h"

namespace daos::control {

/// $DAOS_AGENT_DRPC_DIR, or where the agent is by default.
std::string socket_directory();

class Client {
 public:
  /// kUnreachable when nobody serves the socket, saying how to start a system and how to find one.
  static Result<std::unique_ptr<Client>> connect(const std::string& directory);
  ~Client();

  /// No answer within this time is kTimedOut. Enough for a pool whose logs are written once over on a slow disk.
  void set_limit(Duration limit) { limit_ = limit; }

  Result<SystemQueryReply> system_query(const SystemQueryRequest& request);
  Result<PoolCreateReply> pool_create(const PoolCreateRequest& request);
  Result<PoolDestroyReply> pool_destroy(const PoolDestroyRequest& request);
  Result<PoolListReply> pool_list(const PoolListRequest& request);
  Result<PoolQueryReply> pool_query(const PoolQueryRequest& request);
  Result<PoolQueryTargetsReply> pool_query_targets(const PoolQueryTargetsRequest& request);
  Result<PoolGetPropertiesReply> pool_get_properties(const PoolGetPropertiesRequest& request);
  Result<PoolSetPropertiesReply> pool_set_properties(const PoolSetPropertiesRequest& request);
  Result<PoolAclReply> pool_get_acl(const PoolGetAclRequest& request);
  Result<PoolAclReply> pool_change_acl(const PoolChangeAclRequest& request);
  Result<PoolEvictReply> pool_evict(const PoolEvictRequest& request);
  Result<ContainerSetOwnerReply> container_set_owner(const ContainerSetOwnerRequest& request);
  Result<LocalStatusReply> local_status(const LocalStatusRequest& request);
  Result<LocalStatusReply> local_resume(const LocalResumeRequest& request);

 private:
  struct Stubs;
  explicit Client(std::unique_ptr<Stubs> stubs);
  template <class Stub, class Method, class Request>
  auto call(Stub& stub, Method method, const Request& request);

  std::unique_ptr<Stubs> stubs_;
  Duration limit_ = std::chrono::minutes(2);
};

}  // namespace daos::control
