// What a checkpoint writes, seen as items in an order, cut at boundaries: the index. Byte strings, so that nothing here
// knows keys.
#pragma once

#include <string>

#include "platform/base/codec.h"
#include "platform/base/status.h"

namespace daos::vos {

/// A place between items; memcmp orders boundaries as the index orders items. Empty: before the first item, or as an
/// end, behind the last.
using Boundary = std::string;

class ItemSource {
 public:
  virtual ~ItemSource() = default;
  /// Serialises the items in [from, to), at most about `bytes_max` bytes but at least one item, without waiting.
  /// Returns where it stopped: `to` when the range is complete.
  virtual Boundary serialise(const Boundary& from, const Boundary& to, size_t bytes_max, ByteVector& out) = 0;
};

}  // namespace daos::vos
