// One engine process: daos_engine --dir DIR/engine-R [--log FILE]. Started by daos_server; reads its superblock, runs
// the engine of src/server/engine on a thread for each target and one for the rest, and ends in order on SIGTERM.
#include <signal.h>

#include <CLI/CLI.hpp>

#include "programs/daos_engine/process.h"

int main(int argc, char** argv) {
  using namespace daos;
  CLI::App app("One engine of a DAOS system. `daos_server local` starts it; by hand it is of use for debugging only.",
               "daos_engine");
  program::EngineArguments arguments;
  app.add_option("--dir", arguments.directory, "The engine's folder, which holds its superblock")->required();
  app.add_option("--log", arguments.log, "Append log lines to this file (default: standard error)");
  app.add_option("--ready-fd", arguments.ready_fd, "Write a byte to this descriptor once every target serves");
  CLI11_PARSE(app, argc, argv);

  // Blocked before any thread starts, so that only the wait at the end of run_engine() takes them.
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM}) ::sigaddset(&signals, number);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  const Status ended = program::run_engine(arguments, signals);
  if (ended.ok()) return 0;
  fmt::print(stderr, "ERROR: daos_engine: {}\n", ended);
  return 1;
}
