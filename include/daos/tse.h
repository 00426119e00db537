/**
 * Tasks and schedulers: functions with dependencies, run by a scheduler when it is progressed.
 *
 * A new task has one reference, which the scheduler takes over at tse_task_schedule and drops after completion. Its
 * body leads to exactly one tse_task_complete, at once or later. A failed dependency hands its result to the tasks that
 * depend on it; they still run. Schedulers are locked, so several threads may progress one.
 */
#ifndef DAOS_TSE_H
#define DAOS_TSE_H

#include <gurt/list.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TSE_TASK_ARG_LEN (840 + sizeof(pthread_mutex_t))
#define TSE_PRIV_SIZE (TSE_TASK_ARG_LEN + 136)
#define TSE_TASK_SIZE (TSE_PRIV_SIZE + 8)

/** Allocated by the library; only dt_result is the caller's to read. */
typedef struct tse_task {
  int dt_result;
  int dt_pad32;
  struct {
    char dt_space[TSE_PRIV_SIZE];
  } dt_private;
} tse_task_t;

/** Allocated by the caller. */
typedef struct {
  int ds_result;
  void* ds_udata;
  struct {
    uint64_t ds_space[48];
  } ds_private;
} tse_sched_t;

typedef int (*tse_sched_comp_cb_t)(void* args, int rc);
typedef int (*tse_task_func_t)(tse_task_t* task);
typedef int (*tse_task_cb_t)(tse_task_t* task, void* arg);

/* ---- schedulers ---- */

/** The scheduler of a task. */
tse_sched_t* tse_task2sched(tse_task_t* task);

/**
 * Start a scheduler.
 *
 * @param comp_cb   runs when it completes; may be NULL.
 * @param udata     kept in ds_udata; NULL for a scheduler that daos_progress drives.
 * @return 0; -DER_NOMEM.
 */
int tse_sched_init(tse_sched_t* sched, tse_sched_comp_cb_t comp_cb, void* udata);

/** End a scheduler; all its tasks must be done. With the last reference `sched` is no longer looked at. */
void tse_sched_fini(tse_sched_t* sched);

void tse_sched_addref(tse_sched_t* sched);
void tse_sched_decref(tse_sched_t* sched);

/**
 * Wait for all tasks, then run the scheduler's callbacks, each once, in order of registration; `ret` becomes ds_result
 * if that is 0, and a callback's non-zero return after it.
 *
 * @param cancel   tasks that have not begun complete with -DER_CANCELED; API operations under way are waited for; other
 *                 tasks that run are left alone. Nothing can be scheduled on it afterwards.
 */
void tse_sched_complete(tse_sched_t* sched, int ret, bool cancel);

/** Register what runs at tse_sched_complete. @return 0; -DER_NOMEM. */
int tse_sched_register_comp_cb(tse_sched_t* sched, tse_sched_comp_cb_t comp_cb, void* arg);

/** Run tasks that are ready and finish completed ones; no progress of the network. */
void tse_sched_progress(tse_sched_t* sched);

/** True when nothing is queued, sleeping or running. */
bool tse_sched_check_complete(tse_sched_t* sched);

/* ---- tasks ---- */

/**
 * Create a task.
 *
 * @param task_func   body; NULL for a task that is completed from outside or by its dependencies.
 * @param priv        kept for tse_task_get_priv.
 * @param taskp       out.
 * @return 0; -DER_NOMEM.
 */
int tse_task_create(tse_task_func_t task_func, tse_sched_t* sched, void* priv, tse_task_t** taskp);

/** Hand a task to its scheduler; with `instant` it runs within this call if it is ready. @return 0. */
int tse_task_schedule(tse_task_t* task, bool instant);

/** The same, not before `delay` microseconds are over; not with `instant`. @return 0; -DER_INVAL. */
int tse_task_schedule_with_delay(tse_task_t* task, bool instant, uint64_t delay);

/**
 * Register what runs at completion, the last one first; a non-zero return becomes the result of a task that succeeded.
 *
 * @param arg   `arg_size` bytes are copied.
 * @return 0; -DER_NO_PERM the task is complete; -DER_NOMEM.
 */
int tse_task_register_comp_cb(tse_task_t* task, tse_task_cb_t comp_cb, void* arg, size_t arg_size);

/** That and tse_task_reinit_with_delay, both or none. */
int tse_task_register_comp_cb_and_reinit(tse_task_t* task, tse_task_cb_t comp_cb, void* arg, size_t arg_size,
                                         uint64_t delay);

/** Complete a task; `ret` becomes its result if that is 0. A second call is ignored. */
void tse_task_complete(tse_task_t* task, int ret);

/** `size` bytes inside the task, the same each time; NULL when it does not fit. */
void* tse_task_buf_embedded(tse_task_t* task, int size);

void* tse_task_get_priv(tse_task_t* task);
/** Returns the former one. */
void* tse_task_set_priv(tse_task_t* task, void* priv);

/**
 * Let a task wait for others. Completed ones do not count; they may belong to other schedulers.
 *
 * @param task        not scheduled yet, or running and waiting for tasks of its own.
 * @param dep_tasks   [num_deps]
 * @return 0; -DER_NO_PERM the task is complete; -DER_NOMEM.
 */
int tse_task_register_deps(tse_task_t* task, int num_deps, tse_task_t* dep_tasks[]);

/**
 * Register what runs before the body and at completion; one of them may be NULL. Arguments are copied. Preparations run
 * once, in order; one that completes the task keeps the body from running, and a non-zero return becomes the result
 * that the body finds.
 */
int tse_task_register_cbs(tse_task_t* task, tse_task_cb_t prep_cb, void* prep_data, size_t prep_data_size,
                          tse_task_cb_t comp_cb, void* comp_data, size_t comp_data_size);

/**
 * Run a task again, at the next progress. Preparations have run once and are gone.
 *
 * @return 0; -DER_NO_PERM neither running nor complete; -DER_INVAL it has no body; -DER_CANCELED its scheduler was.
 */
int tse_task_reinit(tse_task_t* task);
/** The same, after `delay` microseconds. */
int tse_task_reinit_with_delay(tse_task_t* task, uint64_t delay);

/**
 * Make a completed task a new one with another body. As a new task, it has one reference for the scheduler to take
 * over; the caller's own stays the caller's.
 *
 * @return 0; -DER_NO_PERM something is still attached to it.
 */
int tse_task_reset(tse_task_t* task, tse_task_func_t task_func, void* priv);

void tse_task_addref(tse_task_t* task);
void tse_task_decref(tse_task_t* task);

/* ---- lists of tasks: a task is on one at most. They have no lock and hold no references. ---- */

/** @return 0; -DER_NO_PERM it is on a list already. */
int tse_task_list_add(tse_task_t* task, d_list_t* head);
void tse_task_list_del(tse_task_t* task);
tse_task_t* tse_task_list_first(d_list_t* head);
/** Schedule all; the list is empty afterwards. */
void tse_task_list_sched(d_list_t* head, bool instant);
/** Complete all with `rc`; the list is empty afterwards. */
void tse_task_list_abort(d_list_t* head, int rc);
/** Let each task of the list wait for `task`. */
int tse_task_list_depend(d_list_t* head, tse_task_t* task);
/** Let `task` wait for each task of the list. */
int tse_task_depend_list(tse_task_t* task, d_list_t* head);
/** Call `cb` for each; it may remove that one. @return the last result that is not 0. */
int tse_task_list_traverse(d_list_t* head, tse_task_cb_t cb, void* arg);
/** The same; `cb` may remove any task. */
int tse_task_list_traverse_adv(d_list_t* head, tse_task_cb_t cb, void* arg);

/** Do not hand results of dependencies to this task. */
void tse_disable_propagate(tse_task_t* task);

/** Kept for old programs: returns NULL. */
void* tse_task2arg(tse_task_t* task);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_TSE_H */
