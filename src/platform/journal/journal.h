// One log for everybody who needs one (a target's part of a pool, a service): records, group commit, recovery.
// Format: docs/formats/log.md. Used from its reactor's thread only.
//
// All records appended within a reactor turn are committed together by one durable write at its end; commits follow each
// other in order, several may be in flight, and durable() advances only over a gapless prefix. A failed write stops the
// journal at once and for good: later acknowledgements would stand on a hole.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "platform/base/bytes.h"
#include "platform/base/status.h"
#include "platform/base/strong_id.h"
#include "platform/runtime/reactor.h"
#include "platform/runtime/task.h"
#include "platform/storage/storage.h"

namespace daos::journal {

/// A byte offset across all segments the log ever had; grows for ever. A record's position is the offset behind its last byte.
using Position = StrongId<struct PositionTag>;

enum class Durability : uint8_t {
  kPower = 0,    // acknowledged after the medium has it
  kProcess = 1,  // survives kill -9 of everything, not loss of power
};

struct Options {
  Durability durability = Durability::kPower;
  uint64_t segment_bytes = 16u << 20;
  uint32_t segments_max = 64;     // a log with no segment to spare refuses with kNoSpace
  uint64_t reserve_bytes = 0;     // of the log's end, which only append(..., Use::kReserve) may use (punches, closes)
  uint32_t flushes_in_flight = 4;
  uint64_t position_floor = 0;    // positions start above this even if the log holds less (a snapshot stands there)
};

enum class Use : uint8_t { kNormal, kReserve };

/// Called for each record that recovery finds, in order.
using Replay = std::function<Status(Position position, ByteSpan record)>;

class Journal : public runtime::PollSource {
 public:
  /// Creates or recovers the log in `directory` of `disk`. Torn tails are cut where nothing behind was acknowledged; damage
  /// before that is kCorrupt and names file and offset. `replay` runs before this returns.
  static runtime::Task<Result<std::unique_ptr<Journal>>> open(runtime::Reactor& reactor, storage::Disk& disk,
                                                              std::string directory, Options options, Replay replay);
  ~Journal() override = default;

  /// Queues a record for this turn's commit; `parts` are copied. kNoSpace when the log is full, kIo once it has failed.
  virtual Result<Position> append(std::initializer_list<ByteSpan> parts, Use use = Use::kNormal) = 0;
  /// Returns when everything up to `position` is durable.
  virtual runtime::Task<Status> wait_durable(Position position, runtime::CallContext context) = 0;
  /// Behind the newest record appended, and behind the newest durable one.
  virtual Position appended() const = 0;
  virtual Position durable() const = 0;
  /// What it holds before `position` will never be replayed again; whole segments before it are used anew.
  virtual void trim(Position position) = 0;
  /// Bytes that can still be appended by Use::kNormal.
  virtual uint64_t room() const = 0;
  /// Ok until a write fails; then why the journal is stopped.
  virtual Status health() const = 0;
  /// Commits what is queued, waits for what is in flight. Nothing may be appended afterwards.
  virtual runtime::Task<Status> close() = 0;
};

}  // namespace daos::journal
