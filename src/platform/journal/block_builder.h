// Lays records out in blocks: what a turn appends, until the log takes it to commit it. Pure bookkeeping, no I/O.
#pragma once

#include <algorithm>
#include <deque>
#include <initializer_list>
#include <vector>

#include "platform/journal/format.h"

namespace daos::journal {

/// A block being filled, or sealed and on its way.
struct Block {
  uint64_t position = 0;
  size_t limit = 0;  // it may grow to this
  size_t used = BlockHeader::kBytes;
  uint64_t last_record = 0;  // behind the last record that ends in it, or 0
  IoBuf buffer;
};

class BlockBuilder {
 public:
  BlockBuilder(uint64_t segment_bytes, uint32_t alignment) : segment_bytes_(segment_bytes), alignment_(alignment) {}
  /// Where the next block goes, once nothing is queued.
  void start_at(uint64_t position) { next_ = position; }

  /// Copies a record in; the position behind it. kNoMemory when there is none, and then nothing was added.
  Result<uint64_t> add(std::span<const ByteSpan> parts, uint64_t bytes);
  /// A block without records, for what its header says.
  Status add_empty();
  bool empty() const { return blocks_.empty(); }
  const std::deque<Block>& blocks() const { return blocks_; }
  uint64_t queued_bytes() const { return queued_bytes_; }
  /// Removes the first block, padded to whole alignment units but not yet sealed. Its successors start behind it.
  Block take();
  /// Gives a block's memory back once it is written.
  void recycle(Block block);
  void clear() { blocks_.clear(); }

  /// Position from which on nothing is used.
  uint64_t at() const { return blocks_.empty() ? next_ : blocks_.back().position + blocks_.back().used; }
  /// At most so much of the log goes for a record of that many bytes, with all headers and padding.
  uint64_t cost(uint64_t bytes) const;
  size_t padded(const Block& block) const { return align_up(block.used, alignment_); }

 private:
  static constexpr size_t kBuffersKept = 8;  // a deeper queue allocates
  size_t buffer_bytes() const { return std::min<uint64_t>(kBlockBytesMax, segment_bytes_ - kHeaderArea); }
  Status open_block();

  const uint64_t segment_bytes_;
  const uint32_t alignment_;
  uint64_t next_ = 0;
  std::deque<Block> blocks_;  // the last one is being filled
  uint64_t queued_bytes_ = 0;
  std::vector<IoBuf> buffers_;  // free ones
};

}  // namespace daos::journal
