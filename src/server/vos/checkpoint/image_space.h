// Which blocks of the images file are free. First fit from the front, so that the file stays as short as it can.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "server/vos/checkpoint/format.h"

namespace daos::vos {

class ImageSpace {
 public:
  /// A file of `blocks`, all free.
  explicit ImageSpace(uint64_t blocks = 0) { grow(blocks); }
  uint64_t blocks() const { return blocks_; }
  uint64_t free_blocks() const { return free_blocks_; }
  /// Adds free blocks at the end.
  void grow(uint64_t blocks);
  std::optional<ImageRun> allocate(uint32_t blocks);
  void free(ImageRun run);
  /// Takes exactly this run, as the table says; false when part of it is taken or outside.
  bool take(ImageRun run);

 private:
  uint64_t blocks_ = 0;
  uint64_t free_blocks_ = 0;
  std::map<uint64_t, uint64_t> free_;  // first block -> how many; neighbours are merged
};

}  // namespace daos::vos
