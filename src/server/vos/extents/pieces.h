// Which pieces of a target's region of a device belong to which pool. In memory: the superblocks of the shards say it,
// and nothing else does, so that no table can disagree with them after a crash. Pure.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "server/vos/extents/device.h"

namespace daos::vos {

class PieceTable {
 public:
  explicit PieceTable(PieceRange region = {}) : region_(region) {}
  const PieceRange& region() const { return region_; }
  uint32_t free() const { return region_.count - static_cast<uint32_t>(owners_.size()); }

  /// What a shard's superblock says. kCorrupt, and nothing has changed, when a piece lies outside or is another pool's.
  Status claim(const Uuid& pool, std::span<const uint32_t> pieces);
  /// The first free ones. kNoSpace, saying what there is.
  Result<std::vector<uint32_t>> take(const Uuid& pool, uint32_t count);
  /// The pool's shard is gone from the disk, for good.
  void release(const Uuid& pool);

 private:
  PieceRange region_;
  std::map<uint32_t, Uuid> owners_;
};

}  // namespace daos::vos
