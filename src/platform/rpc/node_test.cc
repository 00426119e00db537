// Goal: a call ends once, with the reply, its deadline, its stop token or the death of the connection; nobody's bytes
// end the node, however many; clocks travel as the roles say. Method: nodes in virtual time over the in-process
// transport, and a bare endpoint where a peer must misbehave.
#include "platform/rpc/node.h"

#include <gtest/gtest.h>

#include "platform/fabric/in_process/in_process.h"
#include "platform/runtime/virtual_time.h"

namespace daos::rpc {
namespace {

using namespace std::chrono_literals;

struct EchoReply {
  std::string text;
  static void visit(auto&& visitor, auto& self) { visitor(self.text); }
};
struct Echo {
  static constexpr uint16_t kMethod = 7;
  static constexpr std::string_view kName = "echo";
  using Reply = EchoReply;
  std::string text;
  static void visit(auto&& visitor, auto& self) { visitor(self.text); }
};

/// A node on a reactor and a clock of its own. Answers echoes: "refuse" with an error, "late N" N ms later, "hang" when
/// it is stopped.
class Peer {
 public:
  Peer(runtime::Timeline& timeline, fabric::Transport& transport, NodeOptions options, std::string listen = "",
       fabric::Role role = fabric::Role::kEngine)
      : clock(timeline), reactor_(timeline, {.clock = &clock, .seed = 3}), node(reactor_.reactor(), options) {
    node.serve<Echo>([this](Echo request, Caller caller) { return answer(std::move(request), std::move(caller)); });
    EXPECT_TRUE(node.open(transport,
                          {.listen = std::move(listen), .identity = {.client = Uuid::from_random(1, 2), .role = role}})
                    .ok());
  }
  runtime::Reactor& reactor() { return reactor_.reactor(); }

  runtime::VirtualClock clock;

 private:
  runtime::Task<Result<EchoReply>> answer(Echo request, Caller caller) {
    handled++;
    deadline = caller.context.deadline;
    if (request.text == "refuse") co_return error(Code::kNoSpace, "no room for \"{}\"", request.text);
    if (request.text.starts_with("late ")) {
      const auto pause = std::chrono::milliseconds(std::stoi(request.text.substr(5)));
      DX_CO_TRY(co_await runtime::sleep(reactor(), reactor().within(pause)));
    }
    if (request.text.starts_with("grow ")) {
      co_return EchoReply{.text = std::string(std::stoul(request.text.substr(5)), 'x')};
    }
    if (request.text == "hang") {
      DX_CO_TRY(co_await runtime::sleep(reactor(), {.stop = caller.context.stop}));
    }
    co_return EchoReply{.text = request.text};
  }
  runtime::VirtualReactor reactor_;

 public:
  Node node;
  int handled = 0;
  Time deadline;
};

runtime::Task<Status> close_node(Node& node) {
  co_await node.close();
  co_return Status();
}

class NodeTest : public testing::Test {
 protected:
  NodeTest() { restart_server(); }
  ~NodeTest() override {
    close(client_);
    if (server_) close(*server_);
  }
  void close(Peer& peer) { EXPECT_TRUE(runtime::run(timeline_, peer.reactor(), close_node(peer.node)).ok()); }
  void restart_server(NodeOptions options = {}) {
    if (server_) close(*server_);
    server_ = std::make_unique<Peer>(timeline_, transport_, options, "inproc://server");
  }
  fabric::PeerId to_server(Peer& from) { return *from.node.endpoint().peer("inproc://server"); }
  Result<EchoReply> echo(Peer& from, std::string text, runtime::CallContext context) {
    return runtime::run(timeline_, from.reactor(),
                        from.node.call(to_server(from), Echo{.text = std::move(text)}, context));
  }
  Result<EchoReply> echo(std::string text) { return echo(client_, std::move(text), within(1s)); }
  runtime::CallContext within(Duration limit) { return {.deadline = timeline_.now() + limit}; }
  void let_time_pass(Duration duration) { timeline_.run_until(timeline_.now() + duration); }

  runtime::Timeline timeline_;
  fabric::InProcessTransport transport_;
  std::atomic<uint64_t> seen_{0};
  Peer client_{timeline_, transport_, {.role = ClockRole::kClient, .seen_clock = &seen_}, "", fabric::Role::kClient};
  std::unique_ptr<Peer> server_;
};

TEST_F(NodeTest, ACallReturnsTheReply) {
  const auto reply = echo("hello");
  ASSERT_TRUE(reply.ok()) << reply.status().to_string();
  EXPECT_EQ(reply->text, "hello");
}

TEST_F(NodeTest, WhatNoMessageHoldsIsAnErrorOfTheCall) {
  constexpr size_t kMost = fabric::kMessageBytesMax - sizeof(Header) - sizeof(uint32_t);
  EXPECT_EQ(echo(std::string(kMost + 1, 'x')).code(), Code::kOverflow);
  EXPECT_EQ(server_->handled, 0);
  EXPECT_EQ(echo(fmt::format("grow {}", kMost + 1)).code(), Code::kOverflow);
  const auto most = echo(fmt::format("grow {}", kMost));
  ASSERT_TRUE(most.ok()) << most.status().to_string();
  EXPECT_EQ(most->text.size(), kMost);
}

TEST_F(NodeTest, AnErrorComesWithItsCodeAndItsWords) {
  const auto reply = echo("refuse");
  EXPECT_EQ(reply.code(), Code::kNoSpace);
  EXPECT_EQ(reply.status().message(), "no room for \"refuse\"");
}

TEST_F(NodeTest, TheDeadlineTravelsAndEndsTheCall) {
  const Time before = timeline_.now();
  EXPECT_EQ(echo(client_, "late 500", within(20ms)).code(), Code::kTimedOut);
  EXPECT_GE(timeline_.now() - before, 20ms);
  EXPECT_LT(timeline_.now() - before, 30ms);
  EXPECT_GE(server_->deadline, before + 20ms);
  EXPECT_LT(server_->deadline, before + 30ms);
}

TEST_F(NodeTest, ALateReplyFindsNobody) {
  EXPECT_EQ(echo(client_, "late 50", within(20ms)).code(), Code::kTimedOut);
  // The next call has the same index and waits while the other's reply arrives.
  const auto reply = echo("late 100");
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->text, "late 100");
  EXPECT_EQ(server_->handled, 2);
}

TEST_F(NodeTest, AStopTokenEndsTheCall) {
  runtime::StopSource stop;
  timeline_.after(10ms, [&] { client_.reactor().post([&] { stop.request_stop(); }); });
  EXPECT_EQ(echo(client_, "late 500", {.stop = stop.token()}).code(), Code::kCancelled);
}

TEST_F(NodeTest, ALostConnectionEndsTheCallsOnIt) {
  timeline_.after(10ms, [&] { client_.node.endpoint().drop(to_server(client_), error(Code::kIo, "a cut wire")); });
  const auto reply = echo("late 500");
  EXPECT_EQ(reply.code(), Code::kConnectionLost);
  EXPECT_NE(reply.status().message().find("a cut wire"), std::string_view::npos) << reply.status().to_string();
  let_time_pass(1s);
  EXPECT_TRUE(echo("again").ok()) << "an outgoing peer is reached again";
}

TEST_F(NodeTest, NobodyThereIsALostConnectionOrATimeOut) {
  close(*server_);
  server_.reset();
  const auto reply = echo("hello");
  EXPECT_TRUE(reply.code() == Code::kConnectionLost || reply.code() == Code::kTimedOut) << reply.status().to_string();
}

TEST_F(NodeTest, WhoKeepsStateOfAPeerHearsOfItsEnd) {
  std::vector<Uuid> ended;
  server_->node.on_peer_end(
      [&](fabric::PeerId, const fabric::Identity& identity) { ended.push_back(identity.client); });
  ASSERT_TRUE(echo("hello").ok());
  EXPECT_TRUE(ended.empty());
  client_.node.endpoint().drop(to_server(client_), error(Code::kIo, "over"));
  let_time_pass(1s);
  EXPECT_EQ(ended, std::vector<Uuid>{Uuid::from_random(1, 2)});
}

TEST_F(NodeTest, AnUnknownMethodIsRefused) {
  const auto reply = runtime::run(timeline_, client_.reactor(),
                                  client_.node.call_bytes(to_server(client_), Method(999), {}, {}, within(1s)));
  EXPECT_EQ(reply.code(), Code::kNotImplemented);
  EXPECT_NE(reply.status().message().find("999"), std::string_view::npos);
}

TEST_F(NodeTest, ABodyThatIsNoneIsRefused) {
  const auto reply = runtime::run(
      timeline_, client_.reactor(),
      client_.node.call_bytes(to_server(client_), Method(Echo::kMethod), ByteVector(3, std::byte(9)), {}, within(1s)));
  EXPECT_EQ(reply.code(), Code::kCorrupt);
  EXPECT_EQ(server_->handled, 0);
}

TEST_F(NodeTest, AboveItsMaximumItIsBusy) {
  restart_server({.requests_max = 2});
  runtime::Scope scope(client_.reactor());
  runtime::StopSource stop;
  std::vector<Code> codes;
  const auto call = [](Node& node, fabric::PeerId peer, runtime::CallContext context,
                       std::vector<Code>& into) -> runtime::Task<void> {
    const auto reply = co_await node.call(peer, Echo{.text = "late 100"}, context);
    into.push_back(reply.code());
  };
  client_.reactor().post([&] {
    for (int i = 0; i < 4; i++) scope.spawn(call(client_.node, to_server(client_), within(1s), codes));
  });
  let_time_pass(500ms);
  std::sort(codes.begin(), codes.end());
  EXPECT_EQ(codes, (std::vector<Code>{Code::kOk, Code::kOk, Code::kBusy, Code::kBusy}));
  EXPECT_EQ(server_->handled, 2);
  EXPECT_TRUE(runtime::run(timeline_, client_.reactor(), scope.join()).ok());
}

TEST_F(NodeTest, AClosingServerStopsItsHandlers) {
  runtime::Scope scope(client_.reactor());
  Code code = Code::kOk;
  const auto call = [](Node& node, fabric::PeerId peer, Code& into) -> runtime::Task<void> {
    const auto reply = co_await node.call(peer, Echo{.text = "hang"}, {});
    into = reply.code();
  };
  client_.reactor().post([&] { scope.spawn(call(client_.node, to_server(client_), code)); });
  let_time_pass(10ms);
  ASSERT_EQ(server_->handled, 1);
  close(*server_);
  server_.reset();
  let_time_pass(10ms);
  EXPECT_TRUE(code == Code::kCancelled || code == Code::kConnectionLost) << static_cast<int>(code);
  EXPECT_TRUE(runtime::run(timeline_, client_.reactor(), scope.join()).ok());
}

TEST_F(NodeTest, ANodeMayBeDestroyedAsSoonAsItIsClosed) {
  // A call still waits when its node closes; close() returns only when the call has let go of the node.
  auto lonely =
      std::make_unique<runtime::VirtualReactor>(timeline_, runtime::Reactor::Options{.clock = &client_.clock});
  auto node = std::make_unique<Node>(lonely->reactor(), NodeOptions{.role = ClockRole::kClient});
  ASSERT_TRUE(node->open(transport_, {}).ok());
  bool ended = false;
  const auto call = [](Node& n, bool& done) -> runtime::Task<void> {
    const auto reply = co_await n.call(*n.endpoint().peer("inproc://server"), Echo{.text = "late 100"}, {});
    EXPECT_EQ(reply.code(), Code::kCancelled);
    done = true;
  };
  const auto close_and_destroy = [](std::unique_ptr<Node>& n, bool& call_ended) -> runtime::Task<Status> {
    co_await n->close();
    EXPECT_TRUE(call_ended);
    n.reset();
    co_return Status();
  };
  runtime::Scope scope(lonely->reactor());
  lonely->reactor().post([&] { scope.spawn(call(*node, ended)); });
  let_time_pass(10ms);
  EXPECT_TRUE(runtime::run(timeline_, lonely->reactor(), close_and_destroy(node, ended)).ok());
  EXPECT_TRUE(runtime::run(timeline_, lonely->reactor(), scope.join()).ok());
}

// --- clocks

TEST_F(NodeTest, AClientCarriesTheHighestEngineClock) {
  const uint64_t server_before = server_->reactor().hlc().next();
  ASSERT_TRUE(echo("hello").ok());
  const uint64_t seen = seen_.load();
  EXPECT_GT(seen, server_before);
  EXPECT_GE(server_->reactor().hlc().last(), seen);
  // Another engine, whose clock is behind, starts above what the client has seen.
  Peer behind(timeline_, transport_, {}, "inproc://behind");
  behind.clock.step_wall_clock(-1h);
  auto late_server = std::make_unique<Peer>(timeline_, transport_, NodeOptions{}, "inproc://late");
  const auto reply =
      runtime::run(timeline_, client_.reactor(),
                   client_.node.call(*client_.node.endpoint().peer("inproc://late"), Echo{.text = "x"}, within(1s)));
  ASSERT_TRUE(reply.ok());
  EXPECT_GT(late_server->reactor().hlc().last(), seen);
  EXPECT_GT(seen_.load(), seen);
  close(behind);
  close(*late_server);
}

TEST_F(NodeTest, AClientsOwnClockReachesNobody) {
  client_.clock.step_wall_clock(1h);
  client_.reactor().hlc().observe(client_.reactor().hlc().next() + runtime::hlc_duration(1h));
  ASSERT_TRUE(echo("hello").ok());
  EXPECT_LT(server_->reactor().hlc().last(), server_->reactor().hlc().physical() + runtime::hlc_duration(1s));
}

TEST_F(NodeTest, AnEngineRefusesAnEngineWhoseClockIsTooFarAhead) {
  const auto call_from = [&](Duration ahead) {
    runtime::VirtualClock clock(timeline_);
    clock.step_wall_clock(ahead);
    // The clock is read when the reactor is made.
    runtime::VirtualReactor reactor(timeline_, {.clock = &clock, .seed = 9});
    Node node(reactor.reactor(), {.role = ClockRole::kEngine});
    EXPECT_TRUE(
        node.open(transport_, {.identity = {.client = Uuid::from_random(8, 8), .role = fabric::Role::kEngine}}).ok());
    const fabric::PeerId peer = *node.endpoint().peer("inproc://server");
    const auto reply = runtime::run(timeline_, reactor.reactor(), node.call(peer, Echo{.text = "x"}, within(1s)));
    EXPECT_TRUE(runtime::run(timeline_, reactor.reactor(), close_node(node)).ok());
    return reply.status();
  };
  EXPECT_TRUE(call_from(90ms).ok());
  const Status refused = call_from(500ms);
  EXPECT_EQ(refused.code(), Code::kInvalid);
  EXPECT_NE(refused.message().find("clock"), std::string_view::npos) << refused.to_string();
  EXPECT_EQ(server_->handled, 1);
  // The one that is behind refuses what the other answers.
  EXPECT_EQ(call_from(-500ms).code(), Code::kInvalid);
}

// --- peers that misbehave

class BadPeer : public NodeTest, public fabric::Receiver {
 protected:
  BadPeer() {
    raw_ = transport_.open(reactor_.reactor(), {.identity = {.client = Uuid::from_random(6, 6)}}, *this).take();
    peer_ = *raw_->peer("inproc://server");
  }
  ~BadPeer() override { raw_.reset(); }
  void on_message(fabric::PeerId, IoBuf message) override { messages_.push_back(message); }
  void on_peer_down(fabric::PeerId, const Status& why) override { down_.push_back(why); }

  static ByteVector header(uint8_t version, uint8_t kind, uint64_t hlc = 0) {
    ByteVector bytes;
    Encoder encoder(bytes);
    encoder(version, kind, Echo::kMethod, uint32_t{0}, uint64_t{77}, hlc, uint32_t{0}, uint32_t{0});
    return bytes;
  }
  void send(ByteVector head, std::string text = "") {
    encode_into(head, Echo{.text = std::move(text)});
    raw_->send(peer_, head);
    reactor_.wake();
    let_time_pass(100ms);
  }
  uint32_t status_of(const IoBuf& message) {
    uint32_t status = 0;
    std::memcpy(&status, message.data() + 4, sizeof status);
    return status;
  }

  runtime::VirtualClock clock_{timeline_};
  runtime::VirtualReactor reactor_{timeline_, {.clock = &clock_, .seed = 4}};
  std::unique_ptr<fabric::Endpoint> raw_;
  fabric::PeerId peer_;
  std::vector<IoBuf> messages_;
  std::vector<Status> down_;
};

TEST_F(BadPeer, AnotherVersionIsAnsweredSo) {
  send(header(2, 1), "hello");
  ASSERT_EQ(messages_.size(), 1u);
  EXPECT_EQ(status_of(messages_[0]), static_cast<uint32_t>(Code::kProtocol));
  EXPECT_NE(as_text(messages_[0].bytes()).find("version 2"), std::string_view::npos);
  EXPECT_EQ(server_->handled, 0);
  send(header(kRpcVersion, 1), "hello");
  EXPECT_EQ(server_->handled, 1);
}

TEST_F(BadPeer, WhatIsNoMessageEndsTheConnection) {
  raw_->send(peer_, as_bytes("too short"));
  reactor_.wake();
  let_time_pass(100ms);
  EXPECT_EQ(down_.size(), 1u);
  send(header(kRpcVersion, 9));
  EXPECT_EQ(down_.size(), 2u);
  EXPECT_TRUE(echo("others do not notice").ok());
}

TEST_F(BadPeer, RepliesThatNobodyAskedForAreDropped) {
  send(header(kRpcVersion, 2), "what?");
  EXPECT_TRUE(down_.empty());
  EXPECT_TRUE(echo("hello").ok());
}

TEST_F(BadPeer, AClientCannotPushAnEnginesClockAway) {
  // What a client carries came from an engine. A wild value, learned, would make every later epoch wrap around.
  send(header(kRpcVersion, 1, UINT64_MAX), "hello");
  ASSERT_EQ(messages_.size(), 1u);
  EXPECT_EQ(status_of(messages_[0]), static_cast<uint32_t>(Code::kInvalid));
  EXPECT_EQ(server_->handled, 0);
  EXPECT_LT(server_->reactor().hlc().last(), server_->reactor().hlc().physical() + runtime::hlc_duration(1s));
  // An engine that restarted several times within seconds may rightly be ahead of its physical clock, and its clients
  // with it.
  const uint64_t ahead = server_->reactor().hlc().physical() + runtime::hlc_duration(20s);
  send(header(kRpcVersion, 1, ahead), "hello");
  EXPECT_EQ(server_->handled, 1);
  EXPECT_GT(server_->reactor().hlc().last(), ahead);
}

}  // namespace
}  // namespace daos::rpc
