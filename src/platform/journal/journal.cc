#include "platform/journal/journal.h"

#include <algorithm>
#include <deque>

#include "platform/base/check.h"
#include "platform/journal/block_builder.h"
#include "platform/journal/recovery.h"
#include "platform/journal/segments.h"
#include "platform/runtime/scope.h"

namespace daos::journal {
namespace {

/// Blocks that only the log itself may use: when it is full, one of them must still say what was trimmed.
constexpr uint64_t kOwnBlocks = 4;
/// Records wait here while the disk is behind; above this, append() says kBusy.
constexpr uint64_t kQueuedBytesMax = 64 * kMiB;
/// How often a disk that was full is asked again.
constexpr Duration kGrowRetry = std::chrono::seconds(1);

class Log final : public Journal {
 public:
  Log(runtime::Reactor& reactor, storage::Disk& disk, std::string folder, Options options)
      : reactor_(reactor),
        disk_(disk),
        folder_(std::move(folder)),
        options_(options),
        segments_(reactor, disk, folder_),
        builder_(options.segment_bytes, block_bytes()),
        housekeeping_(reactor),
        quiet_(reactor),
        work_(reactor) {}
  ~Log() override { reactor_.remove_source(this); }

  runtime::Task<Status> start(Replay replay, Prepare prepare);

  // --- Journal
  using Journal::append;
  Result<Position> append(std::span<const ByteSpan> parts, Use use) override;
  void flush_with_commit(storage::File& file) override;
  runtime::Task<Status> wait_durable(Position position, runtime::CallContext context) override;
  Position appended() const override { return Position(appended_); }
  Position durable() const override { return Position(durable_); }
  Position flushed() const override { return Position(flushed_); }
  void say_flushed() override;
  void trim(Position position) override;
  uint64_t room() const override;
  Status health() const override { return health_; }
  const Recovery& recovery() const override { return recovery_; }
  runtime::Task<Status> close() override;

  // --- PollSource
  bool poll() override { return false; }
  void flush() override;

 private:
  /// One commit on its way: some blocks, written and flushed together.
  struct Flight {
    std::vector<Block> blocks;
    uint64_t last_record = 0;  // 0: there is none
    uint64_t flushed = 0;      // what its blocks say
    uint64_t trimmed = 0;
    uint32_t pending = 1;  // its write, and the flushes of other files
  };
  struct DurableWaiter : runtime::Waiter {
    DurableWaiter(runtime::Reactor& reactor, runtime::CallContext context, uint64_t p)
        : Waiter(reactor, context), position(p) {}
    uint64_t position;
  };

  uint32_t block_bytes() const {
    return options_.durability == Durability::kPower ? kBlockBytesPower : kBlockBytesProcess;
  }
  uint64_t sequence_of_position(uint64_t position) const { return position / options_.segment_bytes; }
  Status check_options() const;
  runtime::Task<Status> create();
  runtime::Task<Status> recover(Replay replay, Prepare prepare);
  runtime::Task<Status> flush_recovered(const Tail& tail);
  runtime::Task<Status> say_what_was_cut();

  uint64_t capacity_end() const;
  uint64_t raw_room() const;
  bool is_quiet() const { return builder_.empty() && flights_.empty() && !wants_block_; }
  bool has_unsaid() const { return flushed_ < durable_ || trimmed_on_disk_ < trimmed_; }

  runtime::Task<void> commit(Flight& flight);
  runtime::Task<void> flush_other(Flight& flight, storage::File& file);
  void ended(Flight& flight);
  runtime::Task<Status> write(storage::File& file, uint64_t offset, std::vector<IoBuf> parts);
  void landed();
  void advance(const Flight& flight);
  void wake_waiters();
  void free_trimmed();
  void say_what_is_trimmed();
  uint64_t own_blocks_left() const;
  void arm_idle_timer();
  void on_idle();
  void fail(Status why);

  runtime::Task<Status> keep_house();
  runtime::Task<Status> retire();
  runtime::Task<Status> grow();
  uint64_t wanted_sequence() const;

  // constant once started
  runtime::Reactor& reactor_;
  storage::Disk& disk_;
  const std::string folder_;
  Options options_;
  Uuid log_;
  uint32_t generation_ = 0;
  Recovery recovery_;

  Segments segments_;
  BlockBuilder builder_;
  std::deque<std::unique_ptr<Flight>> flights_;
  std::vector<storage::File*> others_;  // what the next commit flushes too, in order of asking
  uint64_t appended_ = 0;
  uint64_t durable_ = 0;
  uint64_t flushed_ = 0;
  uint64_t trimmed_ = 0;
  uint64_t trimmed_on_disk_ = 0;
  uint64_t trim_said_ = 0;    // in the newest flight
  bool wants_block_ = false;  // even if there is no record: it says what was trimmed or flushed
  bool closing_ = false;
  bool stopped_ = false;
  Status health_;

  Status cannot_grow_;  // the disk was full when a segment was wanted
  Time grow_again_;
  Time last_commit_;
  runtime::Timer idle_timer_;
  runtime::WaiterList waiters_;  // by position
  runtime::Event housekeeping_;
  runtime::Event quiet_;
  runtime::Scope work_;
};

Status Log::check_options() const {
  if (options_.segment_bytes < kSegmentBytesMin || options_.segment_bytes > kSegmentBytesMax ||
      options_.segment_bytes % kHeaderArea != 0) {
    return error(Code::kInvalid, "log {}: segments of {} bytes; they must have a multiple of {} from {} to {}", folder_,
                 options_.segment_bytes, kHeaderArea, kSegmentBytesMin, kSegmentBytesMax);
  }
  if (options_.segments_max < 2) return error(Code::kInvalid, "log {}: needs at least two segments", folder_);
  if (options_.flushes_in_flight < 1)
    return error(Code::kInvalid, "log {}: needs at least one flush in flight", folder_);
  return {};
}

runtime::Task<Status> Log::start(Replay replay, Prepare prepare) {
  DX_CO_TRY(check_options());
  DX_CO_TRY(co_await disk_.make_directory(folder_));
  DX_CO_TRY(co_await segments_.load(options_.durability == Durability::kPower));
  if (segments_.live().empty()) {
    if (options_.must_exist) co_return error(Code::kCorrupt, "{}: no segment of the log is left", folder_);
    DX_CO_TRY(co_await create());
  } else {
    DX_CO_TRY(co_await recover(std::move(replay), std::move(prepare)));
  }
  reactor_.add_source(this);
  work_.spawn(keep_house());
  arm_idle_timer();
  if (!recovery_.cut || options_.planted_bug == PlantedBug::kReuseCutPositions) co_return Status();
  Status said = co_await say_what_was_cut();
  if (said.ok()) co_return said;
  Status closed = co_await close();
  closed.ignore("why it cannot be opened is known");
  co_return said;
}

/// What was behind the cut is void from here on, and with it the blocks that may have been the only ones to say how far
/// the log had been flushed. The next recovery would take records for unsettled whose data the caller, who was told
/// that they are settled, has meanwhile overwritten. So a block of this life says it again before anybody acts.
runtime::Task<Status> Log::say_what_was_cut() {
  flushed_ = trimmed_;
  say_flushed();
  while (health_.ok() && !is_quiet()) {
    quiet_.reset();
    DX_CO_TRY(co_await quiet_.wait({}));
  }
  co_return health_;
}

runtime::Task<Status> Log::create() {
  log_ = reactor_.rng().uuid();
  generation_ = 1;
  const uint64_t floor = options_.position_floor.value();
  const uint64_t sequence = floor == 0 ? 0 : sequence_of_position(floor) + 1;
  const uint64_t start = sequence * options_.segment_bytes;
  DX_CO_TRY(co_await segments_.prepare({.block_bytes = block_bytes(),
                                        .log = log_,
                                        .segment_bytes = options_.segment_bytes,
                                        .sequence = sequence,
                                        .previous_end = start,
                                        .trimmed = start,
                                        .generation = generation_}));
  builder_.start_at(start);
  appended_ = durable_ = flushed_ = trimmed_ = trimmed_on_disk_ = start;
  recovery_.end = recovery_.flushed = recovery_.trimmed = Position(start);
  co_return Status();
}

runtime::Task<Status> Log::recover(Replay replay, Prepare prepare) {
  const SegmentHeader& first = segments_.live().begin()->second.header;
  if (first.block_bytes != block_bytes()) {
    co_return error(Code::kFormatInvalid, "log {}: was made for durability {}, is opened for {}", folder_,
                    first.block_bytes == kBlockBytesPower ? "power" : "process",
                    block_bytes() == kBlockBytesPower ? "power" : "process");
  }
  if (first.segment_bytes != options_.segment_bytes) {
    co_return error(Code::kInvalid, "log {}: has segments of {} bytes, is opened for {}", folder_, first.segment_bytes,
                    options_.segment_bytes);
  }
  log_ = first.log;
  Recoverer recoverer(reactor_, segments_, options_.durability, replay, prepare);
  const Tail tail = DX_CO_TRY(co_await recoverer.run());
  recovery_ = {.end = Position(tail.last_record),
               .trimmed = Position(tail.trimmed),
               .flushed = Position(tail.flushed),
               .records = tail.records,
               .cut = tail.jump,
               .power_lost = tail.power_lost};
  if (tail.power_lost) {
    reactor_.log().warn("{} at offset {}: power was lost: records from position {} on are gone",
                        segments_.path(sequence_of_position(tail.end)), tail.end % options_.segment_bytes, tail.end);
  }
  // Once: what it refers to need not live longer.
  if (const auto before_changes = std::exchange(options_.before_changes, {})) {
    DX_CO_TRY(co_await before_changes(recovery_));
  }
  // The bug goes on as if nothing had happened: it must not be hidden by what else tells lives apart.
  generation_ = tail.generation + (options_.planted_bug == PlantedBug::kReuseCutPositions ? 0 : 1);
  DX_CO_TRY(co_await flush_recovered(tail));

  const uint64_t floor = options_.position_floor.value();
  uint64_t next = tail.end;
  if ((tail.jump && options_.planted_bug != PlantedBug::kReuseCutPositions) || floor > tail.end) {
    const uint64_t highest = std::max(tail.highest, floor);
    const uint64_t sequence = std::max(sequence_of_position(highest), segments_.last()) + 1;
    DX_CO_TRY(co_await segments_.prepare({.block_bytes = block_bytes(),
                                          .log = log_,
                                          .segment_bytes = options_.segment_bytes,
                                          .sequence = sequence,
                                          .previous_end = tail.end,
                                          .trimmed = tail.trimmed,
                                          .generation = generation_}));
    next = sequence * options_.segment_bytes;
  }
  builder_.start_at(next);
  appended_ = durable_ = tail.last_record;
  flushed_ = std::min(tail.flushed, tail.last_record);
  trimmed_ = trimmed_on_disk_ = tail.trimmed;
  free_trimmed();
  co_return Status();
}

/// What was replayed may never have been flushed: the process died before it could, and the machine lived on. It is
/// about to be acted upon, so it must be durable first. Written again, because a flush alone is not enough: after one
/// that failed, what it should have covered is readable but never reaches the medium. Equal bytes, so a torn write
/// harms nothing.
runtime::Task<Status> Log::flush_recovered(const Tail& tail) {
  if (options_.durability == Durability::kProcess) co_return Status();
  for (const auto& [sequence, segment] : segments_.live()) {
    const uint64_t start = segment.header.start();
    const uint64_t from = std::max(align_down(tail.flushed, kBlockBytesPower), start + kHeaderArea);
    const uint64_t to = std::min(align_up(tail.end, kBlockBytesPower), segment.header.end());
    if (from >= to) continue;
    IoBuf bytes = DX_CO_TRY(IoBuf::allocate(to - from, IoBuf::kDirectAlignment));
    const size_t got = DX_CO_TRY(co_await segment.file->read(from - start, bytes));
    if (got < bytes.size())
      co_return error(Code::kIo, "{}: was read a moment ago and is shorter now", segments_.path(sequence));
    std::vector<IoBuf> parts = {std::move(bytes)};
    DX_CO_TRY(co_await segment.file->write_durable(from - start, std::move(parts)));
  }
  co_return Status();
}

// --- appending

uint64_t Log::capacity_end() const {
  const uint64_t live = segments_.live().size();
  const uint64_t more = live < options_.segments_max && cannot_grow_.ok() ? options_.segments_max - live : 0;
  return (segments_.last() + 1 + more) * options_.segment_bytes;
}

uint64_t Log::raw_room() const {
  const uint64_t at = builder_.at();
  const uint64_t end = capacity_end();
  if (at >= end) return 0;
  const uint64_t headers =
      sequence_of_position(end - 1) - sequence_of_position(at) + (at % options_.segment_bytes == 0 ? 1 : 0);
  const uint64_t taken = headers * kHeaderArea + kOwnBlocks * block_bytes();
  return end - at > taken ? end - at - taken : 0;
}

/// Blocks that fit once all room for records is used up.
uint64_t Log::own_blocks_left() const {
  const uint64_t at = builder_.at() % options_.segment_bytes == 0 ? builder_.at() + kHeaderArea : builder_.at();
  return capacity_end() > at ? (capacity_end() - at) / block_bytes() : 0;
}

uint64_t Log::room() const {
  const uint64_t taken = options_.reserve_bytes + builder_.cost(0);
  const uint64_t raw = raw_room();
  if (raw <= taken) return 0;
  // Headers take their share: the inverse of cost(), rounded down.
  const uint64_t left = raw - taken;
  const uint64_t overhead = builder_.cost(left) - left;
  return left > overhead ? left - overhead : 0;
}

Result<Position> Log::append(std::span<const ByteSpan> parts, Use use) {
  if (!health_.ok()) return health_;
  if (closing_) return error(Code::kShuttingDown, "log {} is being closed", folder_);
  uint64_t bytes = 0;
  for (const ByteSpan part : parts) bytes += part.size();
  if (builder_.queued_bytes() + bytes > kQueuedBytesMax && !builder_.empty()) {
    return error(Code::kBusy, "log {}: the disk is {} bytes behind", folder_, builder_.queued_bytes());
  }
  const uint64_t wanted = builder_.cost(bytes) + (use == Use::kNormal ? options_.reserve_bytes : 0);
  if (wanted > raw_room()) {
    if (!cannot_grow_.ok() && reactor_.now() >= grow_again_) housekeeping_.set();
    return error(Code::kNoSpace,
                 "log {}: no room for a record of {} bytes, {} are left; the next checkpoint frees some", folder_,
                 bytes, room());
  }
  appended_ = DX_TRY(builder_.add(parts, bytes));
  if (builder_.queued_bytes() >= options_.early_commit_bytes && flights_.size() < options_.flushes_in_flight) {
    reactor_.flush_soon(this);
  }
  return Position(appended_);
}

runtime::Task<Status> Log::wait_durable(Position position, runtime::CallContext context) {
  struct Awaiter {
    Log& log;
    DurableWaiter waiter;
    Code refused = Code::kOk;
    bool await_ready() {
      refused = waiter.refused();
      return refused != Code::kOk;
    }
    void await_suspend(std::coroutine_handle<> handle) {
      waiter.suspend(handle);
      // Nearly always the last one: positions are waited for in the order in which they were given.
      auto at = log.waiters_.end();
      while (at != log.waiters_.begin() && static_cast<DurableWaiter&>(*std::prev(at)).position > waiter.position) --at;
      log.waiters_.insert(at, waiter);
    }
    Code await_resume() const { return refused != Code::kOk ? refused : waiter.outcome(); }
  };
  if (position.value() <= durable_) co_return Status();
  if (!health_.ok()) co_return health_;
  const Code code = co_await Awaiter{*this, DurableWaiter(reactor_, context, position.value())};
  if (code != Code::kOk) co_return error(code, "log {}: waiting for position {}", folder_, position);
  co_return position.value() <= durable_ ? Status() : health_;
}

void Log::wake_waiters() {
  while (!waiters_.empty()) {
    auto& first = static_cast<DurableWaiter&>(waiters_.front());
    if (first.position > durable_ && health_.ok()) return;
    first.end(Code::kOk);
  }
}

// --- committing

void Log::flush() {
  if (!health_.ok() || stopped_) return;
  if (builder_.empty() && wants_block_) {
    if (own_blocks_left() == 0) {
      wants_block_ = false;
      quiet_.set();
      return;
    }
    const Status added = builder_.add_empty();
    if (!added.ok()) return;  // no memory: at the next turn
  }
  if (builder_.empty() || flights_.size() >= options_.flushes_in_flight) return;
  auto flight = std::make_unique<Flight>();
  flight->flushed = durable_;
  flight->trimmed = trim_said_ = trimmed_;
  while (!builder_.empty() && segments_.has(sequence_of_position(builder_.blocks().front().position))) {
    Block block = builder_.take();
    const auto bytes = static_cast<uint32_t>(builder_.padded(block));
    seal_block({.log = short_id(log_),
                .position = block.position,
                .flushed = flight->flushed,
                .trimmed = flight->trimmed,
                .block_bytes = bytes,
                .part_bytes = static_cast<uint32_t>(block.used - BlockHeader::kBytes),
                .generation = generation_},
               block.buffer.writable().first(bytes));
    if (block.last_record != 0) flight->last_record = block.last_record;
    flight->blocks.push_back(std::move(block));
  }
  if (wanted_sequence() > segments_.last()) housekeeping_.set();
  if (flight->blocks.empty()) return;
  wants_block_ = false;
  last_commit_ = reactor_.now();
  flights_.push_back(std::move(flight));
  Flight& started = *flights_.back();
  started.pending += static_cast<uint32_t>(others_.size());
  // Copied: what these tasks do synchronously may come back here.
  const std::vector<storage::File*> others = others_;
  // A batch that leaves in two commits, for want of a segment, flushes with both: a record may stand in either.
  if (builder_.empty()) others_.clear();
  for (storage::File* file : others) work_.spawn(flush_other(started, *file));
  work_.spawn(commit(started));
}

void Log::flush_with_commit(storage::File& file) {
  if (std::find(others_.begin(), others_.end(), &file) == others_.end()) others_.push_back(&file);
}

runtime::Task<void> Log::flush_other(Flight& flight, storage::File& file) {
  Status flushed;
  if (options_.durability == Durability::kPower && options_.planted_bug != PlantedBug::kForgetFlushWithCommit) {
    flushed = co_await file.flush();
  }
  if (!flushed.ok()) fail(std::move(flushed).within(fmt::format("log {}: data of a commit", folder_)));
  ended(flight);
}

/// The one place that decides how a commit becomes durable.
runtime::Task<Status> Log::write(storage::File& file, uint64_t offset, std::vector<IoBuf> parts) {
  const bool flushes =
      options_.durability == Durability::kPower && options_.planted_bug != PlantedBug::kAcknowledgeBeforeFlush;
  return flushes ? file.write_durable(offset, std::move(parts)) : file.write(offset, std::move(parts));
}

runtime::Task<void> Log::commit(Flight& flight) {
  size_t next = 0;
  while (next < flight.blocks.size()) {
    // Blocks of one segment lie back to back.
    const uint64_t sequence = sequence_of_position(flight.blocks[next].position);
    const uint64_t offset = flight.blocks[next].position % options_.segment_bytes;
    std::vector<IoBuf> parts;
    for (; next < flight.blocks.size() && sequence_of_position(flight.blocks[next].position) == sequence; next++) {
      const Block& block = flight.blocks[next];
      parts.push_back(block.buffer.slice(0, builder_.padded(block)));
    }
    Status written = co_await write(segments_.file(sequence), offset, std::move(parts));
    if (!written.ok()) {
      fail(std::move(written).within(
          fmt::format("log {}: commit at position {}", folder_, flight.blocks.front().position)));
      break;
    }
  }
  ended(flight);
}

void Log::ended(Flight& flight) {
  if (--flight.pending > 0) return;
  if (options_.planted_bug == PlantedBug::kAcknowledgeOutOfOrder) advance(flight);
  landed();
}

void Log::landed() {
  while (!flights_.empty() && flights_.front()->pending == 0) {
    const std::unique_ptr<Flight> flight = std::move(flights_.front());
    flights_.pop_front();
    for (Block& block : flight->blocks) builder_.recycle(std::move(block));
    if (health_.ok()) advance(*flight);
  }
  free_trimmed();
  arm_idle_timer();
  if (is_quiet() || !health_.ok()) quiet_.set();
}

void Log::advance(const Flight& flight) {
  durable_ = std::max(durable_, flight.last_record);
  flushed_ = std::max(flushed_, flight.flushed);
  trimmed_on_disk_ = std::max(trimmed_on_disk_, flight.trimmed);
  wake_waiters();
}

void Log::arm_idle_timer() {
  if (idle_timer_.armed() || !has_unsaid() || closing_ || !health_.ok()) return;
  idle_timer_.arm(
      reactor_, reactor_.now() + options_.idle_delay, [](void* self) { static_cast<Log*>(self)->on_idle(); }, this);
}

void Log::on_idle() {
  if (!has_unsaid() || closing_ || !health_.ok()) return;
  const bool idle = is_quiet() && reactor_.now() >= last_commit_ + options_.idle_delay;
  if (idle) say_flushed();
  if (!wants_block_) arm_idle_timer();
}

void Log::say_flushed() {
  // What is in flight will have more to say when it lands. A full log keeps its last blocks for what is trimmed.
  if (has_unsaid() && is_quiet() && !closing_ && health_.ok() && raw_room() > 0) wants_block_ = true;
}

void Log::fail(Status why) {
  if (!health_.ok()) return;
  reactor_.log().error("{}", why);
  health_ = std::move(why);
  builder_.clear();
  others_.clear();
  wants_block_ = false;
  wake_waiters();
  housekeeping_.set();
  quiet_.set();
}

// --- segments

void Log::trim(Position position) {
  const uint64_t wanted = std::min(position.value(), durable_);
  if (wanted <= trimmed_) return;
  trimmed_ = wanted;
  say_what_is_trimmed();
}

/// A segment is given up only when a block on the medium says that it is not needed: recovery starts from what blocks
/// say. One block at a time, so that each makes room for the next even in a log that is full.
void Log::say_what_is_trimmed() {
  const uint64_t end = segments_.live().begin()->second.header.end();
  const bool is_current = segments_.live().size() == 1;
  if (!is_current && trimmed_ >= end && trim_said_ < end) wants_block_ = true;
}

void Log::free_trimmed() {
  const uint64_t current = sequence_of_position(builder_.at());
  bool freed = false;
  while (segments_.live().size() > 1) {
    const SegmentHeader& oldest = segments_.live().begin()->second.header;
    if (oldest.end() > trimmed_on_disk_ || oldest.sequence >= current) break;
    segments_.free_oldest();
    freed = true;
  }
  if (!freed) return;
  cannot_grow_ = {};
  housekeeping_.set();
  say_what_is_trimmed();
}

uint64_t Log::wanted_sequence() const {
  // The next one is prepared while half of the present one is still there, so that no commit waits for it.
  const uint64_t at = builder_.at();
  const uint64_t sequence = sequence_of_position(at);
  return at % options_.segment_bytes > options_.segment_bytes / 2 ? sequence + 1 : sequence;
}

runtime::Task<Status> Log::keep_house() {
  while (!stopped_ && health_.ok()) {
    DX_CO_TRY(co_await housekeeping_.wait({}));
    housekeeping_.reset();
    if (stopped_ || !health_.ok()) break;
    Status status = co_await retire();
    if (status.ok()) status = co_await grow();
    if (!status.ok()) fail(std::move(status).within(fmt::format("log {}", folder_)));
  }
  co_return Status();
}

runtime::Task<Status> Log::retire() {
  const size_t freed = segments_.freed();  // more may be freed meanwhile, on the word of later blocks
  if (freed > 0 && options_.durability == Durability::kProcess) {
    // A loss of power must not take the block that says what was trimmed, and leave the file gone.
    for (uint64_t sequence = segments_.live().begin()->first; sequence <= segments_.last(); sequence++) {
      if (segments_.has(sequence)) DX_CO_TRY(co_await segments_.file(sequence).flush());
    }
  }
  Status status = co_await segments_.retire(freed);
  co_return status;
}

runtime::Task<Status> Log::grow() {
  while (wanted_sequence() > segments_.last() && segments_.live().size() < options_.segments_max) {
    const uint64_t sequence = segments_.last() + 1;
    const Status prepared = co_await segments_.prepare({.block_bytes = block_bytes(),
                                                        .log = log_,
                                                        .segment_bytes = options_.segment_bytes,
                                                        .sequence = sequence,
                                                        .previous_end = sequence * options_.segment_bytes,
                                                        .trimmed = trimmed_on_disk_,
                                                        .generation = generation_});
    if (prepared.code() == Code::kNoSpace) {
      const bool stranded =
          !builder_.empty() && sequence_of_position(builder_.blocks().back().position) > segments_.last();
      if (stranded) co_return prepared;  // records have positions that will never exist
      cannot_grow_ = prepared;
      grow_again_ = reactor_.now() + kGrowRetry;
      co_return Status();
    }
    if (!prepared.ok()) co_return prepared;
    cannot_grow_ = {};
  }
  co_return Status();
}

runtime::Task<Status> Log::close() {
  closing_ = true;
  idle_timer_.cancel();
  for (int round = 0; round < 2; round++) {
    while (health_.ok() ? !is_quiet() : !flights_.empty()) {
      quiet_.reset();
      DX_CO_TRY(co_await quiet_.wait({}));
    }
    // The last word: everything is durable, so that the next start verifies nothing. But not with the last block of a
    // full log, which must be left to say what was trimmed.
    if (round == 0 && health_.ok() && has_unsaid() && own_blocks_left() > 2) wants_block_ = true;
  }
  stopped_ = true;
  housekeeping_.set();
  const Status joined = co_await work_.join();
  DX_CHECK(joined.ok(), "{}", joined);
  reactor_.remove_source(this);
  segments_.close();
  co_return health_;
}

}  // namespace

runtime::Task<Result<std::unique_ptr<Journal>>> Journal::open(runtime::Reactor& reactor, storage::Disk& disk,
                                                              std::string directory, Options options, Replay replay,
                                                              Prepare prepare) {
  auto log = std::make_unique<Log>(reactor, disk, std::move(directory), options);
  DX_CO_TRY(co_await log->start(std::move(replay), std::move(prepare)));
  co_return std::unique_ptr<Journal>(std::move(log));
}

}  // namespace daos::journal
