// Which blocks of a file are free. Best fit: the smallest free run that is large enough, of those the first in the
// file, so that long runs stay whole and the file's end is used last. Neighbours are merged. Everything is O(log n) in
// the number of free runs. In memory only: whoever stores what is taken derives the rest at load.
#pragma once

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace daos::vos {

/// Blocks [block, block + blocks) of a file.
struct BlockRun {
  uint64_t block = 0;
  uint64_t blocks = 0;
  uint64_t end() const { return block + blocks; }
  auto operator<=>(const BlockRun&) const = default;
};

class BlockSpace {
 public:
  /// A file of `blocks`, all free.
  explicit BlockSpace(uint64_t blocks = 0) { grow(blocks); }
  uint64_t blocks() const { return blocks_; }
  uint64_t free_blocks() const { return free_blocks_; }
  /// How many the longest free run has: what allocate() can give at most.
  uint64_t longest() const { return by_size_.empty() ? 0 : by_size_.rbegin()->first; }
  /// Adds free blocks at the end.
  void grow(uint64_t blocks);
  std::optional<BlockRun> allocate(uint64_t blocks);
  void free(BlockRun run);
  /// Takes exactly this run; false when part of it is taken or outside.
  bool take(BlockRun run);
  /// Takes those parts of the run that are free: the result, in order.
  std::vector<BlockRun> take_what_is_free(BlockRun run);

 private:
  using Free = absl::btree_map<uint64_t, uint64_t>;
  void add(BlockRun run);
  void remove(Free::iterator run);

  uint64_t blocks_ = 0;
  uint64_t free_blocks_ = 0;
  Free free_;                                               // first block -> how many
  absl::btree_set<std::pair<uint64_t, uint64_t>> by_size_;  // the same: how many, first block
};

}  // namespace daos::vos
