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

/// In ev_private, in place of an EventState: an operation of the common context that belongs to no queue. Its end is
/// told to a function, which is the last to look at the event; nothing is delivered, polled or tested.
struct DirectEvent {
  static constexpr uint64_t kMagic = 0x746e657665726964;
  uint64_t magic;
  /// From the context's loop, exactly once, and only if the call itself has returned 0.
  void (*done)(daos_event_t* event, int result);

  static void init(daos_event_t* event, void (*done)(daos_event_t*, int));
  static DirectEvent& of(daos_event_t* event) { return *reinterpret_cast<DirectEvent*>(event->ev_private.space); }
};
static_assert(sizeof(DirectEvent) <= sizeof(daos_event_t::ev_private));
static_assert(DirectEvent::kMagic != EventState::kMagic);

using Prepare = absl::FunctionRef<Result<runtime::Task<Status>>(Call&)>;
int api_call(daos_event_t* ev, Prepare prepare);

/// For what never waits: `body` runs at once, and an event completes with its result.
int local_call(daos_event_t* ev, absl::FunctionRef<Status(Library&)> body);

}  // namespace daos::capi
