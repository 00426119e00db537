// The work of a call on an array, by chunk. Of this folder only.
#pragma once

#include <algorithm>

#include "client/core/array.h"

namespace daos::core {

/// Of one part: what a target moves without asking twice, and what its request has room for.
inline constexpr uint64_t kPartBytesMax = messages::kUpdateBytesMax / 4;
inline constexpr size_t kPartExtentsMax = 64u << 10;

/// What concerns one chunk, in one request: extents that do not overlap.
struct ArrayPart {
  uint64_t chunk = 0;
  std::vector<messages::Extent> extents;  // in records of the chunk
  std::vector<uint64_t> offsets;          // of each in the caller's memory, in cells
  uint64_t cells = 0;
};
/// Parts of at most `cells_max` cells.
std::vector<ArrayPart> cut_by_chunk(const CellRanges& ranges, uint64_t chunk, uint64_t cells_max = UINT64_MAX);
inline std::vector<ArrayPart> cut_by_chunk(const CellRanges& ranges, const ArrayShape& shape) {
  return cut_by_chunk(ranges, shape.chunk, std::max<uint64_t>(1, kPartBytesMax / shape.cell_bytes));
}

/// Runs `function(size_t index)`, a Task<Status>, for each index below `count`, several at once. The first error, after
/// which no more are begun.
template <class Function>
runtime::Task<Status> several_at_once(Lane& lane, size_t count, Function function) {
  constexpr size_t kAtOnce = 16;
  size_t next = 0;
  bool failed = false;
  const auto work = [&]() -> runtime::Task<Status> {
    while (next < count && !failed) {
      Status done = co_await function(next++);
      if (!done.ok()) {
        failed = true;
        co_return done;
      }
    }
    co_return Status();
  };
  runtime::Scope scope(lane.reactor());
  for (size_t i = 0; i < std::min(count, kAtOnce); i++) scope.spawn(work());
  Status all = co_await scope.join();
  co_return all;
}

inline IoBuf chunk_key(uint64_t chunk) {
  const uint64_t dkey = chunk + 1;
  return IoBuf::copy_of(std::as_bytes(std::span(&dkey, 1)));
}
inline IoBuf cell_key() { return IoBuf::copy_of(as_bytes("0")); }

}  // namespace daos::core
