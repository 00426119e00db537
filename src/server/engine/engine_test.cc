// Goal: the whole road of an update, client's rpc to disk and back, through a crash: one engine in virtual time, on disks in
// memory and a simulated network. The client here is a bare rpc node.
#include "server/engine/engine.h"

#include <gtest/gtest.h>

#include <optional>

#include "model/messages/object.h"
#include "platform/fabric/sim/sim_network.h"
#include "platform/runtime/virtual_time.h"
#include "platform/storage/memory/memory_disk.h"

namespace daos::engine {
namespace {

using namespace std::chrono_literals;
using messages::AkeyFetch;
using messages::AkeyUpdate;

constexpr size_t kTargets = 2;
constexpr uint16_t kPort = 20000;

IoBuf bytes(std::string_view text) { return IoBuf::copy_of(as_bytes(text)); }

/// One engine of two targets, and a client node that outlives its crashes.
class World {
 public:
  explicit World(vos::PlantedBugs planted = {}) : planted_(planted) {
    for (auto& medium : media_) medium = std::make_shared<storage::MemoryMedium>();
    engine_node_ = network_.add_node("engine");
    client_node_ = network_.add_node("client");
    client_transport_ = network_.transport(client_node_);
    client_.emplace(client_reactor_.reactor(), rpc::NodeOptions{.role = rpc::ClockRole::kClient});
    EXPECT_TRUE(client_->open(*client_transport_, {.identity = {.client = Uuid::from_random(7, 7), .context = 0}}).ok());
  }
  ~World() {
    if (engine_) stop();
    run_task([](rpc::Node& node) -> runtime::Task<Status> {
      co_await node.close();
      co_return Status();
    }(*client_));
  }

  template <class T>
  T run_task(runtime::Task<T> task) {
    return runtime::run(timeline_, client_reactor_.reactor(), std::move(task));
  }

  void start() {
    transport_ = network_.transport(engine_node_);
    for (size_t i = 0; i < rooms_.size(); i++) {
      rooms_[i] = std::make_unique<RoomParts>(timeline_, clock_, media_[i], ++seed_);
    }
    EngineConfig config{.system = Uuid::from_random(1, 1),
                        .system_name = "daos_server",
                        .engine = Uuid::from_random(2, 2),
                        .rank = map::Rank(0),
                        .address = {.host = "engine", .system_port = kPort, .target_ports = {kPort + 1, kPort + 2}},
                        .service_address = address(0),
                        .memory_bytes = 1 * kGiB,
                        .incarnation = ++incarnation_,
                        .build = "test",
                        .log_segment_bytes = 1 * kMiB,
                        .planted = planted_};
    engine_ = std::make_unique<Engine>(config, room(kTargets), std::vector<Room>{room(0), room(1)});
    Reactor& reactor = rooms_[kTargets]->reactor.reactor();
    const Status started = runtime::run(timeline_, reactor, engine_->start());
    ASSERT_TRUE(started.ok()) << started.to_string();
  }
  void stop() {
    const Status stopped = runtime::run(timeline_, rooms_[kTargets]->reactor.reactor(), engine_->stop());
    stopped.ignore("after a crash the disks refuse");
    timeline_.run_until(timeline_.now() + 1ms);
    engine_.reset();
    for (auto& parts : rooms_) parts.reset();
    transport_.reset();
  }
  /// What kill -9 and a restart of the machine do.
  void crash(storage::Loss loss) {
    for (auto& parts : rooms_) parts->disk.crash(loss);
    network_.crash(engine_node_, fabric::CrashKind::kReset);
    stop();
    network_.restart(engine_node_);
    start();
  }

  template <class Request>
  Result<typename Request::Reply> call(int listener, Request request) {
    Result<fabric::PeerId> peer = client_->endpoint().peer(address(listener));
    EXPECT_TRUE(peer.ok());
    return run_task(client_->call(*peer, request, client_reactor_.reactor().within(5s)));
  }

  void make_container() {
    pool_ = Uuid::from_random(3, 3);
    messages::PoolCreateRequest create{.pool = pool_, .label = "tank", .tier_bytes_per_engine = {64 * kMiB, 0}};
    // The engine joins by itself; a pool can be made once it has.
    Result<messages::PoolSummary> made = error(Code::kAgain, "");
    for (int i = 0; i < 100 && !made.ok(); i++) {
      made = call(0, create);
      timeline_.run_until(timeline_.now() + 50ms);
    }
    ASSERT_TRUE(made.ok()) << made.status().to_string();
    pool_handle_ = Uuid::from_random(4, 4);
    ASSERT_TRUE(call(0, messages::PoolConnectRequest{.pool = pool_, .handle = pool_handle_,
                                                     .access = messages::PoolAccess::kReadWrite,
                                                     .client = Uuid::from_random(7, 7), .with_space = true}).ok());
    ASSERT_TRUE(call(0, messages::ContainerCreateRequest{.pool = pool_, .pool_handle = pool_handle_,
                                                         .container = Uuid::from_random(5, 5)}).ok());
    handle_ = Uuid::from_random(6, 6);
    ASSERT_TRUE(open(2).ok());
  }
  Result<messages::ContainerInfo> open(uint32_t flags) {
    return call(0, messages::ContainerOpenRequest{.pool = pool_, .pool_handle = pool_handle_, .handle = handle_,
                                                  .container = Uuid::from_random(5, 5).to_string(), .flags = flags});
  }

  Result<messages::UpdateReply> update(std::string_view value, rpc::SlotRef slot) {
    return call(1, messages::UpdateRequest{.pool = pool_, .handle = handle_, .object = {.lo = 1, .hi = 1ull << 48},
                                           .map_version = map::MapVersion(1), .slot = slot, .dkey = bytes("dkey"),
                                           .akeys = {AkeyUpdate{.akey = bytes("akey"), .value = bytes(value)}}});
  }
  std::string fetch() {
    auto reply = call(1, messages::FetchRequest{.pool = pool_, .handle = handle_, .object = {.lo = 1, .hi = 1ull << 48},
                                                .map_version = map::MapVersion(1), .dkey = bytes("dkey"),
                                                .akeys = {AkeyFetch{.akey = bytes("akey"), .bytes_max = 1000}}});
    if (!reply.ok()) return reply.status().to_string();
    return std::string(as_text(reply->values[0].value.bytes()));
  }

  messages::PoolId pool_;
  Uuid pool_handle_;
  Uuid handle_;

 private:
  using Reactor = runtime::Reactor;
  struct RoomParts {
    RoomParts(runtime::Timeline& timeline, runtime::Clock& clock, std::shared_ptr<storage::MemoryMedium> medium, uint64_t seed)
        : reactor(timeline, {.clock = &clock, .seed = seed}),
          disk(reactor.reactor(), std::move(medium), {.timeline = &timeline, .seed = seed}) {}
    runtime::VirtualReactor reactor;
    storage::MemoryDisk disk;
  };
  Room room(size_t i) { return {rooms_[i]->reactor.reactor(), rooms_[i]->disk, *transport_}; }
  static std::string address(int listener) { return fmt::format("tcp://engine:{}", kPort + listener); }

  vos::PlantedBugs planted_;
  runtime::Timeline timeline_;
  runtime::VirtualClock clock_{timeline_};
  fabric::SimNetwork network_{timeline_, 1};
  fabric::SimNodeId engine_node_, client_node_;
  std::array<std::shared_ptr<storage::MemoryMedium>, kTargets + 1> media_;
  std::array<std::unique_ptr<RoomParts>, kTargets + 1> rooms_;
  std::unique_ptr<fabric::Transport> transport_;
  std::unique_ptr<Engine> engine_;
  runtime::VirtualReactor client_reactor_{timeline_, {.clock = &clock_, .seed = 99}};
  std::unique_ptr<fabric::Transport> client_transport_;
  std::optional<rpc::Node> client_;
  uint64_t seed_ = 0;
  uint64_t incarnation_ = 0;
};

TEST(Engine, StoresAndFetchesASingleValue) {
  World world;
  world.start();
  world.make_container();
  EXPECT_EQ(world.fetch(), "");
  const auto reply = world.update("one", {.slot = 0, .sequence = 1});
  ASSERT_TRUE(reply.ok()) << reply.status().to_string();
  EXPECT_EQ(world.fetch(), "one");
  ASSERT_TRUE(world.update("two", {.slot = 0, .sequence = 2}).ok());
  EXPECT_EQ(world.fetch(), "two");
}

TEST(Engine, KeepsWhatWasAcknowledgedOverLossOfPower) {
  World world;
  world.start();
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
  World world;
  world.start();
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
  World world;
  world.start();
  world.make_container();
  const auto closed = world.call(1, messages::SlotCloseRequest{.pool = world.pool_, .slot = {.slot = 0, .sequence = 2}});
  ASSERT_TRUE(closed.ok());
  EXPECT_FALSE(closed->executed.has_value());
  world.crash(storage::Loss::kPower);
  EXPECT_EQ(world.update("late", {.slot = 0, .sequence = 1}).code(), Code::kCancelled);
  EXPECT_EQ(world.fetch(), "");
  ASSERT_TRUE(world.update("next", {.slot = 0, .sequence = 3}).ok());
  const auto executed = world.call(1, messages::SlotCloseRequest{.pool = world.pool_, .slot = {.slot = 0, .sequence = 4}});
  ASSERT_TRUE(executed.ok());
  EXPECT_TRUE(executed->executed.has_value());
}

TEST(Engine, RefusesAHandleThatWasClosed) {
  World world;
  world.start();
  world.make_container();
  ASSERT_TRUE(world.update("one", {.slot = 0, .sequence = 1}).ok());
  ASSERT_TRUE(world.call(0, messages::ContainerCloseRequest{.pool = world.pool_, .handle = world.handle_}).ok());
  EXPECT_EQ(world.update("two", {.slot = 0, .sequence = 2}).code(), Code::kNoHandle);
  EXPECT_EQ(world.fetch().substr(0, 10), "DER_NO_HDL");
}

TEST(Engine, DestroyingAContainerFreesItsSpaceAndAPoolGoesWhole) {
  World world;
  world.start();
  world.make_container();
  const auto space = [&] {
    return world.call(0, messages::PoolQueryRequest{.pool = world.pool_, .with_space = true})->space.tiers[0].free;
  };
  const uint64_t before = space();
  ASSERT_TRUE(world.update(std::string(60'000, 'x'), {.slot = 0, .sequence = 1}).ok());
  EXPECT_LT(space(), before - 60'000);
  messages::ContainerDestroyRequest destroy{.operation = Uuid::from_random(8, 8), .pool = world.pool_,
                                            .pool_handle = world.pool_handle_,
                                            .container = Uuid::from_random(5, 5).to_string()};
  EXPECT_EQ(world.call(0, destroy).code(), Code::kBusy);
  destroy.force = true;
  destroy.operation = Uuid::from_random(9, 9);
  ASSERT_TRUE(world.call(0, destroy).ok());
  EXPECT_EQ(space(), before);
  EXPECT_EQ(world.update("two", {.slot = 0, .sequence = 2}).code(), Code::kNoHandle);
  messages::PoolDestroyRequest pool{.operation = Uuid::from_random(10, 10), .pool = "tank"};
  EXPECT_EQ(world.call(0, pool).code(), Code::kBusy);
  pool.force = true;
  ASSERT_TRUE(world.call(0, pool).ok());
  EXPECT_EQ(world.call(0, messages::PoolResolveRequest{.pool = "tank"}).code(), Code::kNonexistent);
  world.crash(storage::Loss::kPower);
  EXPECT_TRUE(world.call(0, messages::PoolListRequest{})->pools.empty());
}

TEST(Engine, RefusesWhatIsNotThereYetByName) {
  World world;
  world.start();
  world.make_container();
  EXPECT_EQ(world.update(std::string(65'537, 'x'), {.slot = 0, .sequence = 1}).code(), Code::kNotSupported);
  ASSERT_TRUE(world.update("small", {.slot = 0, .sequence = 1}).ok());  // a refused update used nothing up
  messages::PoolCreateRequest redundant{.pool = Uuid::from_random(11, 11), .label = "safe",
                                        .tier_bytes_per_engine = {64 * kMiB, 0}, .properties = {{.type = 11, .number = 1}}};
  const auto refused = world.call(0, redundant);
  EXPECT_EQ(refused.code(), Code::kNotSupported);
  EXPECT_NE(refused.status().message().find("rd_fac:0"), std::string::npos);
  redundant.properties.clear();
  redundant.tier_bytes_per_engine[0] = 2 * kGiB;
  EXPECT_EQ(world.call(0, redundant).code(), Code::kNoSpace);
}

}  // namespace
}  // namespace daos::engine
