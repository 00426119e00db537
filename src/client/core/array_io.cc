#include <algorithm>

#include "client/core/array_parts.h"

namespace daos::core {
namespace {

/// Cells that were asked for and are not there.
struct Hole {
  uint64_t cell;
  uint64_t count;
  uint64_t offset;  // in the caller's memory, in cells
};

Status wrong_cells(const Array& array, uint64_t chunk, const messages::FetchedValue& value) {
  if (value.record_bytes != array.shape().cell_bytes) {
    return error(Code::kInvalid, "array {}: chunk {} holds cells of {} bytes, it was opened with {}",
                 array.object()->id(), chunk, value.record_bytes, array.shape().cell_bytes);
  }
  return error(Code::kCorrupt, "array {}: chunk {} came with extents that were not asked for", array.object()->id(),
               chunk);
}

/// What is missing, into `holes`.
Status find_holes(const Array& array, uint64_t chunk_cells, const ArrayPart& part, const messages::FetchedValue& value,
                  std::vector<Hole>& holes) {
  if (value.record_bytes != 0 && value.record_bytes != array.shape().cell_bytes) {
    return wrong_cells(array, part.chunk, value);
  }
  size_t run = 0;
  for (size_t i = 0; i < part.extents.size(); i++) {
    const messages::Extent& asked = part.extents[i];
    const uint64_t end = asked.start + asked.count;
    const auto add_hole = [&](uint64_t start, uint64_t behind) {
      if (start == behind) return;
      holes.push_back({.cell = part.chunk * chunk_cells + start,
                       .count = behind - start,
                       .offset = part.offsets[i] + (start - asked.start)});
    };
    uint64_t at = asked.start;
    for (; run < value.extents.size(); run++) {
      const messages::Extent& found = value.extents[run];
      if (found.start < at || found.start >= end) break;
      if (found.count > end - found.start) return wrong_cells(array, part.chunk, value);
      add_hole(at, found.start);
      at = found.start + found.count;
    }
    add_hole(at, end);
  }
  return run == value.extents.size() ? Status() : wrong_cells(array, part.chunk, value);
}

/// The memory of a part's cells, in the order of its extents.
MemoryList memory_of(const ArrayPart& part, const MemoryList& memory, uint64_t cell_bytes) {
  MemoryList mine;
  for (size_t i = 0; i < part.extents.size(); i++) {
    memory.cut(part.offsets[i] * cell_bytes, part.extents[i].count * cell_bytes, mine);
  }
  return mine;
}

struct Reading {
  ArrayRef array;
  uint64_t chunk = 0;
  std::vector<ArrayPart> parts;
  MemoryList memory;
  std::vector<Hole> holes;
};

runtime::Task<Status> read_part(Lane& lane, Reading& reading, size_t index, runtime::StopToken stop) {
  const ArrayPart& part = reading.parts[index];
  Fetch fetch{.dkey = chunk_key(part.chunk), .akeys = {}};
  fetch.akeys.push_back({.akey = cell_key(), .kind = messages::ValueKind::kArray, .extents = part.extents});
  fetch.memory.push_back(memory_of(part, reading.memory, reading.array->shape().cell_bytes));
  const std::vector<messages::FetchedValue> values =
      DX_CO_TRY(co_await fetch_object(lane, reading.array->object(), std::move(fetch), stop));
  co_return find_holes(*reading.array, reading.chunk, part, values[0], reading.holes);
}

runtime::Task<Status> write_part(Lane& lane, ArrayRef array, const ArrayPart& part, const MemoryList& memory,
                                 runtime::StopToken stop) {
  const uint64_t cell_bytes = array->shape().cell_bytes;
  Update update{.dkey = chunk_key(part.chunk), .akeys = {}};
  update.akeys.push_back(
      {.akey = cell_key(), .kind = messages::ValueKind::kArray, .record_bytes = cell_bytes, .extents = part.extents});
  update.memory.push_back(memory_of(part, memory, cell_bytes));
  Status written = co_await update_object(lane, array->object(), std::move(update), stop);
  co_return written;
}

runtime::Task<Status> remove_part(Lane& lane, ArrayRef array, const ArrayPart& part, runtime::StopToken stop) {
  Update update{.dkey = chunk_key(part.chunk), .akeys = {}};
  update.akeys.push_back(
      {.akey = cell_key(), .kind = messages::ValueKind::kArray, .record_bytes = 0, .extents = part.extents});
  Status removed = co_await update_object(lane, array->object(), std::move(update), stop);
  co_return removed;
}

}  // namespace

runtime::Task<Result<CellsRead>> read_cells(Lane& lane, ArrayRef array, CellRanges ranges, MemoryList memory,
                                            bool zero_holes, runtime::StopToken stop) {
  Reading reading{.array = array,
                  .chunk = array->shape().chunk,
                  .parts = cut_by_chunk(ranges, array->shape()),
                  .memory = std::move(memory),
                  .holes = {}};
  const auto read = [&](size_t index) { return read_part(lane, reading, index, stop); };
  DX_CO_TRY(co_await several_at_once(lane, reading.parts.size(), read));
  CellsRead cells;
  for (const messages::Extent& range : ranges) cells.below_size += range.count;
  if (!zero_holes || reading.holes.empty()) co_return cells;

  // Only now: what was written meanwhile makes the array longer, never shorter than what was just read.
  const uint64_t size = DX_CO_TRY(co_await array_size(lane, array, stop));
  const uint64_t cell_bytes = array->shape().cell_bytes;
  for (const Hole& hole : reading.holes) {
    const uint64_t below = size > hole.cell ? std::min(hole.count, size - hole.cell) : 0;
    reading.memory.clear(hole.offset * cell_bytes, below * cell_bytes);
    cells.below_size -= hole.count - below;
    cells.beyond += hole.count - below;
  }
  co_return cells;
}

runtime::Task<Status> write_cells(Lane& lane, ArrayRef array, CellRanges ranges, MemoryList memory,
                                  runtime::StopToken stop) {
  const std::vector<ArrayPart> parts = cut_by_chunk(ranges, array->shape());
  const auto write = [&](size_t index) { return write_part(lane, array, parts[index], memory, stop); };
  Status written = co_await several_at_once(lane, parts.size(), write);
  co_return written;
}

runtime::Task<Status> remove_cells(Lane& lane, ArrayRef array, CellRanges ranges, runtime::StopToken stop) {
  const std::vector<ArrayPart> parts = cut_by_chunk(ranges, array->shape().chunk);
  const auto remove = [&](size_t index) { return remove_part(lane, array, parts[index], stop); };
  Status removed = co_await several_at_once(lane, parts.size(), remove);
  co_return removed;
}

}  // namespace daos::core
