#include "server/object/ops/ops.h"

namespace daos::object {

runtime::Task<Result<messages::SlotCloseReply>> close_slot(target::Target& target, messages::SlotCloseRequest request,
                                                           rpc::Caller caller) {
  const std::shared_ptr<target::PoolShard> shard = DX_CO_TRY(target.lease(request.pool));
  std::optional<rpc::SlotOutcome> executed =
      DX_CO_TRY(co_await shard->shard().close_slot({caller.identity.client, caller.identity.context}, request.slot));
  co_return messages::SlotCloseReply{.executed = executed};
}

}  // namespace daos::object
