#include "server/vos/index/blob.h"

#include <cstring>
#include <memory>

#include "platform/base/check.h"

namespace daos::vos {

void Runs::add(const TierAddress& address) {
  const auto [run, added] = runs_.try_emplace({address.offset, address.bytes}, 0);
  run->second++;
  if (!added) return;
  bytes_ += address.bytes;
  largest_ = std::max(largest_, address.bytes);
  if (const auto next = std::next(run); next != runs_.end())
    overlap_ |= next->first.first < address.offset + address.bytes;
  if (run != runs_.begin()) {
    const Key before = std::prev(run)->first;
    overlap_ |= before.first + before.second > address.offset;
  }
}

void Runs::remove(const TierAddress& address, std::vector<TierAddress>& freed) {
  const auto run = runs_.find({address.offset, address.bytes});
  if (--run->second > 0) return;
  runs_.erase(run);
  bytes_ -= address.bytes;
  if (!overlap_) {
    freed.push_back(address);
    return;
  }
  uint64_t from = address.offset;
  const uint64_t end = address.offset + address.bytes;
  const auto give = [&](uint64_t until) {
    if (until > from) freed.push_back({.offset = from, .bytes = until - from});
  };
  const uint64_t first = address.offset < largest_ ? 0 : address.offset - largest_;
  for (auto other = runs_.lower_bound({first, 0}); other != runs_.end() && other->first.first < end; ++other) {
    const uint64_t other_end = other->first.first + other->first.second;
    if (other_end <= from) continue;
    give(other->first.first);
    from = std::max(from, other_end);
  }
  give(end);
}

Blob::Storage Blob::storage_of(const Content& content) {
  if (!content.stored.empty()) return content.stored.size() == 1 ? Storage::kTier1 : Storage::kTier1Runs;
  if (content.bytes.empty()) return Storage::kNone;
  return content.bytes.size() <= kInlineMax ? Storage::kInline : Storage::kBuffer;
}

size_t Blob::head_bytes(uint8_t has) {
  return ((has & kHasExtent) != 0 ? sizeof(Extent) : 0) + ((has & kHasChecksums) != 0 ? sizeof(Checksums*) : 0);
}

size_t Blob::tail_bytes(Storage storage, size_t bytes, size_t runs) {
  switch (storage) {
    case Storage::kNone:
      return 0;
    case Storage::kInline:
      return bytes;
    case Storage::kBuffer:
      return sizeof(IoBuf);
    case Storage::kTier1:
      return sizeof(TierAddress);
    case Storage::kTier1Runs:  // how many, then they
      return sizeof(uint64_t) + runs * sizeof(TierAddress);
  }
  return 0;
}

uint64_t Blob::cost_of(const Content& content) {
  const bool has_checksums = content.checksums != nullptr && content.checksums->type != 0;
  const uint8_t has =
      static_cast<uint8_t>((content.written != nullptr ? kHasExtent : 0) | (has_checksums ? kHasChecksums : 0));
  const Storage storage = storage_of(content);
  uint64_t cost =
      chunk_bytes(sizeof(Blob) + head_bytes(has) + tail_bytes(storage, content.bytes.size(), content.stored.size()));
  if (storage == Storage::kBuffer) cost += buffer_cost(content.bytes.size());
  if (has_checksums) cost += chunk_bytes(sizeof(Checksums)) + buffer_cost(content.checksums->values.size());
  return cost;
}

Blob* Blob::create(Store& store, const Content& content) {
  Memory& memory = store.memory;
  Runs& runs = store.runs;
  const bool has_checksums = content.checksums != nullptr && content.checksums->type != 0;
  const uint8_t has =
      static_cast<uint8_t>((content.written != nullptr ? kHasExtent : 0) | (has_checksums ? kHasChecksums : 0));
  const Storage storage = storage_of(content);
  Blob* blob = new (memory.allocate(sizeof(Blob) + head_bytes(has) +
                                    tail_bytes(storage, content.bytes.size(), content.stored.size()))) Blob;
  blob->epoch_ = content.version.epoch;
  blob->minor_ = content.version.minor;
  blob->storage_ = storage;
  blob->has_ = has;
  blob->record_bytes_ = content.record_bytes;
  blob->position_ = content.position;
  auto* place = const_cast<std::byte*>(blob->tail());
  if (content.written != nullptr) {
    new (place) Extent(*content.written);
    place += sizeof(Extent);
  }
  if (has_checksums) {
    auto* checksums = make_counted<Checksums>(memory, *content.checksums);
    checksums->values = IoBuf::copy_of(content.checksums->values.bytes());
    if (!checksums->values.empty()) memory.used += buffer_cost(checksums->values.size());
    new (place) Checksums*(checksums);
    place += sizeof(Checksums*);
  }
  switch (storage) {
    case Storage::kNone:
      break;
    case Storage::kInline:
      std::memcpy(place, content.bytes.data(), content.bytes.size());
      break;
    case Storage::kBuffer:
      new (place) IoBuf(IoBuf::copy_of(content.bytes));
      memory.used += buffer_cost(content.bytes.size());
      break;
    case Storage::kTier1Runs:
      new (place) uint64_t(content.stored.size());
      place += sizeof(uint64_t);
      [[fallthrough]];
    case Storage::kTier1:
      std::uninitialized_copy(content.stored.begin(), content.stored.end(), reinterpret_cast<TierAddress*>(place));
      for (const TierAddress& run : content.stored) runs.add(run);
      break;
  }
  return blob;
}

void Blob::release(Store& store, Blob* blob) {
  if (--blob->refs_ > 0) return;
  Memory& memory = store.memory;
  Runs& runs = store.runs;
  auto* payload = const_cast<std::byte*>(blob->payload());
  const std::span<const TierAddress> stored = blob->stored();
  const size_t bytes =
      sizeof(Blob) + head_bytes(blob->has_) + tail_bytes(blob->storage_, blob->data_bytes(), stored.size());
  for (const TierAddress& run : stored) runs.remove(run, store.freed_runs);
  if (blob->storage_ == Storage::kBuffer) {
    auto* buffer = reinterpret_cast<IoBuf*>(payload);
    memory.used -= buffer_cost(buffer->size());
    buffer->~IoBuf();
  }
  if (const Checksums* checksums = blob->checksums_in_place()) {
    if (!checksums->values.empty()) memory.used -= buffer_cost(checksums->values.size());
    release_counted(memory, const_cast<Checksums*>(checksums));
  }
  blob->~Blob();
  memory.release(blob, bytes);
}

Extent Blob::written() const { return *reinterpret_cast<const Extent*>(tail()); }

const Checksums* Blob::checksums_in_place() const {
  if ((has_ & kHasChecksums) == 0) return nullptr;
  return *reinterpret_cast<Checksums* const*>(tail() + (is_array() ? sizeof(Extent) : 0));
}
Checksums Blob::checksums() const {
  const Checksums* checksums = checksums_in_place();
  return checksums == nullptr ? Checksums{} : *checksums;
}

std::span<const TierAddress> Blob::stored() const {
  if (storage_ == Storage::kTier1) return {reinterpret_cast<const TierAddress*>(payload()), 1};
  if (storage_ != Storage::kTier1Runs) return {};
  const uint64_t count = *reinterpret_cast<const uint64_t*>(payload());
  return {reinterpret_cast<const TierAddress*>(payload() + sizeof(uint64_t)), count};
}

ByteSpan Blob::tier0_bytes() const {
  if (storage_ == Storage::kInline) return {payload(), data_bytes()};
  if (storage_ == Storage::kBuffer) return reinterpret_cast<const IoBuf*>(payload())->bytes();
  return {};
}

Data Blob::data() const {
  switch (storage_) {
    case Storage::kNone:
      break;
    case Storage::kInline:
      return {.bytes = IoBuf::copy_of(tier0_bytes()), .stored = {}};
    case Storage::kBuffer:
      return {.bytes = *reinterpret_cast<const IoBuf*>(payload()), .stored = {}};
    case Storage::kTier1:
    case Storage::kTier1Runs:
      return {.bytes = {}, .stored = StoredRuns(stored().begin(), stored().end())};
  }
  return {};
}

ExtentView view_of(uint64_t start, uint64_t end, const Blob& blob) {
  const Extent written = blob.written();
  return {.extent = {.start = start, .count = end - start},
          .record_bytes = blob.record_bytes(),
          .epoch = blob.version().epoch,
          .data = blob.data(),
          .skip = (start - written.start) * blob.record_bytes(),
          .held = written,
          .written = written,
          .checksums = blob.checksums()};
}

}  // namespace daos::vos
