// Calls of the pool's service by an administrator: no handle stands behind them.
#include "server/services/pool/pool_service.h"

namespace daos::services {

runtime::Task<Status> PoolService::change(Uuid operation, messages::Properties properties) {
  DX_CO_TRY(co_await propose(operation, PoolChange{.properties = std::move(properties)}));
  co_return Status();
}

runtime::Task<Result<messages::Nothing>> PoolService::change_pool_acl(messages::PoolAclRequest request) {
  DX_CO_TRY(co_await propose(request.operation, PoolAclChange{.change = std::move(request.change)}));
  co_return messages::Nothing{};
}

runtime::Task<Result<messages::Nothing>> PoolService::evict(messages::PoolEvictRequest request) {
  const Closed closed = DX_CO_TRY(co_await propose(request.operation, EvictAll{.now = now()}));
  // Also when a repetition finds nothing open: the first may have been cut short before targets were told.
  co_await revoke(closed.handles);
  co_return messages::Nothing{};
}

runtime::Task<Result<messages::Nothing>> PoolService::change_owner(messages::ContainerOwnerRequest request) {
  DX_CO_TRY(co_await propose(request.operation, ContainerOwner{.container = std::move(request.container),
                                                               .user = std::move(request.user),
                                                               .group = std::move(request.group),
                                                               .now = now()}));
  co_return messages::Nothing{};
}

}  // namespace daos::services
