// daos_sim: whole systems in simulated time, one per seed and scenario. docs/dev/simulate.md says how to read what it
// prints.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "platform/base/check.h"
#include "sim/scenarios/scenario.h"

namespace {

using namespace daos;

struct Arguments {
  uint64_t seed = 1;
  uint64_t count = 1;
  std::string scenario;  // empty: all
  std::string plant;
  bool trace = false;
  bool events = false;
  bool quiet = false;
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
};

std::string command_for(uint64_t seed, std::string_view scenario, const std::string& plant) {
  return fmt::format("daos_sim --seed {} --scenario {}{}{} --events", seed, scenario, plant.empty() ? "" : " --plant ",
                     plant);
}

// What this thread runs, for the last words of a failed check.
thread_local uint64_t running_seed = 0;
thread_local std::string_view running_scenario;

void on_failed_check(const std::string& what) {
  std::fflush(stdout);
  fmt::print(stderr, "seed {} scenario {}: FAILED: check: {}\n  repeat: {}\n", running_seed, running_scenario, what,
             command_for(running_seed, running_scenario, ""));
  std::_Exit(1);
}

class StdoutLog : public LogSink {
 public:
  void write(LogLevel level, std::string_view who, std::string_view line) override {
    static constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};
    fmt::print("{} {}: {}\n", kLevels[static_cast<size_t>(level)], who, line);
  }
};

struct Job {
  uint64_t seed;
  const sim::Scenario* scenario;
  sim::RunResult result;
  bool done = false;
};

bool plant(const std::string& name, vos::PlantedBugs& bugs) {
  if (name == "acknowledge_before_flush") return bugs.acknowledge_before_flush = true;
  if (name == "apply_duplicates") return bugs.apply_duplicates = true;
  if (name == "forget_slots_over_restart") return bugs.forget_slots_over_restart = true;
  return name.empty();
}

int run(const Arguments& arguments) {
  sim::RunOptions options;
  if (!plant(arguments.plant, options.planted)) {
    fmt::print(stderr, "daos_sim: no bug is called {} (see src/server/vos/planted_bugs.h)\n", arguments.plant);
    return 2;
  }
  std::vector<const sim::Scenario*> chosen;
  for (const sim::Scenario& scenario : sim::scenarios()) {
    if (arguments.scenario.empty() || arguments.scenario == scenario.name) chosen.push_back(&scenario);
  }
  if (chosen.empty()) {
    fmt::print(stderr, "daos_sim: no scenario is called {}. There are:\n", arguments.scenario);
    for (const sim::Scenario& scenario : sim::scenarios())
      fmt::print(stderr, "  {:<10} {}\n", scenario.name, scenario.what);
    return 2;
  }
  StdoutLog log;
  if (arguments.events) {
    options.log = &log;
    options.observer = [](const std::string& line) { fmt::print("{}\n", line); };
  }
  set_check_handler(&on_failed_check);

  std::vector<Job> jobs;
  for (uint64_t i = 0; i < arguments.count; i++) {
    for (const sim::Scenario* scenario : chosen) jobs.push_back({.seed = arguments.seed + i, .scenario = scenario});
  }
  std::atomic<size_t> next{0};  // relaxed: only hands out numbers
  std::mutex mutex;             // of every Job::done, and with it its result
  std::condition_variable finished;
  std::vector<std::thread> workers;
  for (unsigned worker = 0; worker < (arguments.events ? 1 : arguments.jobs); worker++) {
    workers.emplace_back([&] {
      for (size_t i = next.fetch_add(1, std::memory_order_relaxed); i < jobs.size();
           i = next.fetch_add(1, std::memory_order_relaxed)) {
        running_seed = jobs[i].seed;
        running_scenario = jobs[i].scenario->name;
        sim::RunResult result = jobs[i].scenario->run(jobs[i].seed, options);
        std::lock_guard lock(mutex);
        jobs[i].result = std::move(result);
        jobs[i].done = true;
        finished.notify_all();
      }
    });
  }

  sim::Probes probes;
  uint64_t operations = 0, failed = 0;
  Duration virtual_time{0};
  for (Job& job : jobs) {
    {
      std::unique_lock lock(mutex);
      finished.wait(lock, [&] { return job.done; });
    }
    probes.add(job.result.probes);
    operations += job.result.operations;
    virtual_time += job.result.virtual_time;
    const bool good = job.result.failures.empty();
    if (arguments.trace)
      fmt::print("seed {} scenario {} trace {:016x}\n", job.seed, job.scenario->name, job.result.trace);
    if (!good) {
      failed++;
      fmt::print("seed {} scenario {}: FAILED\n", job.seed, job.scenario->name);
      for (const std::string& failure : job.result.failures) fmt::print("  {}\n", failure);
      fmt::print("  repeat: {}\n", command_for(job.seed, job.scenario->name, arguments.plant));
    }
    std::fflush(stdout);
    job.result = {};
  }
  for (std::thread& worker : workers) worker.join();

  if (!arguments.quiet) {
    fmt::print("\nwhat happened, all seeds together\n");
    for (const auto& [name, n] : probes.counts()) fmt::print("{:>12}  {}\n", n, name);
  }
  fmt::print("{} of {} runs failed: {} operations in {} s of virtual time\n", failed, jobs.size(), operations,
             std::chrono::duration_cast<std::chrono::seconds>(virtual_time).count());
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{"Runs whole systems in simulated time. Equal seeds give equal runs."};
  app.add_option("--seed", arguments.seed, "the first seed")->capture_default_str();
  app.add_option("--count", arguments.count, "how many seeds")->capture_default_str();
  app.add_option("--scenario", arguments.scenario, "only this one (an unknown name lists them)");
  app.add_option("--plant", arguments.plant, "switch a planted bug on: the run should fail");
  app.add_option("--jobs", arguments.jobs, "seeds at a time")->check(CLI::Range(1, 1024))->capture_default_str();
  app.add_flag("--trace", arguments.trace, "print the trace hash of every run");
  app.add_flag("--events", arguments.events, "print what the network and the programs do, one run at a time");
  app.add_flag("--quiet", arguments.quiet, "no table of what happened");
  CLI11_PARSE(app, argc, argv);
  return run(arguments);
}
