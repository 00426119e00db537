// Goal: the bits of an id, key kinds, text form and hashes are the public API's and never change.
#include "model/classes/object_id.h"

#include <gtest/gtest.h>

#include <set>
#include <unordered_set>

#include "model/classes/object_class.h"
#include "platform/base/codec.h"

namespace daos::classes {
namespace {

TEST(ObjectId, BitsAreWhereTheApiHasThem) {
  const ObjectId id{.lo = 7, .hi = uint64_t{10} << 56 | uint64_t{35} << 48 | uint64_t{8} << 32 | 9};
  EXPECT_EQ(id.type(), ObjectType::kKvLexical);
  EXPECT_EQ(id.ordinal(), 35);
  EXPECT_EQ(id.group_count(), 8);
  EXPECT_EQ(id.class_id(), ClassId(587202568));  // OC_EC_4P2G8
  EXPECT_EQ(id.user_hi(), 9u);
  EXPECT_FALSE(id.is_nil());
  EXPECT_TRUE(ObjectId{}.is_nil());
}

TEST(ObjectId, TextIsDecimalHighFirst) {
  const ObjectId id{.lo = 18446744073709551615ULL, .hi = 72340172838076673ULL};
  EXPECT_EQ(id.to_string(), "72340172838076673.18446744073709551615");
  EXPECT_EQ(ObjectId::parse(id.to_string()), id);
  EXPECT_EQ(ObjectId::parse("0.0"), ObjectId{});
  for (const char* bad : {"", ".", "1", "1.", ".1", "1.2.3", "1.2 ", " 1.2", "-1.2", "1.+2", "0x1.2", "x.1",
                          "18446744073709551616.0", "0.18446744073709551616"}) {
    EXPECT_FALSE(ObjectId::parse(bad).has_value()) << bad;
  }
}

TEST(ObjectId, TravelsAsLowThenHigh) {
  const ObjectId id{.lo = 1, .hi = 2};
  const ByteVector bytes = encode(id);
  ASSERT_EQ(bytes.size(), 16u);
  EXPECT_EQ(bytes[0], std::byte{1});
  EXPECT_EQ(bytes[8], std::byte{2});
  EXPECT_EQ(*decode<ObjectId>(bytes, "id"), id);
}

TEST(ObjectId, IsOrderedByHighThenLow) {
  const std::set<ObjectId> ids{{.lo = 9, .hi = 1}, {.lo = 1, .hi = 2}, {.lo = 2, .hi = 1}};
  EXPECT_EQ(ids.begin()->lo, 2u);
  EXPECT_EQ(ids.rbegin()->hi, 2u);
  EXPECT_TRUE((std::unordered_set<ObjectId>(ids.begin(), ids.end()).contains({.lo = 9, .hi = 1})));
}

TEST(ObjectId, HashNeverChanges) {
  EXPECT_EQ(hash_of({}), 0x927a7c57dc016e42ULL);
  EXPECT_EQ(hash_of({.lo = 1, .hi = 2}), 0x63bd8f17e95ce77ULL);
  EXPECT_EQ(hash_of({.lo = 2, .hi = 1}), 0x435db716fd7ebb9cULL);
}

TEST(ObjectType, KindsFollowTheTable) {
  struct Row {
    bool dkey_lexical, akey_lexical, dkey_uint64, akey_uint64, array, kv;
  };
  constexpr Row kRows[] = {
      {0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, {0, 0, 1, 0, 0, 0}, {0, 0, 0, 1, 0, 0}, {0, 0, 1, 1, 0, 0},
      {1, 0, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0}, {1, 1, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 1}, {0, 0, 1, 0, 0, 1},
      {1, 0, 0, 0, 0, 1}, {0, 0, 1, 0, 1, 0}, {0, 0, 1, 0, 1, 0}, {0, 0, 1, 0, 1, 0}, {0, 0, 0, 0, 0, 0},
  };
  static_assert(std::size(kRows) == kObjectTypeMax + 1);
  for (uint8_t number = 0; number <= kObjectTypeMax; number++) {
    const ObjectType type{number};
    const Row& row = kRows[number];
    EXPECT_EQ(dkey_kind(type) == KeyKind::kLexical, row.dkey_lexical) << +number;
    EXPECT_EQ(akey_kind(type) == KeyKind::kLexical, row.akey_lexical) << +number;
    EXPECT_EQ(dkey_kind(type) == KeyKind::kUint64, row.dkey_uint64) << +number;
    EXPECT_EQ(akey_kind(type) == KeyKind::kUint64, row.akey_uint64) << +number;
    EXPECT_EQ(is_array(type), row.array) << +number;
    EXPECT_EQ(is_kv(type), row.kv) << +number;
    EXPECT_EQ(is_flat(type), row.array || row.kv) << +number;
  }
  EXPECT_TRUE(is_valid_type(14));
  EXPECT_FALSE(is_valid_type(15));
}

TEST(DkeyHash, IsMurmurWithTheSeedOrTheNumberItself) {
  const uint64_t number = 0x0102030405060708ULL;
  const ByteSpan bytes = std::as_bytes(std::span(&number, 1));
  EXPECT_EQ(dkey_hash(ObjectType::kArrayByte, bytes), number);
  EXPECT_EQ(dkey_hash(ObjectType::kMultiHashed, bytes), murmur64(bytes, 5731));
  EXPECT_EQ(dkey_hash(ObjectType::kDkeyLexical, as_bytes("key")), murmur64(as_bytes("key"), 5731));
  EXPECT_EQ(dkey_hash(ObjectType::kMultiHashed, as_bytes("key")), 0x8b4ac2d05a4c1753ULL);
  for (const uint32_t groups : {1u, 2u, 7u, 1000u})
    EXPECT_EQ(group_of(number, groups).value(), jump_hash(number, groups));
}

}  // namespace
}  // namespace daos::classes
