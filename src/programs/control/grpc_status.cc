#include "programs/control/grpc_status.h"

#include <charconv>

namespace daos::control {

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

}  // namespace daos::control
