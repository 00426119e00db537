// One log for everybody who needs one (a target's part of a pool, a service): records, group commit, recovery.
// Format: docs/formats/log.md. Used from its reactor's thread only.
//
// All records appended within a reactor turn are committed together by one durable write at its end, or by several when
// they are many bytes; commits follow each other in order, several may be in flight, and durable() advances only over a
// gapless prefix. A failed write
// stops the journal at once and for good: later acknowledgements would stand on a hole.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/base/bytes.h"
#include "platform/base/status.h"
#include "platform/base/strong_id.h"
#include "platform/base/units.h"
#include "platform/runtime/reactor.h"
#include "platform/runtime/task.h"
#include "platform/storage/storage.h"

namespace daos::journal {

/// A byte offset across all segments the log ever had; grows for ever. A record's position is the offset behind its
/// last byte.
using Position = StrongId<struct PositionTag>;

enum class Durability : uint8_t {
  kPower = 0,    // acknowledged after the medium has it
  kProcess = 1,  // survives kill -9 of everything, not loss of power
};

/// Mistakes that crash tests must notice; see journal_crash_test.cc. Nobody else sets one.
enum class PlantedBug : uint8_t {
  kNone,
  kAcknowledgeBeforeFlush,
  kAcknowledgeOutOfOrder,
  kReuseCutPositions,
  kForgetFlushWithCommit
};

struct Recovery;

struct Options {
  Durability durability = Durability::kPower;
  uint64_t segment_bytes = 16u << 20;
  uint32_t segments_max = 64;  // a log with no segment to spare refuses with kNoSpace
  uint64_t reserve_bytes = 0;  // of the log's end, which only append(..., Use::kReserve) may use (punches, closes)
  uint32_t flushes_in_flight = 4;
  /// So much is committed without waiting for the turn's end, so that disk and processor work at the same time.
  uint64_t early_commit_bytes = 64u << 10;
  /// Positions continue above this: the highest that the caller has stored anywhere (a bucket, a slot table).
  Position position_floor;
  /// After so long without a commit, a small block records what has become durable (see flushed()).
  Duration idle_delay = std::chrono::milliseconds(100);
  PlantedBug planted_bug = PlantedBug::kNone;
  bool must_exist = false;  // kCorrupt when there is no segment: the caller knows that there was a log
  /// Called when the recovery has replayed what it found, before anything on the disk is changed: it may not be found
  /// again. An error ends the open.
  std::function<runtime::Task<Status>(const Recovery& found)> before_changes;
};

enum class Use : uint8_t { kNormal, kReserve };

/// Whether the commit that brought a record is known to have been flushed whole.
enum class Settled : uint8_t {
  kYes,
  kNo,  // beyond the flushed position: what the record refers to outside the log may be missing and must be verified
};

/// Called for each record that recovery finds, in order. `record` lives until it returns. An error ends the recovery
/// and is what open() returns, but for one: kChecksum for a record that is not settled says that its data did not
/// arrive. Nothing from that record on was acknowledged; the log is cut before it.
using Replay = std::function<Status(Position position, ByteSpan record, Settled settled)>;

/// A record that recovery found and that is not settled.
struct UnsettledRecord {
  Position position;
  ByteSpan bytes;
};
/// Called at most once, before the first record that is not settled is replayed, with all of those: the moment to read
/// what they refer to outside the log. What is there must be durable when this ends, because the log then goes on as if
/// it were; for what is not there, `replay` says kChecksum. The records live until it ends. An error ends the recovery.
using Prepare = std::function<runtime::Task<Status>(std::vector<UnsettledRecord> records)>;

/// What recovery found.
struct Recovery {
  Position end;      // behind the newest record
  Position trimmed;  // no record up to here was needed any more
  Position flushed;  // what is known to have been durable: records up to here were settled
  uint64_t records = 0;
  bool cut = false;         // something unacknowledged behind `end` was dropped
  bool power_lost = false;  // only with Durability::kProcess: records that were acknowledged are gone
};

class Journal : public runtime::PollSource {
 public:
  /// Creates or recovers the log in `directory` of `disk`. Torn tails are cut where nothing behind was acknowledged;
  /// damage before that is kCorrupt and names file and offset. `replay` runs before this returns, and what it was given
  /// is durable when this returns. kBusy when another process has the log.
  static runtime::Task<Result<std::unique_ptr<Journal>>> open(runtime::Reactor& reactor, storage::Disk& disk,
                                                              std::string directory, Options options, Replay replay,
                                                              Prepare prepare = {});
  ~Journal() override = default;

  /// Queues a record for this turn's commit; `parts` are copied. kNoSpace when the log is full, kIo once it has failed.
  virtual Result<Position> append(std::span<const ByteSpan> parts, Use use = Use::kNormal) = 0;
  Result<Position> append(std::initializer_list<ByteSpan> parts, Use use = Use::kNormal) {
    return append(std::span(parts.begin(), parts.size()), use);
  }
  /// For data that the record just appended refers to: its commit flushes `file` too, beside its own write, and none of
  /// the commit's records is durable before. No wait may lie between append() and this, else the commit may have left.
  /// The writes must have ended; `file` lives until the records are durable or the journal is closed.
  virtual void flush_with_commit(storage::File& file) = 0;
  /// Returns when everything up to `position` is durable.
  virtual runtime::Task<Status> wait_durable(Position position, runtime::CallContext context) = 0;
  /// Behind the newest record appended, and behind the newest durable one.
  virtual Position appended() const = 0;
  virtual Position durable() const = 0;
  /// The newest durable position that a block on the medium carries: recovery takes records up to here as settled, so
  /// what a record up to here has freed may be overwritten. Follows durable(), idle_delay later at most unless the log
  /// is full.
  virtual Position flushed() const = 0;
  /// flushed() shall follow durable() as soon as can be: somebody waits for it.
  virtual void say_flushed() = 0;
  /// The caller needs nothing before `position` any more. Whole segments before it are used anew, once a block on the
  /// medium says so; records before it may still be replayed if that block did not get there.
  virtual void trim(Position position) = 0;
  /// Bytes that can still be appended by Use::kNormal.
  virtual uint64_t room() const = 0;
  /// Ok until a write fails; then why the journal is stopped.
  virtual Status health() const = 0;
  /// Of the open() that made this object.
  virtual const Recovery& recovery() const = 0;
  /// Commits what is queued, waits for what is in flight. Nothing may be appended afterwards. Must have ended before
  /// the journal is destroyed, whatever it returned.
  virtual runtime::Task<Status> close() = 0;
};

}  // namespace daos::journal
