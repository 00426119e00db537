#include "server/vos/shard.h"

#include "platform/base/check.h"
#include "platform/base/probe.h"
#include "server/vos/placement.h"

namespace daos::vos {
namespace {

constexpr size_t kSuperblockBytesMax = 64u << 20;           // a map of 2^20 targets fits
constexpr Duration kLogWaitMax = std::chrono::seconds(10);  // then the log is called full

std::string superblock_path(const std::string& directory) { return directory + "/shard"; }
std::string log_path(const std::string& directory) { return directory + "/log"; }

Status check_key(std::string_view what, const IoBuf& key) {
  if (!key.empty() && key.size() <= kKeyBytesMax) return {};
  return error(Code::kInvalid, "{} of {} bytes (1 to {} are possible)", what, key.size(), kKeyBytesMax);
}
/// What no client of ours sends; a slot beyond the last would also be memory for the asking.
Status check_slot(rpc::SlotRef ref) {
  if (ref.slot < rpc::kSlotsMax && ref.sequence != 0) return {};
  return error(Code::kInvalid, "slot {}, sequence {}: slots are below {}, sequences above 0", ref.slot, ref.sequence,
               rpc::kSlotsMax);
}
/// Of an update that the log has taken and could not make durable: a restart may find it all the same.
Status unsettled(const Status& why) {
  return error(Code::kOutcomeUnknown, "whether the update survives a restart is open: {}", why);
}

}  // namespace

Shard::Shard(runtime::Reactor& reactor, storage::Disk& disk, std::string directory, ShardSuperblock superblock,
             ShardOptions options)
    : reactor_(reactor),
      disk_(disk),
      directory_(std::move(directory)),
      superblock_(std::move(superblock)),
      options_(std::move(options)),
      superblock_turn_(reactor, 1),
      reclaim_turn_(reactor, 1),
      background_(reactor),
      garbage_(reactor) {}

runtime::Task<Result<std::unique_ptr<Shard>>> Shard::create(runtime::Reactor& reactor, storage::Disk& disk,
                                                            std::string directory, ShardSuperblock superblock,
                                                            ShardOptions options) {
  if (disk.exists(superblock_path(directory))) co_return error(Code::kExists, "{} holds a shard already", directory);
  superblock.build = options.build;
  std::unique_ptr<Shard> shard(new Shard(reactor, disk, directory, std::move(superblock), std::move(options)));
  DX_CO_TRY(co_await disk.make_directory(log_path(directory)));
  DX_CO_TRY(co_await shard->recover(Expect::kNothing));
  // Last, because it is what makes the directory a shard: a crash before it leaves nothing that would be opened.
  Status stored = co_await storage::replace_file(disk, superblock_path(directory),
                                                 IoBuf::copy_of(encode_superblock(shard->superblock_)));
  if (!stored.ok()) {
    Status closed = co_await shard->close();
    closed.ignore("nobody was told of the shard");
    co_return stored;
  }
  co_return shard;
}

runtime::Task<Result<std::unique_ptr<Shard>>> Shard::open(runtime::Reactor& reactor, storage::Disk& disk,
                                                          std::string directory, ShardOptions options) {
  ShardSuperblock superblock = DX_CO_TRY(co_await read_superblock(disk, directory));
  std::unique_ptr<Shard> shard(new Shard(reactor, disk, directory, std::move(superblock), std::move(options)));
  DX_CO_TRY(co_await shard->recover(Expect::kLog));
  co_return shard;
}

runtime::Task<Result<ShardSuperblock>> Shard::read_superblock(storage::Disk& disk, std::string directory) {
  const std::string path = superblock_path(directory);
  const IoBuf bytes = DX_CO_TRY(co_await storage::read_file(disk, path, kSuperblockBytesMax));
  co_return decode_superblock(bytes.bytes(), path);
}

runtime::Task<Status> Shard::disown(storage::Disk& disk, std::string directory) {
  if (!disk.exists(superblock_path(directory))) co_return Status();
  DX_CO_TRY(co_await disk.remove(superblock_path(directory)));
  Status synced = co_await disk.sync_directory(directory);
  co_return synced;
}

Status Shard::check(const UpdateOp& op) const {
  DX_TRY(check_key("dkey", op.dkey));
  if (op.values.empty()) return error(Code::kInvalid, "an update without akeys");
  for (const AkeyValue& value : op.values) {
    DX_TRY(check_key("akey", value.akey));
    if (value.kind != ValueKind::kSingle && value.kind != ValueKind::kArray) {
      return error(Code::kInvalid, "an akey of unknown kind {}", static_cast<int>(value.kind));
    }
    uint64_t records = value.kind == ValueKind::kSingle ? 1 : 0;
    for (const Extent& extent : value.extents) {
      if (extent.count == 0 || extent.end() < extent.start || extent.end() > 1ull << 63) {
        return error(Code::kInvalid, "an extent of {} records at {}", extent.count, extent.start);
      }
      records += extent.count;
    }
    if (value.kind == ValueKind::kSingle ? !value.extents.empty() : value.extents.empty()) {
      return error(Code::kInvalid, "{} extents do not fit the akey's kind", value.extents.size());
    }
    if (value.value.size() / std::max<uint64_t>(value.record_bytes, 1) != (value.record_bytes == 0 ? 0 : records) ||
        (value.record_bytes != 0 && value.value.size() % value.record_bytes != 0)) {
      return error(Code::kInvalid, "{} bytes for {} records of {}", value.value.size(), records, value.record_bytes);
    }
  }
  return {};
}

Status Shard::check(const PunchOp& op) const {
  if (op.level == PunchLevel::kObject) return {};
  DX_TRY(check_key("dkey", op.dkey));
  if (op.level == PunchLevel::kDkey) return {};
  if (op.level != PunchLevel::kAkey || op.akeys.empty()) return error(Code::kInvalid, "a punch of no akeys");
  for (const IoBuf& akey : op.akeys) DX_TRY(check_key("akey", akey));
  return {};
}

Result<std::optional<rpc::SlotOutcome>> Shard::arrive(const OpId& id) {
  using Verdict = rpc::SlotTable::Verdict;
  DX_TRY(check_slot(id.slot));
  const rpc::SlotTable::Decision decision = slots_.arrive(id.endpoint, id.slot);
  switch (decision.verdict) {
    case Verdict::kNew:
      return std::optional<rpc::SlotOutcome>();
    case Verdict::kDuplicate:
      if (options_.planted.apply_duplicates) return std::optional<rpc::SlotOutcome>();
      DX_PROBE("shard: repeated update recognised");
      return std::optional(decision.outcome);
    case Verdict::kStale:
      DX_PROBE("shard: update came after its slot was closed or used again");
      return error(Code::kCancelled, "the operation was given up before it came");
    case Verdict::kRunning:
      DX_PROBE("shard: update repeated while it is under way");
      return error(Code::kAgain, "an earlier attempt is under way");
  }
  return error(Code::kMisc, "no verdict");
}

Status Shard::refuse(const OpId& id, Status why) {
  // Not logged: a repetition that is still on its way dies with the connections of this incarnation.
  slots_.record(id.endpoint, id.slot.slot, {.sequence = id.slot.sequence, .code = static_cast<int32_t>(why.code())});
  return why;
}

Result<uint64_t> Shard::next_epoch() {
  const uint64_t epoch = reactor_.hlc().next();
  if (epoch > reserved_until_) {
    // In the same commit as the update that needs it, and before it: no reply with this epoch leaves earlier.
    const uint64_t until = epoch + runtime::hlc_duration(kReservation);
    DX_TRY(journal_->append({encode_record(ClockReservedRecord{.until = until})}));
    reserved_until_ = until;
  }
  return epoch;
}

Status Shard::conditions_of(const UpdateOp& op, const UpdateRecord& record) const {
  if (op.conditions == 0) return {};
  return index_.check_conditions(record, op.conditions, op.akey_conditions);
}
Status Shard::conditions_of(const PunchOp& op, const PunchRecord& record) const {
  return op.conditions == 0 ? Status() : index_.check_conditions(record, op.conditions);
}

namespace {

UpdateRecord update_record(UpdateOp& op) {
  return {.container = op.container,
          .object = op.object,
          .endpoint = op.id.endpoint,
          .slot = op.id.slot,
          .dkey = std::move(op.dkey),
          .values = std::move(op.values)};
}
PunchRecord punch_record(PunchOp& op) {
  return {.container = op.container,
          .object = op.object,
          .endpoint = op.id.endpoint,
          .slot = op.id.slot,
          .level = op.level,
          .dkey = std::move(op.dkey),
          .akeys = std::move(op.akeys)};
}
Status kinds_of(const Index& index, const UpdateRecord& record) { return index.check(record); }
Status kinds_of(const Index&, const PunchRecord&) { return {}; }
/// Punches work when tier 0 and log are full: they are how space comes back.
constexpr journal::Use use_of(const UpdateRecord&) { return journal::Use::kNormal; }
constexpr journal::Use use_of(const PunchRecord&) { return journal::Use::kReserve; }

}  // namespace

bool Shard::has_room(uint64_t bytes) const {
  return bytes <= tier_free(0) && journal_->room() >= bytes + bytes / 4 + log_spare_bytes();
}

runtime::Task<Status> Shard::keep_pace() {
  if (!checkpoint_->pace().holds()) co_return Status();
  const Status waited = co_await checkpoint_->pace().wait(reactor_.within(kLogWaitMax, background_.token()));
  if (waited.code() == Code::kCancelled) co_return waited;
  co_return health();  // one that waited too long asks the log itself
}

runtime::Task<Status> Shard::make_room(uint64_t bytes) {
  if (bytes > tier_free(0)) {
    DX_CO_TRY(co_await reclaim_until([&] { return bytes <= tier_free(0); }));
    if (bytes > tier_free(0)) {
      co_return error(Code::kNoSpace, "tier 0 of this target has {} of {} bytes free, the update needs {}",
                      tier_free(0), tier_total(0), bytes);
    }
  }
  // A log that is full gets shorter by the checkpoint: wait for it, the data itself has room.
  const runtime::CallContext limit = reactor_.within(kLogWaitMax, background_.token());
  Status waited;
  while (waited.ok() && journal_->room() < bytes + bytes / 4 + log_spare_bytes()) {
    DX_CO_TRY(health());
    checkpoint_->trimmed().reset();
    waited = co_await checkpoint_->trimmed().wait(limit);
  }
  if (waited.code() == Code::kCancelled) co_return waited;
  co_return Status();
}

template <class Op, class Record>
runtime::Task<Result<uint64_t>> Shard::modify(Op op, Record (*make)(Op& op)) {
  DX_CO_TRY(health());
  const OpId id = op.id;
  const std::optional<rpc::SlotOutcome> before = DX_CO_TRY(arrive(id));
  if (before) {
    const Status durable =
        co_await acknowledge(journal_->appended());  // its record may still be on its way to the disk
    if (!durable.ok()) co_return unsettled(durable);
    if (before->code != 0) co_return Status(code_from_number(before->code), "as answered before");
    co_return before->epoch;
  }
  if (Status valid = check(op); !valid.ok()) co_return refuse(id, std::move(valid));
  if (is_busy()) {
    const KeyPath path{.container = op.container, .object = op.object, .dkey = op.dkey.bytes(), .akey = {}};
    Index::Approach at;
    while (index_.approach(path, at)) co_await runtime::yield(reactor_);
    if (!slots_.is_running(id.endpoint, id.slot)) {
      DX_PROBE("shard: update given up while it was on its way to its key");
      co_return error(Code::kCancelled, "the operation was given up before it was executed");
    }
  }
  Record record = make(op);
  Placement placement(*extents_);
  if constexpr (std::is_same_v<Record, UpdateRecord>) {
    placement.choose(record, inline_limit());
    if (!placement.empty() || checkpoint_->pace().holds() || !has_room(index_.cost_of(record) + headroom())) {
      Status placed = co_await place(record, placement);
      if (!placed.ok()) co_return refuse(id, std::move(placed));
      if (!slots_.is_running(id.endpoint, id.slot)) {
        DX_PROBE("shard: update given up while it was written");
        co_return error(Code::kCancelled, "the operation was given up before it was executed");
      }
    }
  }
  // From here to the append nothing waits: what is checked is what is changed.
  if (index_.has_prepared()) {
    Status known = outcomes_are_known(op, record);
    if (!known.ok()) {
      slots_.forget(id.endpoint, id.slot);  // it may be executed when it comes again
      co_return known;
    }
  }
  Status allowed = kinds_of(index_, record);
  if (allowed.ok()) allowed = conditions_of(op, record);
  if (!allowed.ok()) {
    const Status refused = refuse(id, std::move(allowed));
    DX_CO_TRY(co_await acknowledge(journal_->appended()));  // the answer depends on what is there
    co_return refused;
  }
  Result<uint64_t> epoch = next_epoch();
  if (epoch.ok()) record.epoch = *epoch;
  Result<journal::Position> position = epoch.ok() ? journal_->append(record_parts_.of(record), use_of(record))
                                                  : Result<journal::Position>(epoch.status());
  if (!position.ok()) co_return refuse(id, std::move(position).status());
  if (!placement.empty()) {
    placement.keep();
    if (!options_.planted.forget_extent_flush) journal_->flush_with_commit(extents_->file());
  }
  index_.apply(record, *position);
  slots_.record(id.endpoint, id.slot.slot, {.sequence = id.slot.sequence, .epoch = record.epoch});
  checkpoint_->log_grew();
  if (!garbage_.is_set()) garbage_.set();
  const uint64_t done = record.epoch;
  const Status durable = co_await acknowledge(*position);
  if (!durable.ok()) co_return unsettled(durable);
  co_return done;
}

runtime::Task<Result<uint64_t>> Shard::update(UpdateOp op) { return modify(std::move(op), update_record); }
runtime::Task<Result<uint64_t>> Shard::punch(PunchOp op) { return modify(std::move(op), punch_record); }

runtime::Task<Status> Shard::acknowledge(journal::Position position) {
  if (options_.planted.acknowledge_before_flush) co_return Status();
  if (position <= journal_->durable()) co_return Status();
  Status durable = co_await journal_->wait_durable(position, {});
  co_return durable;
}

runtime::Task<Result<std::optional<rpc::SlotOutcome>>> Shard::close_slot(rpc::EndpointId endpoint, rpc::SlotRef ref) {
  DX_CO_TRY(health());
  DX_CO_TRY(check_slot(ref));
  const rpc::SlotOutcome before = slots_.last(endpoint, ref.slot).value_or(rpc::SlotOutcome{});
  rpc::SlotOutcome closed = before;  // of a repeated close: what the first one stored
  if (before.sequence < ref.sequence) {
    const bool executed = before.sequence + 1 == ref.sequence && !before.closed && before.sequence != 0;
    closed = {.sequence = ref.sequence,
              .code = executed ? before.code : 0,
              .epoch = executed ? before.epoch : 0,
              .closed = true};
    DX_CO_TRY(
        journal_->append({encode_record(SlotClosedRecord{.endpoint = endpoint, .slot = ref.slot, .outcome = closed})},
                         journal::Use::kReserve));
    slots_.record(endpoint, ref.slot, closed);
  } else if (before.sequence > ref.sequence || !before.closed) {
    co_return error(Code::kInvalid, "slot {} is at sequence {}: a close with {} comes too late", ref.slot,
                    before.sequence, ref.sequence);
  }
  DX_CO_TRY(co_await acknowledge(journal_->appended()));
  if (closed.epoch == 0) co_return std::optional<rpc::SlotOutcome>();
  co_return std::optional(rpc::SlotOutcome{.sequence = ref.sequence - 1, .code = closed.code, .epoch = closed.epoch});
}

runtime::Task<Status> Shard::end_client(Uuid client) {
  DX_CO_TRY(health());
  if (!slots_.knows(client)) {                                  // most clients never come to most shards
    Status known = co_await acknowledge(journal_->appended());  // an earlier end may still be on its way to the disk
    co_return known;
  }
  const journal::Position position =
      DX_CO_TRY(journal_->append({encode_record(ClientEndedRecord{.client = client})}, journal::Use::kReserve));
  slots_.end_client(client);
  Status done = co_await acknowledge(position);
  co_return done;
}

runtime::Task<Status> Shard::destroy_container(Uuid container) {
  DX_CO_TRY(health());
  const journal::Position position = DX_CO_TRY(
      journal_->append({encode_record(ContainerDestroyedRecord{.container = container})}, journal::Use::kReserve));
  index_.destroy(container);
  transactions_.destroy_container(container);
  if (!reclaim_some(retention())) garbage_.set();  // a small one has gone by now
  Status done = co_await acknowledge(position);
  co_return done;
}

runtime::Task<Status> Shard::store_map(ByteVector map) {
  superblock_.map = std::move(map);
  superblock_.build = options_.build;
  // One at a time: two would share the temporary file. Whoever comes last writes what is newest then.
  DX_CO_TRY(co_await superblock_turn_.acquire({}));
  Status stored = co_await storage::replace_file(disk_, superblock_path(directory_),
                                                 IoBuf::copy_of(encode_superblock(superblock_)));
  superblock_turn_.release();
  co_return stored;
}

uint64_t Shard::tier_free(size_t tier) const {
  // Without tier 1, extents are tier 0's.
  const uint64_t extents = index_.stored_bytes() + extents_->under_way_bytes();
  const uint64_t memory = index_.used_bytes() + transactions_.used_bytes();
  const uint64_t used = tier == 1 ? extents : memory + (has_tier1() ? 0 : extents);
  return used >= tier_total(tier) ? 0 : tier_total(tier) - used;
}

runtime::Task<Status> Shard::close() {
  background_.stop();
  Status joined = co_await background_.join();
  joined.ignore("background work reports what fails");
  co_await release_index();
  co_await extents_->close();
  Status closed = co_await journal_->close();
  co_return closed;
}

}  // namespace daos::vos
