// Goal: every cell of a call lands in exactly one request, with its place in the caller's memory; memory in pieces
// behaves like one row of bytes.
#include <gtest/gtest.h>

#include <algorithm>

#include "client/core/array_parts.h"

namespace daos::core {
namespace {

using messages::Extent;

TEST(MemoryList, ReadsAndWritesAcrossPieces) {
  std::byte a[3]{}, b[5]{}, c[4]{};
  MemoryList memory;
  memory.add(a, 3);
  memory.add(nullptr, 0);
  memory.add(b, 5);
  memory.add(c, 4);
  EXPECT_EQ(memory.size(), 12u);
  memory.write(0, as_bytes("abcdefghijkl"));
  EXPECT_EQ(as_text(a), "abc");
  EXPECT_EQ(as_text(b), "defgh");
  EXPECT_EQ(as_text(c), "ijkl");
  for (size_t offset = 0; offset <= 12; offset++) {
    for (size_t bytes = 0; offset + bytes <= 12; bytes++) {
      std::vector<std::byte> got(bytes);
      memory.read(offset, got);
      EXPECT_EQ(as_text(got), std::string_view("abcdefghijkl").substr(offset, bytes));
    }
  }
  memory.clear(2, 7);
  EXPECT_EQ(as_text(a), std::string_view("ab\0", 3));
  EXPECT_EQ(as_text(b), std::string_view("\0\0\0\0\0", 5));
  EXPECT_EQ(as_text(c), std::string_view("\0jkl", 4));
}

TEST(ArrayParts, OneRangeOverSeveralChunks) {
  const std::vector<ArrayPart> parts = cut_by_chunk({{.start = 8, .count = 15}}, 10);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].chunk, 0u);
  EXPECT_EQ(parts[0].extents, (std::vector<Extent>{{8, 2}}));
  EXPECT_EQ(parts[1].extents, (std::vector<Extent>{{0, 10}}));
  EXPECT_EQ(parts[1].offsets, (std::vector<uint64_t>{2}));
  EXPECT_EQ(parts[2].chunk, 2u);
  EXPECT_EQ(parts[2].extents, (std::vector<Extent>{{0, 3}}));
  EXPECT_EQ(parts[2].offsets, (std::vector<uint64_t>{12}));
}

TEST(ArrayParts, RangesOfOneChunkGoTogetherInTheirOrder) {
  const std::vector<ArrayPart> parts =
      cut_by_chunk({{.start = 50, .count = 5}, {.start = 10, .count = 3}, {.start = 100, .count = 1}}, 100);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].extents, (std::vector<Extent>{{50, 5}, {10, 3}}));
  EXPECT_EQ(parts[0].offsets, (std::vector<uint64_t>{0, 5}));
  EXPECT_EQ(parts[0].cells, 8u);
  EXPECT_EQ(parts[1].chunk, 1u);
}

TEST(ArrayParts, EveryCellExactlyOnceAndNoPartOverlapsItself) {
  uint64_t seed = 1;
  const auto any_below = [&](uint64_t below) {
    seed = mix64(seed + 1);
    return seed % below;
  };
  for (int round = 0; round < 200; round++) {
    const uint64_t chunk = 1 + any_below(20);
    CellRanges ranges;
    for (uint64_t i = 0; i < 1 + any_below(8); i++)
      ranges.push_back({.start = any_below(100), .count = 1 + any_below(40)});
    std::vector<uint64_t> cell_at;  // of each place in memory
    for (const Extent& range : ranges) {
      for (uint64_t i = 0; i < range.count; i++) cell_at.push_back(range.start + i);
    }
    std::vector<int> seen(cell_at.size());
    const uint64_t cells_max = any_below(2) == 0 ? UINT64_MAX : 1 + any_below(12);
    for (const ArrayPart& part : cut_by_chunk(ranges, chunk, cells_max)) {
      EXPECT_LE(part.cells, cells_max);
      std::vector<bool> taken(chunk);
      uint64_t cells = 0;
      for (size_t e = 0; e < part.extents.size(); e++) {
        for (uint64_t i = 0; i < part.extents[e].count; i++) {
          const uint64_t record = part.extents[e].start + i;
          ASSERT_LT(record, chunk);
          EXPECT_FALSE(taken[record]);
          taken[record] = true;
          const uint64_t at = part.offsets[e] + i;
          ASSERT_LT(at, seen.size());
          seen[at]++;
          EXPECT_EQ(part.chunk * chunk + record, cell_at[at]);
          cells++;
        }
      }
      EXPECT_EQ(cells, part.cells);
    }
    EXPECT_EQ(std::ranges::count(seen, 1), static_cast<ptrdiff_t>(seen.size()));
  }
}

}  // namespace
}  // namespace daos::core
