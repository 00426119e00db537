// Goal: an update is executed at most once, whatever is repeated, late or given up.
#include <gtest/gtest.h>

#include "platform/rpc/slots.h"
#include "platform/runtime/virtual_time.h"

namespace daos::rpc {
namespace {

using Verdict = SlotTable::Verdict;
const EndpointId kClient{Uuid::from_random(1, 2), 0};

TEST(SlotTable, RecognisesTheLastOperationOfEachSlot) {
  SlotTable table;
  EXPECT_EQ(table.arrive(kClient, {0, 1}).verdict, Verdict::kNew);
  EXPECT_EQ(table.arrive(kClient, {0, 1}).verdict, Verdict::kRunning);
  table.record(kClient, 0, {.sequence = 1, .epoch = 77});
  const SlotTable::Decision again = table.arrive(kClient, {0, 1});
  EXPECT_EQ(again.verdict, Verdict::kDuplicate);
  EXPECT_EQ(again.outcome.epoch, 77u);
  EXPECT_EQ(table.arrive(kClient, {0, 2}).verdict, Verdict::kNew);
  EXPECT_EQ(table.arrive(kClient, {1, 1}).verdict, Verdict::kNew);
  EXPECT_EQ(table.arrive({kClient.client, 1}, {0, 1}).verdict, Verdict::kNew);
}

TEST(SlotTable, DropsWhatWasGivenUp) {
  SlotTable table;
  table.record(kClient, 3, {.sequence = 2, .closed = true});  // the close of sequence 1, which never came
  EXPECT_EQ(table.arrive(kClient, {3, 1}).verdict, Verdict::kStale);
  EXPECT_EQ(table.arrive(kClient, {3, 2}).verdict, Verdict::kStale);
  EXPECT_EQ(table.arrive(kClient, {3, 3}).verdict, Verdict::kNew);
}

TEST(SlotTable, ARefusedOperationLeavesNoTrace) {
  SlotTable table;
  EXPECT_EQ(table.arrive(kClient, {0, 1}).verdict, Verdict::kNew);
  table.forget(kClient, {0, 1});
  EXPECT_EQ(table.arrive(kClient, {0, 1}).verdict, Verdict::kNew);
}

TEST(SlotTable, SaysWhetherAnOperationUnderWayIsStillWanted) {
  SlotTable table;
  EXPECT_FALSE(table.is_running(kClient, {0, 1}));
  table.arrive(kClient, {0, 1});
  EXPECT_TRUE(table.is_running(kClient, {0, 1}));
  EXPECT_FALSE(table.is_running(kClient, {0, 2}));
  EXPECT_FALSE(table.is_running(kClient, {1, 1}));
  table.record(kClient, 0, {.sequence = 2, .closed = true});
  EXPECT_FALSE(table.is_running(kClient, {0, 1}));
  table.arrive(kClient, {0, 3});
  table.end_client(kClient.client);
  EXPECT_FALSE(table.is_running(kClient, {0, 3}));
}

TEST(SlotTable, EndsWithItsClient) {
  SlotTable table;
  table.record(kClient, 0, {.sequence = 9});
  table.record({kClient.client, 5}, 0, {.sequence = 9});
  const EndpointId other{Uuid::from_random(9, 9), 0};
  table.record(other, 0, {.sequence = 9});
  table.end_client(kClient.client);
  EXPECT_EQ(table.sessions(), 1u);
  EXPECT_EQ(table.arrive(other, {0, 9}).verdict, Verdict::kDuplicate);
}

TEST(SlotPool, GrowsToItsLimitThenQueues) {
  runtime::Timeline timeline;
  runtime::VirtualClock clock(timeline);
  runtime::VirtualReactor node(timeline, {.clock = &clock, .seed = 1});
  SlotPool pool(node.reactor());
  std::vector<SlotRef> held;
  for (int i = 0; i < kSlotsMax; i++) held.push_back(*runtime::run(timeline, node.reactor(), pool.acquire({})));
  EXPECT_EQ(
      runtime::run(timeline, node.reactor(), pool.acquire(node.reactor().within(std::chrono::milliseconds(1)))).code(),
      Code::kTimedOut);
  pool.release(held[7]);
  const SlotRef next = *runtime::run(timeline, node.reactor(), pool.acquire({}));
  EXPECT_EQ(next.slot, held[7].slot);
  EXPECT_EQ(next.sequence, held[7].sequence + 1);
  pool.retire(next);
  EXPECT_EQ(pool.in_use(), kSlotsMax);
  pool.recover({next.slot, next.sequence + 1});
  EXPECT_EQ(runtime::run(timeline, node.reactor(), pool.acquire({}))->sequence, next.sequence + 2);
}

}  // namespace
}  // namespace daos::rpc
