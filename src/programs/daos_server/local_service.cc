#include "programs/daos_server/local_service.h"

#include <unistd.h>

#include "programs/control/grpc_status.h"

namespace daos::program {
namespace {

void describe(local::LocalSystem& system, control::LocalStatusReply& reply) {
  const local::SystemState state = system.state();
  reply.set_directory(system.directory().path());
  reply.set_system(state.system.system.to_string());
  reply.set_name(state.system.name);
  reply.set_server_pid(::getpid());
  reply.set_targets(state.system.shape.targets);
  for (const local::EngineState& engine : state.engines) {
    control::LocalEngine& row = *reply.add_engines();
    row.set_rank(engine.rank);
    row.set_pid(engine.pid);
    row.set_serving(engine.serving);
    row.set_system_port(engine.address.system_port);
    for (const uint16_t port : engine.address.target_ports) row.add_target_ports(port);
    row.set_restarts(engine.restarts);
    row.set_log(system.directory().engine_log(engine.rank));
    row.set_last_end(engine.last_end);
  }
}

}  // namespace

grpc::Status LocalService::Status(grpc::ServerContext*, const control::LocalStatusRequest*,
                                  control::LocalStatusReply* reply) {
  describe(system_, *reply);
  return grpc::Status::OK;
}

grpc::Status LocalService::Resume(grpc::ServerContext*, const control::LocalResumeRequest* request,
                                  control::LocalStatusReply* reply) {
  const local::Shape shape = system_.state().system.shape;
  const local::Shape asked{.engines = request->engines() ? request->engines() : shape.engines,
                           .targets = request->targets() ? request->targets() : shape.targets};
  if (asked != shape) {
    return control::to_grpc(error(Code::kExists,
                                  "{} holds a running system of {}, not {}: a system keeps its shape. Leave "
                                  "--engines and --targets out, or choose another directory",
                                  system_.directory().path(), shape.to_string(), asked.to_string()));
  }
  const daos::Status resumed = system_.resume();
  if (resumed.ok()) describe(system_, *reply);
  return control::to_grpc(resumed);
}

}  // namespace daos::program
