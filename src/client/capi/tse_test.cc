// Goal: the scheduler of tasks keeps each rule of daos/tse.h: when bodies run, what completes a task, who is told of a
// failure, what callbacks may do, what becomes of references. Time is the test's own. tse_graph_test.cc tries graphs.
#include <daos/tse.h>
#include <daos_errno.h>
#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "client/capi/tse_scheduler.h"

namespace daos::capi {
namespace {

using namespace std::chrono_literals;

class HandClock : public runtime::Clock {
 public:
  Time now() override { return now_; }
  int64_t unix_ns() override { return now_.ns; }
  void pass(Duration time) { now_ = now_ + time; }

 private:
  Time now_{.ns = 1000};
};

/// A task whose body and callbacks are functions of the test.
struct Script {
  std::function<void(tse_task_t*)> body;
};
int run_script(tse_task_t* task) {
  static_cast<Script*>(tse_task_get_priv(task))->body(task);
  return -DER_MISC;  // ignored
}
using Function = std::function<int(tse_task_t*)>;
/// The callback's argument is a pointer to a function of the test.
int call(tse_task_t* task, void* argument) { return (**static_cast<Function**>(argument))(task); }

class TseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Scheduler::set_clock_for_test(&clock_);
    ASSERT_EQ(tse_sched_init(&sched_, nullptr, nullptr), 0);
  }
  void TearDown() override {
    tse_sched_fini(&sched_);
    Scheduler::set_clock_for_test(nullptr);
  }

  tse_task_t* make(std::function<void(tse_task_t*)> body, tse_sched_t* sched = nullptr) {
    scripts_.push_back({std::move(body)});
    tse_task_t* task = nullptr;
    EXPECT_EQ(tse_task_create(run_script, sched != nullptr ? sched : &sched_, &scripts_.back(), &task), 0);
    return task;
  }
  /// Notes its name, and completes.
  tse_task_t* make(const std::string& name, int result = 0) {
    return make([this, name, result](tse_task_t* task) {
      log_.push_back(name);
      tse_task_complete(task, result);
    });
  }
  tse_task_t* make_empty() {
    tse_task_t* task = nullptr;
    EXPECT_EQ(tse_task_create(nullptr, &sched_, nullptr, &task), 0);
    return task;
  }
  void* keep(Function function) {
    functions_.push_back(std::move(function));
    pointers_.push_back(&functions_.back());
    return &pointers_.back();
  }
  void on_completion(tse_task_t* task, Function function) {
    EXPECT_EQ(tse_task_register_comp_cb(task, call, keep(std::move(function)), sizeof(Function*)), 0);
  }
  void before(tse_task_t* task, Function function) {
    EXPECT_EQ(tse_task_register_cbs(task, call, keep(std::move(function)), sizeof(Function*), nullptr, nullptr, 0), 0);
  }
  void depend(tse_task_t* task, std::vector<tse_task_t*> on) {
    EXPECT_EQ(tse_task_register_deps(task, static_cast<int>(on.size()), on.data()), 0);
  }
  static void schedule(tse_task_t* task) { EXPECT_EQ(tse_task_schedule(task, false), 0); }
  void progress() { tse_sched_progress(&sched_); }
  bool done() { return tse_sched_check_complete(&sched_); }
  std::vector<std::string> log() { return std::exchange(log_, {}); }
  using Log = std::vector<std::string>;

  HandClock clock_;
  tse_sched_t sched_;
  Log log_;
  std::deque<Script> scripts_;
  std::deque<Function> functions_;
  std::deque<Function*> pointers_;
};

// ------------------------------------------------------------------------------------------------ bodies, phases

TEST_F(TseTest, ABodyRunsAtTheNextProgressInOrder) {
  EXPECT_TRUE(done());
  for (const char* name : {"a", "b", "c"}) schedule(make(name));
  EXPECT_FALSE(done());
  EXPECT_EQ(log(), Log());
  progress();
  EXPECT_EQ(log(), (Log{"a", "b", "c"}));
  EXPECT_TRUE(done());
}

TEST_F(TseTest, AnInstantBodyRunsInsideTheCallOrWhenItsDependenciesAreDone) {
  EXPECT_EQ(tse_task_schedule(make("now"), true), 0);
  EXPECT_EQ(log(), Log{"now"});
  tse_task_t* first = make_empty();
  tse_task_t* then = make("then");
  tse_task_t* last = make("last");
  depend(then, {first});
  depend(last, {then});
  EXPECT_EQ(tse_task_schedule(last, true), 0);
  EXPECT_EQ(tse_task_schedule(then, true), 0);
  EXPECT_EQ(log(), Log());
  tse_task_complete(first, 0);
  EXPECT_EQ(log(), (Log{"then", "last"}));
}

TEST_F(TseTest, AChainOfInstantTasksNeedsNoStack) {
  constexpr int kTasks = 100'000;
  int ran = 0;
  tse_task_t* first = make_empty();
  tse_task_t* previous = first;
  for (int i = 0; i < kTasks; i++) {
    tse_task_t* task = make([&](tse_task_t* self) {
      ran++;
      tse_task_complete(self, 0);
    });
    depend(task, {previous});
    EXPECT_EQ(tse_task_schedule(task, true), 0);
    previous = task;
  }
  tse_task_complete(first, 0);
  EXPECT_EQ(ran, kTasks);
}

TEST_F(TseTest, WhatIsScheduledDuringProgressWaitsForTheNext) {
  int runs = 0;
  schedule(make([&](tse_task_t* task) {
    if (++runs < 3) {
      EXPECT_EQ(tse_task_reinit(task), 0);
    } else {
      schedule(make("another"));
      tse_task_complete(task, 0);
    }
  }));
  for (int round = 1; round <= 3; round++) {
    progress();
    EXPECT_EQ(runs, round);
  }
  EXPECT_EQ(log(), Log());
  progress();
  EXPECT_EQ(log(), Log{"another"});
  EXPECT_TRUE(done());
}

TEST_F(TseTest, ABodyMayCompleteLater) {
  tse_task_t* running = nullptr;
  schedule(make([&](tse_task_t* task) { running = task; }));
  progress();
  progress();
  ASSERT_NE(running, nullptr);
  EXPECT_FALSE(done());
  tse_task_addref(running);
  tse_task_complete(running, -DER_IO);
  tse_task_complete(running, -DER_CSUM);  // a second time: ignored
  EXPECT_TRUE(done());
  EXPECT_EQ(running->dt_result, -DER_IO);
  tse_task_decref(running);
}

TEST_F(TseTest, ATaskWithoutBodyRunsUntilItIsCompleted) {
  tse_task_t* dependency = make("dependency");
  tse_task_t* empty = make_empty();
  tse_task_t* after = make("after");
  before(empty, [&](tse_task_t*) {
    log_.push_back("prepared");
    return 0;
  });
  depend(empty, {dependency});
  depend(after, {empty});
  for (tse_task_t* task : {dependency, empty, after}) schedule(task);
  for (int i = 0; i < 3; i++) progress();
  EXPECT_EQ(log(), (Log{"dependency", "prepared"}));
  tse_task_complete(empty, 0);
  progress();
  EXPECT_EQ(log(), Log{"after"});
}

TEST_F(TseTest, ATaskWithoutBodyIsCompletedByWhatItIsGivenWhileItRuns) {
  tse_task_t* empty = make_empty();
  tse_task_addref(empty);
  EXPECT_EQ(tse_task_schedule(empty, true), 0);
  tse_task_t* child = make("child", -DER_NONEXIST);
  depend(empty, {child});
  schedule(child);
  EXPECT_FALSE(done());
  progress();
  EXPECT_TRUE(done());
  EXPECT_EQ(empty->dt_result, -DER_NONEXIST);
  tse_task_decref(empty);
}

TEST_F(TseTest, ATaskThatIsCompletedBeforeItRunsNeverRuns) {
  tse_task_t* blocker = make_empty();
  tse_task_t* waiting = make("waiting");
  tse_task_t* ready = make("ready");
  tse_task_t* unscheduled = make("unscheduled");
  tse_task_t* after = make("after");
  depend(waiting, {blocker});
  depend(after, {waiting, ready, unscheduled});
  for (tse_task_t* task : {waiting, ready, after}) schedule(task);
  for (tse_task_t* task : {waiting, ready, unscheduled}) tse_task_complete(task, 0);
  progress();
  EXPECT_EQ(log(), Log{"after"});
  tse_task_complete(blocker, 0);
  progress();
  EXPECT_EQ(log(), Log());
  EXPECT_TRUE(done());
}

// ------------------------------------------------------------------------------------------------- dependencies

TEST_F(TseTest, DependenciesComeFirst) {
  tse_task_t* a = make("a");
  tse_task_t* b = make("b");
  tse_task_t* c = make("c");
  depend(a, {b, c});
  depend(b, {c});
  for (tse_task_t* task : {a, b, c}) schedule(task);
  progress();
  EXPECT_EQ(log(), (Log{"c", "b", "a"}));
}

TEST_F(TseTest, CompletedDependenciesDoNotCount) {
  tse_task_t* a = make("a", -DER_IO);
  tse_task_addref(a);
  schedule(a);
  progress();
  int seen = 1;
  tse_task_t* b = make([&](tse_task_t* task) {
    seen = task->dt_result;
    tse_task_complete(task, 0);
  });
  depend(b, {a});
  schedule(b);
  progress();
  EXPECT_EQ(seen, 0);
  tse_task_decref(a);
}

TEST_F(TseTest, ACompletedTaskTakesNothingMore) {
  tse_task_t* a = make("a");
  tse_task_t* b = make("b");
  tse_task_addref(a);
  schedule(a);
  progress();
  EXPECT_EQ(tse_task_register_deps(a, 1, &b), -DER_NO_PERM);
  EXPECT_EQ(tse_task_register_comp_cb(a, call, nullptr, 0), -DER_NO_PERM);
  EXPECT_EQ(tse_task_register_cbs(a, call, nullptr, 0, call, nullptr, 0), -DER_NO_PERM);
  EXPECT_EQ(tse_task_register_comp_cb_and_reinit(a, call, nullptr, 0, 0), -DER_NO_PERM);
  EXPECT_EQ(tse_task_schedule(a, false), 0);  // nothing happens
  EXPECT_TRUE(done());
  tse_task_decref(a);
  tse_task_decref(b);
}

TEST_F(TseTest, DependenciesMayBelongToAnotherScheduler) {
  tse_sched_t other;
  ASSERT_EQ(tse_sched_init(&other, nullptr, nullptr), 0);
  int seen = 0;
  tse_task_t* here = make([&](tse_task_t* task) {
    seen = task->dt_result;
    tse_task_complete(task, 0);
  });
  tse_task_t* there = make([](tse_task_t* task) { tse_task_complete(task, -DER_BUSY); }, &other);
  EXPECT_EQ(tse_task2sched(there), &other);
  depend(here, {there});
  schedule(here);
  schedule(there);
  progress();
  EXPECT_EQ(seen, 0);
  EXPECT_FALSE(done());
  tse_sched_progress(&other);
  progress();
  EXPECT_EQ(seen, -DER_BUSY);
  EXPECT_TRUE(done());
  tse_sched_fini(&other);
}

TEST_F(TseTest, ATaskThatIsDroppedReleasesWhoWaitsForIt) {
  tse_task_t* dropped = make("dropped");
  int seen = 0;
  tse_task_t* waiting = make([&](tse_task_t* task) {
    seen = task->dt_result;
    tse_task_complete(task, 0);
  });
  depend(waiting, {dropped});
  schedule(waiting);
  tse_task_decref(dropped);
  progress();
  EXPECT_EQ(seen, -DER_CANCELED);
}

// ------------------------------------------------------------------------------------------------------ failures

TEST_F(TseTest, AFailureIsHandedOnAndDependentsStillRun) {
  int middle = 1, last = 1, deaf = 1;
  tse_task_t* a = make("a", -DER_NOSPACE);
  tse_task_t* b = make([&](tse_task_t* task) {
    middle = task->dt_result;
    tse_task_complete(task, -DER_IO);  // comes too late
  });
  tse_task_t* c = make([&](tse_task_t* task) {
    last = task->dt_result;
    tse_task_complete(task, 0);
  });
  tse_task_t* d = make([&](tse_task_t* task) {
    deaf = task->dt_result;
    tse_task_complete(task, 0);
  });
  tse_disable_propagate(d);
  depend(b, {a});
  depend(c, {b});
  depend(d, {b});
  for (tse_task_t* task : {a, b, c, d}) schedule(task);
  progress();
  EXPECT_EQ(middle, -DER_NOSPACE);
  EXPECT_EQ(last, -DER_NOSPACE);
  EXPECT_EQ(deaf, 0);
}

TEST_F(TseTest, TheFirstFailureStays) {
  tse_task_t* a = make("a", -DER_IO);
  tse_task_t* b = make("b", -DER_CSUM);
  tse_task_t* c = make("c");
  depend(b, {a});
  depend(c, {a, b});
  tse_task_addref(c);
  for (tse_task_t* task : {a, b, c}) schedule(task);
  progress();
  EXPECT_EQ(c->dt_result, -DER_IO);
  tse_task_decref(c);
}

// ----------------------------------------------------------------------------------------------------- sub-tasks

TEST_F(TseTest, ATaskIsDoneWithItsSubTasks) {
  for (const bool instant : {false, true}) {
    tse_task_t* parent = make([&](tse_task_t* task) {
      log_.push_back("parent");
      for (const char* name : {"x", "y"}) {
        tse_task_t* child = make(name);
        depend(task, {child});
        EXPECT_EQ(tse_task_schedule(child, instant), 0);
      }
    });
    on_completion(parent, [&](tse_task_t*) {
      log_.push_back("done");
      return 0;
    });
    schedule(parent);
    progress();
    EXPECT_EQ(done(), instant);
    progress();
    EXPECT_TRUE(done());
    EXPECT_EQ(log(), (Log{"parent", "x", "y", "done"}));
  }
}

TEST_F(TseTest, ASubTaskThatWasDoneBeforeItWasRegisteredCountsAsDone) {
  schedule(make([&](tse_task_t* task) {
    tse_task_t* child = make("child");
    tse_task_addref(child);
    EXPECT_EQ(tse_task_schedule(child, true), 0);
    depend(task, {child});
    tse_task_decref(child);
  }));
  progress();
  EXPECT_TRUE(done());
}

TEST_F(TseTest, ASubTasksFailureBecomesItsParents) {
  tse_task_t* parent = make([&](tse_task_t* task) {
    tse_task_t* child = make("child", -DER_STALE);
    depend(task, {child});
    schedule(child);
  });
  tse_task_addref(parent);
  schedule(parent);
  progress();
  progress();
  EXPECT_TRUE(done());
  EXPECT_EQ(parent->dt_result, -DER_STALE);
  tse_task_decref(parent);
}

TEST_F(TseTest, AParentMayCompleteBeforeItsSubTasks) {
  tse_task_t* child = make("child");
  tse_task_t* parent = make([&](tse_task_t* task) {
    depend(task, {child});
    schedule(child);
    tse_task_complete(task, -DER_AGAIN);
  });
  tse_task_addref(parent);
  schedule(parent);
  progress();
  EXPECT_EQ(parent->dt_result, -DER_AGAIN);
  EXPECT_FALSE(done());
  progress();
  EXPECT_TRUE(done());
  EXPECT_EQ(parent->dt_result, -DER_AGAIN);
  tse_task_decref(parent);
}

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

// --------------------------------------------------------------------------------------------------------- lists

TEST_F(TseTest, Lists) {
  d_list_t list;
  D_INIT_LIST_HEAD(&list);
  EXPECT_EQ(tse_task_list_first(&list), nullptr);
  std::vector<tse_task_t*> tasks;
  for (const char* name : {"a", "b", "c", "d"}) {
    tasks.push_back(make(name));
    EXPECT_EQ(tse_task_list_add(tasks.back(), &list), 0);
    EXPECT_EQ(tse_task_list_add(tasks.back(), &list), -DER_NO_PERM);
  }
  EXPECT_EQ(tse_task_list_first(&list), tasks[0]);
  tse_task_list_del(tasks[3]);
  tse_task_list_del(tasks[3]);
  schedule(tasks[3]);

  struct Seen {
    std::vector<tse_task_t*> tasks;
    std::vector<tse_task_t*> remove;
  };
  const auto see = [](tse_task_t* task, void* argument) {
    auto* seen = static_cast<Seen*>(argument);
    seen->tasks.push_back(task);
    for (tse_task_t* other : std::exchange(seen->remove, {})) tse_task_list_del(other);
    return seen->tasks.size() < 3 ? -static_cast<int>(seen->tasks.size()) : 0;
  };
  Seen all;
  EXPECT_EQ(tse_task_list_traverse(&list, see, &all), -2);
  EXPECT_EQ(all.tasks, std::vector(tasks.begin(), tasks.begin() + 3));
  Seen some{.tasks = {}, .remove = {tasks[0], tasks[1]}};
  EXPECT_EQ(tse_task_list_traverse_adv(&list, see, &some), -2);
  EXPECT_EQ(some.tasks, (std::vector{tasks[0], tasks[2]}));
  EXPECT_EQ(tse_task_list_first(&list), tasks[2]);
  EXPECT_EQ(tse_task_list_add(tasks[0], &list), 0);
  EXPECT_EQ(tse_task_list_add(tasks[1], &list), 0);

  tse_task_t* first = make("first");
  tse_task_t* last = make("last");
  EXPECT_EQ(tse_task_list_depend(&list, first), 0);
  EXPECT_EQ(tse_task_depend_list(last, &list), 0);
  schedule(last);
  tse_task_list_sched(&list, false);
  EXPECT_TRUE(d_list_empty(&list));
  progress();
  EXPECT_EQ(log(), Log{"d"});
  schedule(first);
  progress();
  EXPECT_EQ(log(), (Log{"first", "c", "a", "b", "last"}));
}

TEST_F(TseTest, AnAbortedListCompletesItsTasks) {
  d_list_t list;
  D_INIT_LIST_HEAD(&list);
  std::vector<int> results;
  for (const char* name : {"a", "b"}) {
    tse_task_t* task = make(name);
    on_completion(task, [&](tse_task_t* t) {
      results.push_back(t->dt_result);
      return 0;
    });
    EXPECT_EQ(tse_task_list_add(task, &list), 0);
  }
  tse_task_list_abort(&list, -DER_CANCELED);
  EXPECT_TRUE(d_list_empty(&list));
  EXPECT_EQ(results, (std::vector{-DER_CANCELED, -DER_CANCELED}));
  progress();
  EXPECT_EQ(log(), Log());
}

// ---------------------------------------------------------------------------------------------------- schedulers

TEST_F(TseTest, CompleteRunsEverythingThenTheSchedulersCallbacks) {
  std::vector<std::pair<int, int>> seen;
  using Seen = decltype(seen);
  const auto first = [](void* argument, int rc) {
    static_cast<Seen*>(argument)->push_back({1, rc});
    return 0;
  };
  const auto second = [](void* argument, int rc) {
    static_cast<Seen*>(argument)->push_back({2, rc});
    return -DER_MISC;
  };
  tse_sched_t sched;
  ASSERT_EQ(tse_sched_init(&sched, first, &seen), 0);
  EXPECT_EQ(sched.ds_udata, &seen);
  EXPECT_EQ(tse_sched_register_comp_cb(&sched, second, &seen), 0);
  tse_task_t* a = make(
      [this](tse_task_t* t) {
        log_.push_back("a");
        tse_task_complete(t, -DER_IO);  // a task's failure is not the scheduler's
      },
      &sched);
  tse_task_t* b = make(
      [this](tse_task_t* t) {
        log_.push_back("b");
        tse_task_complete(t, 0);
      },
      &sched);
  depend(b, {a});
  schedule(b);
  schedule(a);
  tse_sched_complete(&sched, 0, false);
  EXPECT_EQ(log(), (Log{"a", "b"}));
  EXPECT_EQ(seen, (Seen{{1, 0}, {2, 0}}));
  EXPECT_EQ(sched.ds_result, -DER_MISC);
  tse_sched_complete(&sched, -DER_IO, false);
  EXPECT_EQ(seen.size(), 2u);  // each once
  EXPECT_EQ(sched.ds_result, -DER_MISC);
  tse_sched_fini(&sched);
}

TEST_F(TseTest, CancelCompletesWhatHasNotBegun) {
  std::vector<int> results;
  tse_task_t* running = make([](tse_task_t*) {});
  tse_task_addref(running);
  schedule(running);
  progress();
  tse_task_t* waiting = make("waiting");
  tse_task_t* ready = make("ready");
  tse_task_t* sleeping = make("sleeping");
  depend(waiting, {running});
  Function note = [&](tse_task_t* t) {
    results.push_back(t->dt_result);
    EXPECT_EQ(tse_task_reinit(t), -DER_CANCELED);
    schedule(make("late"));
    return 0;
  };
  for (tse_task_t* task : {waiting, ready, sleeping}) on_completion(task, note);
  schedule(waiting);
  schedule(ready);
  EXPECT_EQ(tse_task_schedule_with_delay(sleeping, false, 1'000'000), 0);
  tse_sched_complete(&sched_, -DER_CANCELED, true);
  EXPECT_EQ(results, std::vector(3, -DER_CANCELED));
  EXPECT_EQ(sched_.ds_result, -DER_CANCELED);
  EXPECT_TRUE(done());
  EXPECT_EQ(log(), Log());
  tse_task_complete(running, 0);  // abandoned, not gone
  EXPECT_EQ(running->dt_result, 0);
  tse_task_decref(running);
}

TEST_F(TseTest, ASchedulerLivesAsLongAsItIsReferredTo) {
  tse_sched_t sched;
  ASSERT_EQ(tse_sched_init(&sched, nullptr, nullptr), 0);
  tse_sched_addref(&sched);
  tse_sched_fini(&sched);
  tse_task_t* task = make(
      [this](tse_task_t* t) {
        log_.push_back("ran");
        tse_task_complete(t, 0);
      },
      &sched);
  tse_task_addref(task);
  schedule(task);
  tse_sched_progress(&sched);
  EXPECT_EQ(log(), Log{"ran"});
  tse_sched_decref(&sched);
  tse_task_t* other = nullptr;
  EXPECT_EQ(tse_task_create(run_script, &sched, nullptr, &other), -DER_INVAL);
  std::memset(&sched, 0xee, sizeof sched);
  tse_task_decref(task);
}

TEST_F(TseTest, WrongArguments) {
  tse_task_t* task = make("task");
  tse_task_t* none = nullptr;
  EXPECT_EQ(tse_sched_init(nullptr, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(tse_task_create(run_script, nullptr, nullptr, &none), -DER_INVAL);
  EXPECT_EQ(tse_task_create(run_script, &sched_, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(tse_task_register_deps(task, 1, &none), -DER_INVAL);
  EXPECT_EQ(tse_task_register_deps(task, 1, &task), -DER_INVAL);
  EXPECT_EQ(tse_task_register_deps(task, -1, &none), -DER_INVAL);
  EXPECT_EQ(tse_task_register_deps(task, 1, nullptr), -DER_INVAL);
  EXPECT_EQ(tse_task_register_deps(task, 0, nullptr), 0);
  EXPECT_EQ(tse_task_register_cbs(task, nullptr, nullptr, 0, nullptr, nullptr, 0), -DER_INVAL);
  EXPECT_EQ(tse_task_register_comp_cb(task, nullptr, nullptr, 0), -DER_INVAL);
  EXPECT_EQ(tse_task_register_comp_cb(task, call, nullptr, SIZE_MAX), -DER_NOMEM);
  EXPECT_EQ(tse_sched_register_comp_cb(&sched_, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(tse_task_schedule(nullptr, false), -DER_INVAL);
  EXPECT_EQ(tse_task_reinit(nullptr), -DER_INVAL);
  EXPECT_EQ(tse_task_reset(nullptr, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(tse_task_list_add(nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(tse_task_list_depend(nullptr, task), -DER_INVAL);
  EXPECT_EQ(tse_task_depend_list(nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(tse_task_list_traverse(nullptr, nullptr, nullptr), -DER_INVAL);
  tse_task_complete(nullptr, 0);
  tse_task_addref(nullptr);
  tse_task_decref(nullptr);
  tse_task_list_del(nullptr);
  tse_disable_propagate(nullptr);
  tse_sched_progress(nullptr);
  tse_sched_complete(nullptr, 0, false);
  tse_sched_fini(nullptr);
  EXPECT_TRUE(tse_sched_check_complete(nullptr));
  EXPECT_EQ(tse_task2sched(nullptr), nullptr);
  EXPECT_EQ(tse_task_get_priv(nullptr), nullptr);
  EXPECT_EQ(tse_task_set_priv(nullptr, nullptr), nullptr);
  tse_task_decref(task);
}

}  // namespace
}  // namespace daos::capi
