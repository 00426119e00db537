// A raw socket says things that no endpoint of ours would. It loses its connection, with one line in the log, and
// nobody else notices.
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/base/codec.h"
#include "platform/fabric/tcp/endpoint.h"
#include "platform/fabric/tcp/frame.h"
#include "platform/fabric/tcp/outbound.h"
#include "platform/fabric/tcp/socket.h"
#include "platform/fabric/tcp/test_node.h"

namespace daos::fabric::tcp {
namespace {

class HostileTest : public testing::Test {
 protected:
  void SetUp() override {
    server_peer = std::move(friendly.endpoint().peer(server.endpoint().address())).take();
    friendly.endpoint().send(server_peer, as_bytes("hi"));
    ASSERT_TRUE(drive_until([&] { return !server.messages.empty(); }, friendly, server));
    open_raw();
  }
  void TearDown() override {
    if (raw >= 0) close(raw);
    server.messages.clear();
    friendly.endpoint().send(server_peer, as_bytes("still served"));
    ASSERT_TRUE(drive_until([&] { return !server.messages.empty(); }, friendly, server));
    EXPECT_TRUE(friendly.downs.empty());
  }
  void open_raw() {
    if (raw >= 0) close(raw);
    raw = std::move(begin_connect(std::move(SocketAddress::parse(server.endpoint().address())).take())).take();
    pollfd connected{raw, POLLOUT, 0};
    ASSERT_EQ(poll(&connected, 1, -1), 1);
    ended = false;
  }
  void say(ByteSpan bytes) {
    ASSERT_EQ(::send(raw, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  void say_frame(const FrameHeader& header, ByteSpan payload = {}) {
    const auto sealed = seal(header);
    say(sealed);
    if (!payload.empty()) say(payload);
  }
  void say_hello() { say(hello_frame(FrameKind::kHello, {}).bytes()); }
  /// Reads what the server says; sets `ended` when it has closed.
  void listen() {
    std::byte bytes[4096];
    const ssize_t got = recv(raw, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got > 0) heard.insert(heard.end(), bytes, bytes + got);
    if (got == 0 || (got < 0 && errno == ECONNRESET)) ended = true;
  }
  void expect_closed(std::string_view why) {
    EXPECT_TRUE(drive_until(
        [&] {
          listen();
          return ended;
        },
        server, friendly));
    drive_on(server, friendly);
    ASSERT_FALSE(server.log.lines.empty());
    EXPECT_EQ(server.log.lines.size(), 1u);
    EXPECT_THAT(server.log.lines.back(), testing::HasSubstr(why));
    EXPECT_THAT(server.log.lines.back(), testing::HasSubstr("connection from tcp://127.0.0.1:"));
    server.log.lines.clear();
  }

  Node server{kLoopback};
  Node friendly{""};
  PeerId server_peer;
  int raw = -1;
  bool ended = false;
  ByteVector heard;
};

TEST_F(HostileTest, GarbageInsteadOfAHello) {
  say(as_bytes("GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: lost\r\n\r\n"));
  expect_closed("wrong crc");
}

TEST_F(HostileTest, AMessageBeforeTheHello) {
  say_frame({.payload_bytes = 3}, as_bytes("abc"));
  expect_closed("before the hello");
}

TEST_F(HostileTest, ABulkChunkBeforeTheHello) {
  say_frame({.payload_bytes = 3, .kind = FrameKind::kPutData}, as_bytes("abc"));
  expect_closed("before the hello");
}

TEST_F(HostileTest, HellosThatDoNotFit) {
  say(hello_frame(FrameKind::kHello, {.magic = 1}).bytes());
  expect_closed("does not speak this protocol");
  open_raw();
  say(hello_frame(FrameKind::kHelloAnswer, {}).bytes());
  expect_closed("wrong direction");
  open_raw();
  say_hello();
  say_hello();
  expect_closed("second hello");
}

TEST_F(HostileTest, AnotherVersionIsAnsweredBeforeTheEnd) {
  heard.clear();
  say(hello_frame(FrameKind::kHello, {.version_least = 2, .version_most = 9}).bytes());
  expect_closed("versions 2 to 9");
  ASSERT_EQ(heard.size(), kHeaderBytes + kHelloBytes);
  const Result<Hello> answer = open_hello(ByteSpan(heard).subspan(kHeaderBytes));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ((*answer).version_most, 0);
}

TEST_F(HostileTest, FramesAgainstTheProtocol) {
  say_hello();
  auto sealed = seal({.payload_bytes = 3});
  sealed[5] ^= std::byte{1};
  say(sealed);
  expect_closed("wrong crc");
  open_raw();
  say_hello();
  say_frame({.payload_bytes = kMessageBytesMax + 1});
  expect_closed("bytes of payload");
  open_raw();
  say_hello();
  say_frame({.payload_bytes = 3, .kind = static_cast<FrameKind>(77)});
  expect_closed("unknown kind 77");
  open_raw();
  say_hello();
  say_frame({.version = 4});
  expect_closed("version 4");
}

TEST_F(HostileTest, AnswersToQuestionsNeverAskedAreIgnored) {
  say_hello();
  say_frame({.payload_bytes = 3, .kind = FrameKind::kGetData, .operation = 5}, as_bytes("abc"));
  say_frame({.kind = FrameKind::kGetFailed, .operation = 5});
  say_frame({.kind = FrameKind::kPutFailed, .operation = 5, .offset = UINT64_MAX});
  say_frame({.kind = FrameKind::kGetCancel, .operation = 5});
  server.messages.clear();
  say_frame({.payload_bytes = 3}, as_bytes("abc"));
  ASSERT_TRUE(drive_until([&] { return !server.messages.empty(); }, server, friendly));
  EXPECT_TRUE(server.log.lines.empty());
}

TEST_F(HostileTest, UnknownKeysAreAnsweredLikeRevokedOnesAndTouchNothing) {
  IoBuf memory = patterned(100, 1);
  const IoBuf before = IoBuf::copy_of(memory.bytes());
  server.endpoint().lend(Access::kPeerWrites, {memory.writable()});
  say_hello();
  say_frame({.payload_bytes = 3, .kind = FrameKind::kPutData, .operation = 1, .key = 12345}, as_bytes("abc"));
  const uint64_t bytes = 8;
  say_frame({.payload_bytes = 8, .kind = FrameKind::kGet, .operation = 2, .key = 12345},
            std::as_bytes(std::span(&bytes, 1)));
  heard.clear();
  const size_t wanted = kHeaderBytes + kHelloBytes + 2 * kHeaderBytes;
  ASSERT_TRUE(drive_until(
      [&] {
        listen();
        return heard.size() >= wanted;
      },
      server, friendly));
  const Result<FrameHeader> put = open_header(ByteSpan(heard).subspan(kHeaderBytes + kHelloBytes));
  const Result<FrameHeader> get = open_header(ByteSpan(heard).subspan(kHeaderBytes * 2 + kHelloBytes));
  ASSERT_TRUE(put.ok());
  ASSERT_TRUE(get.ok());
  EXPECT_EQ((*put).kind, FrameKind::kPutFailed);
  EXPECT_EQ((*get).kind, FrameKind::kGetFailed);
  EXPECT_EQ((*get).offset, static_cast<uint64_t>(Code::kKeyRevoked));
  EXPECT_TRUE(same(memory.bytes(), before.bytes()));
}

TEST_F(HostileTest, ChunksOfAGetInTheWrongPlaceEndTheConnection) {
  say_hello();
  server.messages.clear();
  say_frame({.payload_bytes = 1}, as_bytes("x"));
  ASSERT_TRUE(drive_until([&] { return !server.messages.empty(); }, server, friendly));
  IoBuf into = patterned(100, 1);
  const IoBuf before = IoBuf::copy_of(into.bytes());
  const auto get = server.get(server.messages[0].from, {MemoryKey(1)}, into.share());
  drive_on(server, friendly);
  say_frame({.payload_bytes = 3, .kind = FrameKind::kGetData, .operation = 1, .offset = 98}, as_bytes("abc"));
  expect_closed("expected was one at 0 of 100");
  ASSERT_TRUE(get->result.has_value());
  EXPECT_EQ(get->result->code(), Code::kConnectionLost);
  EXPECT_TRUE(same(into.bytes(), before.bytes()));
}

TEST_F(HostileTest, APeerThatOnlyAsksIsBounded) {
  IoBuf memory = patterned(1u << 20, 1);
  const MemoryKey key = server.endpoint().lend(Access::kPeerReads, {memory.writable()});
  say_hello();
  const uint64_t bytes = memory.size();
  ByteVector gets;
  for (size_t i = 0; i < 100; i++) {
    const auto sealed = seal({.payload_bytes = 8, .kind = FrameKind::kGet, .operation = 1, .key = key.value()});
    gets.insert(gets.end(), sealed.begin(), sealed.end());
    const ByteSpan wanted = std::as_bytes(std::span(&bytes, 1));
    gets.insert(gets.end(), wanted.begin(), wanted.end());
  }
  // It reads nothing; the server takes in at most so many before it ends this.
  for (size_t i = 0; i < Outbound::kAnswersMax / 100 + 3; i++) {
    ::send(raw, gets.data(), gets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    drive_on(server, friendly);
  }
  EXPECT_TRUE(drive_until([&] { return !server.log.lines.empty(); }, server, friendly));
  EXPECT_THAT(server.log.lines.back(), testing::HasSubstr("gets under way"));
}

TEST_F(HostileTest, APeerThatSaysNothingIsNotWaitedForForEver) {
  drive_on(server, friendly);
  server.skip(Connection::kHelloLimit + std::chrono::seconds(1));
  EXPECT_TRUE(drive_until(
      [&] {
        listen();
        return ended;
      },
      server, friendly));
}

TEST_F(HostileTest, ATargetThatAcceptsAndSaysNothingIsReportedAsDown) {
  const int listener = std::move(listen_at(std::move(SocketAddress::parse(kLoopback)).take())).take();
  const std::string address = std::move(local_address(listener)).take().to_string();
  const PeerId mute = std::move(friendly.endpoint().peer(address)).take();
  friendly.endpoint().send(mute, as_bytes("hello?"));
  drive_on(friendly);
  EXPECT_TRUE(friendly.downs.empty());
  friendly.skip(Connection::kHelloLimit + std::chrono::seconds(1));
  EXPECT_TRUE(drive_until([&] { return !friendly.downs.empty(); }, friendly));
  EXPECT_EQ(friendly.downs[0].peer, mute);
  EXPECT_EQ(friendly.downs[0].why.code(), Code::kTimedOut);
  EXPECT_THAT(friendly.downs[0].why.to_string(), testing::HasSubstr(address));
  friendly.downs.clear();
  close(listener);
}

TEST_F(HostileTest, APeerThatDoesNotTakeItsMessagesIsDropped) {
  say_hello();
  server.messages.clear();
  say_frame({.payload_bytes = 1}, as_bytes("x"));
  ASSERT_TRUE(drive_until([&] { return !server.messages.empty(); }, server, friendly));
  const PeerId mute = server.messages[0].from;
  const IoBuf payload = patterned(kMessageBytesMax, 1);  // shared by all messages, so this costs little memory
  for (size_t i = 0; i < Connection::kHeldBytesMax / kMessageBytesMax + 8; i++) {
    server.endpoint().send(mute, {}, payload.share());
    server.step();
  }
  ASSERT_TRUE(drive_until([&] { return !server.downs.empty(); }, server, friendly));
  EXPECT_EQ(server.downs[0].peer, mute);
  EXPECT_EQ(server.downs[0].why.code(), Code::kOverflow);
}

TEST_F(HostileTest, WithoutFreeDescriptorsConnectionsWait) {
  Node late("");
  const PeerId peer = std::move(late.endpoint().peer(server.endpoint().address())).take();
  late.endpoint().send(peer, as_bytes("late"));
  late.step();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  drive_on(server, late);
  open_raw();  // not accepted yet
  const int next = dup(0);
  ASSERT_GE(next, 0);
  close(next);
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(next);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  EXPECT_TRUE(drive_until([&] { return !server.log.lines.empty(); }, server, late));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_THAT(server.log.lines[0], testing::HasSubstr("ulimit -n"));
  server.skip(TcpEndpoint::kAcceptPause);
  server.messages.clear();
  say_hello();
  say_frame({.payload_bytes = 3}, as_bytes("raw"));
  EXPECT_TRUE(drive_until(
      [&] {
        return std::any_of(server.messages.begin(), server.messages.end(),
                           [](const Node::Received& one) { return one.text() == "raw"; });
      },
      server, late, friendly));
}

}  // namespace
}  // namespace daos::fabric::tcp
