#include "server/vos/extents/extent_store.h"

#include <algorithm>

#include "platform/base/check.h"
#include "platform/base/hash.h"
#include "platform/base/probe.h"

namespace daos::vos {
namespace {

/// Reads that lie closer together than this are one: transferring the gap is cheaper than asking twice.
constexpr uint64_t kGapBlocks = 64 * kKiB / kExtentBlock;
/// But one read is not made longer than this by it: several at once are as quick.
constexpr uint64_t kBatchBlocksMax = 4 * kMiB / kExtentBlock;
/// A run up to this is read whole if it is to stay in memory, whatever is asked of it.
constexpr uint64_t kKeptBytesMax = 4 * kMiB;
/// Recovery reads in pieces of this.
constexpr uint64_t kVerifyBlocks = 1 * kMiB / kExtentBlock;

BlockRun blocks_of(const TierAddress& address) {
  return {.block = address.offset / kExtentBlock, .blocks = address.bytes / kExtentBlock};
}

}  // namespace

ExtentStore::ExtentStore(runtime::Reactor& reactor, storage::Disk& disk, std::string path, ExtentOptions options)
    : reactor_(reactor),
      disk_(disk),
      path_(std::move(path)),
      options_(std::move(options)),
      blocks_max_((options.device ? 0 : 1) + options.bytes_max / kExtentBlock),
      copies_(reactor, options_.copies_bytes_max),
      grow_turn_(reactor, 1),
      quiet_(reactor) {
  quiet_.set();
}

runtime::Task<Status> ExtentStore::open() {
  if (options_.device) {
    file_ = DX_CO_TRY(co_await ExtentFile::on_device(disk_, *options_.device, options_.pieces, blocks_max_));
  } else {
    file_ = DX_CO_TRY(co_await ExtentFile::open(disk_, path_, options_.pool));
    if (options_.whole) DX_CO_TRY(co_await file_->grow(blocks_max_));
  }
  space_ = BlockSpace(file_->blocks());
  if (file_->first_block() > 0) {
    const bool taken = space_.take({.block = 0, .blocks = file_->first_block()});
    DX_CHECK(taken, "{}: no block for its header", path_);
  }
  co_return Status();
}

runtime::Task<void> ExtentStore::close() {
  closed_ = true;
  const Status quiet = co_await quiet_.wait({});
  DX_CHECK(quiet.ok(), "{}", quiet);
}

// --- recovery

Status ExtentStore::check_address(uint64_t offset, uint64_t bytes) const {
  const uint64_t end = file_->blocks() * kExtentBlock;
  if (offset % kExtentBlock == 0 && bytes % kExtentBlock == 0 && bytes > 0 &&
      offset / kExtentBlock >= file_->first_block() && offset < end && bytes <= end - offset) {
    return {};
  }
  return error(Code::kCorrupt, "{}: {} bytes at offset {} are no run of a file of {} bytes", path_, bytes, offset, end);
}

runtime::Task<Status> ExtentStore::verify_one(TierAddress run, bool flushes, char& there) {
  there = 0;
  if (!check_address(run.offset, run.bytes).ok()) co_return Status();
  uint32_t crc = 0;
  const BlockRun all = blocks_of(run);
  for (uint64_t block = all.block; block < all.end();) {
    const BlockRun piece{.block = block, .blocks = std::min(kVerifyBlocks, all.end() - block)};
    const IoBuf bytes = DX_CO_TRY(co_await file_->read(piece));
    crc = crc32c(bytes.bytes(), crc);
    // Written again, because what can be read need not be on the medium, nor ever get there by a flush alone: the flush
    // that should have brought it there may have failed (journal.cc, flush_recovered). What is not there as it should
    // be loses nothing by it.
    if (flushes) {
      std::vector<IoBuf> parts = {bytes};
      DX_CO_TRY(co_await file_->write(piece, std::move(parts)));
    }
    block = piece.end();
  }
  there = static_cast<char>(crc == run.crc);
  if (there == 0) DX_PROBE("extents: a record's run did not arrive");
  co_return Status();
}

runtime::Task<Result<std::vector<char>>> ExtentStore::verify(std::vector<TierAddress> runs, bool flushes) {
  constexpr size_t kTogether = 16;  // of at most kVerifyBlocks each in memory
  std::vector<char> there(runs.size(), 0);
  for (size_t first = 0; first < runs.size(); first += kTogether) {
    runtime::Scope scope(reactor_);
    for (size_t i = first; i < std::min(first + kTogether, runs.size()); i++) {
      scope.spawn(verify_one(runs[i], flushes, there[i]));
    }
    DX_CO_TRY(co_await scope.join());
  }
  if (flushes && !runs.empty()) DX_CO_TRY(co_await file_->file().flush());
  co_return there;
}

Status ExtentStore::adopt(uint64_t offset, uint64_t bytes) {
  DX_TRY(check_address(offset, bytes));
  const uint64_t from = std::max(offset, adopted_end_);
  adopted_end_ = std::max(adopted_end_, offset + bytes);
  if (from >= offset + bytes) return {};
  const bool taken = space_.take(blocks_of({.offset = from, .bytes = offset + bytes - from}));
  DX_CHECK(taken, "{}: the run at offset {} came out of order", path_, offset);
  return {};
}

void ExtentStore::hold(const TierAddress& run, journal::Position until) {
  if (!check_address(run.offset, run.bytes).ok()) return;
  for (const BlockRun& part : space_.take_what_is_free(blocks_of(run))) quarantine_.put(part, until);
}

// --- space

void ExtentStore::free(const std::vector<TierAddress>& runs, journal::Position freed_at) {
  for (const TierAddress& run : runs) {
    kept_.erase(run.offset);
    quarantine_.put(blocks_of(run), freed_at);
  }
}

void ExtentStore::release(journal::Position flushed) {
  if (options_.planted.reuse_freed_extents) flushed = journal::Position(UINT64_MAX);
  for (;;) {
    const std::optional<BlockRun> run =
        options_.planted.reuse_under_readers ? quarantine_.take_despite_readers(flushed) : quarantine_.take(flushed);
    if (!run) return;
    kept_.erase(run->block * kExtentBlock);  // a read that was under way may have put it there again
    space_.free(*run);
  }
}

runtime::Task<Status> ExtentStore::grow(uint64_t bytes) {
  const uint64_t wanted = align_up(bytes, kExtentBlock) / kExtentBlock;
  DX_CO_TRY(co_await grow_turn_.acquire({}));
  Status status;
  if (space_.longest() < wanted) {  // else somebody else has seen to it
    const uint64_t before = file_->blocks();
    const uint64_t more = std::max(wanted, options_.piece_bytes / kExtentBlock);
    const uint64_t after = std::min(before + more, blocks_max_);
    status = after > before ? co_await file_->grow(after)
                            : error(Code::kNoSpace, "{} has all of its {} bytes", path_, bytes_max());
    if (status.ok()) space_.grow(after - before);
  }
  grow_turn_.release();
  co_return status;
}

// --- reads

BlockRun ExtentStore::wanted_blocks(const RunRead& read) const {
  const BlockRun all = blocks_of(read.run);
  const bool whole = distrusts_ || (options_.keep_in_memory && read.run.bytes <= kKeptBytesMax);
  if (whole) return all;
  const uint64_t from = (read.run.offset + read.from) / kExtentBlock;
  const uint64_t to = align_up(read.run.offset + read.from + read.bytes, kExtentBlock) / kExtentBlock;
  return {.block = from, .blocks = to - from};
}

std::vector<ExtentStore::Batch> ExtentStore::batches(const std::vector<RunRead>& reads) const {
  std::vector<size_t> order;
  for (size_t i = 0; i < reads.size(); i++) {
    if (reads[i].data.empty()) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(reads[a].run.offset + reads[a].from, a) < std::pair(reads[b].run.offset + reads[b].from, b);
  });
  std::vector<Batch> all;
  for (const size_t i : order) {
    const BlockRun wanted = wanted_blocks(reads[i]);
    if (!all.empty()) {
      BlockRun& last = all.back().blocks;
      const uint64_t end = std::max(last.end(), wanted.end());
      const bool same_run = reads[all.back().reads.back()].run.offset == reads[i].run.offset;
      // What stays in memory stays by itself, in a buffer of its own.
      const bool near =
          !options_.keep_in_memory && wanted.block <= last.end() + kGapBlocks && end - last.block <= kBatchBlocksMax;
      if (wanted.block >= last.block && (end == last.end() || near || (same_run && options_.keep_in_memory))) {
        last.blocks = end - last.block;
        all.back().reads.push_back(i);
        continue;
      }
    }
    all.push_back({.blocks = wanted, .reads = {i}});
  }
  return all;
}

bool ExtentStore::take_from_memory(RunRead& read) const {
  const auto kept = kept_.find(read.run.offset);
  if (kept == kept_.end() || kept->second.size() < read.run.bytes) return false;
  read.data = kept->second;
  read.skip = read.from;
  return true;
}

Status ExtentStore::verify_whole(const TierAddress& run, ByteSpan bytes) const {
  if (crc32c(bytes) == run.crc) return {};
  return error(Code::kChecksum, "{} at offset {}: the {} bytes there are not what was written", path_,
               place_of(run.offset), run.bytes);
}

runtime::Task<Status> ExtentStore::read_batch(std::vector<RunRead>& reads, Batch batch) {
  const IoBuf bytes = DX_CO_TRY(co_await file_->read(batch.blocks));
  const uint64_t begin = batch.blocks.block * kExtentBlock;
  for (const size_t i : batch.reads) {
    RunRead& read = reads[i];
    const BlockRun wanted = wanted_blocks(read);
    read.data = bytes.slice(wanted.block * kExtentBlock - begin, wanted.blocks * kExtentBlock);
    read.skip = read.run.offset + read.from - wanted.block * kExtentBlock;
    if (wanted != blocks_of(read.run)) continue;
    // Nothing more is read for its sake. Checksums that the container asks for are verified by who asked.
    DX_CO_TRY(verify_whole(read.run, read.data.bytes()));
    if (options_.keep_in_memory && wanted == batch.blocks) kept_.insert_or_assign(read.run.offset, read.data);
  }
  co_return Status();
}

runtime::Task<Result<std::vector<RunRead>>> ExtentStore::read(std::vector<RunRead> reads) {
  for (RunRead& each : reads) take_from_memory(each);
  const std::vector<Batch> wanted = batches(reads);
  if (wanted.empty()) co_return reads;
  DX_CO_TRY(begin_io());
  Status status;
  if (wanted.size() == 1) {
    status = co_await read_batch(reads, wanted.front());
  } else {
    runtime::Scope scope(reactor_);
    for (const Batch& batch : wanted) scope.spawn(read_batch(reads, batch));
    status = co_await scope.join();
  }
  end_io();
  if (!status.ok()) co_return status;
  co_return reads;
}

}  // namespace daos::vos
