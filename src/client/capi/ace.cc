// Entries of access-control lists: what is a valid one.
#include "client/capi/ace.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace daos::capi {

bool has_name(uint32_t principal_type) { return principal_type == DAOS_ACL_USER || principal_type == DAOS_ACL_GROUP; }

bool is_group(uint32_t principal_type) {
  return principal_type == DAOS_ACL_OWNER_GROUP || principal_type == DAOS_ACL_GROUP;
}

bool is_principal(uint32_t type, const char* name) {
  return type < NUM_DAOS_ACL_TYPES && (!has_name(type) || daos_acl_principal_is_valid(name));
}

bool is_for(const daos_ace* ace, uint32_t type, const char* name) {
  if (ace->dae_principal_type != type) return false;
  return !has_name(type) || ::strncmp(ace->dae_principal, name, ace->dae_principal_len) == 0;
}

}  // namespace daos::capi

namespace {

using daos::capi::has_name;
using daos::capi::is_group;

constexpr size_t kPadding = 8;

bool name_is_valid(const daos_ace* ace) {
  const uint16_t length = ace->dae_principal_len;
  if (!has_name(ace->dae_principal_type)) return length == 0;
  return length > 0 && length % kPadding == 0 && std::memchr(ace->dae_principal, '\0', length) != nullptr &&
         daos_acl_principal_is_valid(ace->dae_principal);
}

bool permissions_are_valid(const daos_ace* ace) {
  const auto only_with = [ace](uint64_t permissions, uint32_t access) {
    return permissions == 0 || (ace->dae_access_types & access) != 0;
  };
  return only_with(ace->dae_allow_perms, DAOS_ACL_ACCESS_ALLOW) &&
         only_with(ace->dae_audit_perms, DAOS_ACL_ACCESS_AUDIT) &&
         only_with(ace->dae_alarm_perms, DAOS_ACL_ACCESS_ALARM);
}

bool flags_are_valid(const daos_ace* ace) {
  const bool says_group = (ace->dae_access_flags & DAOS_ACL_FLAG_GROUP) != 0;
  const bool says_when = (ace->dae_access_flags & (DAOS_ACL_FLAG_ACCESS_FAIL | DAOS_ACL_FLAG_ACCESS_SUCCESS)) != 0;
  const bool reports = (ace->dae_access_types & (DAOS_ACL_ACCESS_AUDIT | DAOS_ACL_ACCESS_ALARM)) != 0;
  return says_group == is_group(ace->dae_principal_type) && says_when == reports;
}

}  // namespace

struct daos_ace* daos_ace_create(enum daos_acl_principal_type type, const char* principal_name) {
  if (!daos::capi::is_principal(type, principal_name)) return nullptr;
  const size_t name_bytes = has_name(type) ? std::strlen(principal_name) + 1 : 0;
  const size_t padded = (name_bytes + kPadding - 1) / kPadding * kPadding;
  auto* ace = static_cast<daos_ace*>(std::calloc(1, sizeof(daos_ace) + padded));
  if (ace == nullptr) return nullptr;
  ace->dae_principal_type = static_cast<uint8_t>(type);
  ace->dae_principal_len = static_cast<uint16_t>(padded);
  if (is_group(type)) ace->dae_access_flags = DAOS_ACL_FLAG_GROUP;
  if (name_bytes > 0) std::memcpy(ace->dae_principal, principal_name, name_bytes);
  return ace;
}

void daos_ace_free(struct daos_ace* ace) { std::free(ace); }

ssize_t daos_ace_get_size(struct daos_ace* ace) {
  return ace == nullptr ? -DER_INVAL : static_cast<ssize_t>(sizeof(daos_ace) + ace->dae_principal_len);
}

bool daos_ace_is_valid(struct daos_ace* ace) {
  if (ace == nullptr || ace->dae_principal_type >= NUM_DAOS_ACL_TYPES) return false;
  if (ace->dae_access_types == 0 || (ace->dae_access_types & ~DAOS_ACL_ACCESS_ALL) != 0) return false;
  return name_is_valid(ace) && permissions_are_valid(ace) && flags_are_valid(ace);
}

const char* daos_ace_get_principal_str(struct daos_ace* ace) {
  if (ace == nullptr) return nullptr;
  switch (ace->dae_principal_type) {
    case DAOS_ACL_OWNER:
      return DAOS_ACL_PRINCIPAL_OWNER;
    case DAOS_ACL_OWNER_GROUP:
      return DAOS_ACL_PRINCIPAL_OWNER_GRP;
    case DAOS_ACL_EVERYONE:
      return DAOS_ACL_PRINCIPAL_EVERYONE;
    default:
      return ace->dae_principal;
  }
}

void daos_ace_dump(struct daos_ace* ace, uint32_t tabs) {
  const auto indent = [tabs] {
    for (uint32_t i = 0; i < tabs; i++) std::putchar('\t');
  };
  indent();
  if (ace == nullptr) {
    std::puts("entry: none");
    return;
  }
  std::printf("entry: principal %s, type %u, access types 0x%x, flags 0x%x%s\n", daos_ace_get_principal_str(ace),
              ace->dae_principal_type, ace->dae_access_types, ace->dae_access_flags,
              daos_ace_is_valid(ace) ? "" : " (not valid)");
  indent();
  std::printf("\tpermissions: allow 0x%lx, audit 0x%lx, alarm 0x%lx\n", ace->dae_allow_perms, ace->dae_audit_perms,
              ace->dae_alarm_perms);
}
