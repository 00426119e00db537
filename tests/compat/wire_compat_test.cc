// Goal: frames of wire version 1 are written byte for byte as ever, and read.
#include <gtest/gtest.h>

#include "fixture.h"
#include "platform/fabric/tcp/frame.h"

namespace daos::compat {
namespace {

using namespace fabric::tcp;  // NOLINT(google-build-using-namespace): a test of that room

void add(ByteVector& stream, FrameHeader header, ByteVector payload = {}) {
  header.payload_bytes = static_cast<uint32_t>(payload.size());
  const auto sealed = seal(header);
  stream.insert(stream.end(), sealed.begin(), sealed.end());
  stream.insert(stream.end(), payload.begin(), payload.end());
}

Hello hello() {
  fabric::Identity identity;
  for (size_t i = 0; i < identity.client.bytes.size(); i++) identity.client.bytes[i] = static_cast<uint8_t>(i + 1);
  identity.context = 0x21222324;
  identity.incarnation = 0x3132333435363738;
  identity.role = fabric::Role::kEngine;
  return {.identity = identity, .endpoint = 0x4142434445464748};
}

/// One frame of each kind, in order of their numbers.
ByteVector one_of_each() {
  ByteVector stream;
  for (const FrameKind kind : {FrameKind::kHello, FrameKind::kHelloAnswer}) {
    const IoBuf frame = hello_frame(kind, hello());
    stream.insert(stream.end(), frame.bytes().begin(), frame.bytes().end());
  }
  const ByteVector bytes = encode(std::string("abc"));
  constexpr uint32_t kOperation = 0x01020304;
  constexpr uint64_t kKey = 0x1112131415161718;
  constexpr uint64_t kOffset = 0x40000;
  add(stream, {.kind = FrameKind::kMessage}, bytes);
  add(stream, {.kind = FrameKind::kGet, .operation = kOperation, .key = kKey, .offset = kOffset},
      encode(uint64_t{0x100000}));
  add(stream, {.kind = FrameKind::kGetData, .operation = kOperation, .offset = kOffset}, bytes);
  add(stream, {.kind = FrameKind::kGetFailed, .operation = kOperation, .offset = 3003});
  add(stream, {.kind = FrameKind::kGetCancel, .operation = kOperation});
  add(stream,
      {.kind = FrameKind::kPutData, .flags = kFlagMore, .operation = kOperation, .key = kKey, .offset = kOffset},
      bytes);
  add(stream, {.kind = FrameKind::kPutFailed, .operation = kOperation, .offset = 1003});
  return stream;
}

TEST(WireCompat, Version1IsWrittenAsEver) { EXPECT_EQ(one_of_each(), fixture_bytes("wire_1.hex")); }

TEST(WireCompat, Version1IsRead) {
  const ByteVector golden = fixture_bytes("wire_1.hex");
  ByteSpan rest = golden;
  uint8_t kind = 0;
  while (rest.size() >= kHeaderBytes) {
    const Result<FrameHeader> header = open_header(rest);
    ASSERT_TRUE(header.ok()) << header.status().to_string();
    EXPECT_EQ(static_cast<uint8_t>((*header).kind), ++kind);
    const ByteSpan payload = rest.subspan(kHeaderBytes, (*header).payload_bytes);
    if ((*header).kind == FrameKind::kHello) {
      const Result<Hello> read = open_hello(payload);
      ASSERT_TRUE(read.ok()) << read.status().to_string();
      EXPECT_EQ((*read).identity.client, hello().identity.client);
      EXPECT_EQ((*read).identity.context, hello().identity.context);
      EXPECT_EQ((*read).identity.incarnation, hello().identity.incarnation);
      EXPECT_EQ((*read).identity.role, hello().identity.role);
      EXPECT_EQ((*read).endpoint, hello().endpoint);
    }
    if ((*header).kind == FrameKind::kGetFailed) EXPECT_EQ((*header).offset, static_cast<uint64_t>(Code::kKeyRevoked));
    if ((*header).kind == FrameKind::kPutFailed) EXPECT_EQ((*header).offset, static_cast<uint64_t>(Code::kInvalid));
    rest = rest.subspan(kHeaderBytes + payload.size());
  }
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(kind, 9);
}

}  // namespace
}  // namespace daos::compat
