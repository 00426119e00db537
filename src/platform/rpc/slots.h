// Exactly once: duplicate recognition and flow control in one mechanism (design: "Sessions and slots").
//
// A client has a session with each shard that it updates, with N slots. A request names (session, slot, sequence); the
// shard keeps the last outcome of each slot, stored in the log record of the update and in the checkpoint, so a
// repeated update is recognised after a crash too. A slot is a credit: one operation at a time uses it.
//
// Giving up: the slot is first closed with the next sequence. The answer says whether the operation had been executed;
// if it cannot be had, the outcome is unknown, and the slot stays out of use until a later close succeeds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "platform/base/codec.h"
#include "platform/base/uuid.h"
#include "platform/runtime/sync.h"

namespace daos::rpc {

/// A client's endpoint, as its hello names it. The session is (endpoint, shard); the shard is implied by who keeps it.
struct EndpointId {
  Uuid client;
  uint32_t context = 0;
  auto operator<=>(const EndpointId&) const = default;
  static void visit(auto&& visitor, auto& self) { visitor(self.client, self.context); }
};

/// Which attempt of which operation. Sequence 0 is never used: it is a slot's state before its first operation.
struct SlotRef {
  uint16_t slot = 0;
  uint64_t sequence = 0;
  auto operator<=>(const SlotRef&) const = default;
  static void visit(auto&& visitor, auto& self) { visitor(self.slot, self.sequence); }
};

/// What a slot remembers of its last operation.
struct SlotOutcome {
  uint64_t sequence = 0;
  int32_t code = 0;     // Code's number; 0 executed
  uint64_t epoch = 0;   // of the update
  bool closed = false;  // given up before it came: a later arrival of `sequence` is dropped
  static void visit(auto&& visitor, auto& self) { visitor(self.sequence, self.code, self.epoch, self.closed); }
};

inline constexpr uint16_t kSlotsFirst = 16;  // a session starts with these
inline constexpr uint16_t kSlotsMax = 256;   // and grows to these under load

/// The shard's side: remembers, decides, and says nothing about storage. Iteration is in a fixed order.
class SlotTable {
 public:
  enum class Verdict : uint8_t {
    kNew,        // execute it
    kDuplicate,  // executed before: answer with `outcome`
    kRunning,    // an earlier attempt of it is under way: the caller lost patience or its connection; answer kAgain
    kStale,      // a later operation used the slot since: drop it
  };
  struct Decision {
    Verdict verdict;
    SlotOutcome outcome;  // of kDuplicate
  };

  /// Decides about an arrival, and for kNew marks it running.
  Decision arrive(const EndpointId& endpoint, SlotRef ref);
  /// The operation ended. Also used by replay, where there was no arrival.
  void record(const EndpointId& endpoint, uint16_t slot, const SlotOutcome& outcome);
  /// The operation ended without an outcome worth keeping (refused before anything was logged): as if it never came.
  void forget(const EndpointId& endpoint, SlotRef ref);
  /// Whether the operation that arrived is still wanted: its slot was not closed and its session not ended meanwhile.
  /// Asked after every wait between its arrival and its execution.
  bool is_running(const EndpointId& endpoint, SlotRef ref) const;
  /// What a close of `ref.slot` with sequence `ref.sequence` finds: the outcome of the operation before it, if it was
  /// executed.
  std::optional<SlotOutcome> last(const EndpointId& endpoint, uint16_t slot) const;
  /// The client is gone: all its sessions end.
  void end_client(const Uuid& client);
  /// Whether it has a session here.
  bool knows(const Uuid& client) const;
  size_t sessions() const { return sessions_.size(); }

  template <class Visitor>
  void for_each(Visitor&& visit) const {  // in order of (client, context, slot)
    for (const auto& [endpoint, session] : sessions_) {
      for (uint16_t slot = 0; slot < session.slots.size(); slot++) {
        if (session.slots[slot].outcome.sequence != 0) visit(endpoint, slot, session.slots[slot].outcome);
      }
    }
  }

 private:
  struct Slot {
    SlotOutcome outcome;
    uint64_t running = 0;  // sequence under way, 0 for none
  };
  struct Session {
    std::vector<Slot> slots;
  };
  Slot& slot_of(const EndpointId& endpoint, uint16_t slot);

  std::map<EndpointId, Session> sessions_;
};

/// The client's side: hands out slots, first come, first served.
class SlotPool {
 public:
  explicit SlotPool(runtime::Reactor& reactor) : credits_(reactor, kSlotsFirst), next_sequence_(kSlotsFirst, 1) {
    for (uint16_t slot = 0; slot < kSlotsFirst; slot++) free_.insert(slot);
  }

  /// Waits for a slot. The operation keeps it, through all its attempts, until release() or retire().
  runtime::Task<Result<SlotRef>> acquire(runtime::CallContext context);
  /// The operation's outcome is known: the slot's next operation gets the next sequence.
  void release(SlotRef ref);
  /// The outcome is not known. The slot is out of use until `recover` says that its close was answered.
  void retire(SlotRef ref) { retired_.insert(ref.slot); }
  /// A close with sequence ref.sequence was answered: the slot is in use again.
  void recover(SlotRef ref);
  /// More credits, up to kSlotsMax, when all are in use.
  void grow();
  size_t in_use() const { return next_sequence_.size() - free_.size(); }
  const std::set<uint16_t>& retired() const { return retired_; }

 private:
  runtime::Semaphore credits_;
  std::set<uint16_t> free_;  // lowest first, so that a quiet session uses few slots
  std::set<uint16_t> retired_;
  std::vector<uint64_t> next_sequence_;
};

}  // namespace daos::rpc
