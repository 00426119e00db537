/**
 * Key-value stores: text keys, one value each. A key is the object's distribution key (without its NUL), its value the
 * single value of attribute key "0".
 */
#ifndef DAOS_KV_H
#define DAOS_KV_H

#include <daos_obj.h>
#include <daos_types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DAOS_COND_KEY_INSERT DAOS_COND_DKEY_INSERT /**< put: the key must not exist */
#define DAOS_COND_KEY_UPDATE DAOS_COND_DKEY_UPDATE /**< put: the key must exist */
#define DAOS_COND_KEY_GET DAOS_COND_DKEY_FETCH     /**< get: the key must exist */
#define DAOS_COND_KEY_REMOVE DAOS_COND_PUNCH       /**< remove: the key must exist */

/**
 * Open a store. Existence is not looked at, nothing is created.
 *
 * @param coh    open container.
 * @param oid    id of a DAOS_OT_KV_* type.
 * @param mode   DAOS_OO_RO or DAOS_OO_RW.
 * @param oh     out: close with daos_kv_close.
 * @param ev     completion event, or NULL.
 * @return 0; -DER_INVAL not such a type; -DER_NO_HDL.
 * @threadsafe yes; local.
 */
int daos_kv_open(daos_handle_t coh, daos_obj_id_t oid, unsigned int mode, daos_handle_t* oh, daos_event_t* ev);

/** Close a store. @return 0; -DER_NO_HDL. @threadsafe yes; local. */
int daos_kv_close(daos_handle_t oh, daos_event_t* ev);

/** Remove all keys; the handle stays open. @return 0; -DER_NO_HDL; -DER_NO_PERM. @threadsafe yes */
int daos_kv_destroy(daos_handle_t oh, daos_handle_t th, daos_event_t* ev);

/**
 * Store a value, replacing the former one as a whole.
 *
 * @param flags   0, DAOS_COND_KEY_INSERT or DAOS_COND_KEY_UPDATE.
 * @param key     1 character or more; borrowed until completion.
 * @param size    bytes; 0 stores an empty value.
 * @param buf     the value; borrowed until completion.
 * @return 0; -DER_EXIST, -DER_NONEXIST a condition failed; -DER_INVAL; -DER_NO_HDL; -DER_NO_PERM; -DER_NOSPACE;
 *         -DER_OVERFLOW more than 256 MiB.
 * @threadsafe yes
 */
int daos_kv_put(daos_handle_t oh, daos_handle_t th, uint64_t flags, const char* key, daos_size_t size, const void* buf,
                daos_event_t* ev);

/**
 * Read a value.
 *
 * @param flags   0 or DAOS_COND_KEY_GET.
 * @param size    in: bytes at `buf`; out: bytes of the value, 0 for an absent key.
 * @param buf     destination, or NULL to learn the size.
 * @return 0; -DER_REC2BIG it does not fit, *size says what is needed; -DER_NONEXIST the condition failed; -DER_INVAL;
 *         -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_kv_get(daos_handle_t oh, daos_handle_t th, uint64_t flags, const char* key, daos_size_t* size, void* buf,
                daos_event_t* ev);

/**
 * Remove a key.
 *
 * @param flags   0, or DAOS_COND_KEY_REMOVE: it must exist.
 * @return 0; -DER_NONEXIST the condition failed; -DER_INVAL; -DER_NO_HDL; -DER_NO_PERM.
 * @threadsafe yes
 */
int daos_kv_remove(daos_handle_t oh, daos_handle_t th, uint64_t flags, const char* key, daos_event_t* ev);

/** List keys, without NULs; as daos_obj_list_dkey. */
int daos_kv_list(daos_handle_t oh, daos_handle_t th, uint32_t* nr, daos_key_desc_t* kds, d_sg_list_t* sgl,
                 daos_anchor_t* anchor, daos_event_t* ev);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_KV_H */
