// What a task (daos/tse.h) is inside: this structure lives at the front of a tse_task_t's private space, the arguments
// (tse_task_buf_embedded) behind it.
//
//   kInit -> schedule -> kScheduled -> dependencies done -> kRunning -> complete -> kCompleting -> kCompleted
//                            ^                                |              |                        |
//                            +----------- reinit -------------+--------------+------------------------+
//
// A task counts its unfinished dependencies and knows, as a list of records, who depends on it. Both sides may belong
// to different schedulers: the count is guarded by the task's own scheduler, the records by that of the task which is
// waited for, and no code holds two of those locks.
#pragma once

#include <daos/tse.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace daos::capi {

class Scheduler;
struct TaskState;

/// A registered callback; its private copy of the argument stands behind it.
struct TaskCallback {
  TaskCallback* next;
  tse_task_cb_t function;
  void* argument;  // null when no bytes were given

  /// Null without memory. Without `argument` the copy is `bytes` zeros.
  static TaskCallback* make(tse_task_cb_t function, const void* argument, size_t bytes);
  static void free(TaskCallback* callback);
};

/// On the list of the task that is waited for; holds a reference to the one that waits.
struct DependencyRecord {
  DependencyRecord* next;
  TaskState* waiting;
};

struct TaskState {
  enum class Phase : uint8_t { kInit, kScheduled, kRunning, kCompleting, kCompleted };

  Scheduler* scheduler;  // a reference; constant
  tse_task_func_t body;
  void* user_pointer;
  d_list_t user_list;  // of the program: on no list when it points to itself

  std::atomic<uint32_t> references;  // acq_rel: whoever drops the last one sees what the others wrote

  // --- guarded by the scheduler's lock, as is dt_result
  uint32_t dependencies;         // not done yet
  d_list_t queue;                // one of the scheduler's lists, by phase
  DependencyRecord* dependents;  // the last one registered first
  TaskCallback* preparations;    // in order
  TaskCallback* completions;     // the last one registered first
  int64_t due_ns;                // when it may run; only on the list of sleepers
  // Bumped whenever the task's fate changes hands (a run begins, a completion begins, a re-initialisation). Whoever
  // comes back from a callback or a body and finds another number has nothing to say any more.
  uint32_t turn;
  uint32_t round;  // of the scheduler, when it was scheduled

  // The call that the body has started, if any: it may outlive the turn, when somebody else completes the task.
  TaskState* next_ended;
  int call_result;
  uint32_t call_turn;
  bool call_running;  // it holds a reference

  Phase phase;
  bool instant;
  bool sleeping;              // on the list of sleepers
  bool in_body;               // the body of this turn, or a preparation, has not returned
  bool waits;                 // running, and done when its dependencies are
  bool interrupted;           // a completion callback has added a dependency
  bool no_propagation;        // tse_disable_propagate
  bool scheduler_references;  // one of the references is, or will be when the task is scheduled, the scheduler's

  bool is_on_queue() const { return queue.next != &queue; }

  static TaskState& of(tse_task_t* task) { return *reinterpret_cast<TaskState*>(task->dt_private.dt_space); }
  tse_task_t* task() {
    return reinterpret_cast<tse_task_t*>(reinterpret_cast<char*>(this) - offsetof(tse_task_t, dt_private));
  }
  static TaskState& of_queue(d_list_t* link) {
    return *reinterpret_cast<TaskState*>(reinterpret_cast<char*>(link) - offsetof(TaskState, queue));
  }
  static TaskState& of_user_list(d_list_t* link) {
    return *reinterpret_cast<TaskState*>(reinterpret_cast<char*>(link) - offsetof(TaskState, user_list));
  }

  /// Null without memory. One reference; the scheduler takes it over.
  static TaskState* make(Scheduler& scheduler, tse_task_func_t body, void* user_pointer);
  void add_reference() { references.fetch_add(1, std::memory_order_relaxed); }
  void drop_reference();

  /// The program's argument space.
  static constexpr size_t kArgumentBytes = TSE_TASK_ARG_LEN;
  char* arguments() { return reinterpret_cast<char*>(task()) + sizeof(tse_task_t) - kArgumentBytes; }
};
static_assert(sizeof(tse_task_t) == TSE_TASK_SIZE);
static_assert(sizeof(TaskState) + TaskState::kArgumentBytes <= TSE_PRIV_SIZE);
// Arguments hold pointers and 64-bit numbers.
static_assert((sizeof(tse_task_t) - TaskState::kArgumentBytes) % alignof(std::max_align_t) == 0);

}  // namespace daos::capi
