// The system as a state machine: its engines, and its pools by label.
#pragma once

#include <map>

#include "model/messages/system.h"
#include "platform/consensus/replica.h"
#include "server/services/command.h"

namespace daos::services {

enum class PoolStage : uint8_t { kCreating = 1, kReady = 2, kDestroying = 3 };

struct PoolRecord {
  messages::PoolSummary summary;
  PoolStage stage = PoolStage::kCreating;
  static void visit(auto&& visitor, auto& self) { visitor(self.summary, self.stage); }
};

enum class SystemCommand : uint16_t {
  kJoin = 1,
  kPoolBegin = 2,
  kPoolReady = 3,
  kPoolDestroying = 4,
  kPoolGone = 5,
  kPoolRename = 6
};

struct Join {
  static constexpr auto kKind = SystemCommand::kJoin;
  static constexpr uint8_t kFormat = 1;
  struct Joined {
    bool moved = false;  // the engine was known under another address
    static void visit(auto&& visitor, auto& self) { visitor(self.moved); }
  };
  using Answer = Joined;
  messages::Member member;
  static void visit(auto&& visitor, auto& self) { visitor(self.member); }
};
/// Reserves label, id and space. kExists, kNoSpace, kNonexistent (a rank).
struct PoolBegin {
  static constexpr auto kKind = SystemCommand::kPoolBegin;
  static constexpr uint8_t kFormat = 1;
  using Answer = PoolRecord;
  messages::PoolSummary pool;
  static void visit(auto&& visitor, auto& self) { visitor(self.pool); }
};
struct PoolReady {
  static constexpr auto kKind = SystemCommand::kPoolReady;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  messages::PoolId pool;
  static void visit(auto&& visitor, auto& self) { visitor(self.pool); }
};
struct PoolDestroying {
  static constexpr auto kKind = SystemCommand::kPoolDestroying;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  messages::PoolId pool;
  static void visit(auto&& visitor, auto& self) { visitor(self.pool); }
};
struct PoolGone {
  static constexpr auto kKind = SystemCommand::kPoolGone;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  messages::PoolId pool;
  static void visit(auto&& visitor, auto& self) { visitor(self.pool); }
};

/// kExists: another pool has the label.
struct PoolRename {
  static constexpr auto kKind = SystemCommand::kPoolRename;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  messages::PoolId pool;
  std::string label;
  static void visit(auto&& visitor, auto& self) { visitor(self.pool, self.label); }
};

class SystemState : public consensus::StateMachine {
 public:
  Result<ByteVector> apply(ByteSpan command) override;
  ByteVector snapshot() const override;
  Status restore(ByteSpan snapshot) override;

  const std::map<uint32_t, messages::Member>& members() const { return members_; }
  const std::map<messages::PoolId, PoolRecord>& pools() const { return pools_; }
  /// By label or uuid; pools that are ready or being destroyed.
  Result<PoolRecord> find(const std::string& name) const;
  /// What tier 0 of an engine has left for new pools.
  uint64_t memory_free(map::Rank rank) const;
  uint64_t disk_free(map::Rank rank) const;  // for tier 1

  static void visit(auto&& visitor, auto& self) { visitor(self.members_, self.pools_); }

 private:
  uint64_t tier_free(map::Rank rank, size_t tier) const;
  Result<Join::Joined> on(Join command);
  Result<PoolRecord> on(PoolBegin command);
  Result<Done> on(PoolReady command);
  Result<Done> on(PoolDestroying command);
  Result<Done> on(PoolGone command);
  Result<Done> on(PoolRename command);
  template <class Command>
  Result<ByteVector> run(CommandHeader header, ByteSpan body) {
    return encode_answer(on(DX_TRY(decode_command<Command>(header, body))));
  }

  std::map<uint32_t, messages::Member> members_;
  std::map<messages::PoolId, PoolRecord> pools_;
};

}  // namespace daos::services
