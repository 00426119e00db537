// Goal: when bodies run, what completes a task, what dependencies and sub-tasks do, and who is told of a failure
// (daos/tse.h). tse_graph_test.cc tries graphs.
#include "client/capi/tse_fixture.h"

namespace daos::capi {
namespace {

using namespace std::chrono_literals;

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

}  // namespace
}  // namespace daos::capi
