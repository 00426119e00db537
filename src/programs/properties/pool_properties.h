// `--properties k:v,...` of a pool, understood or refused with a reason. Used by daos_server, so that every client of
// the control socket gets the same answer. Pure functions.
#pragma once

#include <map>
#include <string>

#include "model/messages/common.h"
#include "platform/base/status.h"
#include "programs/properties/shown.h"

namespace daos::properties {

struct PoolSettings {
  messages::Properties properties;  // numbers of the API (daos_prop.h), only what was asked for, and rd_fac
  uint8_t durability = 0;           // 0 power, 1 process
};

/// kInvalid: no such property, or a value that it cannot have. kNotSupported: rd_fac above 0, which is not there yet,
/// naming the command that works. `label` is the pool's, for that command.
Result<PoolSettings> parse_pool_properties(const std::map<std::string, std::string>& given, const std::string& label);

/// What may change later. kInvalid: another property, one that is fixed at creation, or a value that it cannot have.
Result<messages::Properties> parse_pool_change(const std::map<std::string, std::string>& given);

/// A row for each property that is set, by key.
std::vector<Shown> show_pool(const messages::Properties& properties, const AclEntries& acl);

}  // namespace daos::properties
