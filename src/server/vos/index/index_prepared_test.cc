// Random histories with transactions among them against the plain model: prepared, proposed again, committed and
// aborted in any order, with reclaim under snapshots. And what prepared content is to readers and conditions, one by
// one.
#include "server/vos/index/index_transactions.h"

namespace daos::vos::test {
namespace {

/// Decisions charge what they take; a split of a tree's nodes may come on top.
constexpr uint64_t kDecisionSlack = 64 * 1024;

class World {
 public:
  explicit World(uint64_t seed) : histories(seed) {}

  void step(uint64_t number) {
    const journal::Position position(number);
    const uint64_t before = index.used_bytes();
    switch (histories.rng.below(8)) {
      case 0:
        return prepare(transactions.propose(), position);
      case 1:
        if (const auto record = transactions.propose_again()) prepare(*record, position);
        return;
      case 2:
      case 3:
        if (const auto record = transactions.decide()) {
          index.decide(*record, position);
          ASSERT_LE(index.used_bytes(), before + kDecisionSlack);
        }
        return;
      case 4: {
        const PunchRecord record = histories.punch();
        index.apply(record, position);
        return model.apply(record);
      }
      default: {
        const UpdateRecord record = histories.update(model, nullptr);
        index.apply(record, position);
        return model.apply(record, number);
      }
    }
  }
  void prepare(const PreparedRecord& record, journal::Position position) {
    const uint64_t before = index.used_bytes();
    const uint64_t cost = index.cost_of(record);
    index.prepare(record, position);
    ASSERT_LE(index.used_bytes(), before + cost);
  }
  bool reclaim(size_t budget) {
    Freed freed;
    Retention retention{.horizon = histories.epoch, .moments = {}};
    for (const Uuid& container : histories.containers) retention.moments[container] = snapshots;
    const bool complete = index.reclaim(retention, budget, freed);
    for (const TierAddress& run : freed.tier1) EXPECT_EQ(model.disk.erase(run.offset), 1u) << "given back twice";
    return complete;
  }
  void compare() {
    Comparison comparison(index, model, histories);
    ASSERT_NO_FATAL_FAILURE(comparison.at(kLatest));
    for (const uint64_t epoch : snapshots) ASSERT_NO_FATAL_FAILURE(comparison.at(epoch));
    ASSERT_NO_FATAL_FAILURE(compare_doubts(index, model, histories, transactions, kLatest));
    ASSERT_NO_FATAL_FAILURE(
        compare_doubts(index, model, histories, transactions, histories.rng.below(histories.epoch)));
    ASSERT_EQ(index.has_prepared(), !index.prepared_transactions().empty());
  }

  Histories histories;
  Model model;
  Transactions transactions{histories, model};
  Index index;
  std::set<uint64_t> snapshots;
};

TEST(IndexPrepared, OnlyWhatIsCommittedIsSeen) {
  for (uint64_t seed = 0; seed < 12; seed++) {
    SCOPED_TRACE(seed);
    World world(seed);
    for (uint64_t number = 1; number <= 300; number++) {
      ASSERT_NO_FATAL_FAILURE(world.step(number));
      if (world.histories.rng.one_in(40)) ASSERT_NO_FATAL_FAILURE(world.compare());
    }
    ASSERT_NO_FATAL_FAILURE(world.compare());
    // Without reclaim every epoch is exact.
    Comparison comparison(world.index, world.model, world.histories);
    for (uint64_t epoch = 10; epoch <= world.histories.epoch; epoch += 1 + world.histories.rng.below(60)) {
      ASSERT_NO_FATAL_FAILURE(comparison.at(epoch));
    }
  }
}

TEST(IndexPrepared, ReclaimSparesWhatADecisionMayMeet) {
  for (uint64_t seed = 100; seed < 130; seed++) {
    SCOPED_TRACE(seed);
    World world(seed);
    Random& rng = world.histories.rng;
    for (uint64_t number = 1; number <= 400; number++) {
      ASSERT_NO_FATAL_FAILURE(world.step(number));
      if (rng.one_in(15)) world.snapshots.insert(world.histories.epoch);
      if (rng.one_in(12) && !world.snapshots.empty()) world.snapshots.erase(world.snapshots.begin());
      if (rng.one_in(3)) world.reclaim(1 + rng.below(200));
      if (rng.one_in(50)) ASSERT_NO_FATAL_FAILURE(world.compare());
    }
    ASSERT_NO_FATAL_FAILURE(world.compare());
    // When all is decided and punched, nothing is left, of either tier.
    while (!world.transactions.open.empty()) world.index.decide(*world.transactions.decide(), journal::Position(500));
    ASSERT_FALSE(world.index.has_prepared());
    ASSERT_NO_FATAL_FAILURE(world.compare());
    world.snapshots.clear();
    for (const Uuid& container : world.histories.containers) {
      for (const classes::ObjectId& object : world.histories.objects) {
        const PunchRecord punch{.container = container,
                                .object = object,
                                .epoch = world.histories.epoch + 10,
                                .level = PunchLevel::kObject};
        world.index.apply(punch, journal::Position(600));
      }
    }
    world.histories.epoch += 20;
    for (int round = 0; round < 6; round++) {
      while (!world.reclaim(7)) {
      }
    }
    EXPECT_EQ(world.index.akeys(), 0u);
    EXPECT_EQ(world.index.stored_bytes(), 0u);
    for (const Uuid& container : world.histories.containers) world.index.destroy(container);
    while (!world.reclaim(3)) {
    }
    EXPECT_EQ(world.index.used_bytes(), Index().used_bytes());
  }
}

TEST(IndexPrepared, ADestroyedContainerTakesWhatIsPreparedWithIt) {
  World world(7);
  for (uint64_t number = 1; number <= 100; number++) ASSERT_NO_FATAL_FAILURE(world.step(number));
  for (int i = 0; i < 20; i++) world.prepare(world.transactions.propose(), journal::Position(200));
  for (const Uuid& container : world.histories.containers) {
    world.index.destroy(container);
    world.model.destroy(container);
    world.transactions.destroy(container);
    ASSERT_NO_FATAL_FAILURE(world.compare());
  }
  EXPECT_FALSE(world.index.has_prepared());
  EXPECT_TRUE(world.index.has_garbage());
  while (!world.reclaim(3)) {
  }
  EXPECT_EQ(world.index.used_bytes(), Index().used_bytes());
  EXPECT_EQ(world.index.stored_bytes(), 0u);
}

class Kinds : public testing::Test {
 protected:
  static constexpr uint64_t kEpoch = 100;
  UpdateRecord update(std::string_view akey, ValueKind kind) const {
    AkeyValue value{.akey = IoBuf::copy_of(as_bytes(akey)), .kind = kind, .record_bytes = 1};
    value.value = IoBuf::copy_of(as_bytes("x"));
    if (kind == ValueKind::kArray) value.extents = {{.start = 5, .count = 1}};
    UpdateRecord record{.container = container_, .object = object_, .epoch = 200};
    record.dkey = IoBuf::copy_of(as_bytes("d"));
    record.values.push_back(std::move(value));
    return record;
  }
  PunchRecord punch(PunchLevel level) const {
    PunchRecord record{.container = container_, .object = object_, .epoch = 200, .level = level};
    record.dkey = IoBuf::copy_of(as_bytes("d"));
    if (level == PunchLevel::kAkey) record.akeys = {IoBuf::copy_of(as_bytes("a"))};
    return record;
  }
  OpId prepare(std::variant<UpdateRecord, PunchRecord> what) {
    PreparedRecord record{.epoch = kEpoch};
    record.id.slot = {.slot = 0, .sequence = ++sequence_};
    record.modifications = {{.what = std::move(what)}};
    index_.prepare(record, journal::Position(1));
    return record.id;
  }
  std::vector<OpId> in_the_way(const UpdateRecord& record, uint64_t conditions = 0, uint64_t epoch = kLatest) const {
    return index_.doubts(record, conditions, {}, epoch);
  }

  const Uuid container_ = Uuid::from_random(1, 1);
  const classes::ObjectId object_{.lo = 7, .hi = 1ull << 48};
  uint64_t sequence_ = 0;
  Index index_;
};

TEST_F(Kinds, ABlindWriteMeetsNobodysOutcome) {
  prepare(update("a", ValueKind::kSingle));
  prepare(punch(PunchLevel::kDkey));
  EXPECT_TRUE(in_the_way(update("a", ValueKind::kSingle)).empty());
  EXPECT_TRUE(index_.doubts(punch(PunchLevel::kAkey), 0, kLatest).empty());
}

TEST_F(Kinds, AValueOfTheOtherKindWaitsForTheOutcome) {
  const OpId single = prepare(update("a", ValueKind::kSingle));
  EXPECT_EQ(in_the_way(update("a", ValueKind::kArray)), std::vector{single});
  EXPECT_TRUE(in_the_way(update("b", ValueKind::kArray)).empty());
  EXPECT_TRUE(index_.doubts(update("a", ValueKind::kArray), 0, {}, kLatest, &single).empty());
}

TEST_F(Kinds, APreparedPunchMayMakeRoomForTheOtherKind) {
  index_.apply(update("a", ValueKind::kSingle), journal::Position(1));
  EXPECT_EQ(index_.check(update("a", ValueKind::kArray)).code(), Code::kNoPerm);
  for (const PunchLevel level : {PunchLevel::kAkey, PunchLevel::kDkey, PunchLevel::kObject}) {
    const OpId id = prepare(punch(level));
    EXPECT_EQ(in_the_way(update("a", ValueKind::kArray)), std::vector{id}) << static_cast<int>(level);
    EXPECT_TRUE(in_the_way(update("a", ValueKind::kSingle)).empty());
    index_.decide({.id = id, .outcome = Outcome::kAborted, .epoch = kEpoch, .keys = {}}, journal::Position(2));
  }
}

TEST_F(Kinds, ConditionsWaitForTheOutcomeOfWhatTheyAskAbout) {
  const OpId id = prepare(update("a", ValueKind::kSingle));
  EXPECT_EQ(in_the_way(update("a", ValueKind::kSingle), kCondAkeyInsert), std::vector{id});
  EXPECT_EQ(in_the_way(update("b", ValueKind::kSingle), kCondDkeyUpdate), std::vector{id});
  EXPECT_TRUE(in_the_way(update("b", ValueKind::kSingle), kCondAkeyInsert).empty());
  EXPECT_TRUE(in_the_way(update("a", ValueKind::kSingle), kCondAkeyInsert, kEpoch - 1).empty());
  for (const PunchLevel level : {PunchLevel::kAkey, PunchLevel::kDkey, PunchLevel::kObject}) {
    EXPECT_EQ(index_.doubts(punch(level), kCondPunch, kLatest), std::vector{id});
  }
  EXPECT_EQ(index_.check_conditions(update("a", ValueKind::kSingle), kCondDkeyUpdate, {}).code(), Code::kNonexistent);
}

}  // namespace
}  // namespace daos::vos::test
