// Which properties a container starts with, and which a caller may change. Pure functions; clients complete numbers,
// the service what stands for rights.
#pragma once

#include "model/messages/container.h"
#include "model/messages/property_numbers.h"
#include "model/rights/permissions.h"

namespace daos::services {

/// What the creator gave, checked, with owner, owner group and access-control list filled in. kInvalid.
Result<messages::Properties> complete_properties(messages::Properties given, const messages::Credential& creator);

/// Checks a change by somebody with these permissions; a valid list is normalised. kNoPerm, kInvalid.
Result<messages::Properties> checked_change(messages::Properties wanted, uint64_t permissions);

/// The list of `properties` under `type` (or what stands in for a missing one) after a change, in its stored form.
/// kInvalid, kNonexistent.
Result<std::string> changed_acl(const messages::Properties& properties, uint32_t type, rights::Acl (*otherwise)(),
                                const messages::AclChange& change);

/// Checks an administrator's change of a pool; a valid list is normalised. kInvalid: not one that changes, or no such
/// value. kNotSupported.
Result<messages::Properties> checked_pool_change(messages::Properties wanted);

/// What rights to a new pool rest on is well-formed. kInvalid.
Status check_pool_properties(const messages::Properties& properties);

/// A label as the API defines it: 1 to 127 of letters, digits and ".-_:", and no uuid.
bool is_label(std::string_view text);

uint64_t number_of(const messages::Properties& properties, uint32_t type, uint64_t otherwise);

/// Permissions that properties give a credential.
uint64_t permissions_of_container(const messages::Properties& properties, const messages::Credential& who);
uint64_t permissions_of_pool(const messages::Properties& properties, const messages::Credential& who);
std::string_view owner_of(const messages::Properties& properties, uint32_t type);

}  // namespace daos::services
