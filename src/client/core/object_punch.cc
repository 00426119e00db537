#include "client/core/object_call.h"

namespace daos::core {

runtime::Task<Status> punch_object(Lane& lane, ObjectRef object, Punch punch, runtime::StopToken stop) {
  DX_CO_TRY(check_writable(*object));
  size_t bytes = punch.dkey.size();
  for (const IoBuf& akey : punch.akeys) bytes += akey.size();
  DX_CO_TRY(check_size(bytes, "keys"));
  auto request = request_on<messages::PunchRequest>(*object);
  request.conditions = punch.conditions;
  request.level = punch.level;
  request.dkey = std::move(punch.dkey);
  request.akeys = std::move(punch.akeys);
  if (punch.level != messages::PunchLevel::kObject) {
    const classes::GroupIndex group = object->group_of(request.dkey.bytes());
    Status outcome = co_await change_group(lane, std::move(object), group, std::move(request), "a punch", stop);
    co_return outcome;
  }
  const auto punch_group = [&](classes::GroupIndex group) {
    return change_group(lane, object, group, request, "a punch", stop);
  };
  Status outcome = co_await every_group(lane, object, punch_group);
  co_return outcome;
}

}  // namespace daos::core
