// daos_array_read, _write, _punch.
#include <daos_array.h>
#include <gurt/common.h>

#include <span>

#include "client/capi/api_call.h"
#include "client/capi/array_find.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

namespace {

constexpr uint64_t kIndexEnd = 1ULL << 63;

/// kNotSupported: so many short ranges that the caller had better read what is between them, too.
Status check_list(const daos_array_iod_t& iod) {
  unsigned limit = DAOS_ARRAY_LIST_IO_LIMIT;
  if (d_getenv_uint("DAOS_ARRAY_LIST_IO_LIMIT", &limit) != 0) limit = DAOS_ARRAY_LIST_IO_LIMIT;
  if (iod.arr_nr <= limit) return {};
  for (const daos_range_t& range : std::span(iod.arr_rgs, iod.arr_nr)) {
    if (range.rg_len > DAOS_ARRAY_RG_LEN_THD) return {};
  }
  return error(Code::kNotSupported, "{} ranges of at most {} cells in one call: more than {} are refused", iod.arr_nr,
               DAOS_ARRAY_RG_LEN_THD, limit);
}

Result<core::CellRanges> ranges_of(const daos_array_iod_t* iod) {
  if (iod == nullptr || (iod->arr_nr > 0 && iod->arr_rgs == nullptr)) return Status(Code::kInvalid);
  DX_TRY(check_list(*iod));
  core::CellRanges ranges;
  for (const daos_range_t& range : std::span(iod->arr_rgs, iod->arr_nr)) {
    if (range.rg_idx > kIndexEnd || range.rg_len > kIndexEnd - range.rg_idx) return Status(Code::kInvalid);
    if (range.rg_len > 0) ranges.push_back({.start = range.rg_idx, .count = range.rg_len});
  }
  return ranges;
}

/// The first iov_len bytes of each piece, which together must be as long as the ranges.
Result<core::MemoryList> memory_of(const d_sg_list_t* sgl, const core::CellRanges& ranges, uint64_t cell_bytes) {
  if (sgl == nullptr || (sgl->sg_nr > 0 && sgl->sg_iovs == nullptr)) return Status(Code::kInvalid);
  core::MemoryList memory;
  for (const d_iov_t& iov : std::span(sgl->sg_iovs, sgl->sg_nr)) {
    if (iov.iov_len > 0 && (iov.iov_buf == nullptr || iov.iov_len > iov.iov_buf_len)) return Status(Code::kInvalid);
    memory.add(iov.iov_buf, iov.iov_len);
  }
  unsigned __int128 bytes = 0;
  for (const messages::Extent& range : ranges) bytes += static_cast<unsigned __int128>(range.count) * cell_bytes;
  if (bytes != memory.size()) return Status(Code::kInvalid);
  return memory;
}

Task<Status> read(core::Lane& lane, core::ArrayRef array, core::CellRanges ranges, core::MemoryList memory,
                  daos_array_iod_t* iod, runtime::StopToken stop) {
  const bool measures = array->object()->id().type() == classes::ObjectType::kArrayByte;
  const core::CellsRead cells = DX_CO_TRY(
      co_await core::read_cells(lane, std::move(array), std::move(ranges), std::move(memory), measures, stop));
  if (measures) {
    iod->arr_nr_read = cells.below_size;
    iod->arr_nr_short_read = cells.beyond;
  }
  co_return Status();
}

Status check_right(const core::Array& array) {
  const core::Object& object = *array.object();
  return object.may_write() && object.container()->may_write() ? Status() : Status(Code::kNoPerm);
}

}  // namespace

int daos_array_read(daos_handle_t oh, daos_handle_t th, daos_array_iod_t* iod, d_sg_list_t* sgl, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ArrayRef array = DX_TRY(find_array(call.library, oh, th));
    core::CellRanges ranges = DX_TRY(ranges_of(iod));
    core::MemoryList memory = DX_TRY(memory_of(sgl, ranges, array->shape().cell_bytes));
    return read(call.lane, std::move(array), std::move(ranges), std::move(memory), iod, call.stop);
  });
}

int daos_array_write(daos_handle_t oh, daos_handle_t th, daos_array_iod_t* iod, d_sg_list_t* sgl, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ArrayRef array = DX_TRY(find_array(call.library, oh, th));
    core::CellRanges ranges = DX_TRY(ranges_of(iod));
    core::MemoryList memory = DX_TRY(memory_of(sgl, ranges, array->shape().cell_bytes));
    DX_TRY(check_right(*array));
    return core::write_cells(call.lane, std::move(array), std::move(ranges), std::move(memory), call.stop);
  });
}

int daos_array_punch(daos_handle_t oh, daos_handle_t th, daos_array_iod_t* iod, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ArrayRef array = DX_TRY(find_array(call.library, oh, th));
    core::CellRanges ranges = DX_TRY(ranges_of(iod));
    DX_TRY(check_right(*array));
    return core::remove_cells(call.lane, std::move(array), std::move(ranges), call.stop);
  });
}
