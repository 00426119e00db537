// What a shard keeps in extents: which values, their room, their way there and back.
#include <algorithm>
#include <cstring>

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
constexpr int kPiecesAfter = 20;   // waits: long enough for the log to say what is free

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

void Shard::Placement::fill(UpdateRecord& record) const {
  size_t next = 0;
  for (const size_t i : chosen_) {
    AkeyValue& value = record.values[i];
    value.stored.clear();
    for (size_t n = value.kind == ValueKind::kSingle ? 1 : value.extents.size(); n > 0; n--) {
      runs_.addresses_of(next++, value.stored);
    }
  }
}

uint64_t Shard::inline_limit() const {
  return has_tier1() ? superblock_.inline_max : std::max<uint64_t>(superblock_.inline_max, options_.inline_max_alone);
}

uint64_t Shard::headroom() const { return has_tier1() ? superblock_.tier_bytes[0] / 8 : 0; }

Result<ExtentOptions> Shard::extent_options() const {
  const uint64_t tier0 = superblock_.tier_bytes[0];
  std::optional<DeviceRef> device;
  if (superblock_.part) {
    const DevicePart& part = *superblock_.part;
    if (!options_.device || options_.device->id != part.device || options_.device->number != part.number) {
      return error(Code::kFormatInvalid,
                   "{}/shard: its tier 1 lies on device {} ({}), which this target's engine does not have: was the "
                   "folder copied, or the engine's superblock replaced?",
                   directory_, part.number, part.device);
    }
    device = options_.device;
  }
  return ExtentOptions{
      .pool = superblock_.pool,
      // Alone, what is used is bounded by tier 0; what is freed and not yet free again comes on top.
      .bytes_max = has_tier1() ? superblock_.tier_bytes[1] : tier0 + tier0 / 4 + options_.extent_piece_bytes,
      .device = std::move(device),
      .pieces = superblock_.part ? superblock_.part->pieces : std::vector<uint32_t>(),
      .whole = has_tier1(),
      .piece_bytes = options_.extent_piece_bytes,
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
  DX_CO_TRY(co_await allocate(placement.runs()));
  DX_CO_TRY(co_await placement.runs().write());
  placement.fill(record);
  cost = index_.cost_of(record);
  // The room that was there before the write may have gone to others. What was written is accounted for already.
  if (!has_room(cost)) DX_CO_TRY(co_await make_room(cost));
  co_return Status();
}

runtime::Task<Status> Shard::allocate(NewRuns& runs) {
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
    if ((last || waits >= kPiecesAfter) && runs.allocate_in_pieces()) {
      DX_PROBE("shard: values in several runs because free space is scattered");
      co_return Status();
    }
    if (last) break;
    // What was freed comes back when the log says so, which it does soon if asked to.
    journal_->say_flushed();
    DX_CO_TRY(co_await runtime::sleep(reactor_, reactor_.within(kHeldWait, background_.token())));
  }
  if (has_tier1()) {
    co_return error(Code::kNoSpace, "tier 1 of this target has {} of {} bytes free; the update needs {}", tier_free(1),
                    tier_total(1), runs.bytes());
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

/// What is read of values and extents, each of which may lie in several runs.
struct Shard::Gathered {
  std::vector<RunRead> reads;
  struct Value {
    size_t first = 0;  // of its reads
    uint64_t bytes = 0;
  };
  std::vector<Value> values;

  /// Bytes [from, from + bytes) of what lies in these runs.
  void want(const StoredRuns& runs, uint64_t from, uint64_t bytes) {
    values.push_back({.first = reads.size(), .bytes = bytes});
    for (const TierAddress& run : runs) {
      if (from >= run.bytes) {
        from -= run.bytes;
        continue;
      }
      const uint64_t here = std::min(bytes, run.bytes - from);
      reads.push_back({.run = run, .from = from, .bytes = here});
      bytes -= here;
      from = 0;
      if (bytes == 0) return;
    }
  }
};

runtime::Task<Result<RunRead>> Shard::gather(Gathered& gathered, size_t index) {
  constexpr uint64_t kBytesPerStep = 512 * kKiB;
  const Gathered::Value value = gathered.values[index];
  RunRead& first = gathered.reads[value.first];
  if (first.bytes == value.bytes) co_return std::move(first);
  RunRead whole{.bytes = value.bytes, .data = DX_CO_TRY(IoBuf::allocate(value.bytes))};
  uint64_t since_pause = 0;
  for (uint64_t at = 0, i = value.first; at < value.bytes; i++) {
    RunRead& part = gathered.reads[i];
    for (uint64_t done = 0; done < part.bytes;) {
      const uint64_t step = std::min(kBytesPerStep, part.bytes - done);
      std::memcpy(whole.data.data() + at, part.data.data() + part.skip + done, step);
      at += step;
      done += step;
      since_pause += step;
      if (since_pause < kBytesPerStep) continue;
      since_pause = 0;
      co_await runtime::yield(reactor_);
    }
    part.data = {};
  }
  co_return whole;
}

runtime::Task<Status> Shard::read_extents(FetchResult& result, const std::vector<FetchKey>& keys) {
  const Quarantine::Reader reader = extents_->reader();
  Gathered gathered;
  std::vector<char> wanted(keys.size(), 1);
  for (size_t i = 0; i < keys.size(); i++) {
    FetchedKey& key = result.keys[i];
    uint64_t bytes = keys[i].kind == ValueKind::kSingle ? key.record_bytes : 0;
    for (const ExtentView& view : key.extents) bytes += view.extent.count * view.record_bytes;
    wanted[i] = static_cast<char>(bytes <= keys[i].bytes_max);
    if (wanted[i] == 0) continue;
    if (!key.stored.empty()) gathered.want(key.stored, 0, key.record_bytes);
    for (ExtentView& view : key.extents) {
      if (view.data.stored.empty()) continue;
      view.held = to_read(view);
      gathered.want(view.data.stored, (view.held.start - view.written.start) * view.record_bytes,
                    view.held.count * view.record_bytes);
    }
  }
  gathered.reads = DX_CO_TRY(co_await extents_->read(std::move(gathered.reads)));
  size_t next = 0;
  for (size_t i = 0; i < keys.size(); i++) {
    if (wanted[i] == 0) continue;
    FetchedKey& key = result.keys[i];
    if (!key.stored.empty()) {
      const RunRead whole = DX_CO_TRY(co_await gather(gathered, next++));
      key.value = whole.data.slice(whole.skip, key.record_bytes);
    }
    for (ExtentView& view : key.extents) {
      if (view.data.stored.empty()) continue;
      RunRead whole = DX_CO_TRY(co_await gather(gathered, next++));
      view.data.bytes = std::move(whole.data);
      view.skip = whole.skip + (view.extent.start - view.held.start) * view.record_bytes;
    }
  }
  co_return Status();
}

}  // namespace daos::vos
