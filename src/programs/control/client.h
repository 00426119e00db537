// The client's end of the control socket: used by dmg, and by daos_server's own verbs. One call at a time.
#pragma once

#include <control.grpc.pb.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "platform/base/status.h"
#include "platform/base/units.h"
#include "platform/fabric/local_socket.h"

namespace daos::control {

/// $DAOS_AGENT_DRPC_DIR, or where the agent is by default.
std::string socket_directory();

/// A gRPC status as ours, and back: the details carry the error's number.
Status from_grpc(const grpc::Status& status);
grpc::Status to_grpc(const Status& status);

class Client {
 public:
  /// kUnreachable when nobody serves the socket, saying how to start a system and how to find one.
  static Result<std::unique_ptr<Client>> connect(const std::string& directory);

  /// client.call(&Control::Stub::PoolQuery, client.control(), request, limit)
  template <class Stub, class Request, class Reply>
  Result<Reply> call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*), Stub& stub,
                     const Request& request, Duration limit) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + limit);
    Reply reply;
    const grpc::Status status = (stub.*method)(&context, request, &reply);
    if (!status.ok()) return from_grpc(status);
    return reply;
  }
  Control::Stub& control() { return *control_; }
  Local::Stub& local() { return *local_; }

 private:
  Client(fabric::SocketPath path, const std::shared_ptr<grpc::Channel>& channel)
      : path_(std::move(path)), control_(Control::NewStub(channel)), local_(Local::NewStub(channel)) {}

  fabric::SocketPath path_;
  std::unique_ptr<Control::Stub> control_;
  std::unique_ptr<Local::Stub> local_;
};

}  // namespace daos::control
