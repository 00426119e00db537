// The access-control list of a pool, as the ACL verbs print it.
#pragma once

#include "programs/acl/acl_list.h"
#include "programs/dmg/verbs.h"

namespace daos::dmg {

acl::View view_of(const control::PoolAclReply& reply);
output::Json acl_json(const acl::View& view);

/// Sends a change and prints the list as it is then, under "<command> command succeeded, ID: <pool>".
Result<output::Answer> change_acl(const std::string& command, const control::PoolChangeAclRequest& request);

}  // namespace daos::dmg
