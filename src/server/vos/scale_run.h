// One shard with many keys and one array of many extents, through everything that is done with them, every answer
// checked. The test runs it small on a memory disk, `make bench` runs it at full size on a real one.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/hash.h"
#include "server/vos/shard.h"

namespace daos::vos {

struct ScaleSize {
  uint64_t keys = 0;
  uint64_t extents = 0;
  uint64_t value_bytes = 64;
  uint64_t reads = 0;       // of each kind
  uint64_t in_flight = 64;  // operations at once
};

class ScaleRun {
 public:
  /// Told when a phase ends, and how many operations it had.
  using Report = std::function<void(std::string_view phase, uint64_t operations)>;
  ScaleRun(runtime::Reactor& reactor, storage::Disk& disk, std::string directory, ShardSuperblock superblock,
           ShardOptions options, ScaleSize size, Report report)
      : reactor_(reactor),
        disk_(disk),
        directory_(std::move(directory)),
        superblock_(std::move(superblock)),
        options_(std::move(options)),
        size_(size),
        report_(std::move(report)) {}

  /// Ok, or the first wrong answer.
  runtime::Task<Status> run();
  /// What the index takes for a key beside the key and its value, after the first phase.
  double overhead_bytes() const { return overhead_; }

 private:
  static constexpr uint64_t kRecord = 8;  // bytes of an array's record
  enum class Kind : uint8_t { kInsert, kOverwrite, kPunchKey, kReadKey, kWriteExtent, kOverwriteExtent, kReadExtent };
  struct Work {
    Kind kind;
    uint64_t operations;
    uint64_t epoch = kLatest;  // of reads
    uint64_t next = 0;
    Status status;
  };

  static Uuid container() { return Uuid::from_random(7, 7); }
  static classes::ObjectId keys_object() { return {.lo = 1, .hi = 0}; }  // hashed
  static classes::ObjectId numbers_object() {
    return {.lo = 2, .hi = static_cast<uint64_t>(classes::ObjectType::kMultiUint64) << 56};
  }
  static IoBuf key_of(uint64_t number) {
    const uint64_t words[2] = {mix64(number), number};
    return IoBuf::copy_of(std::as_bytes(std::span(words)));
  }
  static IoBuf number_key(uint64_t number) { return IoBuf::copy_of(std::as_bytes(std::span(&number, 1))); }
  IoBuf value_of(uint64_t number, uint64_t generation) const {
    IoBuf value = IoBuf::copy_of(ByteVector(size_.value_bytes));
    for (size_t at = 0; at + 8 <= size_.value_bytes; at += 8) {
      const uint64_t word = mix64(number ^ generation << 56) + at;
      std::memcpy(value.data() + at, &word, sizeof word);
    }
    return value;
  }
  static IoBuf record_of(uint64_t number, uint64_t generation) {
    const uint64_t word = mix64(number ^ generation << 56 ^ 1);
    return IoBuf::copy_of(std::as_bytes(std::span(&word, 1)));
  }
  /// The extents stand apart, and come in no order: 7919 is prime to every size that is used.
  uint64_t extent_number(uint64_t i) const { return i * 7919 % size_.extents; }
  static Extent extent_of(uint64_t number) { return {.start = number * 3, .count = 1}; }
  // Every tenth key is overwritten, every tenth is punched.
  static bool is_overwritten(uint64_t number) { return number % 10 == 3; }
  static bool is_punched(uint64_t number) { return number % 10 == 7; }

  runtime::Task<Status> phase(std::string_view name, Kind kind, uint64_t operations, uint64_t epoch = kLatest);
  runtime::Task<void> worker(Work& work, uint16_t slot);
  runtime::Task<Status> update(Work& work, uint64_t i, OpId id);
  runtime::Task<Status> read_key(const Work& work, uint64_t i);
  runtime::Task<Status> read_extent(const Work& work, uint64_t i);
  runtime::Task<Status> enumerate();
  runtime::Task<Status> highest();
  runtime::Task<Status> restart(std::string_view name);
  runtime::Task<Status> check_all();
  OpId operation(uint16_t slot) {
    return {.endpoint = {Uuid::from_random(8, 8), 0}, .slot = {slot, ++sequences_[slot]}};
  }

  runtime::Reactor& reactor_;
  storage::Disk& disk_;
  std::string directory_;
  ShardSuperblock superblock_;
  ShardOptions options_;
  ScaleSize size_;
  Report report_;
  std::unique_ptr<Shard> shard_;
  std::vector<uint64_t> sequences_ = std::vector<uint64_t>(rpc::kSlotsMax);
  bool overwritten_ = false, punched_ = false;
  uint64_t before_overwrite_ = 0;  // an epoch
  double overhead_ = 0;
};

inline runtime::Task<void> ScaleRun::worker(Work& work, uint16_t slot) {
  while (work.status.ok() && work.next < work.operations) {
    const uint64_t i = work.next++;
    Status done;
    if (work.kind == Kind::kReadKey) {
      done = co_await read_key(work, i);
    } else if (work.kind == Kind::kReadExtent) {
      done = co_await read_extent(work, i);
    } else {
      done = co_await update(work, i, operation(slot));
    }
    if (!done.ok() && work.status.ok()) work.status = std::move(done).within(fmt::format("operation {}", i));
  }
}

inline runtime::Task<Status> ScaleRun::phase(std::string_view name, Kind kind, uint64_t operations, uint64_t epoch) {
  Work work{.kind = kind, .operations = operations, .epoch = epoch, .status = {}};
  runtime::Scope scope(reactor_);
  for (uint16_t slot = 0; slot < size_.in_flight; slot++) {
    scope.spawn([](ScaleRun& run, Work& work, uint16_t slot) -> runtime::Task<Status> {
      co_await run.worker(work, slot);
      co_return Status();
    }(*this, work, slot));
  }
  Status joined = co_await scope.join();
  if (joined.ok()) joined = std::move(work.status);
  if (!joined.ok()) co_return std::move(joined).within(std::string(name));
  report_(name, operations);
  co_return Status();
}

inline runtime::Task<Status> ScaleRun::update(Work& work, uint64_t i, OpId id) {
  if (work.kind == Kind::kPunchKey) {
    PunchOp punch{.container = container(), .object = keys_object(), .id = id, .level = PunchLevel::kDkey, .akeys = {}};
    punch.dkey = key_of(i * 10 + 7);
    const Result<uint64_t> done = co_await shard_->punch(std::move(punch));
    co_return done.status();
  }
  UpdateOp op{.container = container(), .id = id, .values = {}, .akey_conditions = {}};
  AkeyValue value{.akey = IoBuf::copy_of(as_bytes("akey"))};
  if (work.kind == Kind::kInsert || work.kind == Kind::kOverwrite) {
    const uint64_t number = work.kind == Kind::kInsert ? i : i * 10 + 3;
    op.object = keys_object();
    op.dkey = key_of(number);
    value.value = value_of(number, work.kind == Kind::kInsert ? 0 : 1);
    value.record_bytes = value.value.size();
  } else {
    const uint64_t number = work.kind == Kind::kWriteExtent ? extent_number(i) : i * 10 + 3;
    op.object = numbers_object();
    op.dkey = number_key(5);
    value.kind = ValueKind::kArray;
    value.record_bytes = kRecord;
    value.extents.push_back(extent_of(number));
    value.value = record_of(number, work.kind == Kind::kWriteExtent ? 0 : 1);
  }
  op.values.push_back(std::move(value));
  const Result<uint64_t> done = co_await shard_->update(std::move(op));
  co_return done.status();
}

inline runtime::Task<Status> ScaleRun::read_key(const Work& work, uint64_t i) {
  const uint64_t number = mix64(i) % size_.keys;
  FetchOp op{.container = container(), .object = keys_object(), .epoch = work.epoch, .keys = {}};
  op.dkey = key_of(number);
  op.keys.push_back({.akey = IoBuf::copy_of(as_bytes("akey")), .extents = {}});
  const FetchResult found = DX_CO_TRY(co_await shard_->fetch(std::move(op)));
  const bool old = work.epoch != kLatest;
  const uint64_t generation = overwritten_ && !old && is_overwritten(number) ? 1 : 0;
  const IoBuf expected = punched_ && !old && is_punched(number) ? IoBuf() : value_of(number, generation);
  if (as_text(found.keys[0].value.bytes()) == as_text(expected.bytes())) co_return Status();
  co_return error(Code::kCorrupt, "key {} holds {} other bytes", number, found.keys[0].value.size());
}

inline runtime::Task<Status> ScaleRun::read_extent(const Work& work, uint64_t i) {
  const uint64_t number = mix64(i) % size_.extents;
  FetchOp op{.container = container(), .object = numbers_object(), .epoch = work.epoch, .keys = {}};
  op.dkey = number_key(5);
  // The extent with a hole on each side.
  const Extent wanted = extent_of(number);
  op.keys.push_back({.akey = IoBuf::copy_of(as_bytes("akey")),
                     .kind = ValueKind::kArray,
                     .extents = {{.start = wanted.start - (wanted.start > 0), .count = 3}}});
  const FetchResult found = DX_CO_TRY(co_await shard_->fetch(std::move(op)));
  const std::vector<ExtentView>& seen = found.keys[0].extents;
  const uint64_t generation = overwritten_ && work.epoch == kLatest && is_overwritten(number) ? 1 : 0;
  const IoBuf expected = record_of(number, generation);
  if (seen.size() == 1 && seen[0].extent == wanted &&
      as_text(seen[0].data.bytes.bytes().subspan(seen[0].skip, kRecord)) == as_text(expected.bytes())) {
    co_return Status();
  }
  co_return error(Code::kCorrupt, "extent {}: {} are seen around it, or other bytes", number, seen.size());
}

/// All keys and all extents, page by page.
inline runtime::Task<Status> ScaleRun::enumerate() {
  uint64_t keys = 0;
  ListKeysOp op{.container = container(), .object = keys_object(), .keys_max = 1000, .bytes_max = 1 << 20};
  while (op.anchor.state != KeyAnchor::State::kEnd) {
    ListKeysResult page = DX_CO_TRY(co_await shard_->list_keys(op));
    keys += page.keys.size();
    op.anchor = page.anchor;
  }
  const uint64_t expected = punched_ ? size_.keys - (size_.keys + 2) / 10 : size_.keys;
  if (keys != expected) co_return error(Code::kCorrupt, "{} keys are listed, {} are there", keys, expected);
  report_("list dkeys", keys);

  uint64_t extents = 0;
  ListExtentsOp next{.container = container(), .object = numbers_object(), .extents_max = 1000};
  next.dkey = number_key(5);
  next.akey = IoBuf::copy_of(as_bytes("akey"));
  for (bool end = false; !end;) {
    const ListExtentsResult page = DX_CO_TRY(co_await shard_->list_extents(next));
    extents += page.extents.size();
    end = page.end;
    if (!page.extents.empty()) next.from = page.extents.back().extent.end();
  }
  if (extents != size_.extents)
    co_return error(Code::kCorrupt, "{} extents are listed, {} are there", extents, size_.extents);
  report_("list extents", extents);
  co_return Status();
}

inline runtime::Task<Status> ScaleRun::highest() {
  for (uint64_t i = 0; i < size_.reads; i++) {
    const Index::QueryResult end =
        DX_CO_TRY(co_await shard_->query(container(), numbers_object(), {}, IoBuf::copy_of(as_bytes("akey")),
                                         {.max = true, .dkey = true, .recx = true}, kLatest));
    const uint64_t expected = extent_of(size_.extents - 1).end();
    if (!end.found || end.dkey != 5 || end.recx.end() != expected)
      co_return error(Code::kCorrupt, "the array ends at {}, not at {}", end.recx.end(), expected);
  }
  report_("query the highest dkey and end", size_.reads);
  co_return Status();
}

inline runtime::Task<Status> ScaleRun::check_all() {
  DX_CO_TRY(co_await phase("read 64 B, latest", Kind::kReadKey, size_.reads));
  DX_CO_TRY(co_await phase("read an extent, latest", Kind::kReadExtent, size_.reads));
  DX_CO_TRY(co_await enumerate());
  Status last = co_await highest();
  co_return last;
}

inline runtime::Task<Status> ScaleRun::restart(std::string_view name) {
  DX_CO_TRY(co_await shard_->close());
  shard_.reset();
  report_("close", 1);
  Result<std::unique_ptr<Shard>> opened = co_await Shard::open(reactor_, disk_, directory_, options_);
  if (!opened.ok()) co_return opened.status();
  shard_ = std::move(opened).take();
  report_(name, size_.keys + size_.extents);
  // What was overwritten before may be gone: an old read says so instead of guessing.
  FetchOp op{.container = container(), .object = keys_object(), .epoch = before_overwrite_, .keys = {}};
  op.dkey = key_of(3);
  op.keys.push_back({.akey = IoBuf::copy_of(as_bytes("akey")), .extents = {}});
  const Result<FetchResult> old = co_await shard_->fetch(std::move(op));
  if (old.status().code() != Code::kTxRestart)
    co_return error(Code::kCorrupt, "a read from before the restart: {}", old.status());
  Status checked = co_await check_all();
  co_return checked;
}

inline runtime::Task<Status> ScaleRun::run() {
  shard_ = DX_CO_TRY(co_await Shard::create(reactor_, disk_, directory_, superblock_, options_));
  const uint64_t empty = shard_->index().used_bytes();
  report_("create", 1);
  DX_CO_TRY(co_await phase("insert keys", Kind::kInsert, size_.keys));
  overhead_ = static_cast<double>(shard_->index().used_bytes() - empty) / static_cast<double>(size_.keys) -
              static_cast<double>(size_.value_bytes + 16 + 4);
  DX_CO_TRY(co_await phase("insert extents", Kind::kWriteExtent, size_.extents));
  DX_CO_TRY(co_await check_all());
  before_overwrite_ = reactor_.hlc().last();
  overwritten_ = true;
  DX_CO_TRY(co_await phase("overwrite keys", Kind::kOverwrite, (size_.keys + 6) / 10));
  DX_CO_TRY(co_await phase("overwrite extents", Kind::kOverwriteExtent, (size_.extents + 6) / 10));
  DX_CO_TRY(co_await phase("read 64 B, before the overwrites", Kind::kReadKey, size_.reads, before_overwrite_));
  DX_CO_TRY(co_await phase("read an extent, likewise", Kind::kReadExtent, size_.reads, before_overwrite_));
  punched_ = true;
  DX_CO_TRY(co_await phase("punch keys", Kind::kPunchKey, (size_.keys + 2) / 10));
  DX_CO_TRY(co_await check_all());
  DX_CO_TRY(co_await restart("restart: the log, behind what checkpoint there is"));
  DX_CO_TRY(co_await shard_->write_checkpoint());
  report_("write the checkpoint", size_.keys + size_.extents);
  DX_CO_TRY(co_await restart("restart: the checkpoint"));
  Status closed = co_await shard_->close();
  shard_.reset();
  co_return closed;
}

}  // namespace daos::vos
