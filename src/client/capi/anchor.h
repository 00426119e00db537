// What the library keeps in a daos_anchor_t. All zeros are the beginning, so every field counts from zero.
//
//   keys      da_shard  group that is being listed (dkeys only)
//             da_flags  kOneGroup: the enumeration ends with the group
//             da_buf    97 bytes of the target's position in it
//   extents   da_buf    8 bytes: the record to continue from (in increasing order), or the one behind
//
// da_type is ZERO or EOF for the caller to see, HKEY in between.
#pragma once

#include <daos_types.h>

#include <cstring>

#include "model/messages/object.h"

namespace daos::capi {

inline constexpr uint32_t kOneGroup = 1;
static_assert(messages::kAnchorBytes <= DAOS_ANCHOR_BUF_MAX);

inline messages::AnchorBytes position_in_group(const daos_anchor_t& anchor) {
  messages::AnchorBytes bytes;
  std::memcpy(bytes.data(), anchor.da_buf, bytes.size());
  return bytes;
}

/// Continues in `group` at `position`.
inline void move_anchor(daos_anchor_t& anchor, uint32_t group, const messages::AnchorBytes& position) {
  anchor.da_type = DAOS_ANCHOR_TYPE_HKEY;
  anchor.da_shard = static_cast<uint16_t>(group);
  std::memcpy(anchor.da_buf, position.data(), position.size());
}

inline void end_anchor(daos_anchor_t& anchor) { anchor.da_type = DAOS_ANCHOR_TYPE_EOF; }

}  // namespace daos::capi
