#include "client/core/system.h"

namespace daos::core {

runtime::Task<Result<std::vector<messages::PoolSummary>>> list_pools(Lane& lane, runtime::StopToken stop) {
  Attempts attempts(lane, stop, lane.client().patience().services_limit);
  messages::PoolListReply reply = DX_CO_TRY(co_await ask_system(lane, messages::PoolListRequest{}, attempts));
  co_return std::move(reply.pools);
}

runtime::Task<Result<messages::PoolResolveReply>> resolve_pool(Lane& lane, std::string pool, Attempts& attempts) {
  Result<messages::PoolResolveReply> reply =
      co_await ask_system(lane, messages::PoolResolveRequest{.pool = std::move(pool)}, attempts);
  co_return reply;
}

}  // namespace daos::core
