// Goal: class ids, names and group layouts are those of the public API.
#include "model/classes/object_class.h"

#include <gtest/gtest.h>

#include <set>

namespace daos::classes {
namespace {

TEST(ObjectClass, NamesAndIdsAreTheApis) {
  const std::pair<const char*, uint32_t> known[] = {
      {"S1", 16777217},         {"S2", 16777218},         {"S6", 16777222},         {"S32", 16777248},
      {"SX", 16842751},         {"RP_2G1", 134217729},    {"RP_2GX", 134283263},    {"RP_3G6", 150994950},
      {"RP_4G12", 167772172},   {"RP_5G32", 184549408},   {"RP_6GX", 201392127},    {"EC_2P1G1", 536870913},
      {"EC_2P2G8", 553648136},  {"EC_4P1GX", 570490879},  {"EC_4P2G8", 587202568},  {"EC_8P1G32", 603979808},
      {"EC_8P2G2", 620756994},  {"EC_16P1G1", 637534209}, {"EC_16P2GX", 654376959}, {"EC_4P3G1", 671088641},
      {"EC_8P3G16", 687865872}, {"EC_16P3GX", 704708607}, {"RP_XSF", 80},
  };
  for (const auto& [name, id] : known) {
    EXPECT_EQ(class_from_name(name), ClassId(id)) << name;
    EXPECT_EQ(class_name(ClassId(id)), name);
  }
}

TEST(ObjectClass, TableIsCompleteAndRoundTrips) {
  EXPECT_EQ(named_classes().size(), 9u + 5 * 9 + 11 * 8 + 1);
  std::set<std::string_view> names;
  std::set<ClassId> ids;
  for (const NamedClass& named : named_classes()) {
    EXPECT_LE(named.name.size(), kClassNameMax);
    EXPECT_EQ(class_from_name(named.name), named.id);
    EXPECT_EQ(class_name(named.id), named.name);
    names.insert(named.name);
    ids.insert(named.id);
  }
  EXPECT_EQ(names.size(), named_classes().size());
  EXPECT_EQ(ids.size(), named_classes().size());
  EXPECT_EQ(named_classes()[0].name, "S1");
  EXPECT_EQ(named_classes().back().name, "RP_XSF");
}

TEST(ObjectClass, NamesOutsideTheTableAreUnknown) {
  for (const char* name : {"", "NOPE", "s1", "RP_2", "RP_2G1X", "S1 ", "S5", "EC_2P1G6", "RP_12G1", "UNKNOWN",
                           "EC_16P3GXXXXXXXXXXXXXXXXXXXXXXXXXXXX"}) {
    EXPECT_EQ(class_from_name(name), kClassUnknown) << name;
  }
}

TEST(ObjectClass, UnnamedGroupCountsGetAMadeUpName) {
  EXPECT_EQ(class_name(make_class(1, 5)), "S5");
  EXPECT_EQ(class_name(make_class(8, 7)), "RP_2G7");
  EXPECT_EQ(class_name(make_class(32, 6)), "EC_2P1G6");
  EXPECT_EQ(class_name(make_class(9, 1000)), "RP_3G1000");
  EXPECT_EQ(class_name(make_class(20, 65534)), "RP_128G65534");
  EXPECT_EQ(class_name(make_class(42, 65534)), "EC_16P3G65534");
  for (const uint32_t id : {0u, 0x70000001u, 1u << 24, 0x01010000u, 50u, 100u, 1u << 30}) {
    EXPECT_EQ(class_name(ClassId(id)), "") << id;
  }
}

TEST(ObjectClass, GroupsHaveTheirShardsAndTolerance) {
  const Redundancy* const s = find_redundancy(1);
  ASSERT_NE(s, nullptr);
  EXPECT_EQ(s->group_size(), 1u);
  EXPECT_EQ(s->failures_tolerated(), 0u);
  const Redundancy* const rp3 = find_redundancy(9);
  EXPECT_EQ(rp3->group_size(), 3u);
  EXPECT_EQ(rp3->failures_tolerated(), 2u);
  EXPECT_FALSE(rp3->is_erasure_code());
  const Redundancy* const ec = find_redundancy(42);
  EXPECT_EQ(ec->data, 16);
  EXPECT_EQ(ec->parity, 3);
  EXPECT_EQ(ec->group_size(), 19u);
  EXPECT_EQ(ec->failures_tolerated(), 3u);
  EXPECT_EQ(find_redundancy(20)->group_size(), 128u);
  for (const uint8_t ordinal : {0, 2, 7, 21, 31, 43, 50, 80, 255})
    EXPECT_EQ(find_redundancy(ordinal), nullptr) << +ordinal;
}

TEST(Shape, IsRefusedForIdsThatNobodyGenerated) {
  const auto code = [](uint64_t type, uint64_t ordinal, uint64_t groups) {
    return shape_of({.lo = 1, .hi = type << 56 | ordinal << 48 | groups << 32}).code();
  };
  EXPECT_EQ(code(0, 1, 1), Code::kOk);
  EXPECT_EQ(code(14, 42, 65534), Code::kOk);
  EXPECT_EQ(code(15, 1, 1), Code::kInvalid);
  EXPECT_EQ(code(0, 2, 1), Code::kInvalid);
  EXPECT_EQ(code(0, 1, 0), Code::kInvalid);
  EXPECT_EQ(code(0, 1, 65535), Code::kInvalid);
  const Result<Shape> shape = shape_of({.lo = 1, .hi = uint64_t{35} << 48 | uint64_t{8} << 32});
  ASSERT_TRUE(shape.ok());
  EXPECT_EQ((*shape).shard_count(), 48u);
}

}  // namespace
}  // namespace daos::classes
