// What the model tests do not reach: enumeration while keys come and go, large arrays, conditions, and the account of
// memory against the allocator's own.
#include <malloc.h>

#include "server/vos/index/index_history.h"

namespace daos::vos::test {
namespace {

const Uuid kContainer = Uuid::from_random(1, 1);

classes::ObjectId object_of(classes::ObjectType type) { return {.lo = 1, .hi = static_cast<uint64_t>(type) << 56}; }

UpdateRecord single_update(const classes::ObjectId& object, const std::string& dkey, const std::string& akey,
                           const std::string& value, uint64_t epoch) {
  return update_of(kContainer, object, dkey, akey, value, epoch);
}
PunchRecord dkey_punch(const classes::ObjectId& object, const std::string& dkey, uint64_t epoch) {
  return dkey_punch_of(kContainer, object, dkey, epoch);
}
void reclaim_all(Index& index) {
  for (int round = 0; round < 4; round++) {
    Freed freed;
    while (!index.reclaim({}, 1000, freed)) {
    }
  }
}

TEST(Index, EnumerationSeesEveryLastingKeyOnceWhileOthersComeAndGo) {
  for (const classes::ObjectType type : {classes::ObjectType::kMultiHashed, classes::ObjectType::kMultiLexical}) {
    for (uint64_t seed = 0; seed < 20; seed++) {
      Random random(seed);
      Index index;
      const classes::ObjectId object = object_of(type);
      // Many share their first 80 bytes, so that the digest decides.
      const auto key = [](uint64_t n) {
        return (n % 2 == 0 ? std::string(85, 'p') : std::string()) + std::to_string(n);
      };
      uint64_t epoch = 1;
      std::set<std::string> lasting;
      for (uint64_t n = 0; n < 60; n++) {
        epoch++;
        index.apply(single_update(object, key(n), "a", "v", epoch), journal::Position(epoch));
        if (n % 3 == 0) lasting.insert(key(n));
      }
      std::map<std::string, int> seen;
      KeyAnchor anchor;
      const KeyPath path{.container = kContainer, .object = object, .dkey = {}, .akey = {}};
      while (anchor.state != KeyAnchor::State::kEnd) {
        size_t room = 1 + random.below(4);
        index.enumerate_keys(path, kLatest, anchor, [&](ByteSpan bytes) {
          if (room-- == 0) return false;
          seen[text_of(bytes)]++;
          return true;
        });
        for (int change = 0; change < 8; change++) {
          const uint64_t n = random.below(200);
          if (n < 60 && n % 3 == 0) continue;
          epoch++;
          if (random.one_in(2)) {
            index.apply(dkey_punch(object, key(n), epoch), journal::Position(epoch));
          } else {
            index.apply(single_update(object, key(n), "a", "v", epoch), journal::Position(epoch));
          }
        }
        reclaim_all(index);  // so that the key an anchor stands at is really gone
      }
      for (const std::string& lasts : lasting) EXPECT_EQ(seen[lasts], 1) << lasts;
      for (const auto& [bytes, times] : seen) EXPECT_LE(times, 1) << bytes;
    }
  }
}

TEST(Index, AnchorBeforeAKeyStartsWithIt) {
  for (const classes::ObjectType type :
       {classes::ObjectType::kMultiHashed, classes::ObjectType::kMultiLexical, classes::ObjectType::kMultiUint64}) {
    Index index;
    const classes::ObjectId object = object_of(type);
    const auto key = [](uint64_t n) { return std::string(reinterpret_cast<const char*>(&n), sizeof n); };
    for (uint64_t n = 0; n < 20; n++) index.apply(single_update(object, key(n), "a", "v", n + 1), journal::Position(1));
    for (uint64_t n = 0; n < 20; n++) {
      KeyAnchor anchor = anchor_before(classes::dkey_kind(type), as_bytes(key(n)));
      std::string first;
      index.enumerate_keys({.container = kContainer, .object = object, .dkey = {}, .akey = {}}, kLatest, anchor,
                           [&](ByteSpan bytes) {
                             if (first.empty()) first = text_of(bytes);
                             return false;
                           });
      EXPECT_EQ(first, key(n));
    }
  }
}

TEST(Index, ConditionsHoldOrNameWhatDoesNot) {
  Index index;
  const classes::ObjectId object = object_of(classes::ObjectType::kMultiHashed);
  const UpdateRecord record = single_update(object, "d", "a", "", 5);
  EXPECT_EQ(index.check_conditions(record, kCondDkeyUpdate, {}).code(), Code::kNonexistent);
  EXPECT_EQ(index.check_conditions(record, kCondAkeyUpdate, {}).code(), Code::kNonexistent);
  EXPECT_TRUE(index.check_conditions(record, kCondDkeyInsert | kCondAkeyInsert, {}).ok());
  index.apply(record, journal::Position(1));  // an empty value: the key exists
  EXPECT_EQ(index.check_conditions(record, kCondDkeyInsert, {}).code(), Code::kExists);
  EXPECT_EQ(index.check_conditions(record, kCondPerAkey, {kCondAkeyInsert}).code(), Code::kExists);
  EXPECT_TRUE(index.check_conditions(record, kCondPerAkey, {kCondAkeyUpdate}).ok());
  const PunchRecord punch = dkey_punch(object, "d", 6);
  EXPECT_TRUE(index.check_conditions(punch, kCondPunch).ok());
  const KeyPath path{.container = kContainer, .object = object, .dkey = as_bytes("d"), .akey = {}};
  index.apply(punch, journal::Position(2));
  EXPECT_EQ(index.check_conditions(punch, kCondPunch).code(), Code::kNonexistent);
  EXPECT_EQ(index.check_fetch(path, {as_bytes("a")}, kCondDkeyFetch, {}, kLatest).code(), Code::kNonexistent);
  EXPECT_EQ(index.check_fetch(path, {as_bytes("a")}, kCondAkeyFetch, {}, kLatest).code(), Code::kNonexistent);
  EXPECT_TRUE(index.check_fetch(path, {as_bytes("a")}, kCondAkeyFetch | kCondDkeyFetch, {}, 5).ok());
}

TEST(Index, WhatIsGoneLeavesOnlyItsHighestEpoch) {
  Index index;
  const uint64_t empty = index.used_bytes();
  constexpr uint64_t kObjects = 10'000;
  const auto object = [](uint64_t n) { return classes::ObjectId{.lo = n + 1, .hi = 0}; };
  for (uint64_t n = 0; n < kObjects; n++)
    index.apply(single_update(object(n), "dkey", "akey", "value", n + 1), journal::Position(n));
  for (uint64_t n = 0; n < kObjects; n++) {
    index.apply(PunchRecord{.container = kContainer,
                            .object = object(n),
                            .epoch = kObjects + n + 1,
                            .level = PunchLevel::kObject,
                            .akeys = {}},
                journal::Position(n));
  }
  reclaim_all(index);
  EXPECT_FALSE(index.has_garbage());
  EXPECT_LE((index.used_bytes() - empty) / kObjects, 64u);
  // The record survives a restart, and the object may come back.
  ByteVector items;
  ASSERT_EQ(index.serialise("", "", SIZE_MAX, items), "");
  Index again;
  ASSERT_TRUE(again.load(items).ok());
  EXPECT_LE((again.used_bytes() - empty) / kObjects, 64u);
  EXPECT_EQ(again.highest_epoch(kContainer, object(7)), kObjects + 8);
  again.apply(single_update(object(7), "dkey", "akey", "value", 5 * kObjects), journal::Position(1));
  EXPECT_EQ(again.highest_epoch(kContainer, object(7)), 5 * kObjects);
  index.destroy(kContainer);
  reclaim_all(index);
  EXPECT_EQ(index.used_bytes(), empty);
}

TEST(Index, ReclaimAndDestructionDoNoMoreInAStepThanTheirBudget) {
  Index index;
  const classes::ObjectId object = object_of(classes::ObjectType::kMultiHashed);
  constexpr uint64_t kExtents = 5'000;
  UpdateRecord array = single_update(object, "array", "akey", "v", 1);
  array.values[0].kind = ValueKind::kArray;
  for (uint64_t n = 0; n < kExtents; n++) {
    array.epoch = n + 1;
    array.values[0].extents = {{.start = 2 * n, .count = 1}};
    index.apply(array, journal::Position(n));
    index.apply(single_update(object, std::to_string(n % 500), "akey", "value", n + 1), journal::Position(n));
  }
  const uint64_t akeys = index.akeys();
  const auto steps = [&](size_t budget) {
    uint64_t count = 1;
    Freed freed;
    for (uint64_t before = index.used_bytes(); !index.reclaim({}, budget, freed); count++) {
      EXPECT_LE(before - index.used_bytes(), budget * 600);  // each item is small
      before = index.used_bytes();
    }
    return count;
  };
  EXPECT_GE(steps(100), 40u);  // of 4,500 older values
  EXPECT_EQ(index.akeys(), akeys);
  index.destroy(kContainer);
  EXPECT_TRUE(index.containers().empty());
  EXPECT_FALSE(index.exists({.container = kContainer, .object = object, .dkey = as_bytes("1"), .akey = {}}, kLatest));
  EXPECT_GE(steps(100), 50u);
  EXPECT_EQ(index.akeys(), 0u);
}

TEST(Index, WhatDiedAfterTheHorizonIsNotLookedAt) {
  Index index;
  const classes::ObjectId object = object_of(classes::ObjectType::kMultiHashed);
  for (uint64_t n = 1; n <= 100; n++) index.apply(single_update(object, "d", "a", "v", n), journal::Position(n));
  const KeyPath path{.container = kContainer, .object = object, .dkey = as_bytes("d"), .akey = as_bytes("a")};
  Freed freed;
  ASSERT_TRUE(index.reclaim({.horizon = 1, .moments = {}}, 1000, freed));
  for (uint64_t n = 1; n <= 100; n++) EXPECT_EQ(index.single(path, n).epoch, n);
  ASSERT_TRUE(index.reclaim({.horizon = 40, .moments = {{kContainer, {7, 20}}}}, 1000, freed));
  for (uint64_t n = 40; n <= 100; n++) EXPECT_EQ(index.single(path, n).epoch, n);
  EXPECT_EQ(index.single(path, 7).epoch, 7u);
  EXPECT_EQ(index.single(path, 20).epoch, 20u);
  EXPECT_EQ(index.single(path, 30).epoch, 20u);  // it is gone: whoever asks for such an epoch is told to restart
  EXPECT_TRUE(index.has_garbage());
  ASSERT_TRUE(index.reclaim({.horizon = 100, .moments = {}}, 1000, freed));
  EXPECT_FALSE(index.has_garbage());
}

uint64_t in_use() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST(Index, AccountOfMemoryIsTheAllocators) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "the sanitizer has an allocator of its own";
#endif
#endif
  for (const uint64_t bytes : {8u, 64u, 600u, 4096u}) {
    const uint64_t before = in_use();
    Index index;
    const classes::ObjectId object = object_of(classes::ObjectType::kMultiHashed);
    for (uint64_t n = 0; n < 20'000; n++) {
      UpdateRecord record = single_update(object, "dkey-" + std::to_string(n), "akey", std::string(bytes, 'v'), n + 1);
      if (n % 4 == 3) {
        record.values[0].kind = ValueKind::kArray;
        record.values[0].record_bytes = 1;
        record.values[0].extents = {{.start = n, .count = bytes}};
      }
      index.apply(record, journal::Position(n));
      if (n % 5 == 0) {
        record.epoch += 100'000;
        index.apply(record, journal::Position(n));
      }
    }
    const auto real = static_cast<double>(in_use() - before);
    EXPECT_NEAR(static_cast<double>(index.used_bytes()) / real, 1.0, 0.15) << bytes << "-byte values";
  }
}

TEST(Index, EmptyKeysAreKeys) {
  // No client can write one; a log may hold anything that has the right checksum. Found by the fuzzer of records.
  for (const classes::ObjectType type :
       {classes::ObjectType::kMultiHashed, classes::ObjectType::kMultiLexical, classes::ObjectType::kMultiUint64}) {
    Index index;
    UpdateRecord record{.container = kContainer, .object = object_of(type), .epoch = 1};
    record.values.push_back({.akey = {}, .record_bytes = 1, .value = IoBuf::copy_of(as_bytes("v"))});
    index.cost_of(record);
    index.apply(record, journal::Position(1));
    record.values[0].akey = IoBuf::copy_of(as_bytes("another"));
    index.apply(record, journal::Position(2));
    EXPECT_EQ(index.akeys(), 2u);
    index.destroy(kContainer);
    reclaim_all(index);
    EXPECT_EQ(index.akeys(), 0u);
  }
}

TEST(Index, SmallRecordCostsLittle) {
  Index index;
  const classes::ObjectId object = object_of(classes::ObjectType::kMultiHashed);
  constexpr uint64_t kKeys = 50'000;
  for (uint64_t n = 0; n < kKeys; n++) {
    std::string dkey(16, 'k');
    std::memcpy(dkey.data(), &n, sizeof n);
    index.apply(single_update(object, dkey, "akey", std::string(64, 'v'), n + 1), journal::Position(n));
  }
  EXPECT_EQ(index.akeys(), kKeys);
  EXPECT_LE(index.used_bytes() / kKeys, 200u + 16 + 4 + 64);
}

}  // namespace
}  // namespace daos::vos::test
