// Entries and lists of access control, and their text. Sizes and orders are part of the interface.
#include <daos_security.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

struct FreeAce {
  void operator()(daos_ace* ace) const { daos_ace_free(ace); }
};
struct FreeAcl {
  void operator()(daos_acl* acl) const { daos_acl_free(acl); }
};
using Ace = std::unique_ptr<daos_ace, FreeAce>;
using Acl = std::unique_ptr<daos_acl, FreeAcl>;

Ace ace(const char* text) {
  daos_ace* parsed = nullptr;
  EXPECT_EQ(daos_ace_from_str(text, &parsed), 0) << text;
  return Ace(parsed);
}
std::string text_of(daos_ace* entry) {
  char text[DAOS_ACL_MAX_ACE_STR_LEN];
  EXPECT_EQ(daos_ace_to_str(entry, text, sizeof text), 0);
  return text;
}
Acl acl(std::vector<const char*> texts) {
  daos_acl* parsed = nullptr;
  EXPECT_EQ(daos_acl_from_strs(texts.data(), texts.size(), &parsed), 0);
  return Acl(parsed);
}
std::vector<std::string> texts_of(daos_acl* list) {
  char** texts = nullptr;
  size_t count = 0;
  EXPECT_EQ(daos_acl_to_strs(list, &texts, &count), 0);
  std::vector<std::string> all(texts, texts + count);
  for (size_t i = 0; i < count; i++) std::free(texts[i]);
  std::free(texts);
  return all;
}

TEST(Ace, Creation) {
  const Ace user(daos_ace_create(DAOS_ACL_USER, "bob@"));
  EXPECT_EQ(user->dae_principal_len, 8);
  EXPECT_EQ(daos_ace_get_size(user.get()), 40);
  EXPECT_EQ(user->dae_access_flags, 0);
  const Ace longer(daos_ace_create(DAOS_ACL_GROUP, "1234567@"));  // NUL needs another 8 bytes
  EXPECT_EQ(longer->dae_principal_len, 16);
  EXPECT_EQ(longer->dae_access_flags, DAOS_ACL_FLAG_GROUP);
  const Ace owner(daos_ace_create(DAOS_ACL_OWNER, "ignored"));
  EXPECT_EQ(daos_ace_get_size(owner.get()), 32);
  EXPECT_STREQ(daos_ace_get_principal_str(owner.get()), "OWNER@");
  EXPECT_STREQ(daos_ace_get_principal_str(user.get()), "bob@");
  EXPECT_EQ(daos_ace_create(DAOS_ACL_USER, nullptr), nullptr);
  EXPECT_EQ(daos_ace_create(DAOS_ACL_USER, "bob"), nullptr);
  EXPECT_EQ(daos_ace_create(NUM_DAOS_ACL_TYPES, nullptr), nullptr);
  EXPECT_EQ(daos_ace_get_size(nullptr), -DER_INVAL);
  daos_ace_free(nullptr);
}

TEST(Ace, ValidityRuleByRule) {
  const auto broken = [](const char* text, auto change) {
    const Ace entry = ace(text);
    change(entry.get());
    return !daos_ace_is_valid(entry.get());
  };
  EXPECT_FALSE(broken("A::OWNER@:r", [](daos_ace*) {}));
  EXPECT_TRUE(broken("A::OWNER@:r", [](daos_ace* e) { e->dae_access_types = 0; }));
  EXPECT_TRUE(broken("A::OWNER@:r", [](daos_ace* e) { e->dae_access_types |= 8; }));
  EXPECT_TRUE(broken("A::OWNER@:r", [](daos_ace* e) { e->dae_principal_type = NUM_DAOS_ACL_TYPES; }));
  EXPECT_TRUE(broken("A::bob@:r", [](daos_ace* e) { e->dae_principal_type = DAOS_ACL_OWNER; }));
  EXPECT_TRUE(broken("A::bob@:r", [](daos_ace* e) { e->dae_principal_len = 0; }));
  EXPECT_TRUE(broken("A::bob@:r", [](daos_ace* e) { e->dae_principal_len = 5; }));
  EXPECT_TRUE(broken("A::bob@:r", [](daos_ace* e) { std::memset(e->dae_principal, 'x', 8); }));
  EXPECT_TRUE(broken("A::bob@:r", [](daos_ace* e) { e->dae_principal[3] = '\0'; }));
  EXPECT_TRUE(broken("A::bob@:r", [](daos_ace* e) { e->dae_access_flags = DAOS_ACL_FLAG_GROUP; }));
  EXPECT_TRUE(broken("A:G:GROUP@:r", [](daos_ace* e) { e->dae_access_flags = 0; }));
  EXPECT_TRUE(broken("A::OWNER@:r", [](daos_ace* e) { e->dae_audit_perms = DAOS_ACL_PERM_READ; }));
  EXPECT_TRUE(broken("A::OWNER@:r", [](daos_ace* e) { e->dae_access_flags = DAOS_ACL_FLAG_ACCESS_FAIL; }));
  EXPECT_TRUE(broken("U:S:OWNER@:r", [](daos_ace* e) { e->dae_access_flags = 0; }));
  EXPECT_FALSE(daos_ace_is_valid(nullptr));
}

TEST(AceText, GoesThereAndBackInOneOrder) {
  EXPECT_EQ(text_of(ace("A::user1@:wrrw").get()), "A::user1@:rw");
  EXPECT_EQ(text_of(ace("LUA:FSPG:GROUP@:oAaTtdcwr").get()), "AUL:GSFP:GROUP@:rwcdtTaAo");
  EXPECT_EQ(text_of(ace("A::EVERYONE@:").get()), "A::EVERYONE@:");
  EXPECT_EQ(text_of(ace("A:G:team@example.com:r").get()), "A:G:team@example.com:r");
  EXPECT_EQ(ace("A:G:team@:r")->dae_principal_type, DAOS_ACL_GROUP);
  EXPECT_EQ(ace("A::OWNER@:r")->dae_principal_type, DAOS_ACL_OWNER);
}

TEST(AceText, MistakesAreRefused) {
  const std::string long_name = "A::" + std::string(255, 'u') + "@:r";
  for (const char* text : {"", "A", "A::OWNER@", "X::OWNER@:r", "A:Q:OWNER@:r", "A::OWNER@:z", "A::nouser:r",
                           ":::", "A::OWNER@:r:extra", "A::@:r", "A::a@b@:r", "A::GROUP@:r", "A:G:OWNER@:r",
                           "A:G:EVERYONE@:r", "A:S:OWNER@:r", "U::OWNER@:r", "::OWNER@:r", long_name.c_str()}) {
    daos_ace* parsed = nullptr;
    EXPECT_EQ(daos_ace_from_str(text, &parsed), -DER_INVAL) << text;
    EXPECT_EQ(parsed, nullptr);
  }
  daos_ace* parsed = nullptr;
  EXPECT_EQ(daos_ace_from_str(nullptr, &parsed), -DER_INVAL);
  EXPECT_EQ(daos_ace_from_str("A::OWNER@:r", nullptr), -DER_INVAL);
}

TEST(AceText, ASmallBufferGetsAPrefix) {
  const Ace entry = ace("A::OWNER@:rw");
  char text[32] = "##############################";
  EXPECT_EQ(daos_ace_to_str(entry.get(), text, 5), -DER_TRUNC);
  EXPECT_STREQ(text, "A::O");
  EXPECT_EQ(daos_ace_to_str(entry.get(), text, 12), -DER_TRUNC);
  EXPECT_EQ(daos_ace_to_str(entry.get(), text, 13), 0);
  EXPECT_EQ(daos_ace_to_str(entry.get(), nullptr, 13), -DER_INVAL);
  EXPECT_EQ(daos_ace_to_str(nullptr, text, 13), -DER_INVAL);
  const Ace mixed = ace("AU:S:OWNER@:rw");
  mixed->dae_audit_perms = DAOS_ACL_PERM_READ;
  EXPECT_EQ(daos_ace_to_str(mixed.get(), text, sizeof text), -DER_INVAL);
}

TEST(AceText, TheLongestEntryFitsTheBufferOfTheHeader) {
  const std::string longest = "AUL:GSFP:" + std::string(254, 'g') + "@:rwcdtTaAo";
  EXPECT_EQ(text_of(ace(longest.c_str()).get()), longest);
  char words[1024];
  EXPECT_EQ(daos_ace_str_get_verbose(longest.c_str(), words, sizeof words), 0);
}

TEST(AceText, LongForm) {
  char words[256];
  EXPECT_EQ(daos_ace_str_get_verbose("A::OWNER@:rw", words, sizeof words), 0);
  EXPECT_STREQ(words, "Allow::Owner:Read/Write");
  EXPECT_EQ(daos_ace_str_get_verbose("UL:GSFP:GROUP@:cdtTaAo", words, sizeof words), 0);
  EXPECT_STREQ(words,
               "Audit/Alarm:Group/Access-Success/Access-Failure/Pool-Inherit:Owner-Group:"
               "Create-Container/Delete-Container/Get-Prop/Set-Prop/Get-ACL/Set-ACL/Set-Owner");
  EXPECT_EQ(daos_ace_str_get_verbose("A::bob@:", words, sizeof words), 0);
  EXPECT_STREQ(words, "Allow::bob@:No-Access");
  EXPECT_EQ(daos_ace_str_get_verbose("A::bob@:", words, 8), -DER_TRUNC);
  EXPECT_STREQ(words, "Allow::");
  EXPECT_EQ(daos_ace_str_get_verbose("nonsense", words, sizeof words), -DER_INVAL);
}

TEST(Acl, IsOrderedByType) {
  const Ace e = ace("A::EVERYONE@:r"), g = ace("A:G:g1@:r"), gg = ace("A:G:GROUP@:rw"), u = ace("A::bob@:w"),
            o = ace("A::OWNER@:rwdtTaAo");
  daos_ace* all[] = {e.get(), g.get(), gg.get(), u.get(), o.get()};
  const Acl list(daos_acl_create(all, 5));
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(list->dal_ver, DAOS_ACL_VERSION);
  EXPECT_EQ(list->dal_len, 5u * 32 + 16);
  EXPECT_EQ(daos_acl_get_size(list.get()), 8 + 5 * 32 + 16);
  EXPECT_EQ(daos_acl_validate(list.get()), 0);
  EXPECT_EQ(texts_of(list.get()), (std::vector<std::string>{"A::OWNER@:rwdtTaAo", "A::bob@:w", "A:G:GROUP@:rw",
                                                            "A:G:g1@:r", "A::EVERYONE@:r"}));
}

TEST(Acl, RefusesBadEntriesAndTwins) {
  const Ace one = ace("A::bob@:r");
  const Ace two = ace("A::bob@:w");
  daos_ace* twins[] = {one.get(), two.get()};
  EXPECT_EQ(daos_acl_create(twins, 2), nullptr);
  two->dae_access_types = 0;
  daos_ace* bad[] = {two.get()};
  EXPECT_EQ(daos_acl_create(bad, 1), nullptr);
  EXPECT_EQ(daos_acl_create(nullptr, 1), nullptr);
  const Acl empty(daos_acl_create(nullptr, 0));
  EXPECT_EQ(daos_acl_validate(empty.get()), 0);
  EXPECT_EQ(daos_acl_get_next_ace(empty.get(), nullptr), nullptr);
  EXPECT_TRUE(texts_of(empty.get()).empty());
}

TEST(Acl, EntriesAreFoundAddedReplacedAndRemoved) {
  Acl list = acl({"A::OWNER@:r", "A::bob@:r", "A::EVERYONE@:r"});
  daos_ace* found = nullptr;
  EXPECT_EQ(daos_acl_get_ace_for_principal(list.get(), DAOS_ACL_USER, "bob@", &found), 0);
  EXPECT_EQ(found->dae_allow_perms, uint64_t{DAOS_ACL_PERM_READ});
  EXPECT_EQ(daos_acl_get_ace_for_principal(list.get(), DAOS_ACL_USER, "bob@x", &found), -DER_NONEXIST);
  EXPECT_EQ(daos_acl_get_ace_for_principal(list.get(), DAOS_ACL_GROUP, "bob@", &found), -DER_NONEXIST);
  EXPECT_EQ(daos_acl_get_ace_for_principal(list.get(), DAOS_ACL_USER, nullptr, &found), -DER_INVAL);
  EXPECT_EQ(daos_acl_get_ace_for_principal(list.get(), NUM_DAOS_ACL_TYPES, nullptr, &found), -DER_INVAL);
  EXPECT_EQ(daos_acl_get_ace_for_principal(nullptr, DAOS_ACL_OWNER, nullptr, &found), -DER_INVAL);

  daos_acl* raw = list.release();
  EXPECT_EQ(daos_acl_add_ace(&raw, ace("A::bob@:w").get()), 0);
  EXPECT_EQ(daos_acl_add_ace(&raw, ace("A:G:a-much-longer-name@:rw").get()), 0);
  EXPECT_EQ(daos_acl_add_ace(&raw, nullptr), -DER_INVAL);
  EXPECT_EQ(texts_of(raw),
            (std::vector<std::string>{"A::OWNER@:r", "A::bob@:w", "A:G:a-much-longer-name@:rw", "A::EVERYONE@:r"}));
  EXPECT_EQ(daos_acl_remove_ace(&raw, DAOS_ACL_USER, "bob@"), 0);
  EXPECT_EQ(daos_acl_remove_ace(&raw, DAOS_ACL_USER, "bob@"), -DER_NONEXIST);
  EXPECT_EQ(daos_acl_remove_ace(&raw, DAOS_ACL_USER, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_acl_remove_ace(&raw, DAOS_ACL_OWNER, nullptr), 0);
  EXPECT_EQ(daos_acl_remove_ace(&raw, DAOS_ACL_GROUP, "a-much-longer-name@"), 0);
  EXPECT_EQ(daos_acl_remove_ace(&raw, DAOS_ACL_EVERYONE, nullptr), 0);
  EXPECT_EQ(raw->dal_len, 0u);
  EXPECT_EQ(daos_acl_validate(raw), 0);
  daos_acl_free(raw);
}

TEST(Acl, AFullListRefusesOneMoreButReplaces) {
  daos_acl* list = daos_acl_create(nullptr, 0);
  int rc = 0;
  int count = 0;
  while (rc == 0 && count < 300) {
    const std::string text = "A::" + std::string(240, 'u') + std::to_string(1000 + count) + "@:r";
    rc = daos_acl_add_ace(&list, ace(text.c_str()).get());
    if (rc == 0) count++;
  }
  EXPECT_EQ(rc, -DER_INVAL);
  EXPECT_EQ(count, 65536 / (32 + 248));
  const std::string there = "A::" + std::string(240, 'u') + "1000@:rw";
  EXPECT_EQ(daos_acl_add_ace(&list, ace(there.c_str()).get()), 0);
  EXPECT_EQ(daos_acl_validate(list), 0);
  daos_acl_free(list);
}

TEST(Acl, DamageIsSeen) {
  const Acl list = acl({"A::OWNER@:r", "A::bob@:r"});
  const Acl copy(daos_acl_dup(list.get()));
  ASSERT_NE(copy, nullptr);
  EXPECT_EQ(std::memcmp(copy.get(), list.get(), static_cast<size_t>(daos_acl_get_size(list.get()))), 0);
  copy->dal_ver = 7;
  EXPECT_EQ(daos_acl_validate(copy.get()), -DER_INVAL);
  copy->dal_ver = DAOS_ACL_VERSION;
  copy->dal_len -= 4;
  EXPECT_EQ(daos_acl_validate(copy.get()), -DER_INVAL);
  copy->dal_len -= 4;  // the last entry sticks out
  EXPECT_EQ(daos_acl_validate(copy.get()), -DER_INVAL);
  copy->dal_len += 8;
  EXPECT_EQ(daos_acl_validate(copy.get()), 0);
  daos_ace* last = daos_acl_get_next_ace(copy.get(), daos_acl_get_next_ace(copy.get(), nullptr));
  last->dae_principal_len = 7;
  EXPECT_EQ(daos_acl_validate(copy.get()), -DER_INVAL);
  EXPECT_EQ(daos_acl_validate(nullptr), -DER_INVAL);
  EXPECT_EQ(daos_acl_get_size(nullptr), -DER_INVAL);
  EXPECT_EQ(daos_acl_dup(nullptr), nullptr);
  daos_ace elsewhere{};
  EXPECT_EQ(daos_acl_get_next_ace(list.get(), &elsewhere), nullptr);
}

TEST(AclText, ListsFromText) {
  daos_acl* parsed = nullptr;
  const char* twice[] = {"A::bob@:r", "A::bob@:w"};
  EXPECT_EQ(daos_acl_from_strs(twice, 2, &parsed), -DER_INVAL);
  const char* bad[] = {"A::bob@:r", "nonsense"};
  EXPECT_EQ(daos_acl_from_strs(bad, 2, &parsed), -DER_INVAL);
  const char* none[] = {nullptr};
  EXPECT_EQ(daos_acl_from_strs(none, 1, &parsed), -DER_INVAL);
  EXPECT_EQ(daos_acl_from_strs(nullptr, 1, &parsed), -DER_INVAL);
  EXPECT_EQ(parsed, nullptr);
}

std::string stream_of(daos_acl* list, bool verbose) {
  char* text = nullptr;
  size_t length = 0;
  FILE* stream = open_memstream(&text, &length);
  EXPECT_EQ(daos_acl_to_stream(stream, list, verbose), 0);
  fclose(stream);
  const std::string copy = text;
  std::free(text);
  return copy;
}

TEST(AclText, Streams) {
  const Acl list = acl({"A::bob@:w", "A::OWNER@:r"});
  EXPECT_EQ(stream_of(list.get(), false), "# Entries:\nA::OWNER@:r\nA::bob@:w\n");
  EXPECT_EQ(stream_of(list.get(), true),
            "# Entries:\n# Allow::Owner:Read\nA::OWNER@:r\n# Allow::bob@:Write\nA::bob@:w\n");
  EXPECT_EQ(stream_of(nullptr, false), "# Entries:\n#   None\n");
  const Acl empty(daos_acl_create(nullptr, 0));
  EXPECT_EQ(stream_of(empty.get(), true), "# Entries:\n#   None\n");
  EXPECT_EQ(daos_acl_to_stream(nullptr, list.get(), false), -DER_INVAL);
}

TEST(AclText, DumpsNameEachEntry) {
  const Acl list = acl({"A::bob@:w", "A::OWNER@:r"});
  ::testing::internal::CaptureStdout();
  daos_acl_dump(list.get());
  daos_acl_dump(nullptr);
  daos_ace_dump(nullptr, 1);
  const std::string text = ::testing::internal::GetCapturedStdout();
  EXPECT_NE(text.find("bob@"), std::string::npos);
  EXPECT_NE(text.find("OWNER@"), std::string::npos);
  EXPECT_EQ(text.find("not valid"), std::string::npos);
}

}  // namespace
