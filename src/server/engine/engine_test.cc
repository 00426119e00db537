// Goal: the whole road of an update, client's rpc to disk and back, through a crash: one engine in virtual time. The
// client here is a bare rpc node.
#include "server/engine/test_world.h"

namespace daos::engine {
namespace {

TEST(Engine, StoresAndFetchesASingleValue) {
  TestWorld world;
  world.start_all();
  world.make_container();
  EXPECT_EQ(world.fetch(), "");
  const auto reply = world.update("one", {.slot = 0, .sequence = 1});
  ASSERT_TRUE(reply.ok()) << reply.status().to_string();
  EXPECT_EQ(world.fetch(), "one");
  ASSERT_TRUE(world.update("two", {.slot = 0, .sequence = 2}).ok());
  EXPECT_EQ(world.fetch(), "two");
}

TEST(Engine, KeepsWhatWasAcknowledgedOverLossOfPower) {
  TestWorld world;
  world.start_all();
  world.make_container();
  ASSERT_TRUE(world.update("kept", {.slot = 0, .sequence = 1}).ok());
  world.crash(storage::Loss::kPower);
  EXPECT_EQ(world.fetch(), "kept");  // the handle is still known, too
  const uint64_t epoch = world.update("later", {.slot = 1, .sequence = 1})->epoch;
  world.crash(storage::Loss::kPower);
  EXPECT_EQ(world.fetch(), "later");
  EXPECT_GT(world.update("last", {.slot = 0, .sequence = 2})->epoch, epoch);
}

TEST(Engine, RecognisesARepeatedUpdateAfterACrash) {
  TestWorld world;
  world.start_all();
  world.make_container();
  const auto first = world.update("one", {.slot = 0, .sequence = 1});
  ASSERT_TRUE(world.update("two", {.slot = 1, .sequence = 1}).ok());
  world.crash(storage::Loss::kPower);
  const auto repeated = world.update("one", {.slot = 0, .sequence = 1});
  ASSERT_TRUE(repeated.ok());
  EXPECT_EQ(repeated->epoch, first->epoch);
  EXPECT_EQ(world.fetch(), "two");
}

TEST(Engine, DropsAnOperationThatWasGivenUp) {
  TestWorld world;
  world.start_all();
  world.make_container();
  const auto closed =
      world.call_at(0, 0, messages::SlotCloseRequest{.pool = world.pool_, .slot = {.slot = 0, .sequence = 2}});
  ASSERT_TRUE(closed.ok());
  EXPECT_FALSE(closed->executed.has_value());
  world.crash(storage::Loss::kPower);
  EXPECT_EQ(world.update("late", {.slot = 0, .sequence = 1}).code(), Code::kCancelled);
  EXPECT_EQ(world.fetch(), "");
  ASSERT_TRUE(world.update("next", {.slot = 0, .sequence = 3}).ok());
  const auto executed =
      world.call_at(0, 0, messages::SlotCloseRequest{.pool = world.pool_, .slot = {.slot = 0, .sequence = 4}});
  ASSERT_TRUE(executed.ok());
  EXPECT_TRUE(executed->executed.has_value());
}

TEST(Engine, RefusesAHandleThatWasClosed) {
  TestWorld world;
  world.start_all();
  world.make_container();
  ASSERT_TRUE(world.update("one", {.slot = 0, .sequence = 1}).ok());
  ASSERT_TRUE(world.call(messages::ContainerCloseRequest{.pool = world.pool_, .handle = world.handle_}).ok());
  EXPECT_EQ(world.update("two", {.slot = 0, .sequence = 2}).code(), Code::kNoHandle);
  EXPECT_EQ(world.fetch().substr(0, 10), "DER_NO_HDL");
}

TEST(Engine, DestroyingAContainerFreesItsSpaceAndAPoolGoesWhole) {
  TestWorld world;
  world.start_all();
  world.make_container();
  const auto space = [&] {
    return world.call(messages::PoolQueryRequest{.pool = world.pool_, .with_space = true})->space.tiers[0].free;
  };
  const uint64_t before = space();
  ASSERT_TRUE(world.update(std::string(60'000, 'x'), {.slot = 0, .sequence = 1}).ok());
  EXPECT_LT(space(), before - 60'000);
  messages::ContainerDestroyRequest destroy{.operation = Uuid::from_random(8, 8),
                                            .pool = world.pool_,
                                            .pool_handle = world.pool_handle_,
                                            .container = world.container_.to_string()};
  EXPECT_EQ(world.call(destroy).code(), Code::kBusy);
  destroy.force = true;
  destroy.operation = Uuid::from_random(9, 9);
  ASSERT_TRUE(world.call(destroy).ok());
  EXPECT_EQ(space(), before);
  EXPECT_EQ(world.update("two", {.slot = 0, .sequence = 2}).code(), Code::kNoHandle);
  messages::PoolDestroyRequest pool{.operation = Uuid::from_random(10, 10), .pool = "tank"};
  EXPECT_EQ(world.call(pool).code(), Code::kBusy);
  pool.force = true;
  ASSERT_TRUE(world.call(pool).ok());
  EXPECT_EQ(world.call(messages::PoolResolveRequest{.pool = "tank"}).code(), Code::kNonexistent);
  world.crash(storage::Loss::kPower);
  EXPECT_TRUE(world.call(messages::PoolListRequest{})->pools.empty());
}

TEST(Engine, RefusesWhatIsNotThereYetByName) {
  TestWorld world;
  world.start_all();
  world.make_container();
  messages::PoolCreateRequest redundant{.pool = Uuid::from_random(11, 11),
                                        .label = "safe",
                                        .tier_bytes_per_engine = {64 * kMiB, 0},
                                        .properties = {{.type = 11, .number = 1}}};
  const auto refused = world.call(redundant);
  EXPECT_EQ(refused.code(), Code::kNotSupported);
  EXPECT_NE(refused.status().message().find("rd_fac:0"), std::string::npos);
  redundant.properties.clear();
  redundant.tier_bytes_per_engine[0] = 2 * kGiB;
  EXPECT_EQ(world.call(redundant).code(), Code::kNoSpace);
}

TEST(Engine, APoolThatNobodyCouldEnterIsNotMade) {
  TestWorld world;
  world.start();
  for (const messages::Property& wrong : {messages::Property{.type = messages::kPoolOwner, .text = "alice"},
                                          messages::Property{.type = messages::kPoolOwnerGroup, .text = "@"},
                                          messages::Property{.type = messages::kPoolAcl, .text = "no list"}}) {
    EXPECT_EQ(world
                  .call(messages::PoolCreateRequest{.pool = Uuid::from_random(11, 11),
                                                    .label = "closed",
                                                    .tier_bytes_per_engine = {64 * kMiB, 0},
                                                    .properties = {wrong}})
                  .code(),
              Code::kInvalid)
        << wrong.type;
  }
}

}  // namespace
}  // namespace daos::engine
