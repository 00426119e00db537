// From what an application asks for to a full object id: which class, how many groups. A pure function, so that every
// client of a pool of the same size makes the same id.
#pragma once

#include <cstdint>
#include <optional>

#include "model/classes/object_class.h"
#include "model/classes/object_id.h"
#include "platform/base/status.h"

namespace daos::classes {

/// Hint bits (daos_oclass_hints_t). At most one of the sharding hints may be set.
enum Hint : uint16_t {
  kHintRedundancyDefault = 1 << 0,
  kHintRedundancyNone = 1 << 1,
  kHintReplicate = 1 << 2,
  kHintErasureCode = 1 << 3,
  kHintShardDefault = 1 << 4,
  kHintShardTiny = 1 << 5,
  kHintShardRegular = 1 << 6,
  kHintShardHigh = 1 << 7,
  kHintShardExtra = 1 << 8,
  kHintShardMax = 1 << 9,
};

/// The pool and container as class choice sees them.
struct Fit {
  uint32_t domains = 1;             // fault domains of the container's level, placeable ones
  uint32_t targets = 1;             // of the whole pool
  uint32_t redundancy_factor = 0;   // the container's, 0..4
  std::optional<uint32_t> reserve;  // D_GX_RESERVED: targets kept free when all groups are asked for
};

/// `user` with the upper half of `hi` replaced by type, redundancy ordinal and resolved group count. kInvalid, naming
/// the reason: an unknown type or class, contradicting hints, a class that does not fit the pool.
Result<ObjectId> generate_oid(ObjectId user, uint32_t type, ClassId class_id, uint16_t hints, const Fit& fit);

/// How many groups stay unused when an object takes all, so that rebuild finds spare targets; less than what fits, if
/// one fits.
uint32_t reserved_groups(uint32_t group_size, const Fit& fit);

}  // namespace daos::classes
