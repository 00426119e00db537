// For tests of the scheduler: tasks whose bodies and callbacks are functions of the test, a log, and time that the test
// makes.
#pragma once

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
inline int run_script(tse_task_t* task) {
  static_cast<Script*>(tse_task_get_priv(task))->body(task);
  return -DER_MISC;  // ignored
}
using Function = std::function<int(tse_task_t*)>;
/// The callback's argument is a pointer to a function of the test.
inline int call(tse_task_t* task, void* argument) { return (**static_cast<Function**>(argument))(task); }

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

}  // namespace daos::capi
