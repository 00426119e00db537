#pragma once

#include "sim/scenarios/scenario.h"

namespace daos::sim {

RunResult run_system(uint64_t seed, const RunOptions& options);

}  // namespace daos::sim
