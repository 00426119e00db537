// What the service tells of a container, in the API's structs.
#pragma once

#include <daos_pool.h>

#include <cstring>

#include "model/messages/pool.h"

namespace daos::capi {

inline void fill_info(daos_cont_info_t& out, const messages::ContainerInfo& info) {
  std::memcpy(out.ci_uuid, info.container.bytes.data(), info.container.bytes.size());
  out.ci_lsnapshot = info.latest_snapshot;
  out.ci_nhandles = info.handles;
  out.ci_nsnapshots = info.snapshots;
  out.ci_md_otime = info.open_time;
  out.ci_md_mtime = info.modify_time;
}

inline void fill_id(daos_pool_cont_info& out, const messages::ContainerInfo& info) {
  std::memcpy(out.pci_uuid, info.container.bytes.data(), info.container.bytes.size());
  out.pci_label[info.label.copy(out.pci_label, DAOS_PROP_LABEL_MAX_LEN)] = '\0';
}

}  // namespace daos::capi
