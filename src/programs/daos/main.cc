// daos: a user's view of a system, its pools and containers. One verb, one file; verbs.h lists them.
#include "programs/daos/verbs.h"

namespace {

void add_attributes(daos::arguments::Program& program, CLI::App& noun, daos::cli::HolderKind kind,
                    const daos::cli::Global& global) {
  daos::cli::add_attribute_list(program, noun, kind, global);
  daos::cli::add_attribute_get(program, noun, kind, global);
  daos::cli::add_attribute_set(program, noun, kind, global);
  daos::cli::add_attribute_delete(program, noun, kind, global);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace daos;
  arguments::Program program(
      "daos",
      "Works with the pools and containers of a DAOS system. It is found by $DAOS_AGENT_DRPC_DIR: "
      "eval \"$(daos_server local --dir DIR status --env)\"");
  cli::Global global;
  program.app().add_option("-G,--sys-name", global.system, "The system's name (default: the agent's)");
  program.app().add_flag("--verbose", global.verbose, "More output where there is more");
  program.app().add_flag("--debug", global.debug, "Accepted")->group("");

  CLI::App& pool = program.noun(program.app(), "pool", {}, "Pools");
  cli::add_pool_list(program, pool, global);
  cli::add_pool_query(program, pool, global);
  cli::add_pool_query_targets(program, pool, global);
  cli::add_pool_get_prop(program, pool, global);
  cli::add_pool_autotest(program, pool, global);
  cli::add_container_list(program, pool, "list-containers", {"list-cont"}, global);
  add_attributes(program, pool, cli::HolderKind::kPool, global);
  CLI::App& container = program.noun(program.app(), "container", {"cont"}, "Containers of a pool");
  cli::add_container_create(program, container, global);
  cli::add_container_list(program, container, "list", {"ls"}, global);
  cli::add_container_query(program, container, global);
  cli::add_container_destroy(program, container, global);
  cli::add_container_link(program, container, global);
  cli::add_container_stat(program, container, global);
  cli::add_container_evict(program, container, global);
  cli::add_container_get_prop(program, container, global);
  cli::add_container_set_prop(program, container, global);
  cli::add_container_get_acl(program, container, global);
  cli::add_container_overwrite_acl(program, container, global);
  cli::add_container_update_acl(program, container, global);
  cli::add_container_delete_acl(program, container, global);
  cli::add_container_set_owner(program, container, global);
  add_attributes(program, container, cli::HolderKind::kContainer, global);
  CLI::App& object = program.noun(program.app(), "object", {"obj"}, "Objects of a container");
  cli::add_object_query(program, object, global);
  CLI::App& system = program.noun(program.app(), "system", {"sys"}, "The system");
  cli::add_system_query(program, system, global);
  CLI::App& health = program.noun(program.app(), "health", {}, "How everything is");
  cli::add_health_check(program, health, global);
  cli::add_missing(program, container, health);
  cli::add_server_version(program, global);
  cli::add_version(program);
  return program.run(argc, argv);
}
