#include "platform/journal/block_builder.h"

#include <algorithm>
#include <cstring>

namespace daos::journal {

Status BlockBuilder::open_block() {
  uint64_t position = next_;
  if (!blocks_.empty()) position = blocks_.back().position + padded(blocks_.back());
  if (position % segment_bytes_ == 0) position += kHeaderArea;
  const uint64_t segment_end = align_down(position, segment_bytes_) + segment_bytes_;
  Block block{.position = position, .limit = std::min<uint64_t>(buffer_bytes(), segment_end - position)};
  if (buffers_.empty()) {
    block.buffer = DX_TRY(IoBuf::allocate(buffer_bytes(), IoBuf::kDirectAlignment));
  } else {
    block.buffer = std::move(buffers_.back());
    buffers_.pop_back();
  }
  blocks_.push_back(std::move(block));
  queued_bytes_ += BlockHeader::kBytes;
  return {};
}

Status BlockBuilder::add_empty() { return open_block(); }

Result<uint64_t> BlockBuilder::add(std::span<const ByteSpan> parts, uint64_t bytes) {
  // All memory first, so that a record is never half there.
  const size_t blocks_before = blocks_.size();
  const size_t used_before = blocks_.empty() ? 0 : blocks_.back().used;
  const uint64_t queued_before = queued_bytes_;
  const auto undo = [&] {
    while (blocks_.size() > blocks_before) {
      recycle(std::move(blocks_.back()));
      blocks_.pop_back();
    }
    if (!blocks_.empty()) blocks_.back().used = used_before;
    queued_bytes_ = queued_before;
  };

  auto source = parts.begin();
  size_t source_used = 0;
  uint64_t left = bytes;
  uint32_t index = 0;
  do {
    const size_t least = PartHeader::kBytes + (left > 0 ? 1 : 0);
    if (blocks_.empty() || blocks_.back().limit - blocks_.back().used < least) {
      Status opened = open_block();
      if (!opened.ok()) {
        undo();
        return opened;
      }
      continue;
    }
    Block& block = blocks_.back();
    const size_t n = std::min<uint64_t>(left, block.limit - block.used - PartHeader::kBytes);
    std::byte* into = block.buffer.data() + block.used + PartHeader::kBytes;
    for (size_t done = 0; done < n;) {
      const size_t piece = std::min(n - done, source->size() - source_used);
      if (piece > 0) std::memcpy(into + done, source->data() + source_used, piece);
      done += piece;
      source_used += piece;
      if (source_used == source->size()) {
        ++source;
        source_used = 0;
      }
    }
    left -= n;
    const PartHeader header{
        .bytes = static_cast<uint32_t>(n), .index = index++, .flags = left == 0 ? PartHeader::kLast : 0};
    seal_part(header, block.buffer.writable().subspan(block.used, PartHeader::kBytes + n));
    block.used += PartHeader::kBytes + n;
    queued_bytes_ += PartHeader::kBytes + n;
    if (left == 0) break;
  } while (true);
  Block& last = blocks_.back();
  return last.last_record = last.position + last.used;
}

Block BlockBuilder::take() {
  Block block = std::move(blocks_.front());
  blocks_.pop_front();
  queued_bytes_ -= block.used;
  next_ = block.position + padded(block);
  return block;
}

void BlockBuilder::recycle(Block block) {
  if (buffers_.size() < kBuffersKept && block.buffer.unique()) buffers_.push_back(std::move(block.buffer));
}

uint64_t BlockBuilder::cost(uint64_t bytes) const {
  constexpr uint64_t kHeaders = BlockHeader::kBytes + PartHeader::kBytes;
  const uint64_t blocks = bytes / (buffer_bytes() - kHeaders) + 2;
  const uint64_t segments = bytes / (segment_bytes_ - kHeaderArea) + 2;
  // At a segment's end the last block may be too small for anything, or nearly so.
  return bytes + (blocks + segments) * kHeaders + (segments + 1) * alignment_;
}

}  // namespace daos::journal
