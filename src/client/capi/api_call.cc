#include "client/capi/api_call.h"

#include <new>

#include "platform/base/check.h"

namespace daos::capi {
namespace {

// Set by the first failed check, for good. Never freed: a later call may be printing it. Release/acquire publishes the
// text.
constinit std::atomic<const std::string*> poison{nullptr};

void poison_client(const std::string& what) {
  const std::string* expected = nullptr;
  const auto* text = new std::string(what);
  if (!poison.compare_exchange_strong(expected, text, std::memory_order_acq_rel)) delete text;
  throw CheckFailed{what};
}

int poisoned(const std::string& what) {
  client_log().error("the client stopped itself after a failed check, all calls now fail: {}", what);
  return -DER_MISC;
}

void begin(Call& call, core::Context& context, Prepare prepare, core::Context::Completion completion) {
  Result<runtime::Task<Status>> task = prepare(call);
  if (task.ok()) {
    context.launch(std::move(*task), std::move(completion));
  } else {
    context.deliver(task.status(), std::move(completion));
  }
}

int launch_direct(Library& library, daos_event_t* ev, Prepare prepare) {
  core::Context& context = library.common_queue()->context();
  Call call{library, context.lane(), context.lane().stop()};  // daos_fini ends it
  begin(call, context, prepare, [ev](Status status) { DirectEvent::of(ev).done(ev, report(status)); });
  return 0;
}

/// An event that the caller had set up, between start and completion.
int launch(Library& library, daos_event_t* ev, Prepare prepare) {
  if (DirectEvent::of(ev).magic == DirectEvent::kMagic) return launch_direct(library, ev, prepare);
  if (EventState::of(ev).magic != EventState::kMagic) return -DER_INVAL;
  std::shared_ptr<EventQueue> queue = library.queue_of(ev);
  if (queue == nullptr) return -DER_NONEXIST;
  core::Context& context = queue->context();
  if (Status started = queue->start(ev); !started.ok()) return error_number(started);
  try {
    Call call{library, context.lane(), queue->stop()};
    begin(call, context, prepare, [queue, ev](Status status) { queue->complete(ev, report(status)); });
  } catch (const std::bad_alloc&) {
    queue->take_back(ev);
    throw;
  }
  return 0;
}

}  // namespace

void DirectEvent::init(daos_event_t* event, void (*done)(daos_event_t*, int)) {
  *event = {};
  new (event->ev_private.space) DirectEvent{kMagic, done};
}

void install_poisoning() { set_check_handler(poison_client); }

int guarded(absl::FunctionRef<int()> body) {
  if (const std::string* what = poison.load(std::memory_order_acquire)) return poisoned(*what);
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return -DER_NOMEM;
  } catch (const CheckFailed& failed) {
    return poisoned(failed.what);
  }
}

int api_call(daos_event_t* ev, Prepare prepare) {
  return guarded([&]() -> int {
    Library* library = Library::current();
    if (library == nullptr) return -DER_UNINIT;
    if (ev != nullptr) return launch(*library, ev, prepare);
    Result<core::Context*> context = library->synchronous();
    if (!context.ok()) return report(context.status());
    Call call{*library, (*context)->lane(), (*context)->lane().stop()};
    Result<runtime::Task<Status>> task = prepare(call);
    if (!task.ok()) return report(task.status());
    return report((*context)->run(std::move(*task)));
  });
}

int local_call(daos_event_t* ev, absl::FunctionRef<Status(Library&)> body) {
  return guarded([&]() -> int {
    Library* library = Library::current();
    if (library == nullptr) return -DER_UNINIT;
    if (ev == nullptr) return report(body(*library));
    return launch(*library, ev, [&](Call&) -> Result<runtime::Task<Status>> {
      if (Status status = body(*library); !status.ok()) return status;
      return []() -> runtime::Task<Status> { co_return Status(); }();
    });
  });
}

}  // namespace daos::capi
