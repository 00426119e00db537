// Goal: the contract on a good network, and that a bad one does what sim_network.h says, repeatably.
#include "platform/fabric/sim/sim_network.h"

#include "platform/fabric/contract/virtual_bench.h"

namespace daos::fabric {
namespace {

using namespace std::chrono_literals;

class SimBench : public VirtualBench {
 public:
  SimBench() {
    LinkModel model;
    model.delay_max = 2ms;
    model.slow_ppm = 100'000;
    network_.set_model(model);
    for (const char* name : {"client", "server"}) {
      transports_.push_back(network_.transport(network_.add_node(name)));
    }
  }
  Result<std::unique_ptr<Endpoint>> open(int node, EndpointOptions options, Receiver& receiver) override {
    return transports_[node]->open(reactor(node), std::move(options), receiver);
  }
  std::string any_address(int node) override { return node == 0 ? "sim://client:0" : "sim://server:0"; }
  std::string dead_address(int) override { return "sim://server:9"; }

 private:
  SimNetwork network_{timeline_, 42};
  std::vector<std::unique_ptr<Transport>> transports_;
};
std::unique_ptr<FabricBench> make_bench() { return std::make_unique<SimBench>(); }
INSTANTIATE_TEST_SUITE_P(Sim, FabricContract, testing::Values(&make_bench),
                         [](const auto&) { return std::string("good_network"); });

/// A client that counts upwards, saying each number again until it is answered, and a server that keeps what it hears.
struct World {
  struct Side : Receiver {
    explicit Side(World& w) : world(w) {}
    void on_message(PeerId from, IoBuf message) override {
      react(from, std::stoull(std::string(as_text(message.bytes()))));
    }
    void on_peer_up(PeerId, const Identity&) override { ups++; }
    void on_peer_down(PeerId peer, const Status&) override {
      downs++;
      if (down) down(peer);
    }
    World& world;
    std::function<void(PeerId, uint64_t)> react;
    std::function<void(PeerId)> down;
    std::unique_ptr<Endpoint> endpoint;
    uint64_t ups = 0;
    uint64_t downs = 0;
  };

  explicit World(uint64_t seed) : network(timeline, seed) {
    client_node = network.add_node("client");
    server_node = network.add_node("server");
    client.endpoint = network.transport(client_node)->open(reactors[0].reactor(), {}, client).take();
    listen();
    to_server = *client.endpoint->peer("sim://server:1");
    server.react = [this](PeerId from, uint64_t number) {
      heard.push_back(number);
      answer(from, number);
    };
    client.react = [this](PeerId, uint64_t number) {
      if (number != next) return;
      next++;
      if (counting) say();
    };
    client.down = [this](PeerId) {
      if (counting) say();
    };
  }
  void listen() {
    server.endpoint =
        network.transport(server_node)->open(reactors[1].reactor(), {.listen = "sim://server:1"}, server).take();
  }
  void say() { client.endpoint->send(to_server, as_bytes(std::to_string(next))); }
  void answer(PeerId to, uint64_t number) { server.endpoint->send(to, as_bytes(std::to_string(number))); }
  void count_for(Duration time) {
    counting = true;
    reactors[0].reactor().post([this] { say(); });
    timeline.run_until(timeline.now() + time);
    counting = false;
    timeline.run_until(timeline.now() + 60s);
  }

  runtime::Timeline timeline;
  runtime::VirtualClock clock{timeline};
  SimNetwork network;
  runtime::VirtualReactor reactors[2] = {{timeline, {.clock = &clock, .seed = 1}},
                                         {timeline, {.clock = &clock, .seed = 2}}};
  Side client{*this}, server{*this};
  SimNodeId client_node, server_node;
  PeerId to_server;
  uint64_t next = 1;
  bool counting = false;
  std::vector<uint64_t> heard;
};

LinkModel bad() {
  LinkModel model;
  model.reset_ppm = 10'000;
  model.duplicate_ppm = 10'000;
  model.slow_ppm = 10'000;
  return model;
}

TEST(SimNetwork, EqualSeedsGiveEqualRunsAndOthersDoNot) {
  uint64_t traces[3];
  for (int i = 0; i < 3; i++) {
    World world(i == 2 ? 8 : 7);
    world.network.set_model(bad());
    world.count_for(2s);
    traces[i] = world.network.trace().value();
  }
  EXPECT_EQ(traces[0], traces[1]);
  EXPECT_NE(traces[0], traces[2]);
}

TEST(SimNetwork, LostMessagesComeLateOrNeverAndDuplicatesComeAgain) {
  World world(7);
  world.network.set_model(bad());
  world.count_for(5s);
  EXPECT_GT(world.next, 100u) << "the client reconnects by itself";
  EXPECT_GT(world.network.counts().resets, 5u);
  EXPECT_GT(world.network.counts().late, 0u);
  EXPECT_GT(world.network.counts().duplicates, 0u);
  EXPECT_GT(world.client.downs, 5u);
  uint64_t highest = 0, again = 0, stale = 0;
  for (const uint64_t number : world.heard) {
    EXPECT_LE(number, highest + 1) << "a number is said only once the one before was answered";
    again += number == highest;
    stale += number < highest;
    highest = std::max(highest, number);
  }
  EXPECT_GT(again, 0u);
  EXPECT_GT(stale, 0u) << "late messages arrive behind those of the next connection";
}

TEST(SimNetwork, APartitionHoldsMessagesBack) {
  World world(3);
  world.count_for(10ms);
  const uint64_t before = world.next;
  world.network.block(world.client_node, world.server_node);
  world.reactors[0].reactor().post([&] { world.say(); });
  world.timeline.run_until(world.timeline.now() + 5s);
  EXPECT_EQ(world.next, before);
  world.network.unblock_all();
  world.timeline.run_until(world.timeline.now() + 1s);
  EXPECT_EQ(world.next, before + 1);
  EXPECT_EQ(world.client.downs, 0u);
}

TEST(SimNetwork, ALongPartitionEndsTheConnectionAtBothEnds) {
  World world(3);
  world.count_for(10ms);
  world.network.block(world.client_node, world.server_node);
  world.reactors[0].reactor().post([&] { world.say(); });
  world.timeline.run_until(world.timeline.now() + 30s);
  EXPECT_EQ(world.client.downs, 1u);
  EXPECT_EQ(world.server.downs, 1u);
  const uint64_t before = world.next;
  world.reactors[0].reactor().post([&] { world.say(); });
  world.timeline.run_until(world.timeline.now() + 10s);
  EXPECT_EQ(world.client.downs, 2u) << "connecting times out as well";
  world.network.unblock_all();
  world.reactors[0].reactor().post([&] { world.say(); });
  world.timeline.run_until(world.timeline.now() + 10s);
  EXPECT_EQ(world.next, before + 1);
}

TEST(SimNetwork, ACrashedNodeIsSilentOrResetsAndComesBackAnew) {
  for (const CrashKind kind : {CrashKind::kReset, CrashKind::kSilent}) {
    World world(5);
    world.count_for(10ms);
    const Time crashed = world.timeline.now();
    world.network.crash(world.server_node, kind);
    EXPECT_EQ(world.network.transport(world.server_node)
                  ->open(world.reactors[1].reactor(), {.listen = "sim://server:2"}, world.server)
                  .code(),
              Code::kIo);
    const size_t heard = world.heard.size();
    Time learned;
    world.client.down = [&](PeerId) { learned = world.timeline.now(); };
    world.reactors[0].reactor().post([&] { world.say(); });
    world.reactors[1].reactor().post([&] { world.answer(PeerId(1), world.next); });  // the dead say nothing
    world.timeline.run_until(world.timeline.now() + 40s);
    EXPECT_EQ(world.heard.size(), heard);
    EXPECT_EQ(world.client.downs, 1u);
    EXPECT_EQ(learned - crashed > Duration(5s), kind == CrashKind::kSilent);
    world.network.restart(world.server_node);
    world.listen();
    world.count_for(10ms);
    EXPECT_GT(world.heard.size(), heard);
  }
}

}  // namespace
}  // namespace daos::fabric
