// daos_engine: one engine process, `daos_engine --dir DIR/engine-R [--log FILE]`, started by daos_server; reads its
// superblock, runs the engine of src/server/engine on a thread for each target and one for the rest, and ends in order
// on SIGTERM. And verbs for a store on which no engine runs: one file each.
#include <signal.h>

#include <CLI/CLI.hpp>

#include "platform/base/heap.h"
#include "programs/daos_engine/process.h"
#include "programs/daos_engine/verbs.h"

namespace daos::program {
namespace {

int serve(int argc, char** argv) {
  CLI::App app(
      "One engine of a DAOS system. `daos_server local` starts it; by hand it is of use for debugging only. To look at "
      "a store on which no engine runs: `daos_engine verify DIR`, `daos_engine inspect DIR`.",
      "daos_engine");
  EngineArguments arguments;
  app.add_option("--dir", arguments.directory, "The engine's folder, which holds its superblock")->required();
  app.add_option("--log", arguments.log, "Append log lines to this file (default: standard error)");
  app.add_option("--ready-fd", arguments.ready_fd, "Write a byte to this descriptor once every target serves");
  CLI11_PARSE(app, argc, argv);

  keep_freed_memory();
  // Blocked before any thread starts, so that only the wait at the end of run_engine() takes them.
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM}) ::sigaddset(&signals, number);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  const Status ended = run_engine(arguments, signals);
  if (ended.ok()) return 0;
  fmt::print(stderr, "ERROR: daos_engine: {}\n", ended);
  return 1;
}

int look(int argc, char** argv) {
  arguments::Program program("daos_engine", "Looks at a store on which no engine runs, and changes nothing.");
  add_verify(program);
  add_inspect(program);
  return program.run(argc, argv);
}

}  // namespace
}  // namespace daos::program

int main(int argc, char** argv) {
  // An engine is told only options that begin with its own folder; everything else is for the verbs, their help and
  // their mistakes.
  const std::string_view first = argc > 1 ? argv[1] : "";
  const bool serves = first.starts_with("--dir") || first.starts_with("--log") || first.starts_with("--ready-fd") ||
                      first == "--help" || first == "-h" || first.empty();
  return serves ? daos::program::serve(argc, argv) : daos::program::look(argc, argv);
}
