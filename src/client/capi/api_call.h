// The one mechanism by which every function of the C API becomes an operation on a context.
//
//   int daos_cont_close(daos_handle_t coh, daos_event_t* ev) {
//     return api_call(ev, [&](Call& call) -> Result<runtime::Task<Status>> {
//       const auto container = call.library.handles().remove<ContainerHandle>(coh);
//       if (container == nullptr) return Status(Code::kNoHandle);
//       return core::close_container(call.lane, container->core, call.stop);
//     });
//   }
//
// Checks whose errors are returned directly come before api_call. The function given to it runs at once, in the calling
// thread: it looks up handles, copies strings and lists, and makes the task; its error is delivered as the operation's.
// Without an event the task is run, with one it is launched. Running out of memory before anything has started is
// returned directly, and the event is as it was.
#pragma once

#include <functional>

#include "client/capi/error_number.h"
#include "client/capi/library.h"

namespace daos::capi {

struct Call {
  Library& library;
  core::Lane& lane;
  runtime::StopToken stop;
};

/// Runs `body`, turning out-of-memory and failed checks into error numbers. A failed check poisons the client: this
/// call and every later one returns -DER_MISC and says which check.
int guarded(absl::FunctionRef<int()> body);
/// From now on a failed check throws, and poisons; installed by daos_init.
void install_poisoning();

using Prepare = absl::FunctionRef<Result<runtime::Task<Status>>(Call&)>;
int api_call(daos_event_t* ev, Prepare prepare);

/// For what never waits: `body` runs at once, and an event completes with its result.
int local_call(daos_event_t* ev, absl::FunctionRef<Status(Library&)> body);

}  // namespace daos::capi
