// daos_task_* and daos_progress: calls of the API as tasks. The body of such a task starts the call on the library's
// common context; when the call has ended, the next progress of the scheduler completes the task, outside of the
// context's loop, so that callbacks may do whatever a program may do.
#include <daos_task.h>

#include <atomic>
#include <climits>
#include <cstring>
#include <new>
#include <utility>

#include "client/capi/api_call.h"
#include "client/capi/task_operations.h"
#include "client/capi/tse_scheduler.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT

namespace {

/// At the end of the task's argument space; the arguments are at its front.
struct ApiCall {
  const TaskOperation* operation;
  TaskState* task;
  std::atomic<bool> over;  // acq_rel: the first of two who say so counts, see start_call
  daos_event_t event;

  static ApiCall& of(TaskState& task) {
    return *reinterpret_cast<ApiCall*>(task.arguments() + TaskState::kArgumentBytes - sizeof(ApiCall));
  }
  static ApiCall& of(daos_event_t* event) {
    return *reinterpret_cast<ApiCall*>(reinterpret_cast<char*>(event) - offsetof(ApiCall, event));
  }
};
static_assert(kTaskArgumentBytesMax + sizeof(ApiCall) <= TaskState::kArgumentBytes);
static_assert((TaskState::kArgumentBytes - sizeof(ApiCall)) % alignof(ApiCall) == 0);

/// The library's common context, where the calls of tasks are.
class CommonContext final : public CallDriver {
 public:
  bool wait(absl::FunctionRef<bool()> ready, Duration limit) override {
    Library* library = Library::current();
    if (library == nullptr) return ready();
    return library->common_queue()->context().drive(ready, limit);
  }
  void nudge() override {
    if (Library* library = Library::current()) library->common_queue()->context().nudge();
  }
};
constinit CommonContext common_context;

void call_ended(daos_event_t* event, int result) {
  ApiCall& call = ApiCall::of(event);
  if (!call.over.exchange(true, std::memory_order_acq_rel)) call.task->scheduler->ended(*call.task, result);
}

/// The body of every such task.
int start_call(tse_task_t* task) {
  TaskState& state = TaskState::of(task);
  Scheduler& scheduler = *state.scheduler;
  if (task->dt_result != 0) {  // of a dependency or a preparation
    scheduler.complete(state, task->dt_result);
    return 0;
  }
  if (!scheduler.call_started(state, common_context)) {
    scheduler.complete(state, -DER_BUSY);
    return 0;
  }
  ApiCall& call = ApiCall::of(state);
  call.over.store(false, std::memory_order_relaxed);
  DirectEvent::init(&call.event, call_ended);
  const auto start = call.operation->start;
  const int rc = start != nullptr ? start(state.arguments(), &call.event) : -DER_NOSYS;
  // A failed check may have left an operation behind, which must still find its task: that one is never freed.
  if (rc == -DER_MISC) state.add_reference();
  if (rc != 0) call_ended(&call.event, rc);
  return 0;
}

void become_call(TaskState& task, const TaskOperation& operation) {
  std::memset(task.arguments(), 0, TaskState::kArgumentBytes);
  new (&ApiCall::of(task)) ApiCall{&operation, &task, false, {}};
}

bool is_call(tse_task_t* task) { return task != nullptr && TaskState::of(task).body == start_call; }

int progress(Library& library, Scheduler& scheduler, int64_t timeout_us) {
  core::Context& context = library.common_queue()->context();
  if (context.driven_by_me()) return -DER_BUSY;  // in a completion callback of an event: nobody would make progress
  const bool for_ever = timeout_us < 0 || timeout_us > INT64_MAX / 2000;
  const Time until =
      for_ever ? Time::never() : Scheduler::clock().now() + Duration(std::chrono::microseconds(timeout_us));
  scheduler.progress();
  if (scheduler.check_complete()) return 0;
  context.drive([] { return false; }, Duration(0));  // always a round, so that a busy scheduler learns what has come
  scheduler.progress();
  while (!scheduler.check_complete()) {
    if (timeout_us == 0) return 0;
    const Duration left = for_ever ? core::Context::kForever : until - Scheduler::clock().now();
    if (left <= Duration(0)) return -DER_TIMEDOUT;
    scheduler.wait(left, &common_context);
    scheduler.progress();
  }
  return 0;
}

}  // namespace

int daos_task_create(daos_opc_t opc, tse_sched_t* sched, unsigned int num_deps, tse_task_t* dep_tasks[],
                     tse_task_t** taskp) {
  if (sched == nullptr || taskp == nullptr || (dep_tasks == nullptr) != (num_deps == 0) || num_deps > INT_MAX) {
    return -DER_INVAL;
  }
  const TaskOperation* operation = find_task_operation(opc);
  if (operation == nullptr) return -DER_NOSYS;
  tse_task_t* task = nullptr;
  if (const int rc = tse_task_create(start_call, sched, nullptr, &task); rc != 0) return rc;
  become_call(TaskState::of(task), *operation);
  if (const int rc = tse_task_register_deps(task, static_cast<int>(num_deps), dep_tasks); rc != 0) {
    tse_task_decref(task);
    return rc;
  }
  *taskp = task;
  return 0;
}

int daos_task_reset(tse_task_t* task, daos_opc_t opc) {
  if (task == nullptr) return -DER_INVAL;
  const TaskOperation* operation = find_task_operation(opc);
  if (operation == nullptr) return -DER_NOSYS;
  if (const int rc = tse_task_reset(task, start_call, nullptr); rc != 0) return rc;
  become_call(TaskState::of(task), *operation);
  return 0;
}

void* daos_task_get_args(tse_task_t* task) { return is_call(task) ? TaskState::of(task).arguments() : nullptr; }

void* daos_task_get_priv(tse_task_t* task) { return tse_task_get_priv(task); }

void* daos_task_set_priv(tse_task_t* task, void* priv) { return tse_task_set_priv(task, priv); }

int daos_progress(tse_sched_t* sched, int64_t timeout, bool* is_empty) {
  return guarded([&]() -> int {
    Scheduler* scheduler = Scheduler::of(sched);
    if (scheduler == nullptr || sched->ds_udata != nullptr) return -DER_INVAL;
    Library* library = Library::current();
    if (library == nullptr) return -DER_UNINIT;
    const int rc = progress(*library, *scheduler, timeout);
    if (is_empty != nullptr) *is_empty = scheduler->check_complete();
    return rc;
  });
}
