/**
 * DAOS, distributed asynchronous object storage: the whole interface of objects, pools and containers. Link with
 * -ldaos. Tasks (daos_task.h) and pipelines (daos_pipeline.h) are included on their own.
 */
#ifndef DAOS_H
#define DAOS_H

#include <daos_api.h>
#include <daos_array.h>
#include <daos_cont.h>
#include <daos_event.h>
#include <daos_kv.h>
#include <daos_mgmt.h>
#include <daos_obj.h>
#include <daos_pool.h>
#include <daos_prop.h>
#include <daos_security.h>
#include <daos_types.h>
#include <daos_version.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Start the library. Counted: each call wants a daos_fini. No agent is needed before the first use of a system.
 *
 * @return 0; -DER_NOMEM; with DAOS_EMBEDDED=DIR also errors of opening that store, -DER_BUSY when another process has
 * it.
 * @threadsafe yes
 */
int daos_init(void);

/**
 * End the library with the last call. Handles that are still open are dropped.
 *
 * @return 0; -DER_UNINIT without a matching daos_init.
 * @threadsafe yes
 */
int daos_fini(void);

/**
 * Start the library anew in a child made by fork(), before any other call there. Pool and container handles of the
 * parent can be used, and closing them is local; events, queues, tasks and transactions of the parent cannot.
 *
 * @return 0; -DER_NOMEM.
 */
int daos_reinit(void);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_H */
