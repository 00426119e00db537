// Goal: errors keep code and context, the codec refuses hostile bytes, hashes never change.
#include <gtest/gtest.h>

#include <thread>

#include "platform/base/codec.h"
#include "platform/base/hash.h"
#include "platform/base/status.h"
#include "platform/base/units.h"
#include "platform/base/uuid.h"

namespace daos {
namespace {

TEST(Status, GainsContextOnTheWayUp) {
  Status status = error(Code::kNoSpace, "tier 0 is full");
  status = std::move(status).within("pool tank");
  EXPECT_EQ(status.to_string(), "DER_NOSPACE(-1007): pool tank: tier 0 is full");
  EXPECT_EQ(status.retry(), Retry::kNo);
  EXPECT_TRUE(Status().ok());
}

Result<int> half(int value) {
  if (value % 2 != 0) return error(Code::kInvalid, "{} is odd", value);
  return value / 2;
}
Result<int> quarter(int value) {
  const int once = DX_TRY(half(value));
  return DX_TRY(half(once));
}

TEST(Result, TryLeavesWithTheError) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).status().message(), "3 is odd");
}

TEST(Status, CopiesShareTheMessage) {
  Status first = error(Code::kIo, "disk on fire");
  const Status second = first;
  first = Status();
  EXPECT_EQ(second.message(), "disk on fire");
}

struct Inner {
  uint16_t number = 0;
  static void visit(auto&& visitor, auto& self) { visitor(self.number); }
};
struct Outer {
  uint64_t a = 0;
  std::string text;
  std::vector<Inner> list;
  std::optional<uint32_t> maybe;
  IoBuf data;
  static void visit(auto&& visitor, auto& self) { visitor(self.a, self.text, self.list, self.maybe, self.data); }
};

TEST(Codec, RoundTripsAndRefusesEveryTruncation) {
  const Outer original{
      .a = 7, .text = "key", .list = {{1}, {2}}, .maybe = 9, .data = IoBuf::copy_of(as_bytes("value"))};
  const ByteVector bytes = encode(original);
  Result<Outer> copy = decode<Outer>(bytes, "outer");
  ASSERT_TRUE(copy.ok());
  EXPECT_EQ(copy->text, "key");
  EXPECT_EQ(copy->list[1].number, 2);
  EXPECT_EQ(*copy->maybe, 9u);
  EXPECT_EQ(as_text(copy->data.bytes()), "value");
  for (size_t n = 0; n < bytes.size(); n++) {
    EXPECT_FALSE(decode<Outer>(ByteSpan(bytes).first(n), "outer").ok()) << n;
  }
  ByteVector longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(decode<Outer>(longer, "outer").ok());
}

TEST(Codec, SharesInsteadOfCopying) {
  Outer original;
  original.data = IoBuf::copy_of(as_bytes("payload"));
  const IoBuf frame = IoBuf::copy_of(encode(original));
  Result<Outer> copy = decode_shared<Outer>(frame, "outer");
  ASSERT_TRUE(copy.ok());
  EXPECT_GE(copy->data.data(), frame.data());
  EXPECT_LT(copy->data.data(), frame.data() + frame.size());
}

struct Item {
  uint8_t kind = 0;
  Trailing bytes;
  static void visit(auto&& visitor, auto& self) { visitor(self.kind, self.bytes); }
};
struct Parcel {
  std::vector<Item> items;
  std::optional<Item> more;
  uint16_t last = 0;
  static void visit(auto&& visitor, auto& self) { visitor(self.items, self.more, self.last); }
};
IoBuf repeated(char c, size_t count) { return IoBuf::copy_of(as_bytes(std::string(count, c))); }

TEST(Codec, TrailingBytesStandBehindTheStructInOrder) {
  const Parcel parcel{.items = {{1, repeated('a', 2)}, {2, {}}, {3, repeated('b', 1)}},
                      .more = Item{4, repeated('c', 1)},
                      .last = 0x0605};
  const ByteVector bytes = encode(parcel);
  const std::string_view expected(
      "\3\0\0\0"
      "\1\2\0\0\0"
      "\2\0\0\0\0"
      "\3\1\0\0\0"
      "\1\4\1\0\0\0"
      "\5\6"
      "aabc",
      31);
  EXPECT_EQ(as_text(bytes), expected);
  for (const bool shared : {false, true}) {
    const IoBuf owner = IoBuf::copy_of(bytes);
    const Result<Parcel> read = shared ? decode_shared<Parcel>(owner, "parcel") : decode<Parcel>(bytes, "parcel");
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(as_text(read->items[0].bytes.bytes()), "aa");
    EXPECT_EQ(as_text(read->items[2].bytes.bytes()), "b");
    EXPECT_EQ(as_text(read->more->bytes.bytes()), "c");
    EXPECT_EQ(encode(*read), bytes);
  }
  for (size_t n = 0; n < bytes.size(); n++) {
    EXPECT_FALSE(decode<Parcel>(ByteSpan(bytes).first(n), "parcel").ok()) << n;
  }
  ByteVector longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(decode<Parcel>(longer, "parcel").ok());
}

TEST(Codec, LongTrailingBytesAreNotCopiedWhenOneBufferHoldsThem) {
  for (const size_t second : {size_t{0}, size_t{3000}, size_t{1}}) {
    const Parcel parcel{.items = {{1, repeated('x', 5000)}, {2, repeated('y', second)}}, .more = {}, .last = 7};
    const EncodedParts parts = encode_parts(parcel);
    ByteVector whole = parts.head;
    whole.insert(whole.end(), parts.payload.bytes().begin(), parts.payload.bytes().end());
    EXPECT_EQ(whole, encode(parcel));
    EXPECT_EQ(parts.payload.size(), 5000 + second);
    EXPECT_EQ(parts.payload.data() == parcel.items[0].bytes.data(), second == 0);
  }
  const Parcel small{.items = {{1, repeated('x', 100)}}, .more = {}, .last = 7};
  EXPECT_TRUE(encode_parts(small).payload.empty());
  EXPECT_EQ(encode_parts(small).head, encode(small));
}

TEST(Hash, VectorsNeverChange) {
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
  EXPECT_EQ(crc32c(as_bytes("6789"), crc32c(as_bytes("12345"))), 0xe3069283u);
  EXPECT_EQ(jump_hash(0, 1), 0u);
  EXPECT_EQ(jump_hash(10863919174838991ULL, 11), 6u);
  EXPECT_EQ(jump_hash(2016238256797177309ULL, 11), 3u);
}

TEST(Uuid, TextRoundTripsAndBadTextIsRefused) {
  const Uuid uuid = Uuid::from_random(0x0123456789abcdefULL, 0xfedcba9876543210ULL);
  EXPECT_EQ(Uuid::parse(uuid.to_string()), uuid);
  EXPECT_FALSE(Uuid::parse("no").has_value());
  EXPECT_FALSE(Uuid::parse("0123456789abcdef0123456789abcdef0123").has_value());
}

TEST(IoBuf, BuffersThatAreUsedAgainAreWhole) {
  // Of sizes around each step: what a thread keeps must fit who gets it next, on whatever thread it was freed.
  for (const size_t size : {1000u, 1007u, 1008u, 1009u, 4096u, 4097u, 65536u, 69600u, 70000u}) {
    for (int round = 0; round < 3; round++) {
      std::vector<IoBuf> buffers;
      for (size_t i = 0; i < 20; i++) {
        buffers.push_back(IoBuf::copy_of(ByteVector(size + i, static_cast<std::byte>(i))));
      }
      for (size_t i = 0; i < 20; i++) {
        EXPECT_EQ(buffers[i].bytes().back(), static_cast<std::byte>(i));
        EXPECT_GE(IoBuf::footprint(size + i), size + i);
      }
      if (round == 1) std::thread([&] { buffers.clear(); }).join();
    }
  }
}

TEST(IoBuf, AlignsAndBoundsAllocations) {
  Result<IoBuf> buffer = IoBuf::allocate(100, IoBuf::kDirectAlignment);
  ASSERT_TRUE(buffer.ok());
  EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer->data()) % IoBuf::kDirectAlignment, 0u);
  EXPECT_EQ(IoBuf::allocate(IoBuf::kMaxBytes + 1).code(), Code::kOverflow);
}

}  // namespace
}  // namespace daos
