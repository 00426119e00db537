// What dmg says of a pool's creation, and pools as daos_server describes them. Without a system, so tests see every
// letter.
#pragma once

#include <control.pb.h>

#include <string>

#include "programs/output/outcome.h"
#include "programs/output/pool_view.h"

namespace daos::dmg {

/// The line in front of a creation: what will be done.
std::string creating_text(const control::PoolCreateRequest& request);
std::string created_text(const control::PoolCreateReply& pool);
output::Json created_json(const control::PoolCreateReply& pool);

output::PoolView view_of(const control::PoolQueryReply& pool);

}  // namespace daos::dmg
