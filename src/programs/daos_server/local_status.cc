#include "programs/control/client.h"
#include "programs/daos_server/local_options.h"
#include "programs/output/table.h"

namespace daos::program {
namespace {

Status not_running(const local::Directory& directory) {
  if (directory.holds_system()) {
    return error(Code::kNonexistent,
                 "the system in {} does not run. Start it with `daos_server local --dir {} --daemon`", directory.path(),
                 directory.path());
  }
  return error(Code::kNonexistent, "{} holds no system. Make one with `daos_server local --dir {} --daemon`",
               directory.path(), directory.path());
}

std::string state_of(const control::LocalEngine& engine) {
  if (engine.serving()) return "Serving";
  return engine.pid() != 0 ? "Starting" : "Down";
}

}  // namespace

Result<output::Answer> local_status(const LocalOptions& options) {
  const local::Directory directory = DX_TRY(local::Directory::at(options.directory));
  if (!DX_TRY(local::running_server(directory))) return not_running(directory);
  if (options.environment) {
    return output::Answer{.text = directory.environment() + "\n", .json = {{"DAOS_AGENT_DRPC_DIR", directory.run()}}};
  }
  const std::unique_ptr<control::Client> client = DX_TRY(control::Client::connect(directory.run()));
  const control::LocalStatusReply reply = DX_TRY(client->local_status(control::LocalStatusRequest()));

  output::Answer answer;
  answer.text = fmt::format("System \"{}\" in {}: daos_server is process {}\n\n", reply.name(), reply.directory(),
                            reply.server_pid());
  std::vector<output::Row> rows;
  output::Json engines = output::Json::array();
  for (const control::LocalEngine& engine : reply.engines()) {
    rows.push_back({std::to_string(engine.rank()), state_of(engine), engine.pid() ? std::to_string(engine.pid()) : "-",
                    std::to_string(reply.targets()), std::to_string(engine.system_port()),
                    std::to_string(engine.restarts()), engine.log()});
    engines.push_back(
        {{"rank", engine.rank()},
         {"state", state_of(engine)},
         {"pid", engine.pid()},
         {"system_port", engine.system_port()},
         {"target_ports", std::vector<uint32_t>(engine.target_ports().begin(), engine.target_ports().end())},
         {"restarts", engine.restarts()},
         {"last_end", engine.last_end()},
         {"log", engine.log()}});
  }
  answer.text += output::table({"Rank", "State", "Process", "Targets", "Port", "Restarts", "Log"}, rows);
  answer.text += fmt::format("\n{}\n", directory.environment());
  answer.json = {{"directory", reply.directory()},
                 {"system", reply.name()},
                 {"uuid", reply.system()},
                 {"server_pid", reply.server_pid()},
                 {"targets_per_engine", reply.targets()},
                 {"agent_directory", directory.run()},
                 {"engines", std::move(engines)}};
  return answer;
}

}  // namespace daos::program
