// What a shard's log says of transactions of several targets: that its part of one is prepared, how one was decided,
// that one is forgotten (docs/formats/shard-log.md). What decides, and who asks whom, is server/dtx.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <variant>
#include <vector>

#include "server/vos/records/log_records.h"

namespace daos::vos {

/// Who asks, and under which slot: what makes an operation happen once. A transaction's id is that of its operation.
struct OpId {
  rpc::EndpointId endpoint;
  rpc::SlotRef slot;
  auto operator<=>(const OpId&) const = default;
  static void visit(auto&& visitor, auto& self) { visitor(self.endpoint, self.slot); }
};

/// One update or punch of a transaction. Of its record everything counts but epoch, endpoint and slot, which are the
/// transaction's.
struct Modification {
  std::variant<UpdateRecord, PunchRecord> what;
  static void visit(auto&& visitor, auto& self) {
    RecordKind kind = self.what.index() == 0 ? RecordKind::kUpdate : RecordKind::kPunch;
    visitor(kind);
    if constexpr (requires { visitor.fail(); }) {
      if (kind == RecordKind::kPunch) {
        self.what.template emplace<PunchRecord>();
      } else if (kind != RecordKind::kUpdate) {
        visitor.fail();
      }
    }
    std::visit([&](auto& record) { std::remove_cvref_t<decltype(record)>::visit_body(visitor, record); }, self.what);
  }
};

/// Everything that one participant does in a transaction, at versions (epoch, minor of each): promised, and seen by
/// nobody. A later one with the same id and a higher epoch takes the place of the earlier: it was proposed again.
struct PreparedRecord {
  static constexpr RecordKind kKind = RecordKind::kPrepared;
  static constexpr uint8_t kFormat = 1;
  OpId id;
  uint64_t epoch = 0;
  uint32_t map_version = 0;            // of the pool map by which the participants were named
  uint32_t leader = 0;                 // who knows the outcome: a target's id in that map
  std::vector<uint32_t> participants;  // likewise
  std::vector<Modification> modifications;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.id, self.epoch, self.map_version, self.leader, self.participants, self.modifications);
  }
};

enum class Outcome : uint8_t { kCommitted = 1, kAborted = 2 };

/// The keys of one modification. With the epoch that is a punch as a whole, and all of an update but its values: those
/// are with the bucket of each key.
struct Touched {
  Uuid container;
  classes::ObjectId object;
  uint16_t minor = 0;
  std::optional<PunchLevel> punched;  // nothing: an update
  IoBuf dkey;
  std::vector<IoBuf> akeys;   // punched, or given a single value
  std::vector<IoBuf> arrays;  // written as arrays
  /// Of one that punches.
  PunchRecord punch(uint64_t epoch) const {
    return {.container = container,
            .object = object,
            .epoch = epoch,
            .minor = minor,
            .endpoint = {},
            .slot = {},
            .level = *punched,
            .dkey = dkey,
            .akeys = akeys};
  }
  static void visit(auto&& visitor, auto& self) {
    visitor(self.container, self.object, self.minor, self.punched, self.dkey, self.akeys, self.arrays);
  }
};
std::vector<Touched> touched_by(const PreparedRecord& record);

/// A transaction's outcome. It names keys and not buckets, because buckets are cut anew all the time. Aborted and
/// without keys: nothing was prepared here, nor will be.
struct DecisionRecord {
  static constexpr RecordKind kKind = RecordKind::kDecision;
  static constexpr uint8_t kFormat = 1;
  OpId id;
  Outcome outcome = Outcome::kAborted;
  uint64_t epoch = 0;  // that it was prepared at; 0: it was not
  std::vector<Touched> keys;
  static void visit(auto&& visitor, auto& self) { visitor(self.id, self.outcome, self.epoch, self.keys); }
};

/// Nobody will ask for the outcome any more.
struct ForgottenRecord {
  static constexpr RecordKind kKind = RecordKind::kForgotten;
  static constexpr uint8_t kFormat = 1;
  OpId id;
  static void visit(auto&& visitor, auto& self) { visitor(self.id); }
};

enum class TransactionState : uint8_t {
  kPrepared = 1,
  kCommitted = 2,
  kAborted = 3,
  kRefused = 4,  // asked about before anything was prepared: nothing ever will be
};
std::string_view to_words(TransactionState state);

/// What a participant remembers of a transaction: in memory, and in the checkpoint's table.
struct TransactionEntry {
  OpId id;
  TransactionState state = TransactionState::kPrepared;
  uint64_t epoch = 0;
  uint32_t map_version = 0;
  uint32_t leader = 0;
  std::vector<uint32_t> participants;
  std::vector<Touched> keys;  // until it is decided
  static void visit(auto&& visitor, auto& self) {
    visitor(self.id, self.state, self.epoch, self.map_version, self.leader, self.participants, self.keys);
  }
};

}  // namespace daos::vos

template <>
struct fmt::formatter<daos::vos::OpId> : fmt::formatter<std::string_view> {
  auto format(const daos::vos::OpId& id, fmt::format_context& context) const {
    return fmt::format_to(context.out(), "transaction {}.{}.{}.{}", id.endpoint.client, id.endpoint.context,
                          id.slot.slot, id.slot.sequence);
  }
};
