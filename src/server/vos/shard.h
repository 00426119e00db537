// One pool's part of one target: what is stored there, durable and versioned. Used from the target's reactor only.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "model/classes/object_id.h"
#include "platform/journal/journal.h"
#include "platform/rpc/slots.h"
#include "platform/runtime/reactor.h"
#include "platform/runtime/scope.h"
#include "platform/storage/storage.h"
#include "server/vos/checkpoint/checkpoint.h"
#include "server/vos/extents/extent_store.h"
#include "server/vos/index/index.h"
#include "server/vos/planted_bugs.h"
#include "server/vos/power_loss.h"
#include "server/vos/records/record_parts.h"
#include "server/vos/records/transaction_records.h"
#include "server/vos/shard_file.h"
#include "server/vos/transaction_table.h"

namespace daos::vos {

inline constexpr size_t kKeyBytesMax = 64u << 10;

/// Without tier 1, values up to this are inline even if the pool's threshold is lower: docs/formats/extents.md says
/// why.
inline constexpr uint64_t kInlineMaxAlone = 64u << 10;

struct ShardOptions {
  std::string build;  // of this program, for the superblock
  uint64_t log_segment_bytes = 16u << 20;
  /// The log is kept shorter than this by checkpoints; 0: as long as tier 0 is large, which bounds what is written
  /// twice.
  uint64_t log_bytes_wanted = 0;
  /// What may be logged beyond that while a round of the checkpoint is under way, updates being slowed the more the
  /// further; 0: half as much again.
  uint64_t log_bytes_beyond = 0;
  size_t bucket_bytes_max = kBucketBytesMax;
  uint64_t inline_max_alone = kInlineMaxAlone;
  uint64_t extent_piece_bytes = 64u << 20;   // without tier 1 the extent file grows by this
  uint64_t extent_copies_bytes = 64u << 20;  // of updates on their way to the extent file; more wait
  /// The engine's device on which this target's tier 1 lies; that a shard uses it is in its superblock.
  std::optional<DeviceRef> device;
  /// Overwritten and punched versions stay so long for readers of older epochs, if there is room.
  Duration retention = std::chrono::seconds(30);
  PlantedBugs planted;
};

/// What an update asks. Buffers may share a receive buffer: they are copied where they are kept.
struct UpdateOp {
  Uuid container;
  classes::ObjectId object;
  OpId id;
  uint64_t conditions = 0;  // DAOS_COND_*
  IoBuf dkey;
  std::vector<AkeyValue> values;
  std::vector<uint64_t> akey_conditions;  // with kCondPerAkey: one per akey
};
struct PunchOp {
  Uuid container;
  classes::ObjectId object;
  OpId id;
  uint64_t conditions = 0;
  PunchLevel level = PunchLevel::kObject;
  IoBuf dkey;
  std::vector<IoBuf> akeys;
};
/// A participant's part of a transaction of several targets.
struct PrepareOp {
  OpId id;
  uint64_t epoch = 0;        // proposed by the leader; a later proposal takes the place of an earlier one
  uint32_t map_version = 0;  // of the pool map in which the targets below are named
  uint32_t leader = 0;
  std::vector<uint32_t> participants;
  struct Change {
    uint16_t minor = 0;                    // its place among all changes of the transaction; grows
    std::variant<UpdateOp, PunchOp> what;  // with the transaction's id, whatever theirs says
  };
  std::vector<Change> changes;
};
struct Prepare {
  /// Not empty: nothing is prepared. These stand in the way; when their leaders have told their outcomes, come again.
  std::vector<OpId> in_doubt;
};
struct FetchKey {
  IoBuf akey;
  ValueKind kind = ValueKind::kSingle;
  std::vector<Extent> extents;  // kArray: what is asked for, in this order
  uint64_t conditions = 0;
  uint64_t bytes_max = UINT64_MAX;  // if there is more, what lies on a disk is not read: the sizes are the answer
};
struct FetchOp {
  Uuid container;
  classes::ObjectId object;
  uint64_t epoch = kLatest;
  uint64_t conditions = 0;
  IoBuf dkey;
  std::vector<FetchKey> keys;
};
struct FetchedKey {
  uint64_t record_bytes = 0;        // of the value, or of each record; 0: nothing there
  IoBuf value;                      // kSingle
  StoredRuns stored;                // kSingle: where it lies, if that is not in DRAM
  Checksums checksums;              // kSingle
  std::vector<ExtentView> extents;  // kArray: per asked extent in order, its visible runs by start
};
struct FetchResult {
  uint64_t epoch = 0;
  /// Transactions by whose outcome the answer may differ. Not empty: nothing else is filled in. Who answers a reader
  /// asks their leaders, sees to it that the outcomes are told here, and reads again.
  std::vector<OpId> in_doubt;
  std::vector<FetchedKey> keys;  // one per akey asked
};
struct ListKeysOp {
  Uuid container;
  classes::ObjectId object;
  uint64_t epoch = kLatest;
  IoBuf dkey;  // empty: dkeys of the object, else akeys of this dkey
  KeyAnchor anchor;
  uint32_t keys_max = 0;
  uint64_t bytes_max = 0;
};
struct ListKeysResult {
  std::vector<OpId> in_doubt;  // as in FetchResult
  std::vector<IoBuf> keys;
  KeyAnchor anchor;
  uint64_t first_bytes = 0;  // of the first key, when it alone is above bytes_max
};
struct ListExtentsOp {
  Uuid container;
  classes::ObjectId object;
  uint64_t epoch = kLatest;
  IoBuf dkey;
  IoBuf akey;
  uint64_t from = 0;  // upwards: first record; downwards: behind the last one
  bool upwards = true;
  uint32_t extents_max = 0;
};
struct ListExtentsResult {
  std::vector<OpId> in_doubt;  // as in FetchResult
  std::vector<ExtentView> extents;
  bool end = false;
};

class Shard : private ItemSource {
 public:
  /// Makes a new shard in `directory` (which must not hold one).
  static runtime::Task<Result<std::unique_ptr<Shard>>> create(runtime::Reactor& reactor, storage::Disk& disk,
                                                              std::string directory, ShardSuperblock superblock,
                                                              ShardOptions options);
  /// Opens what is there: loads the checkpoint, replays the log behind it.
  static runtime::Task<Result<std::unique_ptr<Shard>>> open(runtime::Reactor& reactor, storage::Disk& disk,
                                                            std::string directory, ShardOptions options);

  /// What stands in `directory`, without opening the shard.
  static runtime::Task<Result<ShardSuperblock>> read_superblock(storage::Disk& disk, std::string directory);
  /// Makes `directory` hold no shard, durably, before its files are removed. Fine if it holds none.
  static runtime::Task<Status> disown(storage::Disk& disk, std::string directory);

  /// Executes an update once, however often it arrives, and returns its epoch when it is durable. kNoSpace: no tier
  /// that could take it has room. kExists, kNonexistent: a condition does not hold. kCancelled: it was given up before
  /// it came, or before it was executed.
  runtime::Task<Result<uint64_t>> update(UpdateOp op);
  /// The same for a punch.
  runtime::Task<Result<uint64_t>> punch(PunchOp op);

  // --- shard_transactions.cc: this target's side of transactions of several targets (server/dtx leads them)
  /// Promises to do its part when it is told to, durably; until then nobody sees it. kTxRestart: the epoch is below
  /// floor(). kExists, kNonexistent: a condition does not hold at the epoch. kCancelled: decided meanwhile, or proposed
  /// at a later epoch. kAgain: an earlier attempt is under way. kOverflow: too much for one transaction.
  runtime::Task<Result<Prepare>> prepare(PrepareOp op);
  /// The outcome, durably; told again, it changes nothing. Aborting what is not known refuses it: it will never be
  /// prepared here. kNonexistent: committing what is not known. kInvalid: the other outcome was told before, or it is
  /// prepared at another epoch than it was committed at.
  runtime::Task<Status> decide(OpId id, Outcome outcome, uint64_t epoch);
  /// What is known of it, durably; nothing: it may still be prepared. Who wants to be sure that it is not, aborts it.
  runtime::Task<Result<std::optional<TransactionEntry>>> state_of(OpId id);
  /// Nobody will ask for its outcome any more. kInvalid: it is not decided.
  runtime::Task<Status> forget(OpId id);
  /// Prepared and not decided: after a restart, whom to ask about.
  std::vector<TransactionEntry> in_doubt() const { return transactions_.in_doubt(); }
  /// Nothing can be prepared at an older epoch: what it would have to meet may be gone.
  uint64_t floor() const { return exact_from_; }

  // Reads answer when what they depend on is durable. kTxRestart: of an epoch of which versions may be gone.
  /// kInvalid: the extents asked for hold records of different sizes. kNonexistent: a condition does not hold.
  runtime::Task<Result<FetchResult>> fetch(FetchOp op);
  runtime::Task<Result<ListKeysResult>> list_keys(ListKeysOp op);
  runtime::Task<Result<ListExtentsResult>> list_extents(ListExtentsOp op);
  runtime::Task<Result<Index::QueryResult>> query(Uuid container, classes::ObjectId object, IoBuf dkey, IoBuf akey,
                                                  Index::Query query, uint64_t epoch);
  struct HighestEpoch {
    std::vector<OpId> in_doubt;  // as in FetchResult
    uint64_t epoch = 0;
  };
  runtime::Task<Result<HighestEpoch>> highest_epoch(Uuid container, classes::ObjectId object);

  /// Gives up the operation before `ref.sequence`: returns its outcome if it was executed, and drops it otherwise.
  runtime::Task<Result<std::optional<rpc::SlotOutcome>>> close_slot(rpc::EndpointId endpoint, rpc::SlotRef ref);
  /// The client's process is gone: its sessions end.
  runtime::Task<Status> end_client(Uuid client);
  runtime::Task<Status> destroy_container(Uuid container);
  /// Remembers the pool map over a restart.
  runtime::Task<Status> store_map(ByteVector map);
  /// Writes everything that is only in the log into the checkpoint, so that a restart is quick.
  runtime::Task<Status> write_checkpoint() { return checkpoint_->write_all(); }

  const ShardSuperblock& superblock() const { return superblock_; }
  uint64_t tier_total(size_t tier) const { return superblock_.tier_bytes[tier]; }
  uint64_t tier_free(size_t tier) const;
  const Index& index() const { return index_; }
  const rpc::SlotTable& slots() const { return slots_; }
  const Checkpoint& checkpoint() const { return *checkpoint_; }
  const ExtentStore& extents() const { return *extents_; }
  /// Ever written to the log, its headers and padding included.
  uint64_t log_bytes() const { return journal_->appended().value(); }
  /// Under `process` durability: power was lost, in this life or an earlier one, and with it acknowledged updates.
  bool unclean() const { return loss_.has_value(); }
  /// ... and the pool's service does not know yet.
  bool has_loss_to_report() const { return loss_ && !loss_->reported; }
  runtime::Task<Status> loss_was_reported();
  /// Ok, or why the shard refuses everything.
  Status health() const { return failure_.ok() ? journal_->health() : failure_; }
  /// Waits for what is under way; nothing may be asked afterwards.
  runtime::Task<Status> close();

 private:
  class Replayer;
  class Placement;
  static constexpr Duration kReservation = std::chrono::seconds(2);

  Shard(runtime::Reactor& reactor, storage::Disk& disk, std::string directory, ShardSuperblock superblock,
        ShardOptions options);
  enum class Expect : uint8_t { kNothing, kLog };
  runtime::Task<Status> recover(Expect expect);
  runtime::Task<Status> read_loss();
  runtime::Task<Status> store_loss(PowerLoss loss);
  /// Under `process`: whether acknowledged records are missing, noted durably before anything is changed.
  runtime::Task<Status> note_loss(journal::Recovery found, journal::Position newest);
  Result<ExtentOptions> extent_options() const;
  /// Of the records that are not settled, those whose extents did not arrive go to `missing`; all their runs are
  /// returned.
  runtime::Task<Status> look_for_extents(std::vector<journal::UnsettledRecord> records,
                                         std::set<journal::Position>& missing, std::vector<TierAddress>& runs);
  /// Whether the log reaches as far as the checkpoint.
  Status judge_log(const Table& table);
  /// Whether everything that is prepared in the index is of a transaction that is not decided.
  Status judge_transactions() const;
  /// What is free of the extent file is what neither the index nor a record that is not settled refers to.
  Status find_free_extents(const std::vector<TierAddress>& unsettled);
  uint64_t log_bytes_wanted() const;
  uint64_t log_bytes_beyond() const;
  /// Beside an update's own bytes: headers, padding, a clock reservation.
  uint64_t log_spare_bytes() const { return options_.log_segment_bytes / 4; }
  journal::Options log_options(journal::Position floor) const;
  ShardState state() const;
  Boundary serialise(const Boundary& from, const Boundary& to, size_t bytes_max, ByteVector& out) override {
    return index_.serialise(from, to, bytes_max, out);
  }

  /// Many callers at once: what each waits for from memory is asked for step by step while the others work. With few,
  /// letting go would cost more than it hides.
  bool is_busy();
  Status check(const UpdateOp& op) const;
  Status check(const PunchOp& op) const;
  /// What a slot says of an arrival: nothing to object to, or its outcome (with `repeated` set), or why it is dropped.
  Result<std::optional<rpc::SlotOutcome>> arrive(const OpId& id);
  /// An operation that was refused for good: a late repetition must not be executed when the reason has gone.
  Status refuse(const OpId& id, Status why);
  /// An epoch that no crash can make the shard give out again.
  Result<uint64_t> next_epoch();
  /// Appends, applies and records; everything of an operation that happens at once. The record's position.
  template <class Record>
  Result<journal::Position> execute(Record record, Status conditions);
  template <class Op, class Record>
  runtime::Task<Result<uint64_t>> modify(Op op, Record (*make)(Op& op));
  /// kAgain: a transaction must be decided before it is known whether the operation may be executed.
  Status outcomes_are_known(const UpdateOp& op, const UpdateRecord& record) const;
  Status outcomes_are_known(const PunchOp& op, const PunchRecord& record) const;
  std::vector<OpId> doubts_of(const FetchOp& op) const;
  Status conditions_of(const UpdateOp& op, const UpdateRecord& record) const;
  Status conditions_of(const PunchOp& op, const PunchRecord& record) const;
  runtime::Task<Status> acknowledge(journal::Position position);
  class Proposal;
  Result<bool> is_repeated(const PrepareOp& op) const;
  Status check(const PrepareOp& op) const;
  runtime::Task<Result<Prepare>> prepare_once(PrepareOp op);
  Result<std::vector<OpId>> check_changes(const PrepareOp& op, const Proposal& proposal) const;
  Status check_decision(const OpId& id, Outcome outcome, uint64_t epoch) const;
  bool has_tier1() const { return superblock_.tier_bytes[1] > 0; }
  uint64_t inline_limit() const;
  /// What inline values leave of tier 0 to the index, which must also name what lies on tier 1.
  uint64_t headroom() const;
  /// Whether a record that costs so much in tier 0 finds room there and in the log right now.
  bool has_room(uint64_t bytes) const;
  /// Waits for the checkpoint where the log is longer than it should be.
  runtime::Task<Status> keep_pace();
  /// Room in the log and in tier 0, waiting for checkpoint and reclaim where they can give it.
  runtime::Task<Status> make_room(uint64_t bytes);
  /// Decides which tier each value of an update goes to, finds room for all of it and writes what goes to extents. The
  /// record then says where.
  runtime::Task<Status> place(UpdateRecord& record, Placement& placement);
  runtime::Task<Status> allocate(NewRuns& runs);
  struct Gathered;
  /// What was read of value `index`, in one piece.
  runtime::Task<Result<RunRead>> gather(Gathered& gathered, size_t index);
  /// Fetches what lies in extents. The index has not changed since `result` was made.
  runtime::Task<Status> read_extents(FetchResult& result, const std::vector<FetchKey>& keys);
  void free(const Freed& freed) { extents_->free(freed.tier1, journal_->appended()); }
  // --- shard_reclaim.cc
  /// kTxRestart: versions of that epoch may be gone.
  Status check_epoch(uint64_t epoch) const;
  bool is_short() const;
  /// One step of reclaim; true when it was the last of a round.
  bool reclaim_some(const Retention& retention);
  /// What must stay now; reads of what need not are no longer exact.
  Retention retention();
  /// Space is short: waits until there is `enough`, or everything that is left is needed.
  runtime::Task<Status> reclaim_until(std::function<bool()> enough);
  /// Takes the index down in steps: millions of keys at once would hold up everybody else on this reactor.
  runtime::Task<void> release_index();
  runtime::Task<Status> run_checkpoint();
  runtime::Task<Status> run_reclaim();

  runtime::Reactor& reactor_;
  storage::Disk& disk_;
  std::string directory_;
  ShardSuperblock superblock_;
  ShardOptions options_;
  runtime::Semaphore superblock_turn_;
  std::unique_ptr<ExtentStore> extents_;
  runtime::Semaphore reclaim_turn_;  // of those who wait for room
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<Checkpoint> checkpoint_;
  runtime::Scope background_;
  runtime::Event garbage_;  // there may be something to reclaim
  Index index_;
  rpc::SlotTable slots_;
  TransactionTable transactions_;
  std::set<OpId> preparing_;  // under way
  uint64_t reserved_until_ = 0;
  uint64_t exact_from_ = 0;  // reads of older epochs are not
  struct ClockMark {
    Time time;
    uint64_t epoch;  // the newest that was given out by then
  };
  RecordParts record_parts_;
  uint64_t turn_ = 0;  // and how many callers came in it and in the one before
  uint32_t callers_ = 0, callers_before_ = 0;
  std::deque<ClockMark> clock_marks_;  // of the last while
  std::optional<PowerLoss> loss_;
  Status failure_;  // of the checkpoint: the shard stops for good
};

}  // namespace daos::vos
