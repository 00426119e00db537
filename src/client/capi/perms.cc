// What a user may do with a pool or container: the first rule of its access-control list that applies decides.
#include <daos_cont.h>
#include <daos_pool.h>

#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "client/capi/api_call.h"
#include "model/rights/permissions.h"

using namespace daos;  // NOLINT: a file of C entry points

namespace {

struct Guarded {
  daos_acl* acl = nullptr;
  const char* owner = nullptr;
  const char* owner_group = nullptr;
};

/// The principal's text, whatever `lookup` allocated.
int principal_of(int (*lookup)(unsigned, char**), unsigned id, std::string* principal) {
  char* text = nullptr;
  const int rc = lookup(id, &text);
  if (rc != 0) return rc;
  principal->assign(text);
  std::free(text);
  return 0;
}

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

using Evaluate = uint64_t (*)(const rights::Acl&, rights::Ownership, rights::Who);

// All groups are looked up even when a rule before them decides, so that an unknown one is reported alike for
// everybody.
int evaluate(const Guarded& guarded, uid_t uid, std::span<const gid_t> gids, Evaluate rule, uint64_t* perms) {
  std::string user;
  int rc = principal_of(daos_acl_uid_to_principal, uid, &user);
  std::vector<std::string> groups(gids.size());
  for (size_t i = 0; rc == 0 && i < gids.size(); i++) rc = principal_of(daos_acl_gid_to_principal, gids[i], &groups[i]);
  if (rc != 0) return rc;
  const Result<rights::Acl> acl = rights::Acl::parse(
      {reinterpret_cast<const char*>(guarded.acl), static_cast<size_t>(daos_acl_get_size(guarded.acl))});
  if (!acl.ok()) return -DER_INVAL;
  *perms = rule(*acl, {guarded.owner, guarded.owner_group}, {user, groups});
  return 0;
}

bool arguments_are_there(const daos_prop_t* prop, const gid_t* gids, size_t nr_gids, const uint64_t* perms) {
  return prop != nullptr && perms != nullptr && (gids != nullptr || nr_gids == 0);
}

}  // namespace

int daos_cont_get_perms(daos_prop_t* cont_prop, uid_t uid, gid_t* gids, size_t nr_gids, uint64_t* perms) {
  if (!arguments_are_there(cont_prop, gids, nr_gids, perms)) return -DER_INVAL;
  Guarded guarded;
  const int rc = read(cont_prop, DAOS_PROP_CO_ACL, DAOS_PROP_CO_OWNER, DAOS_PROP_CO_OWNER_GROUP, &guarded);
  if (rc != 0) return rc;
  return capi::guarded(
      [&] { return evaluate(guarded, uid, std::span(gids, nr_gids), rights::container_permissions, perms); });
}

int daos_pool_get_perms(daos_prop_t* pool_prop, uid_t uid, gid_t* gids, size_t nr_gids, uint64_t* perms) {
  if (!arguments_are_there(pool_prop, gids, nr_gids, perms)) return -DER_INVAL;
  Guarded guarded;
  const int rc = read(pool_prop, DAOS_PROP_PO_ACL, DAOS_PROP_PO_OWNER, DAOS_PROP_PO_OWNER_GROUP, &guarded);
  if (rc != 0) return rc;
  return capi::guarded(
      [&] { return evaluate(guarded, uid, std::span(gids, nr_gids), rights::pool_permissions, perms); });
}
