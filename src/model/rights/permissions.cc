#include "model/rights/permissions.h"

namespace daos::rights {
namespace {

uint64_t evaluate(const Acl& acl, Ownership owned, Who who) {
  if (who.user == owned.owner) {
    if (const AclEntry* entry = acl.find(Principal::kOwner, {})) return entry->allow;
  }
  if (const AclEntry* entry = acl.find(Principal::kUser, who.user)) return entry->allow;
  bool in_a_group = false;
  uint64_t by_groups = 0;
  for (const std::string& group : who.groups) {
    for (const AclEntry* entry :
         {group == owned.group ? acl.find(Principal::kOwnerGroup, {}) : nullptr, acl.find(Principal::kGroup, group)}) {
      if (entry == nullptr) continue;
      in_a_group = true;
      by_groups |= entry->allow;
    }
  }
  if (in_a_group) return by_groups;
  const AclEntry* everyone = acl.find(Principal::kEveryone, {});
  return everyone != nullptr ? everyone->allow : 0;
}

bool has_any(uint64_t permissions, uint64_t wanted) { return (permissions & wanted) != 0; }

}  // namespace

uint64_t pool_permissions(const Acl& acl, Ownership owned, Who who) { return evaluate(acl, owned, who); }

uint64_t container_permissions(const Acl& acl, Ownership owned, Who who) {
  return evaluate(acl, owned, who) | (who.user == owned.owner ? kGetAcl | kSetAcl : 0);
}

Acl default_pool_acl() {
  return Acl::of({{.type = Principal::kOwner, .allow = kRead | kWrite},
                  {.type = Principal::kOwnerGroup, .flags = AclEntry::kFlagGroup, .allow = kRead | kWrite}});
}

Acl default_container_acl() {
  return Acl::of({{.type = Principal::kOwner, .allow = kContainerAll},
                  {.type = Principal::kOwnerGroup,
                   .flags = AclEntry::kFlagGroup,
                   .allow = kRead | kWrite | kGetProperties | kSetProperties}});
}

bool may_connect(uint64_t permissions, Access access) {
  if (!has_any(permissions, kRead | kGetProperties)) return false;
  return access == Access::kReadOnly || has_any(permissions, kWrite | kCreateContainer | kDeleteContainer);
}

bool may_open(uint64_t permissions, Access access) {
  if (!has_any(permissions, kRead | kGetProperties | kGetAcl)) return false;
  return access == Access::kReadOnly || has_any(permissions, kWrite | kSetProperties | kSetAcl | kSetOwner);
}

uint64_t through_handle(uint64_t permissions, Access access) {
  return access == Access::kReadWrite ? permissions : permissions & (kRead | kGetProperties | kGetAcl);
}

}  // namespace daos::rights
