// Lists of tasks that a program keeps for itself. They have no lock and hold no references: a list belongs to one
// thread, and a task leaves it before it is gone. Scheduling or aborting a list empties it, since its tasks are then
// the scheduler's.
#include <daos_errno.h>

#include "client/capi/tse_scheduler.h"

using namespace daos::capi;  // NOLINT: a file of C entry points

int tse_task_list_add(tse_task_t* task, d_list_t* head) {
  if (task == nullptr || head == nullptr) return -DER_INVAL;
  TaskState& state = TaskState::of(task);
  if (!d_list_empty(&state.user_list)) return -DER_NO_PERM;
  d_list_add_tail(&state.user_list, head);
  return 0;
}

void tse_task_list_del(tse_task_t* task) {
  if (task != nullptr) d_list_del_init(&TaskState::of(task).user_list);
}

tse_task_t* tse_task_list_first(d_list_t* head) {
  if (head == nullptr || d_list_empty(head)) return nullptr;
  return TaskState::of_user_list(head->next).task();
}

void tse_task_list_sched(d_list_t* head, bool instant) {
  while (tse_task_t* task = tse_task_list_first(head)) {
    tse_task_list_del(task);
    tse_task_schedule(task, instant);
  }
}

void tse_task_list_abort(d_list_t* head, int rc) {
  while (tse_task_t* task = tse_task_list_first(head)) {
    tse_task_list_del(task);
    tse_task_complete(task, rc);
  }
}

int tse_task_list_depend(d_list_t* head, tse_task_t* task) {
  if (head == nullptr || task == nullptr) return -DER_INVAL;
  for (d_list_t* link = head->next; link != head; link = link->next) {
    const int rc = tse_task_register_deps(TaskState::of_user_list(link).task(), 1, &task);
    if (rc != 0) return rc;
  }
  return 0;
}

int tse_task_depend_list(tse_task_t* task, d_list_t* head) {
  if (head == nullptr || task == nullptr) return -DER_INVAL;
  for (d_list_t* link = head->next; link != head; link = link->next) {
    tse_task_t* listed = TaskState::of_user_list(link).task();
    const int rc = tse_task_register_deps(task, 1, &listed);
    if (rc != 0) return rc;
  }
  return 0;
}

/// `cb` may take the task that it is called with off the list.
int tse_task_list_traverse(d_list_t* head, tse_task_cb_t cb, void* arg) {
  if (head == nullptr || cb == nullptr) return -DER_INVAL;
  int last = 0;
  d_list_t* next;
  for (d_list_t* link = head->next; link != head; link = next) {
    next = link->next;
    const int rc = cb(TaskState::of_user_list(link).task(), arg);
    if (rc != 0) last = rc;
  }
  return last;
}

/// `cb` may take any task off the list: those that are still to come stand on a list of their own meanwhile.
int tse_task_list_traverse_adv(d_list_t* head, tse_task_cb_t cb, void* arg) {
  if (head == nullptr || cb == nullptr) return -DER_INVAL;
  d_list_t to_come;
  D_INIT_LIST_HEAD(&to_come);
  d_list_splice_init(head, &to_come);
  int last = 0;
  while (!d_list_empty(&to_come)) {
    d_list_t* link = to_come.next;
    d_list_move_tail(link, head);
    const int rc = cb(TaskState::of_user_list(link).task(), arg);
    if (rc != 0) last = rc;
  }
  return last;
}
