#include "client/capi/event_queue.h"

#include <algorithm>

namespace daos::capi {
namespace {

constexpr Duration kForcedWait =
    std::chrono::milliseconds(250);  // a forced destroy lets operations end by themselves this long

}  // namespace

void EventQueue::List::push(daos_event_t* event) {
  EventState& state = EventState::of(event);
  state.next = nullptr;
  state.previous = last;
  (last != nullptr ? EventState::of(last).next : first) = event;
  last = event;
  count++;
}

void EventQueue::List::remove(daos_event_t* event) {
  EventState& state = EventState::of(event);
  (state.previous != nullptr ? EventState::of(state.previous).next : first) = state.next;
  (state.next != nullptr ? EventState::of(state.next).previous : last) = state.previous;
  state.next = state.previous = nullptr;
  count--;
}

Duration EventQueue::duration(int64_t timeout_us) {
  constexpr int64_t kLongest = core::Context::kForever.count() / 1000;
  if (timeout_us < 0 || timeout_us >= kLongest) return core::Context::kForever;
  return std::chrono::microseconds(timeout_us);
}

void EventQueue::reset(daos_event_t* event) {
  EventState& state = EventState::of(event);
  state.status = DAOS_EVS_READY;
  state.children_error = 0;
  state.own_result = 0;
  state.own_done = false;
}

// ------------------------------------------------------------------------------------------------------- events

Status EventQueue::adopt(daos_event_t* child, daos_event_t* parent) {
  std::lock_guard lock(mutex_);
  if (destroyed_) return Status(Code::kNonexistent);
  EventState& parent_state = EventState::of(parent);
  if (parent_state.status != DAOS_EVS_READY) return Status(Code::kInvalid);
  if (parent_state.parent != nullptr) return Status(Code::kNoPerm);
  EventState& state = EventState::of(child);
  state.queue = parent_state.queue;
  state.parent = parent;
  state.previous_sibling = parent_state.last_child;
  (parent_state.last_child != nullptr ? EventState::of(parent_state.last_child).next_sibling
                                      : parent_state.first_child) = child;
  parent_state.last_child = child;
  return {};
}

void EventQueue::detach(daos_event_t* child) {
  EventState& state = EventState::of(child);
  EventState& parent = EventState::of(state.parent);
  (state.previous_sibling != nullptr ? EventState::of(state.previous_sibling).next_sibling : parent.first_child) =
      state.next_sibling;
  (state.next_sibling != nullptr ? EventState::of(state.next_sibling).previous_sibling : parent.last_child) =
      state.previous_sibling;
}

Status EventQueue::finish(daos_event_t* event) {
  const auto forget = [](daos_event_t* e) {
    EventState& state = EventState::of(e);
    const std::unique_ptr<EventCallback> owned(state.first_callback);
    state = EventState{};
  };
  std::lock_guard lock(mutex_);
  EventState& state = EventState::of(event);
  if (destroyed_) {
    forget(event);
    return Status(Code::kNonexistent);
  }
  if (state.status == DAOS_EVS_RUNNING) return Status(Code::kBusy);
  if (state.parent != nullptr && EventState::of(state.parent).status != DAOS_EVS_READY) return Status(Code::kInvalid);
  if (state.children_running > 0) return Status(Code::kInvalid);
  while (state.first_child != nullptr) {
    daos_event_t* child = state.first_child;
    detach(child);
    forget(child);
  }
  if (state.parent != nullptr) {
    detach(event);
  } else if (state.status == DAOS_EVS_COMPLETED) {
    completed_.remove(event);
  }
  forget(event);
  return {};
}

Status EventQueue::register_callback(daos_event_t* event, daos_event_comp_cb_t function, void* argument) {
  auto callback = std::make_unique<EventCallback>(function, argument, nullptr);
  std::lock_guard lock(mutex_);
  if (destroyed_) return Status(Code::kNonexistent);
  EventState& state = EventState::of(event);
  if (state.status == DAOS_EVS_COMPLETED || state.own_done) return Status(Code::kNoPerm);
  EventCallback* added = callback.get();
  if (state.last_callback != nullptr) {
    state.last_callback->next = std::move(callback);
  } else {
    state.first_callback = callback.release();
  }
  state.last_callback = added;
  return {};
}

Status EventQueue::barrier(daos_event_t* event) {
  bool children_done = false;
  {
    std::lock_guard lock(mutex_);
    if (destroying_) return Status(Code::kNonexistent);
    EventState& state = EventState::of(event);
    if (state.first_child == nullptr) return Status(Code::kInvalid);
    if (state.status != DAOS_EVS_READY) return Status(Code::kNoPerm);
    for (daos_event_t* child = state.first_child; child != nullptr; child = EventState::of(child).next_sibling) {
      if (EventState::of(child).status == DAOS_EVS_READY) return Status(Code::kNoPerm);
    }
    state.status = DAOS_EVS_RUNNING;
    state.own_done = true;
    running_.push(event);
    operations_++;
    children_done = state.children_running == 0;
  }
  if (children_done) {
    context_.deliver({}, [self = shared_from_this(), event](Status) { self->complete(event, 0); });
  }
  return {};
}

Status EventQueue::abort(daos_event_t* event) {
  std::lock_guard lock(mutex_);
  return EventState::of(event).status == DAOS_EVS_RUNNING ? Status() : Status(Code::kNoPerm);
}

Status EventQueue::test(daos_event_t* event, int64_t timeout_us, bool* done) {
  EventState& state = EventState::of(event);
  if (state.parent != nullptr) return Status(Code::kNoPerm);
  const auto ready = [&] {
    std::lock_guard lock(mutex_);
    return destroyed_ || state.status != DAOS_EVS_RUNNING;
  };
  if (!ready()) context_.drive(ready, duration(timeout_us));
  std::lock_guard lock(mutex_);
  if (destroyed_) return Status(Code::kNonexistent);
  *done = state.status != DAOS_EVS_RUNNING;
  if (state.status == DAOS_EVS_COMPLETED) {
    completed_.remove(event);
    reset(event);
  }
  return {};
}

// --------------------------------------------------------------------------------------------------- operations

Status EventQueue::start(daos_event_t* event) {
  std::lock_guard lock(mutex_);
  if (destroying_) return Status(Code::kNonexistent);
  EventState& state = EventState::of(event);
  if (state.status != DAOS_EVS_READY) return Status(Code::kNoPerm);
  for (daos_event_t* child = state.first_child; child != nullptr; child = EventState::of(child).next_sibling) {
    if (EventState::of(child).status == DAOS_EVS_READY) return Status(Code::kNoPerm);
  }
  if (state.parent != nullptr) {
    EventState& parent = EventState::of(state.parent);
    if (parent.status != DAOS_EVS_READY) return Status(Code::kNoPerm);
    parent.children_running++;
  } else {
    running_.push(event);
  }
  operations_++;
  state.status = DAOS_EVS_RUNNING;
  return {};
}

void EventQueue::take_back(daos_event_t* event) {
  std::lock_guard lock(mutex_);
  EventState& state = EventState::of(event);
  if (state.parent != nullptr) {
    EventState::of(state.parent).children_running--;
  } else {
    running_.remove(event);
  }
  operations_--;
  state.status = DAOS_EVS_READY;
}

void EventQueue::complete(daos_event_t* event, int result) {
  for (;;) {
    EventState& state = EventState::of(event);
    std::unique_ptr<EventCallback> callbacks;
    {
      std::lock_guard lock(mutex_);
      state.own_done = true;
      state.own_result = result;
      if (state.children_running > 0) return;  // the last child will be here again
      if (result == 0) result = state.children_error;
      event->ev_error = result;
      callbacks.reset(std::exchange(state.first_callback, nullptr));
      state.last_callback = nullptr;
    }
    // Without the lock: a callback may look at other events, and at other queues.
    int changed = 0;
    for (const EventCallback* callback = callbacks.get(); callback != nullptr; callback = callback->next.get()) {
      const int returned = callback->function(callback->argument, event, result);
      if (changed == 0) changed = returned;
    }
    if (result == 0) result = changed;

    std::lock_guard lock(mutex_);
    event->ev_error = result;
    state.status = DAOS_EVS_COMPLETED;
    operations_--;
    daos_event_t* parent = state.parent;
    if (parent == nullptr) {
      running_.remove(event);
      completed_.push(event);
      return;
    }
    EventState& parent_state = EventState::of(parent);
    parent_state.children_running--;
    if (parent_state.children_error == 0) parent_state.children_error = result;
    if (!parent_state.own_done || parent_state.children_running > 0) return;
    event = parent;
    result = parent_state.own_result;
  }
}

// ------------------------------------------------------------------------------------------------------- queues

Result<unsigned> EventQueue::poll(bool wait_running, int64_t timeout_us, unsigned room, daos_event_t** events) {
  if (context_.driven_by_me()) return Status(Code::kBusy);  // a callback of this queue: nobody would make progress
  const auto ready = [&] {
    std::lock_guard lock(mutex_);
    return destroyed_ || completed_.count > 0 || (wait_running && operations_ == 0);
  };
  context_.drive(ready, Duration(0));  // always one round, so that busy queues collect what has come meanwhile
  if (timeout_us != 0) context_.drive(ready, duration(timeout_us));
  std::lock_guard lock(mutex_);
  if (destroyed_) return Status(Code::kNonexistent);
  unsigned taken = 0;
  while (taken < room && completed_.count > 0) {
    daos_event_t* event = completed_.first;
    completed_.remove(event);
    reset(event);
    events[taken++] = event;
  }
  return taken;
}

unsigned EventQueue::query(daos_eq_query_t which, unsigned room, daos_event_t** events) {
  std::lock_guard lock(mutex_);
  unsigned found = 0;
  const auto add = [&](const List& list) {
    if (events == nullptr || room == 0) {
      found += list.count;
      return;
    }
    for (daos_event_t* event = list.first; event != nullptr && found < room; event = EventState::of(event).next) {
      events[found++] = event;
    }
  };
  if (which & DAOS_EQR_COMPLETED) add(completed_);
  if (which & DAOS_EQR_WAITING) add(running_);
  return found;
}

Status EventQueue::destroy(bool force) {
  if (force && context_.driven_by_me()) return Status(Code::kBusy);
  {
    std::lock_guard lock(mutex_);
    if (destroying_) return Status(Code::kNonexistent);
    if (!force && (operations_ > 0 || completed_.count > 0)) return Status(Code::kBusy);
    destroying_ = true;
  }
  const auto idle = [&] {
    std::lock_guard lock(mutex_);
    return operations_ == 0;
  };
  // Nothing may write into the caller's memory afterwards, so what does not end by itself is asked to, and waited for.
  if (!context_.drive(idle, kForcedWait)) {
    Status asked = context_.run([](runtime::StopSource& stop) -> runtime::Task<Status> {
      stop.request_stop();
      co_return Status();
    }(stop_));
    asked.ignore("what is left to do is to wait");
    context_.drive(idle, core::Context::kForever);
  }
  {
    std::lock_guard lock(mutex_);
    while (completed_.count > 0) {
      daos_event_t* event = completed_.first;
      completed_.remove(event);
      reset(event);
    }
    destroyed_ = true;
  }
  context_.nudge();  // other threads may be polling
  return {};
}

bool EventQueue::destroyed() const {
  std::lock_guard lock(mutex_);
  return destroyed_;
}

}  // namespace daos::capi
