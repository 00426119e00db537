// Places in the order of the index, which checkpoint cuts it at. As strings:
//
//   object     container (16 bytes), high and low word of the object id (big-endian)
//   dkey       object, 0x01, the key's order string (keys.h)
//   akey       dkey, 0x01, the key's order string
//   version    akey, 0x01, epoch (8, big-endian), minor (2, big-endian): of a single value
//   extent     akey, 0x02, first record (8, big-endian)
//
// A shorter string stands before what begins with it: the record of an object or dkey itself is before what is in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/vos/index/version.h"
#include "server/vos/records/log_records.h"

namespace daos::vos {

struct Place {
  enum class Level : uint8_t { kObject, kDkey, kAkey, kVersion, kExtent };
  Level level = Level::kObject;
  Uuid container;
  classes::ObjectId object;
  std::string dkey, akey;
  Version version;
  uint64_t start = 0;
};
std::string boundary_of(const Place& place);
/// Nothing for a string that is no boundary.
std::optional<Place> place_of(std::string_view boundary);

/// Behind everything that is in the place with this boundary.
inline std::string end_of(std::string boundary) { return std::move(boundary) + '\xff'; }

std::string object_boundary(const Uuid& container, const classes::ObjectId& object);
std::string dkey_boundary(const Uuid& container, const classes::ObjectId& object, ByteSpan dkey);
std::string akey_boundary(const Uuid& container, const classes::ObjectId& object, ByteSpan dkey, ByteSpan akey);
std::string version_boundary(std::string_view akey, Version version);
std::string extent_boundary(std::string_view akey, uint64_t start);
/// Where `boundary` cuts the extents of the akey whose boundary is `akey`; nothing when it does not.
std::optional<uint64_t> extent_cut(std::string_view akey, std::string_view boundary);

}  // namespace daos::vos
