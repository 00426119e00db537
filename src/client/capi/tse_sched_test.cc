// Goal: lists, the end of a scheduler, wrong arguments.
#include "client/capi/tse_fixture.h"

namespace daos::capi {
namespace {

using namespace std::chrono_literals;

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

TEST_F(TseTest, ACallbackMayMakeProgressUntilAnotherTaskIsDone) {
  tse_task_t* trigger = make_empty();
  tse_task_t* other = make("other");
  tse_task_t* outer = make([this](tse_task_t* task) {
    for (int i = 0; log_.empty() && i < 3; i++) progress();
    EXPECT_EQ(log_, Log{"other"});
    tse_task_complete(task, 0);
  });
  depend(outer, {trigger});
  depend(other, {trigger});
  EXPECT_EQ(tse_task_schedule(outer, true), 0);
  EXPECT_EQ(tse_task_schedule(other, true), 0);
  tse_task_complete(trigger, 0);  // runs `outer` while `other` is ready, too
  EXPECT_TRUE(done());
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
