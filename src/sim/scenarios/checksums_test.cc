// Goal: with checksums of any type, whatever is written in whatever overlap reads back and verifies, in whole and in
// part; and a bit that turned, on the disk, in memory or on the way, is found, named, and never handed out. Method: the
// client library's core and a real target over a simulated network, with a stand-in for the pool's service; values are
// extents on a disk, or in memory.
#include <gtest/gtest.h>

#include "client/core/object.h"
#include "model/classes/generate.h"
#include "model/map/builder.h"
#include "model/messages/property_numbers.h"
#include "platform/fabric/sim/sim_network.h"
#include "platform/runtime/virtual_time.h"
#include "platform/storage/memory/memory_disk.h"
#include "server/object/ops/ops.h"

namespace daos::sim {
namespace {

using namespace std::chrono_literals;
using runtime::Task;
using stripe::ChecksumType;

const Uuid kPool = Uuid::from_random(0x9001, 0);
const Uuid kContainer = Uuid::from_random(0xc0, 1);
constexpr uint16_t kTargetPort = 2001;

IoBuf buffer(std::string_view text) { return IoBuf::copy_of(as_bytes(text)); }

/// How the container protects, and where values are.
struct Setting {
  ChecksumType type = ChecksumType::kCrc32;
  uint32_t chunk = 64;
  bool server_verifies = false;
  bool on_disk = true;
};

class World : public core::SystemSource {
 public:
  explicit World(const Setting& setting)
      : setting_(setting),
        map_(map::make_uniform_map(1, 1, "engine", kTargetPort - 1)),
        client_({.id = Uuid::from_random(1, 1), .system = this, .patience = {.total = 20s}, .part_bytes = 4096}) {
    service_transport_ = network_.transport(network_.add_node("service"));
    target_transport_ = network_.transport(network_.add_node("target"));
    client_transport_ = network_.transport(network_.add_node("client"));
    EXPECT_TRUE(
        service_
            .open(*service_transport_, {.listen = "tcp://service:1000", .identity = {.role = fabric::Role::kEngine}})
            .ok());
    serve();
    object::serve(target_);
    EXPECT_TRUE(runtime::run(timeline_, target_reactor_.reactor(), target_.start(*target_transport_)).ok());
    messages::ShardCreateRequest request{.pool = kPool, .map = map_->encode()};
    request.spec.tier_bytes[0] = 64 * kMiB;
    request.spec.tier_bytes[1] = setting.on_disk ? 64 * kMiB : 0;
    request.spec.inline_max = setting.on_disk ? 256 : 1u << 20;
    request.spec.durability = static_cast<uint8_t>(journal::Durability::kProcess);
    const Status made = runtime::run(timeline_, target_reactor_.reactor(), target_.create_shard(std::move(request)));
    EXPECT_TRUE(made.ok()) << made.to_string();
    lane_.emplace(client_reactor_.reactor(), client_);
    EXPECT_TRUE(lane_->open(*client_transport_, {.client = client_.id(), .role = fabric::Role::kClient}).ok());
    auto pool = run(core::connect_pool(*lane_, "tank", "", messages::PoolAccess::kReadWrite, false, {}));
    EXPECT_TRUE(pool.ok()) << pool.status().to_string();
    auto container = run(core::open_container(*lane_, pool->pool, "box", 2, {}));
    EXPECT_TRUE(container.ok()) << container.status().to_string();
    const auto id =
        classes::generate_oid({.lo = 7}, 0, classes::class_from_name("S1"), 0, {.domains = 1, .targets = 1});
    object_ = *core::open_object(container->container, *id, true);
  }
  ~World() override {
    const auto close = [](auto& what) -> Task<Status> {
      co_await what.close();
      co_return Status();
    };
    EXPECT_TRUE(run(close(*lane_)).ok());
    EXPECT_TRUE(runtime::run(timeline_, target_reactor_.reactor(), target_.stop()).ok());
    EXPECT_TRUE(runtime::run(timeline_, service_reactor_.reactor(), close(service_)).ok());
  }
  template <class T>
  T run(Task<T> task) {
    return runtime::run(timeline_, client_reactor_.reactor(), std::move(task));
  }
  Task<Result<core::SystemRef>> find(core::Lane&) override {
    co_return std::make_shared<const core::SystemView>(
        core::SystemView{.name = "stand-in", .service_addresses = {"tcp://service:1000"}});
  }

  /// In two pieces of memory, or (`owned`) with the request.
  Status write(const std::string& akey, uint64_t record_bytes, const std::vector<messages::Extent>& extents,
               std::string& bytes, bool owned = false) {
    core::Update update{.dkey = buffer("d")};
    messages::AkeyUpdate& part = update.akeys.emplace_back();
    part = {.akey = buffer(akey),
            .kind = extents.empty() ? messages::ValueKind::kSingle : messages::ValueKind::kArray,
            .record_bytes = record_bytes,
            .extents = extents};
    if (owned) {
      part.value = buffer(bytes);
    } else {
      update.memory.push_back(memory(bytes));
    }
    return run(core::update_object(*lane_, object_, std::move(update), {}));
  }
  struct Read {
    Status status;
    std::string bytes;  // '#' where there was nothing
    uint64_t record_bytes = 0;
  };
  Read read(const std::string& akey, const std::vector<messages::Extent>& extents, uint64_t room) {
    Read read{.bytes = std::string(room, '#')};
    core::Fetch fetch{.dkey = buffer("d")};
    fetch.akeys.push_back({.akey = buffer(akey),
                           .kind = extents.empty() ? messages::ValueKind::kSingle : messages::ValueKind::kArray,
                           .extents = extents});
    fetch.memory.push_back(memory(read.bytes));
    auto values = run(core::fetch_object(*lane_, object_, std::move(fetch), {}));
    read.status = values.status();
    if (values.ok()) read.record_bytes = (*values)[0].record_bytes;
    return read;
  }
  /// A single value that comes with the reply.
  Result<std::string> fetch_owned(const std::string& akey, uint64_t room) {
    core::Fetch fetch{.dkey = buffer("d")};
    fetch.akeys.push_back({.akey = buffer(akey), .bytes_max = room});
    const auto values = DX_TRY(run(core::fetch_object(*lane_, object_, std::move(fetch), {})));
    return std::string(as_text(values[0].value.bytes()));
  }
  static core::MemoryList memory(std::string& bytes) {
    core::MemoryList list;
    list.add(bytes.data(), bytes.size() / 3);
    list.add(bytes.data() + bytes.size() / 3, bytes.size() - bytes.size() / 3);
    return list;
  }

  /// Turns a bit of the one place where the disk has `bytes`.
  void flip_on_disk(std::string_view bytes, size_t at) {
    for (const std::string& file : medium_->files()) {
      if (!file.ends_with("/extents")) continue;
      const ByteVector content = medium_->content(file);
      const size_t place = as_text(content).find(bytes);
      if (place == std::string_view::npos) continue;
      medium_->flip_bit(file, place + at, 3);
      return;
    }
    FAIL() << "those bytes are not on the disk";
  }
  /// The same in the memory of the shard: what it hands out is what it has.
  void flip_in_memory(const std::string& akey, vos::ValueKind kind, vos::Extent extent, size_t at) {
    auto shard = target_.lease(kPool);
    vos::FetchOp op{.container = kContainer, .object = object_->id(), .dkey = buffer("d")};
    op.keys.push_back({.akey = buffer(akey), .kind = kind});
    if (kind == vos::ValueKind::kArray) op.keys[0].extents.push_back(extent);
    auto found = runtime::run(timeline_, target_reactor_.reactor(), (*shard)->shard().fetch(std::move(op)));
    ASSERT_TRUE(found.ok());
    IoBuf bytes = kind == vos::ValueKind::kArray ? found->keys[0].extents.at(0).data.bytes : found->keys[0].value;
    bytes.writable()[at] ^= std::byte{8};
  }
  runtime::Timeline& timeline() { return timeline_; }
  const core::ObjectRef& object() const { return object_; }

 private:
  void serve() {
    service_.serve<messages::PoolResolveRequest>(
        [](messages::PoolResolveRequest, rpc::Caller) -> Task<Result<messages::PoolResolveReply>> {
          co_return messages::PoolResolveReply{.pool = kPool, .service_addresses = {"tcp://service:1000"}};
        });
    service_.serve<messages::PoolConnectRequest>(
        [this](messages::PoolConnectRequest, rpc::Caller) -> Task<Result<messages::PoolConnectReply>> {
          co_return messages::PoolConnectReply{.map = map_->encode(), .info = {}};
        });
    service_.serve<messages::PoolMapFetchRequest>(
        [this](messages::PoolMapFetchRequest, rpc::Caller) -> Task<Result<messages::PoolMapReply>> {
          co_return messages::PoolMapReply{.map = map_->encode()};
        });
    service_.serve<messages::ContainerOpenRequest>(
        [this](messages::ContainerOpenRequest, rpc::Caller) -> Task<Result<messages::ContainerInfo>> {
          messages::ContainerInfo info{.container = kContainer};
          info.properties = {{.type = messages::kContainerChecksum, .number = static_cast<uint64_t>(setting_.type)},
                             {.type = messages::kContainerChecksumChunk, .number = setting_.chunk}};
          co_return info;
        });
    service_.serve<messages::HandleLookupRequest>([this](messages::HandleLookupRequest,
                                                         rpc::Caller) -> Task<Result<messages::HandleRights>> {
      co_return messages::HandleRights{
          .container = kContainer, .may_read = true, .may_write = true, .verify_checksums = setting_.server_verifies};
    });
  }

  const Setting setting_;
  runtime::Timeline timeline_;
  runtime::VirtualClock clock_{timeline_};
  fabric::SimNetwork network_{timeline_, 5};
  runtime::VirtualReactor service_reactor_{timeline_, {.clock = &clock_, .seed = 1}};
  runtime::VirtualReactor target_reactor_{timeline_, {.clock = &clock_, .seed = 2}};
  runtime::VirtualReactor client_reactor_{timeline_, {.clock = &clock_, .seed = 3}};
  std::unique_ptr<fabric::Transport> service_transport_, target_transport_, client_transport_;
  std::shared_ptr<storage::MemoryMedium> medium_ = std::make_shared<storage::MemoryMedium>();
  storage::MemoryDisk disk_{target_reactor_.reactor(), medium_, {.timeline = &timeline_, .seed = 9}};
  rpc::Node service_{service_reactor_.reactor(), {.role = rpc::ClockRole::kEngine}};
  target::Target target_{target_reactor_.reactor(),
                         disk_,
                         {.engine = Uuid::from_random(0xe0, 0),
                          .rank = map::Rank(0),
                          .directory = "target",
                          .listen = "tcp://engine:2001",
                          .service_address = "tcp://service:1000",
                          .incarnation = 1,
                          .build = "test",
                          .log_segment_bytes = 1u << 20}};
  map::PoolMapRef map_;
  core::Client client_;
  std::optional<core::Lane> lane_;
  core::ObjectRef object_;
};

std::string random_bytes(runtime::Rng& rng, size_t bytes) {
  std::string text(bytes, ' ');
  for (char& c : text) c = static_cast<char>('a' + rng.below(26));
  return text;
}

constexpr uint64_t kLong = 200'000;  // more than travels in messages

class EveryType : public testing::TestWithParam<std::tuple<int, bool>> {
 protected:
  Setting setting(uint32_t chunk) const {
    return {.type = static_cast<ChecksumType>(std::get<0>(GetParam())),
            .chunk = chunk,
            .server_verifies = true,
            .on_disk = std::get<1>(GetParam())};
  }
};
INSTANTIATE_TEST_SUITE_P(Checksums, EveryType, testing::Combine(testing::Range(1, 8), testing::Bool()));

TEST_P(EveryType, OverlappingWritesReadBackInAnyPart) {
  runtime::Rng rng(77);
  for (const auto& [record_bytes, chunk] : {std::pair<uint64_t, uint32_t>{1, 1000}, {7, 100}, {24, 16}}) {
    World world(setting(chunk));
    constexpr uint64_t kRecords = 20'000;
    std::string model(kRecords * record_bytes, '#');
    for (int step = 0; step < 60; step++) {
      const uint64_t start = rng.below(kRecords);
      const uint64_t count = 1 + rng.below(std::min<uint64_t>(kRecords - start, step % 5 == 0 ? kRecords : 700));
      std::string bytes = random_bytes(rng, count * record_bytes);
      const Status wrote = world.write("a", record_bytes, {{.start = start, .count = count}}, bytes, step % 2 == 0);
      ASSERT_TRUE(wrote.ok()) << wrote.to_string();
      model.replace(start * record_bytes, bytes.size(), bytes);
      for (int reads = 0; reads < 3; reads++) {
        const uint64_t from = rng.below(kRecords);
        const uint64_t records = 1 + rng.below(std::min<uint64_t>(kRecords - from, reads == 0 ? kRecords : 300));
        const World::Read read = world.read("a", {{.start = from, .count = records}}, records * record_bytes);
        ASSERT_TRUE(read.status.ok()) << read.status.to_string();
        ASSERT_EQ(read.bytes, model.substr(from * record_bytes, records * record_bytes)) << step;
      }
    }
  }
}

TEST_P(EveryType, ManySmallWritesAreOneRun) {
  runtime::Rng rng(82);
  World world(setting(1000));
  constexpr uint64_t kWrites = 40'000;  // their checksums alone would be more than a reply carries
  std::string bytes = random_bytes(rng, kWrites * 3);
  std::vector<messages::Extent> extents;
  for (uint64_t i = 0; i < kWrites; i++) extents.push_back({.start = 10 + i * 3, .count = 3});
  for (size_t first = 0; first < kWrites; first += 1000) {
    std::string some = bytes.substr(first * 3, 3000);
    const std::vector<messages::Extent> of_them(extents.begin() + static_cast<ptrdiff_t>(first),
                                                extents.begin() + static_cast<ptrdiff_t>(first + 1000));
    const Status wrote = world.write("m", 1, of_them, some);
    ASSERT_TRUE(wrote.ok()) << wrote.to_string();
  }
  const World::Read read = world.read("m", {{.start = 10, .count = kWrites * 3}}, kWrites * 3);
  ASSERT_TRUE(read.status.ok()) << read.status.to_string();
  EXPECT_EQ(read.bytes, bytes);
}

TEST_P(EveryType, SingleValuesAndTheEndOfTheIndexSpace) {
  runtime::Rng rng(78);
  World world(setting(64));
  for (const uint64_t bytes : {uint64_t{1}, uint64_t{300}, uint64_t{5000}, kLong}) {
    std::string value = random_bytes(rng, bytes);
    ASSERT_TRUE(world.write("s", bytes, {}, value).ok());
    const World::Read read = world.read("s", {}, bytes);
    ASSERT_TRUE(read.status.ok()) << read.status.to_string();
    EXPECT_EQ(read.bytes, value);
    const Result<std::string> owned = world.fetch_owned("s", bytes);
    ASSERT_TRUE(owned.ok()) << owned.status().to_string();
    EXPECT_EQ(*owned, value);
  }
  // Indices whose byte offsets are above 2^64.
  constexpr uint64_t kLast = (uint64_t{1} << 63) - 1000;
  std::string near_end = random_bytes(rng, 2 * 500 * 16);
  const Status wrote = world.write("e", 16, {{.start = 3, .count = 500}, {.start = kLast, .count = 500}}, near_end);
  ASSERT_TRUE(wrote.ok()) << wrote.to_string();
  const World::Read read = world.read("e", {{.start = kLast + 101, .count = 50}}, 50 * 16);
  ASSERT_TRUE(read.status.ok()) << read.status.to_string();
  EXPECT_EQ(read.bytes, near_end.substr((500 + 101) * 16, 50 * 16));
}

TEST_P(EveryType, ABitThatTurnedInTheStoreIsFoundAndNamed) {
  runtime::Rng rng(79);
  for (const uint64_t bytes : {uint64_t{30'000}, kLong}) {
    World world(setting(1000));
    std::string value = random_bytes(rng, bytes);
    ASSERT_TRUE(world.write("a", 1, {{.start = 500, .count = bytes}}, value).ok());
    constexpr uint64_t kTurned = 10'700;  // in the value; its chunk is [11'000, 12'000)
    if (std::get<1>(GetParam())) {
      world.flip_on_disk(value, kTurned);
    } else {
      world.flip_in_memory("a", vos::ValueKind::kArray, {.start = 500, .count = bytes}, kTurned);
    }
    // Whole; a part with the bit; a part of the same chunk without it, which nobody can vouch for.
    for (const auto& [from, count] : {std::pair<uint64_t, uint64_t>{500, bytes}, {11'150, 200}, {11'500, 20}}) {
      const World::Read read = world.read("a", {{.start = from, .count = count}}, count);
      EXPECT_EQ(read.status.code(), Code::kChecksum) << from << ": " << read.status.to_string();
      const std::string said = read.status.to_string();
      for (const std::string& name : {kPool.to_string(), kContainer.to_string(),
                                      fmt::format("{}", world.object()->id()), std::string("dkey \"d\"")}) {
        EXPECT_NE(said.find(name), std::string::npos) << said;
      }
      if (count != bytes) {
        EXPECT_NE(said.find("akey \"a\""), std::string::npos) << said;
        EXPECT_NE(said.find("records [11000, 12000)"), std::string::npos) << said;
      }
    }
    // Other chunks are as good as ever.
    const World::Read other = world.read("a", {{.start = 12'000, .count = 1500}}, 1500);
    ASSERT_TRUE(other.status.ok()) << other.status.to_string();
    EXPECT_EQ(other.bytes, value.substr(11'500, 1500));
  }
}

TEST_P(EveryType, ASingleValueThatTurnedIsFound) {
  runtime::Rng rng(80);
  World world(setting(1000));
  std::string value = random_bytes(rng, 20'000);
  ASSERT_TRUE(world.write("s", value.size(), {}, value).ok());
  if (std::get<1>(GetParam())) {
    world.flip_on_disk(value, 12'345);
  } else {
    world.flip_in_memory("s", vos::ValueKind::kSingle, {}, 12'345);
  }
  const World::Read read = world.read("s", {}, value.size());
  EXPECT_EQ(read.status.code(), Code::kChecksum) << read.status.to_string();
  EXPECT_EQ(world.fetch_owned("s", value.size()).code(), Code::kChecksum);
}

TEST_P(EveryType, WhatChangedOnItsWayIsRefusedByAServerThatVerifies) {
  runtime::Rng rng(81);
  for (const bool server_verifies : {true, false}) {
    Setting with = setting(1000);
    with.server_verifies = server_verifies;
    World world(with);
    std::string before = random_bytes(rng, kLong);
    ASSERT_TRUE(world.write("a", 1, {{.start = 0, .count = kLong}}, before).ok());
    std::string value = random_bytes(rng, kLong);
    // The checksums are made at once; the bytes are fetched no sooner than a message takes.
    world.timeline().after(1us, [&value] { value[123'456] ^= 8; });
    const Status wrote = world.write("a", 1, {{.start = 0, .count = kLong}}, value);
    EXPECT_EQ(wrote.code(), server_verifies ? Code::kChecksum : Code::kOk) << wrote.to_string();
    if (server_verifies) {
      EXPECT_NE(wrote.to_string().find("records [123000, 124000)"), std::string::npos) << wrote.to_string();
    }
    const World::Read read = world.read("a", {{.start = 0, .count = kLong}}, kLong);
    // Refused, the old value stays; stored, no reader is given it.
    EXPECT_EQ(read.status.code(), server_verifies ? Code::kOk : Code::kChecksum) << read.status.to_string();
    if (server_verifies) EXPECT_EQ(read.bytes, before);
  }
}

}  // namespace
}  // namespace daos::sim
