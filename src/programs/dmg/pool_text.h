// Pools as dmg prints them: shared by the pool verbs, and without a system, so tests see every letter.
#pragma once

#include <control.pb.h>

#include <string>

#include "programs/output/outcome.h"

namespace daos::dmg {

std::string created_text(const control::PoolCreateReply& pool);
output::Json created_json(const control::PoolCreateReply& pool);

/// The line in front of a creation: what will be done.
std::string creating_text(const control::PoolCreateRequest& request);

std::string query_text(const control::PoolQueryReply& pool, bool show_enabled, bool health_only);
output::Json pool_json(const control::PoolQueryReply& pool, bool with_space, bool with_enabled);

std::string list_text(const control::PoolListReply& pools, bool verbose, bool no_query);

}  // namespace daos::dmg
