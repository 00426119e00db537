// Goal: logs of format 1 stay readable, and this build still writes segment headers, blocks and records byte for byte.
#include <gtest/gtest.h>

#include <algorithm>

#include "fixture.h"
#include "platform/journal/format.h"

namespace daos::compat {
namespace {

using namespace journal;  // NOLINT(google-build-using-namespace): a test of that room

constexpr SegmentHeader kSegment{.block_bytes = kBlockBytesProcess,
                                 .log = {.bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
                                 .segment_bytes = 16 * kMiB,
                                 .sequence = 5,
                                 .previous_end = 4 * 16 * kMiB + 4099,
                                 .trimmed = 3 * 16 * kMiB + 8192,
                                 .generation = 7};
constexpr uint64_t kPosition = 5 * 16 * kMiB + kHeaderArea;
constexpr BlockHeader kBlock{.log = 0x0807060504030201,
                             .position = kPosition,
                             .flushed = 4 * 16 * kMiB + 4099,
                             .trimmed = 3 * 16 * kMiB + 8192,
                             .block_bytes = 128,
                             .part_bytes = 16 + 6 + 16,
                             .generation = 7};

TEST(LogCompat, Format1SegmentHeaderIsReadAndWrittenAsEver) {
  // The fixture has the fields; the rest of the 4096 bytes is zero.
  ByteVector golden = fixture_bytes("log_segment_1.hex");
  golden.resize(kHeaderArea);
  ByteVector written(kHeaderArea);
  encode_segment_header(kSegment, written);
  EXPECT_EQ(written, golden);
  const Result<SegmentHeader> read = decode_segment_header(golden);
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ((*read).block_bytes, kSegment.block_bytes);
  EXPECT_EQ((*read).log, kSegment.log);
  EXPECT_EQ((*read).segment_bytes, kSegment.segment_bytes);
  EXPECT_EQ((*read).sequence, kSegment.sequence);
  EXPECT_EQ((*read).previous_end, kSegment.previous_end);
  EXPECT_EQ((*read).trimmed, kSegment.trimmed);
  EXPECT_EQ((*read).generation, kSegment.generation);
}

/// A block with the last part of a record, "record", and an empty record behind it.
TEST(LogCompat, Format1BlockAndRecordsAreReadAndWrittenAsEver) {
  const ByteVector golden = fixture_bytes("log_block_1.hex");
  ByteVector written(kBlock.block_bytes);
  const ByteSpan text = as_bytes("record");
  std::copy(text.begin(), text.end(), written.begin() + BlockHeader::kBytes + PartHeader::kBytes);
  const MutableByteSpan bytes(written);
  seal_part({.bytes = 6, .index = 2, .flags = PartHeader::kLast},
            bytes.subspan(BlockHeader::kBytes, PartHeader::kBytes + 6));
  seal_part({.bytes = 0, .index = 0, .flags = PartHeader::kLast},
            bytes.subspan(BlockHeader::kBytes + PartHeader::kBytes + 6, PartHeader::kBytes));
  seal_block(kBlock, bytes);
  EXPECT_EQ(written, golden);

  const std::optional<BlockHeader> read = decode_block(golden, kBlock.log, kPosition, kBlockBytesProcess);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->flushed, kBlock.flushed);
  EXPECT_EQ(read->trimmed, kBlock.trimmed);
  EXPECT_EQ(read->generation, kBlock.generation);
  std::vector<std::string> parts;
  EXPECT_TRUE(for_each_part(golden, *read, [&](const Part& part) {
                parts.push_back(fmt::format("{} {} {}", part.header.index, part.header.flags, as_text(part.payload)));
                return Status();
              }).ok());
  EXPECT_EQ(parts, (std::vector<std::string>{"2 1 record", "0 1 "}));
}

}  // namespace
}  // namespace daos::compat
