/**
 * Questions about a system as a whole, and aids for testing.
 */
#ifndef DAOS_MGMT_H
#define DAOS_MGMT_H

#include <daos_cont.h>
#include <uuid/uuid.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Read the shape of a system: its name, provider and engines. Blocks.
 *
 * @param sys    name of the system, or NULL for the agent's.
 * @param info   out: release with daos_mgmt_put_sys_info.
 * @return 0; -DER_INVAL; -DER_AGENT_COMM.
 * @threadsafe yes
 */
int daos_mgmt_get_sys_info(const char* sys, struct daos_sys_info** info);

/** Release what daos_mgmt_get_sys_info gave. NULL is allowed. Local. */
void daos_mgmt_put_sys_info(struct daos_sys_info* info);

/** Stop the service of a pool; for tests. @return 0; -DER_NO_HDL; -DER_NO_PERM. */
int daos_pool_stop_svc(daos_handle_t poh, daos_event_t* ev);

typedef struct {
  uuid_t mgpi_uuid;
  d_string_t mgpi_label;   /**< release with free() */
  d_rank_list_t* mgpi_svc; /**< release with d_rank_list_free */
  d_rank_t mgpi_ldr;       /**< may be unset */
} daos_mgmt_pool_info_t;

/**
 * List pools that the caller may connect to.
 *
 * @param group    name of the system, or NULL for the agent's.
 * @param npools   in: room in `pools`; out: number of pools.
 * @param pools    [*npools] out; NULL only counts.
 * @return 0; -DER_OVERFLOW there are more, *npools says how many; -DER_INVAL npools is NULL (directly).
 * @threadsafe yes
 */
int daos_mgmt_list_pools(const char* group, daos_size_t* npools, daos_mgmt_pool_info_t* pools, daos_event_t* ev);

/* key_id of daos_debug_set_params. */
enum {
  DMG_KEY_FAIL_LOC = 0,
  DMG_KEY_FAIL_VALUE,
  DMG_KEY_FAIL_NUM,
  DMG_KEY_NUM,
};

/** Inject faults into engines; for tests. @param rank   the engine, -1 for all. @return 0; -DER_NOSYS. */
int daos_debug_set_params(const char* grp, d_rank_t rank, unsigned int key_id, uint64_t value, uint64_t value_extra,
                          daos_event_t* ev);

/** Write a line into the logs of all engines; for tests. @return 0; -DER_NOSYS. */
int daos_debug_add_mark(const char* mark);

/** State of a device's store, as a small number; for tests. @return 0; -DER_INVAL nil uuid (directly); -DER_NONEXIST.
 */
int daos_mgmt_get_bs_state(const char* group, uuid_t blobstore_uuid, int* blobstore_state, daos_event_t* ev);

/**
 * Version of the servers.
 *
 * @param tag   out: release with free().
 * @return 0; -DER_UNINIT no pool is connected; -DER_INVAL.
 * @threadsafe yes
 */
int dc_mgmt_srv_version(uint32_t* major, uint32_t* minor, uint32_t* patch, char** tag);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_MGMT_H */
