// Goal: every way of saying how large a pool is leads to the right bytes on each engine, or to one line that says why
// not.
#include "programs/local/pool_sizing.h"

#include <gtest/gtest.h>

#include "platform/base/units.h"

namespace daos::local {
namespace {

messages::Member member(uint32_t rank, uint64_t memory_bytes = kGiB) {
  return {.rank = map::Rank(rank),
          .address = {.host = "127.0.0.1", .system_port = 1, .target_ports = {2, 3}},
          .state = messages::MemberState::kJoined,
          .memory_bytes = memory_bytes,
          .disk_bytes = 100 * kGiB};
}
const std::vector<messages::Member> kFour = {member(0), member(1), member(2), member(3)};

messages::PoolSummary pool_on(std::vector<uint32_t> ranks, uint64_t bytes) {
  messages::PoolSummary pool{.tier_bytes_per_engine = {bytes, 0}};
  for (const uint32_t rank : ranks) pool.ranks.emplace_back(rank);
  return pool;
}

TEST(PoolSizing, ATotalIsSpreadOverAllRanks) {
  const Result<PoolPlan> plan = plan_pool({.total_bytes = kGiB}, kFour, {});
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  EXPECT_EQ(plan->tier_bytes[0], 256 * kMiB);
  EXPECT_EQ(plan->tier_bytes[1], 0u);
  EXPECT_EQ(plan->ranks.size(), 4u);
}

TEST(PoolSizing, OnDevicesTier1ComesInWholePieces) {
  constexpr uint64_t kPiece = 64 * kMiB;  // a piece for each of two targets is 128 MiB
  PoolSizing asked{.tier_bytes = {128 * kMiB, 1}, .piece_bytes = kPiece};
  Result<PoolPlan> plan = plan_pool(asked, kFour, {});
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  EXPECT_EQ(plan->tier_bytes[1], 2 * kPiece);
  // A share of what is free is one of both tiers; all of it is all of it.
  for (const uint32_t percent : {100u, 50u, 1u}) {
    plan = plan_pool({.percent_hundredths = percent * 100, .piece_bytes = kPiece}, kFour, {});
    if (percent == 1) {
      EXPECT_FALSE(plan.ok()) << "of 1 GiB of memory too little";
      continue;
    }
    ASSERT_TRUE(plan.ok()) << plan.status().to_string();
    EXPECT_EQ(plan->tier_bytes[0], kGiB / 10'000 * percent * 100 / (128 * kKiB) * (128 * kKiB));
    EXPECT_EQ(plan->tier_bytes[1], 100 * kGiB * percent / 100);
  }
  // A total without ratios: 6 % of it in memory, or what the targets need.
  plan = plan_pool({.total_bytes = 40 * kGiB, .piece_bytes = kPiece}, kFour, {});
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  EXPECT_EQ(plan->tier_bytes[0] / kMiB, 10 * 1024 * 6 / 100);
  EXPECT_EQ(plan->tier_bytes[1] % (2 * kPiece), 0u);
  EXPECT_GE(plan->tier_bytes[0] + plan->tier_bytes[1], 10 * kGiB - kMiB);
  plan = plan_pool({.total_bytes = kGiB, .piece_bytes = kPiece}, kFour, {});
  ASSERT_TRUE(plan.ok()) << plan.status().to_string();
  EXPECT_EQ(plan->tier_bytes[0], 32 * kMiB);
}

TEST(PoolSizing, TargetsGetEqualAlignedShares) {
  const Result<PoolPlan> plan = plan_pool({.total_bytes = 1'000'000'000}, kFour, {});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->tier_bytes[0] % (2 * 64 * kKiB), 0u);
  EXPECT_LE(plan->tier_bytes[0] * 4, 1'000'000'000u);
}

TEST(PoolSizing, AShareIsOfWhatTheFullestEngineHasLeft) {
  const std::vector<messages::PoolSummary> pools = {pool_on({0, 1}, 512 * kMiB), pool_on({1}, 256 * kMiB)};
  EXPECT_EQ(free_memory(kFour[1], pools), 256 * kMiB);
  EXPECT_EQ(plan_pool({.percent_hundredths = 5000}, kFour, pools)->tier_bytes[0],
            align_down(128 * kMiB - 1, 128 * kKiB));
  EXPECT_EQ(plan_pool({.percent_hundredths = 5000, .ranks = {2, 3}}, kFour, pools)->ranks.size(), 2u);
}

TEST(PoolSizing, Tier1IsAskedForByNameOrByShare) {
  const Result<PoolPlan> named = plan_pool({.tier_bytes = {kGiB, 10 * kGiB}}, kFour, {});
  ASSERT_TRUE(named.ok()) << named.status().to_string();
  EXPECT_EQ(named->tier_bytes[0], kGiB);
  EXPECT_EQ(named->tier_bytes[1], 10 * kGiB);
  const Result<PoolPlan> shared =
      plan_pool({.total_bytes = 40 * kGiB, .tier_ratio_hundredths = {1000, 9000}}, kFour, {});
  ASSERT_TRUE(shared.ok()) << shared.status().to_string();
  EXPECT_EQ(shared->tier_bytes[0], kGiB);
  EXPECT_EQ(shared->tier_bytes[1], 9 * kGiB);
  EXPECT_EQ(plan_pool({.total_bytes = kGiB, .tier_ratio_hundredths = {10'000}}, kFour, {})->tier_bytes[1], 0u);
  // What other pools have is not there any more.
  messages::PoolSummary other = pool_on({2}, 16 * kMiB);
  other.tier_bytes_per_engine[1] = 95 * kGiB;
  EXPECT_EQ(free_disk(kFour[2], {other}), 5 * kGiB);
  EXPECT_EQ(plan_pool({.tier_bytes = {512 * kMiB, 10 * kGiB}}, kFour, {other}).code(), Code::kNoSpace);
}

TEST(PoolSizing, RanksMayBeCountedOrNamed) {
  EXPECT_EQ(plan_pool({.total_bytes = kGiB, .rank_count = 2}, kFour, {})->tier_bytes[0], 512 * kMiB);
  EXPECT_EQ(plan_pool({.tier_bytes = {kGiB}, .ranks = {3}}, kFour, {})->ranks, std::vector<map::Rank>{map::Rank(3)});
  EXPECT_EQ(plan_pool({.total_bytes = kGiB, .ranks = {9}}, kFour, {}).code(), Code::kInvalid);
  EXPECT_EQ(plan_pool({.total_bytes = kGiB, .rank_count = 5}, kFour, {}).code(), Code::kInvalid);
}

TEST(PoolSizing, EnginesThatAreAwayAreNotUsed) {
  std::vector<messages::Member> members = kFour;
  members[3].state = messages::MemberState::kUnknown;
  EXPECT_EQ(plan_pool({.total_bytes = kGiB}, members, {})->ranks.size(), 3u);
  EXPECT_EQ(plan_pool({.total_bytes = kGiB, .ranks = {3}}, members, {}).code(), Code::kUnreachable);
  for (messages::Member& away : members) away.state = messages::MemberState::kUnknown;
  EXPECT_EQ(plan_pool({.total_bytes = kGiB}, members, {}).code(), Code::kUnreachable);
}

TEST(PoolSizing, RefusesWithTheWayOut) {
  const Status large = plan_pool({.total_bytes = 8 * kGiB}, kFour, {}).status();
  EXPECT_EQ(large.code(), Code::kNoSpace);
  EXPECT_NE(large.message().find("at most --size 4.3 GB"), std::string_view::npos) << large.message();
  const Status small = plan_pool({.total_bytes = kMiB}, kFour, {}).status();
  EXPECT_EQ(small.code(), Code::kInvalid);
  EXPECT_NE(small.message().find("at least 128 MiB in all"), std::string_view::npos) << small.message();
  EXPECT_EQ(plan_pool({.tier_bytes = {kGiB, 0}}, kFour, {}).code(), Code::kOk);
  EXPECT_EQ(plan_pool({.tier_bytes = {kGiB, 0, 1}}, kFour, {}).code(), Code::kInvalid);
  const Status disk = plan_pool({.tier_bytes = {kGiB, 101 * kGiB}}, kFour, {}).status();
  EXPECT_EQ(disk.code(), Code::kNoSpace);
  EXPECT_NE(disk.message().find("101 GiB of disk for tier 1"), std::string_view::npos) << disk.message();
  EXPECT_EQ(plan_pool({}, kFour, {}).code(), Code::kInvalid);
  EXPECT_EQ(plan_pool({.total_bytes = 1, .percent_hundredths = 1}, kFour, {}).code(), Code::kInvalid);
}

}  // namespace
}  // namespace daos::local
