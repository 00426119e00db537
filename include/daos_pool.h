/**
 * Pools: space on many targets, under one name. An administrator creates them (dmg); programs connect.
 *
 * Calls that take `ev` follow the rule in daos_event.h. "directly" marks errors that the call returns in any case.
 */
#ifndef DAOS_POOL_H
#define DAOS_POOL_H

#include <daos_prop.h>
#include <daos_types.h>
#include <sys/types.h>
#include <uuid/uuid.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  DAOS_TS_UNKNOWN,
  DAOS_TS_DOWN_OUT, /**< down, its data rebuilt elsewhere */
  DAOS_TS_DOWN,     /**< down, rebuild not complete */
  DAOS_TS_UP,       /**< coming back */
  DAOS_TS_UP_IN,    /**< serving */
  DAOS_TS_NEW,      /**< added, not serving yet */
  DAOS_TS_DRAIN,    /**< serving while its data moves away */
} daos_target_state_t;

typedef struct {
  int foo; /**< nothing is reported */
} daos_target_perf_t;

enum daos_media_type_t {
  DAOS_MEDIA_SCM = 0, /**< first tier: memory made durable by the log */
  DAOS_MEDIA_NVME,    /**< second tier: extents on devices */
  DAOS_MEDIA_MAX,
};

/** Bytes, by tier. */
struct daos_space {
  uint64_t s_total[DAOS_MEDIA_MAX];
  uint64_t s_free[DAOS_MEDIA_MAX];
};

typedef struct {
  uint32_t ta_padding;
  daos_target_state_t ta_state;
  daos_target_perf_t ta_perf;
  struct daos_space ta_space;
} daos_target_info_t;

/** Bytes of all targets together, and how evenly they are filled. */
struct daos_pool_space {
  struct daos_space ps_space;
  uint64_t ps_free_min[DAOS_MEDIA_MAX]; /**< of the fullest target */
  uint64_t ps_free_max[DAOS_MEDIA_MAX];
  uint64_t ps_free_mean[DAOS_MEDIA_MAX];
  uint32_t ps_ntargets;
  uint32_t ps_padding;
};

enum daos_rebuild_state_t {
  DRS_IN_PROGRESS = 0,
  DRS_NOT_STARTED = 1,
  DRS_COMPLETED = 2,
};

enum daos_rebuild_status_flag {
  DAOS_RSF_DEGRADED = (1 << 0),
};

struct daos_rebuild_status {
  uint32_t rs_version; /**< version of the pool map that is rebuilt for */
  uint32_t rs_seconds;
  int32_t rs_errno;
  union {
    int32_t rs_state; /**< enum daos_rebuild_state_t */
    int32_t rs_done;
  };
  uint16_t rs_max_supported_layout_ver;
  uint8_t rs_flags; /**< enum daos_rebuild_status_flag */
  uint8_t rs_reserved_;
  int32_t rs_fail_rank;
  uint64_t rs_toberb_obj_nr; /**< objects to rebuild */
  uint64_t rs_obj_nr;        /**< objects done */
  uint64_t rs_rec_nr;        /**< records done */
  uint64_t rs_size;          /**< bytes done */
};

/** pi_bits: what a query is to fill in. Parts that were not asked for stay as they are. */
enum daos_pool_info_bit {
  DPI_SPACE = 1ULL << 0,
  DPI_REBUILD_STATUS = 1ULL << 1,
  DPI_ENGINES_ENABLED = 1ULL << 2,  /**< ranks whose targets all serve */
  DPI_ENGINES_DISABLED = 1ULL << 3, /**< ranks with a target that does not */
  DPI_ENGINES_DEAD = 1ULL << 4,
  DPI_REBUILD_MAX_LAYOUT_VER = 1ULL << 5,
  DPI_SELF_HEAL_POLICY = 1ULL << 6,
  DPI_ALL = -1,
};

typedef struct {
  uuid_t pi_uuid;
  uint32_t pi_ntargets;
  uint32_t pi_nnodes;    /**< engines */
  uint32_t pi_ndisabled; /**< targets that do not serve */
  uint32_t pi_map_ver;
  uint32_t pi_leader; /**< rank that leads the pool's service */
  uint64_t pi_bits;   /**< in: DPI_* */
  struct daos_pool_space pi_space;
  struct daos_rebuild_status pi_rebuild_st;
} daos_pool_info_t;

struct daos_pool_cont_info {
  uuid_t pci_uuid;
  char pci_label[DAOS_PROP_LABEL_MAX_LEN + 1]; /**< empty when it has none */
};

struct daos_pool_cont_info2 {
  struct daos_pool_cont_info pci_id;
  daos_cont_info_t pci_cinfo;
  void* pci_reserved[2];
};

/* ---- connect ---- */

#define daos_pool_connect daos_pool_connect2
/**
 * Connect to a pool.
 *
 * @param pool    label, or uuid as text.
 * @param sys     name of the system, or NULL for the agent's.
 * @param flags   one of DAOS_PC_RO, DAOS_PC_RW, DAOS_PC_EX.
 * @param poh     out: end it with daos_pool_disconnect.
 * @param info    in: pi_bits; out. May be NULL.
 * @param ev      completion event, or NULL.
 * @return 0; -DER_NONEXIST; -DER_NO_PERM; -DER_BUSY exclusive use; -DER_INVAL; -DER_UNINIT before daos_init;
 *         -DER_AGENT_COMM no agent answers.
 * @threadsafe yes. Each call gives a connection of its own.
 */
int daos_pool_connect(const char* pool, const char* sys, unsigned int flags, daos_handle_t* poh, daos_pool_info_t* info,
                      daos_event_t* ev);

/** End a connection. @return 0; -DER_BUSY a container is open through it; -DER_NO_HDL. @threadsafe yes */
int daos_pool_disconnect(daos_handle_t poh, daos_event_t* ev);

/**
 * Export a connection to other processes (of a parallel program, for example), as bytes.
 *
 * @param glob   in: buffer; out: iov_len, the bytes written. Without a buffer only iov_buf_len is set: the size needed.
 * @return 0; -DER_TRUNC too small, iov_buf_len says what is needed; -DER_INVAL; -DER_NO_HDL.
 * @threadsafe yes; local.
 */
int daos_pool_local2global(daos_handle_t poh, d_iov_t* glob);

/**
 * Import a connection. It has the same rights; the exporter disconnects last.
 *
 * @param glob   made by daos_pool_local2global.
 * @param poh    out: end it with daos_pool_disconnect, which is local.
 * @return 0; -DER_INVAL not a connection's bytes; errors of reaching the pool.
 * @threadsafe yes; blocks.
 */
int daos_pool_global2local(d_iov_t glob, daos_handle_t* poh);

/* ---- query ---- */

/**
 * Read the state of a pool.
 *
 * @param ranks       out: ranks by pi_bits, else those with targets that do not serve. Release with d_rank_list_free.
 * May be NULL.
 * @param info        in: pi_bits; out. May be NULL.
 * @param pool_prop   out; may be NULL. With entries: their types say what to read. Without: all are read. Release the
 *                    values with daos_prop_free or daos_prop_fini.
 * @return 0; -DER_INVAL malformed list (directly); -DER_NO_PERM; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_pool_query(daos_handle_t poh, d_rank_list_t** ranks, daos_pool_info_t* info, daos_prop_t* pool_prop,
                    daos_event_t* ev);

/**
 * Read state and space of one target.
 *
 * @param tgt    index in its engine.
 * @param rank   the engine.
 * @param info   out: ta_state and ta_space.
 * @return 0; -DER_NONEXIST there is no such target; -DER_INVAL; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_pool_query_target(daos_handle_t poh, uint32_t tgt, d_rank_t rank, daos_target_info_t* info, daos_event_t* ev);

/* ---- user attributes: as those of containers (daos_cont.h) ---- */

int daos_pool_list_attr(daos_handle_t poh, char* buffer, size_t* size, daos_event_t* ev);
int daos_pool_get_attr(daos_handle_t poh, int n, char const* const names[], void* const buffers[], size_t sizes[],
                       daos_event_t* ev);
int daos_pool_set_attr(daos_handle_t poh, int n, char const* const names[], void const* const values[],
                       size_t const sizes[], daos_event_t* ev);
int daos_pool_del_attr(daos_handle_t poh, int n, char const* const names[], daos_event_t* ev);

/* ---- containers of a pool ---- */

/**
 * List containers, in no order.
 *
 * @param ncont   in: room in `cbuf`; out: number of containers.
 * @param cbuf    [*ncont] out; NULL, or room 0, only counts.
 * @return 0; -DER_TRUNC there are more, *ncont says how many; -DER_INVAL ncont is NULL (directly); -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_pool_list_cont(daos_handle_t poh, daos_size_t* ncont, struct daos_pool_cont_info* cbuf, daos_event_t* ev);

enum daos_pool_cont_filter_func {
  PCF_FUNC_EQ = 0,
  PCF_FUNC_NE,
  PCF_FUNC_LT,
  PCF_FUNC_LE,
  PCF_FUNC_GT,
  PCF_FUNC_GE,
  PCF_FUNC_MAX,
};

enum daos_pool_cont_filter_key {
  PCF_KEY_MD_OTIME = 0, /**< hybrid logical clock */
  PCF_KEY_MD_MTIME,     /**< hybrid logical clock */
  PCF_KEY_NUM_SNAPSHOTS,
  PCF_KEY_NUM_HANDLES,
  PCF_KEY_MAX,
};

enum daos_pool_cont_filter_combine {
  PCF_COMBINE_LOGICAL_AND = 0,
  PCF_COMBINE_LOGICAL_OR,
};

/** "==" and so on; "UNKNOWN" for a number out of range. */
static inline const char* daos_pool_cont_filter_func_str(enum daos_pool_cont_filter_func f) {
  switch (f) {
    case PCF_FUNC_EQ:
      return "==";
    case PCF_FUNC_NE:
      return "!=";
    case PCF_FUNC_LT:
      return "<";
    case PCF_FUNC_LE:
      return "<=";
    case PCF_FUNC_GT:
      return ">";
    case PCF_FUNC_GE:
      return ">=";
    default:
      return "UNKNOWN";
  }
}

/** "md_open_time" and so on; "UNKNOWN" for a number out of range. */
static inline const char* daos_pool_cont_filter_key_str(enum daos_pool_cont_filter_key k) {
  switch (k) {
    case PCF_KEY_MD_OTIME:
      return "md_open_time";
    case PCF_KEY_MD_MTIME:
      return "md_modify_time";
    case PCF_KEY_NUM_SNAPSHOTS:
      return "num_snapshots";
    case PCF_KEY_NUM_HANDLES:
      return "num_handles";
    default:
      return "UNKNOWN";
  }
}

#define DAOS_POOL_CONT_FILTER_MAX_NPARTS (8)

/** True for a container whose `key` compares by `func` with the value. */
typedef struct daos_pool_cont_filter_part {
  uint32_t pcfp_func; /**< enum daos_pool_cont_filter_func */
  uint32_t pcfp_key;  /**< enum daos_pool_cont_filter_key */
  union {
    uint64_t pcfp_val64;
    d_string_t pcfp_valstr;
  };
} daos_pool_cont_filter_part_t;

typedef struct daos_pool_cont_filter {
  uint32_t pcf_combine_func; /**< enum daos_pool_cont_filter_combine */
  uint32_t pcf_nparts;
  struct daos_pool_cont_filter_part** pcf_parts; /**< [pcf_nparts] the caller's parts, in an array of the library */
} daos_pool_cont_filter_t;

/** Start a filter without parts: all containers match. @return 0; -DER_INVAL. Local. */
int daos_pool_cont_filter_init(daos_pool_cont_filter_t* filt, uint32_t combine_func);

/**
 * Add a part.
 *
 * @param part   kept by address until daos_pool_cont_filter_fini.
 * @return 0; -DER_INVAL out of range, or more than DAOS_POOL_CONT_FILTER_MAX_NPARTS; -DER_NOMEM. Local.
 */
int daos_pool_cont_filter_add(daos_pool_cont_filter_t* filt, daos_pool_cont_filter_part_t* part);

/** End a filter; its parts stay the caller's. Local. */
void daos_pool_cont_filter_fini(daos_pool_cont_filter_t* filt);

/** As daos_pool_list_cont, with metadata, of containers that match `filter`; NULL for all. */
int daos_pool_filter_cont(daos_handle_t poh, daos_pool_cont_filter_t* filter, daos_size_t* ncont,
                          struct daos_pool_cont_info2* cbuf, daos_event_t* ev);

/**
 * What a user may do with a pool, computed from its properties (ACL, OWNER, OWNER_GROUP); as daos_cont_get_perms, but
 * an owner has no rights of his own.
 */
int daos_pool_get_perms(daos_prop_t* pool_prop, uid_t uid, gid_t* gids, size_t nr_gids, uint64_t* perms);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_POOL_H */
