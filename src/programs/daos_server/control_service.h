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

 private:
  /// Asks the services until the gRPC call's deadline.
  template <class Request>
  Result<typename Request::Reply> ask(grpc::ServerContext* context, Request request);
  Status query_pool(grpc::ServerContext* context, const messages::PoolSummary& summary, control::PoolQueryReply& reply);
  Status create_pool(grpc::ServerContext* context, const control::PoolCreateRequest& request,
                     control::PoolCreateReply& reply);
  Uuid random_uuid();

  local::LocalSystem& system_;
};

}  // namespace daos::program
