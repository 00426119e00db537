#include "server/object/ops/access.h"
#include "server/object/ops/ops.h"

namespace daos::object {

runtime::Task<Result<messages::UpdateReply>> update(target::Target& target, messages::UpdateRequest request,
                                                    rpc::Caller caller) {
  const Access access = DX_CO_TRY(
      co_await object::access(target, request.pool, request.handle, request.map_version, Need::kWrite, caller.context));
  vos::UpdateOp op{.container = access.container,
                   .object = request.object,
                   .id = op_id(caller, request.slot),
                   .conditions = request.conditions,
                   .dkey = std::move(request.dkey)};
  op.values.reserve(request.akeys.size());
  for (messages::AkeyUpdate& akey : request.akeys) {
    vos::AkeyValue& value = op.values.emplace_back();
    value.akey = std::move(akey.akey);
    value.kind = static_cast<vos::ValueKind>(akey.kind);
    value.record_bytes = akey.record_bytes;
    for (const messages::Extent& extent : akey.extents) value.extents.push_back(to_vos(extent));
    value.value = std::move(akey.value);
    if (request.conditions != 0) op.akey_conditions.push_back(akey.conditions);
  }
  const uint64_t epoch = DX_CO_TRY(co_await access.shard().update(std::move(op)));
  co_return messages::UpdateReply{.epoch = epoch, .map_version = access.map_version()};
}

}  // namespace daos::object
