/**
 * Object classes: how many copies or erasure-code pieces an object has, and over how many groups its keys are spread. A
 * class id is (redundancy << OC_REDUN_SHIFT) | groups.
 */
#ifndef DAOS_OBJ_CLASS_H
#define DAOS_OBJ_CLASS_H

#include <daos_types.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t daos_oclass_id_t;
/** DAOS_OCH_* of daos_obj.h: wishes for the automatic choice of a class. */
typedef uint16_t daos_oclass_hints_t;

#define MAX_OBJ_CLASS_NAME_LEN 24
#define OC_REDUN_SHIFT 24
/** As the number of groups: all that the pool has room for. */
#define MAX_NUM_GROUPS ((1 << 16UL) - 1)
/** The class id of a redundancy (OR_*) with that many groups. */
#define OBJ_CLASS_DEF(redun, grp_nr) (((redun) << OC_REDUN_SHIFT) | (grp_nr))

/* The class ids with the usual numbers of groups: OC_RP_2G1 ... OC_RP_2GX. */
#define DAOS_OC_GROUPS_(name, redun)                                                                            \
  name##1 = OBJ_CLASS_DEF(redun, 1U), name##2 = OBJ_CLASS_DEF(redun, 2U), name##4 = OBJ_CLASS_DEF(redun, 4U),   \
  name##6 = OBJ_CLASS_DEF(redun, 6U), name##8 = OBJ_CLASS_DEF(redun, 8U), name##12 = OBJ_CLASS_DEF(redun, 12U), \
  name##16 = OBJ_CLASS_DEF(redun, 16U), name##32 = OBJ_CLASS_DEF(redun, 32U),                                   \
  name##X = OBJ_CLASS_DEF(redun, (unsigned int)MAX_NUM_GROUPS)

/** Redundancy of one group (OR_*: n copies, or k data and p parity pieces) and named class ids (OC_*). */
enum daos_obj_redun {
  OC_UNKNOWN = 0,

  OR_RP_1 = 1,
  OR_RP_2 = 8,
  OR_RP_3,
  OR_RP_4,
  OR_RP_5,
  OR_RP_6,
  OR_RP_8,
  OR_RP_12,
  OR_RP_16,
  OR_RP_24,
  OR_RP_32,
  OR_RP_48,
  OR_RP_64,
  OR_RP_128,

  OR_RS_2P1 = 32,
  OR_RS_2P2,
  OR_RS_4P1,
  OR_RS_4P2,
  OR_RS_8P1,
  OR_RS_8P2,
  OR_RS_16P1,
  OR_RS_16P2,
  OR_RS_4P3,
  OR_RS_8P3,
  OR_RS_16P3,

  /* Ids without a number of groups, from before the scheme above. OC_RP_XSF, the most copies that fit, is in use. */
  OC_BACK_COMPAT = 50,
  OC_TINY = 51,
  OC_SMALL = 52,
  OC_LARGE = 53,
  OC_MAX = 54,
  OC_RP_TINY = 60,
  OC_RP_SMALL = 61,
  OC_RP_LARGE = 62,
  OC_RP_MAX = 63,
  OC_RP_SF_TINY = 70,
  OC_RP_SF_SMALL = 71,
  OC_RP_SF_LARGE = 72,
  OC_RP_SF_MAX = 73,
  OC_RP_XSF = 80,
  OC_EC_TINY = 100,
  OC_EC_SMALL = 101,
  OC_EC_LARGE = 102,
  OC_EC_MAX = 103,

  DAOS_OC_GROUPS_(OC_S, OR_RP_1),
  DAOS_OC_GROUPS_(OC_RP_2G, OR_RP_2),
  DAOS_OC_GROUPS_(OC_RP_3G, OR_RP_3),
  DAOS_OC_GROUPS_(OC_RP_4G, OR_RP_4),
  DAOS_OC_GROUPS_(OC_RP_5G, OR_RP_5),
  DAOS_OC_GROUPS_(OC_RP_6G, OR_RP_6),
  OC_RP_12G1 = OBJ_CLASS_DEF(OR_RP_12, 1U),
  OC_RP_16G1 = OBJ_CLASS_DEF(OR_RP_16, 1U),
  OC_RP_24G1 = OBJ_CLASS_DEF(OR_RP_24, 1U),
  OC_RP_32G1 = OBJ_CLASS_DEF(OR_RP_32, 1U),
  OC_RP_48G1 = OBJ_CLASS_DEF(OR_RP_48, 1U),
  OC_RP_64G1 = OBJ_CLASS_DEF(OR_RP_64, 1U),
  OC_RP_128G1 = OBJ_CLASS_DEF(OR_RP_128, 1U),
  DAOS_OC_GROUPS_(OC_EC_2P1G, OR_RS_2P1),
  DAOS_OC_GROUPS_(OC_EC_2P2G, OR_RS_2P2),
  DAOS_OC_GROUPS_(OC_EC_4P1G, OR_RS_4P1),
  DAOS_OC_GROUPS_(OC_EC_4P2G, OR_RS_4P2),
  DAOS_OC_GROUPS_(OC_EC_4P3G, OR_RS_4P3),
  DAOS_OC_GROUPS_(OC_EC_8P1G, OR_RS_8P1),
  DAOS_OC_GROUPS_(OC_EC_8P2G, OR_RS_8P2),
  DAOS_OC_GROUPS_(OC_EC_8P3G, OR_RS_8P3),
  DAOS_OC_GROUPS_(OC_EC_16P1G, OR_RS_16P1),
  DAOS_OC_GROUPS_(OC_EC_16P2G, OR_RS_16P2),
  DAOS_OC_GROUPS_(OC_EC_16P3G, OR_RS_16P3),

  OC_RESERVED = 1U << 30,
};

/**
 * Id of a class by its name: "S1" ... "SX", "RP_2G1" ... "RP_6GX", "EC_2P1G1" ... "EC_16P3GX", "RP_XSF".
 *
 * @param name   NUL-terminated, in upper case.
 * @return the class id, or OC_UNKNOWN when there is no class of that name.
 * @threadsafe yes; local.
 */
int daos_oclass_name2id(const char* name);

/**
 * Names of all classes, each followed by ", ".
 *
 * @param size   bytes at `str`.
 * @param str    out: NUL-terminated.
 * @return the length of the text; -DER_OVERFLOW it does not fit; -DER_INVAL no buffer.
 * @threadsafe yes; local.
 */
ssize_t daos_oclass_names_list(size_t size, char* str);

/**
 * Number of entries in the table of class names, its end mark included.
 *
 * @param opts   reserved, 0.
 * @threadsafe yes; local.
 */
int daos_oclass_nr(int opts);

/**
 * Name of a class by its id. A known redundancy with an unusual number of groups has a name too: "RP_2G7".
 *
 * @param oc_id   the class.
 * @param name    out: room for MAX_OBJ_CLASS_NAME_LEN + 1 bytes.
 * @return 0, or -1 for an unknown class: `name` is then "UNKNOWN".
 * @threadsafe yes; local.
 */
int daos_oclass_id2name(daos_oclass_id_t oc_id, char* name);

/* ---- attributes of a class ---- */

enum daos_obj_schema {
  DAOS_OS_SINGLE = 0,
  DAOS_OS_STRIPED = 1,
  DAOS_OS_DYN_STRIPED = 2,
  DAOS_OS_DYN_CHUNKED = 3,
};

enum daos_obj_resil {
  DAOS_RES_EC = 0,
  DAOS_RES_REPL = 1,
};

struct daos_oclass_attr {
  enum daos_obj_schema ca_schema;
  enum daos_obj_resil ca_resil;
  unsigned int ca_resil_degree; /**< failures that are tolerated */
  unsigned int ca_grp_nr;
  union {
    struct daos_rp_attr {
      unsigned int r_proto;
      unsigned int r_num; /**< copies */
    } rp;
    struct daos_ec_attr {
      unsigned short e_k; /**< data pieces */
      unsigned short e_p; /**< parity pieces */
      unsigned int e_len; /**< bytes of a cell */
    } ec;
  } u;
};

struct daos_oclass_list {
  uint32_t cl_nr;
  uint32_t cl_nr_out;
  daos_oclass_id_t* cl_cids;
  struct daos_oclass_attr* cl_cattrs;
};

/** Classes of one's own are not offered: returns -DER_NOSYS, always directly. */
int daos_obj_register_class(daos_handle_t coh, daos_oclass_id_t cid, struct daos_oclass_attr* cattr, daos_event_t* ev);
/** Not offered: returns -DER_NOSYS, always directly. */
int daos_obj_query_class(daos_handle_t coh, daos_oclass_id_t cid, struct daos_oclass_attr* cattr, daos_event_t* ev);
/** Not offered: returns -DER_NOSYS, always directly. */
int daos_obj_list_class(daos_handle_t coh, struct daos_oclass_list* clist, daos_anchor_t* anchor, daos_event_t* ev);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_OBJ_CLASS_H */
