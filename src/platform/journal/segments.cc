#include "platform/journal/segments.h"

#include <algorithm>

#include "platform/runtime/sync.h"

namespace daos::journal {
namespace {

using namespace std::chrono_literals;

// A process that was killed keeps its locks until the kernel has ended its requests; a restart waits for that.
constexpr Duration kLockWait = 3s;
constexpr Duration kLockRetry = 5ms;

}  // namespace

runtime::Task<Result<std::unique_ptr<storage::File>>> Segments::open_locked(std::string path, bool create) {
  std::unique_ptr<storage::File> file =
      DX_CO_TRY(co_await disk_.open(path, {.create = create, .at_once = !direct_, .direct = direct_}));
  const Time until = access_ == Access::kLook ? reactor_.now() : reactor_.now() + kLockWait;
  while (true) {
    const Status locked = file->lock();
    if (locked.ok()) break;
    if (locked.code() != Code::kBusy || reactor_.now() >= until) co_return locked;
    DX_CO_TRY(co_await runtime::sleep(reactor_, reactor_.within(kLockRetry)));
  }
  co_return std::move(file);
}

runtime::Task<Status> Segments::load(bool direct) {
  direct_ = direct;
  const std::vector<std::string> names = DX_CO_TRY(disk_.list(folder_));
  for (const std::string& name : names) {
    const std::optional<uint64_t> sequence = sequence_of(name, "segment-");
    if (sequence) DX_CO_TRY(co_await load_segment(*sequence));
  }
  for (const std::string& name : names) {
    const std::optional<uint64_t> sequence = sequence_of(name, "spare-");
    if (sequence) DX_CO_TRY(co_await adopt_spare(*sequence));
  }
  // A life that was killed may have given a segment its name and not have made that durable: commits that this life
  // adds to the segment would go with the name when power is lost.
  Status synced = co_await disk_.sync_directory(folder_);
  co_return synced;
}

runtime::Task<Status> Segments::load_segment(uint64_t sequence) {
  const std::string path = this->path(sequence);
  std::unique_ptr<storage::File> file = DX_CO_TRY(co_await open_locked(path, false));
  const IoBuf area = DX_CO_TRY(IoBuf::allocate(kHeaderArea, IoBuf::kDirectAlignment));
  const size_t got = DX_CO_TRY(co_await file->read(0, area));
  const SegmentHeader header = DX_CO_TRY(decode_segment_header(area.bytes().first(got)).within(path));
  if (header.sequence != sequence) {
    co_return error(Code::kCorrupt, "{}: the header says segment {:x}: files were renamed or exchanged", path,
                    header.sequence);
  }
  if (!live_.empty()) {
    const SegmentHeader& first = live_.begin()->second.header;
    if (header.log != first.log || header.segment_bytes != first.segment_bytes ||
        header.block_bytes != first.block_bytes) {
      co_return error(Code::kCorrupt, "{}: belongs to log {}, its neighbours to {}", path, header.log, first.log);
    }
  }
  live_.emplace(sequence, Segment{.header = header, .file = std::move(file)});
  co_return Status();
}

runtime::Task<Result<bool>> Segments::is_reusable(storage::File& file) {
  const SegmentHeader& own = live_.begin()->second.header;
  const uint64_t bytes = DX_CO_TRY(file.size());
  if (bytes != own.segment_bytes) co_return false;
  // One that was being written when the process died may not have all of its blocks yet; it has no header either.
  const IoBuf area = DX_CO_TRY(IoBuf::allocate(kHeaderArea, IoBuf::kDirectAlignment));
  const size_t got = DX_CO_TRY(co_await file.read(0, area));
  const Result<SegmentHeader> header = decode_segment_header(area.bytes().first(got));
  co_return header.ok() && (*header).log == own.log;
}

runtime::Task<Status> Segments::adopt_spare(uint64_t sequence) {
  const std::string path = at(spare_name(sequence));
  if (!live_.empty() && spares_.size() < kSparesMax) {
    std::unique_ptr<storage::File> file = DX_CO_TRY(co_await open_locked(path, false));
    const bool reusable = DX_CO_TRY(co_await is_reusable(*file));
    if (reusable) {
      spares_.push_back({.sequence = sequence, .file = std::move(file)});
      co_return Status();
    }
  }
  Status removed = co_await disk_.remove(path);
  co_return removed;
}

runtime::Task<Status> Segments::prepare(SegmentHeader header) {
  const IoBuf area = DX_CO_TRY(IoBuf::allocate(kHeaderArea, IoBuf::kDirectAlignment));
  encode_segment_header(header, IoBuf(area).writable());
  std::vector<IoBuf> parts;
  parts.push_back(area);

  Spare spare;
  if (!spares_.empty()) {
    // What it still holds carries the positions of its former life, which no reader will take for new ones.
    spare = std::move(spares_.back());
    spares_.pop_back();
  } else {
    spare.sequence = header.sequence;
    const std::string path = at(spare_name(spare.sequence));
    spare.file = DX_CO_TRY(co_await open_locked(path, true));
    Status filled = co_await spare.file->preallocate(header.segment_bytes);
    if (!filled.ok()) {
      spare.file.reset();
      const Status removed = co_await disk_.remove(path);
      removed.ignore("the next open removes it");
      co_return filled;
    }
  }
  DX_CO_TRY(co_await spare.file->write_durable(0, std::move(parts)));
  DX_CO_TRY(co_await disk_.rename(at(spare_name(spare.sequence)), path(header.sequence)));
  DX_CO_TRY(co_await disk_.sync_directory(folder_));
  live_.emplace(header.sequence, Segment{.header = header, .file = std::move(spare.file)});
  co_return Status();
}

void Segments::free_oldest() {
  auto oldest = live_.extract(live_.begin());
  freed_.push_back({.sequence = oldest.key(), .file = std::move(oldest.mapped().file)});
}

runtime::Task<Status> Segments::retire(size_t count) {
  for (; count > 0; count--) {
    Spare spare = std::move(freed_.front());
    freed_.erase(freed_.begin());
    // A spare of the same number is one whose use a crash interrupted, and another took its place.
    const bool name_taken =
        std::any_of(spares_.begin(), spares_.end(), [&](const Spare& each) { return each.sequence == spare.sequence; });
    if (spares_.size() < kSparesMax && !name_taken) {
      DX_CO_TRY(co_await disk_.rename(path(spare.sequence), at(spare_name(spare.sequence))));
      // The name must be gone before the header is: a "segment-N" without a valid header is taken for damage.
      DX_CO_TRY(co_await disk_.sync_directory(folder_));
      spares_.push_back(std::move(spare));
    } else {
      DX_CO_TRY(co_await disk_.remove(path(spare.sequence)));
      DX_CO_TRY(co_await disk_.sync_directory(folder_));
    }
  }
  co_return Status();
}

}  // namespace daos::journal
