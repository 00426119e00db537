#include "model/stripe/chunks.h"

#include <algorithm>
#include <cstring>

#include "platform/base/check.h"

namespace daos::stripe {
namespace {

bool matches(const ChecksumSpec& spec, ByteSpan bytes, ByteSpan checksum) {
  std::byte computed[kChecksumBytesMax];
  checksum_of(spec.type, bytes, computed);
  return std::memcmp(computed, checksum.data(), checksum.size()) == 0;
}

Status wrong_length(const ChecksumSpec& spec, size_t got, uint64_t wanted) {
  return error(Code::kChecksum, "{} bytes of {} checksums where {} belong", got, checksum_name(spec.type), wanted);
}

ByteSpan bytes_of(ByteSpan window_bytes, Records window, uint64_t record_bytes, Records piece) {
  return window_bytes.subspan((piece.start - window.start) * record_bytes, piece.count * record_bytes);
}

}  // namespace

Chunks::Chunks(const ChecksumSpec& spec, uint64_t record_bytes)
    : records_(std::max<uint64_t>(spec.chunk_bytes / record_bytes, 1)) {}

Records Chunks::piece(Records range, uint64_t index) const {
  const uint64_t chunk = range.start / records_ + index;
  const uint64_t start = std::max(range.start, chunk * records_);
  // Written so that the last chunk of the index space does not overflow.
  const uint64_t behind = range.end() - chunk * records_;
  return {.start = start, .count = chunk * records_ + std::min(behind, records_) - start};
}

uint64_t checksums_bytes(const ChecksumSpec& spec, uint64_t record_bytes, Records range) {
  if (!spec.on() || record_bytes == 0 || range.count == 0) return 0;
  return Chunks(spec, record_bytes).touched_by(range) * checksum_bytes(spec.type);
}

ByteVector checksum_of_value(const ChecksumSpec& spec, ByteSpan value) {
  ByteVector checksum(checksum_bytes(spec.type));
  checksum_of(spec.type, value, checksum.data());
  return checksum;
}

ByteVector checksums_of_range(const ChecksumSpec& spec, uint64_t record_bytes, Records range, ByteSpan bytes) {
  DX_CHECK(bytes.size() == range.count * record_bytes, "{} bytes for {} records", bytes.size(), range.count);
  ByteVector checksums(checksums_bytes(spec, record_bytes, range));
  if (checksums.empty()) return checksums;
  const Chunks chunks(spec, record_bytes);
  const size_t one = checksum_bytes(spec.type);
  for (uint64_t i = 0; i < chunks.touched_by(range); i++) {
    checksum_of(spec.type, bytes_of(bytes, range, record_bytes, chunks.piece(range, i)), checksums.data() + i * one);
  }
  return checksums;
}

Status verify_value(const ChecksumSpec& spec, ByteSpan value, ByteSpan checksums) {
  const size_t one = checksum_bytes(spec.type);
  if (checksums.size() != one) return wrong_length(spec, checksums.size(), one);
  if (matches(spec, value, checksums)) return {};
  return error(Code::kChecksum, "the {} of its {} bytes does not match", checksum_name(spec.type), value.size());
}

Status verify_range(const ChecksumSpec& spec, uint64_t record_bytes, Records range, ByteSpan bytes,
                    ByteSpan checksums) {
  const uint64_t wanted = checksums_bytes(spec, record_bytes, range);
  if (checksums.size() != wanted) return wrong_length(spec, checksums.size(), wanted);
  if (wanted == 0) return {};
  if (bytes.size() != range.count * record_bytes) {
    return error(Code::kChecksum, "{} bytes for {} records of {}", bytes.size(), range.count, record_bytes);
  }
  const Chunks chunks(spec, record_bytes);
  const size_t one = checksum_bytes(spec.type);
  for (uint64_t i = 0; i < chunks.touched_by(range); i++) {
    const Records piece = chunks.piece(range, i);
    if (matches(spec, bytes_of(bytes, range, record_bytes, piece), checksums.subspan(i * one, one))) continue;
    return error(Code::kChecksum, "the {} of records [{}, {}) does not match", checksum_name(spec.type), piece.start,
                 piece.end());
  }
  return {};
}

Records widened(const ChecksumSpec& spec, uint64_t record_bytes, Records extent, Records part) {
  if (!spec.on() || record_bytes == 0 || part.count == 0) return part;
  const Chunks chunks(spec, record_bytes);
  const uint64_t first = part.start / chunks.records() - extent.start / chunks.records();
  const uint64_t last = (part.end() - 1) / chunks.records() - extent.start / chunks.records();
  const uint64_t start = chunks.piece(extent, first).start;
  return {.start = start, .count = chunks.piece(extent, last).end() - start};
}

Result<ByteVector> checksums_of_part(const ChecksumSpec& spec, uint64_t record_bytes, Records extent, Records window,
                                     ByteSpan bytes, ByteSpan checksums, Records part) {
  const uint64_t wanted = checksums_bytes(spec, record_bytes, extent);
  if (checksums.size() != wanted) return wrong_length(spec, checksums.size(), wanted);
  ByteVector result(checksums_bytes(spec, record_bytes, part));
  if (result.empty()) return result;
  const Chunks chunks(spec, record_bytes);
  const size_t one = checksum_bytes(spec.type);
  const uint64_t first = part.start / chunks.records() - extent.start / chunks.records();
  for (uint64_t i = 0; i < chunks.touched_by(part); i++) {
    const Records whole = chunks.piece(extent, first + i);
    const Records asked = chunks.piece(part, i);
    const ByteSpan stored = checksums.subspan((first + i) * one, one);
    std::byte* out = result.data() + i * one;
    if (whole.start == asked.start && whole.count == asked.count) {
      std::memcpy(out, stored.data(), one);
      continue;
    }
    checksum_of(spec.type, bytes_of(bytes, window, record_bytes, asked), out);
    if (matches(spec, bytes_of(bytes, window, record_bytes, whole), stored)) continue;
    return error(Code::kChecksum, "the {} of records [{}, {}) does not match", checksum_name(spec.type), whole.start,
                 whole.end());
  }
  return result;
}

Result<ByteVector> checksums_of_part(const ChecksumSpec& spec, uint64_t record_bytes, Records extent, ByteSpan bytes,
                                     ByteSpan checksums, Records part) {
  if (spec.on() && bytes.size() != extent.count * record_bytes) {
    return error(Code::kChecksum, "{} bytes for {} records of {}", bytes.size(), extent.count, record_bytes);
  }
  return checksums_of_part(spec, record_bytes, extent, extent, bytes, checksums, part);
}

}  // namespace daos::stripe
