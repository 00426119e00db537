/**
 * Transactions and epochs.
 *
 * A transaction covers one container. Its changes are recorded by the library and take effect together at the commit;
 * its reads see one consistent state, without its own changes. One that lost a conflict gives -DER_TX_RESTART: call
 * daos_tx_restart and do it again. It is used by one thread and one event queue at a time.
 */
#ifndef DAOS_API_H
#define DAOS_API_H

#include <daos_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** See daos_cont.h. */
d_rank_list_t* daos_rank_list_parse(const char* str, const char* sep);

/* Flags of daos_tx_open. */
enum {
  DAOS_TF_RDONLY = (1 << 0),    /**< changes are refused with -DER_NO_PERM */
  DAOS_TF_ZERO_COPY = (1 << 1), /**< values stay with the caller, unchanged until the commit completes */
};

/**
 * Open a transaction.
 *
 * @param coh     open container.
 * @param th      out: end it with daos_tx_close.
 * @param flags   DAOS_TF_*.
 * @param ev      completion event, or NULL.
 * @return 0; -DER_NO_HDL; -DER_INVAL; -DER_NOMEM.
 * @threadsafe yes; local.
 */
int daos_tx_open(daos_handle_t coh, daos_handle_t* th, uint64_t flags, daos_event_t* ev);

/**
 * Commit: all changes take effect, durably, or none.
 *
 * @return 0; -DER_TX_RESTART a conflict; -DER_TX_UNCERTAIN it is not known whether it took effect; -DER_ALREADY;
 *         -DER_INPROGRESS; -DER_NO_PERM it was aborted or must restart; -DER_NO_HDL.
 */
int daos_tx_commit(daos_handle_t th, daos_event_t* ev);

/**
 * Open a read-only view of a snapshot.
 *
 * @param epoch   the snapshot's.
 * @param th      out: end it with daos_tx_close; must not be restarted.
 * @return 0; -DER_INVAL for 0 and DAOS_EPOCH_MAX; -DER_NO_HDL.
 * @threadsafe yes; local.
 */
int daos_tx_open_snap(daos_handle_t coh, daos_epoch_t epoch, daos_handle_t* th, daos_event_t* ev);

/** Drop the recorded changes. @return 0; -DER_ALREADY; -DER_NO_PERM it is not open; -DER_NO_HDL. Local. */
int daos_tx_abort(daos_handle_t th, daos_event_t* ev);

/** End a transaction; changes that were not committed are dropped. @return 0; -DER_BUSY committing; -DER_NO_HDL. Local.
 */
int daos_tx_close(daos_handle_t th, daos_event_t* ev);

/** Begin again after -DER_TX_RESTART; may delay the caller. @return 0; -DER_NO_PERM; -DER_NO_HDL. Local. */
int daos_tx_restart(daos_handle_t th, daos_event_t* ev);

/** Epoch of a transaction. @return 0; -DER_UNINIT not known before its first read or commit; -DER_INVAL; -DER_NO_HDL.
 */
int daos_tx_hdl2epoch(daos_handle_t th, daos_epoch_t* epoch);

/**
 * Time of an epoch, in nanoseconds since 1970.
 *
 * @param hlc   hybrid logical clock value.
 * @param ts    out.
 * @return 0; -DER_INVAL.
 * @threadsafe yes; local.
 */
int daos_hlc2timespec(uint64_t hlc, struct timespec* ts);

/** The same in whole seconds. */
int daos_hlc2timestamp(uint64_t hlc, time_t* ts);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_API_H */
