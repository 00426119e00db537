// Goal: what a shard promises about extents beside reading back what was written: full tiers refuse early and live on,
// what is read is not written over, what is damaged is named, and an operation that was given up while it was written
// is not executed.
#include "server/vos/shard_world.h"

namespace daos::vos {
namespace {

using namespace std::chrono_literals;
using storage::DiskOperation;
using storage::Loss;

Step update_of(std::string value, rpc::SlotRef slot, uint32_t dkey = 0) {
  return {.container = 0, .dkey = dkey, .values = {{0, std::move(value)}}, .slot = slot};
}
std::string big(char fill, uint64_t kib = 16) { return std::string(kib * kKiB, fill); }
std::string value_of(ShardWorld& world, uint32_t dkey = 0) {
  const Step found = world.take({.kind = Step::Kind::kFetch, .dkey = dkey});
  return found.status.ok() ? found.values[0].second : found.status.to_string();
}
using Tier1 = ShardWorld::Options::Tier1;

ShardWorld::Options with_tier1(uint64_t bytes, Tier1 on = Tier1::kFile) {
  return {.tier1_bytes = bytes, .tier1_on = on, .inline_max = 4096};
}

class ShardExtents : public testing::TestWithParam<Tier1> {};
INSTANTIATE_TEST_SUITE_P(On, ShardExtents, testing::Values(Tier1::kFile, Tier1::kDevice),
                         [](const auto& info) { return info.param == Tier1::kFile ? "file" : "device"; });

TEST_P(ShardExtents, AFullTier1RefusesLargeValuesAndLivesOn) {
  ShardWorld world(1, with_tier1(128 * kKiB, GetParam()));
  ASSERT_TRUE(world.open().ok());
  EXPECT_EQ(world.shard->tier_total(1), 128 * kKiB);
  EXPECT_EQ(world.shard->tier_free(1), 128 * kKiB);
  uint64_t sequence = 0;
  for (uint32_t dkey = 0; dkey < 8; dkey++) {
    ASSERT_TRUE(world.take(update_of(big('a'), {0, ++sequence}, dkey)).status.ok()) << dkey;
  }
  EXPECT_EQ(world.shard->tier_free(1), 0u);
  const Step full = world.take(update_of(big('b'), {0, ++sequence}, 8));
  EXPECT_EQ(full.status.code(), Code::kNoSpace);
  EXPECT_NE(full.status.message().find("tier 1"), std::string_view::npos) << full.status.to_string();
  EXPECT_EQ(world.take(update_of(big('b', 200), {0, ++sequence}, 8)).status.code(), Code::kNoSpace);
  // Small ones go on, and so does a punch; then there is room again.
  EXPECT_TRUE(world.take(update_of("small", {0, ++sequence}, 8)).status.ok());
  EXPECT_TRUE(world
                  .run(world.shard->punch({.container = container_id(0),
                                           .object = object_id(0),
                                           .id = {.endpoint = endpoint_of(0), .slot = {0, ++sequence}},
                                           .level = PunchLevel::kDkey,
                                           .dkey = text(key_text(3))}))
                  .ok());
  const Step again = world.take(update_of(big('c'), {0, ++sequence}, 9));
  EXPECT_TRUE(again.status.ok()) << again.status.to_string();
  EXPECT_EQ(value_of(world, 9), big('c'));
  EXPECT_EQ(value_of(world, 2), big('a'));
  EXPECT_EQ(value_of(world, 3), "");
  EXPECT_TRUE(world.take({.kind = Step::Kind::kDestroy, .container = 0}).status.ok());
  world.timeline.run_until(world.timeline.now() + 1s);  // it is taken down in steps
  EXPECT_EQ(world.shard->tier_free(1), 128 * kKiB);
}

TEST_P(ShardExtents, AFullTier0PutsSmallValuesIntoTier1AndOnlyThenRefuses) {
  ShardWorld world(1,
                   {.tier0_bytes = 512 * kKiB, .tier1_bytes = 256 * kKiB, .tier1_on = GetParam(), .inline_max = 4096});
  ASSERT_TRUE(world.open().ok());
  uint64_t sequence = 0;
  Step step;
  uint32_t dkey = 0;
  for (; dkey < 200; dkey++) {
    step = world.take(update_of(std::string(4000, static_cast<char>('a' + dkey % 26)), {0, ++sequence}, dkey));
    if (!step.status.ok()) break;
  }
  EXPECT_EQ(step.status.code(), Code::kNoSpace);
  EXPECT_GT(dkey, 150u) << "tier 0 alone takes no more than 128";
  EXPECT_EQ(world.shard->tier_free(1), 0u);
  for (uint32_t each = 0; each < dkey; each++) {
    ASSERT_EQ(value_of(world, each), std::string(4000, static_cast<char>('a' + each % 26))) << each;
  }
}

TEST(ShardExtentFile, WithoutTier1TheyAreChargedToTier0AndADiskThatIsFullRefuses) {
  ShardWorld world(1, {.tier0_bytes = 256 * kKiB, .inline_max = 4096, .inline_max_alone = 4096});
  ASSERT_TRUE(world.open().ok());
  EXPECT_EQ(world.shard->tier_total(1), 0u);
  EXPECT_EQ(world.shard->tier_free(1), 0u);
  const uint64_t before = world.shard->tier_free(0);
  uint64_t sequence = 0;
  ASSERT_TRUE(world.take(update_of(big('a', 100), {0, ++sequence})).status.ok());
  EXPECT_LE(world.shard->tier_free(0), before - 100 * kKiB);
  const Step full = world.take(update_of(big('b', 200), {0, ++sequence}, 1));
  EXPECT_EQ(full.status.code(), Code::kNoSpace);
  EXPECT_NE(full.status.message().find("tier 0"), std::string_view::npos) << full.status.to_string();

  world.disk->set_capacity(world.medium->used_bytes());
  const Step no_disk = world.take(update_of(big('c', 100), {0, ++sequence}, 1));
  EXPECT_EQ(no_disk.status.code(), Code::kNoSpace);
  EXPECT_NE(no_disk.status.message().find("the disk has"), std::string_view::npos) << no_disk.status.to_string();
  EXPECT_TRUE(world.take(update_of("small", {0, ++sequence}, 2)).status.ok());
  EXPECT_EQ(value_of(world), big('a', 100));
  world.disk->set_capacity(16 * kMiB);
  Step again;
  for (int i = 0; i < 3; i++) {  // the log asks a disk that was full again once a second, when it is asked itself
    world.timeline.run_until(world.timeline.now() + 2s);
    again = world.take(update_of(big('c', 100), {0, ++sequence}, 1));
    if (again.status.ok()) break;
  }
  EXPECT_TRUE(again.status.ok()) << again.status.to_string();
  EXPECT_EQ(value_of(world, 1), big('c', 100));
}

TEST(ShardExtentFile, ATier1ThatTheDiskCannotHoldIsRefusedWhenThePoolIsMade) {
  ShardWorld world(1, with_tier1(64 * kMiB));
  world.disk->set_capacity(32 * kMiB);
  const Status opened = world.open();
  EXPECT_EQ(opened.code(), Code::kNoSpace) << opened.to_string();
  EXPECT_LT(world.medium->used_bytes(), 1 * kMiB);
  world.disk->set_capacity(128 * kMiB);
  EXPECT_TRUE(world.open().ok());
}

TEST_P(ShardExtents, OverwritingForEverFillsNeitherTier) {
  for (const bool has_tier1 : {true, false}) {
    ShardWorld world(1, {.tier0_bytes = 256 * kKiB,
                         .tier1_bytes = has_tier1 ? 256 * kKiB : 0,
                         .tier1_on = GetParam(),
                         .inline_max = 4096,
                         .inline_max_alone = 4096});
    ASSERT_TRUE(world.open().ok());
    uint64_t sequence = 0;
    for (int round = 0; round < 100; round++) {  // half full, 50 times over
      for (uint32_t dkey = 0; dkey < 4; dkey++) {
        const Step step = world.take(update_of(big(static_cast<char>('a' + round % 26), 30), {0, ++sequence}, dkey));
        ASSERT_TRUE(step.status.ok()) << round << ": " << step.status.to_string();
      }
    }
    EXPECT_EQ(value_of(world, 3), big(static_cast<char>('a' + 99 % 26), 30));
    if (!world.on_device()) EXPECT_LT(world.medium->size("pool/extents"), 512 * kKiB);
    world.restart(Loss::kPower);
    ASSERT_TRUE(world.open().ok());
    EXPECT_EQ(value_of(world, 3), big(static_cast<char>('a' + 99 % 26), 30));
  }
}

/// What a fetch sees that takes long, while the value that it found is overwritten again and again.
std::string fetched_while_overwritten(Tier1 on, uint64_t seed, PlantedBugs planted) {
  ShardWorld::Options options = with_tier1(96 * kKiB, on);
  options.planted = planted;
  ShardWorld world(seed, options);
  EXPECT_TRUE(world.open().ok());
  uint64_t sequence = 0;
  EXPECT_TRUE(world.take(update_of(big('a'), {0, ++sequence})).status.ok());
  world.disk->set_delay(DiskOperation::kRead, {.least = 30ms, .most = 60ms});
  world.disk->set_delay(DiskOperation::kWrite, {.least = 10us, .most = 100us});
  std::deque<Step> steps;
  steps.push_back({.kind = Step::Kind::kFetch});
  std::string seen;
  {
    runtime::Scope scope(world.reactor());
    std::string value;
    const auto read = [](Shard& shard, std::string& value) -> runtime::Task<void> {
      std::vector<FetchKey> keys;
      keys.push_back({.akey = text(key_text(0))});
      const Result<FetchResult> found = co_await shard.fetch(
          {.container = container_id(0), .object = object_id(0), .dkey = text(key_text(0)), .keys = std::move(keys)});
      value = found.ok() ? std::string(as_text(found->keys[0].value.bytes())) : found.status().to_string();
    };
    world.reactor().post([&] { scope.spawn(read(*world.shard, value)); });
    for (int i = 0; i < 40; i++) {
      const Step step = world.take(update_of(big(static_cast<char>('b' + i % 20)), {0, ++sequence}));
      EXPECT_TRUE(step.status.ok()) << step.status.to_string();
    }
    EXPECT_TRUE(world.run(scope.join()).ok());
    seen = value;
  }
  return seen;
}

TEST_P(ShardExtents, WhatAFetchReadsIsNotWrittenOver) {
  bool planted_bug_seen = false;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    EXPECT_EQ(fetched_while_overwritten(GetParam(), seed, {}), big('a')) << seed;
    planted_bug_seen |= fetched_while_overwritten(GetParam(), seed, {.reuse_under_readers = true}) != big('a');
  }
  EXPECT_TRUE(planted_bug_seen) << "the test would not notice";
}

TEST_P(ShardExtents, AnUpdateThatIsGivenUpWhileItIsWrittenIsNotExecuted) {
  ShardWorld world(1, with_tier1(256 * kKiB, GetParam()));
  ASSERT_TRUE(world.open().ok());
  world.disk->set_delay(DiskOperation::kWrite, {.least = 1ms, .most = 1ms});
  Step update = update_of(big('x'), {0, 1});
  Step close{.kind = Step::Kind::kClose, .slot = {0, 2}};
  world.take({&update, &close});
  ASSERT_TRUE(close.status.ok()) << close.status.to_string();
  EXPECT_FALSE(close.outcome.has_value());
  EXPECT_EQ(update.status.code(), Code::kCancelled) << update.status.to_string();
  EXPECT_EQ(value_of(world), "");
  EXPECT_EQ(world.shard->tier_free(1), 256 * kKiB);
  // Likewise when its client has ended.
  update = update_of(big('x'), {0, 1});
  Step end{.kind = Step::Kind::kEndClient};
  world.take({&update, &end});
  EXPECT_EQ(update.status.code(), Code::kCancelled) << update.status.to_string();
  EXPECT_EQ(value_of(world), "");
}

TEST_P(ShardExtents, ManySmallExtentsOfOneAkeyAreInline) {
  ShardWorld::Options options = with_tier1(256 * kKiB, GetParam());
  options.tier0_bytes = 16 * kMiB;  // the index asks for more than it takes in the end
  ShardWorld world(1, options);
  ASSERT_TRUE(world.open().ok());
  const auto update = [&](uint64_t extents, uint64_t bytes, uint64_t sequence) {
    AkeyValue value{.akey = text("a"), .kind = ValueKind::kArray, .record_bytes = 1};
    for (uint64_t i = 0; i < extents; i++) value.extents.push_back({.start = i * 10'000, .count = bytes});
    value.value = text(std::string(extents * bytes, 'x'));
    return world.run(world.shard->update({.container = container_id(0),
                                          .object = object_id(0),
                                          .id = {.endpoint = endpoint_of(0), .slot = {0, sequence}},
                                          .dkey = text("d"),
                                          .values = {value}}));
  };
  ASSERT_TRUE(update(100, 64, 1).ok());
  EXPECT_EQ(world.shard->index().stored_bytes(), 0u) << "in blocks they would take 64 times as much";
  ASSERT_TRUE(update(4, 3000, 2).ok());
  EXPECT_EQ(world.shard->index().stored_bytes(), 4 * kExtentBlock);
}

TEST_P(ShardExtents, ValuesFindRoomThatIsScattered) {
  ShardWorld world(1, with_tier1(192 * kKiB, GetParam()));
  ASSERT_TRUE(world.open().ok());
  uint64_t sequence = 0;
  for (uint32_t dkey = 0; dkey < 12; dkey++) {
    ASSERT_TRUE(world.take(update_of(big('a'), {0, ++sequence}, dkey)).status.ok()) << dkey;
  }
  const auto remove_some = [&](uint32_t from) {
    for (uint32_t dkey = from; dkey < 12; dkey += 4) {
      ASSERT_TRUE(world.take(update_of("", {0, ++sequence}, dkey)).status.ok()) << dkey;
    }
  };
  const auto update = [&](AkeyValue value) {
    return world.run(world.shard->update({.container = container_id(0),
                                          .object = object_id(0),
                                          .id = {.endpoint = endpoint_of(0), .slot = {0, ++sequence}},
                                          .dkey = text("d"),
                                          .values = {std::move(value)}}));
  };
  std::string bytes(48 * kKiB - 1000, ' ');
  for (size_t i = 0; i < bytes.size(); i++) bytes[i] = static_cast<char>('a' + i * 7 % 26);
  // Three gaps of 16 KiB for each of them: a single value; one record that is larger than any gap, with one checksum.
  remove_some(0);
  AkeyValue single{.akey = text("s"), .record_bytes = bytes.size(), .value = text(bytes)};
  const Result<uint64_t> first = update(single);
  ASSERT_TRUE(first.ok()) << first.status().to_string();
  remove_some(2);
  AkeyValue array{.akey = text("a"), .kind = ValueKind::kArray, .record_bytes = bytes.size()};
  array.extents = {{.start = 10, .count = 1}};
  array.value = text(bytes);
  array.checksums = {.type = 1, .length = 4, .chunk = 1 << 20, .values = text("1234")};
  const Result<uint64_t> second = update(array);
  ASSERT_TRUE(second.ok()) << second.status().to_string();
  EXPECT_EQ(world.shard->tier_free(1), 0u);
  EXPECT_EQ(update(single).code(), Code::kNoSpace);
  EXPECT_EQ(world.shard->extents().under_way_bytes(), 0u);
  for (int life = 0; life < 3; life++) {  // the second one from the log, the third one from the checkpoint
    FetchOp op{.container = container_id(0), .object = object_id(0), .dkey = text("d")};
    op.keys.push_back({.akey = text("s")});
    op.keys.push_back({.akey = text("a"), .kind = ValueKind::kArray, .extents = {{.start = 0, .count = 30'000}}});
    const Result<FetchResult> found = world.run(world.shard->fetch(std::move(op)));
    ASSERT_TRUE(found.ok()) << found.status().to_string();
    EXPECT_EQ(found->keys[0].stored.size(), 3u);
    EXPECT_EQ(as_text(found->keys[0].value.bytes()), bytes);
    ASSERT_EQ(found->keys[1].extents.size(), 1u);
    const ExtentView& view = found->keys[1].extents[0];
    EXPECT_EQ(as_text(view.data.bytes.bytes().subspan(view.skip, bytes.size())), bytes);
    EXPECT_EQ(world.shard->tier_free(1), 0u);
    if (life == 1) ASSERT_TRUE(world.run(world.shard->write_checkpoint()).ok());
    world.restart(Loss::kPower);
    ASSERT_TRUE(world.open().ok());
  }
  // One damaged byte in the last of its runs.
  FetchOp op{.container = container_id(0), .object = object_id(0), .dkey = text("d")};
  op.keys.push_back({.akey = text("s")});
  const Result<FetchResult> found = world.run(world.shard->fetch(std::move(op)));
  const TierAddress last = found->keys[0].stored[2];
  world.medium->flip_bit(world.tier1_path(), world.tier1_place(last.offset + 5000), 3);
  FetchOp again{.container = container_id(0), .object = object_id(0), .dkey = text("d")};
  again.keys.push_back({.akey = text("s")});
  const Status damaged = world.run(world.shard->fetch(std::move(again))).status();
  EXPECT_EQ(damaged.code(), Code::kChecksum);
  EXPECT_NE(damaged.message().find(fmt::format("{} at offset {}", world.tier1_path(), world.tier1_place(last.offset))),
            std::string_view::npos)
      << damaged.to_string();
}

TEST_P(ShardExtents, PartsOfWhatLiesInSeveralRunsAreRead) {
  ShardWorld world(1, with_tier1(128 * kKiB, GetParam()));
  ASSERT_TRUE(world.open().ok());
  uint64_t sequence = 0;
  for (uint32_t dkey = 0; dkey < 8; dkey++) {
    ASSERT_TRUE(world.take(update_of(big('a'), {0, ++sequence}, dkey)).status.ok()) << dkey;
  }
  for (uint32_t dkey = 0; dkey < 8; dkey += 2) {
    ASSERT_TRUE(world.take(update_of("", {0, ++sequence}, dkey)).status.ok()) << dkey;
  }
  std::string bytes(60'000, ' ');
  for (size_t i = 0; i < bytes.size(); i++) bytes[i] = static_cast<char>('a' + i * 7 % 26);
  AkeyValue value{.akey = text("a"), .kind = ValueKind::kArray, .record_bytes = 3};
  value.extents = {{.start = 10, .count = 20'000}};
  value.value = text(bytes);
  ASSERT_TRUE(world
                  .run(world.shard->update({.container = container_id(0),
                                            .object = object_id(0),
                                            .id = {.endpoint = endpoint_of(0), .slot = {0, ++sequence}},
                                            .dkey = text("d"),
                                            .values = {std::move(value)}}))
                  .ok());
  EXPECT_EQ(world.shard->index().stored_bytes(), 2 * 64 * kKiB - kExtentBlock);
  runtime::Rng rng(1);
  for (int i = 0; i < 200; i++) {
    const uint64_t start = 10 + rng.below(20'000);
    const uint64_t count = rng.between(1, 20'010 - start);
    FetchOp op{.container = container_id(0), .object = object_id(0), .dkey = text("d")};
    op.keys.push_back({.akey = text("a"), .kind = ValueKind::kArray, .extents = {{.start = start, .count = count}}});
    const Result<FetchResult> found = world.run(world.shard->fetch(std::move(op)));
    ASSERT_TRUE(found.ok()) << found.status().to_string();
    ASSERT_EQ(found->keys[0].extents.size(), 1u);
    const ExtentView& view = found->keys[0].extents[0];
    ASSERT_EQ(as_text(view.data.bytes.bytes().subspan(view.skip, count * 3)),
              bytes.substr((start - 10) * 3, count * 3));
  }
}

TEST_P(ShardExtents, NothingIsWrittenAfterTheShardIsClosed) {
  ShardWorld::Options options = with_tier1(512 * kKiB, GetParam());
  options.extent_copies_bytes = 32 * kKiB;
  ShardWorld world(1, options);
  ASSERT_TRUE(world.open().ok());
  world.disk->set_delay(DiskOperation::kWrite, {.least = 1ms, .most = 2ms});
  std::deque<Step> steps;
  runtime::Scope scope(world.reactor());
  for (uint16_t i = 0; i < 4; i++) {
    // The later ones wait for the memory of their copies when the shard is closed: its pieces are another pool's then.
    UpdateOp op{.container = container_id(0),
                .object = object_id(0),
                .id = {.endpoint = endpoint_of(0), .slot = {i, 1}},
                .dkey = text(key_text(i))};
    op.values.push_back({.akey = text("a"), .record_bytes = 20'001, .value = text(std::string(20'001, 'x'))});
    scope.spawn([](Shard& shard, UpdateOp asked) -> runtime::Task<void> {
      (co_await shard.update(std::move(asked))).status().ignore("it is under way when the shard is closed");
    }(*world.shard, std::move(op)));
  }
  world.timeline.run_until(world.timeline.now() + 100us);
  ASSERT_GT(world.disk->count(DiskOperation::kWrite), 0u);
  ASSERT_TRUE(world.run(world.shard->close()).ok());
  const uint64_t writes = world.disk->count(DiskOperation::kWrite);
  world.timeline.run_until(world.timeline.now() + 1s);
  EXPECT_EQ(world.disk->count(DiskOperation::kWrite), writes);
  EXPECT_EQ(scope.running(), 0u);
  world.shard.reset();
}

TEST_P(ShardExtents, AWriteThatFailsRefusesItsUpdateAndNothingElse) {
  ShardWorld world(1, with_tier1(256 * kKiB, GetParam()));
  ASSERT_TRUE(world.open().ok());
  ASSERT_TRUE(world.take(update_of(big('a'), {0, 1})).status.ok());
  world.disk->fail_at(DiskOperation::kWrite, 0);
  const Step failed = world.take(update_of(big('b'), {0, 2}));
  EXPECT_EQ(failed.status.code(), Code::kIo) << failed.status.to_string();
  EXPECT_TRUE(world.shard->health().ok());
  EXPECT_EQ(value_of(world), big('a'));
  EXPECT_TRUE(world.take(update_of(big('c'), {0, 3})).status.ok());
  EXPECT_EQ(value_of(world), big('c'));
  world.timeline.run_until(world.timeline.now() + 40s);  // until nobody may ask for the first any more
  EXPECT_EQ(world.shard->tier_free(1), (256 - 16) * kKiB);
}

TEST_P(ShardExtents, ANextFlushThatFailsStopsTheShard) {
  ShardWorld world(1, with_tier1(256 * kKiB, GetParam()));
  ASSERT_TRUE(world.open().ok());
  ASSERT_TRUE(world.take(update_of("inline", {0, 1}, 1)).status.ok());
  world.disk->fail_at(DiskOperation::kFlush, 0);  // of the extents: they are asked for first
  EXPECT_EQ(world.take(update_of(big('b'), {0, 2})).status.code(), Code::kOutcomeUnknown);
  EXPECT_FALSE(world.shard->health().ok());
  EXPECT_FALSE(world.take(update_of("inline", {0, 3}, 1)).status.ok());
}

TEST_P(ShardExtents, DamageIsNamedAndNeverReturned) {
  ShardWorld world(1, with_tier1(256 * kKiB, GetParam()));
  ASSERT_TRUE(world.open().ok());
  ASSERT_TRUE(world.take(update_of(big('a'), {0, 1})).status.ok());
  world.medium->flip_bit(world.tier1_path(), world.tier1_place(world.tier1_first() + 5000), 3);
  const Step damaged = world.take({.kind = Step::Kind::kFetch});
  EXPECT_EQ(damaged.status.code(), Code::kChecksum);
  EXPECT_NE(damaged.status.message().find(
                fmt::format("{} at offset {}", world.tier1_path(), world.tier1_place(world.tier1_first()))),
            std::string_view::npos)
      << damaged.status.to_string();
}

TEST(ShardExtentFile, AnExtentFileThatIsMissingShortOrForeignIsNamed) {
  const auto make = [](ShardWorld& world) {
    ASSERT_TRUE(world.open().ok());
    ASSERT_TRUE(world.take(update_of(big('a'), {0, 1})).status.ok());
    world.restart(std::nullopt);
  };
  const auto expect_refused = [](ShardWorld& world, Code code, std::string_view words) {
    const Status opened = world.open();
    EXPECT_EQ(opened.code(), code) << opened.to_string();
    EXPECT_NE(opened.message().find(words), std::string_view::npos) << opened.to_string();
  };
  {
    ShardWorld world(1, with_tier1(256 * kKiB));
    make(world);
    ASSERT_TRUE(world.run(world.disk->remove("pool/extents")).ok());
    expect_refused(world, Code::kCorrupt, "pool/extents is missing");
  }
  {
    ShardWorld world(1, {.inline_max = 4096, .inline_max_alone = 4096});
    make(world);
    auto file = world.run(world.disk->open("pool/extents", {})).take();
    ASSERT_TRUE(world.run(file->truncate(2 * kExtentBlock)).ok());
    expect_refused(world, Code::kCorrupt, "16384 bytes at offset 4096 are no run of a file of 8192 bytes");
  }
  const std::tuple<uint64_t, Code, std::string_view> kDamage[] = {
      {0, Code::kFormatInvalid, "is not the extent file"},
      {20, Code::kFormatInvalid, "is damaged"},
      {4000, Code::kFormatInvalid, "is damaged"},
  };
  for (const auto& [offset, code, words] : kDamage) {
    ShardWorld world(1, with_tier1(256 * kKiB));
    make(world);
    world.medium->flip_bit("pool/extents", offset, 0);
    expect_refused(world, code, words);
  }
}

TEST_P(ShardExtents, AfterALossOfPowerUnderProcessWhatIsLostIsNotReturned) {
  // Completed writes reach the medium in any order: the log may come back whole and an extent that it refers to not.
  // Once the log says that power was lost, parts of runs are not trusted either.
  bool found = false;
  for (uint64_t seed = 1; seed <= 60; seed++) {
    ShardWorld world(seed, {.tier1_bytes = 512 * kKiB,
                            .tier1_on = GetParam(),
                            .inline_max = 512,
                            .durability = journal::Durability::kProcess});
    ASSERT_TRUE(world.open().ok());
    for (uint64_t i = 1; i <= 12; i++) {
      AkeyValue value{.akey = text("a"), .kind = ValueKind::kArray, .record_bytes = 1};
      value.extents.push_back({.start = i * 20'000, .count = 16'384});
      value.value = text(big('x'));
      ASSERT_TRUE(world
                      .run(world.shard->update({.container = container_id(0),
                                                .object = object_id(0),
                                                .id = {.endpoint = endpoint_of(0), .slot = {0, i}},
                                                .dkey = text("d"),
                                                .values = {value}}))
                      .ok());
    }
    world.restart(Loss::kPower);
    const Status opened = world.open();
    if (!opened.ok()) continue;  // segments or table are gone: it says so and refuses
    for (uint64_t i = 1; i <= 12; i++) {
      FetchOp op{.container = container_id(0), .object = object_id(0), .dkey = text("d")};
      op.keys.push_back(
          {.akey = text("a"), .kind = ValueKind::kArray, .extents = {{.start = i * 20'000, .count = 100}}});
      const Result<FetchResult> there = world.run(world.shard->fetch(std::move(op)));
      if (!world.shard->unclean()) continue;
      found |= there.code() == Code::kChecksum;
      if (!there.ok() || there->keys[0].extents.empty()) continue;
      const ExtentView& view = there->keys[0].extents[0];
      EXPECT_EQ(as_text(view.data.bytes.bytes().subspan(view.skip, 100)), std::string(100, 'x')) << seed;
    }
  }
  EXPECT_TRUE(found) << "no seed lost an extent of a record that stayed";
}

TEST_P(ShardExtents, UpdatesWaitForTheMemoryOfTheirCopies) {
  ShardWorld::Options options = with_tier1(2 * kMiB, GetParam());
  options.extent_copies_bytes = 32 * kKiB;
  options.tier0_bytes = 4 * kMiB;
  ShardWorld world(1, options);
  ASSERT_TRUE(world.open().ok());
  world.disk->set_delay(DiskOperation::kWrite, {.least = 100us, .most = 1ms});
  std::deque<Step> steps;
  for (uint16_t i = 0; i < 12; i++) steps.push_back(update_of(big('a', 1 + 7 * i), {i, 1}, i));
  std::deque<Step*> together;
  for (Step& step : steps) together.push_back(&step);
  world.take(together);
  for (uint16_t i = 0; i < 12; i++) {
    ASSERT_TRUE(steps[i].status.ok()) << steps[i].status.to_string();
    EXPECT_EQ(value_of(world, i), big('a', 1 + 7 * i)) << i;
  }
}

}  // namespace
}  // namespace daos::vos
