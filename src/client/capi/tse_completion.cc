// How tasks end, and how they begin again.
#include <daos_errno.h>

#include <utility>

#include "client/capi/tse_scheduler.h"

namespace daos::capi {

uint32_t Scheduler::begin_completion(TaskState& task, int result) {
  if (task.phase == Phase::kInit) active_++;
  if (!task.scheduler_references) {
    task.scheduler_references = true;
    task.add_reference();
  }
  d_list_del_init(&task.queue);
  task.sleeping = false;
  task.in_body = false;
  task.waits = false;
  task.interrupted = false;
  if (task.task()->dt_result == 0) task.task()->dt_result = result;
  task.phase = Phase::kCompleting;
  return ++task.turn;
}

void Scheduler::complete(TaskState& task, int result) {
  Lock lock(mutex_);
  if (task.phase == Phase::kCompleting || task.phase == Phase::kCompleted) return;
  task.add_reference();
  const uint32_t turn = begin_completion(task, result);
  lock.unlock();
  run_completions(task, turn);
  task.drop_reference();
}

/// Ends early when a callback has started the task again, or has made it wait: then the remaining callbacks stay.
void Scheduler::run_completions(TaskState& task, uint32_t turn) {
  Lock lock(mutex_);
  while (task.turn == turn) {
    if (std::exchange(task.interrupted, false) && task.dependencies > 0) {
      task.phase = Phase::kRunning;
      task.waits = true;
      return;
    }
    TaskCallback* callback = task.completions;
    if (callback == nullptr) break;
    task.completions = callback->next;
    lock.unlock();
    const int result = callback->function(task.task(), callback->argument);
    TaskCallback::free(callback);
    lock.lock();
    if (task.turn == turn && task.task()->dt_result == 0) task.task()->dt_result = result;
  }
  if (task.turn != turn) return;

  task.phase = Phase::kCompleted;
  active_--;
  TaskCallback* unused = std::exchange(task.preparations, nullptr);
  DependencyRecord* dependents = std::exchange(task.dependents, nullptr);
  const int result = task.task()->dt_result;
  const bool forgotten = closed_;  // nobody makes progress any more
  if (forgotten) {
    task.scheduler_references = false;
  } else {
    d_list_add_tail(&task.queue, &completed_);
  }
  lock.unlock();
  while (unused != nullptr) TaskCallback::free(std::exchange(unused, unused->next));
  release_all(dependents, result);
  changed();
  if (forgotten) task.drop_reference();
}

int Scheduler::register_callbacks(TaskState& task, TaskCallback* preparation, TaskCallback* completion) {
  Lock lock(mutex_);
  if (task.phase == Phase::kCompleted) return -DER_NO_PERM;
  if (preparation != nullptr) {
    TaskCallback** end = &task.preparations;
    while (*end != nullptr) end = &(*end)->next;
    *end = preparation;
  }
  if (completion != nullptr) {
    completion->next = task.completions;
    task.completions = completion;
  }
  return 0;
}

int Scheduler::reinit(TaskState& task, Duration delay, TaskCallback* completion) {
  {
    Lock lock(mutex_);
    if (task.phase == Phase::kInit || task.phase == Phase::kScheduled) return -DER_NO_PERM;
    if (completion != nullptr && task.phase == Phase::kCompleted) return -DER_NO_PERM;
    if (task.body == nullptr) return -DER_INVAL;
    if (closed_) return -DER_CANCELED;
    if (task.phase == Phase::kCompleted) active_++;
    if (!task.scheduler_references) {
      task.scheduler_references = true;
      task.add_reference();
    }
    if (completion != nullptr) {
      completion->next = task.completions;
      task.completions = completion;
    }
    d_list_del_init(&task.queue);
    task.turn++;
    task.task()->dt_result = 0;
    task.instant = false;  // else a body that starts its task again would never return
    task.in_body = false;
    task.waits = false;
    task.interrupted = false;
    enqueue(task, delay);
  }
  changed();
  return 0;
}

int Scheduler::reset(TaskState& task, tse_task_func_t body, void* user_pointer) {
  Lock lock(mutex_);
  if (task.phase != Phase::kCompleted) return -DER_NO_PERM;
  if (task.completions != nullptr || task.preparations != nullptr || task.dependents != nullptr ||
      task.dependencies > 0 || task.call_running || !d_list_empty(&task.user_list)) {
    return -DER_NO_PERM;
  }
  d_list_del_init(&task.queue);
  if (!task.scheduler_references) {  // as a new task, it has one for the scheduler to take over
    task.scheduler_references = true;
    task.add_reference();
  }
  task.phase = Phase::kInit;
  task.body = body;
  task.user_pointer = user_pointer;
  task.no_propagation = false;
  task.task()->dt_result = 0;
  return 0;
}

void Scheduler::stop_propagation(TaskState& task) {
  Lock lock(mutex_);
  task.no_propagation = true;
}

}  // namespace daos::capi
