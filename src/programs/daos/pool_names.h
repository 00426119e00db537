// The pools that the caller may connect to: their names, without asking each.
#pragma once

#include "programs/daos/session.h"
#include "programs/output/pool_view.h"

namespace daos::cli {

/// `system`: empty, or what it must be called.
Result<std::vector<output::PoolView>> known_pools(const std::string& system);
/// One of them with what its service says.
Result<output::PoolView> queried_pool(const output::PoolView& known, const std::string& system);

}  // namespace daos::cli
