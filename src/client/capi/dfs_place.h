// What the file layer has to know of a container's pool and properties.
#pragma once

#include <daos_fs.h>

#include "client/capi/handles.h"
#include "client/dfs/attributes.h"

namespace daos::capi {

/// kAgain: the pool's map is not there (a forked child that has not asked for it).
Result<dfs::Place> place_of(const PoolHandle& pool, const messages::Properties& container);

}  // namespace daos::capi

/// A mount. Immutable.
struct dfs {
  daos::core::ContainerRef container;
  daos::dfs::Superblock superblock;
  daos::dfs::Roots roots;
  daos::dfs::Place place;
  int flags = 0;
};
