// Lists of containers with what their metadata says, and filters: arrays of the caller's parts.
#include <daos_pool.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "client/capi/api_call.h"
#include "client/capi/container_info.h"
#include "client/capi/handles.h"
#include "client/core/container.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

namespace {

/// A copy of the caller's filter.
struct Filter {
  bool any = false;  // else all parts must hold
  std::vector<daos_pool_cont_filter_part_t> parts;
};

Result<Filter> copy_filter(const daos_pool_cont_filter_t* given) {
  Filter filter;
  if (given == nullptr) return filter;
  if (given->pcf_combine_func > PCF_COMBINE_LOGICAL_OR || given->pcf_nparts > DAOS_POOL_CONT_FILTER_MAX_NPARTS ||
      (given->pcf_nparts > 0 && given->pcf_parts == nullptr)) {
    return Status(Code::kInvalid);
  }
  filter.any = given->pcf_combine_func == PCF_COMBINE_LOGICAL_OR;
  for (uint32_t i = 0; i < given->pcf_nparts; i++) {
    const daos_pool_cont_filter_part_t* part = given->pcf_parts[i];
    if (part == nullptr || part->pcfp_func >= PCF_FUNC_MAX || part->pcfp_key >= PCF_KEY_MAX) {
      return Status(Code::kInvalid);
    }
    filter.parts.push_back(*part);
  }
  return filter;
}

uint64_t value_of(const messages::ContainerInfo& info, uint32_t key) {
  switch (key) {
    case PCF_KEY_MD_OTIME:
      return info.open_time;
    case PCF_KEY_MD_MTIME:
      return info.modify_time;
    case PCF_KEY_NUM_SNAPSHOTS:
      return info.snapshots;
    default:
      return info.handles;
  }
}

bool holds(const messages::ContainerInfo& info, const daos_pool_cont_filter_part_t& part) {
  const uint64_t value = value_of(info, part.pcfp_key);
  switch (part.pcfp_func) {
    case PCF_FUNC_EQ:
      return value == part.pcfp_val64;
    case PCF_FUNC_NE:
      return value != part.pcfp_val64;
    case PCF_FUNC_LT:
      return value < part.pcfp_val64;
    case PCF_FUNC_LE:
      return value <= part.pcfp_val64;
    case PCF_FUNC_GT:
      return value > part.pcfp_val64;
    default:
      return value >= part.pcfp_val64;
  }
}

bool matches(const messages::ContainerInfo& info, const Filter& filter) {
  if (filter.parts.empty()) return true;
  for (const daos_pool_cont_filter_part_t& part : filter.parts) {
    if (holds(info, part) == filter.any) return filter.any;
  }
  return !filter.any;
}

Task<Status> list_matching(core::Lane& lane, core::PoolRef pool, Filter filter, daos_size_t* count,
                           daos_pool_cont_info2* out, runtime::StopToken stop) {
  const daos_size_t room = out != nullptr ? *count : 0;
  std::vector<messages::ContainerInfo> found = DX_CO_TRY(co_await core::list_containers(lane, std::move(pool), stop));
  std::erase_if(found, [&filter](const messages::ContainerInfo& info) { return !matches(info, filter); });
  *count = found.size();
  if (room == 0) co_return Status();
  if (room < found.size()) co_return Status(Code::kTruncated);
  for (size_t i = 0; i < found.size(); i++) {
    out[i] = {};
    fill_id(out[i].pci_id, found[i]);
    fill_info(out[i].pci_cinfo, found[i]);
  }
  co_return Status();
}

}  // namespace

int daos_pool_cont_filter_init(daos_pool_cont_filter_t* filt, uint32_t combine_func) {
  if (filt == nullptr || combine_func > PCF_COMBINE_LOGICAL_OR) return -DER_INVAL;
  *filt = {};
  filt->pcf_combine_func = combine_func;
  return 0;
}

int daos_pool_cont_filter_add(daos_pool_cont_filter_t* filt, daos_pool_cont_filter_part_t* part) {
  if (filt == nullptr || part == nullptr || part->pcfp_func >= PCF_FUNC_MAX || part->pcfp_key >= PCF_KEY_MAX ||
      filt->pcf_nparts >= DAOS_POOL_CONT_FILTER_MAX_NPARTS) {
    return -DER_INVAL;
  }
  auto* grown = static_cast<daos_pool_cont_filter_part_t**>(
      std::realloc(filt->pcf_parts, (filt->pcf_nparts + 1) * sizeof(daos_pool_cont_filter_part_t*)));
  if (grown == nullptr) return -DER_NOMEM;
  grown[filt->pcf_nparts++] = part;
  filt->pcf_parts = grown;
  return 0;
}

void daos_pool_cont_filter_fini(daos_pool_cont_filter_t* filt) {
  if (filt == nullptr) return;
  std::free(filt->pcf_parts);
  *filt = {};
}

int daos_pool_filter_cont(daos_handle_t poh, daos_pool_cont_filter_t* filter, daos_size_t* ncont,
                          struct daos_pool_cont_info2* cbuf, daos_event_t* ev) {
  if (ncont == nullptr) return -DER_INVAL;
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const std::shared_ptr<PoolHandle> pool = call.library.handles().find<PoolHandle>(poh);
    if (pool == nullptr) return Status(Code::kNoHandle);
    return list_matching(call.lane, pool->core, DX_TRY(copy_filter(filter)), ncont, cbuf, call.stop);
  });
}
