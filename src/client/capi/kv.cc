// daos_kv_*: the dkey is the key's text, the value a single value of akey "0".
#include <daos/kv.h>

#include <cstring>

#include "client/capi/api_call.h"
#include "client/capi/handles.h"
#include "client/capi/object_io.h"
#include "client/capi/object_list.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

namespace {

constexpr std::string_view kValueKey = "0";

Result<core::ObjectRef> find_kv(Library& library, daos_handle_t oh, daos_handle_t th) {
  const std::shared_ptr<KvHandle> kv = library.handles().find<KvHandle>(oh);
  if (kv == nullptr || daos_handle_is_valid(th)) return Status(Code::kNoHandle);
  if (!kv->core->container()->open()) return Status(Code::kNoHandle);
  return kv->core;
}

Result<IoBuf> key_of(const char* key, const core::Object& object) {
  const size_t length = key != nullptr ? std::strlen(key) : 0;
  if (length == 0) return Status(Code::kInvalid);
  if (classes::dkey_kind(object.id().type()) == classes::KeyKind::kUint64 && length != sizeof(uint64_t)) {
    return Status(Code::kInvalid);
  }
  return copy_bytes(key, length);
}

Status check_flags(uint64_t flags, uint64_t allowed) {
  return (flags & ~allowed) != 0 ? Status(Code::kInvalid) : Status();
}

Task<Status> get(core::Lane& lane, core::ObjectRef object, core::Fetch fetch, daos_size_t* size,
                 runtime::StopToken stop) {
  const uint64_t room = fetch.memory.empty() ? 0 : fetch.memory[0].size();
  const std::vector<messages::FetchedValue> values =
      DX_CO_TRY(co_await core::fetch_object(lane, std::move(object), std::move(fetch), stop));
  const messages::FetchedValue& value = values[0];
  *size = value.record_bytes;
  if (room == 0) co_return Status();
  if (value.record_bytes > room) co_return Status(Code::kRecordTooBig);
  co_return Status();
}

}  // namespace

int daos_kv_open(daos_handle_t coh, daos_obj_id_t oid, unsigned int mode, daos_handle_t* oh, daos_event_t* ev) {
  return local_call(ev, [&](Library& library) -> Status {
    const classes::ObjectId id{.lo = oid.lo, .hi = oid.hi};
    if (oh == nullptr) return Status(Code::kInvalid);
    const std::shared_ptr<ContainerHandle> container = library.handles().find<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    if (!classes::is_kv(id.type())) return Status(Code::kInvalid);
    core::ObjectRef object = DX_TRY(core::open_object(container->core, id, (mode & kModesThatWrite) != 0));
    *oh = library.handles().add(std::make_shared<KvHandle>(std::move(object)));
    return {};
  });
}

int daos_kv_close(daos_handle_t oh, daos_event_t* ev) {
  return local_call(ev, [&](Library& library) -> Status {
    const std::shared_ptr<KvHandle> kv = library.handles().remove<KvHandle>(oh);
    if (kv == nullptr) return Status(Code::kNoHandle);
    std::lock_guard lock(kv->mutex);
    if (daos_handle_is_valid(kv->object)) library.handles().remove<ObjectHandle>(kv->object);
    return {};
  });
}

int daos_kv_destroy(daos_handle_t oh, daos_handle_t th, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ObjectRef object = DX_TRY(find_kv(call.library, oh, th));
    return core::punch_object(call.lane, std::move(object), {.level = messages::PunchLevel::kObject}, call.stop);
  });
}

int daos_kv_put(daos_handle_t oh, daos_handle_t th, uint64_t flags, const char* key, daos_size_t size, const void* buf,
                daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ObjectRef object = DX_TRY(find_kv(call.library, oh, th));
    core::Update update{.dkey = DX_TRY(key_of(key, *object)), .akeys = {}, .conditions = flags};
    DX_TRY(check_flags(flags, DAOS_COND_KEY_INSERT | DAOS_COND_KEY_UPDATE));
    if (size > 0 && buf == nullptr) return Status(Code::kInvalid);
    update.akeys.push_back({.akey = IoBuf::copy_of(as_bytes(kValueKey)), .record_bytes = size, .extents = {}});
    update.memory.emplace_back(const_cast<void*>(buf), size);  // which is only read
    return core::update_object(call.lane, std::move(object), std::move(update), call.stop);
  });
}

int daos_kv_get(daos_handle_t oh, daos_handle_t th, uint64_t flags, const char* key, daos_size_t* size, void* buf,
                daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ObjectRef object = DX_TRY(find_kv(call.library, oh, th));
    core::Fetch fetch{.dkey = DX_TRY(key_of(key, *object)), .akeys = {}, .conditions = flags};
    DX_TRY(check_flags(flags, DAOS_COND_KEY_GET));
    if (size == nullptr) return Status(Code::kInvalid);
    fetch.akeys.push_back({.akey = IoBuf::copy_of(as_bytes(kValueKey)), .extents = {}});
    if (buf != nullptr) fetch.memory.emplace_back(buf, *size);
    return get(call.lane, std::move(object), std::move(fetch), size, call.stop);
  });
}

int daos_kv_remove(daos_handle_t oh, daos_handle_t th, uint64_t flags, const char* key, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ObjectRef object = DX_TRY(find_kv(call.library, oh, th));
    DX_TRY(check_flags(flags, DAOS_COND_KEY_REMOVE));
    core::Punch punch{
        .level = messages::PunchLevel::kDkey, .dkey = DX_TRY(key_of(key, *object)), .akeys = {}, .conditions = flags};
    return core::punch_object(call.lane, std::move(object), std::move(punch), call.stop);
  });
}

int daos_kv_list(daos_handle_t oh, daos_handle_t th, uint32_t* nr, daos_key_desc_t* kds, d_sg_list_t* sgl,
                 daos_anchor_t* anchor, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const KeyListArguments arguments{nr, kds, sgl, anchor};
    core::ObjectRef object = DX_TRY(find_kv(call.library, oh, th));
    DX_TRY(check_list(arguments));
    return capi::list_keys(call.lane, std::move(object), {}, arguments, call.stop);
  });
}

daos_handle_t daos_kv2objhandle(daos_handle_t kv_oh) {
  daos_handle_t object = DAOS_HDL_INVAL;
  const int rc = local_call(nullptr, [&](Library& library) -> Status {
    const std::shared_ptr<KvHandle> kv = library.handles().find<KvHandle>(kv_oh);
    if (kv == nullptr) return Status(Code::kNoHandle);
    std::lock_guard lock(kv->mutex);
    if (daos_handle_is_inval(kv->object)) kv->object = library.handles().add(std::make_shared<ObjectHandle>(kv->core));
    object = kv->object;
    return {};
  });
  return rc == 0 ? object : DAOS_HDL_INVAL;
}
