// What a user may do with a pool or container: the first rule of its access-control list that applies decides.
#include <daos_cont.h>
#include <daos_pool.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

namespace {

struct FreeText {
  void operator()(char* text) const { std::free(text); }
};
using Name = std::unique_ptr<char, FreeText>;

// Null, or the permissions that the entry of that principal allows.
const uint64_t* allowed(daos_acl* acl, daos_acl_principal_type type, const char* name) {
  daos_ace* ace = nullptr;
  return daos_acl_get_ace_for_principal(acl, type, name, &ace) == 0 ? &ace->dae_allow_perms : nullptr;
}

struct Guarded {
  daos_acl* acl = nullptr;
  const char* owner = nullptr;
  const char* owner_group = nullptr;
  uint64_t owner_always = 0;
};

int read(daos_prop_t* prop, uint32_t acl_type, uint32_t owner_type, uint32_t group_type, Guarded* guarded) {
  daos_prop_entry* acl = daos_prop_entry_get(prop, acl_type);
  daos_prop_entry* owner = daos_prop_entry_get(prop, owner_type);
  daos_prop_entry* group = daos_prop_entry_get(prop, group_type);
  if (!daos_prop_has_ptr(acl) || !daos_prop_has_str(owner) || !daos_prop_has_str(group)) return -DER_INVAL;
  guarded->acl = static_cast<daos_acl*>(acl->dpe_val_ptr);
  guarded->owner = owner->dpe_str;
  guarded->owner_group = group->dpe_str;
  return daos_acl_validate(guarded->acl) == 0 ? 0 : -DER_INVAL;
}

int evaluate(const Guarded& guarded, uid_t uid, std::span<const gid_t> gids, uint64_t* perms) {
  char* text = nullptr;
  int rc = daos_acl_uid_to_principal(uid, &text);
  if (rc != 0) return rc;
  const Name user(text);
  const bool is_owner = std::strcmp(user.get(), guarded.owner) == 0;
  const uint64_t always = is_owner ? guarded.owner_always : 0;

  // The groups are looked up even when a rule before them decides, so that an unknown one is reported alike for
  // everybody.
  bool in_a_group = false;
  uint64_t by_groups = 0;
  for (const gid_t gid : gids) {
    rc = daos_acl_gid_to_principal(gid, &text);
    if (rc != 0) return rc;
    const Name group(text);
    const uint64_t* owner_group = std::strcmp(group.get(), guarded.owner_group) == 0
                                      ? allowed(guarded.acl, DAOS_ACL_OWNER_GROUP, nullptr)
                                      : nullptr;
    for (const uint64_t* rule : {owner_group, allowed(guarded.acl, DAOS_ACL_GROUP, group.get())}) {
      if (rule == nullptr) continue;
      in_a_group = true;
      by_groups |= *rule;
    }
  }

  const uint64_t* rule = is_owner ? allowed(guarded.acl, DAOS_ACL_OWNER, nullptr) : nullptr;
  if (rule == nullptr) rule = allowed(guarded.acl, DAOS_ACL_USER, user.get());
  if (rule == nullptr && in_a_group) rule = &by_groups;
  if (rule == nullptr) rule = allowed(guarded.acl, DAOS_ACL_EVERYONE, nullptr);
  *perms = (rule != nullptr ? *rule : 0) | always;
  return 0;
}

bool arguments_are_there(const daos_prop_t* prop, const gid_t* gids, size_t nr_gids, const uint64_t* perms) {
  return prop != nullptr && perms != nullptr && (gids != nullptr || nr_gids == 0);
}

}  // namespace

int daos_cont_get_perms(daos_prop_t* cont_prop, uid_t uid, gid_t* gids, size_t nr_gids, uint64_t* perms) {
  if (!arguments_are_there(cont_prop, gids, nr_gids, perms)) return -DER_INVAL;
  Guarded guarded;
  guarded.owner_always = DAOS_ACL_PERM_GET_ACL | DAOS_ACL_PERM_SET_ACL;
  const int rc = read(cont_prop, DAOS_PROP_CO_ACL, DAOS_PROP_CO_OWNER, DAOS_PROP_CO_OWNER_GROUP, &guarded);
  return rc != 0 ? rc : evaluate(guarded, uid, std::span(gids, nr_gids), perms);
}

int daos_pool_get_perms(daos_prop_t* pool_prop, uid_t uid, gid_t* gids, size_t nr_gids, uint64_t* perms) {
  if (!arguments_are_there(pool_prop, gids, nr_gids, perms)) return -DER_INVAL;
  Guarded guarded;
  const int rc = read(pool_prop, DAOS_PROP_PO_ACL, DAOS_PROP_PO_OWNER, DAOS_PROP_PO_OWNER_GROUP, &guarded);
  return rc != 0 ? rc : evaluate(guarded, uid, std::span(gids, nr_gids), perms);
}
