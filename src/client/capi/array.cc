// daos_array_*: create, open, close, handles for other processes, size, destruction.
#include <daos_array.h>

#include <algorithm>

#include "client/capi/api_call.h"
#include "client/capi/array_find.h"
#include "client/capi/global_format.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

namespace {

constexpr uint32_t kArrayMagic = 0xda05a001;

struct GlobalArray {
  uint32_t magic = kArrayMagic;
  uint32_t mode = 0;
  Uuid container;
  uint64_t oid_lo = 0;
  uint64_t oid_hi = 0;
  uint64_t cell_bytes = 0;
  uint64_t chunk = 0;

  void turn() {
    mode = std::byteswap(mode);
    for (uint64_t* number : {&oid_lo, &oid_hi, &cell_bytes, &chunk}) *number = std::byteswap(*number);
  }
};
static_assert(sizeof(GlobalArray) == 56 && std::is_trivially_copyable_v<GlobalArray>);

/// The object behind an array, by what its type must be.
Result<core::ObjectRef> open_cells(Library& library, daos_handle_t coh, daos_obj_id_t oid, unsigned mode, bool fits) {
  const std::shared_ptr<ContainerHandle> container = library.handles().find<ContainerHandle>(coh);
  if (container == nullptr) return Status(Code::kNoHandle);
  if (!fits) return Status(Code::kInvalid);
  return core::open_object(container->core, {.lo = oid.lo, .hi = oid.hi}, (mode & kModesThatWrite) != 0);
}

bool is_type(daos_obj_id_t oid, std::initializer_list<daos_otype_t> types) {
  return std::ranges::find(types, daos_obj_id2type(oid)) != types.end();
}

daos_handle_t add_handle(Library& library, core::ObjectRef object, core::ArrayShape shape) {
  return library.handles().add(std::make_shared<ArrayHandle>(std::make_shared<core::Array>(std::move(object), shape)));
}

Task<Status> create(Library& library, core::Lane& lane, core::ObjectRef object, core::ArrayShape shape, bool stored,
                    daos_handle_t* oh, runtime::StopToken stop) {
  if (stored) DX_CO_TRY(co_await core::write_array_shape(lane, object, shape, stop));
  *oh = add_handle(library, std::move(object), shape);
  co_return Status();
}

Task<Status> open(Library& library, core::Lane& lane, core::ObjectRef object, daos_size_t* cell_size,
                  daos_size_t* chunk_size, daos_handle_t* oh, runtime::StopToken stop) {
  const core::ArrayShape shape = DX_CO_TRY(co_await core::read_array_shape(lane, object, stop));
  *cell_size = shape.cell_bytes;
  *chunk_size = shape.chunk;
  *oh = add_handle(library, std::move(object), shape);
  co_return Status();
}

Task<Status> get_size(core::Lane& lane, core::ArrayRef array, daos_size_t* size, runtime::StopToken stop) {
  *size = DX_CO_TRY(co_await core::array_size(lane, std::move(array), stop));
  co_return Status();
}

Task<Status> stat(core::Lane& lane, core::ArrayRef array, daos_array_stbuf_t* found, runtime::StopToken stop) {
  found->st_max_epoch = DX_CO_TRY(co_await core::query_highest_epoch(lane, array->object(), stop));
  found->st_size = DX_CO_TRY(co_await core::array_size(lane, std::move(array), stop));
  co_return Status();
}

}  // namespace

Result<core::ArrayRef> capi::find_array(Library& library, daos_handle_t oh, daos_handle_t th) {
  const std::shared_ptr<ArrayHandle> array = library.handles().find<ArrayHandle>(oh);
  if (array == nullptr || daos_handle_is_valid(th)) return Status(Code::kNoHandle);
  if (!array->core->object()->container()->open()) return Status(Code::kNoHandle);
  return array->core;
}

int daos_array_create(daos_handle_t coh, daos_obj_id_t oid, daos_handle_t th, daos_size_t cell_size,
                      daos_size_t chunk_size, daos_handle_t* oh, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    if (daos_handle_is_valid(th)) return Status(Code::kNoHandle);
    core::ObjectRef object = DX_TRY(open_cells(call.library, coh, oid, DAOS_OO_RW, daos_is_array(oid)));
    if (cell_size == 0 || chunk_size == 0 || oh == nullptr) return Status(Code::kInvalid);
    const bool stored = is_type(oid, {DAOS_OT_ARRAY});
    return create(call.library, call.lane, std::move(object), {.cell_bytes = cell_size, .chunk = chunk_size}, stored,
                  oh, call.stop);
  });
}

int daos_array_open(daos_handle_t coh, daos_obj_id_t oid, daos_handle_t th, unsigned int mode, daos_size_t* cell_size,
                    daos_size_t* chunk_size, daos_handle_t* oh, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    if (daos_handle_is_valid(th)) return Status(Code::kNoHandle);
    core::ObjectRef object = DX_TRY(open_cells(call.library, coh, oid, mode, is_type(oid, {DAOS_OT_ARRAY})));
    if (cell_size == nullptr || chunk_size == nullptr || oh == nullptr) return Status(Code::kInvalid);
    return open(call.library, call.lane, std::move(object), cell_size, chunk_size, oh, call.stop);
  });
}

int daos_array_open_with_attr(daos_handle_t coh, daos_obj_id_t oid, daos_handle_t th, unsigned int mode,
                              daos_size_t cell_size, daos_size_t chunk_size, daos_handle_t* oh, daos_event_t* ev) {
  return local_call(ev, [&](Library& library) -> Status {
    if (daos_handle_is_valid(th)) return Status(Code::kNoHandle);
    core::ObjectRef object =
        DX_TRY(open_cells(library, coh, oid, mode, is_type(oid, {DAOS_OT_ARRAY_ATTR, DAOS_OT_ARRAY_BYTE})));
    if (cell_size == 0 || chunk_size == 0 || oh == nullptr) return Status(Code::kInvalid);
    *oh = add_handle(library, std::move(object), {.cell_bytes = cell_size, .chunk = chunk_size});
    return {};
  });
}

int daos_array_close(daos_handle_t oh, daos_event_t* ev) {
  return local_call(ev, [&](Library& library) {
    return library.handles().remove<ArrayHandle>(oh) != nullptr ? Status() : Status(Code::kNoHandle);
  });
}

int daos_array_local2global(daos_handle_t oh, d_iov_t* glob) {
  return guarded([&]() -> int {
    Library* library = Library::current();
    if (library == nullptr) return -DER_UNINIT;
    if (glob == nullptr) return -DER_INVAL;
    const std::shared_ptr<ArrayHandle> array = library->handles().find<ArrayHandle>(oh);
    if (array == nullptr) return -DER_NO_HDL;
    const core::Object& object = *array->core->object();
    const core::ArrayShape shape = array->core->shape();
    return write_global(GlobalArray{.mode = object.may_write() ? uint32_t{DAOS_OO_RW} : uint32_t{DAOS_OO_RO},
                                    .container = object.container()->id(),
                                    .oid_lo = object.id().lo,
                                    .oid_hi = object.id().hi,
                                    .cell_bytes = shape.cell_bytes,
                                    .chunk = shape.chunk},
                        glob);
  });
}

int daos_array_global2local(daos_handle_t coh, d_iov_t glob, unsigned int mode, daos_handle_t* oh) {
  return local_call(nullptr, [&](Library& library) -> Status {
    const GlobalArray global = DX_TRY(read_global<GlobalArray>(glob, kArrayMagic));
    if (oh == nullptr) return Status(Code::kInvalid);
    const std::shared_ptr<ContainerHandle> container = library.handles().find<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    if (container->core->id() != global.container || global.cell_bytes == 0 || global.chunk == 0) {
      return Status(Code::kInvalid);
    }
    core::ObjectRef object = DX_TRY(
        open_cells(library, coh, {.lo = global.oid_lo, .hi = global.oid_hi}, mode != 0 ? mode : global.mode, true));
    *oh = add_handle(library, std::move(object), {.cell_bytes = global.cell_bytes, .chunk = global.chunk});
    return {};
  });
}

int daos_array_get_attr(daos_handle_t oh, daos_size_t* chunk_size, daos_size_t* cell_size) {
  return local_call(nullptr, [&](Library& library) -> Status {
    if (chunk_size == nullptr || cell_size == nullptr) return Status(Code::kInvalid);
    const std::shared_ptr<ArrayHandle> array = library.handles().find<ArrayHandle>(oh);
    if (array == nullptr) return Status(Code::kNoHandle);
    const core::ArrayShape shape = array->core->shape();
    *chunk_size = shape.chunk;
    *cell_size = shape.cell_bytes;
    return {};
  });
}

int daos_array_update_chunk_size(daos_handle_t oh, daos_size_t chunk_size) {
  return local_call(nullptr, [&](Library& library) -> Status {
    const std::shared_ptr<ArrayHandle> array = library.handles().find<ArrayHandle>(oh);
    if (array == nullptr) return Status(Code::kNoHandle);
    if (chunk_size == 0) return Status(Code::kInvalid);  // nothing could be addressed
    array->core->set_chunk(chunk_size);
    return {};
  });
}

int daos_array_get_size(daos_handle_t oh, daos_handle_t th, daos_size_t* size, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ArrayRef array = DX_TRY(find_array(call.library, oh, th));
    if (size == nullptr) return Status(Code::kInvalid);
    return get_size(call.lane, std::move(array), size, call.stop);
  });
}

int daos_array_stat(daos_handle_t oh, daos_handle_t th, daos_array_stbuf_t* stbuf, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ArrayRef array = DX_TRY(find_array(call.library, oh, th));
    if (stbuf == nullptr) return Status(Code::kInvalid);
    return stat(call.lane, std::move(array), stbuf, call.stop);
  });
}

int daos_array_set_size(daos_handle_t oh, daos_handle_t th, daos_size_t size, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ArrayRef array = DX_TRY(find_array(call.library, oh, th));
    if (size > 1ULL << 63) return Status(Code::kInvalid);
    return core::set_array_size(call.lane, std::move(array), size, call.stop);
  });
}

int daos_array_destroy(daos_handle_t oh, daos_handle_t th, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ArrayRef array = DX_TRY(find_array(call.library, oh, th));
    return core::punch_object(call.lane, array->object(), {.level = messages::PunchLevel::kObject}, call.stop);
  });
}
