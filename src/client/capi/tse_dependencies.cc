// Tasks that wait for tasks.
#include <daos_errno.h>

#include <new>
#include <utility>

#include "client/capi/tse_scheduler.h"

namespace daos::capi {
namespace {

void free_records(DependencyRecord* first) {
  while (first != nullptr) delete std::exchange(first, first->next);
}

}  // namespace

/// False: the task is complete. Called on the scheduler of the task that is waited for.
bool Scheduler::add_record(TaskState& task, DependencyRecord* record) {
  Lock lock(mutex_);
  if (task.phase == Phase::kCompleted) return false;
  record->next = task.dependents;
  task.dependents = record;
  return true;
}

int Scheduler::depend(TaskState& task, int count, tse_task_t* const* on) {
  if (count < 0 || (count > 0 && on == nullptr)) return -DER_INVAL;
  for (int i = 0; i < count; i++) {
    if (on[i] == nullptr || on[i] == task.task()) return -DER_INVAL;
  }
  DependencyRecord* records = nullptr;
  for (int i = 0; i < count; i++) {
    auto* record = new (std::nothrow) DependencyRecord{records, &task};
    if (record == nullptr) {
      free_records(records);
      return -DER_NOMEM;
    }
    records = record;
  }
  {
    Lock lock(mutex_);
    if (task.phase == Phase::kCompleted) {
      lock.unlock();
      free_records(records);
      return -DER_NO_PERM;
    }
    // Counted first, as if none were done: a dependency may be done before the next one has been looked at.
    task.dependencies += static_cast<uint32_t>(count);
    if (count > 0 && task.phase == Phase::kRunning) {
      d_list_del_init(&task.queue);
      task.waits = !task.call_running;  // else the end of its call completes it
    } else if (count > 0 && task.phase == Phase::kCompleting) {
      task.interrupted = true;
    } else if (count > 0 && task.phase == Phase::kScheduled && !task.sleeping) {
      d_list_move_tail(&task.queue, &waiting_);
    }
  }
  for (int i = 0; i < count; i++) {
    DependencyRecord* record = std::exchange(records, records->next);
    TaskState& dependency = TaskState::of(on[i]);
    task.add_reference();
    if (!dependency.scheduler->add_record(dependency, record)) {
      record->next = nullptr;
      release_all(record, 0);
    }
  }
  return 0;
}

void Scheduler::release(TaskState& task, int result) {
  Lock lock(mutex_);
  task.dependencies--;
  if (task.task()->dt_result == 0 && !task.no_propagation && task.phase != Phase::kCompleted) {
    task.task()->dt_result = result;
  }
  if (task.dependencies > 0) return;
  if (task.phase == Phase::kScheduled && !task.sleeping) {
    d_list_del_init(&task.queue);
    enqueue_ready(task);
  } else if (task.phase == Phase::kRunning && task.waits && !task.in_body) {
    d_list_add_tail(&task.queue, &settled_);
  }
}

/// In the order of registration.
void Scheduler::release_all(DependencyRecord* records, int result) {
  DependencyRecord* first = nullptr;
  while (records != nullptr) {
    DependencyRecord* next = records->next;
    records->next = first;
    first = records;
    records = next;
  }
  for (DependencyRecord* record = first; record != nullptr; record = record->next) {
    record->waiting->scheduler->release(*record->waiting, result);
  }
  // Only now: an instant task may complete others, whose results must not come before this one.
  while (first != nullptr) {
    DependencyRecord* record = std::exchange(first, first->next);
    TaskState& task = *record->waiting;
    delete record;
    task.scheduler->run_instants_once();
    task.scheduler->changed();
    task.drop_reference();
  }
}

}  // namespace daos::capi
