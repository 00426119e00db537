// tse_*: argument checks; the rules are in tse_scheduler.cc, tse_completion.cc and tse_dependencies.cc.
#include <daos_errno.h>

#include <cstring>
#include <new>
#include <utility>

#include "client/capi/tse_scheduler.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT

namespace {

Duration delay_of(uint64_t us) {
  constexpr uint64_t kLongestUs = INT64_MAX / 1000;
  return us > kLongestUs ? Duration::max() : std::chrono::microseconds(us);
}

int register_callbacks(tse_task_t* task, tse_task_cb_t prep, const void* prep_argument, size_t prep_bytes,
                       tse_task_cb_t comp, const void* comp_argument, size_t comp_bytes) {
  TaskCallback* preparation = prep != nullptr ? TaskCallback::make(prep, prep_argument, prep_bytes) : nullptr;
  TaskCallback* completion = comp != nullptr ? TaskCallback::make(comp, comp_argument, comp_bytes) : nullptr;
  int rc = -DER_NOMEM;
  if ((prep == nullptr || preparation != nullptr) && (comp == nullptr || completion != nullptr)) {
    TaskState& state = TaskState::of(task);
    rc = state.scheduler->register_callbacks(state, preparation, completion);
  }
  if (rc != 0) {
    TaskCallback::free(preparation);
    TaskCallback::free(completion);
  }
  return rc;
}

}  // namespace

// --------------------------------------------------------------------------------------------------- schedulers

int tse_sched_init(tse_sched_t* sched, tse_sched_comp_cb_t comp_cb, void* udata) {
  if (sched == nullptr) return -DER_INVAL;
  std::memset(sched, 0, sizeof *sched);
  Scheduler* scheduler = Scheduler::make(sched);
  if (scheduler == nullptr) return -DER_NOMEM;
  if (comp_cb != nullptr) {
    if (const int rc = scheduler->register_callback(comp_cb, udata); rc != 0) {
      scheduler->drop_reference();
      return rc;
    }
  }
  sched->ds_udata = udata;
  new (sched->ds_private.ds_space) Scheduler::Space{Scheduler::Space::kMagic, scheduler};
  return 0;
}

void tse_sched_fini(tse_sched_t* sched) {
  if (Scheduler* scheduler = Scheduler::of(sched)) scheduler->drop_use();
}

void tse_sched_addref(tse_sched_t* sched) {
  if (Scheduler* scheduler = Scheduler::of(sched)) scheduler->add_use();
}

void tse_sched_decref(tse_sched_t* sched) { tse_sched_fini(sched); }

void tse_sched_complete(tse_sched_t* sched, int ret, bool cancel) {
  if (Scheduler* scheduler = Scheduler::of(sched)) scheduler->complete(ret, cancel);
}

int tse_sched_register_comp_cb(tse_sched_t* sched, tse_sched_comp_cb_t comp_cb, void* arg) {
  Scheduler* scheduler = Scheduler::of(sched);
  if (scheduler == nullptr || comp_cb == nullptr) return -DER_INVAL;
  return scheduler->register_callback(comp_cb, arg);
}

void tse_sched_progress(tse_sched_t* sched) {
  if (Scheduler* scheduler = Scheduler::of(sched)) scheduler->progress();
}

bool tse_sched_check_complete(tse_sched_t* sched) {
  Scheduler* scheduler = Scheduler::of(sched);
  return scheduler == nullptr || scheduler->check_complete();
}

// -------------------------------------------------------------------------------------------------------- tasks

tse_sched_t* tse_task2sched(tse_task_t* task) {
  return task != nullptr ? TaskState::of(task).scheduler->sched() : nullptr;
}

int tse_task_create(tse_task_func_t task_func, tse_sched_t* sched, void* priv, tse_task_t** taskp) {
  Scheduler* scheduler = Scheduler::of(sched);
  if (scheduler == nullptr || taskp == nullptr) return -DER_INVAL;
  TaskState* state = TaskState::make(*scheduler, task_func, priv);
  if (state == nullptr) return -DER_NOMEM;
  *taskp = state->task();
  return 0;
}

int tse_task_schedule(tse_task_t* task, bool instant) { return tse_task_schedule_with_delay(task, instant, 0); }

int tse_task_schedule_with_delay(tse_task_t* task, bool instant, uint64_t delay) {
  if (task == nullptr || (instant && delay > 0)) return -DER_INVAL;
  TaskState& state = TaskState::of(task);
  state.scheduler->schedule(state, instant, delay_of(delay));
  return 0;
}

int tse_task_register_comp_cb(tse_task_t* task, tse_task_cb_t comp_cb, void* arg, size_t arg_size) {
  if (task == nullptr || comp_cb == nullptr) return -DER_INVAL;
  return register_callbacks(task, nullptr, nullptr, 0, comp_cb, arg, arg_size);
}

int tse_task_register_cbs(tse_task_t* task, tse_task_cb_t prep_cb, void* prep_data, size_t prep_data_size,
                          tse_task_cb_t comp_cb, void* comp_data, size_t comp_data_size) {
  if (task == nullptr || (prep_cb == nullptr && comp_cb == nullptr)) return -DER_INVAL;
  return register_callbacks(task, prep_cb, prep_data, prep_data_size, comp_cb, comp_data, comp_data_size);
}

int tse_task_register_comp_cb_and_reinit(tse_task_t* task, tse_task_cb_t comp_cb, void* arg, size_t arg_size,
                                         uint64_t delay) {
  if (task == nullptr || comp_cb == nullptr) return -DER_INVAL;
  TaskCallback* completion = TaskCallback::make(comp_cb, arg, arg_size);
  if (completion == nullptr) return -DER_NOMEM;
  TaskState& state = TaskState::of(task);
  const int rc = state.scheduler->reinit(state, delay_of(delay), completion);
  if (rc != 0) TaskCallback::free(completion);
  return rc;
}

void tse_task_complete(tse_task_t* task, int ret) {
  if (task == nullptr) return;
  TaskState& state = TaskState::of(task);
  state.scheduler->complete(state, ret);
}

int tse_task_reinit(tse_task_t* task) { return tse_task_reinit_with_delay(task, 0); }

int tse_task_reinit_with_delay(tse_task_t* task, uint64_t delay) {
  if (task == nullptr) return -DER_INVAL;
  TaskState& state = TaskState::of(task);
  return state.scheduler->reinit(state, delay_of(delay), nullptr);
}

int tse_task_reset(tse_task_t* task, tse_task_func_t task_func, void* priv) {
  if (task == nullptr) return -DER_INVAL;
  TaskState& state = TaskState::of(task);
  return state.scheduler->reset(state, task_func, priv);
}

int tse_task_register_deps(tse_task_t* task, int num_deps, tse_task_t* dep_tasks[]) {
  if (task == nullptr) return -DER_INVAL;
  TaskState& state = TaskState::of(task);
  return state.scheduler->depend(state, num_deps, dep_tasks);
}

void tse_disable_propagate(tse_task_t* task) {
  if (task == nullptr) return;
  TaskState& state = TaskState::of(task);
  state.scheduler->stop_propagation(state);
}

void tse_task_addref(tse_task_t* task) {
  if (task != nullptr) TaskState::of(task).add_reference();
}

void tse_task_decref(tse_task_t* task) {
  if (task != nullptr) TaskState::of(task).drop_reference();
}

void* tse_task_get_priv(tse_task_t* task) { return task != nullptr ? TaskState::of(task).user_pointer : nullptr; }

void* tse_task_set_priv(tse_task_t* task, void* priv) {
  return task != nullptr ? std::exchange(TaskState::of(task).user_pointer, priv) : nullptr;
}

void* tse_task_buf_embedded(tse_task_t* task, int size) {
  if (task == nullptr || size < 0 || static_cast<size_t>(size) > TaskState::kArgumentBytes) return nullptr;
  return TaskState::of(task).arguments();
}

void* tse_task2arg(tse_task_t*) { return nullptr; }
