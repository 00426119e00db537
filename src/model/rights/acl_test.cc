// Goal: bytes that are no list never become one, and a list keeps its order; the first rule that applies decides.
#include "model/rights/acl.h"

#include <gtest/gtest.h>

#include "model/rights/permissions.h"

namespace daos::rights {
namespace {

AclEntry user(std::string name, uint64_t allow) {
  return {.type = Principal::kUser, .allow = allow, .name = std::move(name)};
}
AclEntry group(std::string name, uint64_t allow) {
  return {.type = Principal::kGroup, .flags = AclEntry::kFlagGroup, .allow = allow, .name = std::move(name)};
}
AclEntry owner_group(uint64_t allow) {
  return {.type = Principal::kOwnerGroup, .flags = AclEntry::kFlagGroup, .allow = allow};
}
AclEntry everyone(uint64_t allow) { return {.type = Principal::kEveryone, .allow = allow}; }

TEST(Acl, BytesAndBack) {
  const Acl acl = Acl::of({{.type = Principal::kOwner, .allow = 511},
                           user("a@", 1),
                           user("much.longer.name@domain", 2),
                           owner_group(3),
                           group("g@", 4),
                           everyone(0)});
  const std::string bytes = acl.bytes();
  EXPECT_EQ(bytes.size() % 8, 0u);
  EXPECT_EQ(bytes.size(), 8 + 6 * 32u + 8 + 24 + 8);
  const Result<Acl> again = Acl::parse(bytes);
  ASSERT_TRUE(again.ok()) << again.status().to_string();
  EXPECT_EQ(again->entries(), acl.entries());
  EXPECT_TRUE(Acl::parse(Acl().bytes()).ok()) << "a list may be empty";
}

TEST(Acl, EveryCutAndEveryFlippedByteOfTheHeadsIsSafe) {
  const std::string whole = Acl::of({user("a@", 1), everyone(1)}).bytes();
  for (size_t bytes = 0; bytes < whole.size(); bytes++) EXPECT_FALSE(Acl::parse(whole.substr(0, bytes)).ok()) << bytes;
  EXPECT_FALSE(Acl::parse(whole + std::string(8, '\0')).ok());
  for (size_t at = 0; at < whole.size(); at++) {
    for (int bit = 0; bit < 8; bit++) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      const Result<Acl> parsed = Acl::parse(flipped);
      if (parsed.ok()) EXPECT_TRUE(Acl::parse(parsed->bytes()).ok()) << at << ":" << bit;
    }
  }
}

TEST(Acl, RulesOfEntriesAndOrder) {
  const auto valid = [](std::vector<AclEntry> entries) { return Acl::parse(Acl::of(std::move(entries)).bytes()).ok(); };
  EXPECT_TRUE(valid({user("a@", 1)}));
  EXPECT_FALSE(valid({user("", 1)})) << "a user has a name";
  EXPECT_FALSE(valid({user("nobody", 1)}));
  EXPECT_FALSE(valid({user("@", 1)}));
  EXPECT_FALSE(valid({user("a@b@", 1)}));
  EXPECT_TRUE(valid({user(std::string(254, 'a') + "@", 1)}));
  EXPECT_FALSE(valid({user(std::string(255, 'a') + "@", 1)}));
  EXPECT_FALSE(valid({user("a@", 1), user("a@", 2)})) << "twice";
  EXPECT_FALSE(valid({everyone(1), user("a@", 1)})) << "out of order";
  EXPECT_FALSE(valid({{.type = Principal::kEveryone, .allow = 1, .name = "a@"}}));
  EXPECT_FALSE(valid({{.type = Principal::kGroup, .allow = 1, .name = "g@"}})) << "without the group flag";
  EXPECT_FALSE(valid({{.access_types = 0, .type = Principal::kEveryone}}));
  EXPECT_FALSE(valid({{.access_types = AclEntry::kAudit, .type = Principal::kEveryone, .audit = 1}}))
      << "audit says on which outcome";
  EXPECT_TRUE(valid(
      {{.access_types = AclEntry::kAudit, .type = Principal::kEveryone, .flags = AclEntry::kFlagFailure, .audit = 1}}));
  EXPECT_FALSE(valid({{.access_types = AclEntry::kAudit,
                       .type = Principal::kEveryone,
                       .flags = AclEntry::kFlagFailure,
                       .allow = 1,
                       .audit = 1}}))
      << "permissions of an access type that is not set";
}

TEST(Acl, MergingReplacesAndKeepsTheOrder) {
  Acl acl = Acl::of({{.type = Principal::kOwner, .allow = 1}, everyone(1)});
  ASSERT_TRUE(acl.merge(Acl::of({user("b@", 1), everyone(2)})).ok());
  ASSERT_TRUE(acl.merge(Acl::of({user("a@", 1), user("b@", 3)})).ok());
  EXPECT_EQ(acl.entries().size(), 4u);
  EXPECT_EQ(acl.find(Principal::kUser, "b@")->allow, 3u);
  EXPECT_EQ(acl.find(Principal::kEveryone, {})->allow, 2u);
  EXPECT_TRUE(Acl::parse(acl.bytes()).ok());
  EXPECT_TRUE(acl.remove(Principal::kUser, "b@").ok());
  EXPECT_EQ(acl.remove(Principal::kUser, "b@").code(), Code::kNonexistent);
  std::vector<AclEntry> many;
  for (int i = 0; i < 1600; i++) many.push_back(user(fmt::format("u{}@", i), 1));
  EXPECT_TRUE(acl.merge(Acl::of(many)).ok());
  for (AclEntry& entry : many) entry.name = "v" + entry.name;
  EXPECT_EQ(acl.merge(Acl::of(many)).code(), Code::kInvalid) << "too long";
  EXPECT_EQ(acl.entries().size(), 1603u) << "and nothing of it was taken";
}

TEST(Permissions, TheFirstRuleThatAppliesDecides) {
  const Acl acl = Acl::of({{.type = Principal::kOwner, .allow = kRead},
                           user("bob@", kWrite),
                           owner_group(kGetAcl),
                           group("night@", kSetAcl),
                           everyone(kGetProperties)});
  const Ownership owned{"alice@", "staff@"};
  const auto may = [&](std::string_view name, std::vector<std::string> groups) {
    return pool_permissions(acl, owned, {name, groups});
  };
  EXPECT_EQ(may("alice@", {"staff@", "night@"}), kRead);
  EXPECT_EQ(may("bob@", {"staff@"}), kWrite);
  EXPECT_EQ(may("carol@", {"staff@"}), kGetAcl);
  EXPECT_EQ(may("carol@", {"other@", "night@", "staff@"}), kGetAcl | kSetAcl) << "groups add up";
  EXPECT_EQ(may("carol@", {"other@"}), kGetProperties);
  EXPECT_EQ(pool_permissions(Acl::of({user("bob@", kWrite)}), owned, {"carol@", {}}), 0u);
  EXPECT_EQ(pool_permissions(Acl::of({user("alice@", kWrite)}), owned, {"alice@", {}}), kWrite)
      << "an owner without an entry is a user like others";
  EXPECT_EQ(container_permissions(acl, owned, {"alice@", {}}), kRead | kGetAcl | kSetAcl);
  EXPECT_EQ(container_permissions(Acl(), owned, {"bob@", {}}), 0u);
}

TEST(Permissions, WhatConnectingAndOpeningNeed) {
  EXPECT_TRUE(may_connect(kRead, Access::kReadOnly));
  EXPECT_TRUE(may_connect(kGetProperties, Access::kReadOnly));
  EXPECT_FALSE(may_connect(kWrite, Access::kReadOnly));
  EXPECT_FALSE(may_connect(kRead, Access::kReadWrite));
  for (const uint64_t writes : {kWrite, kCreateContainer, kDeleteContainer}) {
    EXPECT_TRUE(may_connect(kRead | writes, Access::kReadWrite));
    EXPECT_FALSE(may_connect(writes, Access::kReadWrite));
  }
  EXPECT_TRUE(may_open(kGetAcl, Access::kReadOnly));
  EXPECT_FALSE(may_open(kDeleteContainer, Access::kReadOnly));
  EXPECT_TRUE(may_open(kGetAcl | kSetOwner, Access::kReadWrite));
  EXPECT_FALSE(may_open(kGetAcl | kDeleteContainer, Access::kReadWrite));
  EXPECT_EQ(through_handle(kContainerAll, Access::kReadOnly), kRead | kGetProperties | kGetAcl);
  EXPECT_EQ(through_handle(kContainerAll, Access::kReadWrite), kContainerAll);
}

TEST(Permissions, DefaultListsAreValid) {
  EXPECT_TRUE(Acl::parse(default_pool_acl().bytes()).ok());
  EXPECT_TRUE(Acl::parse(default_container_acl().bytes()).ok());
}

}  // namespace
}  // namespace daos::rights
