#include "server/vos/shard.h"

#include "platform/base/check.h"
#include "platform/base/probe.h"
#include "server/vos/extents/runs_of_records.h"
#include "server/vos/index/words.h"

namespace daos::vos {
namespace {

constexpr uint64_t kLogReserveBytes = 1u << 20;  // closes, ends and destroys work in a full log
constexpr uint64_t kLogBytesMin = 64u << 20;

/// The index's view of which bucket was written when.
class CheckpointBuckets : public Index::Buckets {
 public:
  explicit CheckpointBuckets(const Checkpoint& checkpoint) : checkpoint_(checkpoint), newest_(checkpoint.newest()) {}
  Bucket at(const Boundary& boundary) const override {
    const Checkpoint::Place place = checkpoint_.place(boundary);
    return {place.position, place.next};
  }
  journal::Position newest() const override { return newest_; }

 private:
  const Checkpoint& checkpoint_;
  journal::Position newest_;
};

}  // namespace

/// Rebuilds index, slots and clock from the log behind the checkpoint.
class Shard::Replayer : public RecordVisitor {
 public:
  Replayer(Shard& shard, const Table& table)
      : shard_(shard),
        buckets_(*shard.checkpoint_),
        slots_position_(table.slots_position),
        transactions_position_(table.transactions_position) {}
  void set_position(journal::Position position) { position_ = position; }
  uint64_t highest_epoch() const { return highest_epoch_; }
  /// Replays what is still ahead: after the last record.
  void catch_up() {
    for (const auto& [record, position] : ahead_) shard_.index_.replay(record, position, buckets_);
    ahead_.clear();
  }

  /// An update is replayed some records later, when the memory that it asked for is there.
  Status on(UpdateRecord record) override {
    remember(record.endpoint, record.slot, record.epoch);
    shard_.index_.expect(record);
    ahead_.emplace_back(std::move(record), position_);
    if (ahead_.size() == kAhead) catch_up();
    return {};
  }
  Status on(PunchRecord record) override {
    catch_up();
    shard_.index_.replay(record, position_, buckets_);
    remember(record.endpoint, record.slot, record.epoch);
    return {};
  }
  Status on(SlotClosedRecord record) override {
    if (slots_apply()) shard_.slots_.record(record.endpoint, record.slot, record.outcome);
    return {};
  }
  Status on(ClientEndedRecord record) override {
    if (slots_apply()) shard_.slots_.end_client(record.client);
    return {};
  }
  Status on(ClockReservedRecord record) override {
    shard_.reserved_until_ = std::max(shard_.reserved_until_, record.until);
    return {};
  }
  Status on(ContainerDestroyedRecord record) override {
    catch_up();
    if (transactions_apply()) shard_.transactions_.destroy_container(record.container);
    shard_.index_.destroy(record.container);  // ids are never used again, so buckets that are newer hold nothing of it
    return {};
  }
  Status on(PreparedRecord record) override {
    catch_up();
    shard_.index_.replay(record, position_, buckets_);
    highest_epoch_ = std::max(highest_epoch_, record.epoch);
    if (transactions_apply()) shard_.transactions_.apply(record);
    return {};
  }
  Status on(DecisionRecord record) override {
    catch_up();
    shard_.index_.replay(record, position_, buckets_);
    if (transactions_apply()) shard_.transactions_.apply(record);
    return {};
  }
  Status on(ForgottenRecord record) override {
    if (transactions_apply()) shard_.transactions_.apply(record);
    return {};
  }

 private:
  bool transactions_apply() const { return position_ > transactions_position_; }
  bool slots_apply() const { return position_ > slots_position_ && !shard_.options_.planted.forget_slots_over_restart; }
  void remember(const rpc::EndpointId& endpoint, rpc::SlotRef slot, uint64_t epoch) {
    highest_epoch_ = std::max(highest_epoch_, epoch);
    if (slots_apply()) shard_.slots_.record(endpoint, slot.slot, {.sequence = slot.sequence, .epoch = epoch});
  }

  Shard& shard_;
  CheckpointBuckets buckets_;
  journal::Position slots_position_, transactions_position_;
  journal::Position position_;
  static constexpr size_t kAhead = 16;
  std::vector<std::pair<UpdateRecord, journal::Position>> ahead_;
  uint64_t highest_epoch_ = 0;
};

runtime::Task<Status> Shard::look_for_extents(std::vector<journal::UnsettledRecord> records,
                                              std::set<journal::Position>& missing, std::vector<TierAddress>& runs) {
  std::vector<journal::Position> owners;  // of each run
  RunsOfRecords collector;
  for (const journal::UnsettledRecord& record : records) {
    DX_CO_TRY(decode_record(record.bytes, collector));
    owners.resize(collector.runs.size(), record.position);
  }
  runs = std::move(collector.runs);
  if (runs.empty() || options_.planted.trust_unsettled_extents) co_return Status();
  const bool flushes = superblock_.durability == static_cast<uint8_t>(journal::Durability::kPower);
  const std::vector<char> there = DX_CO_TRY(co_await extents_->verify(runs, flushes));
  for (size_t i = 0; i < runs.size(); i++) {
    if (there[i] == 0) missing.insert(owners[i]);
  }
  co_return Status();
}

runtime::Task<Status> Shard::read_loss() {
  const std::string path = fmt::format("{}/{}", directory_, kPowerLossFileName);
  if (!disk_.exists(path)) co_return Status();
  const IoBuf file = DX_CO_TRY(co_await storage::read_file(disk_, path, kPowerLossFileBytesMax));
  loss_ = DX_CO_TRY(decode_power_loss(file.bytes(), path));
  co_return Status();
}

runtime::Task<Status> Shard::store_loss(PowerLoss loss) {
  DX_CO_TRY(co_await storage::replace_file(disk_, fmt::format("{}/{}", directory_, kPowerLossFileName),
                                           IoBuf::copy_of(encode_power_loss(loss))));
  loss_ = loss;
  co_return Status();
}

runtime::Task<Status> Shard::loss_was_reported() {
  if (!has_loss_to_report()) co_return Status();
  PowerLoss loss = *loss_;
  loss.reported = true;
  Status stored = co_await store_loss(loss);
  co_return stored;
}

runtime::Task<Status> Shard::note_loss(journal::Recovery found, journal::Position newest) {
  const bool process = superblock_.durability == static_cast<uint8_t>(journal::Durability::kProcess);
  if (!process || (!found.power_lost && newest <= found.end)) co_return Status();
  DX_PROBE("shard: power was lost under process durability");
  const PowerLoss loss{.from = found.end, .to = std::max({found.end, found.flushed, newest})};
  reactor_.log().error(
      "pool {}: power was lost, and with it acknowledged updates (durability `process`): records behind log position "
      "{}, at least up to {}",
      superblock_.pool, loss.from, loss.to);
  Status stored = co_await store_loss(loss);
  co_return stored;
}

Status Shard::judge_log(const Table& table) {
  const journal::Recovery& found = journal_->recovery();
  if (found.trimmed > table.oldest) {
    return error(
        Code::kCorrupt,
        "{0}/checkpoint/table {1}: it needs the log from position {2} on, which was given up to {3}; affected: "
        "everything that is not in the log",
        directory_, table.buckets.empty() ? "is missing" : "is an old one", table.oldest, found.trimmed);
  }
  if (unclean()) {
    extents_->distrust();
  } else if (table.newest > found.end) {
    return error(Code::kCorrupt,
                 "{}/log: it ends at position {}, the checkpoint was taken at {}: acknowledged records are missing",
                 directory_, found.end, table.newest);
  }
  return {};
}

Status Shard::judge_transactions() const {
  for (const OpId& id : index_.prepared_transactions()) {
    const TransactionEntry* entry = transactions_.find(id);
    if (entry != nullptr && entry->state == TransactionState::kPrepared) continue;
    return error(Code::kCorrupt, "{}: {} has something prepared in the checkpoint, and is {} to its table", directory_,
                 id, entry == nullptr ? "unknown" : to_words(entry->state));
  }
  return {};
}

Status Shard::find_free_extents(const std::vector<TierAddress>& unsettled) {
  bool overlap = false;
  uint64_t end = 0;
  index_.each_run([&](uint64_t offset, uint64_t bytes) {
    overlap |= offset < end;
    end = std::max(end, offset + bytes);
  });
  // Replay brings back versions whose runs were freed and written again before. Nobody needed them then, so they go
  // before anybody can read them.
  Freed freed;
  // Without one, too: what loading and replay have freed themselves is told here, and is free already.
  index_.reclaim({}, overlap ? SIZE_MAX : 0, freed);
  if (extents_->is_new() && index_.stored_bytes() > 0) {
    return error(Code::kCorrupt, "{} is missing: it holds {} bytes of values", extents_->path(), index_.stored_bytes());
  }
  Status adopted;
  index_.each_run([&](uint64_t offset, uint64_t bytes) {
    if (adopted.ok()) adopted = extents_->adopt(offset, bytes);
  });
  if (!adopted.ok()) return adopted;
  for (const TierAddress& run : unsettled) extents_->hold(run, journal_->appended());
  return {};
}

uint64_t Shard::log_bytes_wanted() const {
  return options_.log_bytes_wanted != 0 ? options_.log_bytes_wanted : std::max(superblock_.tier_bytes[0], kLogBytesMin);
}

uint64_t Shard::log_bytes_beyond() const {
  return options_.log_bytes_beyond != 0 ? options_.log_bytes_beyond : log_bytes_wanted() / 2;
}

journal::Options Shard::log_options(journal::Position floor) const {
  journal::Options options;
  options.durability = static_cast<journal::Durability>(superblock_.durability);
  options.segment_bytes = options_.log_segment_bytes;
  const uint64_t bytes = log_bytes_wanted() + log_bytes_beyond() + 4 * options_.log_segment_bytes;
  options.segments_max = static_cast<uint32_t>(bytes / options_.log_segment_bytes);
  options.reserve_bytes = std::min(kLogReserveBytes, options_.log_segment_bytes / 4);
  options.position_floor = floor;
  return options;
}

runtime::Task<Status> Shard::recover(Expect expect) {
  // A life that was killed may have given a file its name and not have made that durable. What is done from here on
  // relies on what is there: it must not go when power is lost.
  DX_CO_TRY(co_await disk_.sync_directory(directory_));
  if (disk_.exists(directory_ + "/checkpoint")) DX_CO_TRY(co_await disk_.sync_directory(directory_ + "/checkpoint"));
  DX_CO_TRY(co_await read_loss());
  checkpoint_ =
      std::make_unique<Checkpoint>(reactor_, disk_, directory_ + "/checkpoint",
                                   CheckpointOptions{.pool = superblock_.pool,
                                                     .build = options_.build,
                                                     .bucket_bytes_max = options_.bucket_bytes_max,
                                                     .log_bytes_wanted = log_bytes_wanted(),
                                                     .pace = {.from_bytes = log_bytes_wanted() + log_bytes_beyond() / 4,
                                                              .over_bytes = log_bytes_beyond() / 4 * 3}},
                                   static_cast<ItemSource&>(*this), [this] { return state(); });
  ExtentOptions extents = DX_CO_TRY(extent_options());
  const std::string extents_path = extents.device ? extents.device->path : directory_ + "/extents";
  extents_ = std::make_unique<ExtentStore>(reactor_, disk_, extents_path, std::move(extents));
  DX_CO_TRY(co_await extents_->open());
  const Table table = DX_CO_TRY(co_await checkpoint_->recover([this](ByteSpan items) { return index_.load(items); },
                                                              [this](const Boundary& first, const Boundary& next) {
                                                                return fmt::format("pool {}: {}", superblock_.pool,
                                                                                   range_in_words(first, next));
                                                              }));
  reserved_until_ = table.clock;
  if (!options_.planted.forget_slots_over_restart) {
    for (const SlotEntry& entry : table.slots) slots_.record(entry.endpoint, entry.slot, entry.outcome);
  }
  for (const TransactionEntry& entry : table.transactions) transactions_.restore(entry);
  Replayer replayer(*this, table);
  const std::string log = directory_ + "/log";
  std::set<journal::Position> missing;
  std::vector<TierAddress> unsettled;
  const auto replay = [&](journal::Position position, ByteSpan record, journal::Settled) {
    if (missing.contains(position)) return error(Code::kChecksum, "extents of the record at {} are missing", position);
    replayer.set_position(position);
    return decode_record(record, replayer);
  };
  const auto prepare = [&](std::vector<journal::UnsettledRecord> records) {
    return look_for_extents(std::move(records), missing, unsettled);
  };
  journal::Options options = log_options(table.newest);
  options.must_exist = expect == Expect::kLog;
  options.before_changes = [&](const journal::Recovery& found) { return note_loss(found, table.newest); };
  Result<std::unique_ptr<journal::Journal>> opened =
      co_await journal::Journal::open(reactor_, disk_, log, options, replay, prepare);
  if (!opened.ok()) co_return std::move(opened).status().within(log);
  journal_ = std::move(opened).take();
  replayer.catch_up();
  Status sound = judge_log(table);
  if (sound.ok()) sound = judge_transactions();
  if (sound.ok()) sound = find_free_extents(unsettled);
  if (!sound.ok()) {
    Status closed = co_await journal_->close();
    closed.ignore("the shard cannot be opened");
    co_return sound;
  }
  for (const TransactionEntry& entry : table.transactions) reactor_.hlc().raise_to(entry.epoch);
  reactor_.hlc().raise_to(std::max(replayer.highest_epoch(), reserved_until_));
  exact_from_ = reactor_.hlc().last();  // how far reclaim had gone before is not known
  checkpoint_->attach(*journal_);
  garbage_.set();  // replay has overwritten, too
  background_.spawn(run_checkpoint());
  background_.spawn(run_reclaim());
  co_return Status();
}

ShardState Shard::state() const {
  ShardState state{.clock = reserved_until_};
  slots_.for_each([&](const rpc::EndpointId& endpoint, uint16_t slot, const rpc::SlotOutcome& outcome) {
    state.slots.push_back({.endpoint = endpoint, .slot = slot, .outcome = outcome});
  });
  state.transactions = transactions_.all();
  return state;
}

runtime::Task<Status> Shard::run_checkpoint() {
  Status status = co_await checkpoint_->run(background_.token());
  if (!status.ok()) {
    failure_ = std::move(status).within("checkpoint");
    reactor_.log().error("pool {}: the shard stops: {}", superblock_.pool, failure_);
  }
  co_return Status();
}

}  // namespace daos::vos
