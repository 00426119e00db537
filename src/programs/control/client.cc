#include "programs/control/client.h"

#include <control.grpc.pb.h>
#include <grpcpp/grpcpp.h>

#include <cstdlib>

#include "model/messages/attach.h"
#include "platform/fabric/local_socket.h"
#include "programs/control/grpc_status.h"

namespace daos::control {
namespace {
constexpr const char* kDefaultDirectory = "/var/run/daos_agent";
constexpr Duration kConnectLimit = std::chrono::seconds(5);
}  // namespace

struct Client::Stubs {
  fabric::SocketPath path;
  std::unique_ptr<Control::Stub> control;
  std::unique_ptr<Local::Stub> local;
};

std::string socket_directory() {
  const char* directory = std::getenv("DAOS_AGENT_DRPC_DIR");
  return directory != nullptr && *directory != 0 ? directory : kDefaultDirectory;
}

Result<std::unique_ptr<Client>> Client::connect(const std::string& directory) {
  const std::string path = directory + "/" + std::string(messages::kControlSocketName);
  // Asked with a plain socket first: gRPC would only say "unavailable", after having tried for a while.
  if (const Status reachable = fabric::LocalSocket::connect(path, kConnectLimit).status(); !reachable.ok()) {
    if (reachable.code() == Code::kNoPerm) {
      return error(Code::kNoPerm, "{}: only the user who started the system, and root, may administer it",
                   reachable.message());
    }
    return error(Code::kUnreachable,
                 "no DAOS system answers at {}. Start one with `daos_server local --dir DIR --daemon`, then "
                 "`eval \"$(daos_server local --dir DIR status --env)\"`",
                 path);
  }
  fabric::SocketPath short_path = DX_TRY(fabric::SocketPath::make(path));
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const std::shared_ptr<grpc::Channel> channel =
      grpc::CreateCustomChannel("unix:" + short_path.text(), grpc::InsecureChannelCredentials(), arguments);
  return std::unique_ptr<Client>(new Client(std::unique_ptr<Stubs>(new Stubs{
      .path = std::move(short_path), .control = Control::NewStub(channel), .local = Local::NewStub(channel)})));
}

Client::Client(std::unique_ptr<Stubs> stubs) : stubs_(std::move(stubs)) {}
Client::~Client() = default;

namespace {
template <class Stub, class Request, class Reply>
Reply reply_of(grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Reply*));
}

template <class Stub, class Method, class Request>
auto Client::call(Stub& stub, Method method, const Request& request) {
  decltype(reply_of(method)) reply;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + limit_);
  const grpc::Status status = (stub.*method)(&context, request, &reply);
  return status.ok() ? Result<decltype(reply)>(std::move(reply)) : Result<decltype(reply)>(from_grpc(status));
}

Result<SystemQueryReply> Client::system_query(const SystemQueryRequest& request) {
  return call(*stubs_->control, &Control::Stub::SystemQuery, request);
}
Result<PoolCreateReply> Client::pool_create(const PoolCreateRequest& request) {
  return call(*stubs_->control, &Control::Stub::PoolCreate, request);
}
Result<PoolDestroyReply> Client::pool_destroy(const PoolDestroyRequest& request) {
  return call(*stubs_->control, &Control::Stub::PoolDestroy, request);
}
Result<PoolListReply> Client::pool_list(const PoolListRequest& request) {
  return call(*stubs_->control, &Control::Stub::PoolList, request);
}
Result<PoolQueryReply> Client::pool_query(const PoolQueryRequest& request) {
  return call(*stubs_->control, &Control::Stub::PoolQuery, request);
}
Result<PoolQueryTargetsReply> Client::pool_query_targets(const PoolQueryTargetsRequest& request) {
  return call(*stubs_->control, &Control::Stub::PoolQueryTargets, request);
}
Result<PoolGetPropertiesReply> Client::pool_get_properties(const PoolGetPropertiesRequest& request) {
  return call(*stubs_->control, &Control::Stub::PoolGetProperties, request);
}
Result<PoolSetPropertiesReply> Client::pool_set_properties(const PoolSetPropertiesRequest& request) {
  return call(*stubs_->control, &Control::Stub::PoolSetProperties, request);
}
Result<PoolAclReply> Client::pool_get_acl(const PoolGetAclRequest& request) {
  return call(*stubs_->control, &Control::Stub::PoolGetAcl, request);
}
Result<PoolAclReply> Client::pool_change_acl(const PoolChangeAclRequest& request) {
  return call(*stubs_->control, &Control::Stub::PoolChangeAcl, request);
}
Result<PoolEvictReply> Client::pool_evict(const PoolEvictRequest& request) {
  return call(*stubs_->control, &Control::Stub::PoolEvict, request);
}
Result<ContainerSetOwnerReply> Client::container_set_owner(const ContainerSetOwnerRequest& request) {
  return call(*stubs_->control, &Control::Stub::ContainerSetOwner, request);
}
Result<LocalStatusReply> Client::local_status(const LocalStatusRequest& request) {
  return call(*stubs_->local, &Local::Stub::Status, request);
}
Result<LocalStatusReply> Client::local_resume(const LocalResumeRequest& request) {
  return call(*stubs_->local, &Local::Stub::Resume, request);
}

}  // namespace daos::control
