// What the scenarios about registers share: faults for a while, then peace, then every key is read, then the checker.
#pragma once

#include "sim/scenarios/scenario.h"
#include "sim/world/nemesis.h"
#include "sim/world/workload.h"

namespace daos::sim {

struct RegisterRun {
  World& world;
  Workload& workload;
  NemesisOptions faults;
  Node& reader;  // started after the faults; its program reads all keys and sets `read`
  const bool& read;
};

/// `world` has its servers and clients running. Fills all of the result.
RunResult run_registers(RegisterRun run);

}  // namespace daos::sim
