// Goal: the system's state machine admits engines and pools by its rules, depends on its commands alone, and survives a
// snapshot.
#include "server/services/system/system_state.h"

#include "platform/base/units.h"
#include "server/services/state_test_support.h"

namespace daos::services {
namespace {

Uuid id(uint64_t number) { return Uuid::from_random(number + 1, 0); }

class SystemStateTest : public testing::Test {
 protected:
  ~SystemStateTest() override {
    system_.expect_determined();
    system_.expect_refuses_what_it_cannot_read();
  }
  Result<Join::Joined> join(uint32_t rank, uint64_t engine, uint16_t port = 1000, uint64_t memory = 1 * kGiB) {
    return system_(Join{.member = {.rank = map::Rank(rank),
                                   .engine = id(engine),
                                   .address = {.host = "h", .system_port = port, .target_ports = {1}},
                                   .memory_bytes = memory}});
  }
  Result<PoolRecord> begin(uint64_t pool, std::string label, std::vector<map::Rank> ranks,
                           uint64_t bytes = 100 * kMiB) {
    return system_(PoolBegin{.pool = {.pool = id(pool),
                                      .label = std::move(label),
                                      .ranks = std::move(ranks),
                                      .tier_bytes_per_engine = {bytes, 0}}});
  }
  Commanded<SystemState> system_;
};

TEST_F(SystemStateTest, ARankBelongsToOneEngineThatMayMove) {
  EXPECT_FALSE(join(0, 10)->moved);
  EXPECT_FALSE(join(0, 10)->moved);
  EXPECT_TRUE(join(0, 10, 2000)->moved);
  EXPECT_EQ(join(0, 11).code(), Code::kExists);
  EXPECT_EQ(system_.state().members().at(0).address.system_port, 2000);
  EXPECT_EQ(system_.state().members().at(0).state, messages::MemberState::kJoined);
}

TEST_F(SystemStateTest, APoolWithoutRanksTakesAllOfThem) {
  EXPECT_EQ(begin(1, "tank", {}).code(), Code::kUnreachable);
  ASSERT_TRUE(join(2, 12).ok());
  ASSERT_TRUE(join(0, 10).ok());
  EXPECT_EQ(begin(1, "tank", {})->summary.ranks, (std::vector<map::Rank>{map::Rank(0), map::Rank(2)}));
  EXPECT_EQ(begin(2, "pond", {map::Rank(1)}).code(), Code::kNonexistent);
}

TEST_F(SystemStateTest, LabelsAreTakenFromTheFirstMomentToTheLast) {
  ASSERT_TRUE(join(0, 10).ok());
  ASSERT_TRUE(begin(1, "tank", {}).ok());
  EXPECT_EQ(begin(2, "tank", {}).code(), Code::kExists);
  EXPECT_EQ(begin(1, "tank", {})->stage, PoolStage::kCreating) << "a repetition";
  EXPECT_EQ(system_.state().find("tank").code(), Code::kNonexistent) << "it is not there before it is ready";
  ASSERT_TRUE(system_(PoolReady{.pool = id(1)}).ok());
  EXPECT_EQ(system_.state().find("tank")->stage, PoolStage::kReady);
  EXPECT_EQ(system_.state().find(id(1).to_string())->stage, PoolStage::kReady);
  ASSERT_TRUE(system_(PoolDestroying{.pool = id(1)}).ok());
  EXPECT_EQ(begin(2, "tank", {}).code(), Code::kExists);
  ASSERT_TRUE(system_(PoolGone{.pool = id(1)}).ok());
  EXPECT_TRUE(begin(2, "tank", {}).ok());
  EXPECT_EQ(system_(PoolReady{.pool = id(1)}).code(), Code::kNonexistent);
  EXPECT_EQ(system_(PoolDestroying{.pool = id(1)}).code(), Code::kNonexistent);
  EXPECT_TRUE(system_(PoolGone{.pool = id(1)}).ok());
}

TEST_F(SystemStateTest, MemoryIsPromisedOnce) {
  ASSERT_TRUE(join(0, 10, 1, 300 * kMiB).ok());
  ASSERT_TRUE(join(1, 11, 1, 100 * kMiB).ok());
  EXPECT_EQ(system_.state().memory_free(map::Rank(0)), 300 * kMiB);
  EXPECT_EQ(system_.state().memory_free(map::Rank(7)), 0u);
  ASSERT_TRUE(begin(1, "a", {map::Rank(0)}, 200 * kMiB).ok());
  EXPECT_EQ(system_.state().memory_free(map::Rank(0)), 100 * kMiB);
  const auto refused = begin(2, "b", {}, 101 * kMiB);
  EXPECT_EQ(refused.code(), Code::kNoSpace);
  EXPECT_NE(refused.status().message().find("100 MiB"), std::string_view::npos) << refused.status().to_string();
  EXPECT_TRUE(begin(2, "b", {}, 100 * kMiB).ok());
  EXPECT_EQ(begin(3, "c", {map::Rank(0)}, 1).code(), Code::kNoSpace);
  ASSERT_TRUE(system_(PoolGone{.pool = id(1)}).ok());
  EXPECT_EQ(system_.state().memory_free(map::Rank(0)), 200 * kMiB);
  // An engine that comes back with less than it promised has none left, and not a huge amount.
  ASSERT_TRUE(join(0, 10, 1, 10 * kMiB).ok());
  EXPECT_EQ(system_.state().memory_free(map::Rank(0)), 0u);
}

TEST_F(SystemStateTest, APoolIsRenamedToALabelThatIsFree) {
  ASSERT_TRUE(join(0, 10).ok());
  for (const auto& [pool, label] : {std::pair<uint64_t, const char*>(1, "tank"), {2, "pond"}}) {
    ASSERT_TRUE(begin(pool, label, {}).ok());
    ASSERT_TRUE(system_(PoolReady{.pool = id(pool)}).ok());
  }
  EXPECT_EQ(system_(PoolRename{.pool = id(1), .label = "pond"}).code(), Code::kExists);
  EXPECT_TRUE(system_(PoolRename{.pool = id(1), .label = "tank"}).ok()) << "its own";
  ASSERT_TRUE(system_(PoolRename{.pool = id(1), .label = "lake"}).ok());
  EXPECT_EQ(system_.state().find("lake")->summary.pool, id(1));
  EXPECT_EQ(system_.state().find("tank").code(), Code::kNonexistent);
  EXPECT_EQ(system_(PoolRename{.pool = id(9), .label = "sea"}).code(), Code::kNonexistent);
}

TEST_F(SystemStateTest, DiskForTier1IsPromisedOnce) {
  ASSERT_TRUE(system_(Join{.member = {.rank = map::Rank(0),
                                      .engine = id(10),
                                      .address = {.host = "h", .system_port = 1, .target_ports = {1}},
                                      .memory_bytes = 1 * kGiB,
                                      .disk_bytes = 10 * kGiB}})
                  .ok());
  const auto begin_with = [&](uint64_t pool, std::string label, uint64_t tier1) {
    return system_(
        PoolBegin{.pool = {.pool = id(pool), .label = std::move(label), .tier_bytes_per_engine = {100 * kMiB, tier1}}});
  };
  ASSERT_TRUE(begin_with(1, "a", 8 * kGiB).ok());
  EXPECT_EQ(system_.state().disk_free(map::Rank(0)), 2 * kGiB);
  const auto refused = begin_with(2, "b", 3 * kGiB);
  EXPECT_EQ(refused.code(), Code::kNoSpace);
  EXPECT_NE(refused.status().message().find("2048 MiB of disk"), std::string_view::npos)
      << refused.status().to_string();
  EXPECT_TRUE(begin_with(2, "b", 2 * kGiB).ok());
}

}  // namespace
}  // namespace daos::services
