// A stream of frames is fed in pieces of every size; what comes out must not depend on the pieces.
#include "platform/fabric/tcp/inbound.h"

#include <gtest/gtest.h>

#include <cstring>

#include "platform/base/codec.h"
#include "platform/runtime/rng.h"

namespace daos::fabric::tcp {
namespace {

class Collector : public FrameSink {
 public:
  Status on_frame(const FrameHeader& header, IoBuf payload) override {
    frames.push_back({header, std::move(payload)});
    return refuse;
  }
  Status on_chunk(const FrameHeader& header, std::vector<MutableByteSpan>& landing) override {
    if (drain) return {};
    memory.resize(std::max<size_t>(memory.size(), header.offset + header.payload_bytes));
    const MutableByteSpan all = MutableByteSpan(memory).subspan(header.offset, header.payload_bytes);
    const size_t cut = all.size() / 3;  // in pieces, as lent memory may be
    landing = {all.first(cut), all.subspan(cut, 0), all.subspan(cut)};
    return {};
  }
  Status on_chunk_end(const FrameHeader& header) override {
    chunks.push_back(header);
    return {};
  }
  struct Frame {
    FrameHeader header;
    IoBuf payload;
  };
  std::vector<Frame> frames;
  std::vector<FrameHeader> chunks;
  ByteVector memory;
  bool drain = false;
  Status refuse;
};

void add_frame(ByteVector& stream, FrameHeader header, ByteSpan payload) {
  header.payload_bytes = static_cast<uint32_t>(payload.size());
  const auto sealed = seal(header);
  stream.insert(stream.end(), sealed.begin(), sealed.end());
  stream.insert(stream.end(), payload.begin(), payload.end());
}
ByteVector patterned_bytes(size_t bytes, uint8_t seed) {
  ByteVector out(bytes);
  for (size_t i = 0; i < bytes; i++) out[i] = static_cast<std::byte>((i * 7 + i / 253 + seed) & 0xff);
  return out;
}

/// Copies up to `bytes` of the stream to where `in` wants it, as a socket would.
Status feed(Inbound& in, ByteSpan& stream, size_t bytes, bool bulk_expected = false) {
  iovec pieces[Inbound::kPiecesMax];
  const size_t count = DX_TRY(in.prepare(pieces, bulk_expected));
  size_t moved = 0;
  for (size_t i = 0; i < count; i++) {
    const size_t part = std::min({pieces[i].iov_len, bytes - moved, stream.size()});
    std::memcpy(pieces[i].iov_base, stream.data(), part);
    stream = stream.subspan(part);
    moved += part;
  }
  return in.arrived(moved);
}

struct Sample {
  ByteVector stream;
  std::vector<ByteVector> messages;
  ByteVector bulk;
};
Sample sample() {
  Sample s;
  s.bulk = patterned_bytes(700'000, 3);
  size_t bulk_at = 0;
  uint8_t seed = 0;
  for (const size_t bytes : {10u, 0u, 64u, 16384u, 16385u, 5u, 200'000u, 40'000u, 1u}) {
    s.messages.push_back(patterned_bytes(bytes, seed++));
    add_frame(s.stream, {}, s.messages.back());
    if (bulk_at < s.bulk.size()) {
      const size_t part = std::min<size_t>(s.bulk.size() - bulk_at, seed % 2 == 0 ? 1000 : kChunkBytesMax);
      add_frame(s.stream, {.kind = FrameKind::kPutData, .key = 1, .offset = bulk_at},
                ByteSpan(s.bulk).subspan(bulk_at, part));
      bulk_at += part;
    }
  }
  s.bulk.resize(bulk_at);
  return s;
}
void expect_sample(const Collector& got, const Sample& s) {
  ASSERT_EQ(got.frames.size(), s.messages.size());
  for (size_t i = 0; i < s.messages.size(); i++) {
    const ByteSpan payload = got.frames[i].payload.bytes();
    ASSERT_TRUE(std::equal(payload.begin(), payload.end(), s.messages[i].begin(), s.messages[i].end())) << i;
  }
  EXPECT_EQ(got.memory, s.bulk);
}

TEST(Inbound, PiecesOfAnySizeGiveTheSameFrames) {
  const Sample s = sample();
  runtime::Rng rng(1);
  for (int run = 0; run < 30; run++) {
    ReceiveBuffer buffer;
    Collector got;
    Inbound in(buffer, got);
    const uint64_t most = 1ULL << rng.between(5, 20);
    for (ByteSpan rest = s.stream; !rest.empty();) {
      ASSERT_TRUE(feed(in, rest, rng.between(1, most), rng.below(2) == 0).ok());
    }
    EXPECT_FALSE(in.in_frame());
    expect_sample(got, s);
  }
}

TEST(Inbound, ByteByByte) {
  ByteVector stream;
  const ByteVector message = patterned_bytes(70, 1);
  const ByteVector chunk = patterned_bytes(90, 2);
  add_frame(stream, {}, message);
  add_frame(stream, {.kind = FrameKind::kGetData}, chunk);
  add_frame(stream, {}, message);
  ReceiveBuffer buffer;
  Collector got;
  Inbound in(buffer, got);
  for (ByteSpan rest = stream; !rest.empty();) ASSERT_TRUE(feed(in, rest, 1).ok());
  EXPECT_EQ(got.frames.size(), 2u);
  EXPECT_EQ(got.memory, chunk);
}

TEST(Inbound, ConnectionsShareABufferWithoutMixing) {
  const Sample s = sample();
  runtime::Rng rng(2);
  ReceiveBuffer buffer;
  Collector got[3];
  Inbound in[3] = {{buffer, got[0]}, {buffer, got[1]}, {buffer, got[2]}};
  ByteSpan rest[3] = {s.stream, s.stream, s.stream};
  while (!rest[0].empty() || !rest[1].empty() || !rest[2].empty()) {
    const uint64_t which = rng.below(3);
    if (!rest[which].empty()) ASSERT_TRUE(feed(in[which], rest[which], rng.between(1, 30'000)).ok());
  }
  for (const Collector& one : got) expect_sample(one, s);
}

TEST(Inbound, AnAbandonedLandingIsNeverWrittenAgainAtEveryByte) {
  ByteVector stream;
  const ByteVector chunk = patterned_bytes(200, 5);
  add_frame(stream, {.kind = FrameKind::kPutData, .key = 1}, chunk);
  add_frame(stream, {}, patterned_bytes(3, 0));
  for (size_t at = 0; at < kHeaderBytes + chunk.size(); at++) {
    ReceiveBuffer buffer;
    Collector got;
    Inbound in(buffer, got);
    ByteSpan rest = stream;
    if (at > 0) ASSERT_TRUE(feed(in, rest, at).ok());
    const bool landing = in.chunk() != nullptr;
    in.abandon_landing();
    std::fill(got.memory.begin(), got.memory.end(), std::byte{0xee});
    while (!rest.empty()) ASSERT_TRUE(feed(in, rest, 64).ok());
    ASSERT_EQ(got.frames.size(), 1u) << "the frame behind it is not affected";
    EXPECT_EQ(got.chunks.size(), 1u);
    if (landing) EXPECT_EQ(got.memory, ByteVector(chunk.size(), std::byte{0xee})) << at;
  }
}

TEST(Inbound, UnwantedChunksAreDrained) {
  const Sample s = sample();
  ReceiveBuffer buffer;
  Collector got;
  got.drain = true;
  Inbound in(buffer, got);
  for (ByteSpan rest = s.stream; !rest.empty();) ASSERT_TRUE(feed(in, rest, 100'000).ok());
  EXPECT_EQ(got.frames.size(), s.messages.size());
  EXPECT_TRUE(got.memory.empty());
}

TEST(Inbound, AnErrorOfTheSinkStopsDelivery) {
  ByteVector stream;
  for (int i = 0; i < 3; i++) add_frame(stream, {}, patterned_bytes(5, 0));
  ReceiveBuffer buffer;
  Collector got;
  got.refuse = Status(Code::kProtocol, "no");
  Inbound in(buffer, got);
  ByteSpan rest = stream;
  EXPECT_EQ(feed(in, rest, stream.size()).code(), Code::kProtocol);
  EXPECT_EQ(got.frames.size(), 1u);
}

TEST(Inbound, ALongLengthCostsNoMemoryUnlessItIsAllowed) {
  ByteVector stream;
  const auto sealed = seal({.payload_bytes = 0xffffffff});
  stream.assign(sealed.begin(), sealed.end());
  ReceiveBuffer buffer;
  Collector got;
  Inbound in(buffer, got);
  ByteSpan rest = stream;
  EXPECT_EQ(feed(in, rest, stream.size()).code(), Code::kProtocol);
}

}  // namespace
}  // namespace daos::fabric::tcp
