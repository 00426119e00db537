// `--properties k:v,...` of a container, understood or refused with a reason. Pure functions.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/messages/common.h"
#include "platform/base/status.h"
#include "programs/properties/shown.h"

namespace daos::properties {

struct ContainerSettings {
  std::string label;                // from label:x; empty if not given
  messages::Properties properties;  // numbers of the API (daos_prop.h), only what was asked for
};

/// kInvalid: no such property, or a value that it cannot have. kNotSupported: what is not there yet (redundancy,
/// deduplication, compression, encryption), naming the command that works. `pool` and `container` are for
/// that command.
Result<ContainerSettings> parse_container_properties(const std::vector<std::pair<std::string, std::string>>& given,
                                                     const std::string& pool, const std::string& container);

/// What may change later: label and status. kInvalid: another property, or a value that it cannot have.
Result<messages::Properties> parse_container_change(const std::vector<std::pair<std::string, std::string>>& given);

/// A row for each property that is set, by key.
std::vector<Shown> show_container(const messages::Properties& properties, const AclEntries& acl);

/// "posix" in any letter case -> the API's layout number; kInvalid "unknown container layout "x"".
Result<uint64_t> parse_layout(const std::string& text);
/// "POSIX", "unknown" ...
std::string layout_name(uint64_t layout);

}  // namespace daos::properties
