// Goal: every rule by which a wish becomes an object id. Expected numbers come from the API's description.
#include "model/classes/generate.h"

#include <gtest/gtest.h>

namespace daos::classes {
namespace {

constexpr uint32_t kMulti = 0;
constexpr uint32_t kKv = 8;
constexpr uint32_t kArray = 11;
constexpr ObjectId kUser{.lo = 0x1122334455667788ULL, .hi = 0xffffffff99aabbccULL};

Result<ObjectId> generate(uint32_t type, std::string_view name, const Fit& fit, uint16_t hints = 0) {
  return generate_oid(kUser, type, class_from_name(name), hints, fit);
}
/// The generated class's name, or the error's.
std::string class_of(uint32_t type, uint16_t hints, const Fit& fit, ClassId wish = kClassUnknown) {
  const Result<ObjectId> id = generate_oid(kUser, type, wish, hints, fit);
  return id.ok() ? class_name((*id).class_id()) : std::string(code_name(id.code()));
}
Fit fit_of(uint32_t domains, uint32_t targets, uint32_t factor = 0) {
  return {.domains = domains, .targets = targets, .redundancy_factor = factor};
}

TEST(GenerateOid, KeepsTheUsersBitsAndReplacesTheUpperHalf) {
  const Result<ObjectId> id = generate(5, "S1", fit_of(4, 8));
  ASSERT_TRUE(id.ok());
  EXPECT_EQ((*id).lo, kUser.lo);
  EXPECT_EQ((*id).user_hi(), 0x99aabbccu);
  EXPECT_EQ((*id).type(), ObjectType::kDkeyLexical);
  EXPECT_EQ((*id).ordinal(), 1);
  EXPECT_EQ((*id).group_count(), 1);
  for (uint32_t type = 0; type <= kObjectTypeMax; type++) {
    EXPECT_EQ((*generate(type, "S1", fit_of(4, 8))).type(), ObjectType{static_cast<uint8_t>(type)});
  }
}

TEST(GenerateOid, RefusesWhatDoesNotExist) {
  EXPECT_EQ(generate(15, "S1", fit_of(4, 8)).code(), Code::kInvalid);
  EXPECT_EQ(generate(256, "S1", fit_of(4, 8)).code(), Code::kInvalid);
  for (const uint32_t id : {0x70000001u, 1u << 24, 2u << 24 | 1, 0x01010001u, 51u, 60u, 100u, 1u << 30}) {
    EXPECT_EQ(class_of(kMulti, 0, fit_of(4, 8), ClassId(id)), "DER_INVAL") << id;
  }
  EXPECT_EQ(class_of(kMulti, 0, fit_of(4, 8, 5)), "DER_INVAL");
}

TEST(GenerateOid, ResolvesAllGroups) {
  EXPECT_EQ(class_of(kMulti, 0, fit_of(4, 8), class_from_name("SX")), "S8");
  EXPECT_EQ(class_of(kMulti, 0, fit_of(4, 8), class_from_name("RP_2GX")), "RP_2G4");
  EXPECT_EQ(class_of(kMulti, 0, fit_of(3, 8), class_from_name("EC_2P1GX")), "EC_2P1G2");
  EXPECT_EQ(class_of(kMulti, 0, fit_of(1, 1), class_from_name("SX")), "S1");
  // The marker itself is no group count, even where so many targets are.
  EXPECT_EQ(class_of(kMulti, 0, {.domains = 12'500, .targets = 100'000, .reserve = 0}, class_from_name("SX")),
            "S65534");
}

TEST(GenerateOid, RefusesClassesThatDoNotFit) {
  EXPECT_EQ(class_of(kMulti, 0, fit_of(4, 8), make_class(1, 8)), "S8");
  EXPECT_EQ(class_of(kMulti, 0, fit_of(4, 8), make_class(1, 9)), "DER_INVAL");
  EXPECT_EQ(class_of(kMulti, 0, fit_of(4, 8), make_class(1, 60'000)), "DER_INVAL");
  EXPECT_EQ(class_of(kMulti, 0, fit_of(5, 100), class_from_name("RP_6G1")), "DER_INVAL");
  EXPECT_EQ(class_of(kMulti, 0, fit_of(5, 100), class_from_name("RP_6GX")), "DER_INVAL");
  EXPECT_EQ(class_of(kMulti, 0, fit_of(18, 400), class_from_name("EC_16P3G1")), "DER_INVAL");
  EXPECT_EQ(class_of(kMulti, 0, fit_of(19, 400), class_from_name("EC_16P3G1")), "EC_16P3G1");
  EXPECT_EQ(class_of(kMulti, 0, fit_of(4, 7), class_from_name("RP_2G4")), "DER_INVAL");
  for (uint32_t groups = 1; groups <= 8; groups++) {
    EXPECT_EQ((*generate_oid(kUser, kMulti, make_class(1, groups), 0, fit_of(4, 8))).group_count(), groups);
  }
  const Status status = generate_oid(kUser, kMulti, class_from_name("RP_6G1"), 0, fit_of(4, 8)).status();
  EXPECT_NE(status.message().find("RP_6G1"), std::string_view::npos) << status.to_string();
}

TEST(GenerateOid, WideReplicationTakesTheMostCopiesThatFit) {
  EXPECT_EQ(class_of(kMulti, 0, fit_of(1, 8), kClassReplicateWide), "S1");
  EXPECT_EQ(class_of(kMulti, 0, fit_of(7, 8), kClassReplicateWide), "RP_6G1");
  EXPECT_EQ(class_of(kMulti, 0, fit_of(40, 80), kClassReplicateWide), "RP_32G1");
  EXPECT_EQ(class_of(kMulti, 0, fit_of(500, 4000), kClassReplicateWide), "RP_128G1");
}

TEST(GenerateOid, ReservesDomainsForRebuild) {
  const auto groups = [](uint32_t domains, uint32_t factor, uint32_t group_size = 1) {
    const uint32_t targets = domains * 8;
    return targets / group_size - reserved_groups(group_size, fit_of(domains, targets, factor));
  };
  EXPECT_EQ(groups(8, 0), 8 * 8u);
  EXPECT_EQ(groups(8, 2), 6 * 8u);
  EXPECT_EQ(groups(15, 2), 13 * 8u);
  EXPECT_EQ(groups(16, 2), 13 * 8u);
  EXPECT_EQ(groups(31, 0), 30 * 8u);
  EXPECT_EQ(groups(32, 0), 30 * 8u);
  EXPECT_EQ(groups(63, 1), 60 * 8u);
  EXPECT_EQ(groups(64, 1), 61 * 8u);    // 4 % is 2, RF + 2 is 3
  EXPECT_EQ(groups(127, 1), 122 * 8u);  // 4 % is 5
  EXPECT_EQ(groups(128, 1), 122 * 8u);  // 6 % is 7, but then it would use fewer than 127 domains do
  EXPECT_EQ(groups(255, 1), 240 * 8u);
  EXPECT_EQ(groups(256, 1), 240 * 8u);
  EXPECT_EQ(groups(1000, 4), 920 * 8u);
  EXPECT_EQ(groups(8, 2, 3), 64 / 3 - 6u);  // 16 targets are 5.3 groups, rounded up
}

TEST(GenerateOid, LargerSystemsNeverUseFewerDomains) {
  for (uint32_t factor = 0; factor <= 4; factor++) {
    uint32_t used = 0;
    for (uint32_t domains = factor + 1; domains < 2000; domains++) {
      const uint32_t now = domains - reserved_groups(1, fit_of(domains, domains, factor));
      EXPECT_GE(now, used) << domains << " factor " << factor;
      used = now;
    }
  }
}

TEST(GenerateOid, AReserveAlwaysLeavesAGroup) {
  EXPECT_EQ(class_of(kMulti, 0, fit_of(4, 4, 4), class_from_name("SX")), "S1");
  EXPECT_EQ(class_of(kMulti, 0, fit_of(4, 4, 3), class_from_name("RP_4GX")), "RP_4G1");
  EXPECT_EQ(class_of(kMulti, 0, {.domains = 4, .targets = 8, .reserve = 100}, class_from_name("SX")), "S1");
  EXPECT_EQ(class_of(kMulti, 0, {.domains = 4, .targets = 8, .reserve = 3}, class_from_name("SX")), "S5");
  EXPECT_EQ(class_of(kMulti, 0, {.domains = 4, .targets = 8, .redundancy_factor = 3, .reserve = 0},
                     class_from_name("RP_2GX")),
            "RP_2G4");
}

TEST(GenerateOid, ChoosesRedundancyByFactorTypeAndHint) {
  const auto ordinal_name = [](uint32_t domains, uint32_t factor, uint32_t type, uint16_t hints) {
    return class_of(type, hints | kHintShardTiny, fit_of(domains, domains * 8, factor));
  };
  // Factor 0.
  EXPECT_EQ(ordinal_name(20, 0, kArray, 0), "S1");
  EXPECT_EQ(ordinal_name(20, 0, kMulti, kHintReplicate), "RP_2G1");
  EXPECT_EQ(ordinal_name(1, 0, kMulti, kHintReplicate), "S1");
  EXPECT_EQ(ordinal_name(18, 0, kMulti, kHintErasureCode), "EC_16P1G1");
  EXPECT_EQ(ordinal_name(17, 0, kMulti, kHintErasureCode), "EC_8P1G1");
  EXPECT_EQ(ordinal_name(9, 0, kMulti, kHintErasureCode), "EC_4P1G1");
  EXPECT_EQ(ordinal_name(3, 0, kMulti, kHintErasureCode), "EC_2P1G1");
  EXPECT_EQ(ordinal_name(2, 0, kMulti, kHintErasureCode), "DER_INVAL");
  // Factor 1: erasure code for arrays unless a hint says otherwise.
  EXPECT_EQ(ordinal_name(10, 1, kArray, 0), "EC_8P1G1");
  EXPECT_EQ(ordinal_name(5, 1, kArray, 0), "EC_2P1G1");
  EXPECT_EQ(ordinal_name(2, 1, kArray, 0), "RP_2G1");
  EXPECT_EQ(ordinal_name(10, 1, kArray, kHintReplicate), "RP_2G1");
  EXPECT_EQ(ordinal_name(10, 1, kArray, kHintRedundancyDefault), "RP_2G1");
  EXPECT_EQ(ordinal_name(10, 1, kArray, kHintRedundancyNone), "RP_2G1");
  EXPECT_EQ(ordinal_name(10, 1, kKv, 0), "RP_2G1");
  EXPECT_EQ(ordinal_name(10, 1, kKv, kHintErasureCode), "EC_8P1G1");
  EXPECT_EQ(ordinal_name(1, 1, kMulti, 0), "DER_INVAL");
  // Factor 2.
  EXPECT_EQ(ordinal_name(20, 2, kArray, 0), "EC_16P2G1");
  EXPECT_EQ(ordinal_name(19, 2, kArray, 0), "EC_8P2G1");
  EXPECT_EQ(ordinal_name(8, 2, kArray, 0), "EC_4P2G1");
  EXPECT_EQ(ordinal_name(4, 2, kArray, 0), "EC_2P2G1");
  EXPECT_EQ(ordinal_name(3, 2, kArray, 0), "RP_3G1");
  // Factor 3.
  EXPECT_EQ(ordinal_name(22, 3, kArray, 0), "EC_16P3G1");
  EXPECT_EQ(ordinal_name(14, 3, kArray, 0), "EC_8P3G1");
  EXPECT_EQ(ordinal_name(10, 3, kArray, 0), "EC_4P3G1");
  EXPECT_EQ(ordinal_name(9, 3, kArray, 0), "RP_4G1");
  // Factor 4.
  EXPECT_EQ(ordinal_name(40, 4, kArray, kHintErasureCode), "RP_5G1");
  EXPECT_EQ(ordinal_name(4, 4, kArray, 0), "DER_INVAL");
}

TEST(GenerateOid, ChoosesGroupsByTypeAndHint) {
  const auto groups = [](uint32_t type, uint16_t hints, uint32_t targets) {
    return (*generate_oid(kUser, type, kClassUnknown, hints, fit_of(8, targets))).group_count();
  };
  EXPECT_EQ(groups(kMulti, 0, 64), 1);
  EXPECT_EQ(groups(kMulti, kHintShardDefault, 64), 1);
  EXPECT_EQ(groups(kKv, 0, 64), 64);
  EXPECT_EQ(groups(kArray, 0, 64), 64);
  EXPECT_EQ(groups(13, kHintShardDefault, 64), 64);
  EXPECT_EQ(groups(kArray, kHintShardTiny, 64), 1);
  EXPECT_EQ(groups(kMulti, kHintShardMax, 64), 64);
  EXPECT_EQ(groups(kMulti, kHintShardRegular, 64), 64);
  EXPECT_EQ(groups(kMulti, kHintShardRegular, 400), 128);
  EXPECT_EQ(groups(kMulti, kHintShardRegular, 1000), 250);
  EXPECT_EQ(groups(kMulti, kHintShardHigh, 200), 200);
  EXPECT_EQ(groups(kMulti, kHintShardHigh, 400), 256);
  EXPECT_EQ(groups(kMulti, kHintShardHigh, 1001), 500);
  EXPECT_EQ(groups(kMulti, kHintShardExtra, 1000), 1000);
  EXPECT_EQ(groups(kMulti, kHintShardExtra, 1200), 1024);
  EXPECT_EQ(groups(kMulti, kHintShardExtra, 2000), 1400);
}

TEST(GenerateOid, HintsMatterOnlyWithoutAClass) {
  constexpr uint16_t kTwo = kHintShardTiny | kHintShardMax;
  EXPECT_EQ(class_of(kMulti, kTwo, fit_of(4, 8)), "DER_INVAL");
  EXPECT_EQ(class_of(kMulti, 1 << 12, fit_of(4, 8)), "DER_INVAL");
  EXPECT_EQ(class_of(kMulti, kTwo | kHintErasureCode, fit_of(4, 8), class_from_name("S1")), "S1");
}

TEST(GenerateOid, MoreThanFitsBecomesAllMinusTheReserve) {
  // 128 groups of 2 on 100 targets: all that fit, less one domain's worth (10 targets).
  EXPECT_EQ(class_of(kKv, kHintShardRegular, fit_of(10, 100, 1)), "RP_2G45");
  EXPECT_EQ(class_of(kKv, kHintShardRegular, fit_of(10, 300, 1)), "RP_2G128");
}

}  // namespace
}  // namespace daos::classes
