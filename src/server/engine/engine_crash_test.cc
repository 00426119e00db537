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

/// What survives of the last operation is a matter of chance: more than one try.
constexpr auto kSeedsAndRooms = [] {
  std::array<std::pair<uint64_t, uint32_t>, 5 * (TestWorld::kTargets + 1)> all{};
  for (uint32_t i = 0; i < all.size(); i++)
    all[i] = {37 * (i / (TestWorld::kTargets + 1)), i % (TestWorld::kTargets + 1)};
  return all;
}();

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
    if (query->targets != TestWorld::kTargets) return "listed, but targets are missing";
    if (world.all_pieces() == 0) return "whole";
    // All other pieces are free, and none of its own: a restart refuses two that share one.
    const auto rest = world.call(messages::PoolCreateRequest{
        .pool = Uuid::from_random(13, 13),
        .label = "rest",
        .tier_bytes_per_engine = {64 * kMiB, (world.all_pieces() - 3 * TestWorld::kTargets) * TestWorld::kPieceBytes}});
    if (!rest.ok()) return fmt::format("whole, but: {}", rest.status());
    world.crash(Loss::kProcess);
    world.wait_until_joined();
    return "whole";
  }
  const std::string name = world.pool_.to_string();
  for (uint32_t room = 0; room <= TestWorld::kTargets; room++) {
    for (const std::string& file : world.medium(0, room).files()) {
      if (file.find(name) != std::string::npos) return fmt::format("not listed, but there is {}", file);
    }
  }
  // Its label and its memory are free, and every piece of a device.
  const auto again = world.call(
      messages::PoolCreateRequest{.pool = Uuid::from_random(12, 12),
                                  .label = "tank",
                                  .tier_bytes_per_engine = {1 * kGiB, world.all_pieces() * TestWorld::kPieceBytes}});
  return again.ok() ? "gone" : fmt::format("gone, but: {}", again.status());
}

/// How the machine stops, and on how many pieces of a device tier 1 lies; 0: there is none.
struct Stop {
  Loss loss;
  uint32_t pieces;
};
class PoolCrash : public testing::TestWithParam<Stop> {};

TEST_P(PoolCrash, APoolThatIsBeingMadeIsWholeOrGone) {
  std::map<std::string, int> seen;
  for (const auto [seed, room] : kSeedsAndRooms) {
    for (const DiskOperation kind : kKinds) {
      for (uint64_t k = 0;; k++) {
        SCOPED_TRACE(fmt::format("seed {} room {} kind {} k {}", seed, room, static_cast<int>(kind), k));
        TestWorld world(1, {}, GetParam().pieces);
        world.set_seed(seed);
        world.start_all();
        world.disk(0, room).crash_at(kind, k);
        const auto made = world.call(world.pool_request(), 20s);
        const bool met = world.disk(0, room).dead();
        world.crash(GetParam().loss);
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
  for (const auto [seed, room] : kSeedsAndRooms) {
    for (const DiskOperation kind : kKinds) {
      for (uint64_t k = 0;; k++) {
        SCOPED_TRACE(fmt::format("seed {} room {} kind {} k {}", seed, room, static_cast<int>(kind), k));
        TestWorld world(1, {}, GetParam().pieces);
        world.set_seed(seed);
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
        world.crash(GetParam().loss);
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

INSTANTIATE_TEST_SUITE_P(Loss, PoolCrash,
                         testing::Values(Stop{Loss::kPower, 0}, Stop{Loss::kProcess, 0}, Stop{Loss::kPower, 10},
                                         Stop{Loss::kProcess, 10}),
                         [](const auto& info) {
                           return fmt::format("{}{}", info.param.loss == Loss::kPower ? "power" : "process",
                                              info.param.pieces > 0 ? "_device" : "");
                         });

TEST(EngineDevice, PiecesAreSharedOutGivenBackAndNeverTwoPools) {
  TestWorld world(1, {}, 10);
  world.start_all();
  const auto make = [&](uint64_t number, uint64_t pieces) {
    return world
        .call(messages::PoolCreateRequest{.pool = Uuid::from_random(number, number),
                                          .label = fmt::format("p{}", number),
                                          .tier_bytes_per_engine = {64 * kMiB, pieces * TestWorld::kPieceBytes}})
        .status();
  };
  const auto destroy = [&](uint64_t number) {
    return world
        .call(messages::PoolDestroyRequest{
            .operation = Uuid::from_random(number, 99), .pool = fmt::format("p{}", number), .force = true})
        .status();
  };
  for (uint64_t number = 1; number <= 5; number++) EXPECT_TRUE(make(number, 2).ok()) << number;
  EXPECT_EQ(make(6, 2).code(), Code::kNoSpace);
  EXPECT_TRUE(destroy(2).ok());
  EXPECT_TRUE(destroy(4).ok());
  EXPECT_TRUE(make(7, 4).ok());
  world.crash(Loss::kPower);  // what is whose is what the superblocks say
  world.wait_until_joined();
  EXPECT_EQ(make(8, 2).code(), Code::kNoSpace);
  EXPECT_TRUE(destroy(7).ok());
  // Less than a piece takes a whole one; what the pool is told is what it asked for.
  EXPECT_TRUE(make(9, 1).ok());
  EXPECT_TRUE(make(10, 2).ok());
  EXPECT_EQ(make(11, 1).code(), Code::kNoSpace);
}

TEST(EngineDevice, TwoShardsThatClaimOnePieceKeepTheEngineFromStarting) {
  TestWorld world(1, {}, 10);
  world.start_all();
  world.make_pool();
  const Uuid other = Uuid::from_random(77, 77);
  const std::string file = fmt::format("target-0/{}/shard", world.pool_);
  world.stop(0);
  // A copy of the shard under another name, as a person might make one.
  vos::ShardSuperblock superblock = vos::decode_superblock(world.medium(0, 0).content(file), file).take();
  superblock.pool = other;
  const ByteVector bytes = vos::encode_superblock(superblock);
  world.on_new_disk_ = [&](uint32_t room, storage::MemoryDisk& disk) {
    if (room != 0) return;
    ASSERT_TRUE(world.run_task(disk.make_directory(fmt::format("target-0/{}", other))).ok());
    ASSERT_TRUE(
        world.run_task(storage::replace_file(disk, fmt::format("target-0/{}/shard", other), IoBuf::copy_of(bytes)))
            .ok());
  };
  const Status started = world.try_start(0);
  EXPECT_EQ(started.code(), Code::kCorrupt) << started.to_string();
  for (const std::string& name : {other.to_string(), world.pool_.to_string(), std::string("piece")})
    EXPECT_NE(started.message().find(name), std::string_view::npos) << started.to_string();
}

TEST(EngineDevice, OneThatIsAnotherOneKeepsTheEngineFromStarting) {
  TestWorld world(1, {}, 10);
  world.start_all();
  world.make_pool();
  world.stop(0);
  world.medium(0, TestWorld::kSystem).flip_bit("device-0", 100, 1);
  const Status started = world.try_start(0);
  EXPECT_EQ(started.code(), Code::kFormatInvalid) << started.to_string();
  EXPECT_NE(started.message().find("device-0"), std::string_view::npos) << started.to_string();
  EXPECT_NE(started.message().find("--nvme-device"), std::string_view::npos) << started.to_string();
}

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
