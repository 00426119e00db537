// A caller's memory in pieces, addressed as one row of bytes. Owns nothing: the memory is the caller's until the
// operation completes.
#pragma once

#include <vector>

#include "platform/base/bytes.h"

namespace daos::core {

class MemoryList {
 public:
  MemoryList() = default;
  MemoryList(void* data, size_t bytes) { add(data, bytes); }
  /// Pieces of no bytes are left out.
  void add(void* data, size_t bytes) {
    if (bytes == 0) return;
    pieces_.push_back({static_cast<std::byte*>(data), size_, bytes});
    size_ += bytes;
  }
  uint64_t size() const { return size_; }

  // The caller has checked that [offset, offset + bytes) lies within.
  void read(uint64_t offset, MutableByteSpan to) const;
  void write(uint64_t offset, ByteSpan from);
  void clear(uint64_t offset, uint64_t bytes);
  /// Appends the pieces of that range.
  void cut(uint64_t offset, uint64_t bytes, MemoryList& out) const;

  /// Appends the memory of that range, in order.
  void append_to(uint64_t offset, uint64_t bytes, std::vector<MutableByteSpan>& out) const;
  /// In order.
  void append_to(std::vector<MutableByteSpan>& out) const {
    for (const Piece& piece : pieces_) out.push_back({piece.data, piece.bytes});
  }

 private:
  struct Piece {
    std::byte* data;
    uint64_t offset;
    size_t bytes;
  };
  /// `function(where, at, part)`: each part of the range in memory, and where it is in the range.
  void each(uint64_t offset, uint64_t bytes, auto&& function) const;

  std::vector<Piece> pieces_;
  uint64_t size_ = 0;
};

}  // namespace daos::core
