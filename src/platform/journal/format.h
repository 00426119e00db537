// The log's bytes: segment header, block, part. docs/formats/log.md tells the whole story; all integers little-endian.
// Pure functions, no I/O.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "platform/base/bytes.h"
#include "platform/base/codec.h"
#include "platform/base/status.h"
#include "platform/base/units.h"
#include "platform/base/uuid.h"

namespace daos::journal {

inline constexpr uint16_t kFormatVersion = 1;
/// The segment header has this much to itself, so that blocks behind it are aligned for O_DIRECT.
inline constexpr size_t kHeaderArea = 4096;
/// Alignment of blocks: what the device writes whole for `power`, a cache line for `process`.
inline constexpr uint32_t kBlockBytesPower = 4096;
inline constexpr uint32_t kBlockBytesProcess = 64;
/// No block is larger, so a reader knows how far a damaged length can lead it.
inline constexpr uint32_t kBlockBytesMax = 128 * 1024;
inline constexpr uint64_t kSegmentBytesMin = 16 * kKiB;
inline constexpr uint64_t kSegmentBytesMax = 128 * kMiB;

/// First bytes of a segment, 4096 bytes.
///
///   off size field          meaning
///     0    4 crc32c         over bytes [4, 4096)
///     4    4 magic          "DXLS"
///     8    2 version        kFormatVersion; others are refused
///    10    2 reserved       zero
///    12    4 block_bytes    alignment and least size of a block: 4096 or 64
///    16   16 log            identity of the log; its first eight bytes are in every block
///    32    8 segment_bytes  size of every segment of this log
///    40    8 sequence       this segment holds positions [sequence * segment_bytes, + segment_bytes)
///    48    8 previous_end   where the log ended before this segment; less than its own start after a cut: everything
///                           between is void
///    56    8 trimmed        no record up to here was needed when the segment was prepared
///    64    4 generation     how often the log had been opened when the segment was prepared
///    68 4028 reserved       zero
struct SegmentHeader {
  uint32_t block_bytes = 0;
  Uuid log;
  uint64_t segment_bytes = 0;
  uint64_t sequence = 0;
  uint64_t previous_end = 0;
  uint64_t trimmed = 0;
  uint32_t generation = 0;

  uint64_t start() const { return sequence * segment_bytes; }
  uint64_t end() const { return start() + segment_bytes; }
  /// False for a segment that simply follows the one before it.
  bool is_jump() const { return previous_end < start(); }
};

/// First bytes of a block, 56 bytes; parts follow, then zeros up to block_bytes.
///
///   off size field         meaning
///     0    4 crc32c        over bytes [4, block_bytes)
///     4    4 magic         "DXLB"
///     8    8 log           first eight bytes of the log's identity
///    16    8 position      of the block's first byte: what a stale block in a reused segment does not match
///    24    8 flushed       everything up to this position was durable when the block was written
///    32    8 trimmed       no record up to this position is needed any more
///    40    4 block_bytes   with header and padding; a multiple of the log's alignment, at most 128 KiB
///    44    4 part_bytes    of the parts behind the header
///    48    4 generation    how often the log had been opened; a part chain never crosses generations
///    52    4 reserved      zero
struct BlockHeader {
  static constexpr size_t kBytes = 56;
  uint64_t log = 0;
  uint64_t position = 0;
  uint64_t flushed = 0;
  uint64_t trimmed = 0;
  uint32_t block_bytes = 0;
  uint32_t part_bytes = 0;
  uint32_t generation = 0;
};

/// A record, or a piece of one that did not fit; 16 bytes and its payload. Never split across blocks.
///
///   off size field    meaning
///     0    4 crc32c   over bytes [4, 16 + bytes)
///     4    4 bytes    of payload
///     8    4 index    0 for a record's first part, then counting
///    12    4 flags    bit 0: the record's last part; the others zero
struct PartHeader {
  static constexpr size_t kBytes = 16;
  static constexpr uint32_t kLast = 1;
  uint32_t bytes = 0;
  uint32_t index = 0;
  uint32_t flags = 0;
};

uint64_t short_id(const Uuid& log);

/// Fills kHeaderArea bytes.
void encode_segment_header(const SegmentHeader& header, MutableByteSpan area);
/// kCorrupt for what is damaged, kFormatVersion for another version.
Result<SegmentHeader> decode_segment_header(ByteSpan area);

/// Completes a block whose parts stand behind kBytes of room: header, zeros behind the parts, crc.
void seal_block(const BlockHeader& header, MutableByteSpan block);
/// The block at the start of `bytes`, if there is one, whole and undamaged, that belongs to this log and this position.
std::optional<BlockHeader> decode_block(ByteSpan bytes, uint64_t log, uint64_t position, uint32_t alignment);

/// Whether the start of `bytes` looks like the header of this log's block at this position, whatever became of the
/// rest.
bool names_position(ByteSpan bytes, uint64_t log, uint64_t position);

/// Writes a part's header, and its crc over the payload that already stands behind it.
void seal_part(const PartHeader& header, MutableByteSpan part);
struct Part {
  PartHeader header;
  ByteSpan payload;
  size_t offset = 0;  // of the header in its block
  size_t end() const { return offset + PartHeader::kBytes + payload.size(); }
};
/// Calls `each` for the parts of a decoded block. kCorrupt when they do not fill part_bytes exactly or fail their crc.
Status for_each_part(ByteSpan block, const BlockHeader& header, const std::function<Status(const Part&)>& each);

/// File names: "segment-" or "spare-", then the sequence in 16 hex digits.
std::string segment_name(uint64_t sequence);
std::string spare_name(uint64_t sequence);
std::optional<uint64_t> sequence_of(std::string_view name, std::string_view prefix);

}  // namespace daos::journal
