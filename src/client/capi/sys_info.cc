// Release of what daos_mgmt_get_sys_info allocates: everything with malloc.
#include <daos_mgmt.h>

#include <cstdlib>

void daos_mgmt_put_sys_info(struct daos_sys_info* info) {
  if (info == nullptr) return;
  for (uint32_t i = 0; info->dsi_ranks != nullptr && i < info->dsi_nr_ranks; i++) std::free(info->dsi_ranks[i].dru_uri);
  std::free(info->dsi_ranks);
  std::free(info->dsi_ms_ranks);
  std::free(info);
}
