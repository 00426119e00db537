#include "programs/daos/container_lookup.h"

#include "programs/daos/posix_options.h"
#include "programs/properties/container_properties.h"

namespace daos::cli {

Result<ContainerView> look_up(const Pool& pool, const std::string& pool_uuid, const std::string& name) {
  const Container container = DX_TRY(Container::open(pool, name));
  const Container::Info found = DX_TRY(container.query());
  ContainerView view{.pool_uuid = pool_uuid,
                     .uuid = from_api(found.info.ci_uuid).to_string(),
                     .label = found.label,
                     .type = properties::layout_name(found.layout),
                     .redundancy_factor = found.redundancy_factor,
                     .handles = found.info.ci_nhandles,
                     .snapshots = found.info.ci_nsnapshots,
                     .latest_snapshot = found.info.ci_lsnapshot,
                     .open_time = found.info.ci_md_otime,
                     .modify_time = found.info.ci_md_mtime,
                     .healthy = found.healthy,
                     .files = {}};
  if (found.layout == DAOS_PROP_CO_LAYOUT_POSIX) {
    // Made by hand or half made: it is a container all the same, and may be listed and destroyed.
    look_at_files(pool, container, view).ignore("then nothing is said of its files");
  }
  return view;
}

Result<std::string> uuid_of(const Pool& pool) {
  daos_pool_info_t info{};
  DX_TRY(from_api(daos_pool_query(pool.handle(), nullptr, &info, nullptr, nullptr)));
  return from_api(info.pi_uuid).to_string();
}

}  // namespace daos::cli
