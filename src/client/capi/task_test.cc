// Goal: calls of the API run as tasks: arguments, results, dependencies, what happens to a task whose call is refused,
// and what daos_progress waits for. Calls that need a system are tried in tests/tasks; here handles are wrong and
// operations are gates that the test opens.
#include <daos.h>
#include <daos_task.h>
#include <gtest/gtest.h>

#include <latch>
#include <set>
#include <thread>

#include "client/capi/api_call.h"
#include "client/capi/task_operations.h"
#include "client/capi/tse_scheduler.h"

namespace daos::capi {
namespace {

runtime::SystemClock machine_clock;
constexpr daos_handle_t kNoSuchHandle{12345};

class TaskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Library::set_world_for_test({.clock = &machine_clock});
    ASSERT_EQ(daos_init(), 0);
    ASSERT_EQ(tse_sched_init(&sched_, nullptr, nullptr), 0);
  }
  void TearDown() override {
    tse_sched_fini(&sched_);
    EXPECT_EQ(daos_fini(), 0);
  }
  /// With a reference for the test.
  tse_task_t* make(daos_opc_t opcode, std::vector<tse_task_t*> dependencies = {}) {
    tse_task_t* task = nullptr;
    EXPECT_EQ(daos_task_create(opcode, &sched_, static_cast<unsigned>(dependencies.size()),
                               dependencies.empty() ? nullptr : dependencies.data(), &task),
              0);
    tse_task_addref(task);
    return task;
  }
  int take_result(tse_task_t* task) {
    const int result = task->dt_result;
    tse_task_decref(task);
    return result;
  }
  void run() {
    bool empty = false;
    EXPECT_EQ(daos_progress(&sched_, -1, &empty), 0);
    EXPECT_TRUE(empty);
  }

  tse_sched_t sched_;
};

TEST_F(TaskTest, ACallsErrorIsTheTasksResult) {
  tse_task_t* task = make(DAOS_OPC_CONT_QUERY);
  auto* arguments = static_cast<daos_cont_query_t*>(daos_task_get_args(task));
  EXPECT_EQ(arguments->coh.cookie, 0u);  // zero at first
  EXPECT_EQ(arguments->info, nullptr);
  arguments->coh = kNoSuchHandle;
  EXPECT_EQ(daos_task_get_args(task), arguments);
  EXPECT_EQ(tse_task_schedule(task, false), 0);
  run();
  EXPECT_EQ(take_result(task), -DER_NO_HDL);
}

TEST_F(TaskTest, AnErrorThatTheCallReturnsIsTheTasksResultToo) {
  for (const bool instant : {false, true}) {
    tse_task_t* task = make(DAOS_OPC_POOL_LIST_CONT);  // without a place for the number: refused at once
    EXPECT_EQ(tse_task_schedule(task, instant), 0);
    run();
    EXPECT_EQ(take_result(task), -DER_INVAL);
  }
}

TEST_F(TaskTest, EveryOpcodeCanBeCreatedAndEnds) {
  std::set<int> unused;
  for (int opcode = -2; opcode <= DAOS_OPC_MAX + 1; opcode++) {
    tse_task_t* task = nullptr;
    const int rc = daos_task_create(static_cast<daos_opc_t>(opcode), &sched_, 0, nullptr, &task);
    if (rc != 0) {
      EXPECT_EQ(rc, -DER_NOSYS) << opcode;
      unused.insert(opcode);
      continue;
    }
    const TaskOperation* operation = find_task_operation(opcode);
    ASSERT_NE(operation, nullptr);
    const auto* arguments = static_cast<const char*>(daos_task_get_args(task));
    EXPECT_EQ(std::count(arguments, arguments + operation->argument_bytes, 0),
              static_cast<ptrdiff_t>(operation->argument_bytes));
    if (opcode <= DAOS_OPC_POOL_CONNECT) {  // asks an agent, which is not there
      tse_task_decref(task);
      continue;
    }
    tse_task_addref(task);
    EXPECT_EQ(tse_task_schedule(task, false), 0);
    run();
    EXPECT_LT(take_result(task), 0) << opcode;  // nothing works with arguments that are all zero
  }
  EXPECT_EQ(unused, (std::set<int>{-2, -1, 0, 1, DAOS_OPC_MAX, DAOS_OPC_MAX + 1}));
}

TEST_F(TaskTest, AnOpcodeWithoutFunctionEndsWithNosys) {
  for (const daos_opc_t opcode : {DAOS_OPC_POOL_EXCLUDE, DAOS_OPC_OBJ_SYNC, DAOS_OPC_OBJ_LIST_OBJ}) {
    tse_task_t* task = make(opcode);
    EXPECT_EQ(tse_task_schedule(task, false), 0);
    run();
    EXPECT_EQ(take_result(task), -DER_NOSYS);
  }
}

TEST_F(TaskTest, APreparationMayFillTheArguments) {
  tse_task_t* task = make(DAOS_OPC_OBJ_CLOSE);
  const auto fill = [](tse_task_t* t, void*) {
    static_cast<daos_obj_close_t*>(daos_task_get_args(t))->oh = kNoSuchHandle;
    return 0;
  };
  const auto note = [](tse_task_t* t, void* to) {
    **static_cast<int**>(to) = t->dt_result;
    return 0;
  };
  int seen = 0;
  int* to = &seen;
  EXPECT_EQ(tse_task_register_cbs(task, fill, nullptr, 0, note, &to, sizeof to), 0);
  EXPECT_EQ(tse_task_schedule(task, false), 0);
  run();
  EXPECT_EQ(seen, -DER_NO_HDL);
  EXPECT_EQ(take_result(task), -DER_NO_HDL);
}

TEST_F(TaskTest, ACallIsNotMadeWhenADependencyHasFailed) {
  tse_task_t* first = make(DAOS_OPC_POOL_EXCLUDE);  // fails with something else than the call would
  tse_task_t* second = make(DAOS_OPC_OBJ_CLOSE, {first});
  tse_task_t* anyway = make(DAOS_OPC_OBJ_CLOSE, {first});
  tse_disable_propagate(anyway);
  for (tse_task_t* task : {anyway, second, first}) EXPECT_EQ(tse_task_schedule(task, false), 0);
  run();
  EXPECT_EQ(take_result(first), -DER_NOSYS);
  EXPECT_EQ(take_result(second), -DER_NOSYS);
  EXPECT_EQ(take_result(anyway), -DER_NO_HDL);
}

TEST_F(TaskTest, ResetMakesItAnotherCall) {
  tse_task_t* task = make(DAOS_OPC_OBJ_CLOSE);
  EXPECT_EQ(daos_task_reset(task, DAOS_OPC_CONT_CLOSE), -DER_NO_PERM);
  static_cast<daos_obj_close_t*>(daos_task_get_args(task))->oh = kNoSuchHandle;
  int data = 0;
  EXPECT_EQ(daos_task_set_priv(task, &data), nullptr);
  EXPECT_EQ(daos_task_get_priv(task), &data);
  EXPECT_EQ(tse_task_schedule(task, false), 0);
  run();
  EXPECT_EQ(task->dt_result, -DER_NO_HDL);
  EXPECT_EQ(daos_task_reset(task, DAOS_OPC_MAX), -DER_NOSYS);
  EXPECT_EQ(daos_task_reset(task, DAOS_OPC_OBJ_SYNC), 0);
  EXPECT_EQ(task->dt_result, 0);
  EXPECT_EQ(daos_task_get_priv(task), nullptr);
  EXPECT_EQ(static_cast<daos_obj_sync_args*>(daos_task_get_args(task))->oh.cookie, 0u);
  EXPECT_EQ(tse_task_schedule(task, false), 0);
  run();
  EXPECT_EQ(take_result(task), -DER_NOSYS);
}

TEST_F(TaskTest, ACallCanBeMadeAgainFromItsCallback) {
  struct State {
    int runs = 0;
  } state;
  State* argument = &state;
  static const tse_task_cb_t again = [](tse_task_t* task, void* to) -> int {
    if (++(*static_cast<State**>(to))->runs == 3) return 0;
    EXPECT_EQ(tse_task_register_comp_cb(task, again, to, sizeof(State*)), 0);
    return tse_task_reinit(task);
  };
  tse_task_t* task = make(DAOS_OPC_OBJ_CLOSE);
  EXPECT_EQ(tse_task_register_comp_cb(task, again, &argument, sizeof argument), 0);
  EXPECT_EQ(tse_task_schedule(task, true), 0);
  run();
  EXPECT_EQ(state.runs, 3);
  EXPECT_EQ(take_result(task), -DER_NO_HDL);
}

TEST_F(TaskTest, ACallbackMayMakeSynchronousCallsAndProgress) {
  struct State {
    tse_sched_t* sched;
    int closed = 0;
    int progressed = 0;
  } state{&sched_};
  State* argument = &state;
  tse_task_t* task = make(DAOS_OPC_OBJ_CLOSE);
  const auto callback = [](tse_task_t*, void* to) {
    State& s = **static_cast<State**>(to);
    s.closed = daos_cont_close(kNoSuchHandle, nullptr);
    bool empty = true;
    s.progressed = daos_progress(s.sched, 0, &empty);
    EXPECT_FALSE(empty);  // this task
    return 0;
  };
  EXPECT_EQ(tse_task_register_comp_cb(task, callback, &argument, sizeof argument), 0);
  EXPECT_EQ(tse_task_schedule(task, false), 0);
  run();
  EXPECT_EQ(state.closed, -DER_NO_HDL);
  EXPECT_EQ(state.progressed, 0);
  EXPECT_EQ(take_result(task), -DER_NO_HDL);
}

// ------------------------------------------------------------------------------------------------ daos_progress

TEST_F(TaskTest, ProgressStopsWhenNothingIsLeftOrTheTimeIsOver) {
  bool empty = false;
  EXPECT_EQ(daos_progress(&sched_, -1, &empty), 0);
  EXPECT_TRUE(empty);
  tse_task_t* task = nullptr;
  ASSERT_EQ(tse_task_create(nullptr, &sched_, nullptr, &task), 0);
  EXPECT_EQ(tse_task_schedule(task, false), 0);
  EXPECT_EQ(daos_progress(&sched_, 0, &empty), 0);
  EXPECT_FALSE(empty);
  EXPECT_EQ(daos_progress(&sched_, 1000, &empty), -DER_TIMEDOUT);
  EXPECT_FALSE(empty);
  tse_task_complete(task, 0);
  EXPECT_EQ(daos_progress(&sched_, 1000, nullptr), 0);
}

TEST_F(TaskTest, ProgressWaitsForDelays) {
  tse_task_t* task = make(DAOS_OPC_OBJ_CLOSE);
  EXPECT_EQ(tse_task_schedule_with_delay(task, false, 2000), 0);
  run();
  EXPECT_EQ(take_result(task), -DER_NO_HDL);
}

TEST_F(TaskTest, ProgressIsWokenByAnotherThread) {
  for (int round = 0; round < 20; round++) {
    tse_task_t* task = nullptr;
    ASSERT_EQ(tse_task_create(nullptr, &sched_, nullptr, &task), 0);
    EXPECT_EQ(tse_task_schedule(task, true), 0);
    std::thread other([&] { tse_task_complete(task, 0); });
    run();
    other.join();
  }
}

TEST_F(TaskTest, CompleteWaitsForCallsToo) {
  for (const bool cancel : {false, true}) {
    tse_sched_t sched;
    ASSERT_EQ(tse_sched_init(&sched, nullptr, nullptr), 0);
    tse_task_t* task = nullptr;
    ASSERT_EQ(daos_task_create(DAOS_OPC_OBJ_CLOSE, &sched, 0, nullptr, &task), 0);
    tse_task_addref(task);
    EXPECT_EQ(tse_task_schedule(task, true), 0);
    tse_sched_complete(&sched, 0, cancel);
    EXPECT_EQ(take_result(task), -DER_NO_HDL);
    tse_sched_fini(&sched);
  }
}

TEST_F(TaskTest, SeveralThreadsMakeProgress) {
  constexpr int kThreads = 3, kTasks = 200;
  std::vector<tse_task_t*> tasks;
  for (int i = 0; i < kTasks; i++) {
    tasks.push_back(make(DAOS_OPC_OBJ_CLOSE, i % 3 == 2 ? std::vector{tasks.back()} : std::vector<tse_task_t*>{}));
    tse_disable_propagate(tasks.back());
    EXPECT_EQ(tse_task_schedule(tasks.back(), i % 2 == 0), 0);
  }
  std::latch start(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; i++) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      bool empty = false;
      EXPECT_EQ(daos_progress(&sched_, -1, &empty), 0);
      EXPECT_TRUE(empty);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (tse_task_t* task : tasks) EXPECT_EQ(take_result(task), -DER_NO_HDL);
}

TEST_F(TaskTest, WrongArguments) {
  tse_task_t* task = nullptr;
  tse_task_t* none[] = {nullptr};
  EXPECT_EQ(daos_task_create(DAOS_OPC_OBJ_CLOSE, nullptr, 0, nullptr, &task), -DER_INVAL);
  EXPECT_EQ(daos_task_create(DAOS_OPC_OBJ_CLOSE, &sched_, 0, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_task_create(DAOS_OPC_OBJ_CLOSE, &sched_, 0, none, &task), -DER_INVAL);
  EXPECT_EQ(daos_task_create(DAOS_OPC_OBJ_CLOSE, &sched_, 1, nullptr, &task), -DER_INVAL);
  EXPECT_EQ(daos_task_create(DAOS_OPC_OBJ_CLOSE, &sched_, 1, none, &task), -DER_INVAL);
  EXPECT_EQ(daos_task_create(DAOS_OPC_OBJ_CLOSE, &sched_, UINT_MAX, none, &task), -DER_INVAL);
  EXPECT_EQ(task, nullptr);
  EXPECT_EQ(daos_task_reset(nullptr, DAOS_OPC_OBJ_CLOSE), -DER_INVAL);
  EXPECT_EQ(daos_task_get_args(nullptr), nullptr);
  EXPECT_EQ(daos_progress(nullptr, 0, nullptr), -DER_INVAL);
  ASSERT_EQ(tse_task_create(nullptr, &sched_, nullptr, &task), 0);
  EXPECT_EQ(daos_task_get_args(task), nullptr);  // not one of these
  tse_task_decref(task);
  tse_sched_t other;
  int data = 0;
  ASSERT_EQ(tse_sched_init(&other, nullptr, &data), 0);
  EXPECT_EQ(daos_progress(&other, 0, nullptr), -DER_INVAL);
  tse_sched_fini(&other);
}

TEST(TaskWithoutLibrary, FailsWithUninit) {
  tse_sched_t sched;
  ASSERT_EQ(tse_sched_init(&sched, nullptr, nullptr), 0);
  tse_task_t* task = nullptr;
  ASSERT_EQ(daos_task_create(DAOS_OPC_OBJ_CLOSE, &sched, 0, nullptr, &task), 0);
  tse_task_addref(task);
  EXPECT_EQ(tse_task_schedule(task, true), 0);
  EXPECT_EQ(daos_progress(&sched, 0, nullptr), -DER_UNINIT);
  tse_sched_progress(&sched);
  EXPECT_EQ(task->dt_result, -DER_UNINIT);
  tse_task_decref(task);
  tse_sched_fini(&sched);
}

}  // namespace
}  // namespace daos::capi
