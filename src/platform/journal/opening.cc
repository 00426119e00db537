// How a log begins: a new one, or what a former life left, and what must be said of that before anybody acts on it.
#include <algorithm>

#include "platform/base/check.h"
#include "platform/journal/log.h"

namespace daos::journal {

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

runtime::Task<Result<std::unique_ptr<Journal>>> Journal::open(runtime::Reactor& reactor, storage::Disk& disk,
                                                              std::string directory, Options options, Replay replay,
                                                              Prepare prepare) {
  auto log = std::make_unique<Log>(reactor, disk, std::move(directory), options);
  DX_CO_TRY(co_await log->start(std::move(replay), std::move(prepare)));
  co_return std::unique_ptr<Journal>(std::move(log));
}

}  // namespace daos::journal
