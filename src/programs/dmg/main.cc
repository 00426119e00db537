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
  dmg::add_pool_list(program, pool);
  dmg::add_pool_query(program, pool);
  dmg::add_pool_destroy(program, pool);
  CLI::App& system = program.noun(program.app(), "system", {"sys"}, "The system");
  dmg::add_system_query(program, system);
  dmg::add_version(program);

  CLI::App& storage = program.noun(program.app(), "storage", {"sto"}, "");
  storage.group("");
  const std::string formats =
      "there is nothing to format by hand: `daos_server local --dir DIR` formats a new directory and "
      "starts the system in it";
  program.missing_verb(storage, "format", formats);
  program.missing_verb(storage, "scan",
                       "storage is not scanned: `daos_server local --dir DIR` keeps everything in DIR");
  return program.run(argc, argv);
}
