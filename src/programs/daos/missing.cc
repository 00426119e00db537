// Verbs of the reference that are not there yet: each says so, and what works instead. None pretends.
#include "programs/daos/verbs.h"

namespace daos::cli {

void add_missing(arguments::Program& program, CLI::App& container, CLI::App& health) {
  const std::string snapshots = "snapshots are not there yet: nothing was done";
  for (const char* verb : {"create-snap", "snap", "list-snaps", "list-snap", "destroy-snap"}) {
    program.missing_verb(container, verb, snapshots);
  }
  for (const char* verb : {"list-objects", "list-obj"}) {
    program.missing_verb(container, verb,
                         "the objects of a container are listed at a snapshot, and snapshots are not there yet; "
                         "`daos object query POOL CONTAINER OID` shows where one is");
  }
  program.missing_verb(container, "check",
                       "a container is checked at a snapshot, and neither snapshots nor the copies that would be "
                       "compared are there yet");
  program.missing_verb(container, "rollback", "DER_NOSYS(-1010): containers are not rolled back to a snapshot");
  program.missing_verb(container, "clone",
                       "containers are not copied yet: create one with `daos container create` and copy its data with "
                       "a program of your own");
  program.missing_verb(health, "net-test",
                       "the network is not tested by itself yet; `daos pool autotest POOL` measures whole operations");
  for (const char* noun : {"filesystem", "fs"}) {
    program.missing_verb(program.app(), noun,
                         "files are not there yet; what is: containers of type POSIX with their root directory "
                         "(`daos container create --type=POSIX POOL CONTAINER`)");
  }
}

}  // namespace daos::cli
