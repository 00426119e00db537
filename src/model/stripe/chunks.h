// The checksums of a value, as they travel and as they are stored: one for a single value; of an array one for each
// aligned chunk that an extent touches, over the extent's own bytes in it, in order. A chunk is a number of records: as
// many as fit the container's chunk size, at least one.
//
// Reading a part of an extent. What is asked for may begin or end within a chunk, and its checksum covers more than
// what is sent. Whoever has the whole extent verifies the chunk and computes the checksum of the part anew (the
// alternative, to send the whole chunk, would send up to two chunks that nobody asked for with every small read, and
// would not work for a reader who may not see all of it because newer writes lie over it). The part's checksum is
// computed first and the whole verified after: bytes that change between the two are seen by the one or by the reader.
#pragma once

#include <optional>

#include "model/stripe/checksum.h"
#include "platform/base/codec.h"
#include "platform/base/status.h"

namespace daos::stripe {

/// How a container wants its values protected.
struct ChecksumSpec {
  ChecksumType type = ChecksumType::kOff;
  uint32_t chunk_bytes = 32u << 10;
  bool on() const { return type != ChecksumType::kOff; }
};

/// Records [start, start + count).
struct Records {
  uint64_t start = 0;
  uint64_t count = 0;
  uint64_t end() const { return start + count; }
};

/// The grid of chunks over an array.
class Chunks {
 public:
  /// `record_bytes` above 0.
  Chunks(const ChecksumSpec& spec, uint64_t record_bytes);
  uint64_t records() const { return records_; }
  /// How many a range of at least one record touches.
  uint64_t touched_by(Records range) const { return (range.end() - 1) / records_ - range.start / records_ + 1; }
  /// The part of `range` in the i-th chunk that it touches.
  Records piece(Records range, uint64_t index) const;

 private:
  uint64_t records_;
};

/// Bytes of all checksums of a range; of a single value: of one.
uint64_t checksums_bytes(const ChecksumSpec& spec, uint64_t record_bytes, Records range);

ByteVector checksum_of_value(const ChecksumSpec& spec, ByteSpan value);
/// `bytes` are those of the range.
ByteVector checksums_of_range(const ChecksumSpec& spec, uint64_t record_bytes, Records range, ByteSpan bytes);

/// What does not match, or how the checksums do not fit what they are for: kChecksum. It says which chunk; the caller
/// adds of what.
Status verify_value(const ChecksumSpec& spec, ByteSpan value, ByteSpan checksums);
Status verify_range(const ChecksumSpec& spec, uint64_t record_bytes, Records range, ByteSpan bytes, ByteSpan checksums);

/// The checksums of `part`, from the bytes and checksums of the extent that it is a part of. Those of whole chunks are
/// taken over; the others are computed from the bytes, whose chunk is verified. kChecksum as above.
Result<ByteVector> checksums_of_part(const ChecksumSpec& spec, uint64_t record_bytes, Records extent, ByteSpan bytes,
                                     ByteSpan checksums, Records part);
/// What of an extent's bytes the above looks at beside those of the part itself: the part, widened to whole chunks of
/// the extent. For data that must be read from somewhere first.
Records widened(const ChecksumSpec& spec, uint64_t record_bytes, Records extent, Records part);
/// As checksums_of_part(), when only the bytes of `window` are at hand, which contains widened(...).
Result<ByteVector> checksums_of_part(const ChecksumSpec& spec, uint64_t record_bytes, Records extent, Records window,
                                     ByteSpan bytes, ByteSpan checksums, Records part);

}  // namespace daos::stripe
