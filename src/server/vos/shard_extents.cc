// What a shard keeps in extents: which values, their room, their way there and back.
#include <algorithm>

#include "model/stripe/chunks.h"
#include "platform/base/check.h"
#include "platform/base/probe.h"
#include "server/vos/placement.h"

namespace daos::vos {
namespace {

/// A value whose extents would take more than this times its bytes, in whole blocks, is inline: many small extents.
constexpr uint64_t kPaddingMax = 2;
constexpr Duration kHeldWait = std::chrono::milliseconds(1);
constexpr int kHeldWaitsMax = 5000;
constexpr int kReclaimEvery = 32;  // waits
constexpr int kSplitAfter = 20;    // waits: long enough for the log to say what is free
constexpr uint64_t kPieceMin = 4 * kExtentBlock;

uint64_t in_blocks(const AkeyValue& value) {
  if (value.kind == ValueKind::kSingle) return align_up(value.value.size(), kExtentBlock);
  uint64_t bytes = 0;
  for (const Extent& extent : value.extents) bytes += align_up(extent.count * value.record_bytes, kExtentBlock);
  return bytes;
}

}  // namespace

void Shard::Placement::choose(UpdateRecord& record, uint64_t limit) {
  for (size_t i = 0; i < record.values.size(); i++) {
    AkeyValue& value = record.values[i];
    if (value.value.size() <= limit || !value.stored.empty()) continue;
    if (in_blocks(value) > kPaddingMax * std::max<uint64_t>(value.value.size(), kExtentBlock)) continue;
    const IoBuf bytes = std::exchange(value.value, {});
    const auto add = [&](IoBuf part) {
      value.stored.push_back({.bytes = align_up(part.size(), kExtentBlock)});
      runs_.add(std::move(part));
    };
    if (value.kind == ValueKind::kSingle) {
      add(bytes);
    } else {
      uint64_t at = 0;
      for (const Extent& extent : value.extents) {
        const uint64_t extent_bytes = extent.count * value.record_bytes;
        add(bytes.slice(at, extent_bytes));
        at += extent_bytes;
      }
    }
    chosen_.push_back(i);
  }
}

namespace {

/// The last place at or before `limit`, behind `start`, at which an extent can be cut: checksums are of whole chunks.
/// 0: there is none.
uint64_t cut_before(const AkeyValue& value, uint64_t start, uint64_t limit) {
  if (value.checksums.type == 0) return limit;
  const uint64_t unit = stripe::Chunks({.chunk_bytes = value.checksums.chunk}, value.record_bytes).records();
  const uint64_t cut = limit / unit * unit;
  return cut > start ? cut : 0;
}

}  // namespace

bool Shard::Placement::split(UpdateRecord& record, uint64_t bytes_max) {
  std::vector<IoBuf> pieces;
  bool any = false;
  size_t run = 0;
  for (const size_t i : chosen_) {
    AkeyValue& value = record.values[i];
    if (value.kind == ValueKind::kSingle || value.record_bytes > bytes_max) {
      for (size_t n = 0; n < value.stored.size(); n++) pieces.push_back(runs_.data(run++));
      continue;
    }
    std::vector<Extent> extents;
    std::vector<TierAddress> stored;
    for (const Extent& extent : value.extents) {
      const IoBuf bytes = runs_.data(run++);
      for (uint64_t at = extent.start; at < extent.end();) {
        uint64_t end = std::min(extent.end(), at + bytes_max / value.record_bytes);
        if (end < extent.end()) {
          const uint64_t cut = cut_before(value, at, end);
          end = cut == 0 ? extent.end() : cut;
        }
        any |= end < extent.end();
        const uint64_t piece = (end - at) * value.record_bytes;
        pieces.push_back(bytes.slice((at - extent.start) * value.record_bytes, piece));
        extents.push_back({.start = at, .count = end - at});
        stored.push_back({.bytes = align_up(piece, kExtentBlock)});
        at = end;
      }
    }
    value.extents = std::move(extents);
    value.stored = std::move(stored);
  }
  if (!any) return false;
  runs_.clear();
  for (IoBuf& piece : pieces) runs_.add(std::move(piece));
  return true;
}

void Shard::Placement::fill(UpdateRecord& record) const {
  size_t run = 0;
  for (const size_t i : chosen_) {
    for (TierAddress& address : record.values[i].stored) address = runs_.address(run++);
  }
}

uint64_t Shard::inline_limit() const {
  return has_tier1() ? superblock_.inline_max : std::max<uint64_t>(superblock_.inline_max, options_.inline_max_alone);
}

uint64_t Shard::headroom() const { return has_tier1() ? superblock_.tier_bytes[0] / 8 : 0; }

ExtentOptions Shard::extent_options() const {
  const uint64_t tier0 = superblock_.tier_bytes[0];
  return {.pool = superblock_.pool,
          // Alone, what is used is bounded by tier 0; what is freed and not yet free again comes on top.
          .bytes_max = has_tier1() ? superblock_.tier_bytes[1] : tier0 + tier0 / 4 + options_.extent_piece_bytes,
          .whole = has_tier1(),
          .piece_bytes = options_.extent_piece_bytes,
          .direct = has_tier1() || superblock_.durability == static_cast<uint8_t>(journal::Durability::kPower),
          .keep_in_memory = !has_tier1(),
          .copies_bytes_max = options_.extent_copies_bytes,
          .planted = options_.planted};
}

runtime::Task<Status> Shard::place(UpdateRecord& record, Placement& placement) {
  DX_CO_TRY(co_await keep_pace());
  uint64_t cost = index_.cost_of(record);
  if (has_tier1() && cost + headroom() > tier_free(0)) {
    // Tier 0 is full of values: what is small goes to tier 1, too, and the rest is for the index.
    placement.choose(record, sizeof(TierAddress));
    cost = index_.cost_of(record);
  }
  DX_CO_TRY(co_await make_room(cost + (has_tier1() ? 0 : placement.runs().bytes())));
  if (placement.empty()) co_return Status();
  DX_CO_TRY(co_await allocate(record, placement));
  DX_CO_TRY(co_await placement.runs().write());
  placement.fill(record);
  cost = index_.cost_of(record);
  // The room that was there before the write may have gone to others. What was written is accounted for already.
  if (!has_room(cost)) DX_CO_TRY(co_await make_room(cost));
  co_return Status();
}

bool Shard::allocate_in_pieces(UpdateRecord& record, Placement& placement) {
  if (extents_->free_bytes() < placement.runs().bytes()) return false;
  for (uint64_t piece = extents_->longest_free_bytes(); piece >= kPieceMin; piece = piece / 2) {
    if (placement.split(record, piece) && placement.runs().allocate()) return true;
  }
  return false;
}

runtime::Task<Status> Shard::allocate(UpdateRecord& record, Placement& placement) {
  NewRuns& runs = placement.runs();
  Status cannot_grow;
  for (int waits = 0;; waits++) {
    extents_->release(journal_->flushed());
    if (runs.allocate()) co_return Status();
    DX_CO_TRY(health());
    if (cannot_grow.ok()) {
      cannot_grow = co_await extents_->grow(runs.bytes());
      if (cannot_grow.ok()) continue;
      if (cannot_grow.code() != Code::kNoSpace) co_return cannot_grow;
    }
    if (waits % kReclaimEvery == 0) {
      // What is freed now comes back a little later: see below.
      DX_CO_TRY(co_await reclaim_until([&] { return extents_->held_bytes() >= runs.bytes(); }));
    }
    extents_->release(journal_->flushed());
    if (runs.allocate()) co_return Status();
    const bool last = extents_->held_bytes() == 0 || waits >= kHeldWaitsMax;
    if ((last || waits >= kSplitAfter) && allocate_in_pieces(record, placement)) {
      DX_PROBE("shard: an extent cut into pieces because free space is scattered");
      co_return Status();
    }
    if (last) break;
    // What was freed comes back when the log says so, which it does soon if asked to.
    journal_->say_flushed();
    DX_CO_TRY(co_await runtime::sleep(reactor_, reactor_.within(kHeldWait, background_.token())));
  }
  if (has_tier1()) {
    co_return error(Code::kNoSpace,
                    "tier 1 of this target has {} of {} bytes free, {} of them in one piece; the update needs {}",
                    tier_free(1), tier_total(1), extents_->longest_free_bytes(), runs.bytes());
  }
  co_return std::move(cannot_grow).within(fmt::format("room for {} bytes of large values", runs.bytes()));
}

namespace {

/// What of an extent is read: what is asked for, and with checksums the whole chunks that it touches.
Extent to_read(const ExtentView& view) {
  const stripe::ChecksumSpec spec{.type = static_cast<stripe::ChecksumType>(view.checksums.type),
                                  .chunk_bytes = view.checksums.chunk};
  const stripe::Records records =
      stripe::widened(spec, view.record_bytes, {.start = view.written.start, .count = view.written.count},
                      {.start = view.extent.start, .count = view.extent.count});
  return {.start = records.start, .count = records.count};
}

}  // namespace

runtime::Task<Status> Shard::read_extents(FetchResult& result, const std::vector<FetchKey>& keys) {
  const Quarantine::Reader reader = extents_->reader();
  std::vector<RunRead> reads;
  const auto want = [&reads](const std::optional<TierAddress>& run, uint64_t from, uint64_t bytes) {
    if (run) reads.push_back({.run = *run, .from = from, .bytes = bytes});
  };
  std::vector<char> wanted(keys.size(), 1);
  for (size_t i = 0; i < keys.size(); i++) {
    FetchedKey& key = result.keys[i];
    uint64_t bytes = keys[i].kind == ValueKind::kSingle ? key.record_bytes : 0;
    for (const ExtentView& view : key.extents) bytes += view.extent.count * view.record_bytes;
    wanted[i] = static_cast<char>(bytes <= keys[i].bytes_max);
    if (wanted[i] == 0) continue;
    want(key.stored, 0, key.record_bytes);
    for (ExtentView& view : key.extents) {
      if (view.data.stored) view.held = to_read(view);
      want(view.data.stored, (view.held.start - view.written.start) * view.record_bytes,
           view.held.count * view.record_bytes);
    }
  }
  reads = DX_CO_TRY(co_await extents_->read(std::move(reads)));
  size_t next = 0;
  for (size_t i = 0; i < keys.size(); i++) {
    if (wanted[i] == 0) continue;
    FetchedKey& key = result.keys[i];
    if (key.stored) {
      key.value = reads[next].data.slice(reads[next].skip, key.record_bytes);
      next++;
    }
    for (ExtentView& view : key.extents) {
      if (!view.data.stored) continue;
      view.data.bytes = std::move(reads[next].data);
      view.skip = reads[next].skip + (view.extent.start - view.held.start) * view.record_bytes;
      next++;
    }
  }
  co_return Status();
}

}  // namespace daos::vos
