// A log at work: appending, commits, trimming, segments that come and go, the end. How it begins: opening.cc.
#include "platform/journal/journal.h"

#include <algorithm>

#include "platform/base/check.h"
#include "platform/journal/log.h"

namespace daos::journal {
namespace {

/// Blocks that only the log itself may use: when it is full, one of them must still say what was trimmed.
constexpr uint64_t kOwnBlocks = 4;
/// Records wait here while the disk is behind; above this, append() says kBusy.
constexpr uint64_t kQueuedBytesMax = 64 * kMiB;
/// How often a disk that was full is asked again.
constexpr Duration kGrowRetry = std::chrono::seconds(1);

}  // namespace

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

}  // namespace daos::journal
