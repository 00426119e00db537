/**
 * Types, limits and small helpers that every other header uses. Plain data: sizes and member order are part of the
 * binary interface.
 */
#ifndef DAOS_TYPES_H
#define DAOS_TYPES_H

#include <cart/types.h>
#include <ctype.h>
#include <daos_errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <uuid/uuid.h>
#ifndef PATH_MAX /* strict -std=c11 leaves it out of limits.h */
#include <linux/limits.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- limits ---- */

#define DAOS_SYS_NAME_MAX 15        /**< characters of a system name, without the NUL */
#define DAOS_SYS_INFO_STRING_MAX 63 /**< characters of a text in daos_sys_info, without the NUL */
#define DAOS_ATTR_NAME_MAX 511      /**< bytes of the name of a user attribute, without the NUL */
#define DAOS_UUID_STR_SIZE 37       /**< bytes of a uuid as text, with the NUL */
#define DAOS_HKEY_MAX 32            /**< bytes of a hashed key inside the library */

/* ---- sizes, epochs, handles ---- */

typedef uint64_t daos_size_t;
typedef uint64_t daos_off_t;

/** A point in time by the hybrid logical clock: units of 1/16 ns since 2021-01-01T00:00:00Z. Larger is later. */
typedef uint64_t daos_epoch_t;
#define DAOS_EPOCH_MAX (~0ULL)

typedef struct {
  daos_epoch_t epr_lo;
  daos_epoch_t epr_hi;
} daos_epoch_range_t;

/**
 * An open pool, container, object, array, kv, transaction or event queue. Belongs to the process; not reused while
 * open. A handle of the wrong kind is refused with -DER_NO_HDL (event queues: -DER_NONEXIST).
 */
typedef struct {
  uint64_t cookie;
} daos_handle_t;

/** Low 4 bits of a cookie: what kind of handle it is. */
enum {
  DAOS_HTYPE_EQ = 1,
  DAOS_HTYPE_POOL = 3,
  DAOS_HTYPE_CO = 5,
  DAOS_HTYPE_OBJ = 7,
  DAOS_HTYPE_ARRAY = 9,
  DAOS_HTYPE_TX = 11,
  DAOS_HTYPE_KV = 13,
};

#ifdef __cplusplus
#define DAOS_HDL_INVAL (daos_handle_t{0})
#else
#define DAOS_HDL_INVAL ((daos_handle_t){0})
#endif
/** No transaction: each operation stands for itself. */
#define DAOS_TX_NONE DAOS_HDL_INVAL

static inline bool daos_handle_is_inval(daos_handle_t hdl) { return hdl.cookie == 0; }
static inline bool daos_handle_is_valid(daos_handle_t hdl) { return !daos_handle_is_inval(hdl); }

/** Rights of a pool connection; exactly one is given. */
#define DAOS_PC_RO (1U << 0) /**< read only */
#define DAOS_PC_RW (1U << 1) /**< read and write */
#define DAOS_PC_EX (1U << 2) /**< read and write, and nobody else */
#define DAOS_PC_NBITS 3
#define DAOS_PC_MASK ((1U << DAOS_PC_NBITS) - 1)

/* ---- objects and keys ---- */

/** The id of an object. Users own `lo` and the low 32 bits of `hi`; see daos_obj_generate_oid. */
typedef struct {
  uint64_t lo;
  uint64_t hi;
} daos_obj_id_t;

/** A distribution or attribute key: any bytes, 1 or more. */
typedef d_iov_t daos_key_t;

static inline bool daos_key_is_null(daos_key_t key) { return key.iov_buf_len == 0 || key.iov_buf == NULL; }

/** Targets, by rank of their engine and index in it. */
struct d_tgt_list {
  d_rank_t* tl_ranks; /**< [tl_nr] */
  int32_t* tl_tgts;   /**< [tl_nr] */
  uint32_t tl_nr;
};

/* ---- anchors ---- */

typedef enum {
  DAOS_ANCHOR_TYPE_ZERO = 0, /**< at the start */
  DAOS_ANCHOR_TYPE_HKEY = 1,
  DAOS_ANCHOR_TYPE_KEY = 2,
  DAOS_ANCHOR_TYPE_EOF = 3, /**< everything was returned */
} daos_anchor_type_t;

#define DAOS_ANCHOR_BUF_MAX 104

/**
 * Position of an enumeration. Plain data that owns nothing: it may be copied, kept and used later. All bytes zero is
 * the start.
 */
typedef struct {
  uint16_t da_type;        /**< daos_anchor_type_t */
  uint16_t da_shard;       /**< the library's */
  uint32_t da_flags;       /**< the library's */
  uint64_t da_sub_anchors; /**< the library's */
  uint8_t da_buf[DAOS_ANCHOR_BUF_MAX];
} daos_anchor_t;

#define DAOS_ANCHOR_INIT \
  {.da_type = DAOS_ANCHOR_TYPE_ZERO, .da_shard = 0, .da_flags = 0, .da_sub_anchors = 0, .da_buf = {0}}

/** Puts `anchor` at the start; `opts` is reserved. Returns 0. */
static inline int daos_anchor_init(daos_anchor_t* anchor, unsigned int opts) {
  (void)opts;
  memset(anchor, 0, sizeof(*anchor));
  return 0;
}

/** Nothing to release; for symmetry. */
static inline void daos_anchor_fini(daos_anchor_t* anchor) { (void)anchor; }

/** True when the enumeration is complete. */
static inline bool daos_anchor_is_eof(daos_anchor_t* anchor) { return anchor->da_type == DAOS_ANCHOR_TYPE_EOF; }

/* ---- containers, systems ---- */

/** What daos_cont_open and daos_cont_query tell of a container. Times are hybrid logical clock values. */
typedef struct {
  uuid_t ci_uuid;
  daos_epoch_t ci_lsnapshot; /**< epoch of the latest snapshot, 0 if there is none */
  uint32_t ci_nhandles;      /**< open handles, this one included */
  uint32_t ci_nsnapshots;
  uint64_t ci_md_otime; /**< last open */
  uint64_t ci_md_mtime; /**< last close or change of metadata */
} daos_cont_info_t;

struct daos_rank_uri {
  uint32_t dru_rank;
  char* dru_uri;
};

/** What daos_mgmt_get_sys_info tells of a system. */
struct daos_sys_info {
  char dsi_system_name[DAOS_SYS_INFO_STRING_MAX + 1];
  char dsi_fabric_provider[DAOS_SYS_INFO_STRING_MAX + 1];
  char dsi_agent_path[PATH_MAX];
  uint32_t dsi_nr_ranks;
  struct daos_rank_uri* dsi_ranks; /**< [dsi_nr_ranks] */
  uint32_t dsi_nr_ms_ranks;
  uint32_t* dsi_ms_ranks; /**< [dsi_nr_ms_ranks] ranks that host the management service */
};

/* ---- events ---- */

struct daos_eq;

#define DAOS_EQ_WAIT -1  /**< timeout: for ever */
#define DAOS_EQ_NOWAIT 0 /**< timeout: one round of progress */

typedef enum {
  DAOS_EQR_COMPLETED = (1 << 0),
  DAOS_EQR_WAITING = (1 << 1),
  DAOS_EQR_ALL = DAOS_EQR_COMPLETED | DAOS_EQR_WAITING,
} daos_eq_query_t;

typedef enum {
  DAOS_EVS_READY = 0,     /**< idle: may start an operation */
  DAOS_EVS_RUNNING = 1,   /**< an operation is in flight */
  DAOS_EVS_COMPLETED = 2, /**< done, not yet polled or tested */
  DAOS_EVS_ABORTED = 3,
} daos_ev_status_t;

/** Completion of one asynchronous operation. daos_event_init sets it up; only ev_error is the caller's to read. */
typedef struct daos_event {
  int ev_error; /**< result of the operation: 0 or a negative error */
  struct {
    uint64_t space[20];
  } ev_private;
  uint64_t ev_debug;
} daos_event_t;

/* ---- uuids as text ---- */

#define UUID_SST_UPPER 1  /**< hexadecimal letters in upper case only */
#define UUID_SST_LOWER -1 /**< in lower case only */
#define UUID_SST_NONE 0   /**< in either case */

/**
 * Whether text starts with a uuid (8-4-4-4-12 hexadecimal digits).
 *
 * @param uuid        NUL-terminated. What stands behind the 36th character is not looked at.
 * @param sensitive   UUID_SST_UPPER, UUID_SST_LOWER or UUID_SST_NONE.
 */
static inline bool daos_is_valid_uuid_string(const char* uuid, int sensitive) {
  int i;
  for (i = 0; i < DAOS_UUID_STR_SIZE - 1; i++) {
    unsigned char c = (unsigned char)uuid[i];
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (c != '-') return false;
      continue;
    }
    if (!isxdigit(c)) return false;
    if (sensitive > 0 && islower(c)) return false;
    if (sensitive < 0 && isupper(c)) return false;
  }
  return true;
}

#ifdef __cplusplus
}
#endif
#endif /* DAOS_TYPES_H */
