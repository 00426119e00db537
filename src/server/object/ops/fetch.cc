#include "server/object/ops/ops.h"

namespace daos::object {

runtime::Task<Result<messages::FetchReply>> fetch(target::Target& target, messages::FetchRequest request,
                                                  rpc::Caller caller) {
  const std::shared_ptr<target::PoolShard> shard = DX_CO_TRY(target.lease(request.pool));
  DX_CO_TRY(check_map(*shard, request.map_version));
  if (request.conditions != 0) {
    co_return error(Code::kNotSupported, "conditional fetches ({:#x}) are not there yet", request.conditions);
  }
  if (request.epoch != 0) co_return error(Code::kNotSupported, "reading at an older epoch is not there yet");
  const messages::HandleRights rights = DX_CO_TRY(co_await target.resolve(shard, request.handle, caller.context));
  if (!rights.may_read) co_return error(Code::kNoPerm, "the container handle does not allow reading");
  std::vector<vos::FetchKey> keys;
  keys.reserve(request.akeys.size());
  for (const messages::AkeyFetch& akey : request.akeys) {
    keys.push_back({.akey = akey.akey, .kind = static_cast<vos::ValueKind>(akey.kind)});
  }
  vos::FetchResult found = DX_CO_TRY(
      co_await shard->shard().fetch(rights.container, request.object, std::move(request.dkey), std::move(keys)));
  messages::FetchReply reply{.epoch = found.epoch, .map_version = shard->map()->version()};
  reply.values.reserve(found.values.size());
  for (size_t i = 0; i < found.values.size(); i++) {
    messages::FetchedValue& value = reply.values.emplace_back();
    value.bytes = found.values[i].size();
    if (value.bytes <= request.akeys[i].bytes_max) value.value = std::move(found.values[i]);
  }
  co_return reply;
}

}  // namespace daos::object
