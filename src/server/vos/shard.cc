#include "server/vos/shard.h"

#include "platform/base/check.h"
#include "platform/base/probe.h"

namespace daos::vos {
namespace {

constexpr size_t kSuperblockBytesMax = 64u << 20;  // a map of 2^20 targets fits
constexpr uint64_t kLogReserveBytes = 1u << 20;    // closes, ends and destroys work in a full log

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

/// Rebuilds index, slots and clock from the log.
class Shard::Replayer : public RecordVisitor {
 public:
  explicit Replayer(Shard& shard) : shard_(shard) {}
  void set_position(journal::Position position) { position_ = position; }
  uint64_t highest_epoch() const { return highest_epoch_; }

  Status on(UpdateRecord record) override {
    shard_.index_.apply(record, position_);
    highest_epoch_ = std::max(highest_epoch_, record.epoch);
    if (!shard_.options_.planted.forget_slots_over_restart) {
      shard_.slots_.record(record.endpoint, record.slot.slot, {.sequence = record.slot.sequence, .epoch = record.epoch});
    }
    return {};
  }
  Status on(SlotClosedRecord record) override {
    if (!shard_.options_.planted.forget_slots_over_restart) {
      shard_.slots_.record(record.endpoint, record.slot, record.outcome);
    }
    return {};
  }
  Status on(ClientEndedRecord record) override {
    shard_.slots_.end_client(record.client);
    return {};
  }
  Status on(ClockReservedRecord record) override {
    shard_.reserved_until_ = std::max(shard_.reserved_until_, record.until);
    return {};
  }
  Status on(ContainerDestroyedRecord record) override {
    shard_.index_.destroy(record.container);
    return {};
  }

 private:
  Shard& shard_;
  journal::Position position_;
  uint64_t highest_epoch_ = 0;
};

runtime::Task<Result<std::unique_ptr<Shard>>> Shard::create(runtime::Reactor& reactor, storage::Disk& disk,
                                                            std::string directory, ShardSuperblock superblock,
                                                            ShardOptions options) {
  if (disk.exists(superblock_path(directory))) co_return error(Code::kExists, "{} holds a shard already", directory);
  superblock.build = options.build;
  std::unique_ptr<Shard> shard(new Shard(reactor, disk, directory, std::move(superblock), std::move(options)));
  DX_CO_TRY(co_await disk.make_directory(log_path(directory)));
  DX_CO_TRY(co_await shard->open_log());
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
  const std::string path = superblock_path(directory);
  const IoBuf bytes = DX_CO_TRY(co_await storage::read_file(disk, path, kSuperblockBytesMax));
  ShardSuperblock superblock = DX_CO_TRY(decode_superblock(bytes.bytes(), path));
  std::unique_ptr<Shard> shard(new Shard(reactor, disk, directory, std::move(superblock), std::move(options)));
  DX_CO_TRY(co_await shard->open_log());
  co_return shard;
}

runtime::Task<Status> Shard::disown(storage::Disk& disk, std::string directory) {
  if (!disk.exists(superblock_path(directory))) co_return Status();
  DX_CO_TRY(co_await disk.remove(superblock_path(directory)));
  Status synced = co_await disk.sync_directory(directory);
  co_return synced;
}

runtime::Task<Status> Shard::open_log() {
  journal::Options options;
  options.durability = static_cast<journal::Durability>(superblock_.durability);
  options.segment_bytes = options_.log_segment_bytes;
  const uint64_t log_bytes = kLogFactor * superblock_.tier_bytes[0] + 2 * options_.log_segment_bytes;
  options.segments_max = static_cast<uint32_t>(log_bytes / options_.log_segment_bytes);
  options.reserve_bytes = std::min(kLogReserveBytes, options_.log_segment_bytes / 4);
  Replayer replayer(*this);
  Result<std::unique_ptr<journal::Journal>> opened = co_await journal::Journal::open(
      reactor_, disk_, log_path(directory_), options, [&replayer](journal::Position position, ByteSpan record, journal::Settled) {
        replayer.set_position(position);
        return decode_record(record, replayer);
      });
  if (!opened.ok()) co_return std::move(opened).status().within(log_path(directory_));
  journal_ = std::move(opened).take();
  reactor_.hlc().raise_to(std::max(replayer.highest_epoch(), reserved_until_));
  co_return Status();
}

Status Shard::check(const UpdateOp& op) const {
  DX_TRY(check_key("dkey", op.dkey));
  if (op.values.empty()) return error(Code::kInvalid, "an update without akeys");
  for (const AkeyValue& value : op.values) {
    DX_TRY(check_key("akey", value.akey));
    if (value.kind != ValueKind::kSingle) return error(Code::kNotSupported, "array values are not stored yet");
    if (value.value.size() > superblock_.inline_max) {
      return error(Code::kNotSupported, "a value of {} bytes: values above {} are not stored yet", value.value.size(),
                   superblock_.inline_max);
    }
  }
  return {};
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

Result<journal::Position> Shard::execute(UpdateRecord record) {
  DX_TRY(index_.check_kinds(record));
  const uint64_t cost = index_.cost_of(record);
  if (cost > tier_free(0)) {
    return error(Code::kNoSpace, "tier 0 of this target has {} of {} bytes free, the update needs {}", tier_free(0),
                 tier_total(0), cost);
  }
  record.epoch = DX_TRY(next_epoch());
  const journal::Position position = DX_TRY(journal_->append({encode_record(record)}));
  index_.apply(record, position);
  slots_.record(record.endpoint, record.slot.slot, {.sequence = record.slot.sequence, .epoch = record.epoch});
  return position;
}

runtime::Task<Status> Shard::acknowledge(journal::Position position) {
  if (options_.planted.acknowledge_before_flush) co_return Status();
  if (position <= journal_->durable()) co_return Status();
  Status durable = co_await journal_->wait_durable(position, {});
  co_return durable;
}

runtime::Task<Result<uint64_t>> Shard::update(UpdateOp op) {
  using Verdict = rpc::SlotTable::Verdict;
  DX_CO_TRY(health());
  DX_CO_TRY(check_slot(op.slot));
  const rpc::EndpointId endpoint = op.endpoint;
  const rpc::SlotRef slot = op.slot;
  const rpc::SlotTable::Decision decision = slots_.arrive(endpoint, slot);
  const bool repeat = decision.verdict == Verdict::kDuplicate;
  if (repeat && !options_.planted.apply_duplicates) {
    DX_PROBE("shard: repeated update recognised");
    // Its record may still be on its way to the disk.
    const Status durable = co_await acknowledge(journal_->appended());
    if (!durable.ok()) co_return unsettled(durable);
    co_return decision.outcome.epoch;
  }
  if (decision.verdict == Verdict::kStale) {
    DX_PROBE("shard: update came after its slot was closed or used again");
    co_return error(Code::kCancelled, "the operation was given up before it came");
  }
  if (decision.verdict == Verdict::kRunning) {
    DX_PROBE("shard: update repeated while it is under way");
    co_return error(Code::kAgain, "an earlier attempt is under way");
  }
  Status valid = check(op);
  if (!valid.ok()) {
    slots_.forget(endpoint, slot);
    co_return valid;
  }
  Result<journal::Position> position =
      execute({.container = op.container, .object = op.object, .endpoint = endpoint, .slot = slot,
               .dkey = std::move(op.dkey), .values = std::move(op.values)});
  if (!position.ok()) {
    slots_.forget(endpoint, slot);
    co_return std::move(position).status();
  }
  const uint64_t epoch = slots_.last(endpoint, slot.slot)->epoch;
  const Status durable = co_await acknowledge(*position);
  if (!durable.ok()) co_return unsettled(durable);
  co_return epoch;
}

runtime::Task<Result<FetchResult>> Shard::fetch(Uuid container, classes::ObjectId object, IoBuf dkey,
                                                std::vector<FetchKey> keys) {
  DX_CO_TRY(health());
  DX_CO_TRY(check_key("dkey", dkey));
  for (const FetchKey& key : keys) DX_CO_TRY(check_key("akey", key.akey));
  FetchResult result{.epoch = reactor_.hlc().last()};
  journal::Position newest;
  for (const FetchKey& key : keys) {
    const Akey* akey = index_.find(container, object, dkey.bytes(), key.akey.bytes());
    // Reading with the other kind is as if there were no value.
    if (akey == nullptr || akey->kind != key.kind) {
      result.values.emplace_back();
      continue;
    }
    newest = std::max(newest, akey->value.position);
    result.values.push_back(akey->value.bytes);
  }
  DX_CO_TRY(co_await acknowledge(newest));
  co_return result;
}

runtime::Task<Result<std::optional<rpc::SlotOutcome>>> Shard::close_slot(rpc::EndpointId endpoint, rpc::SlotRef ref) {
  DX_CO_TRY(health());
  DX_CO_TRY(check_slot(ref));
  const rpc::SlotOutcome before = slots_.last(endpoint, ref.slot).value_or(rpc::SlotOutcome{});
  rpc::SlotOutcome closed = before;  // of a repeated close: what the first one stored
  if (before.sequence < ref.sequence) {
    const bool executed = before.sequence + 1 == ref.sequence && !before.closed && before.sequence != 0;
    closed = {.sequence = ref.sequence, .code = executed ? before.code : 0, .epoch = executed ? before.epoch : 0,
              .closed = true};
    DX_CO_TRY(journal_->append(
        {encode_record(SlotClosedRecord{.endpoint = endpoint, .slot = ref.slot, .outcome = closed})},
        journal::Use::kReserve));
    slots_.record(endpoint, ref.slot, closed);
  } else if (before.sequence > ref.sequence || !before.closed) {
    co_return error(Code::kInvalid, "slot {} is at sequence {}: a close with {} comes too late", ref.slot, before.sequence,
                    ref.sequence);
  }
  DX_CO_TRY(co_await acknowledge(journal_->appended()));
  if (closed.epoch == 0) co_return std::optional<rpc::SlotOutcome>();
  co_return std::optional(rpc::SlotOutcome{.sequence = ref.sequence - 1, .code = closed.code, .epoch = closed.epoch});
}

runtime::Task<Status> Shard::end_client(Uuid client) {
  DX_CO_TRY(health());
  if (!slots_.knows(client)) {  // most clients never come to most shards
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
  const uint64_t used = tier == 0 ? index_.used_bytes() : 0;
  return used >= tier_total(tier) ? 0 : tier_total(tier) - used;
}

runtime::Task<Status> Shard::close() {
  Status closed = co_await journal_->close();
  co_return closed;
}

}  // namespace daos::vos
