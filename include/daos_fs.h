/**
 * Files and directories in containers of type POSIX: creating such containers, and mounting them.
 *
 * What works on the files themselves is not there yet; docs/formats/posix.md says how they are stored. Calls return 0
 * or a positive errno: EPERM for -DER_NO_PERM, EEXIST for -DER_EXIST and so on (daos_der2errno).
 */
#ifndef DAOS_FS_H
#define DAOS_FS_H

#include <daos_array.h>
#include <daos_cont.h>
#include <daos_obj.h>
#include <daos_obj_class.h>
#include <daos_types.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DFS_MAX_NAME NAME_MAX
#define DFS_MAX_PATH PATH_MAX
#define DFS_MAX_FSIZE (~0ULL)
#define DFS_DEFAULT_CHUNK_SIZE 1048576
#define DFS_MAX_XATTR_NAME 255
#define DFS_MAX_XATTR_LEN 65536
#define DAOS_SUPER_MAGIC 0xDA05AD10 /**< f_type of statfs */

/* Consistency of operations on the namespace, chosen when the container is created. */
#define DFS_BALANCED 4 /**< each is atomic */
#define DFS_RELAXED 0

#define DFS_RDONLY O_RDONLY
#define DFS_RDWR O_RDWR

/** An open file, directory or symbolic link. */
typedef struct dfs_obj dfs_obj_t;
/** A mounted container. */
typedef struct dfs dfs_t;

/** What a container is created with, and what a mounted one says of itself. All zeros are the defaults. */
typedef struct {
  uint64_t da_id; /**< the caller's; not looked at */
  daos_size_t da_chunk_size;
  daos_oclass_id_t da_oclass_id;     /**< of files and directories, unless what follows says otherwise */
  daos_prop_t* da_props;             /**< create: properties of the container, or NULL */
  uint32_t da_mode;                  /**< DFS_RELAXED or DFS_BALANCED */
  daos_oclass_id_t da_dir_oclass_id; /**< of erasure code: as 0 */
  daos_oclass_id_t da_file_oclass_id;
  char da_hints[DAOS_CONT_HINT_MAX_LEN]; /**< "file:single,dir:max": how widely to spread, where no class is given */
} dfs_attr_t;

/**
 * Create a container of type POSIX with an empty root directory, which belongs to the caller.
 *
 * @param poh    pool connection that may write.
 * @param uuid   out: uuid of the container.
 * @param attr   what it is created with; borrowed. NULL for the defaults.
 * @param coh    out: the container, open to read and write; NULL leaves it closed.
 * @param dfs    out: mounted, to be given back with dfs_umount; needs `coh`. NULL does not mount.
 * @return 0; EINVAL, also for hints, classes and properties that are not known; EEXIST the label among the properties
 * is taken, or somebody else made a file system in it first; ENOTSUP a class with copies or parity; EPERM; ENOSPC.
 *         After an error nothing is left, but for what somebody else made.
 * @threadsafe yes
 */
int dfs_cont_create(daos_handle_t poh, uuid_t* uuid, dfs_attr_t* attr, daos_handle_t* coh, dfs_t** dfs);

/**
 * The same, with a label.
 *
 * @param label   as daos_cont_create_with_label.
 * @param uuid    out; may be NULL.
 */
int dfs_cont_create_with_label(daos_handle_t poh, const char* label, dfs_attr_t* attr, uuid_t* uuid, daos_handle_t* coh,
                               dfs_t** dfs);

/**
 * Mount an open container.
 *
 * @param flags   O_RDONLY, or O_RDWR where the container is open to write; with DFS_BALANCED, which a container that
 * was created so needs.
 * @param dfs     out: to be given back with dfs_umount before `coh` is closed.
 * @return 0; EINVAL no container of type POSIX, or its superblock is of a kind that this library does not read; ENOENT
 *         it has no superblock or root (yet); EPERM the handle does not write, or the container is balanced and the
 *         flags are not; EIO what the container says of its objects is malformed.
 * @threadsafe yes
 */
int dfs_mount(daos_handle_t poh, daos_handle_t coh, int flags, dfs_t** dfs);

/** Give a mount back; pool and container stay open. Local. @return 0; EINVAL. */
int dfs_umount(dfs_t* dfs);

/**
 * What a mounted container was created with.
 *
 * @param attr   out: a class that was not chosen is the one that files or directories get; da_props is NULL.
 * @return 0; EINVAL.
 * @threadsafe yes; no I/O.
 */
int dfs_query(dfs_t* dfs, dfs_attr_t* attr);

/**
 * Give a container of type POSIX, and its root directory, to others.
 *
 * @param coh     open to write.
 * @param user    principal, "alice@"; NULL leaves the user.
 * @param uid     its number on this system; -1 looks the name up here.
 * @param group   principal, "users@"; NULL leaves the group.
 * @param gid     as `uid`.
 * @return 0; EINVAL neither is given, or malformed, or no container of type POSIX; ENOENT a name that this host does
 * not know; EPERM.
 * @threadsafe yes
 */
int dfs_cont_set_owner(daos_handle_t coh, d_string_t user, uid_t uid, d_string_t group, gid_t gid);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_FS_H */
