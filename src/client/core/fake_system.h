// For tests: a system service, a pool service and two targets, in virtual time over a simulated network. The targets
// keep values in a map and recognise repetitions as real ones do (rpc::SlotTable), and pull and place long ones; a test
// can make them deaf, slow or stale.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "client/core/object.h"
#include "model/classes/generate.h"
#include "model/map/builder.h"
#include "platform/fabric/sim/sim_network.h"
#include "platform/runtime/virtual_time.h"

namespace daos::core {

class FakeSystem : public SystemSource {
 public:
  static constexpr uint16_t kServicePort = 1000;
  static constexpr uint16_t kTargetPort = 2001;

  struct Target {
    enum class Mood { kWell, kDeaf, kExecutesSilently };
    Mood mood = Mood::kWell;
    std::map<std::string, std::string> values;  // "dkey/akey"
    std::map<std::string, int> executions;      // of each value
    rpc::SlotTable slots;
    uint64_t epoch = 100;
    map::MapVersion needs;  // an older map is stale
    int closes = 0;
    std::vector<fabric::RemoteMemory> lent;  // what requests lent, in their order
    fabric::PeerId lender;
    Status bulk;  // how the last transfer of long values ended
    std::unique_ptr<runtime::VirtualReactor> reactor;
    std::unique_ptr<fabric::Transport> transport;
    std::unique_ptr<rpc::Node> node;
  };

  explicit FakeSystem(Patience patience = {})
      : map_(map::make_uniform_map(1, 2, "engine", kTargetPort - 1)),
        client_({.id = Uuid::from_random(1, 1), .system = this, .patience = patience, .log = Logger(&log_)}) {
    service_node_ = network_.add_node("service");
    client_node_ = network_.add_node("client");
    service_transport_ = network_.transport(service_node_);
    client_transport_ = network_.transport(client_node_);
    service_.emplace(service_reactor_.reactor(), rpc::NodeOptions{});
    EXPECT_TRUE(
        service_->open(*service_transport_, {.listen = service_address(), .identity = {.role = fabric::Role::kEngine}})
            .ok());
    serve_services();
    for (Target& target : targets_) {
      const auto index = static_cast<uint16_t>(&target - targets_);
      engine_nodes_[index] = network_.add_node(fmt::format("target{}", index));
      open_target(index, static_cast<uint16_t>(kTargetPort + index));
    }
    lane_.emplace(client_reactor_.reactor(), client_);
    EXPECT_TRUE(lane_->open(*client_transport_, {.client = client_.id(), .role = fabric::Role::kClient}).ok());
  }
  ~FakeSystem() override {
    const Status closed = run([](Lane& lane) -> runtime::Task<Status> {
      co_await lane.close();
      co_return Status();
    }(*lane_));
    EXPECT_TRUE(closed.ok());
    close(*service_, service_reactor_);
    for (Target& target : targets_) close(*target.node, *target.reactor);
  }

  template <class T>
  T run(runtime::Task<T> task) {
    return runtime::run(timeline_, client_reactor_.reactor(), std::move(task));
  }
  runtime::Task<Result<SystemRef>> find(Lane&) override {
    co_return std::make_shared<const SystemView>(SystemView{.name = "fake", .service_addresses = {service_address()}});
  }

  Lane& lane() { return *lane_; }
  runtime::Timeline& timeline() { return timeline_; }
  fabric::SimNetwork& network() { return network_; }
  Target& target(size_t i) { return targets_[i]; }
  void block(size_t target) { network_.block(client_node_, engine_nodes_[target]); }
  std::vector<std::string>& warnings() { return log_.lines; }
  map::PoolMapRef map() { return map_; }
  void set_map(map::PoolMapRef map) { map_ = std::move(map); }
  int map_fetches = 0;

  /// The target listens elsewhere from now on.
  void move_target(size_t index, uint16_t port) {
    close(*targets_[index].node, *targets_[index].reactor);
    open_target(index, port);
  }

  ObjectRef open_object() {
    Result<ConnectedPool> pool = run(connect_pool(*lane_, "tank", "", messages::PoolAccess::kReadWrite, false, {}));
    EXPECT_TRUE(pool.ok()) << pool.status().to_string();
    Result<OpenedContainer> container = run(open_container(*lane_, pool->pool, "box", 2, {}));
    EXPECT_TRUE(container.ok()) << container.status().to_string();
    const auto oid =
        classes::generate_oid({.lo = 7}, 0, classes::class_from_name("S2"), 0, {.domains = 1, .targets = 2});
    Result<ObjectRef> object = core::open_object(container->container, *oid, true);
    EXPECT_TRUE(object.ok()) << object.status().to_string();
    return *object;
  }
  static IoBuf bytes(std::string_view text) { return IoBuf::copy_of(as_bytes(text)); }
  /// Index of the target that holds a dkey, by the map of the beginning.
  size_t holder(const ObjectRef& object, std::string_view dkey) {
    const placement::Placement placement(*map_);
    const auto group = classes::group_of(classes::dkey_hash(object->id().type(), as_bytes(dkey)), 2);
    return placement.target_of(object->id(), group).value();
  }
  /// A dkey that this target holds.
  std::string dkey_at(const ObjectRef& object, size_t target) {
    for (int i = 0;; i++) {
      const std::string dkey = fmt::format("key{}", i);
      if (holder(object, dkey) == target) return dkey;
    }
  }
  Status update(const ObjectRef& object, const std::string& dkey, std::string_view value,
                runtime::StopToken stop = {}) {
    return run(update_object(*lane_, object, make_update(dkey, value), stop));
  }
  static Update make_update(const std::string& dkey, std::string_view value) {
    Update update{.dkey = bytes(dkey), .akeys = {}};
    update.akeys.push_back({.akey = bytes("a"), .record_bytes = value.size(), .value = bytes(value)});
    return update;
  }
  std::string fetch(const ObjectRef& object, const std::string& dkey) {
    Fetch fetch{.dkey = bytes(dkey), .akeys = {}};
    fetch.akeys.push_back({.akey = bytes("a"), .bytes_max = 1000});
    auto values = run(fetch_object(*lane_, object, std::move(fetch), {}));
    if (!values.ok()) return values.status().to_string();
    return std::string(as_text((*values)[0].value.bytes()));
  }

 private:
  struct Lines : LogSink {
    void write(LogLevel level, std::string_view, std::string_view line) override {
      if (level >= LogLevel::kWarn) lines.emplace_back(line);
    }
    std::vector<std::string> lines;
  };
  static std::string service_address() { return fmt::format("tcp://service:{}", kServicePort); }

  void close(rpc::Node& node, runtime::VirtualReactor& reactor) {
    EXPECT_TRUE(runtime::run(timeline_, reactor.reactor(),
                             [](rpc::Node& n) -> runtime::Task<Status> {
                               co_await n.close();
                               co_return Status();
                             }(node))
                    .ok());
  }

  void serve_services() {
    service_->serve<messages::PoolResolveRequest>([](messages::PoolResolveRequest request,
                                                     rpc::Caller) -> runtime::Task<Result<messages::PoolResolveReply>> {
      if (request.pool != "tank" && request.pool != Uuid::from_random(3, 3).to_string()) {
        co_return error(Code::kNonexistent, "no pool {}", request.pool);
      }
      co_return messages::PoolResolveReply{.pool = Uuid::from_random(3, 3), .service_addresses = {service_address()}};
    });
    service_->serve<messages::PoolConnectRequest>(
        [this](messages::PoolConnectRequest, rpc::Caller) -> runtime::Task<Result<messages::PoolConnectReply>> {
          co_return messages::PoolConnectReply{.map = map_->encode(), .info = {}};
        });
    service_->serve<messages::PoolMapFetchRequest>(
        [this](messages::PoolMapFetchRequest, rpc::Caller) -> runtime::Task<Result<messages::PoolMapReply>> {
          map_fetches++;
          co_return messages::PoolMapReply{.map = map_->encode()};
        });
    service_->serve<messages::ContainerOpenRequest>(
        [](messages::ContainerOpenRequest, rpc::Caller) -> runtime::Task<Result<messages::ContainerInfo>> {
          co_return messages::ContainerInfo{.container = Uuid::from_random(4, 4)};
        });
  }

  void open_target(size_t index, uint16_t port) {
    Target& target = targets_[index];
    target.node.reset();
    target.transport = network_.transport(engine_nodes_[index]);
    if (target.reactor == nullptr) {
      target.reactor = std::make_unique<runtime::VirtualReactor>(
          timeline_, runtime::Reactor::Options{.clock = &clock_, .seed = 50 + index});
    }
    target.node = std::make_unique<rpc::Node>(target.reactor->reactor(), rpc::NodeOptions{});
    EXPECT_TRUE(target.node
                    ->open(*target.transport, {.listen = fmt::format("tcp://engine:{}", port),
                                               .identity = {.role = fabric::Role::kEngine}})
                    .ok());
    target.node->serve<messages::UpdateRequest>([&target](messages::UpdateRequest request, rpc::Caller caller) {
      return on_update(target, std::move(request), std::move(caller));
    });
    target.node->serve<messages::FetchRequest>([&target](messages::FetchRequest request, rpc::Caller caller) {
      return on_fetch(target, std::move(request), std::move(caller));
    });
    target.node->serve<messages::SlotCloseRequest>([&target](messages::SlotCloseRequest request, rpc::Caller caller) {
      return on_close(target, std::move(request), std::move(caller));
    });
  }

  static runtime::Task<void> be_silent(Target& target, runtime::CallContext context) {
    runtime::Event never(target.reactor->reactor());
    const Status waited = co_await never.wait(context);
    waited.ignore("the caller gave up");
  }
  static runtime::Task<Result<messages::UpdateReply>> on_update(Target& target, messages::UpdateRequest request,
                                                                rpc::Caller caller) {
    if (request.map_version < target.needs) co_return error(Code::kStale, "needs map {}", target.needs);
    if (target.mood == Target::Mood::kDeaf) {
      co_await be_silent(target, caller.context);
      co_return Status(Code::kTimedOut);
    }
    IoBuf value = request.akeys[0].value;
    if (request.akeys[0].lent_bytes > 0) {
      target.lent.push_back(request.lent);
      target.lender = caller.peer;
      value = IoBuf::allocate(request.akeys[0].lent_bytes).take();
      target.bulk = co_await target.node->endpoint().get(caller.peer, request.lent, value, caller.context);
      if (!target.bulk.ok()) co_return target.bulk;
    }
    const rpc::EndpointId endpoint{caller.identity.client, caller.identity.context};
    const rpc::SlotTable::Decision decision = target.slots.arrive(endpoint, request.slot);
    if (decision.verdict == rpc::SlotTable::Verdict::kDuplicate) {
      co_return messages::UpdateReply{.epoch = decision.outcome.epoch};
    }
    if (decision.verdict != rpc::SlotTable::Verdict::kNew) co_return Status(Code::kCancelled);
    const std::string key(as_text(request.dkey.bytes()));
    target.values[key] = std::string(as_text(value.bytes()));
    target.executions[target.values[key]]++;
    target.slots.record(endpoint, request.slot.slot, {.sequence = request.slot.sequence, .epoch = ++target.epoch});
    if (target.mood == Target::Mood::kExecutesSilently) co_await be_silent(target, caller.context);
    co_return messages::UpdateReply{.epoch = target.epoch};
  }
  static runtime::Task<Result<messages::FetchReply>> on_fetch(Target& target, messages::FetchRequest request,
                                                              rpc::Caller caller) {
    if (request.map_version < target.needs) co_return error(Code::kStale, "needs map {}", target.needs);
    messages::FetchReply reply;
    const std::string value = target.values[std::string(as_text(request.dkey.bytes()))];
    messages::FetchedValue& fetched = reply.values.emplace_back();
    fetched.record_bytes = value.size();
    if (value.size() > request.akeys[0].bytes_max) {
      fetched.too_big = true;
    } else if (request.lent.key == fabric::MemoryKey()) {
      fetched.value = bytes(value);
    } else {
      target.lent.push_back(request.lent);
      target.lender = caller.peer;
      target.bulk = co_await target.node->endpoint().put(caller.peer, request.lent, bytes(value), caller.context);
      if (!target.bulk.ok()) co_return target.bulk;
      if (target.mood == Target::Mood::kExecutesSilently) co_await be_silent(target, caller.context);
      reply.placed = true;
    }
    co_return reply;
  }
  static runtime::Task<Result<messages::SlotCloseReply>> on_close(Target& target, messages::SlotCloseRequest request,
                                                                  rpc::Caller caller) {
    target.closes++;
    const rpc::EndpointId endpoint{caller.identity.client, caller.identity.context};
    const std::optional<rpc::SlotOutcome> last = target.slots.last(endpoint, request.slot.slot);
    messages::SlotCloseReply reply;
    if (last && last->sequence + 1 == request.slot.sequence && !last->closed) reply.executed = last;
    target.slots.record(endpoint, request.slot.slot, {.sequence = request.slot.sequence, .closed = true});
    co_return reply;
  }

  runtime::Timeline timeline_;
  runtime::VirtualClock clock_{timeline_};
  fabric::SimNetwork network_{timeline_, 5};
  fabric::SimNodeId service_node_, client_node_, engine_nodes_[2];
  runtime::VirtualReactor service_reactor_{timeline_, {.clock = &clock_, .seed = 1}};
  runtime::VirtualReactor client_reactor_{timeline_, {.clock = &clock_, .seed = 2}};
  std::unique_ptr<fabric::Transport> service_transport_, client_transport_;
  std::optional<rpc::Node> service_;
  Target targets_[2];
  map::PoolMapRef map_;
  Lines log_;
  Client client_;
  std::optional<Lane> lane_;
};

}  // namespace daos::core
