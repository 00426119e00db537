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

/// Data to its place, and what is missing into `holes`.
Status place_cells(const Array& array, uint64_t chunk_cells, const ArrayPart& part, const messages::FetchedValue& value,
                   MemoryList& memory, std::vector<Hole>& holes) {
  const uint64_t cell_bytes = array.shape().cell_bytes;
  if (value.record_bytes != 0 && value.record_bytes != cell_bytes) return wrong_cells(array, part.chunk, value);
  size_t run = 0;
  uint64_t from = 0;
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
      const uint64_t bytes = found.count * cell_bytes;
      if (found.count > end - found.start || bytes > value.value.size() - from) {
        return wrong_cells(array, part.chunk, value);
      }
      add_hole(at, found.start);
      memory.write((part.offsets[i] + (found.start - asked.start)) * cell_bytes,
                   value.value.bytes().subspan(from, bytes));
      from += bytes;
      at = found.start + found.count;
    }
    add_hole(at, end);
  }
  return run == value.extents.size() ? Status() : wrong_cells(array, part.chunk, value);
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
  fetch.akeys.push_back({.akey = cell_key(),
                         .kind = messages::ValueKind::kArray,
                         .extents = part.extents,
                         .bytes_max = part.cells * reading.array->shape().cell_bytes});
  const std::vector<messages::FetchedValue> values =
      DX_CO_TRY(co_await fetch_object(lane, reading.array->object(), std::move(fetch), stop));
  co_return place_cells(*reading.array, reading.chunk, part, values[0], reading.memory, reading.holes);
}

runtime::Task<Status> write_part(Lane& lane, ArrayRef array, const ArrayPart& part, const MemoryList& memory,
                                 runtime::StopToken stop) {
  const uint64_t cell_bytes = array->shape().cell_bytes;
  if (part.cells > kRequestBytesMax / cell_bytes) {
    co_return error(Code::kNotSupported,
                    "{} cells of {} bytes in one chunk: more than {} bytes are not transferred yet", part.cells,
                    cell_bytes, kRequestBytesMax);
  }
  IoBuf value = DX_CO_TRY(IoBuf::allocate(part.cells * cell_bytes));
  uint64_t at = 0;
  for (size_t i = 0; i < part.extents.size(); i++) {
    const uint64_t bytes = part.extents[i].count * cell_bytes;
    memory.read(part.offsets[i] * cell_bytes, value.writable().subspan(at, bytes));
    at += bytes;
  }
  Update update{.dkey = chunk_key(part.chunk), .akeys = {}};
  update.akeys.push_back({.akey = cell_key(),
                          .kind = messages::ValueKind::kArray,
                          .record_bytes = cell_bytes,
                          .extents = part.extents,
                          .value = std::move(value)});
  Status written = co_await update_object(lane, array->object(), std::move(update), stop);
  co_return written;
}

runtime::Task<Status> remove_part(Lane& lane, ArrayRef array, const ArrayPart& part, runtime::StopToken stop) {
  Update update{.dkey = chunk_key(part.chunk), .akeys = {}};
  update.akeys.push_back({.akey = cell_key(),
                          .kind = messages::ValueKind::kArray,
                          .record_bytes = 0,
                          .extents = part.extents,
                          .value = {}});
  Status removed = co_await update_object(lane, array->object(), std::move(update), stop);
  co_return removed;
}

}  // namespace

runtime::Task<Result<CellsRead>> read_cells(Lane& lane, ArrayRef array, CellRanges ranges, MemoryList memory,
                                            bool zero_holes, runtime::StopToken stop) {
  const uint64_t chunk = array->shape().chunk;
  Reading reading{
      .array = array, .chunk = chunk, .parts = cut_by_chunk(ranges, chunk), .memory = std::move(memory), .holes = {}};
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
  const std::vector<ArrayPart> parts = cut_by_chunk(ranges, array->shape().chunk);
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
