#include "client/core/system.h"

namespace daos::core {

runtime::Task<Result<std::vector<messages::PoolSummary>>> list_pools(Lane& lane, runtime::StopToken stop) {
  Attempts attempts(lane, stop, lane.client().patience().services_limit);
  const SystemRef system = DX_CO_TRY(co_await lane.client().system()->find(lane));
  messages::PoolListReply reply =
      DX_CO_TRY(co_await ask_system(lane, messages::PoolListRequest{.asker = system->credential}, attempts));
  co_return std::move(reply.pools);
}

runtime::Task<Result<messages::SystemQueryReply>> query_system(Lane& lane, runtime::StopToken stop) {
  Attempts attempts(lane, stop, lane.client().patience().services_limit);
  Result<messages::SystemQueryReply> reply = co_await ask_system(lane, messages::SystemQueryRequest{}, attempts);
  co_return reply;
}

runtime::Task<Result<messages::PoolResolveReply>> resolve_pool(Lane& lane, SystemSource& source, std::string pool,
                                                               Attempts& attempts) {
  Result<messages::PoolResolveReply> reply =
      co_await ask_system(lane, source, messages::PoolResolveRequest{.pool = std::move(pool)}, attempts);
  co_return reply;
}

}  // namespace daos::core
