// dmg: administration of a DAOS system. One verb, one file; verbs.h lists them.
#include "programs/dmg/verbs.h"

int main(int argc, char** argv) {
  using namespace daos;
  arguments::Program program("dmg",
                             "Administers a DAOS system. It is found by $DAOS_AGENT_DRPC_DIR: "
                             "eval \"$(daos_server local --dir DIR status --env)\"");
  // Scripts written for several hosts pass these; over a unix socket there is nothing to secure.
  bool accepted = false;
  program.app().add_flag("-i,--insecure", accepted)->group("");
  program.app().add_flag("-d,--debug", accepted)->group("");

  CLI::App& pool = program.noun(program.app(), "pool", {}, "Pools");
  dmg::add_pool_create(program, pool);
  dmg::add_pool_list(program, pool, "list", {"ls"});
  dmg::add_pool_query(program, pool);
  dmg::add_pool_query_targets(program, pool);
  dmg::add_pool_get_prop(program, pool);
  dmg::add_pool_set_prop(program, pool);
  dmg::add_pool_get_acl(program, pool);
  dmg::add_pool_overwrite_acl(program, pool);
  dmg::add_pool_update_acl(program, pool);
  dmg::add_pool_delete_acl(program, pool);
  dmg::add_pool_evict(program, pool);
  dmg::add_pool_destroy(program, pool);
  CLI::App& container = program.noun(program.app(), "container", {"cont"}, "Containers of a pool");
  dmg::add_container_set_owner(program, container);
  CLI::App& system = program.noun(program.app(), "system", {"sys"}, "The system");
  dmg::add_system_query(program, system);
  dmg::add_system_leader_query(program, system);
  dmg::add_pool_list(program, system, "list-pools", {});
  dmg::add_missing(program, pool, system);
  dmg::add_server_version(program);
  dmg::add_version(program);
  return program.run(argc, argv);
}
