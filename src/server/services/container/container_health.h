// Whether a container may have lost data. Pure functions of its properties and the pool map.
#pragma once

#include "model/map/pool_map.h"
#include "model/messages/common.h"

namespace daos::services {

/// How many things that fail together (by the container's redundancy level) went out after map version `cleared`, and
/// are still out.
uint32_t failures_since(const map::PoolMap& map, const messages::Properties& properties, map::MapVersion cleared);

/// A target said that acknowledged updates are gone, and nobody has declared the container healthy since. Stored as the
/// container's status.
bool lost_data(const messages::Properties& properties);

/// That, or more failures than the container's redundancy factor covers.
bool is_unclean(const map::PoolMap& map, const messages::Properties& properties, map::MapVersion cleared);

}  // namespace daos::services
