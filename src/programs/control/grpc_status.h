// A gRPC status as ours, and back: the details carry the error's number as text. For the two ends of the control
// socket.
#pragma once

#include <grpcpp/support/status.h>

#include "platform/base/status.h"

namespace daos::control {

Status from_grpc(const grpc::Status& status);
grpc::Status to_grpc(const Status& status);

}  // namespace daos::control
