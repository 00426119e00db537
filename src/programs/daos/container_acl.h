// The access-control list of an open container, as the ACL verbs show it.
#pragma once

#include "programs/acl/acl_list.h"
#include "programs/daos/session.h"

namespace daos::cli {

Result<acl::View> acl_of(const Container& container);
/// What the verbs that change a list print: the list as it is then.
Result<output::Answer> changed_acl(const Container& container, const std::string& shown);

}  // namespace daos::cli
