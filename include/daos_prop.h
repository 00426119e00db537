/**
 * Property lists of pools and containers. Lists are plain memory of the process: no locks, no server. A value is a
 * number, text or a pointer, by the property's type; text and pointers in a list are heap memory (malloc) that the list
 * owns.
 */
#ifndef DAOS_PROP_H
#define DAOS_PROP_H

#include <ctype.h>
#include <daos_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Properties of a pool. An administrator sets them; daos_pool_query reads them. */
enum daos_pool_props {
  DAOS_PROP_PO_MIN = 0,
  DAOS_PROP_PO_LABEL,             /**< text: name of the pool */
  DAOS_PROP_PO_ACL,               /**< struct daos_acl */
  DAOS_PROP_PO_SPACE_RB,          /**< percent kept free for rebuild */
  DAOS_PROP_PO_SELF_HEAL,         /**< DAOS_SELF_HEAL_* */
  DAOS_PROP_PO_RECLAIM,           /**< DAOS_RECLAIM_* */
  DAOS_PROP_PO_OWNER,             /**< text: principal */
  DAOS_PROP_PO_OWNER_GROUP,       /**< text: principal */
  DAOS_PROP_PO_SVC_LIST,          /**< d_rank_list_t: ranks of the pool's service, read only */
  DAOS_PROP_PO_EC_CELL_SZ,        /**< bytes of an erasure-code cell */
  DAOS_PROP_PO_DATA_THRESH,       /**< bytes from which values go to the second tier */
  DAOS_PROP_PO_REDUN_FAC,         /**< failures that new containers tolerate, unless they say otherwise */
  DAOS_PROP_PO_EC_PDA,            /**< affinity of erasure-code pieces */
  DAOS_PROP_PO_RP_PDA,            /**< affinity of copies */
  DAOS_PROP_PO_GLOBAL_VERSION,    /**< layout version, read only */
  DAOS_PROP_PO_UPGRADE_STATUS,    /**< DAOS_UPGRADE_STATUS_* */
  DAOS_PROP_PO_SCRUB_MODE,        /**< DAOS_SCRUB_MODE_* */
  DAOS_PROP_PO_SCRUB_FREQ,        /**< seconds */
  DAOS_PROP_PO_SCRUB_THRESH,      /**< checksum errors until a target is evicted, 0 for never */
  DAOS_PROP_PO_SVC_REDUN_FAC,     /**< failures that the pool's service tolerates */
  DAOS_PROP_PO_OBJ_VERSION,       /**< layout version of objects */
  DAOS_PROP_PO_PERF_DOMAIN,       /**< DAOS_PROP_PERF_DOMAIN_* */
  DAOS_PROP_PO_CHECKPOINT_MODE,   /**< DAOS_CHECKPOINT_* */
  DAOS_PROP_PO_CHECKPOINT_FREQ,   /**< seconds */
  DAOS_PROP_PO_CHECKPOINT_THRESH, /**< percent of the log */
  DAOS_PROP_PO_REINT_MODE,        /**< DAOS_REINT_MODE_* */
  DAOS_PROP_PO_SVC_OPS_ENABLED,   /**< 0 or 1: the service remembers operations, to recognise repeated ones */
  DAOS_PROP_PO_SVC_OPS_ENTRY_AGE, /**< seconds that it remembers them */
  DAOS_PROP_PO_MAX,
};
#define DAOS_PROP_PO_NUM (DAOS_PROP_PO_MAX - DAOS_PROP_PO_MIN - 1)

#define DAOS_PROP_PO_EC_CELL_SZ_MIN (1UL << 10)
#define DAOS_PROP_PO_EC_CELL_SZ_MAX (1UL << 30)

#define DAOS_PROP_PO_REDUN_FAC_MAX 4
#define DAOS_PROP_PO_REDUN_FAC_DEFAULT 3
#define DAOS_PROP_PO_SVC_REDUN_FAC_MAX 4
#define DAOS_PROP_PO_SVC_REDUN_FAC_DEFAULT 2

static inline bool daos_rf_is_valid(unsigned long long rf) { return rf <= DAOS_PROP_PO_REDUN_FAC_MAX; }
static inline bool daos_svc_rf_is_valid(uint64_t svc_rf) { return svc_rf <= DAOS_PROP_PO_SVC_REDUN_FAC_MAX; }

#define DAOS_PROP_PDA_MAX ((uint32_t)-1)
#define DAOS_PROP_PO_EC_PDA_DEFAULT ((uint32_t)1)
#define DAOS_PROP_PO_RP_PDA_DEFAULT ((uint32_t)-1)

#define DAOS_PROP_PO_DATA_THRESH_DEFAULT 4096

enum {
  DAOS_UPGRADE_STATUS_NOT_STARTED = 0,
  DAOS_UPGRADE_STATUS_IN_PROGRESS = 1,
  DAOS_UPGRADE_STATUS_COMPLETED = 2,
  DAOS_UPGRADE_STATUS_FAILED = 3,
};

enum {
  DAOS_PROP_PERF_DOMAIN_ROOT = 255,
  DAOS_PROP_PERF_DOMAIN_GROUP = 200,
};
#define DAOS_PROP_PO_PERF_DOMAIN_DEFAULT DAOS_PROP_PERF_DOMAIN_ROOT
#define DAOS_PROP_CO_PERF_DOMAIN_DEFAULT DAOS_PROP_PERF_DOMAIN_ROOT

/* Bits of SELF_HEAL. */
#define DAOS_SELF_HEAL_AUTO_EXCLUDE (1U << 0)
#define DAOS_SELF_HEAL_AUTO_REBUILD (1U << 1)
#define DAOS_SELF_HEAL_DELAY_REBUILD (1U << 2)

/* When space of overwritten data is taken back. */
enum {
  DAOS_RECLAIM_DISABLED = 0,
  DAOS_RECLAIM_LAZY,
  DAOS_RECLAIM_SNAPSHOT,
  DAOS_RECLAIM_BATCH,
  DAOS_RECLAIM_TIME,
};

/* What happens to the data of a target that comes back. */
enum {
  DAOS_REINT_MODE_DATA_SYNC = 0,
  DAOS_REINT_MODE_NO_DATA_SYNC = 1,
  DAOS_REINT_MODE_INCREMENTAL = 2,
};
#define DAOS_PROP_PO_REINT_MODE_DEFAULT DAOS_REINT_MODE_DATA_SYNC

/* When stored checksums are verified in the background. */
enum {
  DAOS_SCRUB_MODE_OFF = 0,
  DAOS_SCRUB_MODE_LAZY = 1,
  DAOS_SCRUB_MODE_TIMED = 2,
  DAOS_SCRUB_MODE_INVALID = 3,
};
#define DAOS_PROP_PO_SCRUB_MODE_DEFAULT DAOS_SCRUB_MODE_OFF
#define DAOS_PROP_PO_SCRUB_FREQ_DEFAULT 604800
#define DAOS_PROP_PO_SCRUB_THRESH_DEFAULT 0

enum {
  DAOS_CHECKPOINT_DISABLED = 0,
  DAOS_CHECKPOINT_TIMED,
  DAOS_CHECKPOINT_LAZY,
};
#define DAOS_PROP_PO_CHECKPOINT_MODE_DEFAULT DAOS_CHECKPOINT_TIMED
#define DAOS_PROP_PO_CHECKPOINT_FREQ_DEFAULT 5
#define DAOS_PROP_PO_CHECKPOINT_FREQ_MIN 1
#define DAOS_PROP_PO_CHECKPOINT_FREQ_MAX (1 << 20)
#define DAOS_PROP_PO_CHECKPOINT_THRESH_DEFAULT 50
#define DAOS_PROP_PO_CHECKPOINT_THRESH_MAX 75
#define DAOS_PROP_PO_CHECKPOINT_THRESH_MIN 10

#define DAOS_PROP_PO_SVC_OPS_ENABLED_DEFAULT 1
#define DAOS_PROP_PO_SVC_OPS_ENTRY_AGE_DEFAULT 300ULL
#define DAOS_PROP_PO_SVC_OPS_ENTRY_AGE_MIN 60ULL
#define DAOS_PROP_PO_SVC_OPS_ENTRY_AGE_MAX 600ULL

/** Properties of a container. (c) may be given when it is created, (s) may be set later, (r) read only. */
enum daos_cont_props {
  DAOS_PROP_CO_MIN = 0x1000,
  DAOS_PROP_CO_LABEL,              /**< text: name in the pool (c, s) */
  DAOS_PROP_CO_LAYOUT_TYPE,        /**< DAOS_PROP_CO_LAYOUT_*: whose data this is (c) */
  DAOS_PROP_CO_LAYOUT_VER,         /**< version of that layout (c) */
  DAOS_PROP_CO_CSUM,               /**< DAOS_PROP_CO_CSUM_* (c) */
  DAOS_PROP_CO_CSUM_CHUNK_SIZE,    /**< bytes covered by one checksum (c) */
  DAOS_PROP_CO_CSUM_SERVER_VERIFY, /**< DAOS_PROP_CO_CSUM_SV_* (c) */
  DAOS_PROP_CO_REDUN_FAC,          /**< failures that each object must tolerate (c) */
  DAOS_PROP_CO_REDUN_LVL,          /**< DAOS_PROP_CO_REDUN_*: what fails together (c) */
  DAOS_PROP_CO_SNAPSHOT_MAX,       /**< stored, not enforced (c, s) */
  DAOS_PROP_CO_ACL,                /**< struct daos_acl (c, s) */
  DAOS_PROP_CO_COMPRESS,           /**< DAOS_PROP_CO_COMPRESS_*: stored, not active (c) */
  DAOS_PROP_CO_ENCRYPT,            /**< DAOS_PROP_CO_ENCRYPT_*: stored, not active (c) */
  DAOS_PROP_CO_OWNER,              /**< text: principal (set by daos_cont_set_owner) */
  DAOS_PROP_CO_OWNER_GROUP,        /**< text: principal (c, set by daos_cont_set_owner) */
  DAOS_PROP_CO_DEDUP,              /**< DAOS_PROP_CO_DEDUP_* (c) */
  DAOS_PROP_CO_DEDUP_THRESHOLD,    /**< bytes (c) */
  DAOS_PROP_CO_ROOTS,              /**< struct daos_prop_co_roots (c) */
  DAOS_PROP_CO_STATUS,             /**< see daos_prop_val_2_co_status (s, to healthy only) */
  DAOS_PROP_CO_ALLOCED_OID,        /**< highest number handed out by daos_cont_alloc_oids (c) */
  DAOS_PROP_CO_EC_CELL_SZ,         /**< bytes of an erasure-code cell (c) */
  DAOS_PROP_CO_EC_PDA,             /**< affinity of erasure-code pieces (c) */
  DAOS_PROP_CO_RP_PDA,             /**< affinity of copies (c) */
  DAOS_PROP_CO_GLOBAL_VERSION,     /**< layout version of the pool (r) */
  DAOS_PROP_CO_SCRUBBER_DISABLED,  /**< 0 or 1 (c) */
  DAOS_PROP_CO_OBJ_VERSION,        /**< layout version of objects (c) */
  DAOS_PROP_CO_PERF_DOMAIN,        /**< DAOS_PROP_PERF_DOMAIN_* (c) */
  DAOS_PROP_CO_MAX,
};
#define DAOS_PROP_CO_NUM (DAOS_PROP_CO_MAX - DAOS_PROP_CO_MIN - 1)

typedef uint16_t daos_cont_layout_t;

enum {
  DAOS_PROP_CO_LAYOUT_UNKNOWN = 0,
  DAOS_PROP_CO_LAYOUT_UNKOWN = 0, /**< spelled as old programs know it */
  DAOS_PROP_CO_LAYOUT_POSIX,
  DAOS_PROP_CO_LAYOUT_HDF5,
  DAOS_PROP_CO_LAYOUT_PYTHON,
  DAOS_PROP_CO_LAYOUT_SPARK,
  DAOS_PROP_CO_LAYOUT_DATABASE,
  DAOS_PROP_CO_LAYOUT_ROOT,
  DAOS_PROP_CO_LAYOUT_SEISMIC,
  DAOS_PROP_CO_LAYOUT_METEO,
  DAOS_PROP_CO_LAYOUT_MAX,
};

enum {
  DAOS_PROP_CO_CSUM_OFF = 0,
  DAOS_PROP_CO_CSUM_CRC16,
  DAOS_PROP_CO_CSUM_CRC32,
  DAOS_PROP_CO_CSUM_CRC64,
  DAOS_PROP_CO_CSUM_SHA1,
  DAOS_PROP_CO_CSUM_SHA256,
  DAOS_PROP_CO_CSUM_SHA512,
  DAOS_PROP_CO_CSUM_ADLER32,
};

enum {
  DAOS_PROP_CO_CSUM_SV_OFF = 0,
  DAOS_PROP_CO_CSUM_SV_ON,
};

enum {
  DAOS_PROP_CO_DEDUP_OFF = 0,
  DAOS_PROP_CO_DEDUP_MEMCMP,
  DAOS_PROP_CO_DEDUP_HASH,
};

enum {
  DAOS_PROP_CO_COMPRESS_OFF = 0,
  DAOS_PROP_CO_COMPRESS_LZ4,
  DAOS_PROP_CO_COMPRESS_DEFLATE,
  DAOS_PROP_CO_COMPRESS_DEFLATE1,
  DAOS_PROP_CO_COMPRESS_DEFLATE2,
  DAOS_PROP_CO_COMPRESS_DEFLATE3,
  DAOS_PROP_CO_COMPRESS_DEFLATE4,
};

enum {
  DAOS_PROP_CO_ENCRYPT_OFF = 0,
  DAOS_PROP_CO_ENCRYPT_AES_XTS128,
  DAOS_PROP_CO_ENCRYPT_AES_XTS256,
  DAOS_PROP_CO_ENCRYPT_AES_CBC128,
  DAOS_PROP_CO_ENCRYPT_AES_CBC192,
  DAOS_PROP_CO_ENCRYPT_AES_CBC256,
  DAOS_PROP_CO_ENCRYPT_AES_GCM128,
  DAOS_PROP_CO_ENCRYPT_AES_GCM256,
};

enum {
  DAOS_PROP_CO_REDUN_RF0 = 0,
  DAOS_PROP_CO_REDUN_RF1,
  DAOS_PROP_CO_REDUN_RF2,
  DAOS_PROP_CO_REDUN_RF3,
  DAOS_PROP_CO_REDUN_RF4,
  DAOS_RF_MAX = DAOS_PROP_CO_REDUN_RF4,
};

enum {
  DAOS_PROP_CO_REDUN_MIN = 1,
  DAOS_PROP_CO_REDUN_RANK = 1,
  DAOS_PROP_CO_REDUN_NODE = 2,
  DAOS_PROP_CO_REDUN_FAULT = 3,
  DAOS_PROP_CO_REDUN_MAX = 254,
};
#define DAOS_PROP_CO_REDUN_DEFAULT DAOS_PROP_CO_REDUN_NODE

enum {
  DAOS_PROP_CO_HEALTHY = 0,
  DAOS_PROP_CO_UNCLEAN, /**< more was lost than the redundancy factor covers */
};

/** dcs_flags: this clears the status. */
#define DAOS_PROP_CO_CLEAR (0x1)

struct daos_co_status {
  uint16_t dcs_status; /**< DAOS_PROP_CO_HEALTHY or DAOS_PROP_CO_UNCLEAN */
  uint16_t dcs_flags;
  uint32_t dcs_pm_ver; /**< version of the pool map at the last change */
};

/** The value of property STATUS: flags in bits 63..48, status in 47..32, map version in 31..0. */
#define DAOS_PROP_CO_STATUS_VAL(status, flag, pm_ver) \
  ((((uint64_t)(flag)) << 48) | (((uint64_t)(status) & 0xFFFF) << 32) | ((uint64_t)(pm_ver) & 0xFFFFFFFF))

static inline uint64_t daos_prop_co_status_2_val(struct daos_co_status* co_status) {
  return DAOS_PROP_CO_STATUS_VAL(co_status->dcs_status, co_status->dcs_flags, co_status->dcs_pm_ver);
}

static inline void daos_prop_val_2_co_status(uint64_t val, struct daos_co_status* co_status) {
  co_status->dcs_flags = (uint16_t)(val >> 48);
  co_status->dcs_status = (uint16_t)(val >> 32);
  co_status->dcs_pm_ver = (uint32_t)val;
}

/* ---- lists ---- */

/** Bytes that belong to a property. No property of today has this kind. */
struct daos_prop_byteval {
  void* dpb_data;
  size_t dpb_len;
};

/** Four object ids that middleware starts from. */
struct daos_prop_co_roots {
  daos_obj_id_t cr_oids[4];
};

/** dpe_flags: there is no value. */
enum { DAOS_PROP_ENTRY_NOT_SET = (1 << 0) };

struct daos_prop_entry {
  uint32_t dpe_type; /**< enum daos_pool_props or enum daos_cont_props */
  uint16_t dpe_flags;
  uint16_t dpe_reserv;
  union {
    uint64_t dpe_val;
    d_string_t dpe_str;
    void* dpe_val_ptr;
  };
};

#define DAOS_PROP_ENTRIES_MAX_NR 128

typedef struct {
  uint32_t dpp_nr;
  uint32_t dpp_reserv;
  struct daos_prop_entry* dpp_entries; /**< [dpp_nr], NULL when dpp_nr is 0 */
} daos_prop_t;

static inline bool daos_prop_is_set(struct daos_prop_entry* entry) {
  return (entry->dpe_flags & DAOS_PROP_ENTRY_NOT_SET) == 0;
}

/* ---- labels ---- */

#define DAOS_PROP_LABEL_MAX_LEN 127
#define DAOS_PROP_MAX_LABEL_BUF_LEN (DAOS_PROP_LABEL_MAX_LEN + 1)

/* What a query shows for a pool or container without a label. */
#define DAOS_PROP_NO_PO_LABEL "pool_label_not_set"
#define DAOS_PROP_NO_CO_LABEL "container_label_not_set"
#define DAOS_PROP_PO_LABEL_DEFAULT DAOS_PROP_NO_PO_LABEL
#define DAOS_PROP_CO_LABEL_DEFAULT DAOS_PROP_NO_CO_LABEL
#define DEFAULT_CONT_LABEL DAOS_PROP_NO_CO_LABEL

/**
 * Whether text may be a label: 1 to 127 letters, digits and . _ : - and not a uuid.
 *
 * @param label   NUL-terminated; NULL is not valid.
 */
static inline bool daos_label_is_valid(const char* label) {
  size_t len;
  if (label == NULL) return false;
  for (len = 0; label[len] != '\0'; len++) {
    char c = label[len];
    if (len == DAOS_PROP_LABEL_MAX_LEN) return false;
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
          c == ':' || c == '-'))
      return false;
  }
  if (len == 0) return false;
  return !(len >= DAOS_UUID_STR_SIZE - 1 && daos_is_valid_uuid_string(label, UUID_SST_NONE));
}

/** The same rule, for the name of a performance domain. */
static inline bool daos_perf_domain_is_valid(const char* name) { return daos_label_is_valid(name); }

/* ---- functions ---- */

/**
 * Allocate a list; entries are zero.
 *
 * @param entries_nr   0 to DAOS_PROP_ENTRIES_MAX_NR.
 * @return the list, to be released with daos_prop_free; NULL for too many entries or no memory.
 */
daos_prop_t* daos_prop_alloc(uint32_t entries_nr);

/** Release the values and entries of a list, not the list itself: it is empty afterwards. NULL is allowed. */
void daos_prop_fini(daos_prop_t* prop);

/** Release a list with its values and entries. NULL is allowed. */
void daos_prop_free(daos_prop_t* prop);

/**
 * Container properties from text: "label:abc;rd_fac:2".
 *
 * @param str    name:value pairs separated by semicolons.
 * @param len    bytes at `str`; it may end earlier with a NUL.
 * @param prop   out: a new list, to be released with daos_prop_free.
 * @return 0; -DER_INVAL an unknown or read-only name, a missing or wrong value; -DER_NOMEM.
 */
int daos_prop_from_str(const char* str, daos_size_t len, daos_prop_t** prop);

/**
 * Join two lists; the inputs stay as they are.
 *
 * @param old_prop   entries that are kept unless the other list has them too.
 * @param new_prop   entries that win.
 * @param out_prop   out: a new list with copies of all values, to be released with daos_prop_free.
 * @return 0; -DER_INVAL a list is NULL; -DER_NOMEM.
 */
int daos_prop_merge2(daos_prop_t* old_prop, daos_prop_t* new_prop, daos_prop_t** out_prop);

/** daos_prop_merge2 that returns the list, or NULL on failure. */
daos_prop_t* daos_prop_merge(daos_prop_t* old_prop, daos_prop_t* new_prop);

/** The first entry of that type, or NULL; points into the list. */
struct daos_prop_entry* daos_prop_entry_get(daos_prop_t* prop, uint32_t type);

/**
 * Replace the text of an entry by a copy.
 *
 * @param type   property whose value is text.
 * @param str    at most `len` bytes of it; NULL or len 0 clears the value.
 * @return 0; -DER_NONEXIST not in the list; -DER_INVAL not text; -DER_NOMEM.
 */
int daos_prop_set_str(daos_prop_t* prop, uint32_t type, const char* str, daos_size_t len);
/** The same for one entry. */
int daos_prop_entry_set_str(struct daos_prop_entry* entry, const char* str, daos_size_t len);

/** Replace the pointer of an entry by a copy of `size` bytes; NULL or 0 clears it. Errors as daos_prop_set_str. */
int daos_prop_set_ptr(daos_prop_t* prop, uint32_t type, const void* ptr, daos_size_t size);
/** The same for one entry. */
int daos_prop_entry_set_ptr(struct daos_prop_entry* entry, const void* ptr, daos_size_t size);
/** Copy `len` bytes of one entry's pointer to another entry. @return 0; -DER_INVAL; -DER_NOMEM. */
int daos_prop_entry_dup_ptr(struct daos_prop_entry* entry_dst, struct daos_prop_entry* entry_src, size_t len);

/** Replace the bytes of an entry; no property of today has this kind: -DER_INVAL. */
int daos_prop_set_byteval(daos_prop_t* prop, uint32_t type, const void* data, size_t size);
/** The same for one entry. */
int daos_prop_entry_set_byteval(struct daos_prop_entry* entry, const void* data, size_t size);
/** Copy the bytes of one entry to another; no property of today has this kind: -DER_INVAL. */
int daos_prop_entry_dup_byteval(struct daos_prop_entry* entry_dst, struct daos_prop_entry* entry_src);

/** Compare the access-control lists of two entries. @return 0 equal; -DER_MISMATCH; -DER_INVAL. */
int daos_prop_entry_cmp_acl(struct daos_prop_entry* entry1, struct daos_prop_entry* entry2);

/** Copy the roots of one entry to another, into its memory if it has some. @return 0; -DER_INVAL; -DER_NOMEM. */
int daos_prop_entry_dup_co_roots(struct daos_prop_entry* dst, struct daos_prop_entry* src);

/** Whether an entry is of that kind and has a value. */
bool daos_prop_has_str(struct daos_prop_entry* entry);
bool daos_prop_has_ptr(struct daos_prop_entry* entry);
bool daos_prop_has_byteval(struct daos_prop_entry* entry);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_PROP_H */
