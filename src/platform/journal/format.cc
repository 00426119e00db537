#include "platform/journal/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "platform/base/check.h"
#include "platform/base/hash.h"

namespace daos::journal {
namespace {

constexpr uint32_t magic(const char (&text)[5]) {
  return static_cast<uint32_t>(text[0]) | static_cast<uint32_t>(text[1]) << 8 | static_cast<uint32_t>(text[2]) << 16 |
         static_cast<uint32_t>(text[3]) << 24;
}
constexpr uint32_t kSegmentMagic = magic("DXLS");
constexpr uint32_t kBlockMagic = magic("DXLB");
constexpr size_t kCrcBytes = 4;
constexpr size_t kSegmentFieldBytes = 68;

template <class T>
void put(MutableByteSpan bytes, size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}
template <class T>
T get(ByteSpan bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

}  // namespace

uint64_t short_id(const Uuid& log) {
  uint64_t id;
  std::memcpy(&id, log.bytes.data(), sizeof id);
  return id;
}

void encode_segment_header(const SegmentHeader& header, MutableByteSpan area) {
  DX_CHECK(area.size() == kHeaderArea, "{}", area.size());
  std::fill(area.begin(), area.end(), std::byte{0});
  put(area, 4, kSegmentMagic);
  put(area, 8, kFormatVersion);
  put(area, 12, header.block_bytes);
  std::memcpy(area.data() + 16, header.log.bytes.data(), header.log.bytes.size());
  put(area, 32, header.segment_bytes);
  put(area, 40, header.sequence);
  put(area, 48, header.previous_end);
  put(area, 56, header.trimmed);
  put(area, 64, header.generation);
  put(area, 0, crc32c(area.subspan(kCrcBytes)));
}

Result<SegmentHeader> decode_segment_header(ByteSpan area) {
  if (area.size() < kHeaderArea)
    return error(Code::kCorrupt, "the segment header is cut off after {} bytes", area.size());
  area = area.first(kHeaderArea);
  if (get<uint32_t>(area, 4) != kSegmentMagic) return error(Code::kCorrupt, "there is no segment header");
  if (get<uint32_t>(area, 0) != crc32c(area.subspan(kCrcBytes))) {
    return error(Code::kCorrupt, "the segment header is damaged");
  }
  if (const auto version = get<uint16_t>(area, 8); version != kFormatVersion) {
    return error(Code::kFormatVersion, "the log has format {}, this build reads {}", version, kFormatVersion);
  }
  SegmentHeader header;
  header.block_bytes = get<uint32_t>(area, 12);
  std::memcpy(header.log.bytes.data(), area.data() + 16, header.log.bytes.size());
  header.segment_bytes = get<uint64_t>(area, 32);
  header.sequence = get<uint64_t>(area, 40);
  header.previous_end = get<uint64_t>(area, 48);
  header.trimmed = get<uint64_t>(area, 56);
  header.generation = get<uint32_t>(area, 64);
  const ByteSpan reserved = area.subspan(kSegmentFieldBytes);
  const bool zero = get<uint16_t>(area, 10) == 0 &&
                    std::all_of(reserved.begin(), reserved.end(), [](std::byte b) { return b == std::byte{0}; });
  const bool block = header.block_bytes == kBlockBytesPower || header.block_bytes == kBlockBytesProcess;
  const bool segment = header.segment_bytes >= kSegmentBytesMin && header.segment_bytes <= kSegmentBytesMax &&
                       header.segment_bytes % kHeaderArea == 0;
  // Sequences beyond this would make positions wrap; no log gets there.
  if (!zero || !block || !segment || header.sequence >= UINT64_MAX / kSegmentBytesMax - 1 ||
      header.previous_end > header.start() || header.trimmed > header.end()) {
    return error(Code::kCorrupt, "the segment header holds impossible values");
  }
  return header;
}

void seal_block(const BlockHeader& header, MutableByteSpan block) {
  DX_CHECK(block.size() == header.block_bytes, "{} {}", block.size(), header.block_bytes);
  put(block, 4, kBlockMagic);
  put(block, 8, header.log);
  put(block, 16, header.position);
  put(block, 24, header.flushed);
  put(block, 32, header.trimmed);
  put(block, 40, header.block_bytes);
  put(block, 44, header.part_bytes);
  put(block, 48, header.generation);
  put(block, 52, uint32_t{0});
  const MutableByteSpan padding = block.subspan(BlockHeader::kBytes + header.part_bytes);
  std::fill(padding.begin(), padding.end(), std::byte{0});
  put(block, 0, crc32c(block.subspan(kCrcBytes)));
}

std::optional<BlockHeader> decode_block(ByteSpan bytes, uint64_t log, uint64_t position, uint32_t alignment) {
  if (bytes.size() < BlockHeader::kBytes || get<uint32_t>(bytes, 4) != kBlockMagic) return std::nullopt;
  BlockHeader header;
  header.log = get<uint64_t>(bytes, 8);
  header.position = get<uint64_t>(bytes, 16);
  header.flushed = get<uint64_t>(bytes, 24);
  header.trimmed = get<uint64_t>(bytes, 32);
  header.block_bytes = get<uint32_t>(bytes, 40);
  header.part_bytes = get<uint32_t>(bytes, 44);
  header.generation = get<uint32_t>(bytes, 48);
  if (header.log != log || header.position != position) return std::nullopt;
  if (header.block_bytes < BlockHeader::kBytes ||
      header.block_bytes > std::min<uint64_t>(kBlockBytesMax, bytes.size()) || header.block_bytes % alignment != 0 ||
      header.part_bytes > header.block_bytes - BlockHeader::kBytes) {
    return std::nullopt;
  }
  if (get<uint32_t>(bytes, 0) != crc32c(bytes.first(header.block_bytes).subspan(kCrcBytes))) return std::nullopt;
  // Nothing that is durable or trimmed lies beyond the block that says so, nor do we write anything but zero there.
  if (header.flushed > position || header.trimmed > position || get<uint32_t>(bytes, 52) != 0) return std::nullopt;
  return header;
}

bool names_position(ByteSpan bytes, uint64_t log, uint64_t position) {
  return bytes.size() >= BlockHeader::kBytes && get<uint32_t>(bytes, 4) == kBlockMagic &&
         get<uint64_t>(bytes, 8) == log && get<uint64_t>(bytes, 16) == position;
}

void seal_part(const PartHeader& header, MutableByteSpan part) {
  DX_CHECK(part.size() == PartHeader::kBytes + header.bytes, "{} {}", part.size(), header.bytes);
  put(part, 4, header.bytes);
  put(part, 8, header.index);
  put(part, 12, header.flags);
  put(part, 0, crc32c(part.subspan(kCrcBytes)));
}

Status for_each_part(ByteSpan block, const BlockHeader& header, const std::function<Status(const Part&)>& each) {
  const size_t end = BlockHeader::kBytes + header.part_bytes;
  if (end > block.size()) return error(Code::kCorrupt, "the block is cut off");
  for (size_t offset = BlockHeader::kBytes; offset < end;) {
    const ByteSpan rest = block.subspan(offset, end - offset);
    if (rest.size() < PartHeader::kBytes) return error(Code::kCorrupt, "a part header is cut off");
    PartHeader part{.bytes = get<uint32_t>(rest, 4), .index = get<uint32_t>(rest, 8), .flags = get<uint32_t>(rest, 12)};
    if (part.bytes > rest.size() - PartHeader::kBytes) return error(Code::kCorrupt, "a part is longer than its block");
    const ByteSpan whole = rest.first(PartHeader::kBytes + part.bytes);
    if (get<uint32_t>(whole, 0) != crc32c(whole.subspan(kCrcBytes)))
      return error(Code::kCorrupt, "a part fails its crc");
    if ((part.flags & ~PartHeader::kLast) != 0)
      return error(Code::kCorrupt, "a part has unknown flags {:#x}", part.flags);
    DX_TRY(each({.header = part, .payload = whole.subspan(PartHeader::kBytes), .offset = offset}));
    offset += whole.size();
  }
  return {};
}

std::string segment_name(uint64_t sequence) { return fmt::format("segment-{:016x}", sequence); }
std::string spare_name(uint64_t sequence) { return fmt::format("spare-{:016x}", sequence); }

std::optional<uint64_t> sequence_of(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix) || name.size() != prefix.size() + 16) return std::nullopt;
  uint64_t sequence = 0;
  for (const char c : name.substr(prefix.size())) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(c >= 'a' && c <= 'f')) return std::nullopt;
    sequence = sequence * 16 + static_cast<uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  return sequence;
}

}  // namespace daos::journal
