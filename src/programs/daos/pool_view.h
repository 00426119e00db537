// What the C API says of a pool, as data to print.
#pragma once

#include "programs/daos/session.h"
#include "programs/output/pool_view.h"

namespace daos::cli {

output::PoolView view_of(const Pool::Info& pool);

}  // namespace daos::cli
