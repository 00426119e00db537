// Goal: however many fill the log, it settles at a length between where they are slowed and where they would stop, in
// order of asking, with nobody waiting longer than his turn takes; and nobody waits without need. Method: a ring of
// images, each with the position that it was written at, and writers that never rest.
#include "server/vos/checkpoint/pace.h"

#include <gtest/gtest.h>

#include <deque>

#include "platform/runtime/scope.h"
#include "platform/runtime/virtual_time.h"

namespace daos::vos {
namespace {

using runtime::Task;

constexpr uint64_t kFrom = 10'000, kOver = 5'000, kRecord = 10;
constexpr uint64_t kImages = 400, kImageBytes = 100, kImagesPerTable = 20;

struct Log {
  uint64_t begin = 0, end = 0;
  uint64_t images = 0;  // written so far
  std::vector<int> order;
  uint64_t longest_wait = 0;  // in images
  bool stop = false;
};

Task<Status> write_for_ever(Pace& pace, Log& log, int who) {
  while (!log.stop) {
    const uint64_t before = log.images;
    if (pace.holds()) DX_CO_TRY(co_await pace.wait({}));
    log.longest_wait = std::max(log.longest_wait, log.images - before);
    log.end += kRecord;
    pace.log_is(log.begin, log.end);
    log.order.push_back(who);
  }
  co_return Status();
}

void turn(runtime::Reactor& reactor) {
  while (reactor.turn()) continue;
}

class Paced : public testing::TestWithParam<int> {};
TEST_P(Paced, TheLogSettlesAndNobodyWaitsForLong) {
  runtime::Timeline timeline;
  runtime::VirtualClock clock(timeline);
  runtime::VirtualReactor node(timeline, {.clock = &clock, .seed = 1});
  Pace pace(node.reactor(), {.from_bytes = kFrom, .over_bytes = kOver});
  Log log{.end = kFrom + kRecord, .order = {}};
  pace.log_is(log.begin, log.end);
  EXPECT_TRUE(pace.holds());
  runtime::Scope scope(node.reactor());
  for (int who = 0; who < GetParam(); who++) scope.spawn(write_for_ever(pace, log, who));
  // As after a round: images are as old as their place in the ring says.
  std::deque<uint64_t> positions;
  for (uint64_t i = 0; i < kImages; i++) positions.push_back(log.end * i / kImages);
  const auto write_image = [&] {
    positions.pop_front();
    positions.push_back(log.end);
    log.images++;
    pace.wrote(kImageBytes, kImages * kImageBytes);
    if (log.images % kImagesPerTable == 0) {
      log.begin = positions.front();
      pace.log_is(log.begin, log.end);
    }
    turn(node.reactor());
  };
  turn(node.reactor());
  EXPECT_TRUE(log.order.empty());
  for (uint64_t i = 0; i < 10 * kImages; i++) {
    write_image();
    ASSERT_LT(log.end - log.begin, kFrom + kOver) << i;
  }
  EXPECT_GT(log.end - log.begin, kFrom);
  // A round lets the log grow by some log's length: an image by some three records, so a turn of all takes a third.
  EXPECT_GT(log.order.size(), 9 * kFrom / kRecord);
  EXPECT_LE(log.longest_wait, 2 + static_cast<uint64_t>(GetParam()));
  for (size_t i = static_cast<size_t>(GetParam()); i < log.order.size(); i++) {
    ASSERT_EQ(log.order[i], log.order[i - static_cast<size_t>(GetParam())]) << "out of turn at " << i;
  }
  log.stop = true;
  pace.end();
  turn(node.reactor());
  EXPECT_EQ(scope.running(), 0u);
  EXPECT_TRUE(runtime::run(timeline, node.reactor(), scope.join()).ok());
}
INSTANTIATE_TEST_SUITE_P(Writers, Paced, testing::Values(1, 4, 64));

TEST(Pace, AShortLogHoldsNobodyAndOneThatGotShortLetsAllGo) {
  runtime::Timeline timeline;
  runtime::VirtualClock clock(timeline);
  runtime::VirtualReactor node(timeline, {.clock = &clock, .seed = 1});
  Pace pace(node.reactor(), {.from_bytes = kFrom, .over_bytes = kOver});
  pace.log_is(0, kFrom);
  EXPECT_FALSE(pace.holds());
  pace.log_is(0, kFrom + 1);
  EXPECT_TRUE(pace.holds());
  runtime::Scope scope(node.reactor());
  for (int who = 0; who < 3; who++) scope.spawn(pace.wait({}));
  turn(node.reactor());
  EXPECT_EQ(scope.running(), 3u);
  pace.log_is(1, kFrom + 1);
  turn(node.reactor());
  EXPECT_EQ(scope.running(), 0u);
  EXPECT_FALSE(pace.holds());
  EXPECT_TRUE(runtime::run(timeline, node.reactor(), scope.join()).ok());
}

TEST(Pace, WhoGivesUpHoldsNobodyBack) {
  runtime::Timeline timeline;
  runtime::VirtualClock clock(timeline);
  runtime::VirtualReactor node(timeline, {.clock = &clock, .seed = 1});
  runtime::Reactor& reactor = node.reactor();
  Pace pace(reactor, {.from_bytes = kFrom, .over_bytes = kOver});
  pace.log_is(0, kFrom + 1);
  const Status late = runtime::run(timeline, reactor, pace.wait(reactor.within(std::chrono::milliseconds(1))));
  EXPECT_EQ(late.code(), Code::kTimedOut);
  pace.wrote(kImageBytes, kImages * kImageBytes);
  EXPECT_FALSE(pace.holds());
  EXPECT_TRUE(runtime::run(timeline, reactor, pace.wait({})).ok());
}

}  // namespace
}  // namespace daos::vos
