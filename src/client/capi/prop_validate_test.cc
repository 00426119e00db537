#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "client/capi/prop_lists.h"
#include "model/messages/pool_properties.h"

namespace daos::capi {
namespace {

daos_prop_entry number(uint32_t type, uint64_t value) {
  daos_prop_entry entry{};
  entry.dpe_type = type;
  entry.dpe_val = value;
  return entry;
}
daos_prop_entry text(uint32_t type, const char* value) {
  daos_prop_entry entry{};
  entry.dpe_type = type;
  entry.dpe_str = const_cast<char*>(value);
  return entry;
}
int check(daos_prop_entry entry, PropUse use = PropUse::kInput) {
  const daos_prop_t prop = {1, 0, &entry};
  return validate_props(&prop, entry.dpe_type < DAOS_PROP_CO_MIN ? PropsOf::kPool : PropsOf::kContainer, use);
}

TEST(PropValidate, Structure) {
  daos_prop_entry entries[] = {number(DAOS_PROP_CO_CSUM, 1), number(DAOS_PROP_CO_CSUM, 1)};
  daos_prop_t prop = {0, 0, nullptr};
  EXPECT_EQ(validate_props(&prop, PropsOf::kContainer, PropUse::kInput), 0);
  EXPECT_EQ(validate_props(nullptr, PropsOf::kContainer, PropUse::kInput), -DER_INVAL);
  prop = {0, 0, entries};
  EXPECT_EQ(validate_props(&prop, PropsOf::kContainer, PropUse::kInput), -DER_INVAL);
  prop = {1, 0, nullptr};
  EXPECT_EQ(validate_props(&prop, PropsOf::kContainer, PropUse::kInput), -DER_INVAL);
  prop = {1, 0, entries};
  EXPECT_EQ(validate_props(&prop, PropsOf::kContainer, PropUse::kInput), 0);
  EXPECT_EQ(validate_props(&prop, PropsOf::kPool, PropUse::kInput), -DER_INVAL);
  prop = {2, 0, entries};
  EXPECT_EQ(validate_props(&prop, PropsOf::kContainer, PropUse::kInput), -DER_INVAL);  // a type twice
  entries[1] = number(DAOS_PROP_CO_MAX, 0);
  EXPECT_EQ(validate_props(&prop, PropsOf::kContainer, PropUse::kQuery), -DER_INVAL);
  entries[1] = number(DAOS_PROP_CO_MIN, 0);
  EXPECT_EQ(validate_props(&prop, PropsOf::kContainer, PropUse::kQuery), -DER_INVAL);
}

TEST(PropValidate, QueriesDoNotLookAtValues) {
  EXPECT_EQ(check(number(DAOS_PROP_CO_CSUM, 99)), -DER_INVAL);
  EXPECT_EQ(check(number(DAOS_PROP_CO_CSUM, 99), PropUse::kQuery), 0);
}

TEST(PropValidate, EveryNumberHasARange) {
  // Of each property with a number some value is accepted, so that none was forgotten in the tables.
  for (uint32_t type = DAOS_PROP_PO_MIN + 1; type < DAOS_PROP_PO_MAX; type++) {
    if (prop_kind(type) != PropKind::kNumber) continue;
    bool some = false;
    for (const uint64_t value : {0ull, 1ull, 2ull, 50ull, 255ull, 300ull, 65536ull})
      some |= check(number(type, value)) == 0;
    EXPECT_TRUE(some) << "pool property " << type;
  }
  for (uint32_t type = DAOS_PROP_CO_MIN + 1; type < DAOS_PROP_CO_MAX; type++) {
    if (prop_kind(type) != PropKind::kNumber) continue;
    bool some = false;
    for (const uint64_t value : {0ull, 1ull, 4096ull}) some |= check(number(type, value)) == 0;
    EXPECT_TRUE(some) << "container property " << type;
  }
}

TEST(PropValidate, EdgesOfRanges) {
  struct {
    uint32_t type;
    uint64_t good;
    uint64_t bad;
  } const edges[] = {
      {DAOS_PROP_PO_SPACE_RB, 100, 101},
      {DAOS_PROP_PO_SELF_HEAL, 7, 8},
      {DAOS_PROP_PO_EC_CELL_SZ, 1 << 20, (1 << 20) + 32},
      {DAOS_PROP_PO_EC_CELL_SZ, 4096, 4097},
      {DAOS_PROP_PO_EC_CELL_SZ, 4096, 0},
      {DAOS_PROP_PO_PERF_DOMAIN, DAOS_PROP_PERF_DOMAIN_GROUP, 201},
      {DAOS_PROP_PO_CHECKPOINT_THRESH, 10, 9},
      {DAOS_PROP_PO_SVC_OPS_ENTRY_AGE, 600, 601},
      {DAOS_PROP_CO_LAYOUT_TYPE, DAOS_PROP_CO_LAYOUT_METEO, DAOS_PROP_CO_LAYOUT_MAX},
      {DAOS_PROP_CO_CSUM, DAOS_PROP_CO_CSUM_ADLER32, DAOS_PROP_CO_CSUM_ADLER32 + 1},
      {DAOS_PROP_CO_CSUM_CHUNK_SIZE, UINT32_MAX, uint64_t{UINT32_MAX} + 1},
      {DAOS_PROP_CO_REDUN_FAC, 4, 5},
      {DAOS_PROP_CO_REDUN_LVL, 1, 0},
      {DAOS_PROP_CO_DEDUP_THRESHOLD, 4096, 4095},
      {DAOS_PROP_CO_EC_CELL_SZ, 0, 100},
      {DAOS_PROP_CO_PERF_DOMAIN, 0, 1},
      {DAOS_PROP_CO_STATUS, uint64_t{1} << 32, uint64_t{2} << 32},
  };
  for (const auto& edge : edges) {
    EXPECT_EQ(check(number(edge.type, edge.good)), 0) << edge.type << ": " << edge.good;
    EXPECT_EQ(check(number(edge.type, edge.bad)), -DER_INVAL) << edge.type << ": " << edge.bad;
  }
}

TEST(PropValidate, Texts) {
  EXPECT_EQ(check(text(DAOS_PROP_CO_LABEL, "fine")), 0);
  EXPECT_EQ(check(text(DAOS_PROP_CO_LABEL, "not fine")), -DER_INVAL);
  EXPECT_EQ(check(text(DAOS_PROP_CO_LABEL, nullptr)), -DER_INVAL);
  EXPECT_EQ(check(text(DAOS_PROP_CO_LABEL, DAOS_PROP_NO_CO_LABEL)), -DER_INVAL);
  EXPECT_EQ(check(text(DAOS_PROP_PO_LABEL, DAOS_PROP_NO_PO_LABEL)), -DER_INVAL);
  EXPECT_EQ(check(text(DAOS_PROP_CO_OWNER, "bob@")), 0);
  EXPECT_EQ(check(text(DAOS_PROP_CO_OWNER, "bob")), -DER_INVAL);
}

TEST(PropValidate, Pointers) {
  daos_acl acl = {DAOS_ACL_VERSION, 0, 0, {}};
  daos_prop_entry entry = number(DAOS_PROP_CO_ACL, 0);
  EXPECT_EQ(check(entry), -DER_INVAL);
  entry.dpe_val_ptr = &acl;
  EXPECT_EQ(check(entry), 0);
  acl.dal_ver = 2;
  EXPECT_EQ(check(entry), -DER_INVAL);
  EXPECT_EQ(check(number(DAOS_PROP_CO_ROOTS, 0)), -DER_INVAL);
}

}  // namespace
TEST(PoolDefaults, AreTheApis) {
  const auto number = [](uint32_t type) { return daos::messages::pool_number({}, type); };
  EXPECT_EQ(number(DAOS_PROP_PO_SELF_HEAL), DAOS_SELF_HEAL_AUTO_EXCLUDE | DAOS_SELF_HEAL_AUTO_REBUILD);
  EXPECT_EQ(number(DAOS_PROP_PO_RECLAIM), uint64_t{DAOS_RECLAIM_LAZY});
  EXPECT_EQ(number(DAOS_PROP_PO_DATA_THRESH), uint64_t{DAOS_PROP_PO_DATA_THRESH_DEFAULT});
  EXPECT_EQ(number(DAOS_PROP_PO_EC_PDA), DAOS_PROP_PO_EC_PDA_DEFAULT);
  EXPECT_EQ(number(DAOS_PROP_PO_RP_PDA), DAOS_PROP_PO_RP_PDA_DEFAULT);
  EXPECT_EQ(number(DAOS_PROP_PO_UPGRADE_STATUS), uint64_t{DAOS_UPGRADE_STATUS_NOT_STARTED});
  EXPECT_EQ(number(DAOS_PROP_PO_SCRUB_MODE), uint64_t{DAOS_PROP_PO_SCRUB_MODE_DEFAULT});
  EXPECT_EQ(number(DAOS_PROP_PO_SCRUB_FREQ), uint64_t{DAOS_PROP_PO_SCRUB_FREQ_DEFAULT});
  EXPECT_EQ(number(DAOS_PROP_PO_SCRUB_THRESH), uint64_t{DAOS_PROP_PO_SCRUB_THRESH_DEFAULT});
  EXPECT_EQ(number(DAOS_PROP_PO_SVC_REDUN_FAC), uint64_t{DAOS_PROP_PO_SVC_REDUN_FAC_DEFAULT});
  EXPECT_EQ(number(DAOS_PROP_PO_PERF_DOMAIN), uint64_t{DAOS_PROP_PO_PERF_DOMAIN_DEFAULT});
  EXPECT_EQ(number(DAOS_PROP_PO_CHECKPOINT_MODE), uint64_t{DAOS_PROP_PO_CHECKPOINT_MODE_DEFAULT});
  EXPECT_EQ(number(DAOS_PROP_PO_CHECKPOINT_FREQ), uint64_t{DAOS_PROP_PO_CHECKPOINT_FREQ_DEFAULT});
  EXPECT_EQ(number(DAOS_PROP_PO_CHECKPOINT_THRESH), uint64_t{DAOS_PROP_PO_CHECKPOINT_THRESH_DEFAULT});
  EXPECT_EQ(number(DAOS_PROP_PO_REINT_MODE), uint64_t{DAOS_PROP_PO_REINT_MODE_DEFAULT});
  EXPECT_EQ(number(DAOS_PROP_PO_SVC_OPS_ENABLED), uint64_t{DAOS_PROP_PO_SVC_OPS_ENABLED_DEFAULT});
  EXPECT_EQ(number(DAOS_PROP_PO_SVC_OPS_ENTRY_AGE), uint64_t{DAOS_PROP_PO_SVC_OPS_ENTRY_AGE_DEFAULT});
}

}  // namespace daos::capi
