// An update's runs on their way to the disk.
#include <algorithm>

#include "platform/base/check.h"
#include "platform/base/hash.h"
#include "server/vos/extents/extent_store.h"

namespace daos::vos {
namespace {

/// Copied or summed up without letting others run: below 100 us.
constexpr size_t kBytesPerStep = 512 * kKiB;

BlockRun blocks_of(const TierAddress& address) {
  return {.block = address.offset / kExtentBlock, .blocks = address.bytes / kExtentBlock};
}

}  // namespace

NewRuns::~NewRuns() { give_back(); }

void NewRuns::add(IoBuf bytes) {
  DX_CHECK(!allocated_, "{} runs have their places already", runs_.size());
  const uint64_t padded = align_up(bytes.size(), kExtentBlock);
  bytes_ += padded;
  runs_.push_back({.value = values_++, .bytes = std::move(bytes), .address = {.bytes = padded}});
}

void NewRuns::have_places() {
  allocated_ = true;
  store_.under_way_bytes_ += bytes_;
}

bool NewRuns::allocate() {
  DX_CHECK(!allocated_, "{} runs have their places already", runs_.size());
  if (const std::optional<BlockRun> all = store_.space_.allocate(bytes_ / kExtentBlock)) {
    uint64_t offset = all->block * kExtentBlock;
    for (Run& run : runs_) {
      run.address.offset = offset;
      offset += run.address.bytes;
    }
  } else if (!allocate_one_by_one()) {
    return false;
  }
  have_places();
  return true;
}

bool NewRuns::allocate_in_pieces() {
  DX_CHECK(!allocated_, "{} runs have their places already", runs_.size());
  BlockSpace& space = store_.space_;
  if (space.free_blocks() < bytes_ / kExtentBlock) return false;
  std::vector<Run> pieces;
  for (const Run& run : runs_) {
    // In the longest free runs, so that they are few.
    for (uint64_t at = 0; at < run.address.bytes;) {
      const uint64_t left = (run.address.bytes - at) / kExtentBlock;
      const std::optional<BlockRun> place = space.allocate(std::min(left, space.longest()));
      DX_CHECK(place.has_value(), "{} free blocks do not hold {} bytes", space.free_blocks(), bytes_);
      const uint64_t bytes = place->blocks * kExtentBlock;
      pieces.push_back({.value = run.value,
                        .bytes = run.bytes.slice(at, std::min(bytes, run.bytes.size() - at)),
                        .address = {.offset = place->block * kExtentBlock, .bytes = bytes}});
      at += bytes;
    }
  }
  runs_ = std::move(pieces);
  have_places();
  return true;
}

void NewRuns::addresses_of(size_t index, std::vector<TierAddress>& runs) const {
  auto run = std::lower_bound(runs_.begin(), runs_.end(), index,
                              [](const Run& each, size_t value) { return each.value < value; });
  for (; run != runs_.end() && run->value == index; ++run) runs.push_back(run->address);
}

bool NewRuns::allocate_one_by_one() {
  if (runs_.size() < 2 || store_.space_.free_blocks() < bytes_ / kExtentBlock) return false;
  for (size_t i = 0; i < runs_.size(); i++) {
    const std::optional<BlockRun> place = store_.space_.allocate(runs_[i].address.bytes / kExtentBlock);
    if (!place) {
      while (i > 0) store_.space_.free(blocks_of(runs_[--i].address));
      return false;
    }
    runs_[i].address.offset = place->block * kExtentBlock;
  }
  return true;
}

void NewRuns::give_back() {
  if (!allocated_) return;
  for (const Run& run : runs_) store_.space_.free(blocks_of(run.address));
  store_.under_way_bytes_ -= bytes_;
  allocated_ = false;
}

void NewRuns::keep() {
  DX_CHECK(allocated_, "runs without places are kept");
  for (Run& run : runs_) {
    if (!run.kept.empty()) store_.kept_.insert_or_assign(run.address.offset, std::move(run.kept));
  }
  store_.under_way_bytes_ -= bytes_;
  allocated_ = false;
}

/// Whether what came can be written from where it is and, where values stay in memory, be what stays.
bool NewRuns::can_lend(const Run& run) const {
  if (store_.options_.keep_in_memory && (!run.bytes.whole() || run.bytes.size() != run.address.bytes)) return false;
  return reinterpret_cast<uintptr_t>(run.bytes.data()) % IoBuf::kDirectAlignment == 0;
}

uint64_t NewRuns::copied_bytes() const {
  uint64_t bytes = 0;
  for (const Run& run : runs_) bytes += can_lend(run) ? run.address.bytes % kExtentBlock : run.address.bytes;
  return bytes;
}

runtime::Task<Status> NewRuns::prepare(size_t index) {
  Run& run = runs_[index];
  const size_t lent = can_lend(run) ? align_down(run.bytes.size(), kExtentBlock) : 0;
  IoBuf copy;
  if (lent < run.address.bytes) {
    copy = DX_CO_TRY(IoBuf::allocate(run.address.bytes - lent, IoBuf::kDirectAlignment));
  }
  uint32_t crc = 0;
  for (size_t at = 0; at < run.bytes.size();) {
    const size_t n = std::min(kBytesPerStep, (at < lent ? lent : run.bytes.size()) - at);
    ByteSpan step = run.bytes.bytes().subspan(at, n);
    if (at >= lent) {
      std::memcpy(copy.data() + (at - lent), step.data(), n);
      step = copy.bytes().subspan(at - lent, n);
    }
    crc = crc32c(step, crc);
    at += n;
    if (at < run.bytes.size()) co_await runtime::yield(store_.reactor_);
  }
  const MutableByteSpan padding = copy.writable().subspan(run.bytes.size() - lent);
  std::fill(padding.begin(), padding.end(), std::byte{0});
  run.address.crc = crc32c(padding, crc);
  if (lent > 0) run.parts.push_back(run.bytes.slice(0, lent));
  if (!copy.empty()) run.parts.push_back(copy);
  if (store_.options_.keep_in_memory) run.kept = lent > 0 ? run.bytes : std::move(copy);
  run.bytes = {};
  co_return Status();
}

runtime::Task<Status> NewRuns::write_prepared() {
  for (size_t i = 0; i < runs_.size(); i++) DX_CO_TRY(co_await prepare(i));
  runtime::Scope writes(store_.reactor_);
  for (size_t i = 0; i < runs_.size();) {
    // What lies back to back leaves in one write.
    BlockRun place = blocks_of(runs_[i].address);
    std::vector<IoBuf> parts = std::move(runs_[i].parts);
    for (i++; i < runs_.size() && runs_[i].address.offset == place.end() * kExtentBlock; i++) {
      place.blocks += runs_[i].address.bytes / kExtentBlock;
      for (IoBuf& part : runs_[i].parts) parts.push_back(std::move(part));
    }
    writes.spawn(store_.file_->write(place, std::move(parts)));
  }
  Status status = co_await writes.join();
  co_return status;
}

runtime::Task<Status> NewRuns::write() {
  DX_CHECK(allocated_, "runs without places are written");
  const uint64_t credits = std::min(copied_bytes(), store_.options_.copies_bytes_max);
  DX_CO_TRY(co_await store_.copies_.acquire({}, credits));
  Status status = store_.begin_io();
  if (status.ok()) {
    status = co_await write_prepared();
    store_.end_io();
  }
  store_.copies_.release(credits);
  co_return status;
}

}  // namespace daos::vos
