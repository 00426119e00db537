// Properties, access-control list and owner of an open container.
#include <daos_cont.h>

#include <cstdlib>

#include "client/capi/ace.h"
#include "client/capi/api_call.h"
#include "client/capi/handles.h"
#include "client/capi/prop_lists.h"
#include "client/capi/properties.h"
#include "client/core/container.h"
#include "model/messages/property_numbers.h"
#include "model/rights/permissions.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

// What lower floors know by number is what the API calls so.
static_assert(uint32_t{messages::kPoolAcl} == DAOS_PROP_PO_ACL && uint32_t{messages::kPoolLabel} == DAOS_PROP_PO_LABEL);
static_assert(uint32_t{messages::kPoolOwner} == DAOS_PROP_PO_OWNER);
static_assert(uint32_t{messages::kPoolOwnerGroup} == DAOS_PROP_PO_OWNER_GROUP);
static_assert(uint32_t{messages::kContainerLabel} == DAOS_PROP_CO_LABEL);
static_assert(uint32_t{messages::kContainerServerVerify} == DAOS_PROP_CO_CSUM_SERVER_VERIFY);
static_assert(uint32_t{messages::kContainerRedundancyLevel} == DAOS_PROP_CO_REDUN_LVL);
static_assert(uint32_t{messages::kContainerAcl} == DAOS_PROP_CO_ACL);
static_assert(uint32_t{messages::kContainerOwnerGroup} == DAOS_PROP_CO_OWNER_GROUP);
static_assert(uint32_t{messages::kContainerRoots} == DAOS_PROP_CO_ROOTS);
static_assert(uint32_t{messages::kContainerStatus} == DAOS_PROP_CO_STATUS);
static_assert(uint32_t{messages::kContainerAllocatedIds} == DAOS_PROP_CO_ALLOCED_OID);
static_assert(uint32_t{messages::kContainerGlobalVersion} == DAOS_PROP_CO_GLOBAL_VERSION);
static_assert(uint32_t{messages::kContainerPropertyEnd} == DAOS_PROP_CO_MAX);
static_assert(messages::kStatusHealthy == DAOS_PROP_CO_HEALTHY && messages::kStatusUnclean == DAOS_PROP_CO_UNCLEAN);
static_assert(messages::kStatusClear == DAOS_PROP_CO_CLEAR);
static_assert(uint64_t{rights::kRead} == DAOS_ACL_PERM_READ && uint64_t{rights::kSetOwner} == DAOS_ACL_PERM_SET_OWNER);
static_assert(uint64_t{rights::kContainerAll} == DAOS_ACL_PERM_CONT_ALL);
static_assert(rights::kPrincipals == NUM_DAOS_ACL_TYPES);

namespace {

std::string acl_bytes(daos_acl* acl) {
  return {reinterpret_cast<const char*>(acl), static_cast<size_t>(daos_acl_get_size(acl))};
}

int change(daos_handle_t coh, daos_event_t* ev, messages::Properties properties) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const std::shared_ptr<ContainerHandle> container = call.library.handles().find<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    return core::change_container(call.lane, container->core, std::move(properties), call.stop);
  });
}

Task<Status> get_acl(core::Lane& lane, std::shared_ptr<ContainerHandle> container, daos_prop_t** out,
                     runtime::StopToken stop) {
  const messages::ContainerInfo info =
      DX_CO_TRY(co_await core::query_container(lane, container->core, {.acl = true}, stop));
  daos_prop_t* list = daos_prop_alloc(3);
  if (list == nullptr) co_return Status(Code::kNoMemory);
  list->dpp_entries[0].dpe_type = DAOS_PROP_CO_ACL;
  list->dpp_entries[1].dpe_type = DAOS_PROP_CO_OWNER;
  list->dpp_entries[2].dpe_type = DAOS_PROP_CO_OWNER_GROUP;
  if (Status filled = from_messages(info.properties, list); !filled.ok()) {
    daos_prop_free(list);
    co_return filled;
  }
  *out = list;
  co_return Status();
}

/// 0 where there is nothing to check; -DER_NONEXIST for a name that this machine does not know.
int check_account(const char* principal, bool group) {
  if (principal == nullptr) return 0;
  unsigned id = 0;
  return group ? daos_acl_principal_to_gid(principal, &id) : daos_acl_principal_to_uid(principal, &id);
}

int set_owner(daos_handle_t coh, const char* user, const char* group, bool must_be_here, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const std::shared_ptr<ContainerHandle> container = call.library.handles().find<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    if (user == nullptr && group == nullptr) return Status(Code::kInvalid);
    messages::Properties owners;
    if (user != nullptr) owners.push_back({.type = DAOS_PROP_CO_OWNER, .text = user});
    if (group != nullptr) owners.push_back({.type = DAOS_PROP_CO_OWNER_GROUP, .text = group});
    for (const messages::Property& owner : owners) {
      if (!daos_acl_principal_is_valid(owner.text.c_str())) return Status(Code::kInvalid);
    }
    if (must_be_here) {
      int rc = check_account(user, false);
      if (rc == 0) rc = check_account(group, true);
      if (rc != 0) return Status(code_from_number(-rc));
    }
    return core::change_container(call.lane, container->core, std::move(owners), call.stop);
  });
}

}  // namespace

int daos_cont_set_prop(daos_handle_t coh, daos_prop_t* prop, daos_event_t* ev) {
  if (validate_props(prop, PropsOf::kContainer, PropUse::kInput) != 0 || prop->dpp_nr == 0) return -DER_INVAL;
  return guarded([&] { return change(coh, ev, to_messages(prop)); });
}

int daos_cont_status_clear(daos_handle_t coh, daos_event_t* ev) {
  return guarded([&] {
    return change(coh, ev,
                  {{.type = DAOS_PROP_CO_STATUS,
                    .number = messages::container_status(DAOS_PROP_CO_HEALTHY, DAOS_PROP_CO_CLEAR, 0)}});
  });
}

int daos_cont_get_acl(daos_handle_t coh, daos_prop_t** acl_prop, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    std::shared_ptr<ContainerHandle> container = call.library.handles().find<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    if (acl_prop == nullptr) return Status(Code::kInvalid);
    return get_acl(call.lane, std::move(container), acl_prop, call.stop);
  });
}

int daos_cont_overwrite_acl(daos_handle_t coh, struct daos_acl* acl, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const std::shared_ptr<ContainerHandle> container = call.library.handles().find<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    if (daos_acl_validate(acl) != 0) return Status(Code::kInvalid);
    return core::change_container(call.lane, container->core, {{.type = DAOS_PROP_CO_ACL, .text = acl_bytes(acl)}},
                                  call.stop);
  });
}

int daos_cont_update_acl(daos_handle_t coh, struct daos_acl* acl, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const std::shared_ptr<ContainerHandle> container = call.library.handles().find<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    if (daos_acl_validate(acl) != 0) return Status(Code::kInvalid);
    return core::change_acl(call.lane, container->core, {.merge = acl_bytes(acl)}, call.stop);
  });
}

int daos_cont_delete_acl(daos_handle_t coh, enum daos_acl_principal_type type, d_string_t name, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const std::shared_ptr<ContainerHandle> container = call.library.handles().find<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    if (!is_principal(type, name)) return Status(Code::kInvalid);
    return core::change_acl(
        call.lane, container->core,
        {.remove = true, .principal = static_cast<uint8_t>(type), .name = has_name(type) ? name : ""}, call.stop);
  });
}

int daos_cont_set_owner(daos_handle_t coh, d_string_t user, d_string_t group, daos_event_t* ev) {
  return set_owner(coh, user, group, true, ev);
}

int daos_cont_set_owner_no_check(daos_handle_t coh, d_string_t user, d_string_t group, daos_event_t* ev) {
  return set_owner(coh, user, group, false, ev);
}
