// Goal: a pool is whole or it is gone, whatever stops the machine while it is being made or destroyed, and no trace of
// one that is gone keeps an engine from starting. Method: the request is interrupted at the k-th write, flush or change
// of names of each of the engine's disks, for k = 0, 1, 2 ... until it ends without meeting it.
#include "server/engine/test_world.h"

namespace daos::engine {
namespace {

using namespace std::chrono_literals;
using storage::DiskOperation;
using storage::Loss;

constexpr DiskOperation kKinds[] = {DiskOperation::kWrite, DiskOperation::kFlush, DiskOperation::kNames};

/// What is left of the pool after a restart, once the services had time to clean up: "whole", "gone", or what is wrong.
std::string state_of_pool(TestWorld& world) {
  world.wait_until_joined();
  world.let_time_pass(10s);
  const auto list = world.call(messages::PoolListRequest{});
  if (!list.ok()) return list.status().to_string();
  if (!list->pools.empty()) {
    world.connect();
    const auto query = world.call(messages::PoolQueryRequest{.pool = world.pool_, .with_space = true});
    if (!query.ok()) return fmt::format("listed, but: {}", query.status());
    return query->targets == TestWorld::kTargets ? "whole" : "listed, but targets are missing";
  }
  const std::string name = world.pool_.to_string();
  for (uint32_t room = 0; room <= TestWorld::kTargets; room++) {
    for (const std::string& file : world.medium(0, room).files()) {
      if (file.find(name) != std::string::npos) return fmt::format("not listed, but there is {}", file);
    }
  }
  // Its label and its memory are free.
  const auto again = world.call(messages::PoolCreateRequest{
      .pool = Uuid::from_random(12, 12), .label = "tank", .tier_bytes_per_engine = {1 * kGiB, 0}});
  return again.ok() ? "gone" : fmt::format("gone, but: {}", again.status());
}

class PoolCrash : public testing::TestWithParam<Loss> {};

TEST_P(PoolCrash, APoolThatIsBeingMadeIsWholeOrGone) {
  std::map<std::string, int> seen;
  for (uint32_t room = 0; room <= TestWorld::kTargets; room++) {
    for (const DiskOperation kind : kKinds) {
      for (uint64_t k = 0;; k++) {
        SCOPED_TRACE(fmt::format("room {} kind {} k {}", room, static_cast<int>(kind), k));
        TestWorld world;
        world.start_all();
        world.disk(0, room).crash_at(kind, k);
        const auto made = world.call(world.pool_request(), 20s);
        const bool met = world.disk(0, room).dead();
        world.crash(GetParam());
        const std::string state = state_of_pool(world);
        ASSERT_TRUE(state == "whole" || state == "gone") << state;
        if (made.ok()) ASSERT_EQ(state, "whole");
        seen[state]++;
        if (!met) break;
      }
    }
  }
  EXPECT_GT(seen["whole"], 5);
  EXPECT_GT(seen["gone"], 10);
}

TEST_P(PoolCrash, APoolThatIsBeingDestroyedIsWholeOrGone) {
  std::map<std::string, int> seen;
  for (uint32_t room = 0; room <= TestWorld::kTargets; room++) {
    for (const DiskOperation kind : kKinds) {
      for (uint64_t k = 0;; k++) {
        SCOPED_TRACE(fmt::format("room {} kind {} k {}", room, static_cast<int>(kind), k));
        TestWorld world;
        world.start_all();
        world.make_container();
        // More than one segment of log: half of it is not a log.
        for (uint64_t i = 1; i <= 18; i++)
          ASSERT_TRUE(world.update(std::string(60'000, 'x'), {.slot = 0, .sequence = i}).ok());
        ASSERT_TRUE(world.update("kept", {.slot = 0, .sequence = 19}).ok());
        world.disk(0, room).crash_at(kind, k);
        const auto destroyed = world.call(
            messages::PoolDestroyRequest{
                .operation = Uuid::from_random(9, 9), .pool = "tank", .recursive = true, .force = true},
            20s);
        const bool met = world.disk(0, room).dead();
        world.crash(GetParam());
        const std::string state = state_of_pool(world);
        ASSERT_TRUE(state == "whole" || state == "gone") << state;
        if (destroyed.ok()) ASSERT_EQ(state, "gone");
        if (state == "whole") {
          ASSERT_TRUE(world.open(1).ok());
          ASSERT_EQ(world.fetch(), "kept");
        }
        seen[state]++;
        if (!met) break;
      }
    }
  }
  EXPECT_GT(seen["gone"], 10);
  EXPECT_GT(seen["whole"], 0);
}

INSTANTIATE_TEST_SUITE_P(Loss, PoolCrash, testing::Values(Loss::kPower, Loss::kProcess),
                         [](const auto& info) { return info.param == Loss::kPower ? "power" : "process"; });

TEST(Engine, AStartThatFailsNamesTheShardAndEndsInOrder) {
  TestWorld world;
  world.start_all();
  world.make_pool();
  world.kill(0, Loss::kProcess);
  const std::string superblock = fmt::format("target-1/{}/shard", world.pool_);
  world.medium(0, 1).flip_bit(superblock, 20, 3);
  const Status started = world.try_start(0);
  EXPECT_EQ(started.code(), Code::kFormatInvalid);
  EXPECT_NE(started.message().find(superblock), std::string_view::npos) << started.to_string();
  world.stop(0);
  world.medium(0, 1).flip_bit(superblock, 20, 3);
  world.start(0);
}

}  // namespace
}  // namespace daos::engine
