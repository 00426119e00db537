// Opens, asks and closes a container: what create, list -v and query show.
#pragma once

#include "programs/daos/container_view.h"
#include "programs/daos/session.h"

namespace daos::cli {

Result<ContainerView> look_up(const Pool& pool, const std::string& pool_uuid, const std::string& container);
/// The uuid of a pool that is connected.
Result<std::string> uuid_of(const Pool& pool);

}  // namespace daos::cli
