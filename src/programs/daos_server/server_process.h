// Everything that runs inside a daos_server: one reactor thread with the local system, and the control socket's gRPC
// server.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "platform/fabric/tcp/tcp.h"
#include "platform/runtime/driver.h"
#include "programs/daos_server/control_service.h"
#include "programs/daos_server/local_service.h"
#include "programs/local/system.h"

namespace daos::program {

class ServerProcess {
 public:
  /// Returns when every engine serves and both sockets answer.
  static Result<std::unique_ptr<ServerProcess>> start(const local::Directory& directory, local::SystemOptions options,
                                                      Logger log);
  /// Ends everything in order.
  ~ServerProcess();
  local::LocalSystem& system() { return *system_; }

 private:
  ServerProcess() = default;
  Status serve_control(const local::Directory& directory);

  runtime::SystemClock clock_;
  std::unique_ptr<runtime::ReactorThread> thread_;
  std::unique_ptr<fabric::tcp::TcpTransport> transport_;
  std::unique_ptr<local::LocalSystem> system_;
  bool started_ = false;
  std::unique_ptr<ControlService> control_;
  std::unique_ptr<LocalService> local_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace daos::program
