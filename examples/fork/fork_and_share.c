/* fork: a child calls daos_reinit before anything else, and then uses the handles that it inherited.
 *
 *   fork_and_share             an embedded store, in ./daos-example, which belongs to one process: the child is refused
 *   fork_and_share POOL        a pool of a system, which both use
 */
#include <daos.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REFUSED = 9 };

static void check(int rc, const char* what) {
  if (rc == 0) return;
  fprintf(stderr, "%s: %s (%s)\n", what, d_errstr(rc), d_errdesc(rc));
  _exit(1);
}

static int store(daos_handle_t object, const char* name, int64_t number) {
  daos_key_t dkey;
  daos_iod_t iod = {.iod_type = DAOS_IOD_SINGLE, .iod_size = sizeof number, .iod_nr = 1};
  d_iov_t iov;
  d_sg_list_t sgl = {.sg_nr = 1, .sg_iovs = &iov};
  d_iov_set(&dkey, (void*)name, 1);
  d_iov_set(&iod.iod_name, "n", 1);
  d_iov_set(&iov, &number, sizeof number);
  return daos_obj_update(object, DAOS_TX_NONE, 0, &dkey, 1, &iod, &sgl, NULL);
}

static int64_t load(daos_handle_t object, const char* name) {
  int64_t number = 0;
  daos_key_t dkey;
  daos_iod_t iod = {.iod_type = DAOS_IOD_SINGLE, .iod_size = DAOS_REC_ANY, .iod_nr = 1};
  d_iov_t iov;
  d_sg_list_t sgl = {.sg_nr = 1, .sg_iovs = &iov};
  d_iov_set(&dkey, (void*)name, 1);
  d_iov_set(&iod.iod_name, "n", 1);
  d_iov_set(&iov, &number, sizeof number);
  check(daos_obj_fetch(object, DAOS_TX_NONE, 0, &dkey, 1, &iod, &sgl, NULL, NULL), "daos_obj_fetch");
  return number;
}

int main(int argc, char** argv) {
  daos_handle_t pool, container, object;
  daos_obj_id_t oid = {.lo = 1, .hi = 0};
  uuid_t uuid;
  char name[DAOS_UUID_STR_SIZE];
  int status = 1;

  const char* pool_name = argc > 1 ? argv[1] : "./daos-example";

  check(daos_init(), "daos_init");
  check(daos_pool_connect(pool_name, NULL, DAOS_PC_RW, &pool, NULL, NULL), pool_name);
  check(daos_cont_create(pool, &uuid, NULL, NULL), "daos_cont_create");
  uuid_unparse_lower(uuid, name);
  check(daos_cont_open(pool, name, DAOS_COO_RW, &container, NULL, NULL), "daos_cont_open");
  check(daos_obj_generate_oid(container, &oid, DAOS_OT_MULTI_HASHED, OC_S1, 0, 0), "daos_obj_generate_oid");
  check(daos_obj_open(container, oid, DAOS_OO_RW, &object, NULL), "daos_obj_open");
  check(store(object, "p", 1), "the parent's value");

  pid_t child = fork();
  if (child == 0) {
    /* Until daos_reinit every call returns -DER_UNINIT. Queues and events stay with the parent. */
    if (store(object, "c", 0) != -DER_UNINIT) _exit(2);
    int rc = daos_reinit();
    if (rc == -DER_BUSY) _exit(REFUSED); /* embedded: the parent has the store, and a line on stderr says so */
    check(rc, "daos_reinit");
    if (load(object, "p") != 1) _exit(3);
    check(store(object, "c", 2), "the child's value");
    /* Closing in the child frees what the child has; the parent's handles stay open. */
    check(daos_obj_close(object, NULL), "daos_obj_close");
    check(daos_cont_close(container, NULL), "daos_cont_close");
    check(daos_pool_disconnect(pool, NULL), "daos_pool_disconnect");
    check(daos_fini(), "daos_fini");
    _exit(0);
  }
  waitpid(child, &status, 0);
  int embedded = pool_name[0] == '/' || pool_name[0] == '.';
  int ok = WIFEXITED(status) && WEXITSTATUS(status) == (embedded ? REFUSED : 0);
  if (embedded) {
    printf("the child was refused: an embedded store belongs to one process\n");
    ok = ok && load(object, "p") == 1;
  } else {
    printf("the child ended with %d, and its value is %lld\n", WEXITSTATUS(status), (long long)load(object, "c"));
    ok = ok && load(object, "c") == 2;
  }

  check(daos_obj_close(object, NULL), "daos_obj_close");
  check(daos_cont_close(container, NULL), "daos_cont_close");
  check(daos_cont_destroy(pool, name, 0, NULL), "daos_cont_destroy");
  check(daos_pool_disconnect(pool, NULL), "daos_pool_disconnect");
  check(daos_fini(), "daos_fini");
  return ok ? 0 : 1;
}
