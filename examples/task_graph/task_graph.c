/* Work as a graph: tasks that wait for each other instead of calls that block.
 *
 *   create container -> open container -> open object -> 16 updates -> sum -> close object -> close container
 *
 *   task_graph             an embedded store, in ./daos-example: no server is needed
 *   task_graph POOL        a pool of a system, made by: dmg pool create POOL --size 1GiB
 */
#include <daos.h>
#include <daos_task.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES = 16 };

static void check(int rc, const char* what) {
  if (rc == 0) return;
  fprintf(stderr, "%s: %s (%s)\n", what, d_errstr(rc), d_errdesc(rc));
  exit(1);
}

/* What operations point to must live until their tasks are complete. */
struct value {
  char key[16];
  uint64_t number;
  daos_key_t dkey;
  daos_iod_t iod;
  d_iov_t iov;
  d_sg_list_t sgl;
};

static struct work {
  daos_handle_t pool, container, object;
  uuid_t uuid;
  struct value values[VALUES];
  int stored;
  uint64_t sum;
  int failed;
} work;

/* Arguments that an earlier task brings forth are filled in just before the task runs: by a preparation. */
static int fill_cont_open(tse_task_t* task, void* arg) {
  (void)arg;
  daos_cont_open_t* args = daos_task_get_args(task);
  args->poh = work.pool;
  uuid_copy(args->uuid, work.uuid);
  args->flags = DAOS_COO_RW;
  args->coh = &work.container;
  return 0;
}

static int fill_obj_open(tse_task_t* task, void* arg) {
  (void)arg;
  if (task->dt_result != 0) return 0; /* there is no container, and the task will not run either */
  daos_obj_open_t* args = daos_task_get_args(task);
  args->coh = work.container;
  args->oid.lo = 1;
  args->mode = DAOS_OO_RW;
  args->oh = &work.object;
  return daos_obj_generate_oid(work.container, &args->oid, DAOS_OT_MULTI_HASHED, OC_SX, 0, 0);
}

static int fill_update(tse_task_t* task, void* arg) {
  struct value* value = *(struct value**)arg;
  daos_obj_update_t* args = daos_task_get_args(task);
  args->oh = work.object;
  args->th = DAOS_TX_NONE;
  args->dkey = &value->dkey;
  args->nr = 1;
  args->iods = &value->iod;
  args->sgls = &value->sgl;
  return 0;
}

static int count_update(tse_task_t* task, void* arg) {
  (void)arg;
  if (task->dt_result == 0) work.stored++;
  return 0;
}

static int fill_obj_close(tse_task_t* task, void* arg) {
  (void)arg;
  ((daos_obj_close_t*)daos_task_get_args(task))->oh = work.object;
  return 0;
}

static int fill_cont_close(tse_task_t* task, void* arg) {
  (void)arg;
  ((daos_cont_close_t*)daos_task_get_args(task))->coh = work.container;
  return 0;
}

static int note_failure(tse_task_t* task, void* arg) {
  const char* what = *(const char**)arg;
  if (task->dt_result == 0) return 0;
  fprintf(stderr, "%s: %s\n", what, d_errstr(task->dt_result));
  work.failed++;
  return 0;
}

/* A task of our own: its body is any function that leads to tse_task_complete. */
static int sum_up(tse_task_t* task) {
  uint64_t* sum = tse_task_get_priv(task);
  if (task->dt_result == 0) {
    for (int i = 0; i < VALUES; i++) *sum += work.values[i].number;
  }
  tse_task_complete(task, 0);
  return 0;
}

static tse_task_t* make(daos_opc_t opcode, tse_sched_t* sched, tse_task_t* after, tse_task_cb_t fill,
                        const char* what) {
  tse_task_t* task;
  check(daos_task_create(opcode, sched, after != NULL ? 1 : 0, after != NULL ? &after : NULL, &task), what);
  check(tse_task_register_cbs(task, fill, NULL, 0, note_failure, &what, sizeof what), what);
  return task;
}

int main(int argc, char** argv) {
  tse_sched_t sched;
  char name[DAOS_UUID_STR_SIZE];

  const char* pool_name = argc > 1 ? argv[1] : "./daos-example";
  check(daos_init(), "daos_init");
  check(daos_pool_connect(pool_name, NULL, DAOS_PC_RW, &work.pool, NULL, NULL), pool_name);
  check(tse_sched_init(&sched, NULL, NULL), "tse_sched_init");

  tse_task_t* create;
  check(daos_task_create(DAOS_OPC_CONT_CREATE, &sched, 0, NULL, &create), "create container");
  daos_cont_create_t* create_args = daos_task_get_args(create);
  create_args->poh = work.pool;
  create_args->cuuid = &work.uuid;
  tse_task_t* cont_open = make(DAOS_OPC_CONT_OPEN, &sched, create, fill_cont_open, "open container");
  tse_task_t* obj_open = make(DAOS_OPC_OBJ_OPEN, &sched, cont_open, fill_obj_open, "open object");

  tse_task_t* updates[VALUES];
  for (int i = 0; i < VALUES; i++) {
    struct value* value = &work.values[i];
    value->number = (uint64_t)i * i;
    snprintf(value->key, sizeof value->key, "square %d", i);
    d_iov_set(&value->dkey, value->key, strlen(value->key));
    d_iov_set(&value->iod.iod_name, "n", 1);
    value->iod.iod_type = DAOS_IOD_SINGLE;
    value->iod.iod_size = sizeof value->number;
    value->iod.iod_nr = 1;
    d_iov_set(&value->iov, &value->number, sizeof value->number);
    value->sgl.sg_nr = 1;
    value->sgl.sg_iovs = &value->iov;
    check(daos_task_create(DAOS_OPC_OBJ_UPDATE, &sched, 1, &obj_open, &updates[i]), "update");
    check(tse_task_register_cbs(updates[i], fill_update, &value, sizeof value, count_update, NULL, 0), "update");
  }

  tse_task_t* sum;
  check(tse_task_create(sum_up, &sched, &work.sum, &sum), "sum");
  check(tse_task_register_deps(sum, VALUES, updates), "sum");
  /* Handles are closed even when something before has failed. */
  tse_task_t* obj_close = make(DAOS_OPC_OBJ_CLOSE, &sched, sum, fill_obj_close, "close object");
  tse_disable_propagate(obj_close);
  tse_task_t* cont_close = make(DAOS_OPC_CONT_CLOSE, &sched, obj_close, fill_cont_close, "close container");
  tse_disable_propagate(cont_close);

  /* In any order: each runs when what it waits for is done. */
  tse_task_schedule(cont_close, false);
  tse_task_schedule(obj_close, false);
  tse_task_schedule(sum, false);
  for (int i = 0; i < VALUES; i++) tse_task_schedule(updates[i], false);
  tse_task_schedule(obj_open, false);
  tse_task_schedule(cont_open, false);
  tse_task_schedule(create, false);

  bool is_empty = false;
  while (!is_empty) {
    int rc = daos_progress(&sched, 100000, &is_empty);
    if (rc != -DER_TIMEDOUT) check(rc, "daos_progress");
  }
  tse_sched_fini(&sched);
  printf("%d values stored, their sum is %llu\n", work.stored, (unsigned long long)work.sum);

  uuid_unparse_lower(work.uuid, name);
  check(daos_cont_destroy(work.pool, name, 0, NULL), "daos_cont_destroy");
  check(daos_pool_disconnect(work.pool, NULL), "daos_pool_disconnect");
  check(daos_fini(), "daos_fini");
  return work.failed == 0 && work.stored == VALUES && work.sum == 1240 ? 0 : 1;
}
