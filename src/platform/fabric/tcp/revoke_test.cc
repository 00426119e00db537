// The memory of whoever gives up: transfers are stopped at every byte by a gate between two endpoints, memory is taken
// back there and filled with a mark, and the gate opened again. The mark must stay, nothing of it may reach the other
// side, and the connection must go on as if nothing had been.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/fabric/tcp/frame.h"
#include "platform/fabric/tcp/socket.h"
#include "platform/fabric/tcp/test_node.h"

namespace daos::fabric::tcp {
namespace {

/// Forwards one connection, as many bytes of each direction as it is allowed to.
class Gate {
 public:
  explicit Gate(const std::string& to) : to_(std::move(SocketAddress::parse(to)).take()) {
    listener_ = std::move(listen_at(std::move(SocketAddress::parse(kLoopback)).take())).take();
    address_ = std::move(local_address(listener_)).take().to_string();
  }
  ~Gate() {
    for (const int fd : {listener_, inner_, outer_}) {
      if (fd >= 0) close(fd);
    }
  }
  const std::string& address() const { return address_; }

  void step() {
    if (inner_ < 0) {
      SocketAddress from;
      inner_ = std::move(accept_next(listener_, from)).take();
      if (inner_ < 0) return;
      outer_ = std::move(begin_connect(to_)).take();
      pollfd connected{outer_, POLLOUT, 0};
      ASSERT_EQ(poll(&connected, 1, -1), 1);
      ASSERT_TRUE(finish_connect(outer_).ok());
    }
    forward(inner_, outer_, to_server);
    forward(outer_, inner_, to_client);
  }
  /// Both ends notice that the connection is gone.
  void cut() {
    linger hard{1, 0};
    for (int* fd : {&inner_, &outer_}) {
      setsockopt(*fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
      close(*fd);
      *fd = -1;
    }
  }

  struct Direction {
    uint64_t allowed = UINT64_MAX;  // bytes still to be let through
    uint64_t passed = 0;
  };
  Direction to_server;
  Direction to_client;

 private:
  static void forward(int from, int to, Direction& direction) {
    char bytes[65536];
    const size_t most = std::min<uint64_t>(direction.allowed, sizeof bytes);
    if (most == 0) return;
    ssize_t got = recv(from, bytes, most, MSG_DONTWAIT | MSG_PEEK);
    if (got <= 0) return;
    const ssize_t sent = send(to, bytes, static_cast<size_t>(got), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent <= 0) return;
    ASSERT_EQ(recv(from, bytes, static_cast<size_t>(sent), MSG_DONTWAIT), sent);
    direction.passed += static_cast<uint64_t>(sent);
    if (direction.allowed != UINT64_MAX) direction.allowed -= static_cast<uint64_t>(sent);
  }
  SocketAddress to_;
  int listener_ = -1;
  std::string address_;
  int inner_ = -1;
  int outer_ = -1;
};

class RevokeTest : public testing::Test {
 protected:
  static constexpr std::byte kMark{0xee};

  void SetUp() override {
    server_peer = std::move(client.endpoint().peer(gate.address())).take();
    client.endpoint().send(server_peer, as_bytes("hi"));
    ASSERT_TRUE(run([&] { return !server.messages.empty() && !client.ups.empty(); }));
    client_peer = server.messages.front().from;
  }
  template <class Condition>
  bool run(Condition condition) {
    return drive_until(condition, client, server, gate);
  }
  void run_on() { drive_on(client, server, gate); }
  /// Another operation and a message each way, with the gate open: the connection has noticed nothing.
  void expect_alive() {
    gate.to_server.allowed = gate.to_client.allowed = UINT64_MAX;
    IoBuf memory = patterned(1000, 77);
    const MemoryKey key = client.endpoint().lend(Access::kPeerReads, {memory.writable()});
    IoBuf into = std::move(IoBuf::allocate(1000)).take();
    const auto get = server.get(client_peer, {key}, into.share());
    client.messages.clear();
    server.messages.clear();
    client.endpoint().send(server_peer, as_bytes("ping"));
    server.endpoint().send(client_peer, as_bytes("pong"));
    ASSERT_TRUE(run([&] { return get->result && !client.messages.empty() && !server.messages.empty(); }));
    EXPECT_TRUE(get->result->ok());
    EXPECT_TRUE(same(into.bytes(), memory.bytes()));
    EXPECT_TRUE(client.downs.empty());
    EXPECT_TRUE(server.downs.empty());
    client.endpoint().revoke(key);
  }
  static bool all_marked(ByteSpan bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == kMark; });
  }
  static void mark(IoBuf& buffer) { std::fill_n(buffer.data(), buffer.size(), kMark); }

  Node server{kLoopback};
  Gate gate{server.endpoint().address()};
  Node client{""};
  PeerId server_peer;
  PeerId client_peer;
};

TEST_F(RevokeTest, MemoryBeingWrittenIsTheOwnersAgainAtEveryByte) {
  constexpr size_t kBytes = 150;
  for (size_t at = 0; at <= kHeaderBytes + kBytes; at++) {
    IoBuf memory = patterned(kBytes, 1);
    const MutableByteSpan all = memory.writable();
    const MemoryKey key = client.endpoint().lend(Access::kPeerWrites, {all.first(40), all.subspan(40)});
    gate.to_client = {.allowed = at};
    const auto put = server.put(client_peer, {key}, patterned(kBytes, 2));
    ASSERT_TRUE(run([&] { return put->result && gate.to_client.passed == at; }));
    run_on();
    client.endpoint().revoke(key);
    mark(memory);
    expect_alive();
    ASSERT_TRUE(all_marked(memory.bytes())) << "stopped at byte " << at;
  }
}

TEST_F(RevokeTest, MemoryBeingReadIsTheOwnersAgainAtEveryByte) {
  constexpr size_t kBytes = 150;
  const IoBuf original = patterned(kBytes, 1);
  for (size_t at = 0; at <= kHeaderBytes + kBytes; at++) {
    IoBuf memory = patterned(kBytes, 1);
    const MemoryKey key = client.endpoint().lend(Access::kPeerReads, {memory.writable()});
    gate.to_server = {.allowed = at};
    IoBuf into = std::move(IoBuf::allocate(kBytes)).take();
    const auto get = server.get(client_peer, {key}, into.share());
    ASSERT_TRUE(run([&] { return gate.to_server.passed == at; }));
    client.endpoint().revoke(key);
    mark(memory);
    expect_alive();
    ASSERT_TRUE(get->result.has_value());
    if (get->result->ok()) {
      EXPECT_TRUE(same(into.bytes(), original.bytes())) << "the mark has reached the other side at byte " << at;
    } else {
      EXPECT_EQ(get->result->code(), Code::kKeyRevoked);
    }
  }
}

TEST_F(RevokeTest, TheDestinationOfAGetThatTimesOutIsTheCallersAgainAtEveryByte) {
  constexpr size_t kBytes = 150;
  for (size_t at = 0; at < kHeaderBytes + kBytes; at++) {
    IoBuf memory = patterned(kBytes, 1);
    const MemoryKey key = client.endpoint().lend(Access::kPeerReads, {memory.writable()});
    gate.to_server = {.allowed = at};
    IoBuf into = patterned(kBytes, 3);
    const auto get = server.get(client_peer, {key}, into.share());
    ASSERT_TRUE(run([&] { return gate.to_server.passed == at; }));
    run_on();
    get->stop.request_stop();
    ASSERT_TRUE(run([&] { return get->result.has_value(); }));
    EXPECT_EQ(get->result->code(), Code::kCancelled);
    mark(into);
    expect_alive();
    ASSERT_TRUE(all_marked(into.bytes())) << "stopped at byte " << at;
    client.endpoint().revoke(key);
  }
}

TEST_F(RevokeTest, ALongReadStoppedInTheMiddleOfTheSendersQueueEndsWithKeyRevoked) {
  constexpr size_t kBytes = 24u << 20;  // more than the sockets of both sides swallow
  for (const uint64_t at : {0u, 33u, 262'176u, 262'177u, 1'000'000u}) {
    IoBuf memory = patterned(kBytes, 1);
    const IoBuf original = patterned(kBytes, 1);
    const MemoryKey key = client.endpoint().lend(Access::kPeerReads, {memory.writable()});
    gate.to_server = {.allowed = at};
    IoBuf into = std::move(IoBuf::allocate(kBytes)).take();
    mark(into);
    const auto get = server.get(client_peer, {key}, into.share());
    ASSERT_TRUE(run([&] { return gate.to_server.passed == at; }));
    run_on();
    client.endpoint().revoke(key);
    mark(memory);
    expect_alive();
    ASSERT_TRUE(get->result.has_value());
    EXPECT_EQ(get->result->code(), Code::kKeyRevoked);
    size_t came = 0;
    while (came < kBytes && into.data()[came] == original.data()[came]) came++;
    EXPECT_TRUE(all_marked(into.bytes().subspan(came))) << "what came is a beginning of the original and nothing else";
  }
}

TEST_F(RevokeTest, ALongWriteStoppedInTheMiddleEndsWithKeyRevoked) {
  constexpr size_t kBytes = 24u << 20;
  for (const uint64_t at : {0u, 33u, 300'000u}) {
    IoBuf memory = patterned(kBytes, 1);
    const MemoryKey key = client.endpoint().lend(Access::kPeerWrites, {memory.writable()});
    gate.to_client = {.allowed = at};
    const auto put = server.put(client_peer, {key}, patterned(kBytes, 2));
    ASSERT_TRUE(run([&] { return gate.to_client.passed == at; }));
    run_on();
    client.endpoint().revoke(key);
    mark(memory);
    expect_alive();
    ASSERT_TRUE(run([&] { return put->result.has_value(); }));
    EXPECT_EQ(put->result->code(), Code::kKeyRevoked);
    EXPECT_TRUE(all_marked(memory.bytes()));
  }
}

TEST_F(RevokeTest, APeerKilledInTheMiddleOfATransferCostsOnlyThatOperation) {
  Node bystander("", {.client = Uuid::from_random(5, 5)});
  const PeerId direct = std::move(bystander.endpoint().peer(server.endpoint().address())).take();
  bystander.endpoint().send(direct, as_bytes("here"));
  server.messages.clear();
  ASSERT_TRUE(drive_until([&] { return !server.messages.empty(); }, bystander, server));
  const PeerId bystander_peer = server.messages.front().from;

  for (const bool reading : {true, false}) {
    IoBuf memory = patterned(8u << 20, 1);
    const MemoryKey key =
        client.endpoint().lend(reading ? Access::kPeerReads : Access::kPeerWrites, {memory.writable()});
    (reading ? gate.to_server : gate.to_client) = {.allowed = 400'000};
    IoBuf buffer = patterned(24u << 20, 2).slice(0, reading ? 8u << 20 : 24u << 20);
    const auto operation =
        reading ? server.get(client_peer, {key}, buffer.share()) : server.put(client_peer, {key}, buffer.share());
    ASSERT_TRUE(
        run([&] { return (reading ? gate.to_server : gate.to_client).passed == 400'000 || operation->result; }));
    gate.cut();
    ASSERT_TRUE(run([&] { return operation->result && !server.downs.empty() && !client.downs.empty(); }));
    if (reading) EXPECT_EQ(operation->result->code(), Code::kConnectionLost);
    EXPECT_FALSE(operation->result->ok());
    client.endpoint().revoke(key);
    mark(memory);

    server.messages.clear();
    bystander.endpoint().send(direct, as_bytes("still here"));
    ASSERT_TRUE(drive_until([&] { return !server.messages.empty(); }, bystander, server));
    EXPECT_EQ(server.messages.front().from, bystander_peer);

    gate.to_server = gate.to_client = {};
    server.downs.clear();
    client.downs.clear();
    server.messages.clear();
    client.endpoint().send(server_peer, as_bytes("again"));
    ASSERT_TRUE(run([&] { return !server.messages.empty(); }));
    client_peer = server.messages.front().from;
    EXPECT_TRUE(all_marked(memory.bytes()));
  }
}

}  // namespace
}  // namespace daos::fabric::tcp
