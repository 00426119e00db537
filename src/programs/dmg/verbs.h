// Every verb of dmg: one file each, registered by one function here. A verb parses, asks daos_server, and fills both
// faces of the answer (text and JSON).
#pragma once

#include "programs/arguments/program.h"
#include "programs/control/client.h"

namespace daos::dmg {

void add_pool_create(arguments::Program& program, CLI::App& pool);
void add_pool_destroy(arguments::Program& program, CLI::App& pool);
/// As `dmg pool list` and `dmg system list-pools`.
void add_pool_list(arguments::Program& program, CLI::App& noun, const std::string& name,
                   const std::vector<std::string>& aliases);
void add_pool_query(arguments::Program& program, CLI::App& pool);
void add_pool_query_targets(arguments::Program& program, CLI::App& pool);
void add_pool_get_prop(arguments::Program& program, CLI::App& pool);
void add_pool_set_prop(arguments::Program& program, CLI::App& pool);
void add_pool_get_acl(arguments::Program& program, CLI::App& pool);
void add_pool_overwrite_acl(arguments::Program& program, CLI::App& pool);
void add_pool_update_acl(arguments::Program& program, CLI::App& pool);
void add_pool_delete_acl(arguments::Program& program, CLI::App& pool);
void add_pool_evict(arguments::Program& program, CLI::App& pool);
void add_container_set_owner(arguments::Program& program, CLI::App& container);
void add_system_leader_query(arguments::Program& program, CLI::App& system);
void add_system_query(arguments::Program& program, CLI::App& system);
void add_server_version(arguments::Program& program);
/// Verbs that are refused by name, with what works instead.
void add_missing(arguments::Program& program, CLI::App& pool, CLI::App& system);
void add_version(arguments::Program& program);

/// Asks the system that $DAOS_AGENT_DRPC_DIR names.
template <class Request, class Reply>
Result<Reply> ask(Result<Reply> (control::Client::*method)(const Request&), const Request& request) {
  const std::unique_ptr<control::Client> client = DX_TRY(control::Client::connect(control::socket_directory()));
  return (client.get()->*method)(request);
}

}  // namespace daos::dmg
