// daos: a user's view of a system, its pools and containers. One verb, one file; verbs.h lists them.
#include "programs/daos/verbs.h"

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
  cli::add_container_list(program, pool, "list-containers", {"list-cont"}, global);
  CLI::App& container = program.noun(program.app(), "container", {"cont"}, "Containers of a pool");
  cli::add_container_create(program, container, global);
  cli::add_container_list(program, container, "list", {"ls"}, global);
  cli::add_container_query(program, container, global);
  cli::add_container_destroy(program, container, global);
  cli::add_version(program);
  return program.run(argc, argv);
}
