// One-dimensional arrays of cells on top of objects. A chunk of cells is one dkey, so the work of a call is cut by
// chunk, and chunks are read and written several at once.
//
//   cell i: dkey i / chunk + 1 (8 bytes), akey "0", record i % chunk of `cell_bytes`
//   dkey 0, akey "0": for arrays that keep their attributes, a single value of three numbers {magic, cell bytes, chunk}
//
// Thread-safety: any thread; the functions run on a lane.
#pragma once

#include <atomic>

#include "client/core/memory_list.h"
#include "client/core/object.h"

namespace daos::core {

struct ArrayShape {
  uint64_t cell_bytes = 0;
  uint64_t chunk = 0;  // cells
};

class Array {
 public:
  Array(ObjectRef object, ArrayShape shape)
      : object_(std::move(object)), cell_bytes_(shape.cell_bytes), chunk_(shape.chunk) {}

  const ObjectRef& object() const { return object_; }
  ArrayShape shape() const { return {.cell_bytes = cell_bytes_, .chunk = chunk_.load(std::memory_order_relaxed)}; }
  /// Of this handle only; for who opened it with a guess.
  void set_chunk(uint64_t chunk) { chunk_.store(chunk, std::memory_order_relaxed); }

 private:
  const ObjectRef object_;
  const uint64_t cell_bytes_;
  std::atomic<uint64_t> chunk_;  // alone: relaxed
};
using ArrayRef = std::shared_ptr<Array>;

/// kExists: somebody created it before.
runtime::Task<Status> write_array_shape(Lane& lane, ObjectRef object, ArrayShape shape, runtime::StopToken stop);
/// kNonexistent: it was not created, or is destroyed; kNoPerm: something else is stored there.
runtime::Task<Result<ArrayShape>> read_array_shape(Lane& lane, ObjectRef object, runtime::StopToken stop);

/// Cells [start, start + count), one after the other in the caller's memory.
using CellRanges = std::vector<messages::Extent>;

struct CellsRead {
  uint64_t below_size =
      0;  // of the cells asked for; all, and nothing measured, unless holes were to be told from the end
  uint64_t beyond = 0;
};
/// Memory of cells that are not there stays as it is; with `zero_holes` those below the array's size become zero. The
/// memory is the caller's until the task ends, and as long as the ranges.
runtime::Task<Result<CellsRead>> read_cells(Lane& lane, ArrayRef array, CellRanges ranges, MemoryList memory,
                                            bool zero_holes, runtime::StopToken stop);
runtime::Task<Status> write_cells(Lane& lane, ArrayRef array, CellRanges ranges, MemoryList memory,
                                  runtime::StopToken stop);
runtime::Task<Status> remove_cells(Lane& lane, ArrayRef array, CellRanges ranges, runtime::StopToken stop);

/// Behind the last cell that is there.
runtime::Task<Result<uint64_t>> array_size(Lane& lane, ArrayRef array, runtime::StopToken stop);
runtime::Task<Status> set_array_size(Lane& lane, ArrayRef array, uint64_t size, runtime::StopToken stop);

}  // namespace daos::core
