// A shard's checkpoint: keeps the log short by writing the index, bucket by bucket, round and round.
//
// Fuzzy: buckets are written at different log positions, and a record is replayed into a bucket if and only if it is
// newer than the bucket's image. What may reach the disk before what:
// - the table is written only when the log is durable up to the newest position in it (else half of an unacknowledged
// update
//   survives); the images may be written earlier, because until then nothing names them;
// - the table is written only when its images are flushed, and replaces the old one atomically;
// - blocks of replaced images are used again, and the log is trimmed, only when the new table is durable.
//
// While a table is on its way the next images are written: they are the next table's. Used from the shard's reactor.
// One step serialises one bucket without waiting, so it is a point in time.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "platform/runtime/scope.h"
#include "platform/storage/storage.h"
#include "server/vos/block_space.h"
#include "server/vos/checkpoint/format.h"
#include "server/vos/checkpoint/pace.h"

namespace daos::vos {

/// What a bucket table must hold besides buckets, taken at one moment.
struct ShardState {
  uint64_t clock = 0;
  std::vector<SlotEntry> slots;
  std::vector<TransactionEntry> transactions;
};

struct CheckpointOptions {
  Uuid pool;
  std::string build;  // of this program, for the table
  size_t bucket_bytes_max = kBucketBytesMax;
  /// A round begins when the log holds more than this, and goes on until it holds less.
  uint64_t log_bytes_wanted = 64u << 20;
  PaceOptions pace;  // of those who fill the log
  /// Or more records: a restart takes a microsecond or two for each.
  uint64_t log_records_wanted = 2'000'000;
  /// A table is written after so many bytes of images: bounds what the old and the new images take together.
  uint64_t table_every_bytes = 32u << 20;
  uint64_t grow_bytes = 16u << 20;  // the images file grows by this

  // Bugs that crash tests must notice.
  bool plant_table_before_log = false;     // does not wait for the log
  bool plant_table_before_images = false;  // does not flush images before the table
  bool plant_reuse_before_table = false;   // overwrites replaced images at once
  bool plant_trim_before_table = false;    // trims by what is in memory
};

class Checkpoint {
 public:
  /// `state` is asked when a table is made.
  Checkpoint(runtime::Reactor& reactor, storage::Disk& disk, std::string directory, CheckpointOptions options,
             ItemSource& items, std::function<ShardState()> state);

  /// Reads table and images, in order of the buckets: `load` gets the items of each. Nothing there: an empty table.
  /// Before start().
  /// `describe` says in words what is from one boundary up to the next: for the error about a damaged image.
  using Describe = std::function<std::string(const Boundary& first, const Boundary& next)>;
  runtime::Task<Result<Table>> recover(std::function<Status(ByteSpan items)> load, Describe describe = {});
  /// From now on run() may trim `journal`.
  void attach(journal::Journal& journal) {
    journal_ = &journal;
    records_ = journal.recovery().records;
  }

  /// Position of the image that holds this boundary, and where the next bucket begins: for replay.
  struct Place {
    journal::Position position;
    Boundary next;
  };
  Place place(const Boundary& boundary) const;
  /// The newest position that an image was written at.
  journal::Position newest() const;

  /// Runs for the shard's life: rounds when the log is long. Ends with the token, or with an error that stops the
  /// shard.
  runtime::Task<Status> run(runtime::StopToken stop);
  /// Tells run() that a record was logged. Cheap.
  void log_grew() {
    records_++;
    pace_.log_is(trimmed_.value(), journal_->appended().value());
    if (due() && !wake_.is_set()) wake_.set();
  }
  /// Whom the checkpoint cannot follow must wait here before he appends.
  Pace& pace() { return pace_; }
  /// Set when the log was trimmed, or when there is nothing more to wait for; reset by who waits.
  runtime::Event& trimmed() { return trimmed_event_; }
  /// One whole round now, whatever the log's length: after it, everything logged before is in images.
  runtime::Task<Status> write_all();

  size_t buckets() const { return buckets_.size(); }
  uint64_t images_written() const { return image_sequence_; }
  uint64_t bytes_written() const { return bytes_written_; }

 private:
  struct Bucket {
    ImageRun run;
    uint64_t sequence = 0;  // 0: never written
    journal::Position position;
  };
  /// What the table that is on its way will trim counts as trimmed.
  bool due() const {
    if (journal_ == nullptr) return false;
    const journal::Position from = std::max(trimmed_, trims_next_);
    return journal_->appended().value() - from.value() > options_.log_bytes_wanted ||
           records_behind(from) > options_.log_records_wanted;
  }
  /// Records are counted, positions are known: those behind a position have their share of both.
  uint64_t records_behind(journal::Position position) const;
  std::string path(std::string_view name) const { return fmt::format("{}/{}", directory_, name); }
  /// Begins to write the bucket at or behind `cursor` and moves the cursor to the next; true when that was the last
  /// one.
  runtime::Task<Result<bool>> write_next(Boundary& cursor);
  runtime::Task<void> write_image(ImageRun run, IoBuf image);
  runtime::Task<Result<ImageRun>> allocate(uint32_t blocks);
  /// Makes the table of all images so far, which finish_table() then makes durable. Waits for the one before.
  runtime::Task<Status> begin_table();
  runtime::Task<void> finish_table(Table table, std::vector<ImageRun> replaced);
  runtime::Task<Status> finish_table_now(Table table, std::vector<ImageRun> replaced);
  /// Nothing is under way afterwards.
  runtime::Task<Status> settle();
  runtime::Task<Status> write_rounds(runtime::StopToken stop);
  runtime::Task<Status> open_images();
  void trim_to(journal::Position position);
  struct ImageRead {
    explicit ImageRead(runtime::Reactor& reactor) : done(reactor) {}
    IoBuf image;
    Status status;
    runtime::Event done;
  };
  runtime::Task<Status> read_image(ImageRun run, ImageRead& read);
  runtime::Task<Status> load_images(const std::vector<BucketEntry>& entries,
                                    const std::function<Status(ByteSpan items)>& load, const Describe& describe);

  runtime::Reactor& reactor_;
  storage::Disk& disk_;
  std::string directory_;
  CheckpointOptions options_;
  ItemSource& items_;
  std::function<ShardState()> state_;
  journal::Journal* journal_ = nullptr;

  std::map<Boundary, Bucket> buckets_;
  BlockSpace space_;
  std::vector<ImageRun> replaced_;  // images that the table on disk still names
  std::unique_ptr<storage::File> images_;
  uint64_t image_sequence_ = 0;
  uint64_t table_sequence_ = 0;
  uint64_t bytes_since_table_ = 0;
  uint64_t bytes_written_ = 0;
  uint64_t image_bytes_ = 0;  // of all buckets
  journal::Position trimmed_;
  journal::Position trims_next_;  // to where the log will be trimmed when the table on its way is durable
  uint64_t records_ = 0;          // in the log behind trimmed_, about
  Boundary cursor_;               // where the round goes on
  Pace pace_;
  runtime::Event trimmed_event_;
  runtime::Event wake_;
  runtime::Semaphore turn_;  // one round at a time
  runtime::Semaphore image_turn_;
  runtime::Scope images_under_way_;
  runtime::Scope table_under_way_;
  Status failure_;  // of either
};

}  // namespace daos::vos
