// Scenario "system": engines with their services and targets, clients on the client library's core, an administrator
// who makes the pool, an agent who reports dead clients. Everything is the product's own code but for the agent's
// socket, of which only the answer is simulated.
#include "sim/scenarios/system.h"

#include "client/core/object.h"
#include "model/classes/generate.h"
#include "model/messages/property_numbers.h"
#include "server/engine/engine.h"
#include "sim/scenarios/register_run.h"

namespace daos::sim {

using namespace std::chrono_literals;
using runtime::Task;

namespace {

constexpr uint16_t kPort = 20000;
constexpr std::string_view kLabel = "tank";
const Uuid kPool = Uuid::from_random(0x9001, 1);
const Uuid kContainer = Uuid::from_random(0xc0, 1);

/// What a run is made of.
struct Shape {
  uint32_t engines = 1;
  uint32_t targets = 2;  // of each
  journal::Durability durability = journal::Durability::kPower;
};

std::string host(uint32_t engine) { return fmt::format("engine-{}", engine); }

/// What the agent would say.
class KnownSystem : public core::SystemSource {
 public:
  Task<Result<core::SystemRef>> find(core::Lane&) override {
    co_return std::make_shared<const core::SystemView>(core::SystemView{
        .system = Uuid::from_random(0x5e, 1),
        .name = "daos_server",
        .provider = "ofi+tcp",
        .service_addresses = {fmt::format("tcp://{}:{}", host(0), kPort)},
        .credential = {.user = "simulated@", .groups = {"simulated@"}, .host = "simulation"},
    });
  }
};

class EngineProgram : public Program {
 public:
  EngineProgram(Life& life, uint32_t rank, const Shape& shape, const RunOptions& options) : life_(life) {
    messages::EngineAddress address{.host = host(rank), .system_port = kPort};
    std::vector<engine::Room> rooms;
    for (uint32_t target = 0; target < shape.targets; target++) {
      address.target_ports.push_back(static_cast<uint16_t>(kPort + 1 + target));
      runtime::Reactor& reactor = life.add_reactor();
      rooms.push_back({reactor, life.disk(reactor), life.transport()});
    }
    engine::EngineConfig config{.system = Uuid::from_random(0x5e, 1),
                                .system_name = "daos_server",
                                .engine = Uuid::from_random(0xe0, rank),
                                .rank = map::Rank(rank),
                                .address = std::move(address),
                                .service_address = fmt::format("tcp://{}:{}", host(0), kPort),
                                .memory_bytes = 1 * kGiB,
                                .incarnation = life.number(),
                                .build = "simulation",
                                .log_segment_bytes = 1 * kMiB,
                                .bulk_bytes_max = 512 * kKiB,
                                .planted = options.planted};
    engine_.emplace(std::move(config), engine::Room{life.reactor(), life.disk(life.reactor()), life.transport()},
                    std::move(rooms));
  }
  Task<Status> start(runtime::StopToken) override { return engine_->start(); }
  Task<void> stop() override {
    const Status stopped = co_await engine_->stop();
    stopped.ignore("its disks are gone");
    // The targets' reactors have their last turn before the engine goes.
    const Status slept = co_await runtime::sleep(life_.reactor(), life_.reactor().within(1ms));
    slept.ignore("nobody stops this wait");
  }

 private:
  Life& life_;
  std::optional<engine::Engine> engine_;
};

/// A process with the client library: one client, one lane.
class LibraryProgram : public Program {
 public:
  LibraryProgram(Life& life, core::Patience patience)
      : life_(life),
        client_({.id = Uuid::from_random(life.random(), life.random()),
                 .system = &system_,
                 .patience = patience,
                 .log = life.world().logger(life.name()),
                 .part_bytes = 128 * kKiB}),
        lane_(life.reactor(), client_),
        scope_(life.reactor()) {}
  Task<Status> start(runtime::StopToken) override {
    DX_CO_TRY(lane_.open(life_.transport(), {.client = client_.id()}));
    scope_.spawn(main());
    co_return Status();
  }
  Task<void> stop() override {
    scope_.stop();
    const Status joined = co_await scope_.join();
    joined.ignore("its tasks report by the history");
    co_await lane_.close();
  }

 protected:
  virtual Task<void> main() = 0;
  /// Until it works: a system may be starting.
  template <class Operation>
  Task<void> insist(Operation operation) {
    while (!scope_.token().stop_requested()) {
      const Status status = co_await operation();
      if (status.ok()) co_return;
      life_.world().note([&] { return fmt::format("{}: {}", life_.name(), status); });
      const Status slept = co_await runtime::sleep(life_.reactor(), life_.reactor().within(20ms, scope_.token()));
      slept.ignore("the loop looks at the token");
    }
  }

  Life& life_;
  KnownSystem system_;
  core::Client client_;
  core::Lane lane_;
  runtime::Scope scope_;
};

/// Makes pool and container.
class Admin : public LibraryProgram {
 public:
  Admin(Life& life, const Shape& shape, bool& ready) : LibraryProgram(life, {}), shape_(shape), ready_(ready) {}

 private:
  Task<void> main() override {
    co_await insist([this] { return make_pool(); });
    co_await insist([this] { return make_container(); });
    ready_ = !life_.crashed() && !scope_.token().stop_requested();
  }
  Task<Status> make_pool() {
    core::Attempts attempts(lane_, scope_.token(), 10s);
    Result<messages::SystemQueryReply> system =
        co_await core::ask_system(lane_, messages::SystemQueryRequest{}, attempts);
    if (!system.ok()) co_return system.status();
    if (system->members.size() < shape_.engines) co_return Status(Code::kAgain, "engines are missing");
    messages::PoolCreateRequest request{.pool = kPool,
                                        .label = std::string(kLabel),
                                        .tier_bytes_per_engine = {128 * kMiB, 0},
                                        .durability = static_cast<uint8_t>(shape_.durability),
                                        .properties = {{.type = messages::kPoolOwner, .text = "simulated@"},
                                                       {.type = messages::kPoolOwnerGroup, .text = "simulated@"}}};
    Result<messages::PoolSummary> made = co_await core::ask_system(lane_, request, attempts);
    co_return made.status();
  }
  Task<Status> make_container() {
    core::ConnectedPool connected = DX_CO_TRY(co_await core::connect_pool(
        lane_, std::string(kLabel), "", messages::PoolAccess::kReadWrite, false, scope_.token()));
    Status made = co_await core::create_container(lane_, connected.pool, kContainer, {}, scope_.token());
    if (made.code() == Code::kExists) made = Status();
    co_return made;
  }
  const Shape& shape_;
  bool& ready_;
};

/// Tells the system of clients that have died.
class AgentProgram : public LibraryProgram {
 public:
  AgentProgram(Life& life, std::vector<Uuid>& dead) : LibraryProgram(life, {}), dead_(dead) {}

 private:
  Task<void> main() override {
    while (!scope_.token().stop_requested()) {
      const Status slept = co_await runtime::sleep(life_.reactor(), life_.reactor().within(50ms, scope_.token()));
      slept.ignore("the loop looks at the token");
      if (dead_.empty()) continue;
      core::Attempts attempts(lane_, scope_.token(), 10s);
      Result<messages::Nothing> told =
          co_await core::ask_system(lane_, messages::ClientEndRequest{.client = dead_.back()}, attempts);
      if (!told.ok()) continue;
      DX_PROBE("agent: dead client reported");
      dead_.pop_back();
    }
  }
  std::vector<Uuid>& dead_;
};

/// Runs lanes of the workload, or (`read` given) reads every key once.
class ClientProgram : public LibraryProgram, private RegisterClient {
 public:
  ClientProgram(Life& life, const Shape& shape, Workload& workload, std::vector<Uuid>* dead, bool* read)
      : LibraryProgram(life, {.total = 1s + Duration(static_cast<int64_t>(life.random() % 10'000'000'000))}),
        shape_(shape),
        workload_(workload),
        dead_(dead),
        read_(read) {}
  ~ClientProgram() override {
    if (dead_ != nullptr) dead_->insert(dead_->begin(), client_.id());
  }

 private:
  Task<void> main() override {
    co_await insist([this] { return open(); });
    if (!container_ || life_.crashed()) co_return;
    const uint32_t number = workload_.next_client++;
    if (read_ != nullptr) {
      co_await read_all(life_, *this, workload_, number, scope_.token());
      *read_ = !life_.crashed() && !scope_.token().stop_requested();
      co_return;
    }
    for (uint32_t lane = 0; lane < workload_.lanes; lane++) {
      scope_.spawn(run_lane(life_, *this, workload_, number, runtime::Rng(life_.random()), scope_.token()));
    }
  }
  Task<Status> open() {
    core::ConnectedPool connected = DX_CO_TRY(co_await core::connect_pool(
        lane_, std::string(kLabel), "", messages::PoolAccess::kReadWrite, false, scope_.token()));
    core::OpenedContainer opened = DX_CO_TRY(co_await core::open_container(
        lane_, connected.pool, kContainer.to_string(), 2 /* DAOS_COO_RW */, scope_.token()));
    container_ = std::move(opened.container);
    co_return Status();
  }

  /// Every second object is spread over all targets, so that its dkeys differ in where they are.
  Result<core::ObjectRef> object(uint32_t key) const {
    const uint32_t groups = key / 2 % 2 == 0 ? 1 : classes::kAllGroups;
    const classes::Fit fit{.domains = shape_.engines, .targets = shape_.engines * shape_.targets};
    const classes::ObjectId id =
        DX_TRY(classes::generate_oid({.lo = key / 2, .hi = 0}, 0, classes::make_class(1, groups), 0, fit));
    return core::open_object(container_, id, true);
  }
  static IoBuf dkey(uint32_t key) { return IoBuf::copy_of(as_bytes(fmt::format("dkey-{}", key))); }
  static IoBuf akey(size_t akey) { return IoBuf::copy_of(as_bytes(fmt::format("akey-{}", akey))); }

  Task<Answer> update(uint32_t key, ValueId value) override {
    Result<core::ObjectRef> object = this->object(key);
    if (!object.ok()) co_return Answer{Outcome::kNotExecuted, value, object.status().to_string()};
    core::Update update{.dkey = dkey(key)};
    std::vector<IoBuf> values = make_values(key, value);
    for (size_t i = 0; i < values.size(); i++) {
      update.akeys.push_back({.akey = akey(i), .record_bytes = values[i].size()});
      update.memory.emplace_back(values[i].data(), values[i].size());
    }
    const Status status = co_await core::update_object(lane_, *object, std::move(update), scope_.token());
    // The application uses its memory for something else now: whoever still reads it shows.
    for (IoBuf& value : values) std::ranges::fill(value.writable(), std::byte{'?'});
    const Outcome outcome = status.ok()                              ? Outcome::kOk
                            : status.code() == Code::kOutcomeUnknown ? Outcome::kUnknown
                                                                     : Outcome::kNotExecuted;
    co_return Answer{outcome, value, status.ok() ? "" : status.to_string()};
  }
  Task<Answer> fetch(uint32_t key) override {
    Result<core::ObjectRef> object = this->object(key);
    if (!object.ok()) co_return Answer{Outcome::kNotExecuted, kAbsent, object.status().to_string()};
    core::Fetch fetch{.dkey = dkey(key)};
    std::vector<IoBuf> memory;
    for (size_t i = 0; i < akeys_of(key); i++) {
      fetch.akeys.push_back({.akey = akey(i)});
      memory.push_back(IoBuf::allocate(kValueBytesMax).take());
      fetch.memory.emplace_back(memory.back().data(), memory.back().size());
    }
    Result<std::vector<messages::FetchedValue>> found =
        co_await core::fetch_object(lane_, *object, std::move(fetch), scope_.token());
    if (!found.ok()) co_return Answer{Outcome::kNotExecuted, kAbsent, found.status().to_string()};
    std::vector<IoBuf> values;
    for (size_t i = 0; i < memory.size(); i++) values.push_back(memory[i].slice(0, (*found)[i].record_bytes));
    co_return Answer{Outcome::kOk, read_values(key, values), {}};
  }

  const Shape& shape_;
  Workload& workload_;
  std::vector<Uuid>* dead_;
  bool* read_;
  core::ContainerRef container_;
};

}  // namespace

RunResult run_system(uint64_t seed, const RunOptions& options) {
  World world(seed, options.log);
  if (options.observer) world.set_observer(options.observer);
  runtime::Rng rng = world.rng().fork();
  const Shape shape{.engines = static_cast<uint32_t>(1 + rng.below(4)),
                    .targets = static_cast<uint32_t>(1 + rng.below(2)),
                    .durability = rng.below(4) == 0 ? journal::Durability::kProcess : journal::Durability::kPower};
  Workload workload;
  workload.keys = static_cast<uint32_t>(2 + rng.below(8));
  workload.lanes = static_cast<uint32_t>(1 + rng.below(4));
  workload.think_max = 1ms + Duration(static_cast<int64_t>(rng.below(40'000'000)));
  const uint64_t clients = 2 + rng.below(3);
  bool ready = false;
  bool read = false;
  std::vector<Uuid> dead;

  NemesisOptions faults{.power_may_fail = shape.durability == journal::Durability::kPower,
                        .messages_come_twice = false};
  for (uint32_t rank = 0; rank < shape.engines; rank++) {
    Node& node = world.add_node(host(rank));
    node.install([&, rank](Life& life) { return std::make_unique<EngineProgram>(life, rank, shape, options); });
    node.start();
    faults.servers.push_back(&node);
  }
  Node& admin = world.add_node("admin");
  admin.install([&](Life& life) { return std::make_unique<Admin>(life, shape, ready); });
  admin.start();
  if (!world.run_until([&] { return ready; }, 1min)) {
    world.fail("no pool and container after a minute without faults");
    world.take_down();
    return {.failures = world.failures()};
  }
  Node& agent = world.add_node("agent");
  agent.install([&](Life& life) { return std::make_unique<AgentProgram>(life, dead); });
  agent.start();
  for (uint64_t i = 0; i < clients; i++) {
    Node& node = world.add_node(fmt::format("client-{}", i));
    node.install([&](Life& life) { return std::make_unique<ClientProgram>(life, shape, workload, &dead, nullptr); });
    node.start();
    faults.clients.push_back(&node);
  }
  Node& reader = world.add_node("reader");
  reader.install([&](Life& life) { return std::make_unique<ClientProgram>(life, shape, workload, nullptr, &read); });
  return run_registers({world, workload, std::move(faults), reader, read});
}

}  // namespace daos::sim
