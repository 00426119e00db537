/**
 * Where objects lie, and ids and classes before there is a container. Installed for tools and layers; programs do not
 * need it. The members of these structs are named by this project: a program that reads them is written for it.
 */
#ifndef DAOS_OBJECT_LAYER_H
#define DAOS_OBJECT_LAYER_H

#include <daos_obj.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where one shard lies. */
struct daos_obj_place {
  uint32_t op_rank;   /**< engine */
  uint32_t op_target; /**< target in that engine */
};

/** A redundancy group. */
struct daos_obj_group {
  uint32_t og_nr;                    /**< shards: copies, or data and parity */
  struct daos_obj_place og_places[]; /**< [og_nr] */
};

struct daos_obj_layout {
  uint32_t ol_version;                /**< of the pool map that it was computed from */
  daos_oclass_id_t ol_class;          /**< with the number of groups that the object has */
  uint32_t ol_nr;                     /**< groups */
  struct daos_obj_group* ol_groups[]; /**< [ol_nr] */
};

/**
 * Where the shards of an object are now. Nothing has to be stored in it.
 *
 * @param coh      open container.
 * @param oid      made by daos_obj_generate_oid.
 * @param layout   out: released with daos_obj_layout_free.
 * @return 0; -DER_NO_HDL; -DER_INVAL an id with an unknown class; -DER_NOMEM.
 * @threadsafe yes; synchronous.
 */
int daos_obj_layout_get(daos_handle_t coh, daos_obj_id_t oid, struct daos_obj_layout** layout);

/** Release a layout. NULL is allowed. @return 0. */
int daos_obj_layout_free(struct daos_obj_layout* layout);

/**
 * The class that daos_obj_generate_oid would choose for OC_UNKNOWN.
 *
 * @param cid   out.
 * @return 0; -DER_NO_HDL; -DER_INVAL.
 * @threadsafe yes; synchronous.
 */
int daos_obj_get_oclass(daos_handle_t coh, enum daos_otype_t type, daos_oclass_hints_t hints, uint32_t args,
                        daos_oclass_id_t* cid);

/**
 * As daos_obj_generate_oid, before there is a container.
 *
 * @param poh         connected pool.
 * @param rf          redundancy factor that the container will have.
 * @param pa_domain   its redundancy level, DAOS_PROP_CO_REDUN_RANK or _NODE.
 * @return 0; -DER_NO_HDL; -DER_INVAL.
 * @threadsafe yes; synchronous.
 */
int daos_obj_generate_oid_by_rf(daos_handle_t poh, uint64_t rf, daos_obj_id_t* oid, enum daos_otype_t type,
                                daos_oclass_id_t cid, daos_oclass_hints_t hints, uint32_t args, uint32_t pa_domain);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_OBJECT_LAYER_H */
