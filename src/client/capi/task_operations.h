// Which function of the API each task opcode stands for (daos_task.h).
#pragma once

#include <daos_task.h>

#include <cstddef>

namespace daos::capi {

struct TaskOperation {
  daos_opc_t opcode;
  size_t argument_bytes;
  /// Calls the function with the task's arguments. Null: the API has no such function, the task ends with -DER_NOSYS.
  int (*start)(void* arguments, daos_event_t* event);
};

/// Null: the number is not in use.
const TaskOperation* find_task_operation(int opcode);

/// No argument structure is larger.
constexpr size_t kTaskArgumentBytesMax = 256;

}  // namespace daos::capi
