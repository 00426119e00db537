#include "server/object/ops/ops.h"

namespace daos::object {

runtime::Task<Result<messages::UpdateReply>> update(target::Target& target, messages::UpdateRequest request,
                                                    rpc::Caller caller) {
  const std::shared_ptr<target::PoolShard> shard = DX_CO_TRY(target.lease(request.pool));
  DX_CO_TRY(check_map(*shard, request.map_version));
  if (request.conditions != 0) {
    co_return error(Code::kNotSupported, "conditional updates ({:#x}) are not there yet", request.conditions);
  }
  const messages::HandleRights rights = DX_CO_TRY(co_await target.resolve(shard, request.handle, caller.context));
  if (!rights.may_write) co_return error(Code::kNoPerm, "the container handle does not allow writing");
  vos::UpdateOp op{.container = rights.container,
                   .object = request.object,
                   .endpoint = {caller.identity.client, caller.identity.context},
                   .slot = request.slot,
                   .dkey = std::move(request.dkey)};
  op.values.reserve(request.akeys.size());
  for (messages::AkeyUpdate& akey : request.akeys) {
    op.values.push_back({.akey = std::move(akey.akey), .kind = static_cast<vos::ValueKind>(akey.kind),
                         .value = std::move(akey.value)});
  }
  const uint64_t epoch = DX_CO_TRY(co_await shard->shard().update(std::move(op)));
  co_return messages::UpdateReply{.epoch = epoch, .map_version = shard->map()->version()};
}

}  // namespace daos::object
