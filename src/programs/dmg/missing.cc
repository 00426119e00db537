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

  const auto hidden = [&program](const std::string& name, const std::string& why,
                                 std::initializer_list<const char*> verbs) {
    CLI::App& noun = program.noun(program.app(), name, {}, "");
    noun.group("");
    all_missing(program, noun, verbs, why);
  };
  const std::string one_machine = "this needs several hosts, which are not there yet";
  hidden("server", "log masks are not changed at run time: the engines' logs are in DIR/log", {"set-logmasks", "slm"});
  hidden("config", one_machine, {"generate", "gen"});
  hidden("network", "the network is not scanned: a local system uses tcp on the loopback interface", {"scan"});
  hidden("check", "the system checker is not there yet",
         {"enable", "disable", "start", "stop", "query", "repair", "set-policy", "get-policy"});
  hidden("telemetry", "metrics are not there yet", {"config", "metrics"});
  hidden("support", "the logs of a local system are in DIR/log", {"collect-log"});

  CLI::App& storage = program.noun(program.app(), "storage", {"sto"}, "");
  storage.group("");
  program.missing_verb(storage, "format",
                       "there is nothing to format by hand: `daos_server local --dir DIR` formats a new directory and "
                       "starts the system in it");
  all_missing(program, storage, {"scan", "query", "set", "replace", "led", "nvme-rebind", "nvme-add-device"},
              "there are no devices to look after: `daos_server local --dir DIR` keeps everything in DIR");
}

}  // namespace daos::dmg
