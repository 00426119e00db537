// daos_obj_query_key, daos_obj_query_max_epoch.
#include "client/capi/object_query.h"

#include <bit>
#include <cstring>

#include "client/capi/api_call.h"
#include "client/capi/handles.h"
#include "client/capi/object_io.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

namespace {

constexpr uint64_t kEnds = DAOS_GET_MAX | DAOS_GET_MIN;
constexpr uint64_t kParts = DAOS_GET_DKEY | DAOS_GET_AKEY | DAOS_GET_RECX;

Status check_number(const daos_key_t* key, classes::KeyKind kind) {
  const bool fine = key != nullptr && key->iov_buf != nullptr && key->iov_buf_len >= sizeof(uint64_t) &&
                    kind == classes::KeyKind::kUint64;
  return fine ? Status() : Status(Code::kInvalid);
}

Status check_query(uint64_t flags, const daos_key_t* dkey, const daos_key_t* akey, const daos_recx_t* recx,
                   classes::ObjectType type) {
  if ((flags & ~(kEnds | kParts)) != 0 || std::popcount(flags & kEnds) != 1 || (flags & kParts) == 0) {
    return Status(Code::kInvalid);
  }
  if ((flags & DAOS_GET_DKEY) != 0) {
    DX_TRY(check_number(dkey, classes::dkey_kind(type)));
  } else {
    DX_TRY(check_key(dkey, classes::dkey_kind(type)));
  }
  if ((flags & DAOS_GET_AKEY) != 0) {
    DX_TRY(check_number(akey, classes::akey_kind(type)));
  } else if ((flags & DAOS_GET_RECX) != 0) {
    DX_TRY(check_key(akey, classes::akey_kind(type)));
  }
  if ((flags & DAOS_GET_RECX) != 0 && recx == nullptr) return Status(Code::kInvalid);
  return {};
}

void take_number(const messages::KeyQueryReply& reply, uint64_t number, daos_key_t& key) {
  key.iov_len = reply.found ? sizeof number : 0;
  if (reply.found) std::memcpy(key.iov_buf, &number, sizeof number);
}

Task<Status> query(core::Lane& lane, core::ObjectRef object, core::KeyQuery query, uint64_t flags, daos_key_t* dkey,
                   daos_key_t* akey, daos_recx_t* recx, daos_epoch_t* epoch, runtime::StopToken stop) {
  const messages::KeyQueryReply reply = DX_CO_TRY(co_await core::query_key(lane, object, std::move(query), stop));
  // Of the whole object, so a request of its own: the query may have gone to one group.
  if (epoch != nullptr) *epoch = DX_CO_TRY(co_await core::query_highest_epoch(lane, std::move(object), stop));
  if ((flags & DAOS_GET_DKEY) != 0) take_number(reply, reply.dkey, *dkey);
  if ((flags & DAOS_GET_AKEY) != 0) take_number(reply, reply.akey, *akey);
  if ((flags & DAOS_GET_RECX) != 0 && reply.found) {
    *recx = {.rx_idx = reply.extent.start, .rx_nr = reply.extent.count};
  }
  co_return Status();
}

Task<Status> query_epoch(core::Lane& lane, core::ObjectRef object, daos_epoch_t* epoch, runtime::StopToken stop) {
  *epoch = DX_CO_TRY(co_await core::query_highest_epoch(lane, std::move(object), stop));
  co_return Status();
}

}  // namespace

int daos_obj_query_key(daos_handle_t oh, daos_handle_t th, uint64_t flags, daos_key_t* dkey, daos_key_t* akey,
                       daos_recx_t* recx, daos_event_t* ev) {
  return capi::query_key(oh, th, flags, dkey, akey, recx, nullptr, ev);
}

int capi::query_key(daos_handle_t oh, daos_handle_t th, uint64_t flags, daos_key_t* dkey, daos_key_t* akey,
                    daos_recx_t* recx, daos_epoch_t* epoch, daos_event_t* ev) {
  if (flags == 0 && epoch != nullptr) return daos_obj_query_max_epoch(oh, th, epoch, ev);
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ObjectRef object = DX_TRY(find_object(call.library, oh, th));
    if (flags == 0) return []() -> Task<Status> { co_return Status(); }();
    DX_TRY(check_query(flags, dkey, akey, recx, object->id().type()));
    core::KeyQuery asked;
    if ((flags & DAOS_GET_MAX) != 0) asked.parts |= messages::kQueryMax;
    if ((flags & DAOS_GET_DKEY) != 0) {
      asked.parts |= messages::kQueryDkey;
    } else {
      asked.dkey = DX_TRY(copy_key(*dkey));
    }
    if ((flags & DAOS_GET_AKEY) != 0) {
      asked.parts |= messages::kQueryAkey;
    } else if ((flags & DAOS_GET_RECX) != 0) {
      asked.akey = DX_TRY(copy_key(*akey));
    }
    if ((flags & DAOS_GET_RECX) != 0) {
      asked.parts |= messages::kQueryExtent;
      *recx = {};
    }
    return query(call.lane, std::move(object), std::move(asked), flags, dkey, akey, recx, epoch, call.stop);
  });
}

int daos_obj_query_max_epoch(daos_handle_t oh, daos_handle_t th, daos_epoch_t* epoch, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ObjectRef object = DX_TRY(find_object(call.library, oh, th));
    if (epoch == nullptr) return Status(Code::kInvalid);
    *epoch = 0;
    return query_epoch(call.lane, std::move(object), epoch, call.stop);
  });
}

// Not offered, by contract.
int daos_obj_query(daos_handle_t, struct daos_obj_attr*, d_rank_list_t*, daos_event_t*) { return -DER_NOSYS; }
