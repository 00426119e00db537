// Goal: whoever waits for a scheduler sees what other threads do, and calls that end elsewhere; a call outlives its
// task's completion and its scheduler's cancellation without harm.
#include <thread>

#include "client/capi/tse_fixture.h"

namespace daos::capi {
namespace {

/// Calls end when the test says so, or when somebody waits for them.
class Calls : public CallDriver {
 public:
  bool wait(absl::FunctionRef<bool()> ready, Duration) override {
    waits++;
    while (!ready()) {
      if (running.empty()) return false;
      end(0);
    }
    return true;
  }
  void nudge() override {}
  void start(tse_task_t* task) {
    EXPECT_TRUE(TaskState::of(task).scheduler->call_started(TaskState::of(task), *this));
    running.push_back(task);
  }
  void end(int result) {
    tse_task_t* task = running.front();
    running.pop_front();
    TaskState::of(task).scheduler->ended(TaskState::of(task), result);
  }
  std::deque<tse_task_t*> running;
  int waits = 0;
};

class TseWaitTest : public TseTest {
 protected:
  tse_task_t* make_call() {
    return make([this](tse_task_t* task) { calls_.start(task); });
  }
  Calls calls_;
};

TEST_F(TseWaitTest, ACallCompletesItsTaskAtTheNextProgress) {
  tse_task_t* task = make_call();
  tse_task_t* after = make("after");
  depend(after, {task});
  tse_task_addref(task);
  schedule(task);
  schedule(after);
  progress();
  EXPECT_FALSE(done());
  calls_.end(-DER_REC2BIG);
  EXPECT_EQ(task->dt_result, 0);
  progress();
  EXPECT_EQ(task->dt_result, -DER_REC2BIG);
  EXPECT_EQ(log(), Log{"after"});
  EXPECT_TRUE(done());
  tse_task_decref(task);
}

TEST_F(TseWaitTest, ACallOutlivesTheCompletionOfItsTask) {
  tse_task_t* task = make_call();
  schedule(task);
  progress();
  tse_task_complete(task, -DER_CANCELED);
  EXPECT_FALSE(done());  // the call may still write into the program's memory
  progress();
  EXPECT_FALSE(done());
  calls_.end(0);
  EXPECT_FALSE(done());
  progress();
  EXPECT_TRUE(done());
}

TEST_F(TseWaitTest, ATaskHasOneCallAtATime) {
  tse_task_t* task = make([this](tse_task_t* t) {
    if (calls_.running.empty()) return calls_.start(t);
    EXPECT_FALSE(TaskState::of(t).scheduler->call_started(TaskState::of(t), calls_));
    tse_task_complete(t, -DER_BUSY);
  });
  tse_task_addref(task);
  schedule(task);
  progress();
  EXPECT_EQ(tse_task_reinit(task), 0);
  progress();
  EXPECT_EQ(task->dt_result, -DER_BUSY);
  EXPECT_EQ(tse_task_reset(task, nullptr, nullptr), -DER_NO_PERM);
  calls_.end(-DER_IO);  // of a run that is over
  progress();
  EXPECT_EQ(task->dt_result, -DER_BUSY);
  EXPECT_TRUE(done());
  tse_task_decref(task);
}

TEST_F(TseWaitTest, ADependencyAddedDuringACallDoesNotCompleteTheTask) {
  tse_task_t* task = make_call();
  tse_task_t* other = make("other");
  tse_task_addref(task);
  schedule(task);
  progress();
  depend(task, {other});
  schedule(other);
  progress();
  EXPECT_EQ(log(), Log{"other"});
  EXPECT_FALSE(done());
  calls_.end(-DER_CSUM);
  progress();
  EXPECT_EQ(task->dt_result, -DER_CSUM);
  EXPECT_TRUE(done());
  tse_task_decref(task);
}

TEST_F(TseWaitTest, CompleteDrivesCalls) {
  for (int i = 0; i < 3; i++) schedule(make_call());
  tse_sched_complete(&sched_, 0, false);
  EXPECT_TRUE(done());
  EXPECT_TRUE(calls_.running.empty());
  EXPECT_GT(calls_.waits, 0);
}

TEST_F(TseWaitTest, CancelWaitsForCalls) {
  tse_task_t* task = make_call();
  std::vector<int> results;
  tse_task_t* after = make("after");
  for (tse_task_t* t : {task, after}) {
    on_completion(t, [&](tse_task_t* completed) {
      results.push_back(completed->dt_result);
      return 0;
    });
  }
  depend(after, {task});
  schedule(task);
  schedule(after);
  progress();
  tse_sched_complete(&sched_, 0, true);
  EXPECT_TRUE(calls_.running.empty());
  EXPECT_EQ(results, (std::vector<int>{-DER_CANCELED, 0}));
  EXPECT_EQ(log(), Log());
}

TEST_F(TseWaitTest, ACallMayEndAfterItsScheduler) {
  tse_sched_t sched;
  ASSERT_EQ(tse_sched_init(&sched, nullptr, nullptr), 0);
  tse_task_t* task = make([this](tse_task_t* t) { calls_.start(t); }, &sched);
  int seen = 0;
  on_completion(task, [&](tse_task_t* t) {
    seen = t->dt_result;
    return 0;
  });
  EXPECT_EQ(tse_task_schedule(task, true), 0);
  tse_sched_fini(&sched);
  std::memset(&sched, 0xee, sizeof sched);
  calls_.end(-DER_IO);
  EXPECT_EQ(seen, -DER_IO);
}

TEST_F(TseWaitTest, CompleteIsWokenByAnotherThread) {
  for (int round = 0; round < 50; round++) {
    tse_task_t* first = make_empty();
    tse_task_t* second = make("second");
    depend(second, {first});
    schedule(second);
    EXPECT_EQ(tse_task_schedule(first, true), 0);
    std::thread other([&] { tse_task_complete(first, 0); });
    tse_sched_complete(&sched_, 0, false);
    other.join();
    EXPECT_EQ(log(), Log{"second"});
  }
}

TEST_F(TseWaitTest, TheLastTaskMayEndWhileItsSchedulerDoes) {
  for (int round = 0; round < 200; round++) {
    auto sched = std::make_unique<tse_sched_t>();
    ASSERT_EQ(tse_sched_init(sched.get(), nullptr, nullptr), 0);
    tse_task_t* task = nullptr;
    ASSERT_EQ(tse_task_create(nullptr, sched.get(), nullptr, &task), 0);
    EXPECT_EQ(tse_task_schedule(task, true), 0);
    std::thread other([&] { tse_task_complete(task, 0); });
    tse_sched_complete(sched.get(), 0, false);
    tse_sched_fini(sched.get());
    sched.reset();
    other.join();
  }
}

}  // namespace
}  // namespace daos::capi
