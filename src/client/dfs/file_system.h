// The file system of an open container: its superblock and its root directory. The functions run on a lane.
#pragma once

#include "client/core/object.h"
#include "client/dfs/attributes.h"

namespace daos::dfs {

struct Owner {
  uint32_t uid = 0;
  uint32_t gid = 0;
};

/// Writes superblock and root into a new container that is open to write. kExists: somebody else has.
runtime::Task<Status> format(core::Lane& lane, core::ContainerRef container, Plan plan, Owner owner,
                             runtime::StopToken stop);

/// What an open file system rests on.
struct FileSystem {
  Superblock superblock;
  Roots roots;
  Entry root;
};
/// kNonexistent: superblock or root are not there (yet). kInvalid, kIo: they are malformed.
runtime::Task<Result<FileSystem>> read_file_system(core::Lane& lane, core::ContainerRef container, Roots roots,
                                                   runtime::StopToken stop);

/// What is not given stays.
struct NewOwner {
  std::optional<uint32_t> uid;
  std::optional<uint32_t> gid;
};
runtime::Task<Status> change_root_owner(core::Lane& lane, core::ContainerRef container, Roots roots, NewOwner owner,
                                        runtime::StopToken stop);

}  // namespace daos::dfs
