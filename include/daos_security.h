/**
 * Access-control lists. Plain memory of the process: no locks, no server.
 *
 * As text an entry (ACE) is ACCESS:FLAGS:PRINCIPAL:PERMISSIONS, for example "A::user1@:rw" or "A:G:GROUP@:rwtT".
 */
#ifndef DAOS_SECURITY_H
#define DAOS_SECURITY_H

#include <daos_prop.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DAOS_ACL_VERSION 1
#define DAOS_ACL_MAX_PRINCIPAL_LEN 255 /**< characters of a name, without the NUL */
#define DAOS_ACL_MAX_PRINCIPAL_BUF_LEN (DAOS_ACL_MAX_PRINCIPAL_LEN + 1)
#define DAOS_ACL_MAX_ACE_LEN (0x10000) /**< bytes of all entries of a list */
/** Bytes that an entry as text may need, with the NUL: a name and up to 64 others. */
#define DAOS_ACL_MAX_ACE_STR_LEN (DAOS_ACL_MAX_PRINCIPAL_LEN + 64)

/* Names of principals that need no name. */
#define DAOS_ACL_PRINCIPAL_OWNER "OWNER@"
#define DAOS_ACL_PRINCIPAL_OWNER_GRP "GROUP@"
#define DAOS_ACL_PRINCIPAL_EVERYONE "EVERYONE@"

/** A list: header, then entries one after another, ordered by the type of their principal, each padded to 8 bytes. */
struct daos_acl {
  uint16_t dal_ver; /**< DAOS_ACL_VERSION */
  uint16_t dal_reserv;
  uint32_t dal_len; /**< bytes of entries, without this header */
  uint8_t dal_ace[];
};

/** Whom an entry is for; also their order in a list. */
enum daos_acl_principal_type {
  DAOS_ACL_OWNER,
  DAOS_ACL_USER, /**< named */
  DAOS_ACL_OWNER_GROUP,
  DAOS_ACL_GROUP, /**< named */
  DAOS_ACL_EVERYONE,
  NUM_DAOS_ACL_TYPES,
};

enum daos_acl_access_type {
  DAOS_ACL_ACCESS_ALLOW = (1 << 0),
  DAOS_ACL_ACCESS_AUDIT = (1 << 1),
  DAOS_ACL_ACCESS_ALARM = (1 << 2),
};
#define DAOS_ACL_ACCESS_ALL (DAOS_ACL_ACCESS_ALLOW | DAOS_ACL_ACCESS_AUDIT | DAOS_ACL_ACCESS_ALARM)

enum daos_acl_flags {
  DAOS_ACL_FLAG_GROUP = (1 << 0), /**< the principal is a group */
  DAOS_ACL_FLAG_POOL_INHERIT = (1 << 1),
  DAOS_ACL_FLAG_ACCESS_FAIL = (1 << 2),    /**< audit or alarm: refused access */
  DAOS_ACL_FLAG_ACCESS_SUCCESS = (1 << 3), /**< audit or alarm: granted access */
};
#define DAOS_ACL_FLAG_ALL \
  (DAOS_ACL_FLAG_GROUP | DAOS_ACL_FLAG_POOL_INHERIT | DAOS_ACL_FLAG_ACCESS_FAIL | DAOS_ACL_FLAG_ACCESS_SUCCESS)

enum daos_acl_perm {
  DAOS_ACL_PERM_READ = (1 << 0),
  DAOS_ACL_PERM_WRITE = (1 << 1),
  DAOS_ACL_PERM_CREATE_CONT = (1 << 2),
  DAOS_ACL_PERM_DEL_CONT = (1 << 3),
  DAOS_ACL_PERM_GET_PROP = (1 << 4),
  DAOS_ACL_PERM_SET_PROP = (1 << 5),
  DAOS_ACL_PERM_GET_ACL = (1 << 6),
  DAOS_ACL_PERM_SET_ACL = (1 << 7),
  DAOS_ACL_PERM_SET_OWNER = (1 << 8),
};
/** What makes sense for a pool, for a container, and both. */
#define DAOS_ACL_PERM_POOL_ALL                                                                     \
  (DAOS_ACL_PERM_READ | DAOS_ACL_PERM_GET_PROP | DAOS_ACL_PERM_WRITE | DAOS_ACL_PERM_CREATE_CONT | \
   DAOS_ACL_PERM_DEL_CONT)
#define DAOS_ACL_PERM_CONT_ALL                                                                  \
  (DAOS_ACL_PERM_READ | DAOS_ACL_PERM_WRITE | DAOS_ACL_PERM_DEL_CONT | DAOS_ACL_PERM_GET_PROP | \
   DAOS_ACL_PERM_SET_PROP | DAOS_ACL_PERM_GET_ACL | DAOS_ACL_PERM_SET_ACL | DAOS_ACL_PERM_SET_OWNER)
#define DAOS_ACL_PERM_ALL (DAOS_ACL_PERM_POOL_ALL | DAOS_ACL_PERM_CONT_ALL)

/** One entry; 32 bytes and the name. */
struct daos_ace {
  uint8_t dae_access_types;   /**< DAOS_ACL_ACCESS_* */
  uint8_t dae_principal_type; /**< enum daos_acl_principal_type */
  uint16_t dae_principal_len; /**< bytes of the name with its padding, 0 for types without a name */
  uint16_t dae_access_flags;  /**< DAOS_ACL_FLAG_* */
  uint16_t dae_reserv;
  uint64_t dae_allow_perms; /**< DAOS_ACL_PERM_* */
  uint64_t dae_audit_perms;
  uint64_t dae_alarm_perms;
  char dae_principal[]; /**< NUL-terminated, padded with NULs to a multiple of 8 bytes */
};

/* ---- lists ---- */

/**
 * Make a list of copies of entries, in the order that a list needs.
 *
 * @param aces       [num_aces] valid entries; NULL if there are none.
 * @param num_aces   0 makes an empty list.
 * @return the list, to be released with daos_acl_free; NULL for an entry that is not valid, a principal twice, or no
 * memory.
 */
struct daos_acl* daos_acl_create(struct daos_ace* aces[], uint16_t num_aces);

/** A copy, to be released with daos_acl_free; NULL for NULL or no memory. */
struct daos_acl* daos_acl_dup(struct daos_acl* acl);

/** Release a list. NULL is allowed. */
void daos_acl_free(struct daos_acl* acl);

/** Bytes of a list with its header, or -DER_INVAL for NULL. */
ssize_t daos_acl_get_size(struct daos_acl* acl);

/** The first entry (`current_ace` NULL) or the one behind `current_ace`; NULL at the end. Points into the list. */
struct daos_ace* daos_acl_get_next_ace(struct daos_acl* acl, struct daos_ace* current_ace);

/**
 * Find the entry of a principal.
 *
 * @param type        whom it is for.
 * @param principal   name, for USER and GROUP.
 * @param ace         out: points into the list.
 * @return 0; -DER_NONEXIST; -DER_INVAL wrong type, or a missing name.
 */
int daos_acl_get_ace_for_principal(struct daos_acl* acl, enum daos_acl_principal_type type, const char* principal,
                                   struct daos_ace** ace);

/**
 * Add a copy of an entry, replacing the one of the same principal.
 *
 * @param acl   in, out: the list moves.
 * @return 0; -DER_INVAL; -DER_NOMEM. On failure the list is as before.
 */
int daos_acl_add_ace(struct daos_acl** acl, struct daos_ace* new_ace);

/**
 * Remove the entry of a principal.
 *
 * @param acl   in, out: the list moves; empty when the last entry goes.
 * @return 0; -DER_NONEXIST; -DER_INVAL; -DER_NOMEM.
 */
int daos_acl_remove_ace(struct daos_acl** acl, enum daos_acl_principal_type type, const char* principal_name);

/** Print a list to stdout. */
void daos_acl_dump(struct daos_acl* acl);

/** Whether a list is well formed: 0, -DER_INVAL or -DER_NOMEM. */
int daos_acl_validate(struct daos_acl* acl);

/* ---- entries ---- */

/**
 * Make an entry without access types and permissions, which the caller sets.
 *
 * @param type             whom it is for.
 * @param principal_name   "user@" or "user@domain", for USER and GROUP; ignored for others.
 * @return the entry, to be released with daos_ace_free; NULL for a wrong type or name, or no memory.
 */
struct daos_ace* daos_ace_create(enum daos_acl_principal_type type, const char* principal_name);

/** Release an entry. NULL is allowed. */
void daos_ace_free(struct daos_ace* ace);

/** Bytes of an entry with its name, or -DER_INVAL for NULL. */
ssize_t daos_ace_get_size(struct daos_ace* ace);

/** Print an entry to stdout, `tabs` tabulators deep. */
void daos_ace_dump(struct daos_ace* ace, uint32_t tabs);

/** Whether an entry is complete and consistent. */
bool daos_ace_is_valid(struct daos_ace* ace);

/* ---- principals ---- */

/** Whether text is a name: 1 to 255 characters with exactly one @, not in first place. */
bool daos_acl_principal_is_valid(const char* name);

/** "user@" of a user id. `name` out: released with free(). @return 0; -DER_NONEXIST; -DER_INVAL; -DER_NOMEM. */
int daos_acl_uid_to_principal(uid_t uid, char** name);
/** "group@" of a group id; as above. */
int daos_acl_gid_to_principal(gid_t gid, char** name);
/** User id of a name: what stands before the @. @return 0; -DER_NONEXIST; -DER_INVAL malformed; -DER_NOMEM. */
int daos_acl_principal_to_uid(const char* principal, uid_t* uid);
/** Group id of a name; as above. */
int daos_acl_principal_to_gid(const char* principal, gid_t* gid);

/** Name of an entry's principal: its own, or OWNER@, GROUP@, EVERYONE@. NULL for NULL. Points into the entry. */
const char* daos_ace_get_principal_str(struct daos_ace* ace);

/**
 * A principal from text: "u:name@" or "u:name@domain", "g:..." for a group, or a special name.
 *
 * @param type   out.
 * @param name   out: released with free(); NULL for special names.
 * @return 0; -DER_INVAL; -DER_NOMEM.
 */
int daos_acl_principal_from_str(const char* principal_str, enum daos_acl_principal_type* type, char** name);

/* ---- text ---- */

/** An entry from its short form. `ace` out: released with daos_ace_free. @return 0; -DER_INVAL; -DER_NOMEM. */
int daos_ace_from_str(const char* str, struct daos_ace** ace);

/**
 * Short form of an entry.
 *
 * @param buf       out: NUL-terminated; DAOS_ACL_MAX_ACE_STR_LEN bytes are always enough.
 * @return 0; -DER_TRUNC it does not fit, a prefix was written; -DER_INVAL also for permissions that differ by access
 * type.
 */
int daos_ace_to_str(struct daos_ace* ace, char* buf, size_t buf_len);

/** Long form of an entry's short form: "Allow::Owner:Read/Write". @return 0; -DER_TRUNC; -DER_INVAL. */
int daos_ace_str_get_verbose(const char* ace_str, char* buf, size_t buf_len);

/**
 * A list from entries in short form.
 *
 * @param ace_strs   [ace_nr]
 * @param acl        out: released with daos_acl_free.
 * @return 0; -DER_INVAL malformed, or a principal twice; -DER_NOMEM.
 */
int daos_acl_from_strs(const char** ace_strs, size_t ace_nr, struct daos_acl** acl);

/**
 * The entries of a list in short form.
 *
 * @param ace_strs   out: array of texts; release each, then the array, with free(). NULL for an empty list.
 * @param ace_nr     out.
 * @return 0; -DER_INVAL; -DER_NOMEM.
 */
int daos_acl_to_strs(struct daos_acl* acl, char*** ace_strs, size_t* ace_nr);

/**
 * Print a list: "# Entries:", then an entry per line.
 *
 * @param verbose   a comment with the long form before each entry.
 * @return 0; -DER_INVAL no stream, or a malformed list.
 */
int daos_acl_to_stream(FILE* stream, struct daos_acl* acl, bool verbose);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_SECURITY_H */
