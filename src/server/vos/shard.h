// One pool's part of one target: what is stored there, durable and versioned. Used from the target's reactor only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/classes/object_id.h"
#include "platform/journal/journal.h"
#include "platform/rpc/slots.h"
#include "platform/runtime/reactor.h"
#include "platform/runtime/sync.h"
#include "platform/storage/storage.h"
#include "server/vos/index.h"
#include "server/vos/records/log_records.h"
#include "server/vos/planted_bugs.h"
#include "server/vos/shard_file.h"

namespace daos::vos {

inline constexpr size_t kKeyBytesMax = 64u << 10;

struct ShardOptions {
  std::string build;  // of this program, for the superblock
  /// Grow the log in steps of this; the log as a whole may take kLogFactor x tier 0.
  uint64_t log_segment_bytes = 16u << 20;
  PlantedBugs planted;
};

/// What an update asks. Buffers may share a receive buffer: they are copied where they are kept.
struct UpdateOp {
  Uuid container;
  classes::ObjectId object;
  rpc::EndpointId endpoint;
  rpc::SlotRef slot;
  IoBuf dkey;
  std::vector<AkeyValue> values;
};
struct FetchKey {
  IoBuf akey;
  ValueKind kind = ValueKind::kSingle;
};
struct FetchResult {
  uint64_t epoch = 0;
  std::vector<IoBuf> values;  // one per akey; empty where nothing is
};

class Shard {
 public:
  /// Makes a new shard in `directory` (which must not hold one).
  static runtime::Task<Result<std::unique_ptr<Shard>>> create(runtime::Reactor& reactor, storage::Disk& disk,
                                                              std::string directory, ShardSuperblock superblock,
                                                              ShardOptions options);
  /// Opens what is there and replays its log.
  static runtime::Task<Result<std::unique_ptr<Shard>>> open(runtime::Reactor& reactor, storage::Disk& disk,
                                                            std::string directory, ShardOptions options);

  /// Makes `directory` hold no shard, durably, before its files are removed. Fine if it holds none.
  static runtime::Task<Status> disown(storage::Disk& disk, std::string directory);

  /// Executes an update once, however often it arrives, and returns its epoch when it is durable. kNotSupported: a value above
  /// the threshold, or an array. kNoSpace: tier 0 or the log is full. kCancelled: it was given up before it came.
  runtime::Task<Result<uint64_t>> update(UpdateOp op);
  /// The newest values, when what they depend on is durable.
  runtime::Task<Result<FetchResult>> fetch(Uuid container, classes::ObjectId object, IoBuf dkey, std::vector<FetchKey> keys);
  /// Gives up the operation before `ref.sequence`: returns its outcome if it was executed, and drops it otherwise.
  runtime::Task<Result<std::optional<rpc::SlotOutcome>>> close_slot(rpc::EndpointId endpoint, rpc::SlotRef ref);
  /// The client's process is gone: its sessions end.
  runtime::Task<Status> end_client(Uuid client);
  runtime::Task<Status> destroy_container(Uuid container);
  /// Remembers the pool map over a restart.
  runtime::Task<Status> store_map(ByteVector map);

  const ShardSuperblock& superblock() const { return superblock_; }
  uint64_t tier_total(size_t tier) const { return superblock_.tier_bytes[tier]; }
  uint64_t tier_free(size_t tier) const;
  const Index& index() const { return index_; }
  const rpc::SlotTable& slots() const { return slots_; }
  /// Ok, or why the shard refuses everything.
  Status health() const { return journal_->health(); }
  /// Waits for what is under way; nothing may be asked afterwards.
  runtime::Task<Status> close();

 private:
  class Replayer;
  static constexpr Duration kReservation = std::chrono::seconds(2);
  static constexpr uint64_t kLogFactor = 3;  // the log keeps overwritten values until there are checkpoints

  Shard(runtime::Reactor& reactor, storage::Disk& disk, std::string directory, ShardSuperblock superblock,
        ShardOptions options)
      : reactor_(reactor), disk_(disk), directory_(std::move(directory)), superblock_(std::move(superblock)),
        options_(std::move(options)), superblock_turn_(reactor, 1) {}
  runtime::Task<Status> open_log();
  Status check(const UpdateOp& op) const;
  /// An epoch that no crash can make the shard give out again.
  Result<uint64_t> next_epoch();
  /// Appends, applies and records; everything of an update that happens at once. The record's position.
  Result<journal::Position> execute(UpdateRecord record);
  runtime::Task<Status> acknowledge(journal::Position position);

  runtime::Reactor& reactor_;
  storage::Disk& disk_;
  std::string directory_;
  ShardSuperblock superblock_;
  ShardOptions options_;
  runtime::Semaphore superblock_turn_;
  std::unique_ptr<journal::Journal> journal_;
  Index index_;
  rpc::SlotTable slots_;
  uint64_t reserved_until_ = 0;
};

}  // namespace daos::vos
