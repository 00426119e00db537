#include "client/core/checksums.h"

#include <algorithm>

#include "model/classes/key_words.h"

namespace daos::core {
namespace {

using messages::Extent;
using messages::ValueKind;
using stripe::Records;

/// A single value is like an array of one record.
constexpr Records kSingle{.start = 0, .count = 1};

/// Appends the checksums of a range whose bytes are in pieces.
void append_checksums(const stripe::ChecksumSpec& spec, uint64_t record_bytes, Records range,
                      std::span<const MutableByteSpan> pieces, ByteVector& out) {
  if (pieces.size() == 1) {
    const ByteVector made = stripe::checksums_of_range(spec, record_bytes, range, pieces.front());
    out.insert(out.end(), made.begin(), made.end());
    return;
  }
  const stripe::Chunks chunks(spec, record_bytes);
  const size_t one = stripe::checksum_bytes(spec.type);
  stripe::ChecksumStream stream(spec.type);
  size_t piece = 0;
  size_t skip = 0;  // of that piece
  for (uint64_t i = 0; i < chunks.touched_by(range); i++) {
    uint64_t left = chunks.piece(range, i).count * record_bytes;
    while (left > 0) {
      const ByteSpan part = pieces[piece].subspan(skip, std::min<uint64_t>(left, pieces[piece].size() - skip));
      stream.add(part);
      left -= part.size();
      skip += part.size();
      if (skip < pieces[piece].size()) continue;
      piece++;
      skip = 0;
    }
    out.resize(out.size() + one);
    stream.finish(out.data() + out.size() - one);
  }
}

/// Whether extents and sizes agree with the bytes that are there.
bool agrees(const messages::AkeyUpdate& akey, uint64_t bytes) {
  if (akey.record_bytes == 0) return false;
  if (akey.kind == ValueKind::kSingle) return akey.record_bytes == bytes && akey.extents.empty();
  unsigned __int128 records = 0;
  for (const Extent& extent : akey.extents) {
    if (extent.count == 0 || extent.start + extent.count < extent.start) return false;
    records += extent.count;
  }
  return akey.kind == ValueKind::kArray && records * akey.record_bytes == bytes;
}

}  // namespace

void protect(const stripe::ChecksumSpec& spec, Update& update) {
  for (size_t i = 0; i < update.akeys.size(); i++) {
    messages::AkeyUpdate& akey = update.akeys[i];
    MemoryList of_akey(akey.value.data(), akey.value.size());
    const MemoryList& memory = update.memory.empty() ? of_akey : update.memory[i];
    if (!agrees(akey, memory.size())) continue;
    ByteVector made;
    std::vector<MutableByteSpan> pieces;
    uint64_t at = 0;
    const auto append = [&](Records range) {
      pieces.clear();
      memory.append_to(at, range.count * akey.record_bytes, pieces);
      append_checksums(spec, akey.record_bytes, range, pieces, made);
      at += range.count * akey.record_bytes;
    };
    if (akey.kind == ValueKind::kSingle) append(kSingle);
    for (const Extent& extent : akey.extents) append({.start = extent.start, .count = extent.count});
    akey.checksums = {.type = static_cast<uint8_t>(spec.type),
                      .length = static_cast<uint8_t>(stripe::checksum_bytes(spec.type)),
                      .chunk = spec.chunk_bytes,
                      .values = IoBuf::copy_of(made)};
  }
}

uint64_t bytes_of_checksums_that_fit(const stripe::ChecksumSpec& spec) {
  if (!spec.on()) return UINT64_MAX;
  return uint64_t{spec.chunk_bytes} * (kReplyChecksumsMax / stripe::checksum_bytes(spec.type));
}

Status verify(const stripe::ChecksumSpec& spec, const messages::Checksums& came, uint64_t record_bytes, Records range,
              std::span<const MutableByteSpan> pieces) {
  const size_t one = stripe::checksum_bytes(spec.type);
  if (came.type != static_cast<uint8_t>(spec.type) || came.length != one || came.chunk != spec.chunk_bytes) {
    return error(Code::kChecksum,
                 "it came with checksums of type {}, {} bytes each, for chunks of {}: not those of "
                 "its container",
                 came.type, came.length, came.chunk);
  }
  if (came.values.size() != stripe::checksums_bytes(spec, record_bytes, range)) {
    return error(Code::kChecksum, "it came with {} bytes of checksums where {} belong", came.values.size(),
                 stripe::checksums_bytes(spec, record_bytes, range));
  }
  ByteVector made;
  append_checksums(spec, record_bytes, range, pieces, made);
  const auto differ = std::ranges::mismatch(made, came.values.bytes()).in1;
  if (differ == made.end()) return {};
  const Records chunk =
      stripe::Chunks(spec, record_bytes).piece(range, static_cast<uint64_t>(differ - made.begin()) / one);
  return error(Code::kChecksum, "the {} of records [{}, {}) does not match", stripe::checksum_name(spec.type),
               chunk.start, chunk.end());
}

Result<const messages::Checksums*> checksums_of_run(const messages::FetchedValue& value, size_t run, size_t runs) {
  if (value.checksums.empty()) return nullptr;
  if (value.checksums.size() != runs) {
    return error(Code::kChecksum, "it came with {} checksums for {} runs", value.checksums.size(), runs);
  }
  const messages::Checksums& checksums = value.checksums[run];
  return checksums.none() && checksums.values.empty() ? nullptr : &checksums;
}

std::string in_words(const Object& object, ByteSpan dkey) {
  return fmt::format("pool {}, container {}, object {}, dkey {}", object.container()->pool()->id(),
                     object.container()->id(), object.id(),
                     classes::key_in_words(classes::dkey_kind(object.id().type()), dkey));
}
std::string akey_in_words(const classes::ObjectId& object, ByteSpan akey) {
  return fmt::format("akey {}", classes::key_in_words(classes::akey_kind(object.type()), akey));
}

}  // namespace daos::core
