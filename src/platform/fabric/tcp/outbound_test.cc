// What leaves is collected byte by byte and read back by the receiving half.
#include "platform/fabric/tcp/outbound.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "platform/base/codec.h"
#include "platform/fabric/tcp/inbound.h"

namespace daos::fabric::tcp {
namespace {

class Committed : public Outbound::Observer {
 public:
  void on_put_committed(uint32_t operation) override { operations.push_back(operation); }
  std::vector<uint32_t> operations;
};

/// Takes up to `bytes` of what is to leave, as a socket would.
ByteVector take(Outbound& out, size_t bytes) {
  ByteVector taken;
  while (bytes > 0) {
    iovec pieces[5];
    const size_t count = out.gather(pieces, 5);
    if (count == 0) break;
    size_t now = 0;
    for (size_t i = 0; i < count && now < bytes; i++) {
      const size_t part = std::min(pieces[i].iov_len, bytes - now);
      const auto* from = static_cast<const std::byte*>(pieces[i].iov_base);
      taken.insert(taken.end(), from, from + part);
      now += part;
    }
    bytes -= now;
    out.sent(now);
  }
  return taken;
}
ByteVector take_all(Outbound& out) { return take(out, SIZE_MAX); }

/// The frames of a stream, in order; bulk by operation.
class Reader : public FrameSink {
 public:
  explicit Reader(ByteSpan stream) {
    ReceiveBuffer buffer;
    Inbound in(buffer, *this);
    while (!stream.empty()) {
      iovec pieces[Inbound::kPiecesMax];
      const size_t count = std::move(in.prepare(pieces, false)).take();
      size_t moved = 0;
      for (size_t i = 0; i < count; i++) {
        const size_t part = std::min(pieces[i].iov_len, stream.size());
        std::copy_n(stream.begin(), part, static_cast<std::byte*>(pieces[i].iov_base));
        stream = stream.subspan(part);
        moved += part;
      }
      const Status status = in.arrived(moved);
      EXPECT_TRUE(status.ok()) << status.to_string();
      if (!status.ok()) return;
    }
    whole = !in.in_frame();
  }
  Status on_frame(const FrameHeader& header, IoBuf payload) override {
    kinds.push_back(header.kind);
    if (header.kind == FrameKind::kMessage) messages.emplace_back(as_text(payload.bytes()));
    if (header.kind == FrameKind::kGetFailed) failed.push_back(header.operation);
    return {};
  }
  Status on_chunk(const FrameHeader& header, std::vector<MutableByteSpan>& landing) override {
    kinds.push_back(header.kind);
    ByteVector& memory = bulk[header.operation];
    memory.resize(memory.size() + header.payload_bytes);
    landing.push_back(MutableByteSpan(memory).last(header.payload_bytes));
    return {};
  }
  Status on_chunk_end(const FrameHeader& header) override { return {}; }

  std::vector<FrameKind> kinds;
  std::vector<std::string> messages;
  std::vector<uint32_t> failed;
  std::map<uint32_t, ByteVector> bulk;
  bool whole = false;
};

IoBuf filled(size_t bytes, uint8_t value) {
  IoBuf buffer = std::move(IoBuf::allocate(bytes)).take();
  std::fill_n(buffer.data(), bytes, static_cast<std::byte>(value));
  return buffer;
}

class OutboundTest : public testing::Test {
 protected:
  SendBuffer buffer;
  Committed committed;
  Outbound out{buffer, committed};
  runtime::Rng rng{1};
  LentMemory lent;
};

TEST_F(OutboundTest, ATurnOfSmallMessagesIsOnePieceOfOneWrite) {
  for (int i = 0; i < 64; i++) out.message(as_bytes("head"), filled(64, 1));
  iovec pieces[4];
  EXPECT_EQ(out.gather(pieces, 4), 1u);
  EXPECT_EQ(pieces[0].iov_len, 64 * (kHeaderBytes + 68));
  EXPECT_EQ(Reader(take_all(out)).messages.size(), 64u);
  EXPECT_EQ(out.bytes_held(), 0u);
  EXPECT_TRUE(out.empty());
}

TEST_F(OutboundTest, LongPayloadsAreSentFromWhereTheyAre) {
  const IoBuf payload = filled(10'000, 1);
  out.message(as_bytes("head"), payload.share());
  iovec pieces[4];
  ASSERT_EQ(out.gather(pieces, 4), 2u);
  EXPECT_EQ(pieces[1].iov_base, payload.data());
}

TEST_F(OutboundTest, MessagesAndPutsKeepTheirOrder) {
  out.message(as_bytes("1"), {});
  out.put(1, {MemoryKey(5)}, filled(1'000'000, 1));
  out.message(as_bytes("2"), {});
  out.put(2, {MemoryKey(5)}, filled(10, 1));
  out.message(as_bytes("3"), filled(5000, 'x'));
  EXPECT_TRUE(committed.operations.empty()) << "only part of the first put is committed";
  const Reader reader(take_all(out));
  EXPECT_EQ(committed.operations, (std::vector<uint32_t>{1, 2}));
  const auto m = FrameKind::kMessage;
  const auto p = FrameKind::kPutData;
  EXPECT_EQ(reader.kinds, (std::vector{m, p, p, p, p, m, p, m}));
  EXPECT_EQ(reader.bulk.at(1).size(), 1'000'000u);
  EXPECT_EQ(reader.messages[1], "2");
  EXPECT_EQ(out.bytes_held(), 0u);
}

TEST_F(OutboundTest, ASmallPutIsCommittedAtOnce) {
  out.put(1, {MemoryKey(5)}, filled(kChunkBytesMax, 1));
  EXPECT_EQ(committed.operations, std::vector<uint32_t>{1});
}

TEST_F(OutboundTest, MessagesOvertakeAnswersAndAnswersTakeTurns) {
  IoBuf memory = filled(4u << 20, 9);
  const MemoryKey key = lent.lend(rng, Access::kPeerReads, {memory.writable()});
  ASSERT_TRUE(out.answer(1, key, *lent.find(key), 0, 2u << 20));
  ASSERT_TRUE(out.answer(2, key, *lent.find(key), 2u << 20, 2u << 20));
  take(out, 100);
  out.message(as_bytes("soon"), {});
  const ByteVector some = take(out, 3 * kChunkBytesMax);
  const std::string_view text = as_text(some);
  EXPECT_NE(text.find("soon"), std::string_view::npos) << "not behind 4 MiB of bulk";
  take_all(out);

  ASSERT_TRUE(out.answer(1, key, *lent.find(key), 0, 600'000));
  ASSERT_TRUE(out.answer(2, key, *lent.find(key), 600'000, 100'000));
  const Reader reader(take_all(out));
  EXPECT_TRUE(reader.whole);
  EXPECT_EQ(reader.bulk.at(1).size(), 600'000u);
  EXPECT_EQ(reader.bulk.at(2).size(), 100'000u);
}

TEST_F(OutboundTest, MemoryTakenBackAtEveryByteIsNotReadAgain) {
  constexpr size_t kBytes = 300;
  for (size_t at = 0; at <= kHeaderBytes + kBytes + 10; at++) {
    IoBuf memory = filled(kBytes, 1);
    IoBuf other = filled(50, 2);
    const MutableByteSpan all = memory.writable();
    const MemoryKey key = lent.lend(rng, Access::kPeerReads, {all.first(100), all.subspan(100)});
    const MemoryKey kept = lent.lend(rng, Access::kPeerReads, {other.writable()});
    ASSERT_TRUE(out.answer(1, key, *lent.find(key), 0, kBytes));
    ASSERT_TRUE(out.answer(2, kept, *lent.find(kept), 0, 50));
    ByteVector stream = take(out, at);
    lent.take(key);
    out.forget(key);
    std::fill(all.begin(), all.end(), std::byte{0xee});
    out.message(as_bytes("behind"), {});
    const ByteVector rest = take_all(out);
    stream.insert(stream.end(), rest.begin(), rest.end());
    const Reader reader(stream);
    ASSERT_TRUE(reader.whole) << at;
    EXPECT_EQ(reader.messages, std::vector<std::string>{"behind"});
    EXPECT_EQ(reader.bulk.at(2), ByteVector(50, std::byte{2}));
    if (reader.bulk.contains(1)) {
      EXPECT_EQ(reader.bulk.at(1), ByteVector(kBytes, std::byte{1})) << at;
    } else {
      EXPECT_EQ(reader.failed, std::vector<uint32_t>{1}) << at;
    }
  }
}

TEST_F(OutboundTest, TakingBackAHalfSentLongTransferEndsItWithTheChunkUnderWay) {
  IoBuf memory = filled(4u << 20, 1);
  const MemoryKey key = lent.lend(rng, Access::kPeerReads, {memory.writable()});
  ASSERT_TRUE(out.answer(1, key, *lent.find(key), 0, memory.size()));
  ByteVector stream = take(out, 300'000);
  lent.take(key);
  out.forget(key);
  std::fill_n(memory.data(), memory.size(), std::byte{0xee});
  const ByteVector rest = take_all(out);
  stream.insert(stream.end(), rest.begin(), rest.end());
  const Reader reader(stream);
  EXPECT_TRUE(reader.whole);
  EXPECT_LE(reader.bulk.at(1).size(), 4 * kChunkBytesMax);
  EXPECT_EQ(std::count(reader.bulk.at(1).begin(), reader.bulk.at(1).end(), std::byte{1}),
            static_cast<ptrdiff_t>(reader.bulk.at(1).size()));
  EXPECT_EQ(reader.failed, std::vector<uint32_t>{1});
}

TEST_F(OutboundTest, CancelledOperationsLeaveNothingBehindTheirCommittedPart) {
  IoBuf memory = filled(4u << 20, 1);
  const MemoryKey key = lent.lend(rng, Access::kPeerReads, {memory.writable()});
  out.put(1, {MemoryKey(5)}, filled(4u << 20, 1));
  ASSERT_TRUE(out.answer(2, key, *lent.find(key), 0, memory.size()));
  out.message(as_bytes("behind"), {});
  out.cancel_put(1);
  out.cancel_answer(2);
  const Reader reader(take_all(out));
  EXPECT_TRUE(reader.whole);
  EXPECT_EQ(reader.bulk.at(1).size(), kChunkBytesMax);
  EXPECT_FALSE(reader.bulk.contains(2));
  EXPECT_EQ(reader.messages, std::vector<std::string>{"behind"});
  EXPECT_EQ(out.bytes_held(), 0u);
}

TEST_F(OutboundTest, GetsUnderWayAreBounded) {
  IoBuf memory = filled(10, 1);
  const MemoryKey key = lent.lend(rng, Access::kPeerReads, {memory.writable()});
  for (size_t i = 0; i < Outbound::kAnswersMax; i++) ASSERT_TRUE(out.answer(1, key, *lent.find(key), 0, 10));
  EXPECT_FALSE(out.answer(1, key, *lent.find(key), 0, 10));
}

}  // namespace
}  // namespace daos::fabric::tcp
