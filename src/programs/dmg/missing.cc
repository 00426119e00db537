// Verbs of the reference that are not there yet: each says so, and what works instead. None pretends.
#include "programs/dmg/verbs.h"

namespace daos::dmg {
namespace {

void all_missing(arguments::Program& program, CLI::App& noun, std::initializer_list<const char*> verbs,
                 const std::string& why) {
  for (const char* verb : verbs) program.missing_verb(noun, verb, why);
}

}  // namespace

void add_missing(arguments::Program& program, CLI::App& pool, CLI::App& system) {
  all_missing(program, pool, {"extend", "exclude", "drain", "reintegrate", "reint", "rebuild"},
              "a pool keeps the engines that it was made on: moving its data needs copies, which are not there yet");
  all_missing(program, pool, {"upgrade"}, "there is one layout of pools only: nothing to upgrade");
  all_missing(program, system, {"stop", "start"},
              "one machine's system is started and stopped as a whole: `daos_server local --dir DIR --daemon` and "
              "`daos_server local --dir DIR stop`");
  all_missing(program, system, {"exclude", "clear-exclude", "drain", "reintegrate", "reint", "rebuild", "self-heal"},
              "ranks are not taken out of the system: moving their data needs copies, which are not there yet");
  all_missing(program, system, {"erase"}, "a stopped system is erased by removing its directory");
  all_missing(program, system, {"cleanup"}, "`dmg pool evict POOL` closes the handles of a pool");
  all_missing(program, system, {"set-attr", "get-attr", "del-attr", "set-prop", "get-prop"},
              "the system has no attributes and properties of its own yet; pools have: `dmg pool get-prop POOL`");

  // Of these nouns nothing is there: whatever stands behind them, or nothing, gets the same answer.
  for (const auto& [noun, why] : std::initializer_list<std::pair<const char*, const char*>>{
           {"server", "log masks are not changed at run time: the engines' logs are in DIR/log"},
           {"srv", "log masks are not changed at run time: the engines' logs are in DIR/log"},
           {"config", "a local system needs no configuration file: `daos_server local --dir DIR`"},
           {"cfg", "a local system needs no configuration file: `daos_server local --dir DIR`"},
           {"network", "the network is not scanned: a local system uses tcp on the loopback interface"},
           {"net", "the network is not scanned: a local system uses tcp on the loopback interface"},
           {"check", "the system checker is not there yet"},
           {"telemetry", "metrics are not there yet"},
           {"telem", "metrics are not there yet"},
           {"support", "there is nothing to collect: the logs of a local system are in DIR/log"},
           {"supp", "there is nothing to collect: the logs of a local system are in DIR/log"},
           {"storage",
            "there are no devices to format, scan or look after: `daos_server local --dir DIR` formats a new "
            "directory, starts the system in it, and keeps everything there"},
           {"sto",
            "there are no devices to format, scan or look after: `daos_server local --dir DIR` formats a new "
            "directory, starts the system in it, and keeps everything there"}}) {
    program.missing_verb(program.app(), noun, why);
  }
}

}  // namespace daos::dmg
