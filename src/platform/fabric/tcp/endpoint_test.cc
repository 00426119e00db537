// Two or more endpoints talk over loopback, all driven from the test's thread.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "platform/fabric/tcp/test_node.h"

namespace daos::fabric::tcp {
namespace {

Identity identity(uint64_t number, uint64_t incarnation = 1) {
  return {.client = Uuid::from_random(number, number), .context = 3, .incarnation = incarnation};
}

class TcpEndpointTest : public testing::Test {
 protected:
  /// The client's id for the server, and the server's for the client, once both know each other.
  void meet() {
    server_peer = std::move(client.endpoint().peer(server.endpoint().address())).take();
    client.endpoint().send(server_peer, as_bytes("hi"));
    ASSERT_TRUE(drive_until([&] { return !server.messages.empty() && !client.ups.empty(); }, client, server));
    client_peer = server.messages.front().from;
    server.messages.clear();
  }

  Node server{kLoopback, identity(1, 77)};
  Node client{"", identity(2, 5)};
  PeerId server_peer;
  PeerId client_peer;
};

TEST_F(TcpEndpointTest, EchoesAndSaysWhoItIs) {
  meet();
  ASSERT_EQ(server.ups.size(), 1u);
  EXPECT_EQ(server.ups[0].identity.client, identity(2).client);
  EXPECT_EQ(server.ups[0].identity.context, 3u);
  ASSERT_EQ(client.ups.size(), 1u);
  EXPECT_EQ(client.ups[0].peer, server_peer);
  EXPECT_EQ(client.ups[0].identity.incarnation, 77u);
  server.endpoint().send(client_peer, as_bytes("head "), IoBuf::copy_of(as_bytes("payload")));
  ASSERT_TRUE(drive_until([&] { return !client.messages.empty(); }, client, server));
  EXPECT_EQ(client.messages[0].text(), "head payload");
  EXPECT_EQ(client.messages[0].from, server_peer);
}

TEST_F(TcpEndpointTest, KeepsOrderAndContentOfMessagesOfEverySize) {
  meet();
  std::vector<IoBuf> sent;
  for (const size_t bytes :
       {0u, 1u, 2047u, 2048u, 2049u, 16383u, 16384u, 16385u, 65536u, 300000u, 1u << 20, 5u, 70000u, 64u}) {
    sent.push_back(patterned(bytes, static_cast<uint8_t>(sent.size())));
  }
  sent.push_back(patterned(kMessageBytesMax - 4, 99));
  for (const IoBuf& payload : sent) client.endpoint().send(server_peer, as_bytes("head"), payload.share());
  ASSERT_TRUE(drive_until([&] { return server.messages.size() == sent.size(); }, client, server));
  for (size_t i = 0; i < sent.size(); i++) {
    const ByteSpan got = server.messages[i].message.bytes();
    ASSERT_EQ(got.size(), 4 + sent[i].size());
    EXPECT_EQ(as_text(got.first(4)), "head");
    EXPECT_TRUE(same(got.subspan(4), sent[i].bytes())) << i;
  }
}

TEST_F(TcpEndpointTest, MessagesKeptByTheReceiverDoNotChange) {
  meet();
  for (int i = 0; i < 20000; i++) client.endpoint().send(server_peer, as_bytes(fmt::format("message {}", i)));
  ASSERT_TRUE(drive_until([&] { return server.messages.size() == 20000; }, client, server));
  for (int i = 0; i < 20000; i++)
    ASSERT_EQ(server.messages[static_cast<size_t>(i)].text(), fmt::format("message {}", i));
}

TEST_F(TcpEndpointTest, ServesManyPeers) {
  constexpr size_t kPeers = 100;
  std::vector<std::unique_ptr<Node>> clients;
  for (size_t i = 0; i < kPeers; i++) {
    clients.push_back(std::make_unique<Node>("", identity(100 + i)));
    const PeerId peer = std::move(clients[i]->endpoint().peer(server.endpoint().address())).take();
    clients[i]->endpoint().send(peer, as_bytes(fmt::format("{}", i)));
  }
  server.on_message_hook = [&](PeerId from, IoBuf& message) {
    server.endpoint().send(from, as_bytes("re "), message.share());
  };
  const auto step_all = [&] {
    bool all = true;
    for (auto& one : clients) {
      one->step();
      all &= !one->messages.empty();
    }
    return all;
  };
  ASSERT_TRUE(drive_until(step_all, server));
  for (size_t i = 0; i < kPeers; i++) EXPECT_EQ(clients[i]->messages[0].text(), fmt::format("re {}", i));
}

TEST_F(TcpEndpointTest, TheSameAddressIsTheSamePeer) {
  const std::string address = server.endpoint().address();
  EXPECT_EQ(*client.endpoint().peer(address), *client.endpoint().peer(address));
}

TEST_F(TcpEndpointTest, ReadsAndWritesLentMemory) {
  meet();
  for (const size_t bytes : {1u, 100u, 4096u, 256u << 10, (256u << 10) + 1, 3u << 20}) {
    IoBuf source = patterned(bytes, 1);
    const MemoryKey readable = client.endpoint().lend(Access::kPeerReads, {source.writable()});
    IoBuf into = std::move(IoBuf::allocate(bytes)).take();
    const auto get = server.get(client_peer, {readable}, into.share());
    ASSERT_TRUE(drive_until([&] { return get->result.has_value(); }, client, server));
    EXPECT_TRUE(get->result->ok()) << get->result->to_string();
    EXPECT_TRUE(same(into.bytes(), source.bytes()));

    IoBuf destination = patterned(bytes, 9);
    const MemoryKey writable = client.endpoint().lend(Access::kPeerWrites, {destination.writable()});
    const auto put = server.put(client_peer, {writable}, source.share());
    ASSERT_TRUE(drive_until([&] { return put->result.has_value(); }, client, server));
    EXPECT_TRUE(put->result->ok());
    server.endpoint().send(client_peer, as_bytes("done"));
    client.messages.clear();
    ASSERT_TRUE(drive_until([&] { return !client.messages.empty(); }, client, server));
    EXPECT_TRUE(same(destination.bytes(), source.bytes())) << "a put is ahead of the next message";
    client.endpoint().revoke(readable);
    client.endpoint().revoke(writable);
  }
}

TEST_F(TcpEndpointTest, LentPiecesAreOneRange) {
  meet();
  IoBuf memory = patterned(1000, 3);
  const MutableByteSpan all = memory.writable();
  const std::vector<MutableByteSpan> pieces = {all.subspan(700, 100), all.subspan(0, 0), all.subspan(10, 1),
                                               all.subspan(200, 400)};
  ByteVector range;
  for (const MutableByteSpan piece : pieces) range.insert(range.end(), piece.begin(), piece.end());
  const MemoryKey key = client.endpoint().lend(Access::kPeerReads, pieces);
  IoBuf into = std::move(IoBuf::allocate(450)).take();
  const auto get = server.get(client_peer, {key, 50}, into.share());
  ASSERT_TRUE(drive_until([&] { return get->result.has_value(); }, client, server));
  EXPECT_TRUE(get->result->ok());
  EXPECT_TRUE(same(into.bytes(), ByteSpan(range).subspan(50, 450)));

  const MemoryKey writable = client.endpoint().lend(Access::kPeerWrites, pieces);
  const IoBuf data = patterned(450, 200);
  const auto put = server.put(client_peer, {writable, 50}, data.share());
  server.endpoint().send(client_peer, as_bytes("done"));
  ASSERT_TRUE(drive_until([&] { return put->result.has_value() && !client.messages.empty(); }, client, server));
  ByteVector now;
  for (const MutableByteSpan piece : pieces) now.insert(now.end(), piece.begin(), piece.end());
  EXPECT_TRUE(same(ByteSpan(now).subspan(50, 450), data.bytes()));
  EXPECT_TRUE(same(ByteSpan(now).first(50), ByteSpan(range).first(50)));
}

TEST_F(TcpEndpointTest, ManyOperationsBothWaysAtOnce) {
  meet();
  constexpr size_t kOperations = 64;
  constexpr size_t kBytes = 300'000;
  std::vector<IoBuf> sources;
  std::vector<IoBuf> sinks;
  std::vector<std::unique_ptr<Node::Pending>> pending;
  for (size_t i = 0; i < kOperations; i++) {
    Node& owner = i % 2 == 0 ? client : server;
    Node& other = i % 2 == 0 ? server : client;
    const PeerId owner_id = i % 2 == 0 ? client_peer : server_peer;
    sources.push_back(patterned(kBytes, static_cast<uint8_t>(i)));
    sinks.push_back(std::move(IoBuf::allocate(kBytes)).take());
    if (i % 4 < 2) {
      const MemoryKey key = owner.endpoint().lend(Access::kPeerReads, {sources[i].writable()});
      pending.push_back(other.get(owner_id, {key}, sinks[i].share()));
    } else {
      const MemoryKey key = owner.endpoint().lend(Access::kPeerWrites, {sinks[i].writable()});
      pending.push_back(other.put(owner_id, {key}, sources[i].share()));
    }
  }
  client.endpoint().send(server_peer, as_bytes("end"));
  server.endpoint().send(client_peer, as_bytes("end"));
  const auto all_done = [&] {
    for (const auto& one : pending) {
      if (!one->result) return false;
    }
    return !client.messages.empty() && !server.messages.empty();
  };
  ASSERT_TRUE(drive_until(all_done, client, server));
  for (size_t i = 0; i < kOperations; i++) {
    EXPECT_TRUE(pending[i]->result->ok()) << i;
    EXPECT_TRUE(same(sinks[i].bytes(), sources[i].bytes())) << i;
  }
}

TEST_F(TcpEndpointTest, KeysThatDoNotFitCostOnlyTheirOperation) {
  meet();
  IoBuf memory = patterned(100, 1);
  const MemoryKey readable = client.endpoint().lend(Access::kPeerReads, {memory.writable()});
  const MemoryKey writable = client.endpoint().lend(Access::kPeerWrites, {memory.writable()});
  const auto outcome = [&](std::unique_ptr<Node::Pending> pending) {
    EXPECT_TRUE(drive_until([&] { return pending->result.has_value(); }, client, server));
    return pending->result->code();
  };
  const auto buffer = [](size_t bytes) { return std::move(IoBuf::allocate(bytes)).take(); };
  EXPECT_EQ(outcome(server.get(client_peer, {MemoryKey(12345)}, buffer(10))), Code::kKeyRevoked);
  EXPECT_EQ(outcome(server.get(client_peer, {writable}, buffer(10))), Code::kInvalid);
  EXPECT_EQ(outcome(server.get(client_peer, {readable, 91}, buffer(10))), Code::kInvalid);
  EXPECT_EQ(outcome(server.get(client_peer, {readable, UINT64_MAX - 3}, buffer(10))), Code::kInvalid);
  EXPECT_EQ(outcome(server.get(client_peer, {readable, 90}, buffer(10))), Code::kOk);
  EXPECT_EQ(outcome(server.get(client_peer, {readable, 100}, IoBuf())), Code::kOk);
  // A put that fits into one go has succeeded before the owner could refuse it; one that does not learns of it.
  const IoBuf before = IoBuf::copy_of(memory.bytes());
  EXPECT_EQ(outcome(server.put(client_peer, {readable}, patterned(100, 7))), Code::kOk);
  EXPECT_EQ(outcome(server.put(client_peer, {MemoryKey(9)}, patterned(32u << 20, 7))), Code::kKeyRevoked);
  EXPECT_EQ(outcome(server.put(client_peer, {readable}, patterned(32u << 20, 7))), Code::kInvalid);
  EXPECT_EQ(outcome(server.put(client_peer, {writable, 100}, patterned(32u << 20, 7))), Code::kInvalid);
  EXPECT_TRUE(same(before.bytes(), memory.bytes()));
  EXPECT_TRUE(client.downs.empty());
  EXPECT_TRUE(server.downs.empty());
}

TEST_F(TcpEndpointTest, OperationsEndWithTheirDeadlineOrStop) {
  meet();
  IoBuf memory = patterned(100, 1);
  const MemoryKey key = client.endpoint().lend(Access::kPeerReads, {memory.writable()});
  IoBuf into = patterned(100, 50);
  const auto late = server.get(client_peer, {key}, into.share(), server.reactor().now() - Duration(1));
  EXPECT_EQ(late->result->code(), Code::kTimedOut);
  const auto stopped = server.get(client_peer, {key}, into.share());
  stopped->stop.request_stop();
  ASSERT_TRUE(drive_until([&] { return stopped->result.has_value(); }, server));  // the client has not even been asked
  EXPECT_EQ(stopped->result->code(), Code::kCancelled);
  const IoBuf now = IoBuf::copy_of(into.bytes());
  drive_on(client, server);
  EXPECT_TRUE(same(into.bytes(), now.bytes())) << "what arrives for a finished get goes nowhere";
  const auto fine = server.get(client_peer, {key}, into.share());
  ASSERT_TRUE(drive_until([&] { return fine->result.has_value(); }, client, server));
  EXPECT_TRUE(fine->result->ok());
}

TEST_F(TcpEndpointTest, DeathEndsOperationsAndTellsTheReceiver) {
  meet();
  IoBuf memory = patterned(1 << 20, 1);
  const MemoryKey key = client.endpoint().lend(Access::kPeerReads, {memory.writable()});
  const auto get = server.get(client_peer, {key}, std::move(IoBuf::allocate(1 << 20)).take());
  server.step();
  client.kill();
  ASSERT_TRUE(drive_until([&] { return get->result.has_value() && !server.downs.empty(); }, server));
  EXPECT_EQ(get->result->code(), Code::kConnectionLost);
  EXPECT_EQ(server.downs[0].peer, client_peer);
  server.endpoint().send(client_peer, as_bytes("into the void"));
  const auto after = server.get(client_peer, {key}, std::move(IoBuf::allocate(10)).take());
  ASSERT_TRUE(after->result.has_value());
  EXPECT_EQ(after->result->code(), Code::kConnectionLost);
}

TEST_F(TcpEndpointTest, ReachesATargetThatCameBackAtTheSameAddress) {
  auto target = std::make_unique<Node>(kLoopback, identity(8, 1));
  const std::string address = target->endpoint().address();
  const PeerId peer = std::move(client.endpoint().peer(address)).take();
  client.endpoint().send(peer, as_bytes("one"));
  ASSERT_TRUE(drive_until([&] { return target->messages.size() == 1 && client.ups.size() == 1; }, client, *target));
  target.reset();
  ASSERT_TRUE(drive_until([&] { return client.downs.size() == 1; }, client));
  EXPECT_EQ(client.downs[0].peer, peer);

  client.endpoint().send(peer, as_bytes("nobody listens"));
  ASSERT_TRUE(drive_until([&] { return client.downs.size() == 2; }, client));
  EXPECT_EQ(client.downs[1].why.code(), Code::kUnreachable);
  EXPECT_THAT(client.downs[1].why.to_string(), testing::HasSubstr(address));

  target = std::make_unique<Node>(address, identity(8, 2));
  client.endpoint().send(peer, as_bytes("two"));
  ASSERT_TRUE(drive_until([&] { return target->messages.size() == 1; }, client, *target));
  EXPECT_EQ(target->messages[0].text(), "two") << "what was lost with the connection does not come later";
  ASSERT_TRUE(drive_until([&] { return client.ups.size() == 2; }, client, *target));
  EXPECT_EQ(client.ups[1].identity.incarnation, 2u);
}

TEST_F(TcpEndpointTest, SendsThatMeetADeadTargetWaitForItsBackoff) {
  // The port of an endpoint that is gone: connections are refused.
  std::string address;
  {
    Node gone(kLoopback);
    address = gone.endpoint().address();
  }
  const PeerId peer = std::move(client.endpoint().peer(address)).take();
  const Time before = client.reactor().fresh_now();
  for (size_t attempt = 1; attempt <= 5; attempt++) {
    client.endpoint().send(peer, as_bytes("hello?"));
    ASSERT_TRUE(drive_until([&] { return client.downs.size() == attempt; }, client));
  }
  EXPECT_GE(client.reactor().fresh_now() - before, std::chrono::milliseconds(1 + 2 + 4 + 8));
}

TEST_F(TcpEndpointTest, DropEndsTheConnectionOnBothSides) {
  meet();
  server.endpoint().drop(client_peer, error(Code::kProtocol, "not like this"));
  ASSERT_TRUE(drive_until([&] { return !server.downs.empty() && !client.downs.empty(); }, client, server));
  EXPECT_EQ(server.downs[0].why.code(), Code::kProtocol);
  EXPECT_THAT(server.downs[0].why.to_string(), testing::HasSubstr("not like this"));
  EXPECT_EQ(client.downs[0].why.code(), Code::kConnectionLost);
}

TEST_F(TcpEndpointTest, DropFromInsideOnMessageDeliversNothingMore) {
  meet();
  server.on_message_hook = [&](PeerId from, IoBuf&) { server.endpoint().drop(from, error(Code::kProtocol, "enough")); };
  for (int i = 0; i < 10; i++) client.endpoint().send(server_peer, as_bytes("again"));
  ASSERT_TRUE(drive_until([&] { return !server.downs.empty() && !client.downs.empty(); }, client, server));
  EXPECT_EQ(server.messages.size(), 1u);
}

TEST_F(TcpEndpointTest, ASecondConnectionOfTheSameClientEndsTheFirst) {
  meet();
  Node again("", identity(2, 6));
  const PeerId peer = std::move(again.endpoint().peer(server.endpoint().address())).take();
  again.endpoint().send(peer, as_bytes("me again"));
  ASSERT_TRUE(drive_until([&] { return !server.messages.empty() && !server.downs.empty(); }, client, server, again));
  EXPECT_EQ(server.downs[0].peer, client_peer);
  EXPECT_NE(server.messages[0].from, client_peer);
}

TEST_F(TcpEndpointTest, APortInUseIsNamed) {
  runtime::SystemClock clock;
  runtime::Reactor reactor({.clock = &clock});
  const auto poller = std::move(runtime::EpollPoller::create()).take();
  TcpTransport transport(*poller);
  const auto second = transport.open(reactor, {.listen = server.endpoint().address()}, server);
  EXPECT_EQ(second.code(), Code::kBusy);
  EXPECT_THAT(second.status().to_string(), testing::HasSubstr(server.endpoint().address()));
}

TEST_F(TcpEndpointTest, AddressesAreNumericAndErrorsSayHow) {
  for (const char* bad : {"", "127.0.0.1:1", "tcp://", "tcp://127.0.0.1", "tcp://:5", "tcp://localhost:5",
                          "tcp://[::1:5", "tcp://127.0.0.1:port", "tcp://127.0.0.1:99999x"}) {
    const auto peer = client.endpoint().peer(bad);
    EXPECT_EQ(peer.code(), Code::kInvalid) << bad;
    EXPECT_THAT(peer.status().to_string(), testing::HasSubstr("tcp://127.0.0.1:20011"));
  }
  EXPECT_TRUE(client.endpoint().peer("tcp://[::1]:5").ok());
}

TEST_F(TcpEndpointTest, EverySocketIsCloseOnExec) {
  meet();
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string what = std::filesystem::read_symlink(entry.path(), gone).string();
    if (gone || !what.starts_with("socket:")) continue;
    const int fd = std::stoi(entry.path().filename().string());
    EXPECT_NE(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0) << what;
  }
}

TEST_F(TcpEndpointTest, AForkedChildThatAbandonsLeavesTheParentAlone) {
  meet();
  const pid_t child = fork();
  if (child == 0) {
    client.endpoint().abandon_after_fork();
    server.endpoint().abandon_after_fork();
    client.poller().abandon_after_fork();
    server.poller().abandon_after_fork();
    size_t sockets = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code gone;
      const std::string what = std::filesystem::read_symlink(entry.path(), gone).string();
      sockets += what.starts_with("socket:") || what.find("eventpoll") != std::string::npos;
    }
    _exit(sockets == 0 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "the child kept a socket";
  client.endpoint().send(server_peer, as_bytes("still here"));
  ASSERT_TRUE(drive_until([&] { return !server.messages.empty(); }, client, server));
  server.endpoint().send(client_peer, as_bytes("me too"));
  ASSERT_TRUE(drive_until([&] { return !client.messages.empty(); }, client, server));
}

TEST_F(TcpEndpointTest, ClosingAnEndpointEndsWhatIsAwaited) {
  meet();
  IoBuf memory = patterned(10, 1);
  const MemoryKey key = server.endpoint().lend(Access::kPeerReads, {memory.writable()});
  const auto get = client.get(server_peer, {key}, std::move(IoBuf::allocate(10)).take());
  client.kill();
  ASSERT_TRUE(drive_until([&] { return get->result.has_value(); }, client));
  EXPECT_EQ(get->result->code(), Code::kConnectionLost);
}

}  // namespace
}  // namespace daos::fabric::tcp
