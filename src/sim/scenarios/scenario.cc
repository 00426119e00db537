#include "sim/scenarios/scenario.h"

#include "sim/scenarios/system.h"
#include "sim/scenarios/targets.h"

namespace daos::sim {

namespace {

constexpr Scenario kScenarios[] = {
    {"targets", "targets with store, log and slots; clients that speak their messages directly", &run_targets},
    {"system", "engines, services, and clients on the client library's core", &run_system},
};

}  // namespace

std::span<const Scenario> scenarios() { return kScenarios; }

const Scenario* find_scenario(std::string_view name) {
  for (const Scenario& scenario : kScenarios) {
    if (scenario.name == name) return &scenario;
  }
  return nullptr;
}

}  // namespace daos::sim
