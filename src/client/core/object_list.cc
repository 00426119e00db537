#include <algorithm>

#include "client/core/object_call.h"

namespace daos::core {

runtime::Task<Result<messages::KeyListReply>> list_keys(Lane& lane, ObjectRef object, KeyList list,
                                                        runtime::StopToken stop) {
  const bool dkeys = list.dkey.empty();
  const classes::GroupIndex group = dkeys ? list.group : object->group_of(list.dkey.bytes());
  auto request = request_on<messages::KeyListRequest>(*object);
  request.dkey = std::move(list.dkey);
  request.anchor = list.anchor;
  request.from = std::move(list.from);
  request.keys_max = list.keys_max;
  request.bytes_max = std::min<uint64_t>(list.bytes_max, kRequestBytesMax);
  Result<messages::KeyListReply> reply =
      co_await read_group(lane, object, group, std::move(request), "an enumeration", stop);
  if (reply.ok() && dkeys && object->group_count() > 1) {
    // A target that took over another one's part holds the dkeys of both groups.
    std::erase_if(reply->keys, [&](const IoBuf& key) { return object->group_of(key.bytes()) != group; });
  }
  co_return reply;
}

runtime::Task<Result<messages::ExtentListReply>> list_extents(Lane& lane, ObjectRef object, ExtentList list,
                                                              runtime::StopToken stop) {
  const classes::GroupIndex group = object->group_of(list.dkey.bytes());
  auto request = request_on<messages::ExtentListRequest>(*object);
  request.dkey = std::move(list.dkey);
  request.akey = std::move(list.akey);
  request.from = list.from;
  request.upwards = list.upwards;
  request.extents_max = list.extents_max;
  Result<messages::ExtentListReply> reply =
      co_await read_group(lane, std::move(object), group, std::move(request), "an enumeration", stop);
  co_return reply;
}

}  // namespace daos::core
