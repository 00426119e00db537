// Between the API's property lists and the lists that travel (messages::Property). Pointer values travel as their
// bytes.
#pragma once

#include <daos_prop.h>

#include "client/capi/handles.h"
#include "model/messages/common.h"

namespace daos::capi {

/// Layout version of objects.
inline constexpr uint16_t kObjectVersion = 2;

/// A valid list as it travels; null gives none.
messages::Properties to_messages(const daos_prop_t* prop);
/// Fills `prop`: all of `known` when it has no entries, else the listed ones. A type that is not in `known` is NOT_SET.
Status from_messages(const messages::Properties& known, daos_prop_t* prop);

/// What is stored of a new container: what was given, and a default for everything else. kNotSupported, with the way
/// that works today: a redundancy factor above 0.
Result<messages::Properties> complete_container(messages::Properties given, const PoolHandle& pool, const char* label);
/// What a query of a container tells: what is stored, and what is computed.
messages::Properties container_properties(const messages::ContainerInfo& info);
/// The same of a pool.
messages::Properties pool_properties(const messages::PoolInfo& info);

}  // namespace daos::capi
