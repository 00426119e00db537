// This target's side of transactions of several targets: a promise, its fulfilment or its end, each in one record.
#include "platform/base/probe.h"
#include "platform/base/units.h"
#include "server/vos/index/boundary.h"
#include "server/vos/placement.h"

namespace daos::vos {
namespace {

constexpr size_t kChangesMax = 65'535;  // as many as minors tell apart; the API promises as much
constexpr uint64_t kBytesMax = 64 * kMiB;
constexpr Duration kLogWaitMax = std::chrono::seconds(10);  // then the log is called full

uint64_t record_bytes_of(const PreparedRecord& record) {
  BasicEncoder<CountSink> counter{CountSink()};
  counter(record);
  return counter.sink().bytes;
}

/// What earlier changes of a transaction punch: there a value of the other kind finds room.
class Punched {
 public:
  void add(const PunchRecord& record) {
    const ByteSpan dkey = record.dkey.bytes();
    if (record.level == PunchLevel::kObject) places_.insert(object_boundary(record.container, record.object));
    if (record.level == PunchLevel::kDkey) places_.insert(dkey_boundary(record.container, record.object, dkey));
    for (const IoBuf& akey : record.akeys)
      places_.insert(akey_boundary(record.container, record.object, dkey, akey.bytes()));
  }
  /// The record without the values that they make room for.
  UpdateRecord rest_of(const UpdateRecord& record) const {
    UpdateRecord rest = record;
    if (places_.empty()) return rest;
    const ByteSpan dkey = record.dkey.bytes();
    const bool all = places_.contains(object_boundary(record.container, record.object)) ||
                     places_.contains(dkey_boundary(record.container, record.object, dkey));
    std::erase_if(rest.values, [&](const AkeyValue& value) {
      return all || places_.contains(akey_boundary(record.container, record.object, dkey, value.akey.bytes()));
    });
    return rest;
  }

 private:
  std::set<std::string> places_;
};

}  // namespace

/// A transaction's part on its way into the log.
class Shard::Proposal {
 public:
  explicit Proposal(PrepareOp& op) {
    record.id = op.id;
    record.epoch = op.epoch;
    record.map_version = op.map_version;
    record.leader = op.leader;
    record.participants = op.participants;
    for (const PrepareOp::Change& change : op.changes) {
      record.modifications.push_back(
          std::visit([&](const auto& what) { return make(what, change.minor); }, change.what));
    }
  }
  PreparedRecord record;
  std::deque<Placement> placements;  // one for each update
  bool has_extents() const {
    return std::any_of(placements.begin(), placements.end(), [](const Placement& each) { return !each.empty(); });
  }

 private:
  static Modification make(const UpdateOp& op, uint16_t minor) {
    UpdateRecord update{.container = op.container, .object = op.object, .minor = minor, .endpoint = {}, .slot = {}};
    update.dkey = op.dkey;
    update.values = op.values;
    return {.what = std::move(update)};
  }
  static Modification make(const PunchOp& op, uint16_t minor) {
    PunchRecord punch{.container = op.container, .object = op.object, .minor = minor, .endpoint = {}, .slot = {}};
    punch.level = op.level;
    if (op.level != PunchLevel::kObject) punch.dkey = op.dkey;
    if (op.level == PunchLevel::kAkey) punch.akeys = op.akeys;
    return {.what = std::move(punch)};
  }
};

Status Shard::check(const PrepareOp& op) const {
  if (op.id.slot.slot >= rpc::kSlotsMax || op.id.slot.sequence == 0) return error(Code::kInvalid, "{} is no id", op.id);
  if (op.epoch == 0 || op.epoch >= kLatest) return error(Code::kInvalid, "{} proposed at epoch {:#x}", op.id, op.epoch);
  if (op.participants.empty()) return error(Code::kInvalid, "{} without participants", op.id);
  if (op.changes.empty()) return error(Code::kInvalid, "{} changes nothing here", op.id);
  if (op.changes.size() > kChangesMax)
    return error(Code::kOverflow, "{} makes {} changes here, {} are possible", op.id, op.changes.size(), kChangesMax);
  uint64_t bytes = 0;
  const PrepareOp::Change* before = nullptr;
  for (const PrepareOp::Change& change : op.changes) {
    if (before != nullptr && change.minor <= before->minor) {
      return error(Code::kInvalid, "{}: change {} follows {}", op.id, change.minor, before->minor);
    }
    before = &change;
    DX_TRY(std::visit([&](const auto& what) { return check(what); }, change.what));
    if (const auto* update = std::get_if<UpdateOp>(&change.what)) {
      for (const AkeyValue& value : update->values) {
        if (!value.stored.empty()) return error(Code::kInvalid, "a value that is on tier 1 already");
        bytes += value.value.size();
      }
    }
  }
  if (bytes <= kBytesMax) return {};
  return error(Code::kOverflow, "{} brings {} bytes here, {} are possible", op.id, bytes, kBytesMax);
}

Result<bool> Shard::is_repeated(const PrepareOp& op) const {
  const TransactionEntry* entry = transactions_.find(op.id);
  if (entry == nullptr) return false;
  switch (entry->state) {
    case TransactionState::kPrepared:
      if (op.epoch < entry->epoch) return error(Code::kCancelled, "{} was proposed at a later epoch since", op.id);
      return op.epoch == entry->epoch;
    case TransactionState::kCommitted:
      if (op.epoch != entry->epoch) return error(Code::kCancelled, "{} is committed at another epoch", op.id);
      return true;
    case TransactionState::kAborted:
    case TransactionState::kRefused:
      break;
  }
  return error(Code::kCancelled, "{} is {} here", op.id, to_words(entry->state));
}

runtime::Task<Result<Prepare>> Shard::prepare(PrepareOp op) {
  DX_CO_TRY(health());
  DX_CO_TRY(check(op));
  const OpId id = op.id;
  if (!preparing_.insert(id).second) co_return error(Code::kAgain, "an earlier attempt to prepare {} is under way", id);
  Result<Prepare> result = co_await prepare_once(std::move(op));
  preparing_.erase(id);
  co_return result;
}

runtime::Task<Result<Prepare>> Shard::prepare_once(PrepareOp op) {
  const bool before = DX_CO_TRY(is_repeated(op));
  if (before) {
    DX_PROBE("shard: repeated prepare recognised");
    DX_CO_TRY(co_await acknowledge(journal_->appended()));
    co_return Prepare();
  }
  Proposal proposal(op);
  PreparedRecord& record = proposal.record;
  DX_CO_TRY(co_await keep_pace());
  for (Modification& modification : record.modifications) {
    auto* update = std::get_if<UpdateRecord>(&modification.what);
    if (update == nullptr) continue;
    Placement& placement = proposal.placements.emplace_back(*extents_);
    placement.choose(*update, inline_limit());
    if (!placement.empty() || !has_room(index_.cost_of(*update) + headroom())) {
      DX_CO_TRY(co_await place(*update, placement));
    }
  }
  const uint64_t bytes = std::max(index_.cost_of(record) + TransactionTable::cost_of(record), record_bytes_of(record));
  if (!has_room(bytes)) DX_CO_TRY(co_await make_room(bytes));

  // From here to the append nothing waits. What may have changed meanwhile is asked again.
  const bool meanwhile = DX_CO_TRY(is_repeated(op));
  if (meanwhile) co_return error(Code::kAgain, "{} was prepared twice at once", op.id);
  if (op.epoch < floor()) {
    co_return error(Code::kTxRestart, "{} is proposed at epoch {:#x}, below this target's floor {:#x}", op.id, op.epoch,
                    floor());
  }
  Result<std::vector<OpId>> doubts = check_changes(op, proposal);
  if (!doubts.ok() || !doubts->empty()) {
    DX_CO_TRY(co_await acknowledge(journal_->appended()));  // the answer depends on what is there
    if (!doubts.ok()) co_return doubts.status();
    co_return Prepare{.in_doubt = std::move(doubts).take()};
  }
  const journal::Position position = DX_CO_TRY(journal_->append(record_parts_.of(record)));
  for (Placement& placement : proposal.placements) {
    if (!placement.empty()) placement.keep();
  }
  if (proposal.has_extents() && !options_.planted.forget_extent_flush) journal_->flush_with_commit(extents_->file());
  index_.prepare(record, position);
  transactions_.apply(record);
  checkpoint_->log_grew();
  if (!garbage_.is_set()) garbage_.set();  // what was proposed before
  const Status durable = co_await acknowledge(position);
  if (!durable.ok()) co_return error(Code::kOutcomeUnknown, "whether {} is prepared is open: {}", record.id, durable);
  co_return Prepare();
}

Result<std::vector<OpId>> Shard::check_changes(const PrepareOp& op, const Proposal& proposal) const {
  // Conditions are asked of what stood there before the transaction.
  Punched punched;
  std::set<OpId> doubts;
  Status first;
  for (size_t i = 0; i < op.changes.size(); i++) {
    Status allowed;
    std::vector<OpId> waits;
    if (const auto* update = std::get_if<UpdateOp>(&op.changes[i].what)) {
      const auto& record = std::get<UpdateRecord>(proposal.record.modifications[i].what);
      const UpdateRecord rest = punched.rest_of(record);
      allowed = index_.check(rest);
      if (allowed.ok() && update->conditions != 0)
        allowed = index_.check_conditions(record, update->conditions, update->akey_conditions, op.epoch);
      waits = index_.doubts(rest, 0, {}, op.epoch, &op.id);
      doubts.insert(waits.begin(), waits.end());
      if (update->conditions != 0)
        waits = index_.doubts(record, update->conditions, update->akey_conditions, op.epoch, &op.id);
    } else {
      const auto& record = std::get<PunchRecord>(proposal.record.modifications[i].what);
      const uint64_t conditions = std::get<PunchOp>(op.changes[i].what).conditions;
      allowed = index_.check_conditions(record, conditions, op.epoch);
      waits = index_.doubts(record, conditions, op.epoch, &op.id);
      punched.add(record);
    }
    doubts.insert(waits.begin(), waits.end());
    if (first.ok()) first = std::move(allowed);
  }
  if (doubts.empty() && !first.ok()) return first;
  return std::vector<OpId>(doubts.begin(), doubts.end());
}

Status Shard::check_decision(const OpId& id, Outcome outcome, uint64_t epoch) const {
  const TransactionEntry* entry = transactions_.find(id);
  const bool commits = outcome == Outcome::kCommitted;
  if (entry == nullptr) {
    return commits ? error(Code::kNonexistent, "{} cannot be committed: nothing is known of it here", id) : Status();
  }
  const bool fits =
      entry->state == TransactionState::kPrepared || (entry->state == TransactionState::kCommitted) == commits;
  if (fits && (!commits || entry->epoch == epoch)) return {};
  return error(Code::kInvalid, "{} is {} here at epoch {:#x}: it cannot be {}", id, to_words(entry->state),
               entry->epoch, commits ? fmt::format("committed at {:#x}", epoch) : "aborted");
}

runtime::Task<Status> Shard::decide(OpId id, Outcome outcome, uint64_t epoch) {
  const runtime::CallContext limit = reactor_.within(kLogWaitMax, background_.token());
  for (;;) {
    DX_CO_TRY(health());
    DX_CO_TRY(check_decision(id, outcome, epoch));
    const TransactionEntry* entry = transactions_.find(id);
    if (entry != nullptr && entry->state != TransactionState::kPrepared) {
      DX_PROBE("shard: outcome told again");
      const Status durable = co_await acknowledge(journal_->appended());
      co_return durable;
    }
    DecisionRecord record{.id = id, .outcome = outcome, .epoch = 0, .keys = {}};
    if (entry != nullptr) {
      record.epoch = entry->epoch;
      record.keys = entry->keys;
    }
    const Result<journal::Position> position = journal_->append(record_parts_.of(record), journal::Use::kReserve);
    if (position.ok()) {
      index_.decide(record, *position);
      transactions_.apply(record);
      checkpoint_->log_grew();
      if (!garbage_.is_set()) garbage_.set();
      const Status durable = co_await acknowledge(*position);
      co_return durable;
    }
    if (position.status().code() != Code::kNoSpace) co_return position.status();
    // A decision of many keys may be more than the log's reserve: the checkpoint makes room.
    checkpoint_->trimmed().reset();
    const Status waited = co_await checkpoint_->trimmed().wait(limit);
    if (!waited.ok()) co_return position.status();
  }
}

runtime::Task<Result<std::optional<TransactionEntry>>> Shard::state_of(OpId id) {
  DX_CO_TRY(health());
  const TransactionEntry* entry = transactions_.find(id);
  std::optional<TransactionEntry> state;
  if (entry != nullptr) state = *entry;
  DX_CO_TRY(co_await acknowledge(journal_->appended()));
  co_return state;
}

runtime::Task<Status> Shard::forget(OpId id) {
  DX_CO_TRY(health());
  if (const TransactionEntry* entry = transactions_.find(id)) {
    if (entry->state == TransactionState::kPrepared) co_return error(Code::kInvalid, "{} is not decided", id);
    const ForgottenRecord record{.id = id};
    DX_CO_TRY(journal_->append({encode_record(record)}, journal::Use::kReserve));
    transactions_.apply(record);
    checkpoint_->log_grew();
  }
  const Status durable = co_await acknowledge(journal_->appended());
  co_return durable;
}

Status Shard::outcomes_are_known(const UpdateOp& op, const UpdateRecord& record) const {
  return all_decided(index_.doubts(record, op.conditions, op.akey_conditions, kLatest));
}
Status Shard::outcomes_are_known(const PunchOp& op, const PunchRecord& record) const {
  return all_decided(index_.doubts(record, op.conditions, kLatest));
}

std::vector<OpId> Shard::doubts_of(const FetchOp& op) const {
  std::set<OpId> ids;
  Index::Reading reading{.container = op.container, .object = op.object, .dkey = op.dkey.bytes(), .epoch = op.epoch};
  const auto ask = [&] {
    const std::vector<OpId> some = index_.doubts(reading);
    ids.insert(some.begin(), some.end());
  };
  if ((op.conditions & kCondDkeyFetch) != 0) ask();
  for (const FetchKey& key : op.keys) {
    reading.akey = key.akey.bytes();
    const bool whole = ((op.conditions | key.conditions) & kCondAkeyFetch) != 0;
    reading.records.reset();
    if (whole || key.kind == ValueKind::kSingle) {
      ask();
      continue;
    }
    for (const Extent& extent : key.extents) {
      reading.records = extent;
      ask();
    }
  }
  return {ids.begin(), ids.end()};
}

}  // namespace daos::vos
