#include "client/core/memory_list.h"

#include <algorithm>
#include <cstring>

#include "platform/base/check.h"

namespace daos::core {

void MemoryList::each(uint64_t offset, uint64_t bytes, auto&& function) const {
  DX_CHECK(offset <= size_ && bytes <= size_ - offset, "bytes {}+{} of {}", offset, bytes, size_);
  if (bytes == 0) return;
  auto piece = std::ranges::upper_bound(pieces_, offset, {}, &Piece::offset) - 1;
  for (uint64_t done = 0; done < bytes; ++piece) {
    const uint64_t skip = offset + done - piece->offset;
    const uint64_t part = std::min<uint64_t>(piece->bytes - skip, bytes - done);
    function(piece->data + skip, done, part);
    done += part;
  }
}

void MemoryList::read(uint64_t offset, MutableByteSpan to) const {
  each(offset, to.size(),
       [&](const std::byte* where, uint64_t at, uint64_t part) { std::memcpy(to.data() + at, where, part); });
}

void MemoryList::write(uint64_t offset, ByteSpan from) {
  each(offset, from.size(),
       [&](std::byte* where, uint64_t at, uint64_t part) { std::memcpy(where, from.data() + at, part); });
}

void MemoryList::cut(uint64_t offset, uint64_t bytes, MemoryList& out) const {
  each(offset, bytes, [&](std::byte* where, uint64_t, uint64_t part) { out.add(where, part); });
}

void MemoryList::append_to(uint64_t offset, uint64_t bytes, std::vector<MutableByteSpan>& out) const {
  each(offset, bytes, [&](std::byte* where, uint64_t, uint64_t part) { out.push_back({where, part}); });
}

void MemoryList::clear(uint64_t offset, uint64_t bytes) {
  each(offset, bytes, [&](std::byte* where, uint64_t, uint64_t part) { std::memset(where, 0, part); });
}

}  // namespace daos::core
