// One target of a pool, and the pool's service.
#include <daos_mgmt.h>
#include <daos_pool.h>

#include "client/capi/api_call.h"
#include "client/capi/handles.h"
#include "client/core/pool.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

static_assert(static_cast<int>(map::State::kDownOut) == DAOS_TS_DOWN_OUT);
static_assert(static_cast<int>(map::State::kDrain) == DAOS_TS_DRAIN);

namespace {

Task<Status> query_target(core::Lane& lane, core::PoolRef pool, map::Rank rank, uint32_t target,
                          daos_target_info_t* out, runtime::StopToken stop) {
  const messages::TargetInfo info = DX_CO_TRY(co_await core::query_target(lane, std::move(pool), rank, target, stop));
  out->ta_state = static_cast<daos_target_state_t>(info.state);
  for (size_t tier = 0; tier < messages::kTiers; tier++) {
    out->ta_space.s_total[tier] = info.space.tiers[tier].total;
    out->ta_space.s_free[tier] = info.space.tiers[tier].free;
  }
  co_return Status();
}

}  // namespace

int daos_pool_query_target(daos_handle_t poh, uint32_t tgt, d_rank_t rank, daos_target_info_t* info, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const std::shared_ptr<PoolHandle> pool = call.library.handles().find<PoolHandle>(poh);
    if (pool == nullptr) return Status(Code::kNoHandle);
    if (info == nullptr) return Status(Code::kInvalid);
    return query_target(call.lane, pool->core, map::Rank(rank), tgt, info, call.stop);
  });
}

int daos_pool_stop_svc(daos_handle_t poh, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const std::shared_ptr<PoolHandle> pool = call.library.handles().find<PoolHandle>(poh);
    if (pool == nullptr) return Status(Code::kNoHandle);
    return core::stop_pool_service(call.lane, pool->core, call.stop);
  });
}
