#include "client/capi/tse_task.h"

#include <daos_errno.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "client/capi/tse_scheduler.h"

namespace daos::capi {
namespace {

constexpr size_t kCopyOffset =
    (sizeof(TaskCallback) + alignof(std::max_align_t) - 1) & ~(alignof(std::max_align_t) - 1);

}  // namespace

TaskCallback* TaskCallback::make(tse_task_cb_t function, const void* argument, size_t bytes) {
  if (bytes > SIZE_MAX - kCopyOffset) return nullptr;
  void* memory = std::calloc(1, kCopyOffset + bytes);
  if (memory == nullptr) return nullptr;
  char* copy = bytes > 0 ? static_cast<char*>(memory) + kCopyOffset : nullptr;
  if (copy != nullptr && argument != nullptr) std::memcpy(copy, argument, bytes);
  return new (memory) TaskCallback{nullptr, function, copy};
}

void TaskCallback::free(TaskCallback* callback) { std::free(callback); }

TaskState* TaskState::make(Scheduler& scheduler, tse_task_func_t body, void* user_pointer) {
  void* memory = std::calloc(1, sizeof(tse_task_t));
  if (memory == nullptr) return nullptr;
  auto* task = static_cast<tse_task_t*>(memory);
  auto* state = new (task->dt_private.dt_space) TaskState{};
  scheduler.add_reference();
  state->scheduler = &scheduler;
  state->body = body;
  state->user_pointer = user_pointer;
  D_INIT_LIST_HEAD(&state->user_list);
  D_INIT_LIST_HEAD(&state->queue);
  state->references.store(1, std::memory_order_relaxed);
  state->scheduler_references = true;
  return state;
}

void TaskState::drop_reference() {
  if (references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const auto free_all = [](TaskCallback* first) {
    while (first != nullptr) TaskCallback::free(std::exchange(first, first->next));
  };
  free_all(preparations);
  free_all(completions);
  // Never completed: whoever waits for it would wait for ever.
  Scheduler::release_all(dependents, -DER_CANCELED);
  Scheduler* const its_scheduler = scheduler;
  tse_task_t* const memory = task();
  this->~TaskState();
  std::free(memory);
  its_scheduler->drop_reference();
}

}  // namespace daos::capi
