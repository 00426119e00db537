// Goal: what was appended comes back, in order and only that, whatever the sizes, after reopening, trimming and filling
// the log. Method: a plain list as the model, virtual time, small segments.
#include "platform/journal/journal.h"

#include <gtest/gtest.h>

#include "platform/journal/journal_world.h"
#include "platform/runtime/scope.h"

namespace daos::journal {
namespace {

using namespace std::chrono_literals;

class JournalTest : public ::testing::TestWithParam<Durability> {
 protected:
  Options options(uint32_t segments_max = 16) const {
    return {.durability = GetParam(), .segment_bytes = 64 * kKiB, .segments_max = segments_max};
  }
};
INSTANTIATE_TEST_SUITE_P(Both, JournalTest, ::testing::Values(Durability::kPower, Durability::kProcess),
                         [](const auto& info) { return info.param == Durability::kPower ? "Power" : "Process"; });

TEST_P(JournalTest, RecordsComeBackAfterReopen) {
  JournalWorld world(1);
  ASSERT_TRUE(world.open(options()).ok());
  std::vector<Position> positions;
  for (uint64_t i = 0; i < 100; i++) positions.push_back(*world.append(world.record(i, 10 + i * 37 % 500)));
  EXPECT_LT(world.journal->durable(), positions.back());
  ASSERT_TRUE(world.wait(positions.back()).ok());
  EXPECT_EQ(world.journal->durable(), positions.back());
  EXPECT_TRUE(std::is_sorted(positions.begin(), positions.end()));
  ASSERT_TRUE(world.close().ok());
  ASSERT_TRUE(world.open(options()).ok());
  EXPECT_EQ(world.replayed, world.appended);
  EXPECT_EQ(world.journal->appended(), positions.back());
  EXPECT_EQ(world.journal->recovery().records, 100u);
  EXPECT_FALSE(world.journal->recovery().cut);
  // Closed in order: nothing needs to be verified.
  EXPECT_EQ(world.unsettled, 0u);
  ASSERT_TRUE(world.close().ok());
}

TEST_P(JournalTest, ARecordLargerThanASegmentIsSplit) {
  JournalWorld world(2);
  ASSERT_TRUE(world.open(options()).ok());
  for (const uint64_t bytes : {0ull, 1ull, 65'536ull, 200'000ull, 3ull, 131'072ull}) {
    const Position position = *world.append(world.record(bytes, bytes));
    ASSERT_TRUE(world.wait(position).ok());
  }
  ASSERT_TRUE(world.close().ok());
  ASSERT_TRUE(world.open(options()).ok());
  EXPECT_EQ(world.replayed, world.appended);
  ASSERT_TRUE(world.close().ok());
}

TEST_P(JournalTest, AnIdleLogSaysWhatIsFlushed) {
  JournalWorld world(3);
  ASSERT_TRUE(world.open(options()).ok());
  const Position position = *world.append(world.record(1, 100));
  ASSERT_TRUE(world.wait(position).ok());
  EXPECT_LT(world.journal->flushed(), position);
  world.let_time_pass(1s);
  EXPECT_EQ(world.journal->flushed(), position);
  const uint64_t writes = world.disk->count(storage::DiskOperation::kWrite);
  world.let_time_pass(60s);
  EXPECT_EQ(world.disk->count(storage::DiskOperation::kWrite), writes) << "an idle log stays silent";
  ASSERT_TRUE(world.close().ok());
}

TEST_P(JournalTest, WhoeverWaitsForFlushedNeedNotWaitForIdleness) {
  JournalWorld world(3);
  Options slow = options();
  slow.idle_delay = 1h;
  ASSERT_TRUE(world.open(slow).ok());
  const Position position = *world.append(world.record(1, 100));
  world.journal->say_flushed();  // there is nothing to say yet
  ASSERT_TRUE(world.wait(position).ok());
  world.let_time_pass(1s);
  EXPECT_LT(world.journal->flushed(), position);
  world.journal->say_flushed();
  world.let_time_pass(10ms);
  EXPECT_EQ(world.journal->flushed(), position);
  const uint64_t writes = world.disk->count(storage::DiskOperation::kWrite);
  world.journal->say_flushed();
  world.let_time_pass(10ms);
  EXPECT_EQ(world.disk->count(storage::DiskOperation::kWrite), writes) << "it was said already";
  ASSERT_TRUE(world.close().ok());
}

TEST_P(JournalTest, AFullLogRefusesKeepsItsReserveAndIsFreedByTrim) {
  JournalWorld world(4);
  Options small = options(3);
  small.reserve_bytes = 4 * kKiB;
  ASSERT_TRUE(world.open(small).ok());
  for (int round = 0; round < 20; round++) {
    Position last = world.journal->appended();
    Result<Position> appended = world.append(world.record(0, 1000));
    while (appended.ok()) {
      last = *appended;
      ASSERT_TRUE(world.wait(last).ok());
      appended = world.append(world.record(1, 1000));
    }
    ASSERT_EQ(appended.code(), Code::kNoSpace);
    EXPECT_LT(world.journal->room(), 1000u + kBlockBytesPower);
    const Result<Position> punch = world.append(world.record(2, 500), Use::kReserve);
    ASSERT_TRUE(punch.ok()) << punch.status().to_string();
    ASSERT_TRUE(world.wait(*punch).ok());
    if (round % 3 == 2) {
      ASSERT_TRUE(world.close().ok());
      ASSERT_TRUE(world.open(small).ok());
      EXPECT_TRUE(world.replayed_is_appended());
    }
    world.trim(*punch);
    world.let_time_pass(1s);
    EXPECT_GT(world.journal->room(), 64 * kKiB) << round;
  }
  EXPECT_LE(world.disk->list("log")->size(), 5u) << "trimmed segments are used anew";
  ASSERT_TRUE(world.close().ok());
}

TEST_P(JournalTest, AppendsOfOneTurnShareOneWrite) {
  JournalWorld world(5);
  ASSERT_TRUE(world.open(options()).ok());
  const uint64_t before = world.disk->count(storage::DiskOperation::kWrite);
  Position last;
  for (int i = 0; i < 50; i++) last = *world.append(world.record(7, 200));
  ASSERT_TRUE(world.wait(last).ok());
  EXPECT_EQ(world.disk->count(storage::DiskOperation::kWrite), before + 1);
  ASSERT_TRUE(world.close().ok());
}

TEST_P(JournalTest, AFailedWriteStopsItForGood) {
  JournalWorld world(6);
  ASSERT_TRUE(world.open(options()).ok());
  const Position good = *world.append(world.record(1, 100));
  ASSERT_TRUE(world.wait(good).ok());
  world.disk->fail_at(storage::DiskOperation::kWrite, 0);
  const Position bad = *world.append(world.record(2, 100));
  EXPECT_EQ(world.wait(bad).code(), Code::kIo);
  EXPECT_EQ(world.append(world.record(3, 100)).code(), Code::kIo);
  EXPECT_EQ(world.journal->health().code(), Code::kIo);
  EXPECT_EQ(world.journal->durable(), good);
  EXPECT_TRUE(world.wait(good).ok());
  EXPECT_EQ(world.close().code(), Code::kIo);
}

TEST_P(JournalTest, WaitingEndsWithItsDeadlineAndHarmsNothing) {
  JournalWorld world(7);
  world.disk->set_delay(storage::DiskOperation::kWrite, {.least = 10ms, .most = 10ms});
  ASSERT_TRUE(world.open(options()).ok());
  const Position position = *world.append(world.record(1, 100));
  EXPECT_EQ(world.wait(position, 1ms).code(), Code::kTimedOut);
  EXPECT_TRUE(world.wait(position).ok());
  ASSERT_TRUE(world.close().ok());
}

TEST_P(JournalTest, PositionsContinueAboveTheFloor) {
  JournalWorld world(8);
  Options high = options();
  ASSERT_TRUE(world.open(high).ok());
  ASSERT_TRUE(world.wait(*world.append(world.record(1, 100))).ok());
  ASSERT_TRUE(world.close().ok());
  high.position_floor = Position(1'000'000);
  for (int i = 0; i < 3; i++) {
    ASSERT_TRUE(world.open(high).ok());
    EXPECT_EQ(world.replayed, world.appended);
    const Position position = *world.append(world.record(2, 100));
    EXPECT_GT(position, high.position_floor);
    ASSERT_TRUE(world.wait(position).ok());
    ASSERT_TRUE(world.close().ok());
  }
}

TEST_P(JournalTest, RefusesAnotherDurabilityAndImpossibleOptions) {
  JournalWorld world(9);
  ASSERT_TRUE(world.open(options()).ok());
  ASSERT_TRUE(world.close().ok());
  Options other = options();
  other.durability = GetParam() == Durability::kPower ? Durability::kProcess : Durability::kPower;
  EXPECT_EQ(world.open(other).code(), Code::kFormatInvalid);
  other = options();
  other.segment_bytes = 1000;
  EXPECT_EQ(world.open(other).code(), Code::kInvalid);
}

TEST_P(JournalTest, TheCallerMayCutWhatIsNotSettled) {
  JournalWorld world(10);
  ASSERT_TRUE(world.open(options()).ok());
  for (uint64_t i = 0; i < 5; i++) ASSERT_TRUE(world.wait(*world.append(world.record(i, 100))).ok());
  world.restart(storage::Loss::kProcess);  // before the idle block
  world.reject_from = 4;                   // its data did not arrive
  ASSERT_TRUE(world.open(options()).ok());
  EXPECT_TRUE(world.journal->recovery().cut);
  world.appended.pop_back();
  EXPECT_EQ(world.replayed, world.appended);
  world.reject_from = UINT64_MAX;
  ASSERT_TRUE(world.wait(*world.append(world.record(9, 100))).ok());
  ASSERT_TRUE(world.close().ok());
  ASSERT_TRUE(world.open(options()).ok());
  EXPECT_EQ(world.replayed, world.appended);
  ASSERT_TRUE(world.close().ok());
}

TEST_P(JournalTest, WhatIsNotSettledIsPreparedTogetherBeforeItIsReplayed) {
  JournalWorld world(11);
  ASSERT_TRUE(world.open(options()).ok());
  for (uint64_t i = 0; i < 4; i++) ASSERT_TRUE(world.wait(*world.append(world.record(i, 5000))).ok());
  world.let_time_pass(1s);  // the idle block: these are settled
  for (uint64_t i = 4; i < 7; i++) ASSERT_TRUE(world.append(world.record(i, 5000)).ok());
  ASSERT_TRUE(world.wait(world.journal->appended()).ok());
  world.restart(storage::Loss::kProcess);
  world.reject_from = 6;
  ASSERT_TRUE(world.open(options()).ok());
  const std::vector<JournalWorld::Record> late(world.appended.begin() + 4, world.appended.end());
  EXPECT_EQ(world.prepared, late);
  EXPECT_EQ(world.replayed_when_prepared, 4u);
  EXPECT_EQ(world.replayed.size(), 6u);
  ASSERT_TRUE(world.close().ok());
  // A preparation that fails is what the opening fails with, and the log is as it was.
  world.reject_from = UINT64_MAX;
  ASSERT_TRUE(world.open(options()).ok());
  ASSERT_TRUE(world.wait(*world.append(world.record(8, 100))).ok());
  world.restart(storage::Loss::kProcess);
  world.prepare_fails = true;
  EXPECT_EQ(world.open(options()).code(), Code::kIo);
  world.prepare_fails = false;
  ASSERT_TRUE(world.open(options()).ok());
  EXPECT_EQ(world.replayed.size(), 7u);
  ASSERT_TRUE(world.close().ok());
}

TEST_P(JournalTest, FollowsTheModelThroughRandomLives) {
  for (uint64_t seed = 0; seed < 30; seed++) {
    SCOPED_TRACE(seed);
    JournalWorld world(seed);
    runtime::Rng rng(seed);
    world.disk->set_delay(storage::DiskOperation::kWrite, {.least = 10us, .most = 900us});
    world.disk->set_delay(storage::DiskOperation::kFlush, {.least = 10us, .most = 2ms});
    ASSERT_TRUE(world.open(options()).ok());
    for (int step = 0; step < 150; step++) {
      const uint64_t dice = rng.below(100);
      if (dice < 70) {
        const uint64_t bytes = rng.below(10) == 0 ? rng.below(90'000) : rng.below(700);
        const Result<Position> position = world.append(world.record(rng.next(), bytes));
        if (!position.ok()) {
          ASSERT_EQ(position.code(), Code::kNoSpace);
          ASSERT_TRUE(world.wait(world.journal->appended()).ok());
          world.trim(world.journal->appended());
          world.let_time_pass(50ms);
        }
      } else if (dice < 85) {
        ASSERT_TRUE(world.wait(world.journal->appended()).ok());
      } else if (dice < 92) {
        world.trim(world.some_position(rng));
      } else if (dice < 96) {
        world.let_time_pass(Duration(rng.below(200'000'000)));
      } else {
        ASSERT_TRUE(world.close().ok());
        ASSERT_TRUE(world.open(options()).ok());
        EXPECT_TRUE(world.replayed_is_appended());
      }
    }
    ASSERT_TRUE(world.close().ok());
  }
}

}  // namespace
}  // namespace daos::journal
