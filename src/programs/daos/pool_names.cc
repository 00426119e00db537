#include "programs/daos/pool_names.h"

#include <daos_mgmt.h>

#include <cstdlib>

#include "programs/daos/pool_view.h"

namespace daos::cli {

Result<std::vector<output::PoolView>> known_pools(const std::string& system) {
  const char* group = system.empty() ? nullptr : system.c_str();
  std::vector<daos_mgmt_pool_info_t> infos;
  daos_size_t count = 0;
  DX_TRY(from_api(daos_mgmt_list_pools(group, &count, nullptr, nullptr)));
  while (count > 0) {
    infos.assign(count, {});
    const int rc = daos_mgmt_list_pools(group, &count, infos.data(), nullptr);
    if (rc == -DER_OVERFLOW || rc == -DER_TRUNC) continue;  // one was made in between
    DX_TRY(from_api(rc));
    break;
  }
  infos.resize(count);
  std::vector<output::PoolView> views;
  for (daos_mgmt_pool_info_t& info : infos) {
    output::PoolView view{.uuid = from_api(info.mgpi_uuid).to_string(),
                          .label = info.mgpi_label ? info.mgpi_label : ""};
    for (uint32_t i = 0; info.mgpi_svc != nullptr && i < info.mgpi_svc->rl_nr; i++) {
      view.service_ranks.push_back(info.mgpi_svc->rl_ranks[i]);
    }
    std::free(info.mgpi_label);
    d_rank_list_free(info.mgpi_svc);
    views.push_back(std::move(view));
  }
  return views;
}

Result<output::PoolView> queried_pool(const output::PoolView& known, const std::string& system) {
  const Pool pool = DX_TRY(Pool::connect(known.uuid, DAOS_PC_RO, system));
  output::PoolView view = view_of(DX_TRY(pool.query()));
  view.service_ranks = known.service_ranks;
  return view;
}

}  // namespace daos::cli
