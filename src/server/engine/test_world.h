// Whole engines in virtual time, on disks in memory and a simulated network, with a client that is a bare rpc node and
// outlives their crashes. For tests of what spans the rooms of the engine.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>

#include "model/messages/object.h"
#include "model/messages/property_numbers.h"
#include "platform/fabric/sim/sim_network.h"
#include "platform/runtime/virtual_time.h"
#include "platform/storage/memory/memory_disk.h"
#include "server/engine/engine.h"

namespace daos::engine {

inline IoBuf bytes(std::string_view text) { return IoBuf::copy_of(as_bytes(text)); }

class TestWorld {
 public:
  static constexpr uint32_t kTargets = 2;        // of each engine
  static constexpr uint32_t kSystem = kTargets;  // the room of the system listener and the services

  /// With `pieces`: tier 1 lies on a device of so many, which every room finds on its own medium.
  explicit TestWorld(uint32_t engines = 1, vos::PlantedBugs planted = {}, uint32_t pieces = 0)
      : planted_(planted), pieces_(pieces) {
    client_node_ = network_.add_node("client");
    for (uint32_t rank = 0; rank < engines; rank++) {
      Machine& machine = machines_[rank];
      machine.node = network_.add_node(host(rank));
      for (auto& medium : machine.media) medium = std::make_shared<storage::MemoryMedium>();
    }
    client_transport_ = network_.transport(client_node_);
    client_.emplace(client_reactor_.reactor(), rpc::NodeOptions{.role = rpc::ClockRole::kClient});
    EXPECT_TRUE(client_->open(*client_transport_, {.identity = {.client = kClient, .context = 0}}).ok());
  }
  ~TestWorld() {
    for (auto& [rank, machine] : machines_) {
      if (machine.engine) stop(rank);
    }
    const Status closed = run_task([](rpc::Node& node) -> runtime::Task<Status> {
      co_await node.close();
      co_return Status();
    }(*client_));
    EXPECT_TRUE(closed.ok());
  }

  template <class T>
  T run_task(runtime::Task<T> task) {
    return runtime::run(timeline_, client_reactor_.reactor(), std::move(task));
  }
  void let_time_pass(Duration duration) { timeline_.run_until(timeline_.now() + duration); }

  static constexpr uint64_t kPieceBytes = 64 * kKiB;
  uint32_t all_pieces() const { return pieces_; }
  /// Of what comes from now on.
  void set_seed(uint64_t seed) { seed_ = seed; }
  vos::DeviceHeader device_header(uint32_t rank) const {
    return {.id = Uuid::from_random(7, rank),
            .system = Uuid::from_random(1, 1),
            .system_name = "daos_server",
            .engine = Uuid::from_random(2, rank),
            .rank = rank,
            .regions = kTargets,
            .bytes = vos::kDevicePiecesAt + pieces_ * kPieceBytes,
            .piece_bytes = kPieceBytes};
  }

  // --- engines
  Status try_start(uint32_t rank) {
    Machine& machine = machines_.at(rank);
    machine.transport = network_.transport(machine.node);
    for (uint32_t i = 0; i <= kTargets; i++) {
      machine.rooms[i] = std::make_unique<RoomParts>(timeline_, clock_, machine.media[i], ++seed_);
      if (pieces_ > 0 && !machine.rooms[i]->disk.exists("device-0")) make_device(rank, *machine.rooms[i]);
      if (on_new_disk_) on_new_disk_(i, machine.rooms[i]->disk);
    }
    messages::EngineAddress address{.host = host(rank), .system_port = machine.first_port};
    for (uint32_t i = 0; i < kTargets; i++) {
      address.target_ports.push_back(static_cast<uint16_t>(machine.first_port + 1 + i));
    }
    EngineConfig config{.system = Uuid::from_random(1, 1),
                        .system_name = "daos_server",
                        .engine = Uuid::from_random(2, rank),
                        .rank = map::Rank(rank),
                        .address = std::move(address),
                        .service_address = address_of(0, kSystem),
                        .memory_bytes = 1 * kGiB,
                        .disk_bytes = pieces_ / kTargets * kTargets * kPieceBytes,
                        .incarnation = ++incarnation_,
                        .build = "test",
                        .log_segment_bytes = 1 * kMiB,
                        .planted = planted_};
    if (pieces_ > 0) config.devices = {{.number = 0, .id = device_header(rank).id, .path = "device-0"}};
    std::vector<Room> targets;
    for (uint32_t i = 0; i < kTargets; i++) targets.push_back(room(machine, i));
    machine.engine = std::make_unique<Engine>(std::move(config), room(machine, kSystem), std::move(targets));
    return runtime::run(timeline_, machine.rooms[kSystem]->reactor.reactor(), machine.engine->start());
  }
  void start(uint32_t rank = 0) {
    const Status started = try_start(rank);
    ASSERT_TRUE(started.ok()) << started.to_string();
  }
  void stop(uint32_t rank = 0) {
    Machine& machine = machines_.at(rank);
    Status stopped = runtime::run(timeline_, machine.rooms[kSystem]->reactor.reactor(), machine.engine->stop());
    stopped.ignore("a crashed disk says so");
    let_time_pass(std::chrono::milliseconds(1));
    machine.engine.reset();
    for (auto& parts : machine.rooms) parts.reset();
    machine.transport.reset();
  }
  /// What kill -9, or a loss of power, does to its machine. It stays away until start().
  void kill(uint32_t rank, storage::Loss loss) {
    Machine& machine = machines_.at(rank);
    for (auto& parts : machine.rooms) parts->disk.crash(loss);
    network_.crash(machine.node, fabric::CrashKind::kReset);
    stop(rank);
    network_.restart(machine.node);
  }
  void crash(storage::Loss loss, uint32_t rank = 0) {
    kill(rank, loss);
    start(rank);
  }
  void start_all() {
    for (auto& [rank, machine] : machines_) start(rank);
    wait_until_joined();
  }
  void wait_until_joined() {
    for (auto& [rank, machine] : machines_) {
      for (int i = 0; machine.engine && !machine.engine->joined() && i < 200; i++) {
        let_time_pass(std::chrono::milliseconds(50));
      }
      ASSERT_TRUE(!machine.engine || machine.engine->joined()) << rank;
    }
  }
  bool joined(uint32_t rank) const { return machines_.at(rank).engine->joined(); }
  /// From its next start on.
  void move_ports(uint32_t rank, uint16_t first_port) { machines_.at(rank).first_port = first_port; }
  storage::MemoryDisk& disk(uint32_t rank, uint32_t room) { return machines_.at(rank).rooms[room]->disk; }
  storage::MemoryMedium& medium(uint32_t rank, uint32_t room) { return *machines_.at(rank).media[room]; }
  fabric::SimNetwork& network() { return network_; }
  runtime::Timeline& timeline() { return timeline_; }
  rpc::Node& client() { return *client_; }
  fabric::SimNodeId client_node() const { return client_node_; }
  fabric::SimNodeId node(uint32_t rank) { return machines_.at(rank).node; }

  // --- a client's calls. Rooms: a target's index, or kSystem.
  template <class Request>
  Result<typename Request::Reply> call_at(uint32_t rank, uint32_t room, Request request,
                                          Duration limit = std::chrono::seconds(5)) {
    Result<fabric::PeerId> peer = client_->endpoint().peer(address_of(rank, room));
    EXPECT_TRUE(peer.ok());
    return run_task(client_->call(*peer, request, {.deadline = timeline_.now() + limit}));
  }
  /// To the services.
  template <class Request>
  Result<typename Request::Reply> call(Request request, Duration limit = std::chrono::seconds(5)) {
    return call_at(0, kSystem, std::move(request), limit);
  }

  messages::PoolCreateRequest pool_request() const {
    return {.pool = pool_,
            .label = "tank",
            .tier_bytes_per_engine = {64 * kMiB, pieces_ == 0 ? 0 : 3 * kTargets * kPieceBytes},
            .properties = {{.type = messages::kPoolOwner, .text = "alice@"}}};
  }
  void make_pool() {
    const auto made = call(pool_request());
    ASSERT_TRUE(made.ok()) << made.status().to_string();
  }
  void connect() {
    ASSERT_TRUE(call(messages::PoolConnectRequest{.pool = pool_,
                                                  .handle = pool_handle_,
                                                  .access = messages::PoolAccess::kReadWrite,
                                                  .client = kClient,
                                                  .credential = {.user = "alice@"},
                                                  .with_space = true})
                    .ok());
  }
  void make_container() {
    make_pool();
    connect();
    ASSERT_TRUE(
        call(messages::ContainerCreateRequest{.pool = pool_, .pool_handle = pool_handle_, .container = container_})
            .ok());
    ASSERT_TRUE(open(2).ok());
  }
  Result<messages::ContainerInfo> open(uint32_t flags) {
    return call(messages::ContainerOpenRequest{.pool = pool_,
                                               .pool_handle = pool_handle_,
                                               .handle = handle_,
                                               .container = container_.to_string(),
                                               .flags = flags});
  }
  Result<messages::UpdateReply> update(std::string_view value, rpc::SlotRef slot, uint32_t rank = 0,
                                       uint32_t target = 0) {
    return call_at(
        rank, target,
        messages::UpdateRequest{.pool = pool_,
                                .handle = handle_,
                                .object = kObject,
                                .map_version = map_version_,
                                .slot = slot,
                                .dkey = bytes("dkey"),
                                .akeys = {messages::AkeyUpdate{
                                    .akey = bytes("akey"), .record_bytes = value.size(), .value = bytes(value)}}});
  }
  /// The value, or the error in words.
  std::string fetch(uint32_t rank = 0, uint32_t target = 0) {
    auto reply =
        call_at(rank, target,
                messages::FetchRequest{.pool = pool_,
                                       .handle = handle_,
                                       .object = kObject,
                                       .map_version = map_version_,
                                       .dkey = bytes("dkey"),
                                       .akeys = {messages::AkeyFetch{.akey = bytes("akey"), .bytes_max = 1000}}});
    if (!reply.ok()) return reply.status().to_string();
    return std::string(as_text(reply->values[0].value.bytes()));
  }
  uint64_t free_bytes(uint32_t rank, uint32_t target) {
    const auto space = call_at(rank, kSystem, messages::ShardSpaceRequest{.pool = pool_});
    EXPECT_TRUE(space.ok());
    return space.ok() ? space->targets[target].tiers[0].free : 0;
  }

  static inline const Uuid kClient = Uuid::from_random(7, 7);
  static constexpr classes::ObjectId kObject{.lo = 1, .hi = 1ull << 48};
  messages::PoolId pool_ = Uuid::from_random(3, 3);
  Uuid pool_handle_ = Uuid::from_random(4, 4);
  Uuid container_ = Uuid::from_random(5, 5);
  Uuid handle_ = Uuid::from_random(6, 6);
  map::MapVersion map_version_{1};
  std::function<void(uint32_t room, storage::MemoryDisk& disk)> on_new_disk_;  // of an engine that starts

 private:
  struct RoomParts;
  void make_device(uint32_t rank, RoomParts& room);
  struct RoomParts {
    RoomParts(runtime::Timeline& timeline, runtime::Clock& clock, std::shared_ptr<storage::MemoryMedium> medium,
              uint64_t seed)
        : reactor(timeline, {.clock = &clock, .seed = seed}),
          disk(reactor.reactor(), std::move(medium), {.timeline = &timeline, .seed = seed}) {}
    runtime::VirtualReactor reactor;
    storage::MemoryDisk disk;
  };
  struct Machine {
    fabric::SimNodeId node;
    uint16_t first_port = 20000;
    std::array<std::shared_ptr<storage::MemoryMedium>, kTargets + 1> media;
    std::array<std::unique_ptr<RoomParts>, kTargets + 1> rooms;
    std::unique_ptr<fabric::Transport> transport;
    std::unique_ptr<Engine> engine;
  };
  static std::string host(uint32_t rank) { return fmt::format("engine{}", rank); }
  std::string address_of(uint32_t rank, uint32_t room) const {
    return fmt::format("tcp://{}:{}", host(rank), machines_.at(rank).first_port + (room == kSystem ? 0 : 1 + room));
  }
  Room room(Machine& machine, uint32_t i) {
    return {machine.rooms[i]->reactor.reactor(), machine.rooms[i]->disk, *machine.transport};
  }

  vos::PlantedBugs planted_;
  uint32_t pieces_;
  runtime::Timeline timeline_;
  runtime::VirtualClock clock_{timeline_};
  fabric::SimNetwork network_{timeline_, 1};
  fabric::SimNodeId client_node_;
  std::map<uint32_t, Machine> machines_;
  runtime::VirtualReactor client_reactor_{timeline_, {.clock = &clock_, .seed = 99}};
  std::unique_ptr<fabric::Transport> client_transport_;
  std::optional<rpc::Node> client_;
  uint64_t seed_ = 0;
  uint64_t incarnation_ = 0;
};

inline void TestWorld::make_device(uint32_t rank, RoomParts& room) {
  const auto make = [](storage::Disk& disk, vos::DeviceHeader header) -> runtime::Task<Status> {
    std::unique_ptr<storage::File> file = DX_CO_TRY(co_await disk.open("device-0", {.create = true}));
    DX_CO_TRY(co_await file->truncate(header.bytes));
    DX_CO_TRY(co_await file->flush());
    file.reset();
    DX_CO_TRY(co_await disk.sync_directory(""));
    Status written = co_await vos::write_device_header(disk, "device-0", header);
    co_return written;
  };
  const Status made = runtime::run(timeline_, room.reactor.reactor(), make(room.disk, device_header(rank)));
  EXPECT_TRUE(made.ok()) << made.to_string();
}

}  // namespace daos::engine
