// Goal: whatever part of an extent is read, its checksums are what the writer of just that part would have made, and no
// flipped byte passes. Method: random extents and parts with tiny chunks; each byte of an extent flipped in turn.
#include "model/stripe/chunks.h"

#include <gtest/gtest.h>

#include "platform/runtime/rng.h"

namespace daos::stripe {
namespace {

ByteVector pattern(size_t bytes, uint64_t seed) {
  ByteVector made(bytes);
  for (size_t i = 0; i < bytes; i++) made[i] = static_cast<std::byte>((i + seed) * 0x9e3779b1u >> 13);
  return made;
}

TEST(Chunks, AreAlignedAndCoverWhatTheExtentHasInThem) {
  const ChecksumSpec spec{.type = ChecksumType::kCrc32, .chunk_bytes = 10};
  const Chunks chunks(spec, 3);  // 10 bytes: three whole records
  EXPECT_EQ(chunks.records(), 3u);
  const Records range{.start = 2, .count = 6};  // [2, 3) [3, 6) [6, 8)
  ASSERT_EQ(chunks.touched_by(range), 3u);
  EXPECT_EQ(chunks.piece(range, 0).start, 2u);
  EXPECT_EQ(chunks.piece(range, 0).count, 1u);
  EXPECT_EQ(chunks.piece(range, 1).start, 3u);
  EXPECT_EQ(chunks.piece(range, 1).count, 3u);
  EXPECT_EQ(chunks.piece(range, 2).start, 6u);
  EXPECT_EQ(chunks.piece(range, 2).count, 2u);
  EXPECT_EQ(checksums_bytes(spec, 3, range), 12u);
}

TEST(Chunks, ARecordLargerThanAChunkIsOne) {
  const ChecksumSpec spec{.type = ChecksumType::kCrc16, .chunk_bytes = 64};
  EXPECT_EQ(Chunks(spec, 1000).records(), 1u);
  EXPECT_EQ(checksums_bytes(spec, 1000, {.start = 5, .count = 7}), 14u);
}

TEST(Chunks, TheEndOfTheIndexSpaceDoesNotOverflow) {
  const ChecksumSpec spec{.type = ChecksumType::kCrc32, .chunk_bytes = 7};
  const Records last{.start = ~0ull - 4, .count = 4};
  const ByteVector bytes = pattern(4, 1);
  const ByteVector checksums = checksums_of_range(spec, 1, last, bytes);
  EXPECT_TRUE(verify_range(spec, 1, last, bytes, checksums).ok());
}

TEST(Chunks, PartsHaveTheChecksumsThatTheirOwnWriterWouldMake) {
  runtime::Rng rng(3);
  for (int round = 0; round < 3000; round++) {
    const ChecksumSpec spec{.type = static_cast<ChecksumType>(1 + rng.below(kChecksumTypeMax)),
                            .chunk_bytes = static_cast<uint32_t>(1 + rng.below(24))};
    const uint64_t record_bytes = 1 + rng.below(5);
    const Records extent{.start = rng.below(50), .count = 1 + rng.below(40)};
    const ByteVector bytes = pattern(extent.count * record_bytes, rng.next());
    const ByteVector checksums = checksums_of_range(spec, record_bytes, extent, bytes);
    ASSERT_TRUE(verify_range(spec, record_bytes, extent, bytes, checksums).ok());
    const uint64_t skip = rng.below(extent.count);
    const Records part{.start = extent.start + skip, .count = 1 + rng.below(extent.count - skip)};
    const ByteSpan part_bytes = ByteSpan(bytes).subspan(skip * record_bytes, part.count * record_bytes);
    const auto of_part = checksums_of_part(spec, record_bytes, extent, bytes, checksums, part);
    ASSERT_TRUE(of_part.ok()) << of_part.status().to_string();
    ASSERT_EQ(*of_part, checksums_of_range(spec, record_bytes, part, part_bytes));
    // The same with no more of the extent at hand than is needed.
    const Records window = widened(spec, record_bytes, extent, part);
    ASSERT_LE(extent.start, window.start);
    ASSERT_LE(window.start, part.start);
    ASSERT_GE(window.end(), part.end());
    ASSERT_LE(window.end(), extent.end());
    const auto of_window = checksums_of_part(
        spec, record_bytes, extent, window,
        ByteSpan(bytes).subspan((window.start - extent.start) * record_bytes, window.count * record_bytes), checksums,
        part);
    ASSERT_TRUE(of_window.ok());
    ASSERT_EQ(*of_window, *of_part);
  }
}

TEST(Chunks, NoFlippedBytePasses) {
  const Records extent{.start = 5, .count = 20};
  const Records part{.start = 9, .count = 7};
  for (uint8_t number = 1; number <= kChecksumTypeMax; number++) {
    const ChecksumSpec spec{.type = static_cast<ChecksumType>(number), .chunk_bytes = 8};
    ByteVector bytes = pattern(extent.count * 2, number);
    const ByteVector checksums = checksums_of_range(spec, 2, extent, bytes);
    for (size_t i = 0; i < bytes.size(); i++) {
      bytes[i] ^= std::byte{0x10};
      const Status whole = verify_range(spec, 2, extent, bytes, checksums);
      EXPECT_EQ(whole.code(), Code::kChecksum) << i;
      // Who reads a part finds it, or the part does not have that byte.
      const auto of_part = checksums_of_part(spec, 2, extent, bytes, checksums, part);
      const Status read =
          of_part.ok() ? verify_range(spec, 2, part, ByteSpan(bytes).subspan(8, 14), *of_part) : of_part.status();
      if (i >= 8 && i < 22) EXPECT_EQ(read.code(), Code::kChecksum) << i;
      bytes[i] ^= std::byte{0x10};
    }
  }
}

TEST(Chunks, AWrongNumberOfChecksumsIsNamed) {
  const ChecksumSpec spec{.type = ChecksumType::kCrc32, .chunk_bytes = 4};
  const Records range{.start = 0, .count = 10};
  const ByteVector bytes = pattern(10, 1);
  ByteVector checksums = checksums_of_range(spec, 1, range, bytes);
  checksums.pop_back();
  const Status status = verify_range(spec, 1, range, bytes, checksums);
  EXPECT_EQ(status.code(), Code::kChecksum);
  EXPECT_EQ(status.message(), "11 bytes of crc32 checksums where 12 belong");
  EXPECT_EQ(checksums_of_part(spec, 1, range, bytes, checksums, range).code(), Code::kChecksum);
  EXPECT_EQ(verify_value(spec, bytes, checksums).code(), Code::kChecksum);
  EXPECT_EQ(verify_value(spec, bytes, checksum_of_value(spec, bytes)).code(), Code::kOk);
}

}  // namespace
}  // namespace daos::stripe
