// What a context costs by itself: the price of a synchronous call and of a launched operation, without any network.
#include <benchmark/benchmark.h>

#include "client/core/context.h"

namespace daos::core {
namespace {

runtime::SystemClock machine_clock;

runtime::Task<Status> nothing() { co_return Status(); }
runtime::Task<Status> one_turn(Lane& lane) {
  co_await runtime::yield(lane.reactor());
  co_return Status();
}

struct Bench {
  Client client{{.id = Uuid::from_random(1, 2)}};
  std::unique_ptr<Context> context =
      Context::create({.clock = &machine_clock, .seed = 1, .client = &client, .number = 0, .transport = {}}).take();
  ~Bench() { context->close(); }
};

void BM_SynchronousCall(benchmark::State& state) {
  Bench bench;
  for (auto _ : state) benchmark::DoNotOptimize(bench.context->run(nothing()).ok());
}
BENCHMARK(BM_SynchronousCall);

/// `range` operations launched, then driven until all have ended.
void BM_LaunchedOperations(benchmark::State& state) {
  Bench bench;
  for (auto _ : state) {
    int64_t ended = 0;
    for (int64_t i = 0; i < state.range(0); i++) {
      bench.context->launch(one_turn(bench.context->lane()), [&ended](Status) { ended++; });
    }
    bench.context->drive([&] { return ended == state.range(0); }, Context::kForever);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_LaunchedOperations)->Arg(1)->Arg(16)->Arg(1000);

}  // namespace
}  // namespace daos::core
