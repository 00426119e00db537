/* A key-value store: put, get, an insert that refuses to overwrite, the list of keys, remove.
 *
 *   key_value             a store inside this program, in ./daos-example: no server is needed
 *   key_value POOL        a pool of a system, made by: dmg pool create POOL --size 1GiB
 */
#include <daos.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(int rc, const char* what) {
  if (rc == 0) return;
  fprintf(stderr, "%s: %s (%s)\n", what, d_errstr(rc), d_errdesc(rc));
  exit(1);
}

int main(int argc, char** argv) {
  static const char* const planets[] = {"mercury", "venus", "earth", "mars"};
  daos_handle_t pool, container, store;
  daos_obj_id_t oid = {.lo = 1, .hi = 0};
  uuid_t uuid;
  char name[DAOS_UUID_STR_SIZE];
  const char* pool_name = argc > 1 ? argv[1] : "./daos-example";

  check(daos_init(), "daos_init");
  check(daos_pool_connect(pool_name, NULL, DAOS_PC_RW, &pool, NULL, NULL), pool_name);
  check(daos_cont_create(pool, &uuid, NULL, NULL), "daos_cont_create");
  uuid_unparse_lower(uuid, name);
  check(daos_cont_open(pool, name, DAOS_COO_RW, &container, NULL, NULL), "daos_cont_open");

  check(daos_obj_generate_oid(container, &oid, DAOS_OT_KV_HASHED, OC_SX, 0, 0), "daos_obj_generate_oid");
  check(daos_kv_open(container, oid, DAOS_OO_RW, &store, NULL), "daos_kv_open");

  for (int i = 0; i < 4; i++) {
    check(daos_kv_put(store, DAOS_TX_NONE, 0, planets[i], sizeof i, &i, NULL), "daos_kv_put");
  }
  int value = 0;
  daos_size_t size = sizeof value;
  check(daos_kv_get(store, DAOS_TX_NONE, 0, "earth", &size, &value, NULL), "daos_kv_get");
  printf("earth: %d (%zu bytes)\n", value, (size_t)size);

  /* With a condition the check and the change are one step, whoever else writes. */
  int rc = daos_kv_put(store, DAOS_TX_NONE, DAOS_COND_KEY_INSERT, "earth", sizeof value, &value, NULL);
  printf("inserting earth once more: %s\n", d_errstr(rc));

  /* Keys come in batches; the anchor remembers where the list stands. */
  int keys = 0;
  daos_anchor_t anchor = {0};
  while (!daos_anchor_is_eof(&anchor)) {
    daos_key_desc_t found[8];
    uint32_t count = 8;
    char text[128];
    d_iov_t iov;
    d_sg_list_t sgl = {.sg_nr = 1, .sg_iovs = &iov};
    d_iov_set(&iov, text, sizeof text);
    check(daos_kv_list(store, DAOS_TX_NONE, &count, found, &sgl, &anchor, NULL), "daos_kv_list");
    const char* at = text;
    for (uint32_t i = 0; i < count; at += found[i].kd_key_len, i++) {
      printf("key: %.*s\n", (int)found[i].kd_key_len, at);
      keys++;
    }
  }

  check(daos_kv_remove(store, DAOS_TX_NONE, 0, "mars", NULL), "daos_kv_remove");
  size = 0;
  check(daos_kv_get(store, DAOS_TX_NONE, 0, "mars", &size, NULL, NULL), "daos_kv_get (removed)");

  check(daos_kv_close(store, NULL), "daos_kv_close");
  check(daos_cont_close(container, NULL), "daos_cont_close");
  check(daos_cont_destroy(pool, name, 0, NULL), "daos_cont_destroy");
  check(daos_pool_disconnect(pool, NULL), "daos_pool_disconnect");
  check(daos_fini(), "daos_fini");
  return value == 2 && rc == -DER_EXIST && keys == 4 && size == 0 ? 0 : 1;
}
