// daos_eq_* and daos_event_*: argument checks; the rules are in event_queue.cc.
#include <daos_event.h>

#include <cstring>

#include "client/capi/api_call.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT

namespace {

/// Calls `body(queue)` with the queue of an event that was set up.
template <class Body>
int with_queue_of(daos_event_t* ev, Body body) {
  return guarded([&]() -> int {
    if (ev == nullptr || EventState::of(ev).magic != EventState::kMagic) return -DER_INVAL;
    Library* library = Library::current();
    if (library == nullptr) return -DER_UNINIT;
    const std::shared_ptr<EventQueue> queue = library->queue_of(ev);
    if (queue == nullptr) return -DER_NONEXIST;
    return error_number(body(*queue));
  });
}

/// Calls `body(library, queue)`, which gives a count or an error.
template <class Body>
int with_queue(daos_handle_t eqh, Body body) {
  return guarded([&]() -> int {
    Library* library = Library::current();
    if (library == nullptr) return -DER_UNINIT;
    const std::shared_ptr<EventQueue> queue = library->handles().find<EventQueue>(eqh);
    if (queue == nullptr) return -DER_NONEXIST;
    const Result<unsigned> count = body(*queue);
    return count.ok() ? static_cast<int>(*count) : error_number(count.status());
  });
}

}  // namespace

int daos_eq_create(daos_handle_t* eqh) {
  return guarded([&]() -> int {
    Library* library = Library::current();
    if (library == nullptr) return -DER_UNINIT;
    if (eqh == nullptr) return -DER_INVAL;
    const Result<daos_handle_t> handle = library->create_queue();
    if (!handle.ok()) return report(handle.status());
    *eqh = *handle;
    return 0;
  });
}

int daos_eq_destroy(daos_handle_t eqh, int flags) {
  return guarded([&]() -> int {
    Library* library = Library::current();
    if (library == nullptr) return -DER_UNINIT;
    return error_number(library->destroy_queue(eqh, (flags & DAOS_EQ_DESTROY_FORCE) != 0));
  });
}

int daos_eq_poll(daos_handle_t eqh, int wait_running, int64_t timeout, unsigned int nevents, daos_event_t** events) {
  if (nevents == 0 || events == nullptr) return -DER_INVAL;
  return with_queue(eqh, [&](EventQueue& queue) { return queue.poll(wait_running != 0, timeout, nevents, events); });
}

int daos_eq_query(daos_handle_t eqh, daos_eq_query_t query, unsigned int nevents, daos_event_t** events) {
  return with_queue(eqh, [&](EventQueue& queue) -> Result<unsigned> { return queue.query(query, nevents, events); });
}

int daos_event_init(daos_event_t* ev, daos_handle_t eqh, daos_event_t* parent) {
  if (ev == nullptr) return -DER_INVAL;
  std::memset(ev, 0, sizeof *ev);
  return guarded([&]() -> int {
    Library* library = Library::current();
    if (library == nullptr) return -DER_UNINIT;
    EventState& state = EventState::of(ev);
    if (parent != nullptr) {
      const int rc = with_queue_of(parent, [&](EventQueue& queue) { return queue.adopt(ev, parent); });
      if (rc != 0) return rc;
    } else if (daos_handle_is_valid(eqh)) {
      if (library->handles().find<EventQueue>(eqh) == nullptr) return -DER_NONEXIST;
      state.queue = eqh.cookie;
    }
    state.magic = EventState::kMagic;
    return 0;
  });
}

int daos_event_fini(daos_event_t* ev) {
  return with_queue_of(ev, [&](EventQueue& queue) { return queue.finish(ev); });
}

daos_event_t* daos_event_next(daos_event_t* parent, daos_event_t* child) {
  const auto is_event = [](daos_event_t* ev) {
    return ev != nullptr && EventState::of(ev).magic == EventState::kMagic;
  };
  if (child != nullptr) return is_event(child) ? EventState::of(child).next_sibling : nullptr;
  return is_event(parent) ? EventState::of(parent).first_child : nullptr;
}

int daos_event_test(struct daos_event* ev, int64_t timeout, bool* flag) {
  if (flag == nullptr) return -DER_INVAL;
  return with_queue_of(ev, [&](EventQueue& queue) { return queue.test(ev, timeout, flag); });
}

int daos_event_register_comp_cb(struct daos_event* ev, daos_event_comp_cb_t cb, void* arg) {
  if (cb == nullptr) return -DER_INVAL;
  return with_queue_of(ev, [&](EventQueue& queue) { return queue.register_callback(ev, cb, arg); });
}

int daos_event_parent_barrier(struct daos_event* ev) {
  return with_queue_of(ev, [&](EventQueue& queue) { return queue.barrier(ev); });
}

int daos_event_abort(daos_event_t* ev) {
  return with_queue_of(ev, [&](EventQueue& queue) { return queue.abort(ev); });
}
