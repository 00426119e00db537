/**
 * Key-value stores as the objects that they are. Installed for tools that mix both interfaces; programs do not need it.
 */
#ifndef DAOS_KV_LAYER_H
#define DAOS_KV_LAYER_H

#include <daos_kv.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The object behind a key-value handle, for daos_obj_* calls. It is closed together with the key-value handle, not by
 * itself.
 *
 * @return the object's handle, the same at each call; DAOS_HDL_INVAL for what is no key-value handle.
 * @threadsafe yes; local.
 */
daos_handle_t daos_kv2objhandle(daos_handle_t kv_oh);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_KV_LAYER_H */
