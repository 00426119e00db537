/* A container with properties and attributes, and in it an array of doubles: write a part, read across a hole, size.
 *
 *   array_and_properties             a store inside this program, in ./daos-example: no server is needed
 *   array_and_properties POOL        a pool of a system, made by: dmg pool create POOL --size 1GiB
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
  daos_handle_t pool, container, array;
  daos_obj_id_t oid = {.lo = 1, .hi = 0};
  uuid_t uuid;
  char name[DAOS_UUID_STR_SIZE];
  const char* pool_name = argc > 1 ? argv[1] : "./daos-example";

  check(daos_init(), "daos_init");
  check(daos_pool_connect(pool_name, NULL, DAOS_PC_RW, &pool, NULL, NULL), pool_name);

  /* Properties are fixed when a container is made, or may be changed later: pool-wide rules say which. Here: checksums,
   * made by this program, verified by the server when written and by this program when read. */
  daos_prop_t* properties = daos_prop_alloc(2);
  if (properties == NULL) return 1;
  properties->dpp_entries[0].dpe_type = DAOS_PROP_CO_CSUM;
  properties->dpp_entries[0].dpe_val = DAOS_PROP_CO_CSUM_CRC32;
  properties->dpp_entries[1].dpe_type = DAOS_PROP_CO_CSUM_SERVER_VERIFY;
  properties->dpp_entries[1].dpe_val = DAOS_PROP_CO_CSUM_SV_ON;
  check(daos_cont_create(pool, &uuid, properties, NULL), "daos_cont_create");
  daos_prop_free(properties);
  uuid_unparse_lower(uuid, name);
  check(daos_cont_open(pool, name, DAOS_COO_RW, &container, NULL, NULL), "daos_cont_open");

  /* Attributes are for whatever a program wants to remember of its container. */
  const char* attribute = "unit";
  const void* set = "kelvin";
  size_t set_bytes = 7;
  check(daos_cont_set_attr(container, 1, &attribute, &set, &set_bytes, NULL), "daos_cont_set_attr");

  /* Records of 8 bytes, 1,024 in a chunk; a chunk is what lies together on one target. */
  check(daos_array_generate_oid(container, &oid, true, OC_SX, 0, 0), "daos_array_generate_oid");
  check(daos_array_create(container, oid, DAOS_TX_NONE, sizeof(double), 1024, &array, NULL), "daos_array_create");

  double written[100], back[120];
  for (int i = 0; i < 100; i++) written[i] = i / 4.0;
  for (int i = 0; i < 120; i++) back[i] = -1;
  daos_range_t range = {.rg_idx = 2000, .rg_len = 100};
  daos_array_iod_t iod = {.arr_nr = 1, .arr_rgs = &range};
  d_iov_t iov;
  d_sg_list_t sgl = {.sg_nr = 1, .sg_iovs = &iov};
  d_iov_set(&iov, written, sizeof written);
  check(daos_array_write(array, DAOS_TX_NONE, &iod, &sgl, NULL), "daos_array_write");

  /* 20 records before what was written: a hole, which leaves the buffer as it is. */
  range.rg_idx = 1980;
  range.rg_len = 120;
  d_iov_set(&iov, back, sizeof back);
  check(daos_array_read(array, DAOS_TX_NONE, &iod, &sgl, NULL), "daos_array_read");
  daos_size_t records = 0;
  check(daos_array_get_size(array, DAOS_TX_NONE, &records, NULL), "daos_array_get_size");
  printf("%zu records; record 1980: %g, record 2099: %g\n", (size_t)records, back[0], back[119]);
  int same = records == 2100 && back[0] == -1 && memcmp(back + 20, written, sizeof written) == 0;

  check(daos_array_close(array, NULL), "daos_array_close");
  check(daos_cont_close(container, NULL), "daos_cont_close");
  check(daos_cont_destroy(pool, name, 0, NULL), "daos_cont_destroy");
  check(daos_pool_disconnect(pool, NULL), "daos_pool_disconnect");
  check(daos_fini(), "daos_fini");
  return same ? 0 : 1;
}
