// The Local service of control.proto: what `daos_server local --dir DIR status`, and --daemon on a running system, ask.
#pragma once

#include <control.grpc.pb.h>

#include "programs/local/system.h"

namespace daos::program {

class LocalService final : public control::Local::Service {
 public:
  explicit LocalService(local::LocalSystem& system) : system_(system) {}

  grpc::Status Status(grpc::ServerContext* context, const control::LocalStatusRequest* request,
                      control::LocalStatusReply* reply) override;
  grpc::Status Resume(grpc::ServerContext* context, const control::LocalResumeRequest* request,
                      control::LocalStatusReply* reply) override;

 private:
  local::LocalSystem& system_;
};

}  // namespace daos::program
