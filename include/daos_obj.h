/**
 * Objects: distribution key -> attribute key -> value. A value is a single blob, replaced as a whole, or a sparse array
 * of records of equal size, index 0 to 2^63 - 1. Objects and keys come into being with the first write; what was never
 * written reads as empty.
 *
 * Calls that take `ev` follow the rule in daos_event.h; unless stated otherwise their errors are delivered with the
 * event.
 */
#ifndef DAOS_OBJ_H
#define DAOS_OBJ_H

#include <daos_event.h>
#include <daos_obj_class.h>
#include <daos_prop.h>
#include <daos_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- object ids ---- */

#ifdef __cplusplus
#define DAOS_OBJ_NIL (daos_obj_id_t{0, 0})
#else
#define DAOS_OBJ_NIL ((daos_obj_id_t){0})
#endif

/* The upper 32 bits of `hi`: type, redundancy (OR_*), number of groups. */
#define OID_FMT_INTR_BITS 32
#define OID_FMT_TYPE_BITS 8
#define OID_FMT_CLASS_BITS 8
#define OID_FMT_META_BITS 16
#define OID_FMT_TYPE_SHIFT (64 - OID_FMT_TYPE_BITS)
#define OID_FMT_CLASS_SHIFT (OID_FMT_TYPE_SHIFT - OID_FMT_CLASS_BITS)
#define OID_FMT_META_SHIFT (OID_FMT_CLASS_SHIFT - OID_FMT_META_BITS)
#define OID_FMT_TYPE_MAX ((1ULL << OID_FMT_TYPE_BITS) - 1)
#define OID_FMT_CLASS_MAX ((1ULL << OID_FMT_CLASS_BITS) - 1)
#define OID_FMT_META_MAX ((1ULL << OID_FMT_META_BITS) - 1)
#define OID_FMT_TYPE_MASK (OID_FMT_TYPE_MAX << OID_FMT_TYPE_SHIFT)
#define OID_FMT_CLASS_MASK (OID_FMT_CLASS_MAX << OID_FMT_CLASS_SHIFT)
#define OID_FMT_META_MASK (OID_FMT_META_MAX << OID_FMT_META_SHIFT)

/** What the keys of an object are. Lexical and integer keys are enumerated in order, within one group of the object. */
enum daos_otype_t {
  DAOS_OT_MULTI_HASHED = 0,  /**< keys are any bytes, in no order */
  DAOS_OT_OIT = 1,           /**< the library's table of objects */
  DAOS_OT_DKEY_UINT64 = 2,   /**< distribution keys are native uint64_t */
  DAOS_OT_AKEY_UINT64 = 3,   /**< attribute keys are native uint64_t */
  DAOS_OT_MULTI_UINT64 = 4,  /**< both are */
  DAOS_OT_DKEY_LEXICAL = 5,  /**< distribution keys are ordered as bytes */
  DAOS_OT_AKEY_LEXICAL = 6,  /**< attribute keys are */
  DAOS_OT_MULTI_LEXICAL = 7, /**< both are */
  DAOS_OT_KV_HASHED = 8,     /**< flat key-value store (daos_kv.h) */
  DAOS_OT_KV_UINT64 = 9,
  DAOS_OT_KV_LEXICAL = 10,
  DAOS_OT_ARRAY = 11,      /**< array that stores its own cell and chunk size (daos_array.h) */
  DAOS_OT_ARRAY_ATTR = 12, /**< array whose sizes the caller keeps */
  DAOS_OT_ARRAY_BYTE = 13, /**< the same, of bytes, with short reads: file data */
  DAOS_OT_OIT_V2 = 14,
  DAOS_OT_MAX = 14,
};

static inline bool daos_otype_t_is_valid(enum daos_otype_t type) { return (unsigned int)type <= DAOS_OT_MAX; }

static inline enum daos_otype_t daos_obj_id2type(daos_obj_id_t oid) {
  return (enum daos_otype_t)((oid.hi & OID_FMT_TYPE_MASK) >> OID_FMT_TYPE_SHIFT);
}

/** Redundancy of a group of the object: OR_*. */
static inline enum daos_obj_redun daos_obj_id2ord(daos_obj_id_t oid) {
  return (enum daos_obj_redun)((oid.hi & OID_FMT_CLASS_MASK) >> OID_FMT_CLASS_SHIFT);
}

/** Number of groups of the object. */
static inline uint32_t daos_obj_id2grp_nr(daos_obj_id_t oid) {
  return (uint32_t)((oid.hi & OID_FMT_META_MASK) >> OID_FMT_META_SHIFT);
}

static inline daos_oclass_id_t daos_obj_id2class(daos_obj_id_t oid) {
  return OBJ_CLASS_DEF((daos_oclass_id_t)daos_obj_id2ord(oid), daos_obj_id2grp_nr(oid));
}

static inline bool daos_obj_id_is_nil(daos_obj_id_t oid) { return oid.hi == 0 && oid.lo == 0; }

static inline bool daos_is_dkey_lexical_type(enum daos_otype_t type) {
  return type == DAOS_OT_DKEY_LEXICAL || type == DAOS_OT_MULTI_LEXICAL || type == DAOS_OT_KV_LEXICAL;
}
static inline bool daos_is_akey_lexical_type(enum daos_otype_t type) {
  return type == DAOS_OT_AKEY_LEXICAL || type == DAOS_OT_MULTI_LEXICAL;
}
static inline bool daos_is_array_type(enum daos_otype_t type) {
  return type == DAOS_OT_ARRAY || type == DAOS_OT_ARRAY_ATTR || type == DAOS_OT_ARRAY_BYTE;
}
static inline bool daos_is_kv_type(enum daos_otype_t type) {
  return type == DAOS_OT_KV_HASHED || type == DAOS_OT_KV_UINT64 || type == DAOS_OT_KV_LEXICAL;
}
static inline bool daos_is_dkey_uint64_type(enum daos_otype_t type) {
  return type == DAOS_OT_DKEY_UINT64 || type == DAOS_OT_MULTI_UINT64 || type == DAOS_OT_KV_UINT64 ||
         daos_is_array_type(type);
}
static inline bool daos_is_akey_uint64_type(enum daos_otype_t type) {
  return type == DAOS_OT_AKEY_UINT64 || type == DAOS_OT_MULTI_UINT64;
}
static inline bool daos_is_dkey_lexical(daos_obj_id_t oid) { return daos_is_dkey_lexical_type(daos_obj_id2type(oid)); }
static inline bool daos_is_akey_lexical(daos_obj_id_t oid) { return daos_is_akey_lexical_type(daos_obj_id2type(oid)); }
static inline bool daos_is_dkey_uint64(daos_obj_id_t oid) { return daos_is_dkey_uint64_type(daos_obj_id2type(oid)); }
static inline bool daos_is_akey_uint64(daos_obj_id_t oid) { return daos_is_akey_uint64_type(daos_obj_id2type(oid)); }
static inline bool daos_is_array(daos_obj_id_t oid) { return daos_is_array_type(daos_obj_id2type(oid)); }
static inline bool daos_is_kv(daos_obj_id_t oid) { return daos_is_kv_type(daos_obj_id2type(oid)); }

/** Whether copies may be kept apart on that level of the system: engines or nodes. */
static inline bool daos_pa_domain_is_valid(uint32_t domain) {
  return domain == DAOS_PROP_CO_REDUN_RANK || domain == DAOS_PROP_CO_REDUN_NODE;
}

/** Next id of a sequence that is spread well: steps the low 32 bits of `hi` by a large prime and clears the upper ones.
 */
static inline void daos_obj_oid_cycle(daos_obj_id_t* oid) { oid->hi = (oid->hi + 999999937ULL) & UINT_MAX; }

/* Hints for the automatic choice of a class: one of redundancy (RDD) and one of sharding (SHD). */
enum {
  DAOS_OCH_RDD_DEF = (1 << 0), /**< as the container's redundancy factor says */
  DAOS_OCH_RDD_NO = (1 << 1),
  DAOS_OCH_RDD_RP = (1 << 2), /**< copies */
  DAOS_OCH_RDD_EC = (1 << 3), /**< erasure code */
  DAOS_OCH_SHD_DEF = (1 << 4),
  DAOS_OCH_SHD_TINY = (1 << 5), /**< 1 group */
  DAOS_OCH_SHD_REG = (1 << 6),  /**< 128 groups or a quarter of the targets, the larger */
  DAOS_OCH_SHD_HI = (1 << 7),   /**< 256 or half */
  DAOS_OCH_SHD_EXT = (1 << 8),  /**< 1024 or 70 % */
  DAOS_OCH_SHD_MAX = (1 << 9),  /**< all targets */
};
#define DAOS_OCH_RDD_BITS 4
#define DAOS_OCH_SHD_BITS 6
#define DAOS_OCH_RDD_SHIFT 0
#define DAOS_OCH_SHD_SHIFT DAOS_OCH_RDD_BITS
#define DAOS_OCH_RDD_MAX_VAL ((1 << DAOS_OCH_RDD_BITS) - 1)
#define DAOS_OCH_SHD_MAX_VAL ((1 << DAOS_OCH_SHD_BITS) - 1)
#define DAOS_OCH_RDD_MASK (DAOS_OCH_RDD_MAX_VAL << DAOS_OCH_RDD_SHIFT)
#define DAOS_OCH_SHD_MASK (DAOS_OCH_SHD_MAX_VAL << DAOS_OCH_SHD_SHIFT)

#define daos_obj_generate_oid daos_obj_generate_oid2
/**
 * Complete an object id: put type, redundancy and number of groups into the upper half of `hi`.
 *
 * @param coh     open container.
 * @param oid     in: the user's bits, unique in the container; out: the id. What was in the upper half is dropped.
 * @param type    what the keys are.
 * @param cid     class, or OC_UNKNOWN: chosen by the container's redundancy factor, the type and the hints. A class
 * with "all groups" gets the number that the pool has now.
 * @param hints   DAOS_OCH_*, for OC_UNKNOWN only.
 * @param args    reserved, 0.
 * @return 0; -DER_NO_HDL; -DER_INVAL unknown type or class, two sharding hints, or a class that the pool is too small
 * for.
 * @threadsafe yes; local.
 */
int daos_obj_generate_oid(daos_handle_t coh, daos_obj_id_t* oid, enum daos_otype_t type, daos_oclass_id_t cid,
                          daos_oclass_hints_t hints, uint32_t args);

/* ---- open, close, query ---- */

/* How an object is opened. Modification needs one other than RO. */
enum {
  DAOS_OO_RO = (1 << 1),
  DAOS_OO_RW = (1 << 2),
  DAOS_OO_EXCL = (1 << 3), /**< not enforced */
  DAOS_OO_IO_RAND = (1 << 4),
  DAOS_OO_IO_SEQ = (1 << 5),
};

/**
 * Open an object. Whether it exists is not looked at.
 *
 * @param coh    open container.
 * @param oid    id made by daos_obj_generate_oid.
 * @param mode   DAOS_OO_*.
 * @param oh     out: the object; close it with daos_obj_close.
 * @param ev     completion event, or NULL.
 * @return 0; -DER_NO_HDL; -DER_INVAL unknown class, or one that tolerates fewer failures than the container demands.
 * @threadsafe yes; local. Any number of handles per object.
 */
int daos_obj_open(daos_handle_t coh, daos_obj_id_t oid, unsigned int mode, daos_handle_t* oh, daos_event_t* ev);

/**
 * Close an object. Operations in flight go on.
 *
 * @return 0; -DER_NO_HDL.
 * @threadsafe yes; local.
 */
int daos_obj_close(daos_handle_t oh, daos_event_t* ev);

struct daos_obj_attr {
  d_rank_t oa_rank;
  struct daos_oclass_attr* oa_oa;
};

/** Not offered: -DER_NOSYS. */
int daos_obj_query(daos_handle_t oh, struct daos_obj_attr* oa, d_rank_list_t* ranks, daos_event_t* ev);

/**
 * Epoch of the newest change of an object, update or punch.
 *
 * @param oh      open object.
 * @param th      transaction, or DAOS_TX_NONE.
 * @param epoch   out: 0 for an object that was never written.
 * @param ev      completion event, or NULL.
 * @return 0; -DER_NO_HDL; -DER_INVAL.
 * @threadsafe yes
 */
int daos_obj_query_max_epoch(daos_handle_t oh, daos_handle_t th, daos_epoch_t* epoch, daos_event_t* ev);

/**
 * Compare the copies, or data and parity, of an object. Blocks.
 *
 * @param coh     open container.
 * @param oid     the object.
 * @param epoch   as of when; DAOS_EPOCH_MAX for now.
 * @return 0; -DER_MISMATCH they differ; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_obj_verify(daos_handle_t coh, daos_obj_id_t oid, daos_epoch_t epoch);

/* ---- update and fetch ---- */

/** Records of an array value: rx_nr of them from index rx_idx. */
typedef struct {
  uint64_t rx_idx;
  uint64_t rx_nr;
} daos_recx_t;

typedef enum {
  DAOS_IOD_NONE = 0,
  DAOS_IOD_SINGLE = 1, /**< one blob */
  DAOS_IOD_ARRAY = 2,  /**< records of equal size */
} daos_iod_type_t;

/** iod_size: not known */
enum { DAOS_REC_ANY = 0 };

/** What to read or write of one attribute key. */
typedef struct {
  daos_key_t iod_name;      /**< the attribute key */
  daos_iod_type_t iod_type; /**< SINGLE: iod_nr is 1 and iod_recxs ignored */
  daos_size_t iod_size;     /**< bytes of the value or of one record; out of a fetch: as found, 0 for nothing there */
  uint64_t iod_flags;       /**< with DAOS_COND_PER_AKEY: conditions of this key */
  uint32_t iod_nr;          /**< extents */
  daos_recx_t* iod_recxs;   /**< [iod_nr] in the order in which they meet the buffers; must not overlap */
} daos_iod_t;

/** iom_flags: list the extents too */
#define DAOS_IOMF_DETAIL (0x1U)

/** Out of a fetch: which of the requested records exist. */
typedef struct {
  daos_iod_type_t iom_type;
  uint32_t iom_nr;         /**< in: room in iom_recxs */
  uint32_t iom_nr_out;     /**< extents that exist, possibly more than iom_nr */
  uint32_t iom_flags;      /**< in: DAOS_IOMF_* */
  daos_size_t iom_size;    /**< record size */
  daos_recx_t iom_recx_lo; /**< first extent */
  daos_recx_t iom_recx_hi; /**< last extent */
  daos_recx_t* iom_recxs;  /**< [iom_nr]; with NULL and iom_nr 0 the library allocates, the caller frees with free() */
} daos_iom_t;

#define IO_FLAGS_COND_BITS 8

/* Conditions, atomic with the operation. A failed one changes nothing and gives -DER_NONEXIST (INSERT: -DER_EXIST). */
enum {
  DAOS_COND_PUNCH = (1 << 0),       /**< punch: the key must exist */
  DAOS_COND_DKEY_INSERT = (1 << 1), /**< update: the distribution key must not exist */
  DAOS_COND_DKEY_UPDATE = (1 << 2), /**< update: it must exist */
  DAOS_COND_DKEY_FETCH = (1 << 3),  /**< fetch: it must exist */
  DAOS_COND_AKEY_INSERT = (1 << 4), /**< update: no attribute key may exist */
  DAOS_COND_AKEY_UPDATE = (1 << 5), /**< update: all must exist */
  DAOS_COND_AKEY_FETCH = (1 << 6),  /**< fetch: all must exist */
  DAOS_COND_PER_AKEY = (1 << 7),    /**< conditions of attribute keys come from each iod_flags */
  DAOS_COND_MASK = ((1 << IO_FLAGS_COND_BITS) - 1),
};

/**
 * Read values of one distribution key, all at one epoch.
 *
 * @param oh      open object, any mode.
 * @param th      transaction, or DAOS_TX_NONE for "latest committed".
 * @param flags   DAOS_COND_*_FETCH, DAOS_COND_PER_AKEY.
 * @param dkey    1 byte or more; borrowed until completion.
 * @param nr      attribute keys, 1 or more.
 * @param iods    [nr] what to read; extents in records. iod_size is set to the real size, 0 for nothing there.
 * @param sgls    [nr] destinations, in bytes, or NULL with iod_size 0 to learn the sizes. Holes leave them untouched;
 * iov_len and sg_nr_out say how far data reached. The network may write to them until completion.
 * @param ioms    [nr], out, extents that exist; may be NULL.
 * @param ev      completion event, or NULL to block the calling thread.
 * @return 0 (nothing there is no error); -DER_REC2BIG a destination is too small, iod_size says what is needed;
 *         -DER_NONEXIST a condition failed; -DER_NO_PERM; -DER_NO_HDL; -DER_INVAL; -DER_CSUM no copy passed its
 * checksum; -DER_TX_RESTART.
 * @threadsafe yes; calls on one object may complete in any order.
 * @see daos_obj_update
 */
int daos_obj_fetch(daos_handle_t oh, daos_handle_t th, uint64_t flags, daos_key_t* dkey, unsigned int nr,
                   daos_iod_t* iods, d_sg_list_t* sgls, daos_iom_t* ioms, daos_event_t* ev);

/**
 * Write values of one distribution key, all at one epoch: together or not at all. Durable when it completes.
 *
 * @param oh      object opened for modification.
 * @param th      transaction, which only records the operation until its commit, or DAOS_TX_NONE.
 * @param flags   DAOS_COND_*_INSERT, DAOS_COND_*_UPDATE, DAOS_COND_PER_AKEY.
 * @param dkey    1 byte or more; borrowed until completion.
 * @param nr      attribute keys, 1 or more; none twice.
 * @param iods    [nr] what to write: size of the value or record, extents in records. Size 0 removes.
 * @param sgls    [nr] sources: iov_len bytes of each buffer, in order; the network reads them until completion. May be
 * NULL when every size is 0.
 * @param ev      completion event, or NULL to block the calling thread.
 * @return 0; -DER_EXIST, -DER_NONEXIST a condition failed; -DER_NO_PERM read-only; -DER_REC2BIG the source is too
 * short; -DER_NO_HDL; -DER_INVAL; -DER_NOSPACE; -DER_OVERFLOW more than 256 MiB of values, 3.75 MiB
 * of keys and extents, or modifications than the transaction takes.
 * @threadsafe yes; of overlapping updates the one with the later epoch wins.
 * @see daos_obj_fetch
 */
int daos_obj_update(daos_handle_t oh, daos_handle_t th, uint64_t flags, daos_key_t* dkey, unsigned int nr,
                    daos_iod_t* iods, d_sg_list_t* sgls, daos_event_t* ev);

/* ---- punch ---- */

/**
 * Remove everything in an object as of now; snapshots keep their view. An absent object is no error.
 *
 * @param flags   0.
 * @return 0; -DER_NO_HDL; -DER_NO_PERM.
 * @threadsafe yes
 */
int daos_obj_punch(daos_handle_t oh, daos_handle_t th, uint64_t flags, daos_event_t* ev);

/**
 * Remove a distribution key and what is below it.
 *
 * @param flags   0, or DAOS_COND_PUNCH: it must exist.
 * @param nr      1; any other number gives -DER_INVAL, directly.
 * @param dkeys   [1] the key.
 * @return 0; -DER_NONEXIST the condition failed; -DER_NO_HDL; -DER_NO_PERM; -DER_INVAL.
 * @threadsafe yes
 */
int daos_obj_punch_dkeys(daos_handle_t oh, daos_handle_t th, uint64_t flags, unsigned int nr, daos_key_t* dkeys,
                         daos_event_t* ev);

/**
 * Remove attribute keys of one distribution key, all or none.
 *
 * @param flags   0, or DAOS_COND_PUNCH: all must exist.
 * @param dkey    the distribution key.
 * @param nr      attribute keys, 1 or more.
 * @param akeys   [nr]
 * @return 0; -DER_NONEXIST the condition failed; -DER_NO_HDL; -DER_NO_PERM; -DER_INVAL.
 * @threadsafe yes
 */
int daos_obj_punch_akeys(daos_handle_t oh, daos_handle_t th, uint64_t flags, daos_key_t* dkey, unsigned int nr,
                         daos_key_t* akeys, daos_event_t* ev);

/* ---- enumeration ----
 * Start with a zero anchor and call until daos_anchor_is_eof. 0 results before that are normal. */

/** One key out of an enumeration. */
typedef struct {
  daos_size_t kd_key_len; /**< bytes */
  uint32_t kd_val_type;   /**< the library's */
} daos_key_desc_t;

/**
 * List distribution keys. Each key that is there all along is returned exactly once in a full pass.
 *
 * @param nr       in: room in `kds`, set before each call; out: keys returned.
 * @param kds      [*nr] out: length of each key.
 * @param sgl      out: the keys, back to back without separators.
 * @param anchor   where to go on; updated.
 * @return 0; -DER_KEY2BIG the first key does not fit, kds[0].kd_key_len says what is needed, the anchor stays;
 *         -DER_NO_HDL; -DER_INVAL; -DER_TX_RESTART.
 * @threadsafe yes, with an anchor per thread.
 */
int daos_obj_list_dkey(daos_handle_t oh, daos_handle_t th, uint32_t* nr, daos_key_desc_t* kds, d_sg_list_t* sgl,
                       daos_anchor_t* anchor, daos_event_t* ev);

/** List attribute keys of one distribution key; otherwise as daos_obj_list_dkey. */
int daos_obj_list_akey(daos_handle_t oh, daos_handle_t th, daos_key_t* dkey, uint32_t* nr, daos_key_desc_t* kds,
                       d_sg_list_t* sgl, daos_anchor_t* anchor, daos_event_t* ev);

/**
 * List the extents of an array value.
 *
 * @param size         out: record size, 0 if there is none.
 * @param nr           in: room; out: extents returned.
 * @param recxs        [*nr] out; may be NULL to count.
 * @param eprs         [*nr] out: epochs of the extents; may be NULL.
 * @param anchor       where to go on; updated.
 * @param incr_order   by index: upwards, else downwards.
 * @return 0; -DER_NO_HDL; -DER_INVAL; -DER_TX_RESTART.
 * @threadsafe yes, with an anchor per thread.
 */
int daos_obj_list_recx(daos_handle_t oh, daos_handle_t th, daos_key_t* dkey, daos_key_t* akey, daos_size_t* size,
                       uint32_t* nr, daos_recx_t* recxs, daos_epoch_range_t* eprs, daos_anchor_t* anchor,
                       bool incr_order, daos_event_t* ev);

/**
 * Split an enumeration of distribution keys, one anchor per group of the object, so that several may work on it.
 *
 * @param nr        in: 0 or the number of groups; out: the number of groups.
 * @param anchors   [*nr] out; may be NULL to ask for the number.
 * @return 0; -DER_NO_HDL; -DER_INVAL.
 * @threadsafe yes; local.
 */
int daos_obj_anchor_split(daos_handle_t oh, uint32_t* nr, daos_anchor_t* anchors);

/**
 * Set an anchor to number `index` of such a split.
 *
 * @return 0; -DER_NO_HDL; -DER_INVAL there is no such group.
 * @threadsafe yes; local.
 */
int daos_obj_anchor_set(daos_handle_t oh, uint32_t index, daos_anchor_t* anchor);

/**
 * Anchor that starts an enumeration at a key.
 *
 * @param dkey     distribution key.
 * @param akey     NULL, or an attribute key of it: the anchor is then for daos_obj_list_akey.
 * @param anchor   out; at the end for an absent object.
 * @return 0; -DER_NONEXIST; -DER_NO_HDL; -DER_INVAL.
 * @threadsafe yes
 */
int daos_obj_key2anchor(daos_handle_t oh, daos_handle_t th, daos_key_t* dkey, daos_key_t* akey, daos_anchor_t* anchor,
                        daos_event_t* ev);

/* What daos_obj_query_key looks for: one of MAX and MIN, and at least one of the others. */
enum {
  DAOS_GET_MAX = (1 << 0),
  DAOS_GET_MIN = (1 << 1),
  DAOS_GET_DKEY = (1 << 2),
  DAOS_GET_AKEY = (1 << 3),
  DAOS_GET_RECX = (1 << 4),
};

/**
 * Find the largest or smallest integer keys, or the last or first extent. Nested: keys without matching data are
 * skipped.
 *
 * @param flags   DAOS_GET_*.
 * @param dkey    in, or out with DAOS_GET_DKEY: buffer of 8 bytes, iov_len 0 when nothing was found.
 * @param akey    in, or out with DAOS_GET_AKEY.
 * @param recx    out with DAOS_GET_RECX: {0, 0} when nothing was found.
 * @return 0; -DER_NO_HDL; -DER_INVAL; -DER_TX_RESTART.
 * @threadsafe yes
 */
int daos_obj_query_key(daos_handle_t oh, daos_handle_t th, uint64_t flags, daos_key_t* dkey, daos_key_t* akey,
                       daos_recx_t* recx, daos_event_t* ev);

/* ---- table of a snapshot's objects ---- */

#define DAOS_OIT_MARKER_MAX_LEN 32

/**
 * Open the table of all objects of a snapshot, made by daos_cont_create_snap_opt or daos_cont_snap_oit_create.
 *
 * @param epoch   the snapshot's.
 * @param oh      out: close with daos_oit_close.
 * @return 0; -DER_NONEXIST there is no such table; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_oit_open(daos_handle_t coh, daos_epoch_t epoch, daos_handle_t* oh, daos_event_t* ev);

/** Close such a table. @return 0; -DER_NO_HDL. */
int daos_oit_close(daos_handle_t oh, daos_event_t* ev);

/**
 * List its object ids, each once, in no order.
 *
 * @param oids      [*oids_nr] out.
 * @param oids_nr   in: room, 1 or more; out: ids returned.
 * @param anchor    where to go on; updated.
 * @return 0; -DER_INVAL (directly); -DER_NO_HDL.
 * @threadsafe yes, with an anchor per thread.
 */
int daos_oit_list(daos_handle_t oh, daos_obj_id_t* oids, uint32_t* oids_nr, daos_anchor_t* anchor, daos_event_t* ev);

/**
 * Attach a note to an id.
 *
 * @param marker   1 to DAOS_OIT_MARKER_MAX_LEN bytes; NULL removes it.
 * @return 0; -DER_NONEXIST the id is not in the table; -DER_INVAL; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_oit_mark(daos_handle_t oh, daos_obj_id_t oid, d_iov_t* marker, daos_event_t* ev);

/** As daos_oit_list, of the ids without a note. */
int daos_oit_list_unmarked(daos_handle_t oh, daos_obj_id_t* oids, uint32_t* oids_nr, daos_anchor_t* anchor,
                           daos_event_t* ev);

/** Positive: keep the id; 0: skip it; negative: stop and return that. `marker` may be NULL. Must not call the library.
 */
typedef int(daos_oit_filter_cb)(daos_obj_id_t oid, d_iov_t* marker);

/** As daos_oit_list, of the ids that `filter` keeps. */
int daos_oit_list_filter(daos_handle_t oh, daos_obj_id_t* oids, uint32_t* oids_nr, daos_anchor_t* anchor,
                         daos_oit_filter_cb filter, daos_event_t* ev);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_OBJ_H */
