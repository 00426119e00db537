// daos_cont_*: create, open, close, query, destroy.
#include <daos_cont.h>

#include <bit>
#include <cstring>

#include "client/capi/api_call.h"
#include "client/capi/container_info.h"
#include "client/capi/handles.h"
#include "client/capi/prop_lists.h"
#include "client/capi/properties.h"
#include "client/core/container.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

namespace {

void copy_uuid(uuid_t to, const Uuid& from) { std::memcpy(to, from.bytes.data(), from.bytes.size()); }

Task<Status> create(core::Lane& lane, std::shared_ptr<PoolHandle> pool, messages::Properties properties, uuid_t* uuid,
                    runtime::StopToken stop) {
  const Uuid id = lane.reactor().rng().uuid();
  DX_CO_TRY(co_await core::create_container(lane, pool->core, id, std::move(properties), stop));
  if (uuid != nullptr) copy_uuid(*uuid, id);
  co_return Status();
}

int start_create(daos_handle_t poh, const char* label, daos_prop_t* prop, uuid_t* uuid, daos_event_t* ev) {
  if (prop != nullptr && validate_props(prop, PropsOf::kContainer, PropUse::kInput) != 0) return -DER_INVAL;
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    std::shared_ptr<PoolHandle> pool = call.library.handles().find<PoolHandle>(poh);
    if (pool == nullptr) return Status(Code::kNoHandle);
    messages::Properties properties = DX_TRY(complete_container(to_messages(prop), *pool, label));
    return create(call.lane, std::move(pool), std::move(properties), uuid, call.stop);
  });
}

bool open_flags_are_valid(unsigned flags) {
  const unsigned mode = flags & (DAOS_COO_RO | DAOS_COO_RW | DAOS_COO_EX);
  if (!std::has_single_bit(mode) || (flags & ~((1u << DAOS_COO_NBITS) - 1)) != 0) return false;
  const bool evict = (flags & DAOS_COO_EVICT) != 0;
  const bool evict_all = (flags & DAOS_COO_EVICT_ALL) != 0;
  return !(evict && evict_all) && !(evict && mode == DAOS_COO_EX) && !(evict_all && mode != DAOS_COO_EX);
}

Task<Status> open(Library& library, core::Lane& lane, std::shared_ptr<PoolHandle> pool, std::string name,
                  unsigned flags, daos_handle_t* coh, daos_cont_info_t* info, runtime::StopToken stop) {
  core::OpenedContainer opened =
      DX_CO_TRY(co_await core::open_container(lane, pool->core, std::move(name), flags, stop));
  if (info != nullptr) fill_info(*info, opened.info);
  pool->containers++;
  *coh = library.handles().add(std::make_shared<ContainerHandle>(std::move(opened.container), std::move(pool), false));
  co_return Status();
}

/// What a query for these properties has to ask for. The label alone comes with every answer, yet it needs the right.
core::QueryParts parts_of(const daos_prop_t* prop) {
  core::QueryParts parts;
  if (prop == nullptr) return parts;
  parts.properties = parts.acl = prop->dpp_nr == 0;
  for (uint32_t i = 0; i < prop->dpp_nr; i++) {
    (prop->dpp_entries[i].dpe_type == DAOS_PROP_CO_ACL ? parts.acl : parts.properties) = true;
  }
  return parts;
}

Task<Status> query(core::Lane& lane, std::shared_ptr<ContainerHandle> container, daos_cont_info_t* out,
                   daos_prop_t* prop, runtime::StopToken stop) {
  const messages::ContainerInfo info =
      DX_CO_TRY(co_await core::query_container(lane, container->core, parts_of(prop), stop));
  if (prop != nullptr) DX_CO_TRY(from_messages(container_properties(info), prop));
  if (out != nullptr) fill_info(*out, info);
  co_return Status();
}

}  // namespace

int daos_cont_create(daos_handle_t poh, uuid_t* uuid, daos_prop_t* cont_prop, daos_event_t* ev) {
  return start_create(poh, nullptr, cont_prop, uuid, ev);
}

int daos_cont_create_with_label(daos_handle_t poh, const char* label, daos_prop_t* cont_prop, uuid_t* uuid,
                                daos_event_t* ev) {
  if (!daos_label_is_valid(label) || std::strcmp(label, DAOS_PROP_NO_CO_LABEL) == 0) return -DER_INVAL;
  return start_create(poh, label, cont_prop, uuid, ev);
}

int daos_cont_open(daos_handle_t poh, const char* cont, unsigned int flags, daos_handle_t* coh, daos_cont_info_t* info,
                   daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    std::shared_ptr<PoolHandle> pool = call.library.handles().find<PoolHandle>(poh);
    if (pool == nullptr) return Status(Code::kNoHandle);
    std::string name = name_or_uuid(cont);
    if (name.empty() || coh == nullptr || !open_flags_are_valid(flags)) return Status(Code::kInvalid);
    return open(call.library, call.lane, std::move(pool), std::move(name), flags, coh, info, call.stop);
  });
}

int daos_cont_close(daos_handle_t coh, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const std::shared_ptr<ContainerHandle> container = call.library.handles().remove<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    container->core->mark_closed();
    container->pool->containers--;
    if (container->shared) return []() -> Task<Status> { co_return Status(); }();
    return core::close_container(call.lane, container->core, call.stop);
  });
}

int daos_cont_query(daos_handle_t coh, daos_cont_info_t* info, daos_prop_t* cont_prop, daos_event_t* ev) {
  if (cont_prop != nullptr && validate_props(cont_prop, PropsOf::kContainer, PropUse::kQuery) != 0) return -DER_INVAL;
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    std::shared_ptr<ContainerHandle> container = call.library.handles().find<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    return query(call.lane, std::move(container), info, cont_prop, call.stop);
  });
}

int daos_cont_destroy(daos_handle_t poh, const char* cont, int force, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const std::shared_ptr<PoolHandle> pool = call.library.handles().find<PoolHandle>(poh);
    if (pool == nullptr) return Status(Code::kNoHandle);
    std::string name = name_or_uuid(cont);
    if (name.empty()) return Status(Code::kInvalid);
    return core::destroy_container(call.lane, pool->core, std::move(name), force != 0, call.stop);
  });
}
