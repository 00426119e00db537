/* The shortest way there and back: connect to a pool, make a container, store one value, read it again.
 *
 *   first_value             a store inside this program, in ./daos-example: no server is needed
 *   first_value POOL        a pool of a system, made by: dmg pool create POOL --size 1GiB
 */
#include <daos.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every call returns 0 or a negative error; d_errstr gives its name. */
static void check(int rc, const char* what) {
  if (rc == 0) return;
  fprintf(stderr, "%s: %s (%s)\n", what, d_errstr(rc), d_errdesc(rc));
  exit(1);
}

int main(int argc, char** argv) {
  daos_handle_t pool, container, object;
  daos_obj_id_t oid = {.lo = 1, .hi = 0}; /* the low 96 bits are ours to choose */
  uuid_t uuid;
  char name[DAOS_UUID_STR_SIZE];

  /* A name that starts with / or ./ is the directory of an embedded store, which is made where there is none. */
  const char* pool_name = argc > 1 ? argv[1] : "./daos-example";

  check(daos_init(), "daos_init");
  check(daos_pool_connect(pool_name, NULL, DAOS_PC_RW, &pool, NULL, NULL), pool_name);
  check(daos_cont_create(pool, &uuid, NULL, NULL), "daos_cont_create");
  uuid_unparse_lower(uuid, name);
  check(daos_cont_open(pool, name, DAOS_COO_RW, &container, NULL, NULL), "daos_cont_open");

  /* An object: keys of any bytes, spread over all targets (class SX). It needs no creating. */
  check(daos_obj_generate_oid(container, &oid, DAOS_OT_MULTI_HASHED, OC_SX, 0, 0), "daos_obj_generate_oid");
  check(daos_obj_open(container, oid, DAOS_OO_RW, &object, NULL), "daos_obj_open");

  /* A value is found by two keys: dkey (decides where it is stored) and akey. */
  char value[] = "hello, object store";
  daos_key_t dkey;
  daos_iod_t iod = {.iod_type = DAOS_IOD_SINGLE, .iod_size = sizeof value, .iod_nr = 1};
  d_iov_t iov;
  d_sg_list_t sgl = {.sg_nr = 1, .sg_iovs = &iov};
  d_iov_set(&dkey, "greeting", 8);
  d_iov_set(&iod.iod_name, "text", 4);
  d_iov_set(&iov, value, sizeof value);
  check(daos_obj_update(object, DAOS_TX_NONE, 0, &dkey, 1, &iod, &sgl, NULL), "daos_obj_update");

  /* How large is it? Without buffers a fetch tells. */
  iod.iod_size = DAOS_REC_ANY;
  check(daos_obj_fetch(object, DAOS_TX_NONE, 0, &dkey, 1, &iod, NULL, NULL, NULL), "daos_obj_fetch (size)");
  char* back = malloc(iod.iod_size);
  d_iov_set(&iov, back, iod.iod_size);
  check(daos_obj_fetch(object, DAOS_TX_NONE, 0, &dkey, 1, &iod, &sgl, NULL, NULL), "daos_obj_fetch");
  printf("%zu bytes: %s\n", (size_t)iod.iod_size, back);
  int same = iod.iod_size == sizeof value && memcmp(back, value, sizeof value) == 0;
  free(back);

  check(daos_obj_close(object, NULL), "daos_obj_close");
  check(daos_cont_close(container, NULL), "daos_cont_close");
  check(daos_cont_destroy(pool, name, 0, NULL), "daos_cont_destroy");
  check(daos_pool_disconnect(pool, NULL), "daos_pool_disconnect");
  check(daos_fini(), "daos_fini");
  return same ? 0 : 1;
}
