// What one write left for one akey: a single value, an extent, or the removal of either. One allocation: a fixed head,
// then what this one has of (extent, checksums), then small bytes themselves or where they are. Pieces of an extent
// share it.
#pragma once

#include <absl/container/btree_map.h>

#include <span>

#include "server/vos/index/index.h"
#include "server/vos/index/version.h"

namespace daos::vos {

/// Values up to here lie inside their blob and are copied out by a reader; larger ones are buffers, which a reader
/// shares.
inline constexpr size_t kInlineMax = 512;

/// The runs of tier 1 that blobs refer to, counted. By address and not by blob, because after a checkpoint one extent
/// may come back as two blobs. Runs overlap only after a recovery: it replays a write whose run was freed later and
/// used again. What still belongs to another run is then not given back.
class Runs {
 public:
  explicit Runs(Memory& memory) : runs_(Counted<std::pair<const Key, uint64_t>>(memory)) {}
  void add(const TierAddress& address);
  void remove(const TierAddress& address, std::vector<TierAddress>& freed);
  uint64_t bytes() const { return bytes_; }
  void each(const std::function<void(uint64_t offset, uint64_t bytes)>& visit) const {
    for (const auto& [key, blobs] : runs_) visit(key.first, key.second);
  }

 private:
  using Key = std::pair<uint64_t, uint64_t>;  // offset, bytes
  absl::btree_map<Key, uint64_t, std::less<>, Counted<std::pair<const Key, uint64_t>>> runs_;
  uint64_t bytes_ = 0;
  uint64_t largest_ = 0;
  bool overlap_ = false;
};

/// What every part of an index works on: its account, its runs, and what was given back and not reported yet.
struct Store {
  Memory memory;
  Runs runs{memory};
  std::vector<TierAddress> freed_runs;
};

class Blob {
 public:
  struct Content {
    Version version;
    journal::Position position;
    uint64_t record_bytes = 0;
    const Extent* written = nullptr;  // of an array
    ByteSpan bytes;                   // copied
    std::span<const TierAddress> stored;
    const Checksums* checksums = nullptr;  // copied
  };
  static uint64_t cost_of(const Content& content);
  static Blob* create(Store& store, const Content& content);
  /// It was prepared, and a record at `position` has committed it.
  void commit_at(journal::Position position) { position_ = position; }
  /// Gives up one reference; with the last one the blob goes, and its run when no other blob has it.
  static void release(Store& store, Blob* blob);
  Blob* share() {
    refs_++;
    return this;
  }

  Version version() const { return {epoch_, minor_}; }
  journal::Position position() const { return position_; }
  uint64_t record_bytes() const { return record_bytes_; }
  bool is_array() const { return (has_ & kHasExtent) != 0; }
  /// No value, or the removal of an extent.
  bool removes() const { return record_bytes_ == 0; }
  Extent written() const;
  uint64_t data_bytes() const { return is_array() ? record_bytes_ * written().count : record_bytes_; }
  Data data() const;             // small bytes are copied, others shared
  ByteSpan tier0_bytes() const;  // in place
  std::span<const TierAddress> stored() const;
  Checksums checksums() const;
  const Checksums* checksums_in_place() const;
  /// Asks for what data() reads outside this blob; false if that is nothing.
  bool fetch_ahead() const {
    if (storage_ != Storage::kBuffer) return false;
    reinterpret_cast<const IoBuf*>(payload())->fetch_ahead();
    return true;
  }

 private:
  enum class Storage : uint8_t { kNone, kInline, kBuffer, kTier1, kTier1Runs };
  static constexpr uint8_t kHasExtent = 1, kHasChecksums = 2;
  static Storage storage_of(const Content& content);
  static size_t head_bytes(uint8_t has);
  static size_t tail_bytes(Storage storage, size_t bytes, size_t runs);
  const std::byte* tail() const { return reinterpret_cast<const std::byte*>(this + 1); }
  const std::byte* payload() const { return tail() + head_bytes(has_); }

  uint64_t epoch_ = 0;
  uint16_t minor_ = 0;
  Storage storage_ = Storage::kNone;
  uint8_t has_ = 0;
  uint32_t refs_ = 1;
  uint64_t record_bytes_ = 0;
  journal::Position position_;
};
static_assert(sizeof(Blob) == 32);

/// What a reader gets of [start, end) of an extent.
ExtentView view_of(uint64_t start, uint64_t end, const Blob& blob);

/// What a buffer of `bytes` takes, with the count of its shares, which stands before it in the same allocation.
inline uint64_t buffer_cost(uint64_t bytes) { return malloc_bytes(IoBuf::footprint(bytes)); }

}  // namespace daos::vos
