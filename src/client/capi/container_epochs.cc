// Numbers for object ids, and what programs may ask about epochs.
#include <daos_cont.h>

#include "client/capi/api_call.h"
#include "client/capi/handles.h"
#include "client/core/container.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

namespace {

Task<Status> allocate(core::Lane& lane, core::ContainerRef container, uint64_t count, uint64_t* first,
                      runtime::StopToken stop) {
  *first = DX_CO_TRY(co_await core::allocate_object_ids(lane, std::move(container), count, stop));
  co_return Status();
}

}  // namespace

int daos_cont_alloc_oids(daos_handle_t coh, daos_size_t num_oids, uint64_t* oid, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const std::shared_ptr<ContainerHandle> container = call.library.handles().find<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    if (num_oids == 0 || oid == nullptr) return Status(Code::kInvalid);
    return allocate(call.lane, container->core, num_oids, oid, call.stop);
  });
}

int daos_cont_aggregate(daos_handle_t coh, daos_epoch_t epoch, daos_event_t* ev) {
  return local_call(ev, [&](Library& library) -> Status {
    if (epoch == DAOS_EPOCH_MAX) return Status(Code::kInvalid);
    // A hint: targets merge old versions by themselves.
    return library.handles().find<ContainerHandle>(coh) != nullptr ? Status() : Status(Code::kNoHandle);
  });
}

// Not offered, by contract.
int daos_cont_rollback(daos_handle_t, daos_epoch_t, daos_event_t*) { return -DER_NOSYS; }
int daos_cont_subscribe(daos_handle_t, daos_epoch_t*, daos_event_t*) { return -DER_NOSYS; }
