// Values of a shard that do not lie in its log and in DRAM: runs of the extent file, what is free of it, and their way
// there and back. Start here.
//
// A run is written first; only then the record that refers to it is appended, and the file flushed with that record's
// commit. A run that nothing refers to any more waits in quarantine (quarantine.h) before it is written again. What is
// free is in memory only: at a start it is what the index does not refer to.
//
// Without tier 1 the runs are charged to tier 0, which is DRAM: then they are also kept there, so that reading them
// costs no more than reading what is inline, and the file is their log. With tier 1 they are only on the disk.
//
// Used from the shard's reactor.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/base/units.h"
#include "platform/journal/journal.h"
#include "platform/runtime/scope.h"
#include "server/vos/extents/extent_file.h"
#include "server/vos/extents/quarantine.h"
#include "server/vos/planted_bugs.h"
#include "server/vos/records/log_records.h"

namespace daos::vos {

struct ExtentOptions {
  Uuid pool;
  uint64_t bytes_max = 0;  // of runs; the file has no more
  /// Where they lie if not in a file of their own; then the store's path is that of the device.
  std::optional<DeviceRef> device;
  std::vector<uint32_t> pieces;
  bool whole = false;  // takes all of it from the disk at once; else it grows by pieces
  uint64_t piece_bytes = 64 * kMiB;
  bool keep_in_memory = false;            // without tier 1
  uint64_t copies_bytes_max = 64 * kMiB;  // of updates on their way to the disk, and of recovery; more wait
  PlantedBugs planted;
};

class ExtentStore;

/// The runs of one update's values: added, allocated, written; then the caller's record refers to them, or they are
/// given back when this goes.
class NewRuns {
 public:
  explicit NewRuns(ExtentStore& store) : store_(store) {}
  NewRuns(const NewRuns&) = delete;
  ~NewRuns();

  /// One more value, with these bytes; the buffer is shared until they are written.
  void add(IoBuf bytes);
  uint64_t bytes() const { return bytes_; }  // of all runs, in whole blocks
  /// Finds room for all of them, back to back if it can, each in one run. False: not now.
  bool allocate();
  /// The same, values in as many runs as it takes. False: there are not so many free blocks.
  bool allocate_in_pieces();
  /// Ends when all of them are written; it needs a commit with a flush of the file to make them durable.
  runtime::Task<Status> write();
  /// Where value `index`, in order of add(), lies, to the end of `runs`; once it is written.
  void addresses_of(size_t index, std::vector<TierAddress>& runs) const;
  /// A record that was appended refers to them.
  void keep();

 private:
  struct Run {
    size_t value = 0;  // of which it holds these bytes
    IoBuf bytes;
    TierAddress address;
    std::vector<IoBuf> parts;  // what is written: the bytes and zeros up to whole blocks
    IoBuf kept;                // in one piece, if the store keeps it in memory
  };
  bool allocate_one_by_one();
  void have_places();
  void give_back();
  /// Makes `parts`: in place where the device can take it from there, else by a copy.
  runtime::Task<Status> prepare(size_t index);
  runtime::Task<Status> write_prepared();
  uint64_t copied_bytes() const;
  bool can_lend(const Run& run) const;

  ExtentStore& store_;
  std::vector<Run> runs_;  // in order of the values
  size_t values_ = 0;
  uint64_t bytes_ = 0;
  bool allocated_ = false;
};

/// What a reader wants of a run, and what it gets.
struct RunRead {
  TierAddress run;
  uint64_t from = 0, bytes = 0;  // the part of it that is wanted
  IoBuf data;                    // the result: it holds that part,
  uint64_t skip = 0;             // from this byte of `data` on
};

class ExtentStore {
 public:
  ExtentStore(runtime::Reactor& reactor, storage::Disk& disk, std::string path, ExtentOptions options);
  /// Opens the file or makes it. kNoSpace: the disk has no room for all of it.
  runtime::Task<Status> open();

  // --- recovery, in this order
  /// Which of these runs are there as they were written: not 0. With `flushes`, those that are, are durable afterwards.
  runtime::Task<Result<std::vector<char>>> verify(std::vector<TierAddress> runs, bool flushes);
  /// The index refers to this run. In order of offset; runs may overlap. kCorrupt: it cannot be in this file.
  Status adopt(uint64_t offset, uint64_t bytes);
  /// A record that is not settled refers to this run, index or not: not to be written before that is settled.
  void hold(const TierAddress& run, journal::Position until);

  // --- space
  /// Runs that nothing refers to any more since the record at `freed_at`, the newest one.
  void free(const std::vector<TierAddress>& runs, journal::Position freed_at);
  /// Lets go what may be overwritten now.
  void release(journal::Position flushed);
  /// Makes the file longer if it may be, for a run of that many bytes. kNoSpace: it is as long as it may be, or the
  /// disk is full.
  runtime::Task<Status> grow(uint64_t bytes);
  /// Bytes that release() may give one day without anything being freed.
  uint64_t held_bytes() const { return quarantine_.blocks() * kExtentBlock; }
  /// Of runs that are allocated and not in the index yet.
  uint64_t under_way_bytes() const { return under_way_bytes_; }
  uint64_t bytes_max() const { return options_.bytes_max / kExtentBlock * kExtentBlock; }
  uint64_t file_bytes() const { return (file_->blocks() - file_->first_block()) * kExtentBlock; }  // for runs, so far
  uint64_t free_bytes() const { return space_.free_blocks() * kExtentBlock; }

  // --- reads
  /// Held by a fetch from its look into the index until it has read.
  Quarantine::Reader reader() { return Quarantine::Reader(quarantine_); }
  /// All of them, neighbours together, at the same time. kChecksum: a run that was read whole is damaged; it names file
  /// and offset.
  runtime::Task<Result<std::vector<RunRead>>> read(std::vector<RunRead> reads);
  /// From now on every read looks at its whole run and verifies it: something is known to be lost.
  void distrust() { distrusts_ = true; }

  /// Where the byte of an address lies in the file or on the device.
  uint64_t place_of(uint64_t offset) const { return file_->offset_of(offset / kExtentBlock); }
  storage::File& file() { return file_->file(); }
  const std::string& path() const { return path_; }
  bool is_new() const { return file_->is_new(); }
  /// Waits for reads and writes under way. None begins afterwards: the pieces of a device may be another pool's then.
  runtime::Task<void> close();

 private:
  friend class NewRuns;
  struct Batch {
    BlockRun blocks;
    std::vector<size_t> reads;  // indices
  };
  BlockRun wanted_blocks(const RunRead& read) const;
  std::vector<Batch> batches(const std::vector<RunRead>& reads) const;
  bool take_from_memory(RunRead& read) const;
  runtime::Task<Status> read_batch(std::vector<RunRead>& reads, Batch batch);
  Status verify_whole(const TierAddress& run, ByteSpan bytes) const;
  Status check_address(uint64_t offset, uint64_t bytes) const;
  runtime::Task<Status> verify_one(TierAddress run, bool flushes, char& there);
  Status begin_io() {
    if (closed_) return error(Code::kCancelled, "{} is closed", path_);
    if (io_++ == 0) quiet_.reset();
    return {};
  }
  void end_io() {
    if (--io_ == 0) quiet_.set();
  }

  runtime::Reactor& reactor_;
  storage::Disk& disk_;
  const std::string path_;
  const ExtentOptions options_;
  const uint64_t blocks_max_;
  std::unique_ptr<ExtentFile> file_;
  BlockSpace space_;
  Quarantine quarantine_;
  uint64_t adopted_end_ = 0;
  uint64_t under_way_bytes_ = 0;
  bool distrusts_ = false;
  absl::flat_hash_map<uint64_t, IoBuf> kept_;  // by offset; looked up only, never walked
  runtime::Semaphore copies_;                  // bytes
  runtime::Semaphore grow_turn_;
  runtime::Event quiet_;
  size_t io_ = 0;
  bool closed_ = false;
};

}  // namespace daos::vos
