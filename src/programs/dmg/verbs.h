// Every verb of dmg: one file each, registered by one function here. A verb parses, asks daos_server, and fills both
// faces of the answer (text and JSON).
#pragma once

#include "programs/arguments/program.h"
#include "programs/control/client.h"

namespace daos::dmg {

void add_pool_create(arguments::Program& program, CLI::App& pool);
void add_pool_destroy(arguments::Program& program, CLI::App& pool);
void add_pool_list(arguments::Program& program, CLI::App& pool);
void add_pool_query(arguments::Program& program, CLI::App& pool);
void add_system_query(arguments::Program& program, CLI::App& system);
void add_version(arguments::Program& program);

/// Asks the system that $DAOS_AGENT_DRPC_DIR names.
template <class Request, class Reply>
Result<Reply> ask(Result<Reply> (control::Client::*method)(const Request&), const Request& request) {
  const std::unique_ptr<control::Client> client = DX_TRY(control::Client::connect(control::socket_directory()));
  return (client.get()->*method)(request);
}

}  // namespace daos::dmg
