// Principals of this machine's accounts, and the rules of evaluation one by one. Accounts 0 (root) and 1 (daemon) exist
// everywhere.
#include <daos_cont.h>
#include <daos_pool.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

TEST(Principal, Rule) {
  EXPECT_TRUE(daos_acl_principal_is_valid("a@"));
  EXPECT_TRUE(daos_acl_principal_is_valid("a@b.c"));
  for (const char* name : {"", "abc", "@abc", "a@b@"}) EXPECT_FALSE(daos_acl_principal_is_valid(name)) << name;
  EXPECT_FALSE(daos_acl_principal_is_valid(nullptr));
  EXPECT_TRUE(daos_acl_principal_is_valid((std::string(254, 'u') + "@").c_str()));
  EXPECT_FALSE(daos_acl_principal_is_valid((std::string(255, 'u') + "@").c_str()));
}

TEST(Principal, Accounts) {
  uid_t uid = 77;
  gid_t gid = 77;
  EXPECT_EQ(daos_acl_principal_to_uid("root@", &uid), 0);
  EXPECT_EQ(uid, 0u);
  EXPECT_EQ(daos_acl_principal_to_gid("root@anywhere", &gid), 0);
  EXPECT_EQ(gid, 0u);
  EXPECT_EQ(daos_acl_principal_to_uid("no-such-user-xyz@", &uid), -DER_NONEXIST);
  EXPECT_EQ(daos_acl_principal_to_gid("no-such-group-xyz@", &gid), -DER_NONEXIST);
  EXPECT_EQ(daos_acl_principal_to_uid("root", &uid), -DER_INVAL);
  EXPECT_EQ(daos_acl_principal_to_uid(nullptr, &uid), -DER_INVAL);
  EXPECT_EQ(daos_acl_principal_to_gid("root@", nullptr), -DER_INVAL);
  char* name = nullptr;
  EXPECT_EQ(daos_acl_uid_to_principal(0, &name), 0);
  EXPECT_STREQ(name, "root@");
  std::free(name);
  EXPECT_EQ(daos_acl_gid_to_principal(0, &name), 0);
  EXPECT_STREQ(name, "root@");
  std::free(name);
  EXPECT_EQ(daos_acl_uid_to_principal(3999999, &name), -DER_NONEXIST);
  EXPECT_EQ(daos_acl_gid_to_principal(3999999, &name), -DER_NONEXIST);
  EXPECT_EQ(daos_acl_uid_to_principal(0, nullptr), -DER_INVAL);
}

TEST(Principal, FromText) {
  daos_acl_principal_type type = NUM_DAOS_ACL_TYPES;
  char* name = nullptr;
  EXPECT_EQ(daos_acl_principal_from_str("u:bob@", &type, &name), 0);
  EXPECT_EQ(type, DAOS_ACL_USER);
  EXPECT_STREQ(name, "bob@");
  std::free(name);
  EXPECT_EQ(daos_acl_principal_from_str("g:team@dom", &type, &name), 0);
  EXPECT_EQ(type, DAOS_ACL_GROUP);
  EXPECT_STREQ(name, "team@dom");
  std::free(name);
  EXPECT_EQ(daos_acl_principal_from_str("GROUP@", &type, &name), 0);
  EXPECT_EQ(type, DAOS_ACL_OWNER_GROUP);
  EXPECT_EQ(name, nullptr);
  for (const char* text : {"", "bob@", "u:bob", "x:bob@", "u:", "owner@"}) {
    EXPECT_EQ(daos_acl_principal_from_str(text, &type, &name), -DER_INVAL) << text;
  }
}

struct FreeProp {
  void operator()(daos_prop_t* prop) const { daos_prop_free(prop); }
};
using Prop = std::unique_ptr<daos_prop_t, FreeProp>;

Prop guarded(bool pool, std::vector<const char*> rules, const char* owner = "root@", const char* group = "root@") {
  daos_acl* acl = nullptr;
  EXPECT_EQ(daos_acl_from_strs(rules.data(), rules.size(), &acl), 0);
  Prop prop(daos_prop_alloc(3));
  prop->dpp_entries[0].dpe_type = pool ? uint32_t{DAOS_PROP_PO_ACL} : uint32_t{DAOS_PROP_CO_ACL};
  prop->dpp_entries[0].dpe_val_ptr = acl;
  prop->dpp_entries[1].dpe_type = pool ? uint32_t{DAOS_PROP_PO_OWNER} : uint32_t{DAOS_PROP_CO_OWNER};
  prop->dpp_entries[1].dpe_str = ::strdup(owner);
  prop->dpp_entries[2].dpe_type = pool ? uint32_t{DAOS_PROP_PO_OWNER_GROUP} : uint32_t{DAOS_PROP_CO_OWNER_GROUP};
  prop->dpp_entries[2].dpe_str = ::strdup(group);
  return prop;
}
uint64_t pool_perms(const Prop& prop, uid_t uid, std::vector<gid_t> gids) {
  uint64_t perms = UINT64_MAX;
  EXPECT_EQ(daos_pool_get_perms(prop.get(), uid, gids.data(), gids.size(), &perms), 0);
  return perms;
}
uint64_t cont_perms(const Prop& prop, uid_t uid, std::vector<gid_t> gids) {
  uint64_t perms = UINT64_MAX;
  EXPECT_EQ(daos_cont_get_perms(prop.get(), uid, gids.data(), gids.size(), &perms), 0);
  return perms;
}

constexpr uint64_t kRead = DAOS_ACL_PERM_READ;
constexpr uint64_t kWrite = DAOS_ACL_PERM_WRITE;
constexpr uint64_t kCreate = DAOS_ACL_PERM_CREATE_CONT;
constexpr uint64_t kGetProp = DAOS_ACL_PERM_GET_PROP;

TEST(Perms, TheFirstRuleThatAppliesDecides) {
  const Prop all = guarded(true, {"A::OWNER@:r", "A::root@:w", "A:G:GROUP@:c", "A::EVERYONE@:t"});
  EXPECT_EQ(pool_perms(all, 0, {0}), kRead);     // owner before user, group, everyone
  EXPECT_EQ(pool_perms(all, 1, {0}), kCreate);   // by the owner's group
  EXPECT_EQ(pool_perms(all, 1, {1}), kGetProp);  // by everyone
  const Prop user = guarded(true, {"A::root@:w", "A:G:GROUP@:c", "A::EVERYONE@:t"});
  EXPECT_EQ(pool_perms(user, 0, {0}), kWrite);  // an owner without an entry is a user
  const Prop nobody = guarded(true, {"A::OWNER@:r"}, "daemon@", "daemon@");
  EXPECT_EQ(pool_perms(nobody, 0, {0}), 0u);
}

TEST(Perms, GroupsAddUpAndEmptyOnesStillDecide) {
  const Prop prop = guarded(true, {"A:G:GROUP@:r", "A:G:daemon@:w", "A::EVERYONE@:t"});
  EXPECT_EQ(pool_perms(prop, 1, {0, 1}), kRead | kWrite);
  EXPECT_EQ(pool_perms(prop, 1, {1}), kWrite);
  EXPECT_EQ(pool_perms(prop, 1, {}), kGetProp);
  const Prop empty = guarded(true, {"A:G:daemon@:", "A::EVERYONE@:t"});
  EXPECT_EQ(pool_perms(empty, 1, {1}), 0u);
}

TEST(Perms, AContainersOwnerAlwaysSeesAndSetsItsList) {
  constexpr uint64_t kAlways = DAOS_ACL_PERM_GET_ACL | DAOS_ACL_PERM_SET_ACL;
  EXPECT_EQ(cont_perms(guarded(false, {"A::OWNER@:r", "A::EVERYONE@:"}), 0, {0}), kRead | kAlways);
  EXPECT_EQ(cont_perms(guarded(false, {"A::daemon@:r"}), 0, {0}), kAlways);
  EXPECT_EQ(cont_perms(guarded(false, {"A::EVERYONE@:r"}), 1, {1}), kRead);
  EXPECT_EQ(pool_perms(guarded(true, {"A::OWNER@:r"}), 0, {0}), kRead);
}

TEST(Perms, MissingThingsAreErrors) {
  const Prop prop = guarded(false, {"A::OWNER@:r"});
  uint64_t perms = 0;
  gid_t gids[] = {0};
  EXPECT_EQ(daos_cont_get_perms(nullptr, 0, gids, 1, &perms), -DER_INVAL);
  EXPECT_EQ(daos_cont_get_perms(prop.get(), 0, gids, 1, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_cont_get_perms(prop.get(), 0, nullptr, 1, &perms), -DER_INVAL);
  EXPECT_EQ(daos_cont_get_perms(prop.get(), 0, nullptr, 0, &perms), 0);
  EXPECT_EQ(daos_pool_get_perms(prop.get(), 0, gids, 1, &perms), -DER_INVAL);  // a container's list
  EXPECT_EQ(daos_cont_get_perms(prop.get(), 3999999, gids, 1, &perms), -DER_NONEXIST);
  gids[0] = 3999999;
  EXPECT_EQ(daos_cont_get_perms(prop.get(), 0, gids, 1, &perms), -DER_NONEXIST);
  static_cast<daos_acl*>(prop->dpp_entries[0].dpe_val_ptr)->dal_ver = 9;
  gids[0] = 0;
  EXPECT_EQ(daos_cont_get_perms(prop.get(), 0, gids, 1, &perms), -DER_INVAL);
}

}  // namespace
