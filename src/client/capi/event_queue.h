// Events and where they wait. An event is the caller's memory; its state lives in ev_private and is guarded by the lock
// of its queue. A queue drives its context when it is polled; events without queue belong to the library's common one,
// which is never polled, only tested.
//
//   READY -> start() -> RUNNING -> complete() -> COMPLETED -> poll or test -> READY
//
// A parent is held back while children run; children are never delivered. Thread-safety: any thread, but an event is
// used by one thread at a time, and the children of a parent are added by one thread.
#pragma once

#include <daos_event.h>

#include <memory>
#include <mutex>

#include "client/core/context.h"

namespace daos::capi {

struct EventCallback {
  daos_event_comp_cb_t function;
  void* argument;
  std::unique_ptr<EventCallback> next;
};

/// In ev_private. All zero but for the magic is an idle event of the common queue.
struct EventState {
  static constexpr uint64_t kMagic = 0x31746e7665736f61;  // an event that daos_event_init has seen, and fini has not
  uint64_t magic;
  uint64_t queue;  // cookie; 0: the common queue
  daos_event_t* parent;
  daos_event_t* first_child;
  daos_event_t* last_child;
  daos_event_t* next_sibling;
  daos_event_t* previous_sibling;
  daos_event_t* next;  // in its queue's list
  daos_event_t* previous;
  EventCallback* first_callback;  // owned
  EventCallback* last_callback;
  uint32_t status;  // daos_ev_status_t
  uint32_t children_running;
  int32_t children_error;  // the first one
  int32_t own_result;
  bool own_done;  // its own operation has ended, or there is none: a barrier

  static EventState& of(daos_event_t* event) { return *reinterpret_cast<EventState*>(event->ev_private.space); }
};
static_assert(sizeof(EventState) <= sizeof(daos_event_t::ev_private));

class EventQueue : public std::enable_shared_from_this<EventQueue> {
 public:
  static constexpr uint64_t kHandleKind = DAOS_HTYPE_EQ;

  explicit EventQueue(core::Context& context) : context_(context) {}
  EventQueue(const EventQueue&) = delete;

  core::Context& context() { return context_; }
  /// Of every operation started here; asked for by a forced destroy.
  runtime::StopToken stop() { return stop_.token(); }

  // --- events
  /// kInvalid: the parent is not idle; kNoPerm: it is a child.
  Status adopt(daos_event_t* child, daos_event_t* parent);
  Status finish(daos_event_t* event);
  Status register_callback(daos_event_t* event, daos_event_comp_cb_t function, void* argument);
  Status barrier(daos_event_t* event);
  Status abort(daos_event_t* event);
  Status test(daos_event_t* event, int64_t timeout_us, bool* done);

  // --- operations
  /// READY -> RUNNING. kNoPerm: it is not idle, or has children that were not started; kNonexistent: the queue is gone.
  Status start(daos_event_t* event);
  /// Undoes start: the operation was refused before it began.
  void take_back(daos_event_t* event);
  /// The operation has ended; from the context's loop. Runs callbacks, then makes the event, or its parent, visible.
  void complete(daos_event_t* event, int result);

  // --- queues
  /// Number of events taken.
  Result<unsigned> poll(bool wait_running, int64_t timeout_us, unsigned room, daos_event_t** events);
  unsigned query(daos_eq_query_t which, unsigned room, daos_event_t** events);
  /// kBusy: events run or wait to be polled, and not `force`; or called from a callback of this queue.
  Status destroy(bool force);
  bool destroyed() const;

 private:
  struct List {
    daos_event_t* first = nullptr;
    daos_event_t* last = nullptr;
    unsigned count = 0;
    void push(daos_event_t* event);
    void remove(daos_event_t* event);
  };
  static Duration duration(int64_t timeout_us);
  void reset(daos_event_t* event);  // COMPLETED -> READY
  void detach(daos_event_t* child);

  core::Context& context_;
  runtime::StopSource stop_;  // used by whoever drives the context

  mutable std::mutex mutex_;  // guards everything below, and the state of the queue's events
  List running_;              // without children
  List completed_;            // in order of completion
  unsigned operations_ = 0;   // running, children included
  bool destroying_ = false;   // nothing can be started any more
  bool destroyed_ = false;
};

}  // namespace daos::capi
