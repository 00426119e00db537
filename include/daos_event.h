/**
 * Events and event queues: how calls run asynchronously.
 *
 * The rule for every call whose last argument is `daos_event_t *ev`:
 *  - ev NULL: the call blocks until the operation is done and returns its result.
 *  - ev given (initialised and idle): the call returns at once. 0 means accepted: the result, errors of arguments and
 *    handles included, arrives in ev->ev_error when the event completes. An error returned by the call itself leaves
 * the event untouched. Everything that the arguments point to stays the library's until completion.
 *  - Progress happens only inside calls of the library (daos_eq_poll, daos_event_test, daos_progress, a synchronous
 * call).
 *
 * An event is used by one thread at a time; a queue may be polled by several.
 */
#ifndef DAOS_EVENT_H
#define DAOS_EVENT_H

#include <daos_errno.h>
#include <daos_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Create an event queue.
 *
 * @param eqh   out: the queue; end it with daos_eq_destroy.
 * @return 0, -DER_INVAL, -DER_NOMEM, or -DER_UNINIT before daos_init.
 * @threadsafe yes. Queues of different threads progress independently, up to the limit of network contexts.
 */
int daos_eq_create(daos_handle_t* eqh);

/** flag of daos_eq_destroy: drop events that were not polled */
#define DAOS_EQ_DESTROY_FORCE (1 << 0)

/**
 * Destroy an event queue.
 *
 * @param eqh     the queue.
 * @param flags   0 or DAOS_EQ_DESTROY_FORCE: finish what can be finished and drop the rest; its events may then only be
 *                finalised.
 * @return 0; -DER_NONEXIST not a queue; -DER_BUSY events are running or not polled, and no force.
 * @threadsafe yes
 */
int daos_eq_destroy(daos_handle_t eqh, int flags);

/**
 * Make progress and take completed events off a queue.
 *
 * @param eqh            the queue.
 * @param wait_running   non-zero: do not wait when nothing is running.
 * @param timeout        microseconds to wait for the first event; DAOS_EQ_WAIT for ever, DAOS_EQ_NOWAIT one round.
 * @param nevents        room in `events`, 1 or more.
 * @param events         [nevents] out: completed events in the order of completion, now idle again. Parents come when
 *                       their children are done; children never come.
 * @return the number of events, 0 when the time is over; -DER_INVAL no room; -DER_NONEXIST not a queue.
 * @threadsafe yes; each event is delivered once.
 */
int daos_eq_poll(daos_handle_t eqh, int wait_running, int64_t timeout, unsigned int nevents, daos_event_t** events);

/**
 * Look at the events of a queue, without progress or change.
 *
 * @param eqh       the queue.
 * @param query     which events.
 * @param nevents   room in `events`; 0 only counts.
 * @param events    [nevents] out, or NULL: completed ones first, in the order of completion, then running ones.
 * @return the number of events; -DER_NONEXIST not a queue.
 * @threadsafe yes
 */
int daos_eq_query(daos_handle_t eqh, daos_eq_query_t query, unsigned int nevents, daos_event_t** events);

/**
 * Set up an event. Its memory stays the caller's and must not move until daos_event_fini.
 *
 * @param ev       the event; zeroed first.
 * @param eqh      its queue, or DAOS_HDL_INVAL: it is then waited for with daos_event_test.
 * @param parent   NULL, or an idle event that completes after this one; the queue is then the parent's.
 * @return 0; -DER_NONEXIST no such queue; -DER_INVAL the parent is not idle; -DER_NO_PERM the parent is a child itself;
 *         -DER_UNINIT before daos_init.
 */
int daos_event_init(daos_event_t* ev, daos_handle_t eqh, daos_event_t* parent);

/**
 * Finish an event, and its children, before its memory is freed.
 *
 * @return 0; -DER_BUSY it is running; -DER_NONEXIST its queue is gone (harmless); -DER_INVAL a child is running, or the
 *         parent is not idle.
 */
int daos_event_fini(daos_event_t* ev);

/**
 * Walk the children of an event.
 *
 * @param parent   the event.
 * @param child    NULL for the first child, else the one before.
 * @return the next child, NULL at the end.
 */
daos_event_t* daos_event_next(daos_event_t* parent, daos_event_t* child);

/**
 * Wait for one event.
 *
 * @param ev        an event that is not a child.
 * @param timeout   microseconds; DAOS_EQ_WAIT for ever, DAOS_EQ_NOWAIT one round of progress.
 * @param flag      out: true when the event does not run any more, or never did. It is then off its queue and idle; the
 *                  operation's result is in ev_error.
 * @return 0 whether done or not; -DER_NO_PERM a child; -DER_NONEXIST its queue is gone.
 */
int daos_event_test(struct daos_event* ev, int64_t timeout, bool* flag);

/** What runs when an operation completes; a non-zero return becomes the result of an operation that succeeded. */
typedef int (*daos_event_comp_cb_t)(void* arg, daos_event_t* ev, int rc);

/**
 * Register what runs when the event's next operation completes; for that operation only.
 *
 * @param ev    an idle event.
 * @param cb    runs in the thread that makes progress, in the order of registration, before the event is seen as done.
 * It must not block, nor use the event's queue.
 * @param arg   handed to `cb`.
 * @return 0, -DER_INVAL, -DER_NOMEM.
 */
int daos_event_register_comp_cb(struct daos_event* ev, daos_event_comp_cb_t cb, void* arg);

/**
 * Let a parent complete when its last child has; its ev_error is the first error of a child.
 *
 * @param ev   a parent whose children have all been started.
 * @return 0; -DER_INVAL no children; -DER_NO_PERM a child has not been started.
 */
int daos_event_parent_barrier(struct daos_event* ev);

/**
 * Ask for an operation to be abandoned. The operation goes on and completes as usual; poll or test for it.
 *
 * @return 0; -DER_NO_PERM it is not running.
 */
int daos_event_abort(daos_event_t* ev);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_EVENT_H */
