#include "programs/control/client.h"

#include <charconv>
#include <cstdlib>

#include "model/messages/attach.h"

namespace daos::control {
namespace {
constexpr const char* kDefaultDirectory = "/var/run/daos_agent";
constexpr Duration kConnectLimit = std::chrono::seconds(5);
}  // namespace

std::string socket_directory() {
  const char* directory = std::getenv("DAOS_AGENT_DRPC_DIR");
  return directory != nullptr && *directory != 0 ? directory : kDefaultDirectory;
}

Status from_grpc(const grpc::Status& status) {
  if (status.ok()) return {};
  const std::string& details = status.error_details();
  int32_t number = 0;
  const auto [end, err] = std::from_chars(details.data(), details.data() + details.size(), number);
  if (err == std::errc() && number > 0) return Status(code_from_number(number), status.error_message());
  switch (status.error_code()) {
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return Status(Code::kTimedOut, "daos_server did not answer in time");
    case grpc::StatusCode::UNAVAILABLE:
      return error(Code::kUnreachable, "the connection to daos_server ended: {}", status.error_message());
    case grpc::StatusCode::UNIMPLEMENTED:
      return Status(Code::kNotImplemented, "daos_server is an older build and does not know this request");
    default:
      return Status(Code::kMisc, status.error_message());
  }
}

grpc::Status to_grpc(const Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string_view words = status.message().empty() ? code_sentence(status.code()) : status.message();
  return {grpc::StatusCode::FAILED_PRECONDITION, std::string(words),
          std::to_string(static_cast<int32_t>(status.code()))};
}

Result<std::unique_ptr<Client>> Client::connect(const std::string& directory) {
  const std::string path = directory + "/" + std::string(messages::kControlSocketName);
  // Asked with a plain socket first: gRPC would only say "unavailable", after having tried for a while.
  if (const Status reachable = fabric::LocalSocket::connect(path, kConnectLimit).status(); !reachable.ok()) {
    if (reachable.code() == Code::kNoPerm) return error(Code::kNoPerm, "{}", reachable.message());
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
  return std::unique_ptr<Client>(new Client(std::move(short_path), channel));
}

}  // namespace daos::control
