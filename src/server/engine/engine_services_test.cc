// Goal: what the services promise about engines holds when engines are away, come back elsewhere, or are told late: two
// engines and a client in virtual time.
#include "server/engine/test_world.h"

namespace daos::engine {
namespace {

using namespace std::chrono_literals;
using storage::Loss;

TEST(Services, APoolSpansItsEngines) {
  TestWorld world(2);
  world.start_all();
  world.make_container();
  const auto query = world.call(messages::PoolQueryRequest{.pool = world.pool_, .with_space = true});
  ASSERT_TRUE(query.ok());
  EXPECT_EQ(query->engines, 2u);
  EXPECT_EQ(query->targets, 4u);
  EXPECT_EQ(query->space.tiers[0].total, 128 * kMiB);
  for (uint32_t rank = 0; rank < 2; rank++) {
    for (uint32_t target = 0; target < TestWorld::kTargets; target++) {
      const std::string value = fmt::format("{}/{}", rank, target);
      ASSERT_TRUE(world.update(value, {.slot = 0, .sequence = 1}, rank, target).ok());
      EXPECT_EQ(world.fetch(rank, target), value);
    }
  }
}

TEST(Services, TheEndOfAClientClosesItsHandlesOnAllTargets) {
  TestWorld world(2);
  world.start_all();
  world.make_container();
  for (uint32_t rank = 0; rank < 2; rank++) {
    for (uint32_t target = 0; target < TestWorld::kTargets; target++) {
      ASSERT_TRUE(
          world.update("x", {.slot = 0, .sequence = 1}, rank, target).ok());  // now every target knows the handle
    }
  }
  ASSERT_TRUE(world.call(messages::ClientEndRequest{.client = TestWorld::kClient}).ok());
  for (uint32_t rank = 0; rank < 2; rank++) {
    for (uint32_t target = 0; target < TestWorld::kTargets; target++) {
      EXPECT_EQ(world.update("late", {.slot = 1, .sequence = 1}, rank, target).code(), Code::kNoHandle);
      EXPECT_EQ(world.fetch(rank, target).substr(0, 10), "DER_NO_HDL");
    }
  }
  EXPECT_EQ(world.call(messages::PoolQueryRequest{.pool = world.pool_})->handles, 0u);
}

TEST(Services, SessionsEndEvenIfTheClientHadClosedEverything) {
  TestWorld world;
  world.start_all();
  world.make_container();
  const uint64_t epoch = world.update("one", {.slot = 0, .sequence = 1})->epoch;
  ASSERT_TRUE(world.call(messages::ContainerCloseRequest{.pool = world.pool_, .handle = world.handle_}).ok());
  ASSERT_TRUE(world.call(messages::PoolDisconnectRequest{.pool = world.pool_, .handle = world.pool_handle_}).ok());
  ASSERT_TRUE(world.call(messages::ClientEndRequest{.client = TestWorld::kClient}).ok());
  // A session that is there would recognise the repetition.
  world.pool_handle_ = Uuid::from_random(14, 14);
  world.handle_ = Uuid::from_random(16, 16);
  world.connect();
  ASSERT_TRUE(world.open(2).ok());
  EXPECT_GT(world.update("one", {.slot = 0, .sequence = 1})->epoch, epoch);
}

TEST(Services, AContainerThatIsDestroyedWhileAnEngineIsAwayIsWipedWhenItJoins) {
  for (const bool service_restarts : {false, true}) {
    SCOPED_TRACE(service_restarts);
    TestWorld world(2);
    world.start_all();
    world.make_container();
    const uint64_t empty = world.free_bytes(1, 0);
    ASSERT_TRUE(world.update(std::string(50'000, 'x'), {.slot = 0, .sequence = 1}, 1, 0).ok());
    EXPECT_LT(world.free_bytes(1, 0), empty - 50'000);
    world.kill(1, Loss::kPower);
    ASSERT_TRUE(world
                    .call(messages::ContainerDestroyRequest{.operation = Uuid::from_random(8, 8),
                                                            .pool = world.pool_,
                                                            .pool_handle = world.pool_handle_,
                                                            .container = world.container_.to_string(),
                                                            .force = true},
                          30s)
                    .ok());
    if (service_restarts) world.crash(Loss::kPower);
    world.start(1);
    world.wait_until_joined();
    world.let_time_pass(10s);
    EXPECT_EQ(world.free_bytes(1, 0), empty);
    EXPECT_EQ(world.fetch(1, 0).substr(0, 10), "DER_NO_HDL");
    // And for good: nothing of it comes back from the log.
    world.crash(Loss::kPower, 1);
    world.wait_until_joined();
    EXPECT_EQ(world.free_bytes(1, 0), empty);
  }
}

TEST(Services, APoolThatIsDestroyedWhileAnEngineIsAwayIsRemovedWhenItJoins) {
  TestWorld world(2);
  world.start_all();
  world.make_container();
  world.kill(1, Loss::kPower);
  ASSERT_TRUE(world
                  .call(
                      messages::PoolDestroyRequest{
                          .operation = Uuid::from_random(9, 9), .pool = "tank", .recursive = true, .force = true},
                      60s)
                  .ok());
  world.start(1);
  world.wait_until_joined();
  world.let_time_pass(1s);
  for (uint32_t target = 0; target < TestWorld::kTargets; target++) {
    EXPECT_TRUE(world.medium(1, target).files().empty()) << world.medium(1, target).files().front();
  }
}

TEST(Services, ARepeatedDestructionIsAnsweredAsTheFirst) {
  TestWorld world;
  world.start_all();
  world.make_pool();
  const messages::PoolDestroyRequest destroy{.operation = Uuid::from_random(9, 9), .pool = "tank"};
  EXPECT_TRUE(world.call(destroy).ok());
  EXPECT_TRUE(world.call(destroy).ok());
  world.crash(Loss::kPower);
  EXPECT_TRUE(world.call(destroy).ok());
  EXPECT_EQ(world.call(messages::PoolDestroyRequest{.operation = Uuid::from_random(10, 10), .pool = "tank"}).code(),
            Code::kNonexistent);
}

TEST(Services, AStaleMapIsRefusedOnceAnEngineMoved) {
  TestWorld world(2);
  world.start_all();
  world.make_container();
  ASSERT_TRUE(world.update("kept", {.slot = 0, .sequence = 1}, 1, 0).ok());
  world.kill(1, Loss::kProcess);
  world.move_ports(1, 23000);
  world.start(1);
  world.wait_until_joined();
  world.let_time_pass(1s);
  EXPECT_EQ(world.fetch(0, 0).substr(0, 9), "DER_STALE");
  EXPECT_EQ(world.update("x", {.slot = 1, .sequence = 1}, 0, 0).code(), Code::kStale);
  EXPECT_EQ(world.fetch(1, 0).substr(0, 9), "DER_STALE");
  const auto fetched = world.call(messages::PoolMapFetchRequest{.pool = world.pool_});
  ASSERT_TRUE(fetched.ok());
  const map::PoolMapRef map = *map::PoolMap::decode(fetched->map);
  EXPECT_EQ(map->find_engine(map::Rank(1))->system_port, 23000);
  EXPECT_EQ(map->find_target(map::Rank(1), 1)->port, 23002);
  world.map_version_ = map->version();
  EXPECT_EQ(world.fetch(1, 0), "kept");
  EXPECT_EQ(world.fetch(0, 0), "");
  // The targets know it from their own disks, too.
  world.map_version_ = map::MapVersion(1);
  world.crash(Loss::kPower, 1);
  EXPECT_EQ(world.fetch(1, 0).substr(0, 9), "DER_STALE");
}

TEST(Services, BothEnginesMoveAtOnce) {
  TestWorld world(2);
  world.start_all();
  world.make_container();
  world.kill(1, Loss::kProcess);
  world.kill(0, Loss::kProcess);
  world.move_ports(0, 24000);
  world.move_ports(1, 25000);
  world.start_all();
  world.let_time_pass(10s);
  const auto fetched = world.call(messages::PoolMapFetchRequest{.pool = world.pool_});
  ASSERT_TRUE(fetched.ok());
  const map::PoolMapRef map = *map::PoolMap::decode(fetched->map);
  EXPECT_EQ(map->find_engine(map::Rank(0))->system_port, 24000);
  EXPECT_EQ(map->find_engine(map::Rank(1))->system_port, 25000);
  // Every target has the newest one: the version before it is refused.
  world.map_version_ = map::MapVersion(map->version().value() - 1);
  for (uint32_t rank = 0; rank < 2; rank++) {
    for (uint32_t target = 0; target < TestWorld::kTargets; target++) {
      EXPECT_EQ(world.fetch(rank, target).substr(0, 9), "DER_STALE") << rank << "/" << target;
    }
  }
}

TEST(Services, AJoinWhoseAnswerIsLateRemovesNoPoolThatWasMadeSince) {
  TestWorld world(2);
  world.start(0);
  world.wait_until_joined();
  // What the services send to rank 1 over its own connection is slow; a pool can be made before it hears that it has
  // joined.
  fabric::LinkModel slow{.delay_min = 900ms, .delay_max = 900ms};
  world.network().set_model(world.node(0), world.node(1), slow);
  world.start(1);
  world.let_time_pass(1200ms);
  world.network().clear_models();
  ASSERT_FALSE(world.joined(1));  // the services know of it, it does not know yet
  messages::PoolCreateRequest request = world.pool_request();
  request.ranks = {map::Rank(0), map::Rank(1)};
  const auto made = world.call(request, 60s);
  ASSERT_TRUE(made.ok()) << made.status().to_string();
  ASSERT_FALSE(world.joined(1));
  world.let_time_pass(10s);
  world.wait_until_joined();
  EXPECT_TRUE(world.call_at(1, TestWorld::kSystem, messages::ShardSpaceRequest{.pool = world.pool_}).ok());
}

TEST(Services, RefusesMembersAndPoolsThatCannotBe) {
  TestWorld world;
  world.start_all();
  const auto joined = world.call(messages::SystemJoinRequest{
      .member = {
          .rank = map::Rank(5), .engine = Uuid::from_random(5, 5), .address = {.host = "nowhere", .system_port = 1}}});
  EXPECT_EQ(joined.code(), Code::kInvalid);
  messages::PoolCreateRequest request = world.pool_request();
  request.durability = 7;
  EXPECT_EQ(world.call(request).code(), Code::kInvalid);
  request = world.pool_request();
  request.label = "not a label";
  EXPECT_EQ(world.call(request).code(), Code::kInvalid);
  request = world.pool_request();
  request.tier_bytes_per_engine[0] = 1 * kMiB;
  EXPECT_EQ(world.call(request).code(), Code::kInvalid);
  request = world.pool_request();
  request.ranks = {map::Rank(9)};
  EXPECT_EQ(world.call(request).code(), Code::kNonexistent);
  EXPECT_TRUE(world.call(world.pool_request()).ok());
  request = world.pool_request();
  request.pool = Uuid::from_random(13, 13);
  EXPECT_EQ(world.call(request).code(), Code::kExists);
}

}  // namespace
}  // namespace daos::engine
