// daos_obj_*: open, close, update, fetch, verify.
#include <daos_obj.h>

#include "client/capi/api_call.h"
#include "client/capi/handles.h"
#include "client/capi/object_io.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

namespace {

Task<Status> fetch(core::Lane& lane, core::ObjectRef object, core::Fetch request, IoArguments io,
                   runtime::StopToken stop) {
  const std::vector<messages::FetchedValue> values =
      DX_CO_TRY(co_await core::fetch_object(lane, std::move(object), std::move(request), stop));
  co_return take_values(io, values);
}

/// The object of a handle, after the checks that reads and writes share.
Result<core::ObjectRef> object_for(Call& call, daos_handle_t oh, daos_handle_t th, const IoArguments& io,
                                   Direction direction) {
  core::ObjectRef object = DX_TRY(find_object(call.library, oh, th));
  DX_TRY(check_arguments(io, direction, object->id().type()));
  return object;
}

}  // namespace

Result<core::ObjectRef> capi::find_object(Library& library, daos_handle_t oh, daos_handle_t th) {
  const std::shared_ptr<ObjectHandle> object = library.handles().find<ObjectHandle>(oh);
  if (object == nullptr || daos_handle_is_valid(th)) return Status(Code::kNoHandle);
  if (!object->core->container()->open()) return Status(Code::kNoHandle);
  return object->core;
}

int daos_obj_open(daos_handle_t coh, daos_obj_id_t oid, unsigned int mode, daos_handle_t* oh, daos_event_t* ev) {
  return local_call(ev, [&](Library& library) -> Status {
    if (oh == nullptr) return Status(Code::kInvalid);
    const std::shared_ptr<ContainerHandle> container = library.handles().find<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    core::ObjectRef object =
        DX_TRY(core::open_object(container->core, {.lo = oid.lo, .hi = oid.hi}, (mode & kModesThatWrite) != 0));
    *oh = library.handles().add(std::make_shared<ObjectHandle>(std::move(object)));
    return {};
  });
}

int daos_obj_close(daos_handle_t oh, daos_event_t* ev) {
  return local_call(ev, [&](Library& library) {
    return library.handles().remove<ObjectHandle>(oh) != nullptr ? Status() : Status(Code::kNoHandle);
  });
}

int daos_obj_update(daos_handle_t oh, daos_handle_t th, uint64_t flags, daos_key_t* dkey, unsigned int nr,
                    daos_iod_t* iods, d_sg_list_t* sgls, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const IoArguments io{flags, dkey, nr, iods, sgls, nullptr};
    core::ObjectRef object = DX_TRY(object_for(call, oh, th, io, Direction::kUpdate));
    if (!object->may_write() || !object->container()->may_write()) return Status(Code::kNoPerm);
    core::Update update = DX_TRY(make_update(io));
    return core::update_object(call.lane, std::move(object), std::move(update), call.stop);
  });
}

int daos_obj_fetch(daos_handle_t oh, daos_handle_t th, uint64_t flags, daos_key_t* dkey, unsigned int nr,
                   daos_iod_t* iods, d_sg_list_t* sgls, daos_iom_t* ioms, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const IoArguments io{flags, dkey, nr, iods, sgls, ioms};
    core::ObjectRef object = DX_TRY(object_for(call, oh, th, io, Direction::kFetch));
    core::Fetch request = DX_TRY(make_fetch(io));
    return fetch(call.lane, std::move(object), std::move(request), io, call.stop);
  });
}

int daos_obj_verify(daos_handle_t coh, daos_obj_id_t oid, daos_epoch_t epoch) {
  (void)epoch;
  return guarded([&]() -> int {
    Library* library = Library::current();
    if (library == nullptr) return -DER_UNINIT;
    const std::shared_ptr<ContainerHandle> container = library->handles().find<ContainerHandle>(coh);
    if (container == nullptr) return -DER_NO_HDL;
    // One copy has nothing that it could differ from; classes with more cannot be opened.
    return report(core::open_object(container->core, {.lo = oid.lo, .hi = oid.hi}, false).status());
  });
}
