#include "programs/daos/pool_view.h"

namespace daos::cli {

output::PoolView view_of(const Pool::Info& pool) {
  const daos_pool_info_t& info = pool.info;
  output::PoolView view{.uuid = from_api(info.pi_uuid).to_string(),
                        .label = pool.label,
                        .total_targets = info.pi_ntargets,
                        .disabled_targets = info.pi_ndisabled,
                        .total_engines = info.pi_nnodes,
                        .version = info.pi_map_ver,
                        .service_leader = info.pi_leader,
                        .service_ranks = {info.pi_leader},
                        .ranks = pool.enabled_ranks};
  if (info.pi_ndisabled > 0) view.state = "TargetsExcluded";
  const daos_pool_space& space = info.pi_space;
  for (size_t tier = 0; tier < DAOS_MEDIA_MAX; tier++) {
    if (tier > 0 && space.ps_space.s_total[tier] == 0) continue;
    view.tiers.push_back({.total = space.ps_space.s_total[tier],
                          .free = space.ps_space.s_free[tier],
                          .min = space.ps_free_min[tier],
                          .max = space.ps_free_max[tier],
                          .mean = space.ps_free_mean[tier]});
  }
  return view;
}

}  // namespace daos::cli
