#include "client/core/object_call.h"

namespace daos::core {

runtime::Task<Status> update_object(Lane& lane, ObjectRef object, Update update, runtime::StopToken stop) {
  DX_CO_TRY(check_writable(*object));
  size_t bytes = update.dkey.size();
  for (const messages::AkeyUpdate& akey : update.akeys) {
    bytes += akey.akey.size() + akey.value.size() + akey.extents.size() * sizeof(messages::Extent);
  }
  DX_CO_TRY(check_size(bytes, "values"));
  const classes::GroupIndex group = object->group_of(update.dkey.bytes());
  auto request = request_on<messages::UpdateRequest>(*object);
  request.conditions = update.conditions;
  request.dkey = std::move(update.dkey);
  request.akeys = std::move(update.akeys);
  Status outcome = co_await change_group(lane, std::move(object), group, std::move(request), "an update", stop);
  co_return outcome;
}

}  // namespace daos::core
