/**
 * Containers: separate name spaces of objects within a pool, each with its own properties, rights and snapshots.
 *
 * Calls that take `ev` follow the rule in daos_event.h. "directly" marks errors that the call returns in any case.
 */
#ifndef DAOS_CONT_H
#define DAOS_CONT_H

#include <daos_security.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DAOS_CONT_HINT_MAX_LEN 128 /**< bytes of a hint, with the NUL */
#define DAOS_SNAPSHOT_MAX_LEN 128  /**< bytes of a snapshot's name, with the NUL */

/* Flags of daos_cont_open; exactly one of RO, RW and EX. */
#define DAOS_COO_RO (1U << 0)         /**< read only */
#define DAOS_COO_RW (1U << 1)         /**< read and write */
#define DAOS_COO_EX (1U << 2)         /**< read and write, and nobody else; owner only */
#define DAOS_COO_FORCE (1U << 3)      /**< even if data may be lost */
#define DAOS_COO_RO_MDSTATS (1U << 4) /**< with RO: leave the times of opening and change as they are */
#define DAOS_COO_EVICT (1U << 5)      /**< with RO or RW: first end this user's handles */
#define DAOS_COO_EVICT_ALL (1U << 6)  /**< with EX: first end all handles; owner only */
#define DAOS_COO_NEW_LAYOUT (1U << 7) /**< the library sets it */
#define DAOS_COO_NBITS 8
#define DAOS_COO_MASK ((1U << DAOS_COO_NBITS) - 1)
#define DAOS_COO_IO_BASE_MASK (DAOS_COO_RO | DAOS_COO_RW | DAOS_COO_EX)

/**
 * Numbers in text as a list of ranks.
 *
 * @param str   for example "3:1:2".
 * @param sep   characters that separate numbers.
 * @return the list, to be released with d_rank_list_free; NULL for no number or no memory.
 * @threadsafe yes; local.
 */
d_rank_list_t* daos_rank_list_parse(const char* str, const char* sep);

/* ---- create, destroy, open, close ---- */

#define daos_cont_create daos_cont_create2
/**
 * Create a container; the library chooses its uuid.
 *
 * @param poh         pool connection that may write.
 * @param uuid        out; may be NULL.
 * @param cont_prop   properties, or NULL for the pool's defaults.
 * @param ev          completion event, or NULL.
 * @return 0; -DER_INVAL wrong property (directly); -DER_EXIST the label is taken; -DER_NO_PERM; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_cont_create(daos_handle_t poh, uuid_t* uuid, daos_prop_t* cont_prop, daos_event_t* ev);

/**
 * Create a container with a label.
 *
 * @param label   wins over a label among the properties; see daos_label_is_valid.
 * @return as daos_cont_create.
 * @threadsafe yes
 */
int daos_cont_create_with_label(daos_handle_t poh, const char* label, daos_prop_t* cont_prop, uuid_t* uuid,
                                daos_event_t* ev);

#define daos_cont_open daos_cont_open2
/**
 * Open a container.
 *
 * @param poh     pool connection.
 * @param cont    label, or uuid as text.
 * @param flags   DAOS_COO_*.
 * @param coh     out: close with daos_cont_close.
 * @param info    out; may be NULL.
 * @param ev      completion event, or NULL.
 * @return 0; -DER_NONEXIST; -DER_INVAL flags or name; -DER_NO_PERM; -DER_BUSY exclusive use; -DER_RF more was lost than
 *         the redundancy factor covers (DAOS_COO_FORCE opens it); -DER_CONT_DESTROYING; -DER_NO_HDL.
 * @threadsafe yes. Each call gives a handle of its own.
 */
int daos_cont_open(daos_handle_t poh, const char* cont, unsigned int flags, daos_handle_t* coh, daos_cont_info_t* info,
                   daos_event_t* ev);

/**
 * Close a container. Objects still open on it can then only be closed.
 *
 * @return 0; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_cont_close(daos_handle_t coh, daos_event_t* ev);

#define daos_cont_destroy daos_cont_destroy2
/**
 * Destroy a container with all its data.
 *
 * @param poh     pool connection that may write.
 * @param cont    label, or uuid as text.
 * @param force   non-zero: even if it is open; those handles are ended.
 * @return 0; -DER_NONEXIST; -DER_BUSY open, and no force; -DER_NO_PERM; -DER_INVAL; -DER_NO_HDL.
 * @threadsafe yes. Space comes back in the background.
 */
int daos_cont_destroy(daos_handle_t poh, const char* cont, int force, daos_event_t* ev);

/** Export an open container to other processes; the protocol is that of daos_pool_local2global. */
int daos_cont_local2global(daos_handle_t coh, d_iov_t* glob);

/**
 * Import a container. The exporter closes it last.
 *
 * @param poh    the same pool connection, imported or the exporter's own.
 * @param glob   made by daos_cont_local2global.
 * @param coh    out: close with daos_cont_close, which is local.
 * @return 0; -DER_INVAL not a container's bytes, or another connection; -DER_NO_HDL.
 * @threadsafe yes; local.
 */
int daos_cont_global2local(daos_handle_t poh, d_iov_t glob, daos_handle_t* coh);

/* ---- properties ---- */

/**
 * Read information and properties.
 *
 * @param info        out; may be NULL.
 * @param cont_prop   out; may be NULL. With entries: their types say what to read. Without: all are read. Release the
 *                    values with daos_prop_free or daos_prop_fini.
 * @return 0; -DER_NO_PERM; -DER_INVAL malformed list (directly); -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_cont_query(daos_handle_t coh, daos_cont_info_t* info, daos_prop_t* cont_prop, daos_event_t* ev);

/**
 * Change properties; see enum daos_cont_props for which.
 *
 * @return 0; -DER_NO_PERM no right, or not changeable; -DER_EXIST the label is taken; -DER_INVAL (directly);
 * -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_cont_set_prop(daos_handle_t coh, daos_prop_t* prop, daos_event_t* ev);

/** Declare a container healthy as of the present pool map. @return 0; -DER_NO_PERM; -DER_NO_HDL. @threadsafe yes */
int daos_cont_status_clear(daos_handle_t coh, daos_event_t* ev);

/* ---- rights ---- */

/**
 * Read the access-control list with owner and owner group.
 *
 * @param acl_prop   out: a new list, to be released with daos_prop_free.
 * @return 0; -DER_NO_PERM; -DER_INVAL; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_cont_get_acl(daos_handle_t coh, daos_prop_t** acl_prop, daos_event_t* ev);

/** Replace the access-control list. @return 0; -DER_NO_PERM; -DER_INVAL; -DER_NO_HDL. @threadsafe yes */
int daos_cont_overwrite_acl(daos_handle_t coh, struct daos_acl* acl, daos_event_t* ev);

/** Add entries, replacing those of the same principals. @return 0; -DER_NO_PERM; -DER_INVAL; -DER_NO_HDL. */
int daos_cont_update_acl(daos_handle_t coh, struct daos_acl* acl, daos_event_t* ev);

/**
 * Remove the entry of a principal.
 *
 * @param name   for USER and GROUP.
 * @return 0; -DER_NONEXIST; -DER_NO_PERM; -DER_INVAL; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_cont_delete_acl(daos_handle_t coh, enum daos_acl_principal_type type, d_string_t name, daos_event_t* ev);

/**
 * Change the owner.
 *
 * @param user    principal, or NULL to keep it.
 * @param group   principal, or NULL to keep it.
 * @return 0; -DER_NONEXIST no such account on this machine; -DER_NO_PERM; -DER_INVAL; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_cont_set_owner(daos_handle_t coh, d_string_t user, d_string_t group, daos_event_t* ev);

/** The same without a look at this machine's accounts. */
int daos_cont_set_owner_no_check(daos_handle_t coh, d_string_t user, d_string_t group, daos_event_t* ev);

/**
 * What a user may do with a container, computed from its properties.
 *
 * @param cont_prop   list with ACL, OWNER and OWNER_GROUP.
 * @param uid         the user.
 * @param gids        [nr_gids] the user's groups; may be NULL when nr_gids is 0.
 * @param perms       out: DAOS_ACL_PERM_*. The owner always has GET_ACL and SET_ACL.
 * @return 0; -DER_INVAL a missing entry or argument; -DER_NONEXIST an id without a name; -DER_NOMEM.
 * @threadsafe yes; local.
 */
int daos_cont_get_perms(daos_prop_t* cont_prop, uid_t uid, gid_t* gids, size_t nr_gids, uint64_t* perms);

/* ---- user attributes: small named values ---- */

/**
 * List names of attributes.
 *
 * @param buffer   out: names one after another, each with its NUL; only whole names. May be NULL with *size 0.
 * @param size     in: bytes at `buffer`; out: bytes of all names with their NULs.
 * @return 0; -DER_INVAL; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_cont_list_attr(daos_handle_t coh, char* buffer, size_t* size, daos_event_t* ev);

/**
 * Read attributes.
 *
 * @param n         attributes, 1 or more.
 * @param names     [n]
 * @param buffers   [n] out; longer values are cut. NULL, for all or for one, reads only the size.
 * @param sizes     [n] in: bytes of each buffer; out: bytes of each value, 0 for a missing one.
 * @return 0; -DER_NONEXIST all are missing; -DER_INVAL; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_cont_get_attr(daos_handle_t coh, int n, char const* const names[], void* const buffers[], size_t sizes[],
                       daos_event_t* ev);

/**
 * Create or replace attributes, all in one step.
 *
 * @param n        attributes, 1 or more.
 * @param names    [n] 1 to DAOS_ATTR_NAME_MAX bytes.
 * @param values   [n] any bytes.
 * @param sizes    [n] 1 or more.
 * @return 0; -DER_NO_PERM; -DER_INVAL; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_cont_set_attr(daos_handle_t coh, int n, char const* const names[], void const* const values[],
                       size_t const sizes[], daos_event_t* ev);

/** Remove attributes; names that are not there are ignored. @return 0; -DER_NO_PERM; -DER_INVAL; -DER_NO_HDL. */
int daos_cont_del_attr(daos_handle_t coh, int n, char const* const names[], daos_event_t* ev);

/* ---- object numbers ---- */

/**
 * Reserve numbers that nobody else gets in this container, for `lo` of object ids.
 *
 * @param num_oids   how many, consecutive.
 * @param oid        out: the first.
 * @return 0; -DER_NO_PERM read only; -DER_INVAL; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_cont_alloc_oids(daos_handle_t coh, daos_size_t num_oids, uint64_t* oid, daos_event_t* ev);

/* ---- epochs and snapshots ---- */

/** Hint that old versions up to an epoch may be merged. @return 0; -DER_INVAL for DAOS_EPOCH_MAX; -DER_NO_HDL. */
int daos_cont_aggregate(daos_handle_t coh, daos_epoch_t epoch, daos_event_t* ev);
/** Not offered: -DER_NOSYS. */
int daos_cont_rollback(daos_handle_t coh, daos_epoch_t epoch, daos_event_t* ev);
/** Not offered: -DER_NOSYS. */
int daos_cont_subscribe(daos_handle_t coh, daos_epoch_t* epoch, daos_event_t* ev);

enum daos_snapshot_opts {
  DAOS_SNAP_OPT_CR = (1 << 0),  /**< make a snapshot */
  DAOS_SNAP_OPT_OIT = (1 << 1), /**< and a table of its objects (daos_oit_open) */
};

/**
 * Make a snapshot: later than every update completed before the call, earlier than every update started after it.
 *
 * @param epoch   out: read it with daos_tx_open_snap.
 * @param name    NULL; names are not offered (-DER_NOSYS).
 * @return 0; -DER_INVAL; -DER_NO_PERM; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_cont_create_snap(daos_handle_t coh, daos_epoch_t* epoch, char* name, daos_event_t* ev);

/** The same with options; DAOS_SNAP_OPT_CR must be among them (-DER_NOSYS). */
int daos_cont_create_snap_opt(daos_handle_t coh, daos_epoch_t* epoch, char* name, enum daos_snapshot_opts opts,
                              daos_event_t* ev);

/**
 * List snapshots, all in one call.
 *
 * @param nr       in: room in `epochs`; out: number of snapshots, possibly more.
 * @param epochs   [*nr] out, ascending; NULL only counts.
 * @param names    ignored.
 * @param anchor   at the end afterwards.
 * @return 0; -DER_INVAL; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_cont_list_snap(daos_handle_t coh, int* nr, daos_epoch_t* epochs, char** names, daos_anchor_t* anchor,
                        daos_event_t* ev);

/**
 * Destroy a snapshot.
 *
 * @param epr   its epoch, twice.
 * @return 0; -DER_NONEXIST; -DER_INVAL; -DER_NO_PERM; -DER_NO_HDL.
 * @threadsafe yes
 */
int daos_cont_destroy_snap(daos_handle_t coh, daos_epoch_range_t epr, daos_event_t* ev);

/** Make the table of objects of a snapshot. `name` is ignored. @return 0; -DER_NONEXIST; -DER_NO_PERM; -DER_NO_HDL. */
int daos_cont_snap_oit_create(daos_handle_t coh, daos_epoch_t epoch, char* name, daos_event_t* ev);

/** Destroy that table. @param oh   the table, open. @return 0; -DER_NO_PERM; -DER_NO_HDL. */
int daos_cont_snap_oit_destroy(daos_handle_t coh, daos_handle_t oh, daos_event_t* ev);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_CONT_H */
