// daos_pool_*, and what daos_mgmt.h asks of the system.
#include <daos_mgmt.h>
#include <daos_pool.h>
#include <gurt/common.h>

#include <cstdlib>
#include <cstring>

#include "client/capi/api_call.h"
#include "client/capi/container_info.h"
#include "client/capi/handles.h"
#include "client/capi/prop_lists.h"
#include "client/capi/properties.h"
#include "client/core/container.h"
#include "client/core/pool.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

namespace {

void copy_uuid(uuid_t to, const Uuid& from) { std::memcpy(to, from.bytes.data(), from.bytes.size()); }

/// Fills what pi_bits asks for; the rest stays as it is.
void fill_info(daos_pool_info_t& out, const messages::PoolInfo& info) {
  copy_uuid(out.pi_uuid, info.pool);
  out.pi_ntargets = info.targets;
  out.pi_nnodes = info.engines;
  out.pi_ndisabled = info.targets_disabled;
  out.pi_map_ver = info.map_version.value();
  out.pi_leader = info.leader.value();
  if ((out.pi_bits & DPI_SPACE) != 0 && info.with_space) {
    for (size_t tier = 0; tier < messages::kTiers; tier++) {
      out.pi_space.ps_space.s_total[tier] = info.space.tiers[tier].total;
      out.pi_space.ps_space.s_free[tier] = info.space.tiers[tier].free;
      out.pi_space.ps_free_min[tier] = info.free_min[tier];
      out.pi_space.ps_free_max[tier] = info.free_max[tier];
      out.pi_space.ps_free_mean[tier] = info.targets > 0 ? info.space.tiers[tier].free / info.targets : 0;
    }
    out.pi_space.ps_ntargets = info.targets;
  }
  if ((out.pi_bits & DPI_REBUILD_STATUS) != 0) {
    out.pi_rebuild_st = {};
    out.pi_rebuild_st.rs_state = DRS_NOT_STARTED;
  }
  if ((out.pi_bits & DPI_REBUILD_MAX_LAYOUT_VER) != 0) out.pi_rebuild_st.rs_max_supported_layout_ver = kObjectVersion;
}

bool wants_space(const daos_pool_info_t* info) { return info != nullptr && (info->pi_bits & DPI_SPACE) != 0; }

/// Ranks with all targets serving, or those with one that does not.
Result<d_rank_list_t*> rank_list(const map::PoolMap& map, bool serving) {
  std::vector<d_rank_t> found;
  for (const map::Engine& engine : map.engines()) {
    bool all = true;
    for (const map::Target& target : map.targets_of(engine))
      all &= map.is_in(target, {map::State::kUpIn, map::State::kUp, map::State::kDrain});
    if (all == serving) found.push_back(engine.rank().value());
  }
  d_rank_list_t* list = d_rank_list_alloc(static_cast<uint32_t>(found.size()));
  if (list == nullptr) return Status(Code::kNoMemory);
  if (!found.empty()) std::memcpy(list->rl_ranks, found.data(), found.size() * sizeof(d_rank_t));
  return list;
}

/// What the caller calls the pool: a label or uuid of the client's system, or the directory of an embedded store.
struct PoolName {
  std::string label;
  std::string store;

  explicit PoolName(const char* name) {
    if (name != nullptr && is_path(name)) {
      store = name;
    } else {
      label = name_or_uuid(name);
    }
  }
  bool empty() const { return label.empty() && store.empty(); }
};

Task<Status> connect(Library& library, core::Lane& lane, PoolName name, std::string system, messages::PoolAccess access,
                     daos_handle_t* poh, daos_pool_info_t* info, runtime::StopToken stop) {
  StoreLease store;
  if (!name.store.empty()) store = DX_CO_TRY(library.stores().open(name.store));
  core::SystemSourceRef source = store.store() != nullptr ? store.store() : library.client().own_system();
  core::ConnectedPool connected = DX_CO_TRY(co_await core::connect_pool(
      lane, std::move(source), std::move(name.label), std::move(system), access, wants_space(info), stop));
  if (info != nullptr) fill_info(*info, connected.info);
  *poh = library.handles().add(std::make_shared<PoolHandle>(
      std::move(connected.pool), std::move(connected.info.properties), false, std::move(store)));
  co_return Status();
}

/// Holds the handle, and with it an embedded store, to the end.
Task<Status> disconnect(core::Lane& lane, std::shared_ptr<PoolHandle> pool, runtime::StopToken stop) {
  Status status = co_await core::disconnect_pool(lane, pool->core, stop);
  co_return status;
}

Task<Status> query(core::Lane& lane, std::shared_ptr<PoolHandle> pool, d_rank_list_t** ranks, daos_pool_info_t* out,
                   daos_prop_t* prop, runtime::StopToken stop) {
  const messages::PoolInfo info = DX_CO_TRY(co_await core::query_pool(lane, pool->core, wants_space(out), stop));
  if (prop != nullptr) DX_CO_TRY(from_messages(pool_properties(info), prop));
  if (ranks != nullptr) {
    const core::PoolViewRef view = pool->core->view();
    if (view == nullptr) co_return error(Code::kUnreachable, "the pool's map could not be had");
    *ranks = DX_CO_TRY(rank_list(*view->map, out != nullptr && (out->pi_bits & DPI_ENGINES_ENABLED) != 0));
  }
  if (out != nullptr) fill_info(*out, info);
  co_return Status();
}

Task<Status> list_containers(core::Lane& lane, std::shared_ptr<PoolHandle> pool, daos_size_t* count,
                             daos_pool_cont_info* out, runtime::StopToken stop) {
  const daos_size_t room = out != nullptr ? *count : 0;
  const std::vector<messages::ContainerInfo> found = DX_CO_TRY(co_await core::list_containers(lane, pool->core, stop));
  *count = found.size();
  if (room == 0) co_return Status();
  if (room < found.size()) co_return Status(Code::kTruncated);
  for (size_t i = 0; i < found.size(); i++) fill_id(out[i], found[i]);
  co_return Status();
}

Task<Status> list_pools(core::Lane& lane, std::string system_name, daos_size_t* count, daos_mgmt_pool_info_t* out,
                        runtime::StopToken stop) {
  const daos_size_t room = out != nullptr ? *count : 0;
  const core::SystemRef system = DX_CO_TRY(co_await lane.client().system()->find(lane));
  if (!system_name.empty() && system_name != system->name) {
    co_return error(Code::kNonexistent, "the agent belongs to system {}, not to {}", system->name, system_name);
  }
  const std::vector<messages::PoolSummary> pools = DX_CO_TRY(co_await core::list_pools(lane, stop));
  *count = pools.size();
  if (out == nullptr) co_return Status();
  if (room < pools.size()) co_return Status(Code::kOverflow);
  for (size_t i = 0; i < pools.size(); i++) {
    const messages::PoolSummary& pool = pools[i];
    out[i] = {};
    copy_uuid(out[i].mgpi_uuid, pool.pool);
    out[i].mgpi_label = strdup(pool.label.c_str());
    out[i].mgpi_svc = d_rank_list_alloc(static_cast<uint32_t>(pool.service_ranks.size()));
    if (out[i].mgpi_label == nullptr || out[i].mgpi_svc == nullptr) {
      for (size_t k = 0; k <= i; k++) {
        std::free(out[k].mgpi_label);
        d_rank_list_free(out[k].mgpi_svc);
        out[k] = {};
      }
      co_return Status(Code::kNoMemory);
    }
    for (size_t k = 0; k < pool.service_ranks.size(); k++) out[i].mgpi_svc->rl_ranks[k] = pool.service_ranks[k].value();
    if (!pool.service_ranks.empty()) out[i].mgpi_ldr = pool.service_ranks[0].value();
  }
  co_return Status();
}

}  // namespace

int daos_pool_connect(const char* pool, const char* sys, unsigned int flags, daos_handle_t* poh, daos_pool_info_t* info,
                      daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    PoolName name(pool);
    if (name.empty() || poh == nullptr) return Status(Code::kInvalid);
    if (flags != DAOS_PC_RO && flags != DAOS_PC_RW && flags != DAOS_PC_EX) return Status(Code::kInvalid);
    return connect(call.library, call.lane, std::move(name), sys != nullptr ? sys : "",
                   static_cast<messages::PoolAccess>(flags), poh, info, call.stop);
  });
}

int daos_pool_disconnect(daos_handle_t poh, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    std::shared_ptr<PoolHandle> pool = call.library.handles().find<PoolHandle>(poh);
    if (pool == nullptr) return Status(Code::kNoHandle);
    if (pool->containers > 0) return Status(Code::kBusy);
    if (call.library.handles().remove<PoolHandle>(poh) == nullptr) return Status(Code::kNoHandle);
    if (pool->shared) return []() -> Task<Status> { co_return Status(); }();
    return disconnect(call.lane, std::move(pool), call.stop);
  });
}

int daos_pool_query(daos_handle_t poh, d_rank_list_t** ranks, daos_pool_info_t* info, daos_prop_t* pool_prop,
                    daos_event_t* ev) {
  if (pool_prop != nullptr && validate_props(pool_prop, PropsOf::kPool, PropUse::kQuery) != 0) return -DER_INVAL;
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    std::shared_ptr<PoolHandle> pool = call.library.handles().find<PoolHandle>(poh);
    if (pool == nullptr) return Status(Code::kNoHandle);
    return query(call.lane, std::move(pool), ranks, info, pool_prop, call.stop);
  });
}

int daos_pool_list_cont(daos_handle_t poh, daos_size_t* ncont, struct daos_pool_cont_info* cbuf, daos_event_t* ev) {
  if (ncont == nullptr) return -DER_INVAL;
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    std::shared_ptr<PoolHandle> pool = call.library.handles().find<PoolHandle>(poh);
    if (pool == nullptr) return Status(Code::kNoHandle);
    return list_containers(call.lane, std::move(pool), ncont, cbuf, call.stop);
  });
}

int daos_mgmt_list_pools(const char* group, daos_size_t* npools, daos_mgmt_pool_info_t* pools, daos_event_t* ev) {
  if (npools == nullptr) return -DER_INVAL;
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    return list_pools(call.lane, group != nullptr ? group : "", npools, pools, call.stop);
  });
}
