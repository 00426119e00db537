// Goal: what callbacks may do to their task; tasks that run again, later, or as new ones.
#include "client/capi/tse_fixture.h"

namespace daos::capi {
namespace {

using namespace std::chrono_literals;

// ----------------------------------------------------------------------------------------------------- callbacks

TEST_F(TseTest, CompletionCallbacksRunLastFirstPreparationsInOrder) {
  tse_task_t* task = make("body");
  for (const char* name : {"p1", "p2"}) {
    before(task, [this, name](tse_task_t*) {
      log_.push_back(name);
      return 0;
    });
  }
  for (const char* name : {"c1", "c2", "c3"}) {
    on_completion(task, [this, name](tse_task_t*) {
      log_.push_back(name);
      return 0;
    });
  }
  schedule(task);
  progress();
  EXPECT_EQ(log(), (Log{"p1", "p2", "body", "c3", "c2", "c1"}));
}

TEST_F(TseTest, CallbacksHaveTheirOwnCopyOfTheArgument) {
  struct Argument {
    std::vector<int>* out;
    int value;
  };
  std::vector<int> seen;
  const auto note = [](tse_task_t*, void* copy) {
    auto* argument = static_cast<Argument*>(copy);
    argument->out->push_back(argument->value);
    argument->value = 99;
    return 0;
  };
  tse_task_t* task = make("body");
  Argument argument{&seen, 1};
  EXPECT_EQ(tse_task_register_cbs(task, note, &argument, sizeof argument, note, &argument, sizeof argument), 0);
  argument.value = 2;
  EXPECT_EQ(tse_task_register_comp_cb(task, note, &argument, sizeof argument), 0);
  argument.value = 3;
  EXPECT_EQ(tse_task_register_comp_cb(
                task, [](tse_task_t*, void* nothing) { return nothing == nullptr ? 0 : -DER_MISC; }, &argument, 0),
            0);
  tse_task_addref(task);
  schedule(task);
  progress();
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 1}));
  EXPECT_EQ(task->dt_result, 0);
  tse_task_decref(task);
}

TEST_F(TseTest, ACallbacksResultCountsIfTheTaskSucceeded) {
  tse_task_t* good = make("good");
  tse_task_t* bad = make("bad", -DER_IO);
  std::vector<int> seen;
  for (tse_task_t* task : {good, bad}) {
    tse_task_addref(task);
    on_completion(task, [&](tse_task_t* t) {
      seen.push_back(t->dt_result);
      return -DER_TRUNC;  // too late: the later one came first
    });
    on_completion(task, [](tse_task_t*) { return -DER_REC2BIG; });
    schedule(task);
  }
  progress();
  EXPECT_EQ(seen, (std::vector<int>{-DER_REC2BIG, -DER_IO}));
  EXPECT_EQ(good->dt_result, -DER_REC2BIG);
  EXPECT_EQ(bad->dt_result, -DER_IO);
  tse_task_decref(good);
  tse_task_decref(bad);
}

TEST_F(TseTest, APreparationMayCompleteTheTask) {
  tse_task_t* task = make("body");
  before(task, [](tse_task_t* t) {
    tse_task_complete(t, -DER_NO_HDL);
    return -DER_MISC;
  });
  before(task, [this](tse_task_t*) {
    log_.push_back("second");
    return 0;
  });
  on_completion(task, [this](tse_task_t* t) {
    log_.push_back(std::to_string(t->dt_result));
    return 0;
  });
  schedule(task);
  progress();
  EXPECT_EQ(log(), Log{std::to_string(-DER_NO_HDL)});
  EXPECT_TRUE(done());
}

TEST_F(TseTest, APreparationThatFailsLeavesItsResultForTheBody) {
  int seen = 0;
  tse_task_t* task = make([&](tse_task_t* t) {
    seen = t->dt_result;
    tse_task_complete(t, 0);
  });
  before(task, [](tse_task_t*) { return -DER_NOMEM; });
  schedule(task);
  progress();
  EXPECT_EQ(seen, -DER_NOMEM);
}

TEST_F(TseTest, ACallbackMayRunTheTaskAgain) {
  int runs = 0;
  tse_task_t* task = make([&](tse_task_t* t) { tse_task_complete(t, ++runs < 3 ? -DER_AGAIN : 0); });
  tse_task_addref(task);
  on_completion(task, [&](tse_task_t*) {
    log_.push_back("first registered");
    return 0;
  });
  Function again = [&](tse_task_t* t) {
    log_.push_back(std::to_string(t->dt_result));
    if (t->dt_result == 0) return 0;
    on_completion(t, again);
    EXPECT_EQ(tse_task_reinit(t), 0);
    return -DER_MISC;  // of a run that is over
  };
  on_completion(task, again);
  tse_task_t* after = make("after");
  depend(after, {task});
  schedule(task);
  schedule(after);
  const std::string failed = std::to_string(-DER_AGAIN);
  progress();
  EXPECT_EQ(log(), Log{failed});
  EXPECT_FALSE(done());
  progress();
  EXPECT_EQ(log(), Log{failed});
  progress();
  EXPECT_EQ(log(), (Log{"0", "first registered", "after"}));
  EXPECT_EQ(task->dt_result, 0);
  EXPECT_TRUE(done());
  tse_task_decref(task);
}

TEST_F(TseTest, RegisterAndReinitIsOneStep) {
  int runs = 0;
  tse_task_t* task = make([&](tse_task_t* t) {
    if (++runs > 1) return tse_task_complete(t, 0);
    void* argument = keep([this](tse_task_t*) {
      log_.push_back("late");
      return 0;
    });
    EXPECT_EQ(tse_task_register_comp_cb_and_reinit(t, call, argument, sizeof(Function*), 10), 0);
  });
  EXPECT_EQ(tse_task_register_comp_cb_and_reinit(task, call, nullptr, 0, 0), -DER_NO_PERM);
  schedule(task);
  progress();
  progress();
  EXPECT_EQ(runs, 1);
  clock_.pass(10us);
  progress();
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(log(), Log{"late"});
}

TEST_F(TseTest, ACallbackMayGiveTheTaskSomethingToWaitFor) {
  tse_task_t* task = make("body");
  tse_task_addref(task);
  on_completion(task, [&](tse_task_t* t) {
    log_.push_back("rest " + std::to_string(t->dt_result));
    return 0;
  });
  on_completion(task, [&](tse_task_t* t) {
    log_.push_back("callback");
    tse_task_t* more = make("more", -DER_TIMEDOUT);
    depend(t, {more});
    schedule(more);
    return 0;
  });
  schedule(task);
  progress();
  EXPECT_EQ(log(), (Log{"body", "callback"}));
  EXPECT_FALSE(done());
  progress();
  EXPECT_EQ(log(), (Log{"more", "rest " + std::to_string(-DER_TIMEDOUT)}));
  EXPECT_TRUE(done());
  EXPECT_EQ(task->dt_result, -DER_TIMEDOUT);
  tse_task_decref(task);
}

// -------------------------------------------------------------------------------------- again, delayed, reset

TEST_F(TseTest, ReinitNeedsARunningOrCompletedTaskWithABody) {
  tse_task_t* task = make("task");
  EXPECT_EQ(tse_task_reinit(task), -DER_NO_PERM);
  schedule(task);
  EXPECT_EQ(tse_task_reinit(task), -DER_NO_PERM);
  tse_task_addref(task);
  progress();
  EXPECT_EQ(tse_task_reinit(task), 0);  // its reference may have been dropped: the scheduler takes one
  progress();
  EXPECT_EQ(tse_task_reinit(task), 0);
  tse_task_decref(task);
  progress();
  EXPECT_EQ(log(), (Log{"task", "task", "task"}));
  tse_task_t* empty = make_empty();
  EXPECT_EQ(tse_task_schedule(empty, true), 0);
  EXPECT_EQ(tse_task_reinit(empty), -DER_INVAL);
  tse_task_complete(empty, 0);
}

TEST_F(TseTest, ReinitClearsTheResult) {
  std::vector<int> seen;
  int runs = 0;
  tse_task_t* a = make("a", -DER_IO);
  tse_task_t* task = make([&](tse_task_t* t) {
    seen.push_back(t->dt_result);
    if (runs++ == 0) {
      EXPECT_EQ(tse_task_reinit(t), 0);
    } else {
      tse_task_complete(t, 0);
    }
  });
  depend(task, {a});
  schedule(task);
  schedule(a);
  progress();
  progress();
  EXPECT_EQ(seen, (std::vector<int>{-DER_IO, 0}));
}

TEST_F(TseTest, DelaysHoldBackInOrderOfTheirEnd) {
  tse_task_t* late = make("late");
  tse_task_t* soon = make("soon");
  tse_task_t* both = make("both");
  tse_task_t* never = make("never");
  depend(both, {late});
  EXPECT_EQ(tse_task_schedule_with_delay(late, false, 200), 0);
  EXPECT_EQ(tse_task_schedule_with_delay(soon, false, 100), 0);
  EXPECT_EQ(tse_task_schedule_with_delay(both, false, 50), 0);
  EXPECT_EQ(tse_task_schedule_with_delay(never, true, 50), -DER_INVAL);
  EXPECT_EQ(tse_task_schedule_with_delay(never, false, UINT64_MAX), 0);
  progress();
  EXPECT_EQ(log(), Log());
  clock_.pass(99us);
  progress();
  EXPECT_EQ(log(), Log());
  clock_.pass(1us);
  progress();
  EXPECT_EQ(log(), Log{"soon"});
  clock_.pass(100us);
  progress();
  EXPECT_EQ(log(), (Log{"late", "both"}));
  EXPECT_FALSE(done());
  tse_task_complete(never, 0);
  EXPECT_TRUE(done());
}

TEST_F(TseTest, ADependencyDoneDuringTheDelayDoesNotEndIt) {
  tse_task_t* dependency = make("dependency");
  tse_task_t* task = make("task");
  depend(task, {dependency});
  EXPECT_EQ(tse_task_schedule_with_delay(task, false, 100), 0);
  schedule(dependency);
  progress();
  progress();
  EXPECT_EQ(log(), Log{"dependency"});
  clock_.pass(100us);
  progress();
  EXPECT_EQ(log(), Log{"task"});
}

TEST_F(TseTest, ResetMakesACompletedTaskNew) {
  tse_task_t* task = make("task", -DER_IO);
  EXPECT_EQ(tse_task_reset(task, run_script, nullptr), -DER_NO_PERM);
  tse_task_addref(task);
  schedule(task);
  progress();
  scripts_.push_back({[&](tse_task_t* t) {
    log_.push_back("new " + std::to_string(t->dt_result));
    tse_task_complete(t, 0);
  }});
  d_list_t list;
  D_INIT_LIST_HEAD(&list);
  EXPECT_EQ(tse_task_list_add(task, &list), 0);
  EXPECT_EQ(tse_task_reset(task, run_script, &scripts_.back()), -DER_NO_PERM);
  tse_task_list_del(task);
  for (int round = 0; round < 3; round++) {
    if (round == 1) progress();  // the scheduler's reference is gone, or not: no difference
    EXPECT_EQ(tse_task_reset(task, run_script, &scripts_.back()), 0);
    EXPECT_EQ(tse_task_reinit(task), -DER_NO_PERM);
    schedule(task);
    progress();
  }
  EXPECT_EQ(log(), (Log{"task", "new 0", "new 0", "new 0"}));
  tse_task_decref(task);
}

TEST_F(TseTest, PrivatePointerAndArgumentSpace) {
  tse_task_t* task = make("task");
  int here = 0;
  void* const was = tse_task_get_priv(task);
  EXPECT_EQ(tse_task_set_priv(task, &here), was);
  EXPECT_EQ(tse_task_get_priv(task), &here);
  void* const space = tse_task_buf_embedded(task, static_cast<int>(TSE_TASK_ARG_LEN));
  ASSERT_NE(space, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(space) % 16, 0u);
  EXPECT_EQ(tse_task_buf_embedded(task, 8), space);
  EXPECT_EQ(tse_task_buf_embedded(task, static_cast<int>(TSE_TASK_ARG_LEN) + 1), nullptr);
  EXPECT_EQ(tse_task_buf_embedded(task, -1), nullptr);
  std::memset(space, 0xff, TSE_TASK_ARG_LEN);
  EXPECT_EQ(tse_task_set_priv(task, was), &here);
  EXPECT_EQ(tse_task2arg(task), nullptr);
  schedule(task);
  progress();
  EXPECT_EQ(log(), Log{"task"});
}

}  // namespace
}  // namespace daos::capi
