#include "platform/journal/recovery.h"

#include <algorithm>

#include "platform/base/check.h"
#include "platform/runtime/sync.h"

namespace daos::journal {
namespace {

// Read in pieces, so that one log does not occupy the disk's queue for long.
constexpr size_t kReadBytes = 1u << 20;
/// Of records that say what is affected by damage.
constexpr size_t kKeptMax = 4096;

}  // namespace

Status Recoverer::corrupt(uint64_t position, std::string_view what) {
  const uint64_t segment_bytes = segments_.live().begin()->second.header.segment_bytes;
  damage_ = {.path = segments_.path(position / segment_bytes),
             .offset = position % segment_bytes,
             .what = std::string(what),
             .from = position,
             .to = std::max({tail_.flushed, vouched_, position})};
  return error(Code::kCorrupt, "{} at offset {}: {}; acknowledged records from position {} up to {} cannot be read",
               damage_.path, damage_.offset, what, damage_.from, damage_.to);
}

Status Recoverer::missing(uint64_t sequence, uint64_t from, uint64_t to) {
  damage_ = {.path = segments_.path(sequence), .offset = 0, .what = "the file is missing", .from = from, .to = to};
  return error(Code::kCorrupt, "{} is missing: records from position {} up to {} cannot be read", damage_.path, from,
               to);
}

void Recoverer::tell(const Status& why) {
  if (why.ok()) return;
  if (why.code() != Code::kCorrupt || damage_.path.empty()) damage_ = {.what = std::string(why.message())};
  found_->push_back(std::exchange(damage_, {}));
}

runtime::Task<Result<Tail>> Recoverer::look(std::vector<Damage>& found, const Lost& lost) {
  found_ = &found;
  find_limits();
  DX_CO_TRY(co_await find_end());
  tell(check_chain());
  tell(judge_end());
  const uint64_t acknowledged = std::max(tail_.flushed, vouched_);
  if (tail_.power_lost) {
    Status lost_power = corrupt(*mismatch_, "power was lost");
    tell(lost_power);
  }
  for (const Kept& record : kept_) {
    if (record.position <= acknowledged) lost(record.position, record.bytes);
  }
  tell(co_await replay());
  co_return tail_;
}

runtime::Task<Result<Tail>> Recoverer::run() {
  find_limits();
  DX_CO_TRY(co_await find_end());
  DX_CO_TRY(check_chain());
  DX_CO_TRY(judge_end());
  DX_CO_TRY(co_await replay());
  co_return tail_;
}

void Recoverer::find_limits() {
  uint64_t limit = UINT64_MAX;
  for (auto segment = segments_.live().rbegin(); segment != segments_.live().rend(); ++segment) {
    const SegmentHeader& header = segment->second.header;
    limits_[header.sequence] = std::min(limit, header.end());
    if (header.is_jump()) {
      // One that a later cut has voided vouches for nothing.
      if (limit > header.start()) vouched_ = std::max(vouched_, header.previous_end);
      limit = std::min(limit, header.previous_end);
    }
  }
}

Status Recoverer::check_chain() {
  const SegmentHeader* before = nullptr;
  for (const auto& [sequence, segment] : segments_.live()) {
    const SegmentHeader& header = segment.header;
    if (before == nullptr) {
      if (header.start() > tail_.trimmed) {
        return missing(tail_.trimmed / header.segment_bytes, tail_.trimmed, header.start());
      }
    } else if (header.previous_end > before->end()) {
      return missing(before->sequence + 1, before->end(), header.previous_end);
    }
    before = &header;
  }
  return {};
}

runtime::Task<Result<IoBuf>> Recoverer::load(uint64_t sequence) {
  const Segment& segment = segments_.live().at(sequence);
  IoBuf bytes = DX_CO_TRY(IoBuf::allocate(segment.header.segment_bytes, IoBuf::kDirectAlignment));
  size_t got = 0;
  while (got < bytes.size()) {
    const size_t want = std::min(kReadBytes, bytes.size() - got);
    const size_t n = DX_CO_TRY(co_await segment.file->read(got, bytes.slice(got, want)));
    got += n;
    if (n < want) break;  // a file that was cut short: what is missing is judged like any other damage
  }
  co_return bytes.slice(0, got);
}

runtime::Task<Status> Recoverer::find_end() {
  for (const auto& [sequence, segment] : segments_.live()) {
    const SegmentHeader& header = segment.header;
    tail_.trimmed = std::max(tail_.trimmed, header.trimmed);
    tail_.generation = std::max(tail_.generation, header.generation);
    const IoBuf bytes = DX_CO_TRY(co_await load(sequence));
    scan(header, bytes.bytes());
    co_await runtime::yield(reactor_);
  }
  co_return Status();
}

/// Walks the blocks; behind the first that is missing it tries every place where one could be, to learn what was
/// written beyond.
void Recoverer::scan(const SegmentHeader& header, ByteSpan bytes) {
  const uint64_t log = short_id(header.log);
  const uint64_t limit = limits_.at(header.sequence);
  uint64_t position = header.start() + kHeaderArea;
  while (position < limit) {
    const uint64_t offset = position - header.start();
    const ByteSpan rest = offset < bytes.size() ? bytes.subspan(offset) : ByteSpan();
    std::optional<BlockHeader> block = decode_block(rest, log, position, header.block_bytes);
    // One of an earlier life behind one of a later life was completed by pieces of a write that failed.
    if (block && !mismatch_ && block->generation < chain_generation_) {
      tail_.highest = std::max(tail_.highest, position + block->block_bytes);
      block.reset();
    }
    if (block) {
      if (!mismatch_) {
        chain_generation_ = block->generation;
        counts_[header.sequence].blocks++;
      } else if (found_ != nullptr) {
        keep_whole_parts(rest, log, position, header.block_bytes);
      }
      position += block->block_bytes;
      tail_.highest = std::max(tail_.highest, position);
      tail_.flushed = std::max(tail_.flushed, block->flushed);
      tail_.trimmed = std::max(tail_.trimmed, block->trimmed);
      tail_.generation = std::max(tail_.generation, block->generation);
    } else {
      if (!mismatch_) mismatch_ = position;
      if (found_ != nullptr) keep_whole_parts(rest, log, position, header.block_bytes);
      // A torn block counts as found: if the next write here were torn too, the two could make the old one whole.
      if (names_position(rest, log, position)) tail_.highest = std::max(tail_.highest, position + header.block_bytes);
      position += header.block_bytes;
    }
    if (!mismatch_) tail_.end = std::min(position, limit);
  }
  if (!mismatch_ && limit < header.end()) tail_.end = std::max(tail_.end, limit);
}

/// Records that one part holds alone, of a block that may be damaged: each part has a crc of its own.
void Recoverer::keep_whole_parts(ByteSpan block, uint64_t log, uint64_t position, uint32_t alignment) {
  if (kept_.size() >= kKeptMax || block.size() < BlockHeader::kBytes) return;
  BlockHeader header{.part_bytes =
                         static_cast<uint32_t>(std::min<size_t>(block.size(), kBlockBytesMax) - BlockHeader::kBytes)};
  if (const auto whole = decode_block(block, log, position, alignment)) header = *whole;
  const Status walked = for_each_part(block, header, [&](const Part& part) -> Status {
    if (part.header.index == 0 && (part.header.flags & PartHeader::kLast) != 0) {
      kept_.push_back({.position = position + part.end(), .bytes = {part.payload.begin(), part.payload.end()}});
    }
    return {};
  });
  walked.ignore("what is behind the first damaged part of a block cannot be told apart");
}

Status Recoverer::judge_end() {
  if (mismatch_) {
    tail_.end = *mismatch_;
    if (*mismatch_ < std::max(tail_.flushed, vouched_)) {
      if (durability_ == Durability::kPower) return corrupt(*mismatch_, "a block is damaged or missing");
      // Completed writes reach the medium in any order: this is what a loss of power leaves of a log that never
      // flushes.
      tail_.power_lost = true;
    }
  }
  tail_.highest = std::max({tail_.highest, tail_.end});
  tail_.jump = tail_.highest > tail_.end || tail_.power_lost;
  return {};
}

runtime::Task<Status> Recoverer::replay() {
  tail_.last_record = tail_.trimmed;
  for (const auto& [sequence, segment] : segments_.live()) {
    const SegmentHeader& header = segment.header;
    if (header.start() >= tail_.end) break;
    const IoBuf bytes = DX_CO_TRY(co_await load(sequence));
    DX_CO_TRY(replay_segment(header, bytes.bytes()).within(segments_.path(sequence)));
    co_await runtime::yield(reactor_);
  }
  if (held_.empty()) co_return Status();
  Status replayed = co_await replay_held();
  co_return replayed;
}

Status Recoverer::replay_segment(const SegmentHeader& header, ByteSpan bytes) {
  const uint64_t log = short_id(header.log);
  const uint64_t limit = std::min(limits_.at(header.sequence), tail_.end);
  uint64_t position = header.start() + kHeaderArea;
  while (position < limit) {
    const ByteSpan rest = bytes.subspan(std::min<uint64_t>(position - header.start(), bytes.size()));
    const std::optional<BlockHeader> block = decode_block(rest, log, position, header.block_bytes);
    if (!block) return corrupt(position, "a block could be read a moment ago and cannot now");
    DX_TRY(for_each_part(rest, *block, [&](const Part& part) -> Status {
      if (position + part.end() > limit) return {};  // void, see SegmentHeader::previous_end
      return take_part(part, *block);
    }));
    position += block->block_bytes;
  }
  return {};
}

Status Recoverer::take_part(const Part& part, const BlockHeader& block) {
  const uint64_t end = block.position + part.end();
  if (part.header.index == 0) {
    // The rest of a record may have been lost in a crash, but never within one generation.
    if (open_.parts != 0 && open_.generation == block.generation) {
      return corrupt(block.position + part.offset, "a record lacks its last part");
    }
    open_ = {.generation = block.generation, .start = block.position + part.offset};
  } else if (open_.parts != part.header.index || open_.generation != block.generation) {
    // Its first parts are in a segment that has been trimmed away, so nobody needs the rest.
    if (open_.parts == 0 && end <= tail_.trimmed) return {};
    return corrupt(block.position + part.offset, "a record lacks its first part");
  }
  open_.parts++;
  open_.bytes.insert(open_.bytes.end(), part.payload.begin(), part.payload.end());
  if ((part.header.flags & PartHeader::kLast) == 0) return {};

  Reassembly record = std::exchange(open_, {});
  if (end <= tail_.trimmed) return {};
  if (end > tail_.flushed) {
    held_.push_back({.start = record.start, .end = end, .bytes = std::move(record.bytes)});
    return {};
  }
  return replay_one({.start = record.start, .end = end, .bytes = std::move(record.bytes)}, Settled::kYes);
}

Status Recoverer::replay_one(const Held& record, Settled settled) {
  Status status = replay_(Position(record.end), record.bytes, settled);
  if (status.code() == Code::kChecksum && settled == Settled::kNo) return status;
  if (!status.ok() && found_ != nullptr) {
    corrupt(record.start, status.message()).ignore("it is told, and what follows is replayed");
    damage_.to = record.end;
    found_->push_back(std::exchange(damage_, {}));
    status = Status();
  }
  if (!status.ok()) return status;
  counts_[(record.end - 1) / segments_.live().begin()->second.header.segment_bytes].records++;
  tail_.last_record = record.end;
  tail_.records++;
  return {};
}

runtime::Task<Status> Recoverer::replay_held() {
  if (prepare_) {
    std::vector<UnsettledRecord> records;
    for (const Held& held : held_) records.push_back({.position = Position(held.end), .bytes = held.bytes});
    DX_CO_TRY(co_await prepare_(std::move(records)));
  }
  for (const Held& held : held_) {
    Status status = replay_one(held, Settled::kNo);
    if (status.code() == Code::kChecksum) {
      // Behind the record before, but never within it: the bytes between two records belong to nobody.
      tail_.end = held.start;
      tail_.jump = true;
      break;
    }
    if (!status.ok()) co_return status;
  }
  co_return Status();
}

}  // namespace daos::journal
