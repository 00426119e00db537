// A deterministic state machine and what replicates it. Used from one reactor.
#pragma once

#include <memory>
#include <string>

#include "platform/base/codec.h"
#include "platform/base/uuid.h"
#include "platform/journal/journal.h"
#include "platform/runtime/reactor.h"
#include "platform/storage/storage.h"

namespace daos::consensus {

/// Plain data that changes by commands. apply() is called in log order, on every replica, and again after a restart.
class StateMachine {
 public:
  virtual ~StateMachine() = default;
  /// Changes the state and returns the answer. A command that is refused changes nothing and answers so. Bytes that are
  /// no command of this build are an error, which stops the replica: its log was written by a newer one.
  virtual Result<ByteVector> apply(ByteSpan command) = 0;
  /// The whole state, for restore() on an empty machine.
  virtual ByteVector snapshot() const = 0;
  virtual Status restore(ByteSpan snapshot) = 0;
};

struct ReplicaOptions {
  journal::Options journal;
  /// A snapshot is written, and the log before it freed, when this much was logged since the last.
  uint64_t snapshot_log_bytes = 4u << 20;
};

class Replica {
 public:
  virtual ~Replica() = default;
  /// Orders the command, applies it, and returns its answer once it is durable. A repeated `operation` (random, chosen
  /// by whoever asks) gets the first one's answer.
  virtual runtime::Task<Result<ByteVector>> propose(Uuid operation, ByteVector command) = 0;
  /// Whether propose() of this operation would give an earlier answer.
  virtual bool has_answered(const Uuid& operation) const = 0;
  /// What is read from the machine after this is not older than anything answered before it.
  virtual runtime::Task<Status> read_barrier() = 0;
  virtual runtime::Task<Status> close() = 0;
};

/// One replica: the log in `directory`/log, the snapshot in `directory`/snapshot. Recovers before it returns; `machine`
/// is empty and outlives it.
runtime::Task<Result<std::unique_ptr<Replica>>> open_single_replica(runtime::Reactor& reactor, storage::Disk& disk,
                                                                    std::string directory, StateMachine& machine,
                                                                    ReplicaOptions options);

}  // namespace daos::consensus
