// The Control service of control.proto, answered by asking the system's and the pools' services. gRPC calls these
// functions from its own threads; they run a coroutine on the system's reactor and wait.
#pragma once

#include <control.grpc.pb.h>

#include "programs/local/system.h"

namespace daos::program {

class ControlService final : public control::Control::Service {
 public:
  explicit ControlService(local::LocalSystem& system) : system_(system) {}

  grpc::Status SystemQuery(grpc::ServerContext* context, const control::SystemQueryRequest* request,
                           control::SystemQueryReply* reply) override;
  grpc::Status PoolCreate(grpc::ServerContext* context, const control::PoolCreateRequest* request,
                          control::PoolCreateReply* reply) override;
  grpc::Status PoolDestroy(grpc::ServerContext* context, const control::PoolDestroyRequest* request,
                           control::PoolDestroyReply* reply) override;
  grpc::Status PoolList(grpc::ServerContext* context, const control::PoolListRequest* request,
                        control::PoolListReply* reply) override;
  grpc::Status PoolQuery(grpc::ServerContext* context, const control::PoolQueryRequest* request,
                         control::PoolQueryReply* reply) override;
  // control_changes.cc
  grpc::Status PoolQueryTargets(grpc::ServerContext* context, const control::PoolQueryTargetsRequest* request,
                                control::PoolQueryTargetsReply* reply) override;
  grpc::Status PoolGetProperties(grpc::ServerContext* context, const control::PoolGetPropertiesRequest* request,
                                 control::PoolGetPropertiesReply* reply) override;
  grpc::Status PoolSetProperties(grpc::ServerContext* context, const control::PoolSetPropertiesRequest* request,
                                 control::PoolSetPropertiesReply* reply) override;
  grpc::Status PoolGetAcl(grpc::ServerContext* context, const control::PoolGetAclRequest* request,
                          control::PoolAclReply* reply) override;
  grpc::Status PoolChangeAcl(grpc::ServerContext* context, const control::PoolChangeAclRequest* request,
                             control::PoolAclReply* reply) override;
  grpc::Status PoolEvict(grpc::ServerContext* context, const control::PoolEvictRequest* request,
                         control::PoolEvictReply* reply) override;
  grpc::Status ContainerSetOwner(grpc::ServerContext* context, const control::ContainerSetOwnerRequest* request,
                                 control::ContainerSetOwnerReply* reply) override;

 private:
  static Duration remaining(grpc::ServerContext* context);
  /// Asks the services until the gRPC call's deadline.
  template <class Request>
  Result<typename Request::Reply> ask(grpc::ServerContext* context, Request request) {
    using Answer = Result<typename Request::Reply>;
    const Duration limit = remaining(context);
    return system_.run<Answer>([this, &request, limit]() -> runtime::Task<Answer> {
      return system_.services().ask(std::move(request), system_.services().reactor().within(limit));
    });
  }
  /// By label or uuid. kNonexistent.
  Result<messages::PoolSummary> find_pool(grpc::ServerContext* context, const std::string& name);
  Status query_targets(grpc::ServerContext* context, const control::PoolQueryTargetsRequest& request,
                       control::PoolQueryTargetsReply& reply);
  Status set_properties(grpc::ServerContext* context, const control::PoolSetPropertiesRequest& request);
  Status get_acl(grpc::ServerContext* context, const std::string& pool, control::PoolAclReply& reply);
  Status change_acl(grpc::ServerContext* context, const control::PoolChangeAclRequest& request);
  Status query_pool(grpc::ServerContext* context, const messages::PoolSummary& summary, control::PoolQueryReply& reply);
  Status create_pool(grpc::ServerContext* context, const control::PoolCreateRequest& request,
                     control::PoolCreateReply& reply);
  Uuid random_uuid();

  local::LocalSystem& system_;
};

}  // namespace daos::program
