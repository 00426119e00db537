// Paths of the unified namespace: daos://POOL/CONTAINER, and files and directories that carry the attribute user.daos.
#pragma once

#include <string>

#include "platform/base/status.h"

namespace daos::cli {

struct NamespacePath {
  std::string pool;       // label or uuid
  std::string container;  // empty: a pool alone
};
/// kInvalid: neither daos://... nor below a linked directory, or what is linked there is malformed.
Result<NamespacePath> resolve_path(const std::string& path);
/// Of a path that may not exist yet: by the nearest linked directory above it.
Result<NamespacePath> resolve_parent(const std::string& path);
bool is_direct(const std::string& path);

/// Makes what stands for a container in a file system: a directory for type POSIX, else a file. kInvalid, naming the
/// path: it exists, its parent does not, or the file system keeps no such attributes; nothing is left then.
Status link_path(const std::string& path, const std::string& type, const std::string& pool_uuid,
                 const std::string& container_uuid);
/// Takes it away again.
Status unlink_path(const std::string& path);

}  // namespace daos::cli
