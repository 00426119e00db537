#include "platform/fabric/tcp/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/base/codec.h"
#include "platform/base/hash.h"

namespace daos::fabric::tcp {
namespace {

FrameHeader get_header() {
  return {.payload_bytes = 8, .kind = FrameKind::kGet, .operation = 7, .key = 0x1122334455667788, .offset = 9};
}
/// Like seal(), for headers that this build would never send.
Code verdict(const FrameHeader& header) { return open_header(seal(header)).code(); }

TEST(FrameHeader, ComesBackAsItWas) {
  const Result<FrameHeader> opened = open_header(seal(get_header()));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened.status().code(), Code::kOk);
  EXPECT_EQ((*opened).kind, FrameKind::kGet);
  EXPECT_EQ((*opened).operation, 7u);
  EXPECT_EQ((*opened).key, 0x1122334455667788u);
  EXPECT_EQ((*opened).offset, 9u);
  EXPECT_EQ((*opened).payload_bytes, 8u);
}

TEST(FrameHeader, ItsCrcIsThatOfItsBytes) {
  for (uint32_t i = 0; i < 1000; i++) {
    const auto sealed = seal({.payload_bytes = i * 977,
                              .kind = static_cast<FrameKind>(i % 10),
                              .flags = static_cast<uint8_t>(i % 3),
                              .operation = i * 0x01234567,
                              .key = mix64(i),
                              .offset = mix64(i + 1)});
    uint32_t crc;
    std::memcpy(&crc, sealed.data(), sizeof crc);
    ASSERT_EQ(crc, crc32c(ByteSpan(sealed).subspan(4)));
  }
}

TEST(FrameHeader, EveryChangedBitIsNoticed) {
  const auto good = seal(get_header());
  for (size_t bit = 0; bit < 8 * kHeaderBytes; bit++) {
    auto bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    EXPECT_EQ(open_header(bad).code(), Code::kCorrupt) << bit;
  }
}

TEST(FrameHeader, FieldsOutsideTheProtocolAreRefusedWithAGoodCrcToo) {
  EXPECT_EQ(verdict({.payload_bytes = kMessageBytesMax}), Code::kOk);
  EXPECT_EQ(verdict({.payload_bytes = kMessageBytesMax + 1}), Code::kProtocol);
  EXPECT_EQ(verdict({.payload_bytes = UINT32_MAX}), Code::kProtocol);
  EXPECT_EQ(verdict({.kind = static_cast<FrameKind>(0)}), Code::kProtocol);
  EXPECT_EQ(verdict({.kind = static_cast<FrameKind>(10)}), Code::kProtocol);
  EXPECT_EQ(verdict({.kind = static_cast<FrameKind>(255)}), Code::kProtocol);
  EXPECT_EQ(verdict({.version = 2}), Code::kProtocol);
  EXPECT_EQ(verdict({.flags = kFlagMore}), Code::kProtocol);
  EXPECT_EQ(verdict({.reserved = 1}), Code::kProtocol);
  EXPECT_EQ(verdict({.payload_bytes = 7, .kind = FrameKind::kGet}), Code::kProtocol);
  EXPECT_EQ(verdict({.payload_bytes = 0, .kind = FrameKind::kPutData}), Code::kProtocol);
  EXPECT_EQ(verdict({.payload_bytes = kChunkBytesMax, .kind = FrameKind::kPutData, .flags = kFlagMore}), Code::kOk);
  EXPECT_EQ(verdict({.payload_bytes = kChunkBytesMax + 1, .kind = FrameKind::kPutData}), Code::kProtocol);
  EXPECT_EQ(verdict({.payload_bytes = 1, .kind = FrameKind::kGetFailed}), Code::kProtocol);
}

TEST(FrameHeader, ANewerHelloIsReadSoThatVersionsCanBeAgreedUpon) {
  EXPECT_EQ(verdict({.payload_bytes = kHelloBytes, .version = 9, .kind = FrameKind::kHello}), Code::kOk);
}

TEST(Hello, ComesBackAsItWas) {
  const Hello hello{
      .identity = {.client = Uuid::from_random(1, 2), .context = 3, .incarnation = 4, .role = Role::kEngine},
      .endpoint = 5};
  const IoBuf frame = hello_frame(FrameKind::kHello, hello);
  ASSERT_EQ(frame.size(), kHeaderBytes + kHelloBytes);
  const Result<Hello> opened = open_hello(frame.bytes().subspan(kHeaderBytes));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ((*opened).identity.client, hello.identity.client);
  EXPECT_EQ((*opened).identity.context, 3u);
  EXPECT_EQ((*opened).identity.incarnation, 4u);
  EXPECT_EQ((*opened).identity.role, Role::kEngine);
  EXPECT_EQ((*opened).endpoint, 5u);
}

TEST(Hello, StrangersAreRefused) {
  EXPECT_EQ(open_hello(encode(Hello{.magic = 1})).code(), Code::kProtocol);
  EXPECT_EQ(open_hello(encode(Hello{.identity = {.role = static_cast<Role>(7)}})).code(), Code::kProtocol);
  const ByteVector good = encode(Hello{});
  EXPECT_EQ(open_hello(ByteSpan(good).first(good.size() - 1)).code(), Code::kCorrupt);
}

}  // namespace
}  // namespace daos::fabric::tcp
