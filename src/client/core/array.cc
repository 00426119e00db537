#include "client/core/array.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "client/core/array_parts.h"
#include "client/core/object_call.h"

namespace daos::core {
namespace {

constexpr uint64_t kShapeMagic = 0xdaca55a9daca55a9;
// The API's DAOS_COND_DKEY_INSERT and DAOS_COND_AKEY_INSERT.
constexpr uint64_t kInsert = 1u << 1 | 1u << 4;
constexpr uint32_t kKeysMax = 4096;  // of one step of an enumeration

IoBuf shape_key() {
  const uint64_t dkey = 0;
  return IoBuf::copy_of(std::as_bytes(std::span(&dkey, 1)));
}

/// What an array must lose and keep to have `size` cells.
struct Cut {
  uint64_t last = 0;   // chunk of the last cell; of an empty array the first
  uint64_t keeps = 0;  // cells of that chunk
};
Cut cut_at(uint64_t size, uint64_t chunk) {
  if (size == 0) return {};
  return {.last = (size - 1) / chunk, .keeps = (size - 1) % chunk + 1};
}

runtime::Task<Status> cut_chunk(Lane& lane, ArrayRef array, Cut cut, uint64_t index, runtime::StopToken stop) {
  const uint64_t chunk = array->shape().chunk;
  if (index > cut.last) {
    Punch punch{.level = messages::PunchLevel::kDkey, .dkey = chunk_key(index), .akeys = {}};
    Status punched = co_await punch_object(lane, array->object(), std::move(punch), stop);
    co_return punched;
  }
  if (cut.keeps == chunk) co_return Status();
  // By extents, so that the object stays, and with it the time of its last change.
  CellRanges tail{{.start = index * chunk + cut.keeps, .count = chunk - cut.keeps}};
  Status removed = co_await remove_cells(lane, std::move(array), std::move(tail), stop);
  co_return removed;
}

/// All chunks of a group from `cut` on.
runtime::Task<Status> cut_group(Lane& lane, ArrayRef array, Cut cut, classes::GroupIndex group,
                                runtime::StopToken stop) {
  KeyList list{.group = group, .keys_max = kKeysMax, .bytes_max = kKeysMax * sizeof(uint64_t)};
  for (;;) {
    const messages::KeyListReply reply = DX_CO_TRY(co_await list_keys(lane, array->object(), list, stop));
    for (const IoBuf& key : reply.keys) {
      uint64_t dkey = 0;
      if (key.size() != sizeof dkey) co_return error(Code::kCorrupt, "a dkey of {} bytes in an array", key.size());
      std::memcpy(&dkey, key.data(), sizeof dkey);
      if (dkey == 0 || dkey - 1 < cut.last) continue;
      DX_CO_TRY(co_await cut_chunk(lane, array, cut, dkey - 1, stop));
    }
    if (reply.end) co_return Status();
    list.anchor = reply.anchor;
  }
}

}  // namespace

runtime::Task<Status> write_array_shape(Lane& lane, ObjectRef object, ArrayShape shape, runtime::StopToken stop) {
  const std::array<uint64_t, 3> stored{kShapeMagic, shape.cell_bytes, shape.chunk};
  Update update{.dkey = shape_key(), .akeys = {}, .conditions = kInsert};
  update.akeys.push_back({.akey = cell_key(),
                          .record_bytes = sizeof stored,
                          .extents = {},
                          .value = IoBuf::copy_of(std::as_bytes(std::span(stored)))});
  Status written = co_await update_object(lane, std::move(object), std::move(update), stop);
  co_return written;
}

runtime::Task<Result<ArrayShape>> read_array_shape(Lane& lane, ObjectRef object, runtime::StopToken stop) {
  std::array<uint64_t, 3> stored{};
  Fetch fetch{.dkey = shape_key(), .akeys = {}};
  fetch.akeys.push_back({.akey = cell_key(), .extents = {}, .bytes_max = sizeof stored});
  const classes::ObjectId id = object->id();
  const std::vector<messages::FetchedValue> values =
      DX_CO_TRY(co_await fetch_object(lane, std::move(object), std::move(fetch), stop));
  const messages::FetchedValue& value = values[0];
  if (value.record_bytes == 0) co_return error(Code::kNonexistent, "array {} was not created, or is destroyed", id);
  if (value.value.size() == sizeof stored) std::memcpy(stored.data(), value.value.data(), sizeof stored);
  if (stored[0] != kShapeMagic || stored[1] == 0 || stored[2] == 0) {
    co_return error(Code::kNoPerm, "object {} is no array: what it stores in place of the attributes is something else",
                    id);
  }
  co_return ArrayShape{.cell_bytes = stored[1], .chunk = stored[2]};
}

runtime::Task<Result<uint64_t>> array_size(Lane& lane, ArrayRef array, runtime::StopToken stop) {
  const uint64_t chunk = array->shape().chunk;
  KeyQuery query{
      .parts = messages::kQueryMax | messages::kQueryDkey | messages::kQueryExtent, .dkey = {}, .akey = cell_key()};
  const messages::KeyQueryReply last = DX_CO_TRY(co_await query_key(lane, array->object(), std::move(query), stop));
  if (!last.found || last.dkey == 0) co_return uint64_t{0};
  co_return chunk*(last.dkey - 1) + last.extent.start + last.extent.count;
}

runtime::Task<Status> set_array_size(Lane& lane, ArrayRef array, uint64_t size, runtime::StopToken stop) {
  DX_CO_TRY(check_writable(*array->object()));
  const Cut cut = cut_at(size, array->shape().chunk);
  const auto cut_one = [&](classes::GroupIndex group) { return cut_group(lane, array, cut, group, stop); };
  DX_CO_TRY(co_await every_group(lane, array->object(), cut_one));
  if (size == 0) co_return Status();

  const uint64_t cell_bytes = array->shape().cell_bytes;
  Fetch fetch{.dkey = chunk_key(cut.last), .akeys = {}};
  fetch.akeys.push_back(
      {.akey = cell_key(), .kind = messages::ValueKind::kArray, .extents = {{.start = cut.keeps - 1, .count = 1}}});
  const std::vector<messages::FetchedValue> found =
      DX_CO_TRY(co_await fetch_object(lane, array->object(), std::move(fetch), stop));
  if (found[0].record_bytes != 0) co_return Status();
  IoBuf zeros = DX_CO_TRY(IoBuf::allocate(cell_bytes));
  std::memset(zeros.data(), 0, zeros.size());
  MemoryList memory;
  memory.add(zeros.data(), zeros.size());
  Status written = co_await write_cells(lane, array, {{.start = size - 1, .count = 1}}, std::move(memory), stop);
  co_return written;
}

}  // namespace daos::core
