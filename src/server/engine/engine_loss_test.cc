// Goal: under durability `process`, a machine that lost its power, and acknowledged updates with it, is not taken for
// one that did not: the pool's containers are unclean until somebody declares them healthy, whoever else dies before
// the service has heard of it. Method: two engines in virtual time; the loss is a block of a log that never reached the
// disk.
#include "server/engine/test_world.h"

namespace daos::engine {
namespace {

using namespace std::chrono_literals;
using storage::Loss;

constexpr uint32_t kReadWrite = 2, kForce = 8;

class LossTest : public testing::Test {
 protected:
  LossTest() : world(2) { world.start_all(); }

  void make_container(uint8_t durability) {
    messages::PoolCreateRequest request = world.pool_request();
    request.durability = durability;
    ASSERT_TRUE(world.call(request).ok());
    world.connect();
    ASSERT_TRUE(world
                    .call(messages::ContainerCreateRequest{
                        .pool = world.pool_, .pool_handle = world.pool_handle_, .container = world.container_})
                    .ok());
    ASSERT_TRUE(world.open(kReadWrite).ok());
  }
  void write_some() {
    for (uint64_t i = 1; i <= 20; i++) {
      ASSERT_TRUE(world.update(std::string(300, 'v'), {.slot = 0, .sequence = i}, 1, 0).ok());
    }
    world.let_time_pass(1s);  // a later block says that all of it was acknowledged
  }
  std::string log() const { return fmt::format("target-0/{}/log/segment-0000000000000000", world.pool_); }
  /// The page with the first updates never reached the disk of rank 1's first target.
  void lose_a_page() { world.medium(1, 0).overwrite(log(), 4096 + 512, ByteVector(4096)); }
  Code open_again(uint32_t flags) {
    world.handle_ = Uuid::from_random(17, ++opened_);
    return world.open(flags).code();
  }
  uint16_t status() {
    const auto info = world.call(
        messages::ContainerQueryRequest{.pool = world.pool_, .handle = world.handle_, .with_properties = true});
    EXPECT_TRUE(info.ok()) << info.status().to_string();
    const messages::Property* property =
        info.ok() ? messages::find_property(info->properties, messages::kContainerStatus) : nullptr;
    return property == nullptr ? 0xffff : static_cast<uint16_t>(property->number >> 32);
  }
  void expect_unclean() {
    EXPECT_EQ(open_again(kReadWrite), Code::kRedundancy);
    EXPECT_EQ(open_again(kReadWrite | kForce), Code::kOk);
    EXPECT_EQ(status(), messages::kStatusUnclean);
  }
  void declare_healthy() {
    const uint64_t healthy = messages::container_status(messages::kStatusHealthy, messages::kStatusClear, 0);
    ASSERT_TRUE(world
                    .call(messages::ContainerChangeRequest{
                        .pool = world.pool_,
                        .handle = world.handle_,
                        .properties = {{.type = messages::kContainerStatus, .number = healthy}}})
                    .ok());
  }

  TestWorld world;
  uint64_t opened_ = 0;
};

TEST_F(LossTest, ContainersAreUncleanUntilTheyAreDeclaredHealthy) {
  make_container(1);
  write_some();
  world.kill(1, Loss::kProcess);
  lose_a_page();
  world.start(1);
  world.wait_until_joined();
  expect_unclean();
  declare_healthy();
  EXPECT_EQ(status(), messages::kStatusHealthy);
  EXPECT_EQ(open_again(kReadWrite), Code::kOk);
  // It is said once: neither the engine nor the service brings it up again.
  world.crash(Loss::kProcess, 1);
  world.crash(Loss::kProcess, 0);
  world.wait_until_joined();
  EXPECT_EQ(open_again(kReadWrite), Code::kOk);
  EXPECT_EQ(status(), messages::kStatusHealthy);
}

TEST_F(LossTest, ALossIsToldThoughTheEngineDiesBeforeTheServiceListens) {
  make_container(1);
  write_some();
  world.kill(0, Loss::kProcess);
  world.kill(1, Loss::kProcess);
  lose_a_page();
  world.start(1);  // finds it, cuts its log, and has nobody to tell
  world.let_time_pass(3s);
  EXPECT_FALSE(world.joined(1));
  world.crash(Loss::kProcess, 1);  // now its log looks as if nothing had happened
  world.start(0);
  world.wait_until_joined();
  expect_unclean();
}

TEST_F(LossTest, ALossIsToldThoughTheMachineDiesWhileItIsNoted) {
  make_container(1);
  write_some();
  world.kill(1, Loss::kProcess);
  lose_a_page();
  for (uint64_t k = 0; k < 12; k++) {  // every write from the note of the loss to the first of the new life
    world.on_new_disk_ = [k](uint32_t room, storage::MemoryDisk& disk) {
      if (room == 0) disk.crash_at(storage::DiskOperation::kWrite, k);
    };
    const Status started = world.try_start(1);
    world.let_time_pass(100ms);
    world.kill(1, Loss::kProcess);
    // The memory disk makes its content anew from what was flushed and what was written since.
    if (!started.ok()) lose_a_page();
  }
  world.on_new_disk_ = {};
  world.start(1);
  world.wait_until_joined();
  expect_unclean();
}

TEST_F(LossTest, WithoutALossNothingIsUnclean) {
  make_container(1);
  write_some();
  world.crash(Loss::kProcess, 1);
  world.wait_until_joined();
  EXPECT_EQ(open_again(kReadWrite), Code::kOk);
  EXPECT_EQ(status(), messages::kStatusHealthy);
}

TEST_F(LossTest, UnderPowerDurabilityTheSameIsDamageAndTheEngineDoesNotStart) {
  make_container(0);
  write_some();
  world.kill(1, Loss::kProcess);
  lose_a_page();
  const Status started = world.try_start(1);
  EXPECT_EQ(started.code(), Code::kCorrupt);
  EXPECT_NE(started.message().find(log() + " at offset"), std::string_view::npos) << started.to_string();
  EXPECT_NE(started.message().find(world.pool_.to_string()), std::string_view::npos);
}

}  // namespace
}  // namespace daos::engine
