#include "sim/scenarios/register_run.h"

#include "sim/check/register_checker.h"

namespace daos::sim {

using namespace std::chrono_literals;

RunResult run_registers(RegisterRun run) {
  World& world = run.world;
  RunResult result;
  {
    Nemesis nemesis(world, run.faults);
    const Duration peace = 1s;
    world.run_for(peace);
    nemesis.begin();
    world.run_for(3s + Duration(static_cast<int64_t>(world.rng().below(std::chrono::nanoseconds(12s).count()))));
    nemesis.heal();
    // Operations under way end by their own limits; those that faults had broken must find their way back.
    world.run_for(2s);
    run.workload.over = true;
    world.run_for(1s);
    run.reader.start();
    if (!world.run_until([&] { return run.read; }, 5min)) {
      world.fail("five minutes after the last fault some key still cannot be read");
    }
  }  // the nemesis goes first: it would start again what is taken down
  world.take_down();
  result.failures = world.failures();
  for (const Violation& violation : check_registers(run.workload.history))
    result.failures.push_back(violation.to_string());

  TraceHash trace;
  trace.add(world.trace());
  trace.add(run.workload.history.digest());
  result.trace = trace.value();
  result.virtual_time = world.timeline().now() - Time{};
  Probes& probes = world.probes();
  for (const Operation& operation : run.workload.history.operations()) {
    result.operations++;
    const bool update = operation.kind == OperationKind::kUpdate;
    static constexpr std::string_view kUpdates[] = {"update: ok", "update: not executed", "update: outcome unknown"};
    static constexpr std::string_view kFetches[] = {"fetch: ok", "fetch: failed", "fetch: client died"};
    probes.hit((update ? kUpdates : kFetches)[static_cast<size_t>(operation.outcome)]);
  }
  const fabric::SimNetworkCounts& counts = world.network().counts();
  probes.add("network: connection reset", counts.resets);
  probes.add("network: message came late over an old connection", counts.late);
  probes.add("network: message came twice", counts.duplicates);
  probes.add("network: message held by a partition", counts.held);
  probes.add("network: connection timed out", counts.timed_out);
  result.probes = probes;
  return result;
}

}  // namespace daos::sim
