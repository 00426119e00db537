#include "server/vos/checkpoint/checkpoint.h"

#include <algorithm>

#include "platform/base/check.h"
#include "platform/base/units.h"

namespace daos::vos {
namespace {

constexpr size_t kTableBytesMax = 128u << 20;
constexpr size_t kReadAhead = 16;  // images, of 256 KiB at most
/// Below this share of a full bucket, neighbours are written as one.
constexpr size_t kMergeDivisor = 4;
constexpr uint64_t kImagesUnderWay = 2;  // so that the disk need not wait for the next one to be serialised

BlockRun blocks_of(ImageRun run) { return {.block = run.block, .blocks = run.blocks}; }

}  // namespace

Checkpoint::Checkpoint(runtime::Reactor& reactor, storage::Disk& disk, std::string directory, CheckpointOptions options,
                       ItemSource& items, std::function<ShardState()> state)
    : reactor_(reactor),
      disk_(disk),
      directory_(std::move(directory)),
      options_(std::move(options)),
      items_(items),
      state_(std::move(state)),
      pace_(reactor, options_.pace),
      trimmed_event_(reactor),
      wake_(reactor),
      turn_(reactor, 1),
      image_turn_(reactor, kImagesUnderWay),
      images_under_way_(reactor),
      table_under_way_(reactor) {
  buckets_[Boundary()] = {};
}

runtime::Task<Status> Checkpoint::open_images() {
  images_ = DX_CO_TRY(co_await disk_.open(path("images"), {.create = true, .direct = true}));
  space_ = BlockSpace(DX_CO_TRY(images_->size()) / kImageBlock);
  co_return Status();
}

runtime::Task<Result<Table>> Checkpoint::recover(std::function<Status(ByteSpan items)> load, Describe describe) {
  DX_CO_TRY(co_await disk_.make_directory(directory_));
  DX_CO_TRY(co_await open_images());
  Table table;
  if (!disk_.exists(path("table"))) co_return table;
  const IoBuf bytes = DX_CO_TRY(co_await storage::read_file(disk_, path("table"), kTableBytesMax));
  table = DX_CO_TRY(decode_table(bytes.bytes(), path("table")));
  if (table.pool != options_.pool) {
    co_return error(Code::kFormatInvalid, "{} belongs to pool {}, not to {}", path("table"), table.pool, options_.pool);
  }
  if (!table.buckets.empty()) buckets_.clear();
  for (const BucketEntry& entry : table.buckets) {
    if (!space_.take(blocks_of(entry.run))) {
      co_return error(Code::kCorrupt, "{}: the image at block {} lies outside {} or overlaps another", path("table"),
                      entry.run.block, path("images"));
    }
    image_bytes_ += uint64_t{entry.run.blocks} * kImageBlock;
    buckets_[entry.first] = {.run = entry.run, .sequence = entry.sequence, .position = entry.position};
  }
  Status loaded = co_await load_images(table.buckets, load, describe);
  if (!loaded.ok()) co_return loaded;
  image_sequence_ = table.images;
  table_sequence_ = table.sequence;
  trimmed_ = table.oldest;
  co_return table;
}

runtime::Task<Status> Checkpoint::read_image(ImageRun run, ImageRead& read) {
  Result<IoBuf> buffer = IoBuf::allocate(size_t{run.blocks} * kImageBlock, IoBuf::kDirectAlignment);
  read.status = buffer.status();
  if (buffer.ok()) {
    read.image = std::move(buffer).take();
    const Result<size_t> got = co_await images_->read(run.block * kImageBlock, read.image);
    read.status = got.status();
    if (got.ok()) read.image = read.image.slice(0, *got);
  }
  read.done.set();
  co_return Status();
}

runtime::Task<Status> Checkpoint::load_images(const std::vector<BucketEntry>& entries,
                                              const std::function<Status(ByteSpan items)>& load,
                                              const Describe& describe) {
  std::deque<ImageRead> reads;  // those behind the one that is loaded are under way
  runtime::Scope reading(reactor_);
  Status status;
  for (size_t next = 0, at = 0; status.ok() && at < entries.size(); at++) {
    for (; next < entries.size() && next < at + kReadAhead; next++) {
      reading.spawn(read_image(entries[next].run, reads.emplace_back(reactor_)));
    }
    ImageRead& read = reads.front();
    status = co_await read.done.wait({});
    if (status.ok()) status = std::move(read.status);
    if (status.ok()) {
      const Result<IoBuf> items = decode_image(read.image, entries[at], path("images"));
      status = items.status();
      if (items.ok()) {
        status = load(items->bytes());
        if (!status.ok()) {
          status = std::move(status).within(
              fmt::format("{} at offset {}", path("images"), entries[at].run.block * kImageBlock));
        }
      }
      if (!status.ok()) {
        const Boundary next_first = at + 1 < entries.size() ? entries[at + 1].first : Boundary();
        status = error(status.code(), "{}; affected: {}", status.message(),
                       describe ? describe(entries[at].first, next_first) : "a bucket");
      }
    }
    if (status.ok()) reads.pop_front();
  }
  Status joined = co_await reading.join();  // they write into `reads`
  co_return status.ok() ? std::move(joined) : std::move(status);
}

Checkpoint::Place Checkpoint::place(const Boundary& boundary) const {
  const auto next = buckets_.upper_bound(boundary);
  DX_CHECK(next != buckets_.begin(), "no bucket before a boundary");
  return {std::prev(next)->second.position, next == buckets_.end() ? Boundary() : next->first};
}

journal::Position Checkpoint::newest() const {
  journal::Position newest;
  for (const auto& [first, bucket] : buckets_) newest = std::max(newest, bucket.position);
  return newest;
}

runtime::Task<Status> Checkpoint::run(runtime::StopToken stop) {
  Status ended = co_await write_rounds(stop);
  Status settled = co_await settle();
  if (ended.ok()) ended = std::move(settled);
  pace_.end();
  trimmed_event_.set();
  co_return ended;
}

runtime::Task<Status> Checkpoint::write_rounds(runtime::StopToken stop) {
  for (;;) {
    wake_.reset();
    if (!due()) {
      Status woken = co_await wake_.wait({Time::never(), stop});
      if (!woken.ok()) co_return Status();  // the shard closes
    }
    DX_CO_TRY(co_await turn_.acquire({}));
    Status status = failure_;
    while (status.ok() && due() && !stop.stop_requested()) {
      Result<bool> last = co_await write_next(cursor_);
      status = last.status();
      if (status.ok() && (*last || bytes_since_table_ >= options_.table_every_bytes)) status = co_await begin_table();
      co_await runtime::yield(reactor_);
    }
    turn_.release();
    if (!status.ok()) co_return status;
    if (stop.stop_requested()) co_return Status();
  }
}

runtime::Task<Status> Checkpoint::write_all() {
  DX_CO_TRY(co_await turn_.acquire({}));
  cursor_.clear();
  Status status;
  for (bool last = false; status.ok() && !last;) {
    Result<bool> written = co_await write_next(cursor_);
    status = written.status();
    last = status.ok() && *written;
  }
  if (status.ok()) status = co_await begin_table();
  Status settled = co_await settle();
  turn_.release();
  co_return status.ok() ? std::move(settled) : std::move(status);
}

runtime::Task<Status> Checkpoint::settle() {
  DX_CO_TRY(co_await images_under_way_.join());
  DX_CO_TRY(co_await table_under_way_.join());
  co_return failure_;
}

runtime::Task<Result<bool>> Checkpoint::write_next(Boundary& cursor) {
  DX_CO_TRY(co_await image_turn_.acquire({}));
  // Given back by write_image(), or here when it does not come to that.
  struct Turn {
    runtime::Semaphore* semaphore;
    ~Turn() {
      if (semaphore != nullptr) semaphore->release();
    }
  } turn{&image_turn_};
  DX_CO_TRY(failure_);
  const auto begin = std::prev(buckets_.upper_bound(cursor));
  const Boundary from = begin->first;
  // Small neighbours are written as one bucket: the range is widened while what they took before fits.
  auto end = std::next(begin);
  uint64_t expected = uint64_t{begin->second.run.blocks} * kImageBlock;
  while (end != buckets_.end() &&
         expected + uint64_t{end->second.run.blocks} * kImageBlock <= options_.bucket_bytes_max / kMergeDivisor) {
    expected += uint64_t{end->second.run.blocks} * kImageBlock;
    ++end;
  }
  const Boundary to = end == buckets_.end() ? Boundary() : end->first;

  ByteVector bytes;
  const Boundary stopped = items_.serialise(from, to, options_.bucket_bytes_max, bytes);
  const journal::Position position = journal_->appended();
  const uint64_t sequence = ++image_sequence_;
  // From here on the bucket map says what the index is cut into; a crash goes back to the table on disk.
  for (auto old = begin; old != end; old = buckets_.erase(old)) {
    if (old->second.sequence == 0) continue;
    image_bytes_ -= uint64_t{old->second.run.blocks} * kImageBlock;
    if (options_.plant_reuse_before_table) {
      space_.free(blocks_of(old->second.run));
    } else {
      replaced_.push_back(old->second.run);
    }
  }
  if (stopped != to) {
    // The range did not fit: its rest is a bucket of its own, which nothing on disk holds yet. It is written before any
    // table is, because a table must cover everything: see begin_table().
    buckets_[stopped] = {};
  }
  const uint32_t blocks = static_cast<uint32_t>(align_up(kImageHeaderBytes + bytes.size(), kImageBlock) / kImageBlock);
  const ImageRun run = DX_CO_TRY(co_await allocate(blocks));
  buckets_[from] = {.run = run, .sequence = sequence, .position = position};
  cursor = stopped;

  const IoBuf image = DX_CO_TRY(encode_image(bytes, position, sequence));
  image_bytes_ += image.size();
  bytes_since_table_ += image.size();
  turn.semaphore = nullptr;
  images_under_way_.spawn(write_image(run, image));
  co_return stopped.empty();
}

runtime::Task<void> Checkpoint::write_image(ImageRun run, IoBuf image) {
  Status written = co_await images_->write(run.block * kImageBlock, {image});
  if (written.ok()) {
    pace_.wrote(image.size(), image_bytes_);
    bytes_written_ += image.size();
  } else if (failure_.ok()) {
    failure_ = std::move(written);
  }
  image_turn_.release();
}

runtime::Task<Result<ImageRun>> Checkpoint::allocate(uint32_t blocks) {
  for (;;) {
    if (const std::optional<BlockRun> run = space_.allocate(blocks)) {
      co_return ImageRun{.block = run->block, .blocks = blocks};
    }
    const uint64_t more =
        align_up(std::max<uint64_t>(uint64_t{blocks} * kImageBlock, options_.grow_bytes), kImageBlock);
    const uint64_t size = space_.blocks() * kImageBlock + more;
    DX_CO_TRY(co_await images_->truncate(size));
    space_.grow(more / kImageBlock);
  }
}

runtime::Task<Status> Checkpoint::begin_table() {
  DX_CO_TRY(co_await table_under_way_.join());
  // Buckets that were cut off from others since have no image; the table must not forget their items.
  for (auto bucket = buckets_.begin(); bucket != buckets_.end();) {
    if (bucket->second.sequence != 0) {
      ++bucket;
      continue;
    }
    Boundary first = bucket->first;
    DX_CO_TRY((co_await write_next(first)).status());
    bucket = buckets_.begin();  // the map has changed
  }
  DX_CO_TRY(co_await images_under_way_.join());
  DX_CO_TRY(failure_);
  ShardState state = state_();
  Table table{.build = options_.build,
              .pool = options_.pool,
              .sequence = ++table_sequence_,
              .images = image_sequence_,
              .clock = state.clock,
              .slots_position = journal_->appended(),
              .slots = std::move(state.slots),
              .transactions_position = journal_->appended(),
              .transactions = std::move(state.transactions)};
  table.oldest = table.newest = table.slots_position;
  for (const auto& [first, bucket] : buckets_) {
    table.buckets.push_back(
        {.first = first, .run = bucket.run, .sequence = bucket.sequence, .position = bucket.position});
    table.oldest = std::min(table.oldest, bucket.position);
  }
  if (options_.plant_trim_before_table) journal_->trim(table.oldest);
  trims_next_ = table.oldest;
  bytes_since_table_ = 0;
  table_under_way_.spawn(finish_table(std::move(table), std::exchange(replaced_, {})));
  co_return Status();
}

runtime::Task<void> Checkpoint::finish_table(Table table, std::vector<ImageRun> replaced) {
  Status finished = co_await finish_table_now(std::move(table), std::move(replaced));
  if (finished.ok()) co_return;
  if (failure_.ok()) failure_ = std::move(finished);
  wake_.set();
}

runtime::Task<Status> Checkpoint::finish_table_now(Table table, std::vector<ImageRun> replaced) {
  if (!options_.plant_table_before_images) DX_CO_TRY(co_await images_->flush());
  if (!options_.plant_table_before_log) DX_CO_TRY(co_await journal_->wait_durable(table.newest, {}));
  DX_CO_TRY(co_await storage::replace_file(disk_, path("table"), IoBuf::copy_of(encode_table(table))));
  for (const ImageRun run : replaced) space_.free(blocks_of(run));
  trim_to(table.oldest);
  co_return Status();
}

uint64_t Checkpoint::records_behind(journal::Position position) const {
  const uint64_t end = journal_->appended().value();
  const uint64_t all = end - trimmed_.value();
  if (all == 0 || position <= trimmed_) return records_;
  return static_cast<uint64_t>(static_cast<double>(records_) * static_cast<double>(end - position.value()) /
                               static_cast<double>(all));
}

void Checkpoint::trim_to(journal::Position position) {
  records_ = records_behind(position);
  trimmed_ = position;
  journal_->trim(position);
  pace_.log_is(trimmed_.value(), journal_->appended().value());
  trimmed_event_.set();
}

}  // namespace daos::vos
