// What a task costs, from its creation to the end of its memory: independent ones, a chain, and one that runs again.
#include <benchmark/benchmark.h>
#include <daos/tse.h>

namespace {

int complete(tse_task_t* task) {
  tse_task_complete(task, 0);
  return 0;
}

void BM_IndependentTasks(benchmark::State& state) {
  tse_sched_t sched;
  tse_sched_init(&sched, nullptr, nullptr);
  for (auto _ : state) {
    for (int i = 0; i < 1000; i++) {
      tse_task_t* task;
      tse_task_create(complete, &sched, nullptr, &task);
      tse_task_schedule(task, false);
    }
    tse_sched_progress(&sched);
  }
  state.SetItemsProcessed(state.iterations() * 1000);
  tse_sched_fini(&sched);
}
BENCHMARK(BM_IndependentTasks);

void BM_ChainOfTasks(benchmark::State& state) {
  tse_sched_t sched;
  tse_sched_init(&sched, nullptr, nullptr);
  for (auto _ : state) {
    tse_task_t* previous = nullptr;
    for (int i = 0; i < 1000; i++) {
      tse_task_t* task;
      tse_task_create(complete, &sched, nullptr, &task);
      if (previous != nullptr) tse_task_register_deps(task, 1, &previous);
      tse_task_schedule(task, false);
      previous = task;
    }
    tse_sched_progress(&sched);
  }
  state.SetItemsProcessed(state.iterations() * 1000);
  tse_sched_fini(&sched);
}
BENCHMARK(BM_ChainOfTasks);

void BM_RunAgain(benchmark::State& state) {
  tse_sched_t sched;
  tse_sched_init(&sched, nullptr, nullptr);
  tse_task_t* task;
  tse_task_create([](tse_task_t* self) { return tse_task_reinit(self); }, &sched, nullptr, &task);
  tse_task_addref(task);
  tse_task_schedule(task, false);
  for (auto _ : state) tse_sched_progress(&sched);
  state.SetItemsProcessed(state.iterations());
  tse_task_complete(task, 0);
  tse_task_decref(task);
  tse_sched_fini(&sched);
}
BENCHMARK(BM_RunAgain);

}  // namespace
