// A scenario builds a world from a seed, runs it, and says what was wrong. Equal seeds and options give equal results.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/log.h"
#include "platform/base/units.h"
#include "server/vos/planted_bugs.h"
#include "sim/world/probes.h"

namespace daos::sim {

struct RunOptions {
  vos::PlantedBugs planted;
  LogSink* log = nullptr;                                 // what the programs say
  std::function<void(const std::string& line)> observer;  // what the network does, with virtual time
};

struct RunResult {
  std::vector<std::string> failures;  // empty: good
  uint64_t trace = 0;                 // of every delivery and every operation
  uint64_t operations = 0;
  Duration virtual_time{0};
  Probes probes;
};

struct Scenario {
  std::string_view name;
  std::string_view what;  // one line
  RunResult (*run)(uint64_t seed, const RunOptions& options);
};

std::span<const Scenario> scenarios();
const Scenario* find_scenario(std::string_view name);

}  // namespace daos::sim
