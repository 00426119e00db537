// daos_obj_punch*.
#include <daos_obj.h>

#include <span>

#include "client/capi/api_call.h"
#include "client/capi/handles.h"
#include "client/capi/object_io.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

namespace {

Status check_right(const core::Object& object) {
  return object.may_write() && object.container()->may_write() ? Status() : Status(Code::kNoPerm);
}

Status check_flags(uint64_t flags) {
  return (flags & ~uint64_t{DAOS_COND_PUNCH}) != 0 ? Status(Code::kInvalid) : Status();
}

}  // namespace

int daos_obj_punch(daos_handle_t oh, daos_handle_t th, uint64_t flags, daos_event_t* ev) {
  (void)flags;  // conditions do not count here
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ObjectRef object = DX_TRY(find_object(call.library, oh, th));
    DX_TRY(check_right(*object));
    return core::punch_object(call.lane, std::move(object), {.level = messages::PunchLevel::kObject}, call.stop);
  });
}

int daos_obj_punch_dkeys(daos_handle_t oh, daos_handle_t th, uint64_t flags, unsigned int nr, daos_key_t* dkeys,
                         daos_event_t* ev) {
  if (nr != 1) return -DER_INVAL;
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ObjectRef object = DX_TRY(find_object(call.library, oh, th));
    DX_TRY(check_key(dkeys, classes::dkey_kind(object->id().type())));
    DX_TRY(check_flags(flags));
    DX_TRY(check_right(*object));
    core::Punch punch{
        .level = messages::PunchLevel::kDkey, .dkey = DX_TRY(copy_key(*dkeys)), .akeys = {}, .conditions = flags};
    return core::punch_object(call.lane, std::move(object), std::move(punch), call.stop);
  });
}

int daos_obj_punch_akeys(daos_handle_t oh, daos_handle_t th, uint64_t flags, daos_key_t* dkey, unsigned int nr,
                         daos_key_t* akeys, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ObjectRef object = DX_TRY(find_object(call.library, oh, th));
    DX_TRY(check_key(dkey, classes::dkey_kind(object->id().type())));
    if (nr == 0 || akeys == nullptr) return Status(Code::kInvalid);
    for (const daos_key_t& akey : std::span(akeys, nr)) {
      DX_TRY(check_key(&akey, classes::akey_kind(object->id().type())));
    }
    DX_TRY(check_flags(flags));
    DX_TRY(check_right(*object));
    core::Punch punch{
        .level = messages::PunchLevel::kAkey, .dkey = DX_TRY(copy_key(*dkey)), .akeys = {}, .conditions = flags};
    for (const daos_key_t& akey : std::span(akeys, nr)) punch.akeys.push_back(DX_TRY(copy_key(akey)));
    return core::punch_object(call.lane, std::move(object), std::move(punch), call.stop);
  });
}
