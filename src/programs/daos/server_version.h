// The servers' version, as the library learns it from the system.
#pragma once

#include "programs/daos/session.h"

namespace daos::cli {

/// "2.9.100". The library asks through a pool: kUninitialized without one.
Result<std::string> server_version();

}  // namespace daos::cli
