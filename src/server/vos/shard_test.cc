// Goal: a shard answers as a plain map of values and a plain map of slots would, over any number of restarts, refuses
// what it must refuse by name, and stays usable when it is full. Crashes in the middle of things: shard_crash_test.cc.
#include "server/vos/shard_world.h"

namespace daos::vos {
namespace {

using storage::Loss;

class History {
 public:
  explicit History(uint64_t seed) : world_(seed), rng_(seed * 31 + 7) {}

  void run(int steps) {
    ASSERT_TRUE(world_.open().ok());
    for (int step = 0; step < steps && !testing::Test::HasFailure(); step++) {
      const uint64_t dice = rng_.below(100);
      if (dice < 45) {
        update();
      } else if (dice < 60) {
        repeat();
      } else if (dice < 75) {
        fetch();
      } else if (dice < 85) {
        close();
      } else if (dice < 89) {
        end_client();
      } else if (dice < 92) {
        destroy();
      } else {
        restart();
      }
    }
    EXPECT_EQ(world_.difference(model_), "");
  }

 private:
  Step some(Step::Kind kind) {
    return {.kind = kind,
            .container = live_[pick(kContainers)],
            .object = pick(kObjects),
            .dkey = pick(kDkeys),
            .client = pick(kClients),
            .slot = {.slot = static_cast<uint16_t>(rng_.below(rpc::kSlotsFirst))}};
  }
  uint32_t pick(uint32_t below) { return static_cast<uint32_t>(rng_.below(below)); }

  void update() {
    Step step = some(Step::Kind::kUpdate);
    step.slot.sequence = model_.slot(step.client, step.slot.slot).sequence + 1;
    for (uint32_t akey = 0; akey < kAkeys; akey++) {
      if (rng_.below(2) == 0 && akey > 0) continue;
      const uint64_t bytes = rng_.below(8) == 0 ? 0 : rng_.below(300);
      step.values.emplace_back(akey, bytes == 0 ? "" : fmt::format("{}-{}", ++number_, std::string(bytes, 'x')));
    }
    step = world_.take(std::move(step));
    ASSERT_TRUE(step.status.ok()) << step.status.to_string();
    EXPECT_GT(step.epoch, newest_epoch_);
    newest_epoch_ = step.epoch;
    model_.apply(step);
    taken_[{step.client, step.slot.slot}] = step;
  }
  /// The last update of a slot once more, or the one before it.
  void repeat() {
    if (taken_.empty()) return;
    auto at = taken_.begin();
    std::advance(at, rng_.below(taken_.size()));
    Step step = at->second;
    const uint64_t epoch = std::exchange(step.epoch, 0);
    const bool late = step.slot.sequence > 1 && rng_.below(3) == 0;
    if (late) step.slot.sequence--;
    const Model::Slot slot = model_.slot(step.client, step.slot.slot);
    step = world_.take(std::move(step));
    if (late || slot.closed) {
      EXPECT_EQ(step.status.code(), Code::kCancelled);
    } else {
      EXPECT_EQ(step.epoch, epoch);
    }
  }
  void fetch() {
    const Step step = world_.take(some(Step::Kind::kFetch));
    ASSERT_TRUE(step.status.ok());
    for (const auto& [akey, value] : step.values) {
      EXPECT_EQ(value, model_.value(step.container, step.object, step.dkey, akey));
    }
  }
  void close() {
    Step step = some(Step::Kind::kClose);
    const Model::Slot before = model_.slot(step.client, step.slot.slot);
    step.slot.sequence = before.sequence + rng_.below(3);
    step = world_.take(std::move(step));
    const bool again = step.slot.sequence == before.sequence && before.closed;
    if (step.slot.sequence == before.sequence && !again) {
      EXPECT_EQ(step.status.code(), Code::kInvalid);  // its operation is over, and the answer was had
      return;
    }
    ASSERT_TRUE(step.status.ok()) << step.status.to_string();
    model_.apply(step);
    const uint64_t epoch = model_.slot(step.client, step.slot.slot).epoch;
    EXPECT_EQ(step.outcome.has_value(), epoch != 0);
    if (step.outcome) EXPECT_EQ(step.outcome->epoch, epoch);
  }
  void end_client() {
    const Step step = world_.take(some(Step::Kind::kEndClient));
    ASSERT_TRUE(step.status.ok());
    model_.apply(step);
    std::erase_if(taken_, [&](const auto& entry) { return entry.first.first == step.client; });
  }
  void destroy() {
    const Step step = world_.take(some(Step::Kind::kDestroy));
    ASSERT_TRUE(step.status.ok());
    model_.apply(step);
    for (uint32_t& live : live_) {
      if (live == step.container) live += kContainers;
      world_.containers_used = std::max(world_.containers_used, live + 1);
    }
  }
  void restart() {
    world_.timeline.run_until(world_.timeline.now() +
                              std::chrono::seconds(70));  // until what was overwritten is reclaimed
    const uint64_t used = world_.shard->index().used_bytes();
    const uint64_t akeys = world_.shard->index().akeys();
    EXPECT_FALSE(world_.shard->index().has_garbage());
    constexpr std::optional<Loss> kLosses[] = {std::nullopt, Loss::kProcess, Loss::kPower};
    world_.restart(kLosses[rng_.below(3)]);
    ASSERT_TRUE(world_.open().ok());
    world_.timeline.run_until(world_.timeline.now() + std::chrono::seconds(70));
    EXPECT_EQ(world_.shard->index().akeys(), akeys);
    EXPECT_NEAR(static_cast<double>(world_.shard->index().used_bytes()), static_cast<double>(used), used / 10.0 + 4096);
    EXPECT_EQ(world_.difference(model_), "");
  }

  ShardWorld world_;
  runtime::Rng rng_;
  Model model_;
  std::array<uint32_t, kContainers> live_{0, 1};
  std::map<std::pair<uint32_t, uint16_t>, Step> taken_;  // the newest update of each slot
  uint64_t number_ = 0;
  uint64_t newest_epoch_ = 0;
};

TEST(Shard, AnswersAsAPlainMapWouldOverRestarts) {
  for (uint64_t seed = 1; seed <= 12; seed++) {
    SCOPED_TRACE(seed);
    History(seed).run(250);
    if (HasFailure()) return;
  }
}

Step update_of(std::string value, rpc::SlotRef slot, uint32_t dkey = 0) {
  return {.container = 0, .dkey = dkey, .values = {{0, std::move(value)}}, .slot = slot};
}

TEST(Shard, AFullTierRefusesUpdatesAndLivesOn) {
  ShardWorld world(1, {.tier0_bytes = 64 * kKiB, .segment_bytes = 64 * kKiB});
  ASSERT_TRUE(world.open().ok());
  const uint64_t empty = world.shard->tier_free(0);
  uint64_t sequence = 0;
  Step step;
  for (uint32_t dkey = 0; dkey < 100; dkey++) {
    step = world.take(update_of(std::string(4000, 'x'), {0, ++sequence}, dkey));
    if (!step.status.ok()) break;
  }
  EXPECT_EQ(step.status.code(), Code::kNoSpace);
  EXPECT_NE(step.status.message().find("tier 0"), std::string_view::npos) << step.status.to_string();
  // A repetition gets the same answer; what comes next goes on, with a removal or something smaller.
  EXPECT_EQ(world.take(update_of(std::string(4000, 'x'), {0, sequence}, 99)).status.code(), Code::kNoSpace);
  EXPECT_TRUE(world.take(update_of("", {0, sequence + 1}, 0)).status.ok());
  EXPECT_TRUE(world.take(update_of(std::string(3000, 'y'), {0, sequence + 2}, 0)).status.ok());
  EXPECT_TRUE(world.take({.kind = Step::Kind::kClose, .slot = {3, 2}}).status.ok());
  EXPECT_TRUE(world.take({.kind = Step::Kind::kEndClient, .client = 1}).status.ok());
  EXPECT_TRUE(world.take({.kind = Step::Kind::kDestroy, .container = 0}).status.ok());
  world.timeline.run_until(world.timeline.now() + std::chrono::seconds(1));  // it is taken down in steps
  EXPECT_EQ(world.shard->tier_free(0), empty);
  Step next = update_of(std::string(4000, 'z'), {0, sequence + 3});
  next.container = 1;
  EXPECT_TRUE(world.take(next).status.ok());
  world.restart(Loss::kPower);
  ASSERT_TRUE(world.open().ok());
  EXPECT_GT(world.shard->tier_free(0), empty - 6000);
}

TEST(Shard, OverwritingForEverFillsNeitherLogNorTier) {
  ShardWorld world(1, {.tier0_bytes = 64 * kKiB, .segment_bytes = 16 * kKiB});
  ASSERT_TRUE(world.open().ok());
  std::string newest;
  for (uint64_t i = 1; i <= 2000; i++) {
    newest = fmt::format("{}-{}", i, std::string(3000, 'x'));
    const Step step = world.take(update_of(newest, {0, i}));
    ASSERT_TRUE(step.status.ok()) << i << ": " << step.status.to_string();
  }
  EXPECT_GT(world.shard->checkpoint().images_written(), 10u);
  EXPECT_EQ(world.take({.kind = Step::Kind::kFetch}).values[0].second, newest);
  world.restart(Loss::kPower);
  ASSERT_TRUE(world.open().ok());
  EXPECT_EQ(world.take({.kind = Step::Kind::kFetch}).values[0].second, newest);
  EXPECT_TRUE(world.take({.kind = Step::Kind::kDestroy, .container = 0}).status.ok());
  world.timeline.run_until(world.timeline.now() + std::chrono::seconds(1));
  EXPECT_LT(world.shard->index().used_bytes(), 1024u);
}

Result<FetchResult> fetch_at(ShardWorld& world, uint64_t epoch) {
  FetchOp op{.container = container_id(0), .object = object_id(0), .epoch = epoch, .keys = {}};
  op.dkey = text(key_text(0));
  op.keys.push_back({.akey = text(key_text(0)), .extents = {}});
  return world.run(world.shard->fetch(std::move(op)));
}
std::string value_at(ShardWorld& world, uint64_t epoch) {
  const Result<FetchResult> found = fetch_at(world, epoch);
  if (!found.ok()) return found.status().code() == Code::kTxRestart ? "restart" : found.status().to_string();
  return std::string(as_text(found->keys[0].value.bytes()));
}

TEST(Shard, ReadsOfAnOldEpochAreExactForAWhileAndThenRestart) {
  ShardWorld world(1);
  ASSERT_TRUE(world.open().ok());
  ASSERT_TRUE(world.take(update_of("old", {0, 1})).status.ok());
  const uint64_t old = fetch_at(world, kLatest)->epoch;
  ASSERT_TRUE(world.take(update_of("new", {0, 2})).status.ok());
  for (uint64_t i = 3; i < 50; i++) {
    // Others write all the time, and reclaim runs.
    ASSERT_TRUE(world.take(update_of("other", {0, i}, 1)).status.ok());
    world.timeline.run_until(world.timeline.now() + std::chrono::milliseconds(500));
    ASSERT_EQ(value_at(world, old), "old") << i;
  }
  world.timeline.run_until(world.timeline.now() + std::chrono::seconds(40));
  EXPECT_FALSE(world.shard->index().has_garbage());
  EXPECT_EQ(value_at(world, old), "restart");
  EXPECT_EQ(value_at(world, kLatest), "new");
  ListKeysOp keys{.container = container_id(0), .object = object_id(0), .epoch = old, .keys_max = 1};
  EXPECT_EQ(world.run(world.shard->list_keys(keys)).status().code(), Code::kTxRestart);
  ListExtentsOp extents{.container = container_id(0), .object = object_id(0), .epoch = old, .extents_max = 1};
  EXPECT_EQ(world.run(world.shard->list_extents(extents)).status().code(), Code::kTxRestart);
  EXPECT_EQ(world.run(world.shard->query(container_id(0), object_id(0), {}, {}, {.dkey = true}, old)).status().code(),
            Code::kTxRestart);
}

TEST(Shard, AReadOfAnEpochFromBeforeARestartRestarts) {
  ShardWorld world(1);
  ASSERT_TRUE(world.open().ok());
  ASSERT_TRUE(world.take(update_of("old", {0, 1})).status.ok());
  const uint64_t old = fetch_at(world, kLatest)->epoch;
  ASSERT_TRUE(world.take(update_of("new", {0, 2})).status.ok());
  world.restart(Loss::kPower);
  ASSERT_TRUE(world.open().ok());
  EXPECT_EQ(value_at(world, old), "restart");
  const uint64_t now = fetch_at(world, kLatest)->epoch;
  EXPECT_EQ(value_at(world, now), "new");
  ASSERT_TRUE(world.take(update_of("newer", {0, 3})).status.ok());
  EXPECT_EQ(value_at(world, now), "new");
}

TEST(Shard, OldVersionsGoAtOnceWhenSpaceIsShort) {
  ShardWorld world(1, {.tier0_bytes = 64 * kKiB, .segment_bytes = 16 * kKiB});
  ASSERT_TRUE(world.open().ok());
  ASSERT_TRUE(world.take(update_of("old", {0, 1})).status.ok());
  const uint64_t old = fetch_at(world, kLatest)->epoch;
  for (uint64_t i = 2; i < 40; i++) {
    ASSERT_TRUE(world.take(update_of(std::string(3000, 'x'), {0, i})).status.ok()) << i;
    const std::string seen = value_at(world, old);
    ASSERT_TRUE(seen == "old" || (i > 10 && seen == "restart")) << i << ": " << seen;
  }
  EXPECT_EQ(value_at(world, old), "restart");
}

TEST(Shard, ADestroyedContainerIsGoneAtOnceAndItsRoomComesBackInSteps) {
  ShardWorld world(1, {.tier0_bytes = 8 * kMiB});
  ASSERT_TRUE(world.open().ok());
  const uint64_t empty = world.shard->index().used_bytes();
  for (uint32_t i = 0; i < 3000; i++) ASSERT_TRUE(world.take(update_of("value", {0, i + 1}, i)).status.ok());
  const uint64_t full = world.shard->index().used_bytes();
  ASSERT_TRUE(world.take({.kind = Step::Kind::kDestroy, .container = 0}).status.ok());
  EXPECT_EQ(value_at(world, kLatest), "");
  EXPECT_GT(world.shard->index().used_bytes(), full / 4) << "freed in one go";
  // Another life of this shard does not see it either, whatever had been freed by then.
  world.restart(Loss::kProcess);
  ASSERT_TRUE(world.open().ok());
  EXPECT_EQ(value_at(world, kLatest), "");
  world.timeline.run_until(world.timeline.now() + std::chrono::seconds(1));
  EXPECT_EQ(world.shard->index().used_bytes(), empty);
}

TEST(Shard, AnUpdateThatNeedsRoomWaitsForWhatIsTakenDown) {
  ShardWorld world(1, {.tier0_bytes = 1 * kMiB});
  ASSERT_TRUE(world.open().ok());
  uint32_t stored = 0;
  while (world.take(update_of(std::string(500, 'x'), {0, stored + 1}, stored)).status.ok()) stored++;
  ASSERT_GT(stored, 1000u);
  Step destroy{.kind = Step::Kind::kDestroy, .container = 0};
  Step next = update_of(std::string(500, 'y'), {0, stored + 2});
  next.container = 1;
  world.take({&destroy, &next});
  EXPECT_TRUE(next.status.ok()) << next.status.to_string();
}

TEST(Shard, RefusesWhatItCannotTakeForGood) {
  ShardWorld world(1);
  ASSERT_TRUE(world.open().ok());
  uint64_t sequence = 0;
  const auto update = [&](UpdateOp op) {
    op.container = container_id(0);
    op.object = object_id(0);
    op.id = {.endpoint = endpoint_of(0), .slot = {0, ++sequence}};
    return world.run(world.shard->update(std::move(op))).code();
  };
  const AkeyValue good{.akey = text("a"), .record_bytes = 1, .value = text("v")};
  EXPECT_EQ(update({.dkey = text("d")}), Code::kInvalid);
  EXPECT_EQ(update({.values = {good}}), Code::kInvalid);
  EXPECT_EQ(update({.dkey = text("d"), .values = {{.record_bytes = 1, .value = text("v")}}}), Code::kInvalid);
  EXPECT_EQ(update({.dkey = text(std::string(kKeyBytesMax + 1, 'd')), .values = {good}}), Code::kInvalid);
  EXPECT_EQ(update({.dkey = text("d"), .values = {{.akey = text("a"), .kind = ValueKind::kArray}}}), Code::kInvalid);
  EXPECT_EQ(update({.dkey = text("d"), .values = {{.akey = text("a"), .record_bytes = 3, .value = text("v")}}}),
            Code::kInvalid);
  EXPECT_EQ(update({.conditions = kCondDkeyUpdate, .dkey = text("d"), .values = {good}}), Code::kNonexistent);
  EXPECT_EQ(update({.dkey = text("d"), .values = {good}}), Code::kOk);
  EXPECT_EQ(update({.conditions = kCondDkeyInsert, .dkey = text("d"), .values = {good}}), Code::kExists);
  // A late repetition of a refused operation is not executed when the reason has gone.
  ASSERT_TRUE(world
                  .run(world.shard->punch({.container = container_id(0),
                                           .object = object_id(0),
                                           .id = {.endpoint = endpoint_of(0), .slot = {1, 1}}}))
                  .ok());
  sequence--;
  EXPECT_EQ(update({.conditions = kCondDkeyInsert, .dkey = text("d"), .values = {good}}), Code::kExists);
}

TEST(Shard, RefusesSlotsThatNoClientHas) {
  ShardWorld world(1);
  ASSERT_TRUE(world.open().ok());
  // Sequence 0 is a slot's state before its first operation: taken for an operation, it was answered as if it were
  // done.
  EXPECT_EQ(world.take(update_of("lost", {0, 0})).status.code(), Code::kInvalid);
  EXPECT_EQ(world.take(update_of("far", {rpc::kSlotsMax, 1})).status.code(), Code::kInvalid);
  EXPECT_EQ(world.take({.kind = Step::Kind::kClose, .slot = {rpc::kSlotsMax, 1}}).status.code(), Code::kInvalid);
  EXPECT_EQ(world.shard->slots().sessions(), 0u);
  EXPECT_TRUE(world.take(update_of("near", {rpc::kSlotsMax - 1, 1})).status.ok());
}

TEST(Shard, AFetchOfAnEmptyKeyIsRefused) {
  ShardWorld world(1);
  ASSERT_TRUE(world.open().ok());
  for (uint32_t object = 0; object < kObjects; object++) {
    const auto fetch = [&](std::string_view dkey, std::string_view akey) {
      return world
          .run(world.shard->fetch({.container = container_id(0),
                                   .object = object_id(object),
                                   .dkey = text(dkey),
                                   .keys = {{.akey = text(akey)}}}))
          .code();
    };
    EXPECT_EQ(fetch("", "a"), Code::kInvalid);
    EXPECT_EQ(fetch("d", ""), Code::kInvalid);
    EXPECT_EQ(fetch("d", "a"), Code::kOk);
  }
}

TEST(Shard, AClientWithoutASessionCostsNoRecordWhenItEnds) {
  ShardWorld world(1, {.tier0_bytes = 64 * kKiB, .segment_bytes = 16 * kKiB});
  ASSERT_TRUE(world.open().ok());
  // Far more ends than the log has blocks.
  for (uint32_t i = 0; i < 500; i++) ASSERT_TRUE(world.take({.kind = Step::Kind::kEndClient, .client = 1}).status.ok());
  EXPECT_TRUE(world.take(update_of("there is room", {0, 1})).status.ok());
}

TEST(Shard, MapsThatComeAtOnceAreStoredWholeAndTheLastOneStays) {
  for (uint64_t seed = 0; seed < 30; seed++) {
    ShardWorld world(seed);
    ASSERT_TRUE(world.open().ok());
    for (const storage::DiskOperation kind :
         {storage::DiskOperation::kWrite, storage::DiskOperation::kFlush, storage::DiskOperation::kNames}) {
      world.disk->set_delay(kind, {.least = Duration(1000), .most = Duration(1'000'000)});
    }
    runtime::Scope scope(world.reactor());
    world.reactor().post([&] {
      for (uint64_t bytes : {5000, 10, 3000}) scope.spawn(world.shard->store_map(ByteVector(bytes, std::byte(7))));
    });
    while (scope.running() == 0 && world.timeline.step()) {
    }
    const Status stored = world.run(scope.join());
    EXPECT_TRUE(stored.ok()) << stored.to_string();
    world.restart(Loss::kPower);
    ASSERT_TRUE(world.open().ok()) << seed;
    EXPECT_EQ(world.shard->superblock().map.size(), 3000u) << seed;
  }
}

}  // namespace
}  // namespace daos::vos
