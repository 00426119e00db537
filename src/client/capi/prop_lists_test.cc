#include "client/capi/prop_lists.h"

#include <gtest/gtest.h>
#include <gurt/common.h>

#include <cstring>
#include <memory>
#include <string>

namespace daos::capi {
namespace {

struct FreeProp {
  void operator()(daos_prop_t* prop) const { daos_prop_free(prop); }
};
using Prop = std::unique_ptr<daos_prop_t, FreeProp>;

Prop make(uint32_t count) { return Prop(daos_prop_alloc(count)); }
void set_number(const Prop& prop, uint32_t index, uint32_t type, uint64_t value) {
  prop->dpp_entries[index].dpe_type = type;
  prop->dpp_entries[index].dpe_val = value;
}
void set_text(const Prop& prop, uint32_t index, uint32_t type, const char* text) {
  prop->dpp_entries[index].dpe_type = type;
  prop->dpp_entries[index].dpe_str = ::strdup(text);
}
daos_acl* some_acl() {
  const char* texts[] = {"A::OWNER@:rw", "A:G:GROUP@:r"};
  daos_acl* acl = nullptr;
  EXPECT_EQ(daos_acl_from_strs(texts, 2, &acl), 0);
  return acl;
}

TEST(PropList, Allocation) {
  const Prop prop = make(3);
  EXPECT_EQ(prop->dpp_nr, 3u);
  EXPECT_EQ(prop->dpp_entries[2].dpe_val, 0u);
  const Prop empty = make(0);
  EXPECT_EQ(empty->dpp_entries, nullptr);
  EXPECT_EQ(daos_prop_alloc(DAOS_PROP_ENTRIES_MAX_NR + 1), nullptr);
  EXPECT_NE(make(DAOS_PROP_ENTRIES_MAX_NR), nullptr);
  daos_prop_free(nullptr);
  daos_prop_fini(nullptr);
}

TEST(PropList, FindsTheFirstOfAType) {
  const Prop prop = make(2);
  set_number(prop, 0, DAOS_PROP_CO_CSUM, 1);
  set_number(prop, 1, DAOS_PROP_CO_CSUM, 2);
  EXPECT_EQ(daos_prop_entry_get(prop.get(), DAOS_PROP_CO_CSUM), &prop->dpp_entries[0]);
  EXPECT_EQ(daos_prop_entry_get(prop.get(), DAOS_PROP_CO_ACL), nullptr);
  EXPECT_EQ(daos_prop_entry_get(nullptr, DAOS_PROP_CO_ACL), nullptr);
}

TEST(PropList, TextIsReplacedCutAndCleared) {
  const Prop prop = make(2);
  set_text(prop, 0, DAOS_PROP_CO_LABEL, "one");
  set_number(prop, 1, DAOS_PROP_CO_CSUM, 1);
  EXPECT_EQ(daos_prop_set_str(prop.get(), DAOS_PROP_CO_LABEL, "second", 3), 0);
  EXPECT_STREQ(prop->dpp_entries[0].dpe_str, "sec");
  EXPECT_TRUE(daos_prop_has_str(&prop->dpp_entries[0]));
  EXPECT_EQ(daos_prop_set_str(prop.get(), DAOS_PROP_CO_LABEL, nullptr, 3), 0);
  EXPECT_EQ(prop->dpp_entries[0].dpe_str, nullptr);
  EXPECT_FALSE(daos_prop_has_str(&prop->dpp_entries[0]));
  EXPECT_EQ(daos_prop_set_str(prop.get(), DAOS_PROP_CO_OWNER, "x@", 2), -DER_NONEXIST);
  EXPECT_EQ(daos_prop_set_str(prop.get(), DAOS_PROP_CO_CSUM, "x", 1), -DER_INVAL);
  EXPECT_EQ(daos_prop_entry_set_str(nullptr, "x", 1), -DER_INVAL);
}

TEST(PropList, PointersAreCopied) {
  const Prop prop = make(2);
  set_number(prop, 0, DAOS_PROP_CO_ROOTS, 0);
  set_number(prop, 1, DAOS_PROP_CO_CSUM, 1);
  daos_prop_co_roots roots{};
  roots.cr_oids[3].lo = 7;
  EXPECT_EQ(daos_prop_set_ptr(prop.get(), DAOS_PROP_CO_ROOTS, &roots, sizeof roots), 0);
  EXPECT_TRUE(daos_prop_has_ptr(&prop->dpp_entries[0]));
  EXPECT_EQ(static_cast<daos_prop_co_roots*>(prop->dpp_entries[0].dpe_val_ptr)->cr_oids[3].lo, 7u);
  daos_prop_entry copy{};
  copy.dpe_type = DAOS_PROP_CO_ROOTS;
  EXPECT_EQ(daos_prop_entry_dup_co_roots(&copy, &prop->dpp_entries[0]), 0);
  void* reused = copy.dpe_val_ptr;
  EXPECT_EQ(daos_prop_entry_dup_co_roots(&copy, &prop->dpp_entries[0]), 0);
  EXPECT_EQ(copy.dpe_val_ptr, reused);
  clear_entry(&copy);
  EXPECT_EQ(daos_prop_entry_dup_ptr(&copy, &prop->dpp_entries[0], sizeof roots), 0);
  EXPECT_EQ(std::memcmp(copy.dpe_val_ptr, &roots, sizeof roots), 0);
  clear_entry(&copy);
  EXPECT_EQ(daos_prop_set_ptr(prop.get(), DAOS_PROP_CO_ROOTS, nullptr, 0), 0);
  EXPECT_FALSE(daos_prop_has_ptr(&prop->dpp_entries[0]));
  EXPECT_EQ(daos_prop_entry_dup_ptr(&copy, &prop->dpp_entries[0], sizeof roots), 0);
  EXPECT_EQ(copy.dpe_val_ptr, nullptr);
  EXPECT_EQ(daos_prop_set_ptr(prop.get(), DAOS_PROP_CO_CSUM, &roots, 8), -DER_INVAL);
  EXPECT_EQ(daos_prop_set_ptr(prop.get(), DAOS_PROP_CO_ACL, &roots, 8), -DER_NONEXIST);
}

TEST(PropList, NoPropertyHasBytes) {
  const Prop prop = make(1);
  set_number(prop, 0, DAOS_PROP_CO_CSUM, 1);
  EXPECT_EQ(daos_prop_set_byteval(prop.get(), DAOS_PROP_CO_CSUM, "x", 1), -DER_INVAL);
  EXPECT_EQ(daos_prop_entry_set_byteval(&prop->dpp_entries[0], "x", 1), -DER_INVAL);
  EXPECT_EQ(daos_prop_entry_dup_byteval(&prop->dpp_entries[0], &prop->dpp_entries[0]), -DER_INVAL);
  EXPECT_FALSE(daos_prop_has_byteval(&prop->dpp_entries[0]));
}

TEST(PropList, MergingCopiesEverythingAndNewWins) {
  const Prop old = make(4);
  set_text(old, 0, DAOS_PROP_CO_LABEL, "old");
  set_number(old, 1, DAOS_PROP_CO_LAYOUT_TYPE, DAOS_PROP_CO_LAYOUT_POSIX);
  set_number(old, 2, DAOS_PROP_CO_ACL, 0);
  old->dpp_entries[2].dpe_val_ptr = some_acl();
  set_number(old, 3, DAOS_PROP_PO_SVC_LIST, 0);
  old->dpp_entries[3].dpe_val_ptr = d_rank_list_alloc(3);
  const Prop fresh = make(2);
  set_text(fresh, 0, DAOS_PROP_CO_LABEL, "new");
  set_number(fresh, 1, DAOS_PROP_CO_CSUM, DAOS_PROP_CO_CSUM_CRC32);
  daos_prop_t* raw = nullptr;
  ASSERT_EQ(daos_prop_merge2(old.get(), fresh.get(), &raw), 0);
  const Prop merged(raw);
  ASSERT_EQ(merged->dpp_nr, 5u);
  EXPECT_STREQ(daos_prop_entry_get(raw, DAOS_PROP_CO_LABEL)->dpe_str, "new");
  EXPECT_EQ(daos_prop_entry_get(raw, DAOS_PROP_CO_LAYOUT_TYPE)->dpe_val, uint64_t{DAOS_PROP_CO_LAYOUT_POSIX});
  daos_prop_entry* acl = daos_prop_entry_get(raw, DAOS_PROP_CO_ACL);
  EXPECT_NE(acl->dpe_val_ptr, old->dpp_entries[2].dpe_val_ptr);
  EXPECT_EQ(daos_prop_entry_cmp_acl(acl, &old->dpp_entries[2]), 0);
  EXPECT_EQ(static_cast<d_rank_list_t*>(daos_prop_entry_get(raw, DAOS_PROP_PO_SVC_LIST)->dpe_val_ptr)->rl_nr, 3u);
  EXPECT_STREQ(old->dpp_entries[0].dpe_str, "old");
  EXPECT_EQ(daos_prop_merge2(nullptr, fresh.get(), &raw), -DER_INVAL);
  EXPECT_EQ(daos_prop_merge2(old.get(), nullptr, &raw), -DER_INVAL);
  EXPECT_EQ(daos_prop_merge(nullptr, nullptr), nullptr);
}

TEST(PropList, ListsOfAccessAreCompared) {
  daos_prop_entry one{};
  daos_prop_entry two{};
  one.dpe_type = DAOS_PROP_CO_ACL;
  two.dpe_type = DAOS_PROP_PO_ACL;
  one.dpe_val_ptr = some_acl();
  EXPECT_EQ(daos_prop_entry_cmp_acl(&one, &two), -DER_INVAL);
  two.dpe_val_ptr = some_acl();
  EXPECT_EQ(daos_prop_entry_cmp_acl(&one, &two), 0);
  auto* acl = static_cast<daos_acl*>(two.dpe_val_ptr);
  EXPECT_EQ(daos_acl_remove_ace(&acl, DAOS_ACL_OWNER, nullptr), 0);
  two.dpe_val_ptr = acl;
  EXPECT_EQ(daos_prop_entry_cmp_acl(&one, &two), -DER_MISMATCH);
  clear_entry(&one);
  clear_entry(&two);
}

TEST(PropStatus, IsPackedAsWritten) {
  daos_co_status status = {DAOS_PROP_CO_UNCLEAN, DAOS_PROP_CO_CLEAR, 77};
  const uint64_t value = daos_prop_co_status_2_val(&status);
  EXPECT_EQ(value, uint64_t{1} << 48 | uint64_t{1} << 32 | 77);
  daos_co_status back{};
  daos_prop_val_2_co_status(value, &back);
  EXPECT_TRUE(back.dcs_status == DAOS_PROP_CO_UNCLEAN && back.dcs_flags == DAOS_PROP_CO_CLEAR && back.dcs_pm_ver == 77);
}

TEST(Label, Rule) {
  EXPECT_TRUE(daos_label_is_valid("pool_1.a-b:C"));
  EXPECT_TRUE(daos_label_is_valid(std::string(127, 'a').c_str()));
  EXPECT_FALSE(daos_label_is_valid(std::string(128, 'a').c_str()));
  for (const char* label : {"", "a b", "a/b", "caf\xc3\xa9", "a5d2c0a4-11b1-4d3a-9a53-0e6a8f3d0f11",
                            "a5d2c0a4-11b1-4d3a-9a53-0e6a8f3d0f11-and-more"}) {
    EXPECT_FALSE(daos_label_is_valid(label)) << label;
  }
  EXPECT_TRUE(daos_label_is_valid("a5d2c0a4-11b1-4d3a-9a53-0e6a8f3d0f1"));
  EXPECT_FALSE(daos_label_is_valid(nullptr));
  EXPECT_TRUE(daos_is_valid_uuid_string("A5D2C0A4-11B1-4D3A-9A53-0E6A8F3D0F11", UUID_SST_UPPER));
  EXPECT_FALSE(daos_is_valid_uuid_string("A5D2C0A4-11B1-4D3A-9A53-0E6A8F3D0F11", UUID_SST_LOWER));
}

}  // namespace
}  // namespace daos::capi
