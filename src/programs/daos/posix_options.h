// What only containers of type POSIX are created with: chunk size, classes, hints, consistency.
#pragma once

#include <daos_fs.h>

#include "programs/arguments/program.h"
#include "programs/daos/container_view.h"
#include "programs/daos/session.h"

namespace daos::cli {

struct PosixOptions {
  std::string chunk_size;
  std::string object_class;
  std::string directory_class;
  std::string file_class;
  std::string hints;
  std::string mode;

  void add_to(CLI::App& verb);
  /// kInvalid, kNotSupported: names the option's value and what would be possible.
  Result<dfs_attr_t> read() const;
};

/// daos_fs.h's error number as a Status.
Status from_errno(int number);

/// Adds to the view what a container of type POSIX says of its files.
Status look_at_files(const Pool& pool, const Container& container, ContainerView& view);

}  // namespace daos::cli
