#include "server/services/system/system_state.h"

#include <algorithm>

namespace daos::services {
namespace {

constexpr uint16_t kSnapshotFormat = 1;

}  // namespace

Result<ByteVector> SystemState::apply(ByteSpan command) {
  CommandHeader header;
  Decoder decoder(command);
  decoder(header);
  const ByteSpan body = decoder.rest();
  switch (static_cast<SystemCommand>(header.kind)) {
    case SystemCommand::kJoin:
      return run<Join>(header, body);
    case SystemCommand::kPoolBegin:
      return run<PoolBegin>(header, body);
    case SystemCommand::kPoolReady:
      return run<PoolReady>(header, body);
    case SystemCommand::kPoolDestroying:
      return run<PoolDestroying>(header, body);
    case SystemCommand::kPoolGone:
      return run<PoolGone>(header, body);
    case SystemCommand::kPoolRename:
      return run<PoolRename>(header, body);
  }
  return error(Code::kFormatVersion, "system command {} is not known to this build", header.kind);
}

ByteVector SystemState::snapshot() const {
  ByteVector bytes;
  Encoder encoder(bytes);
  encoder(kSnapshotFormat, *this);
  return bytes;
}

Status SystemState::restore(ByteSpan snapshot) {
  uint16_t format = 0;
  Decoder decoder(snapshot);
  decoder(format);
  if (format != kSnapshotFormat) {
    return error(Code::kFormatVersion, "a system snapshot of format {}, this build reads {}", format, kSnapshotFormat);
  }
  decoder(*this);
  if (!decoder.ok() || !decoder.rest().empty()) return error(Code::kFormatInvalid, "a malformed system snapshot");
  return {};
}

Result<PoolRecord> SystemState::find(const std::string& name) const {
  for (const auto& [id, record] : pools_) {
    if (record.stage != PoolStage::kCreating && record.summary.label == name) return record;
  }
  if (const std::optional<Uuid> id = Uuid::parse(name)) {
    const auto found = pools_.find(*id);
    if (found != pools_.end() && found->second.stage != PoolStage::kCreating) return found->second;
  }
  return error(Code::kNonexistent, "the system has no pool {}", name);
}

uint64_t SystemState::tier_free(map::Rank rank, size_t tier) const {
  const auto member = members_.find(rank.value());
  if (member == members_.end()) return 0;
  uint64_t used = 0;
  for (const auto& [id, record] : pools_) {
    const auto& ranks = record.summary.ranks;
    if (std::find(ranks.begin(), ranks.end(), rank) != ranks.end()) used += record.summary.tier_bytes_per_engine[tier];
  }
  const uint64_t total = tier == 0 ? member->second.memory_bytes : member->second.disk_bytes;
  return used >= total ? 0 : total - used;
}
uint64_t SystemState::memory_free(map::Rank rank) const { return tier_free(rank, 0); }
uint64_t SystemState::disk_free(map::Rank rank) const { return tier_free(rank, 1); }

Result<Join::Joined> SystemState::on(Join command) {
  const uint32_t rank = command.member.rank.value();
  const auto known = members_.find(rank);
  if (known != members_.end() && known->second.engine != command.member.engine) {
    return error(Code::kExists, "rank {} belongs to engine {}, not to {}", rank, known->second.engine,
                 command.member.engine);
  }
  Join::Joined joined{.moved = known != members_.end() && known->second.address != command.member.address};
  command.member.state = messages::MemberState::kJoined;
  members_[rank] = std::move(command.member);
  return joined;
}

Result<PoolRecord> SystemState::on(PoolBegin command) {
  messages::PoolSummary& pool = command.pool;
  if (const auto known = pools_.find(pool.pool); known != pools_.end()) return known->second;  // a repetition
  for (const auto& [id, record] : pools_) {
    if (record.summary.label == pool.label) return error(Code::kExists, "the system has a pool {} already", pool.label);
  }
  if (pool.ranks.empty()) {
    for (const auto& [rank, member] : members_) pool.ranks.push_back(map::Rank(rank));
  }
  if (pool.ranks.empty()) return error(Code::kUnreachable, "no engine has joined the system yet");
  for (const map::Rank rank : pool.ranks) {
    if (!members_.contains(rank.value())) return error(Code::kNonexistent, "the system has no rank {}", rank);
    const uint64_t free = memory_free(rank);
    if (pool.tier_bytes_per_engine[0] > free) {
      return error(Code::kNoSpace, "pool {}: rank {} has {} MiB of memory left for pools, {} MiB are asked for",
                   pool.label, rank, free >> 20, pool.tier_bytes_per_engine[0] >> 20);
    }
    if (pool.tier_bytes_per_engine[1] > disk_free(rank)) {
      return error(Code::kNoSpace, "pool {}: rank {} has {} MiB of disk left for tier 1, {} MiB are asked for",
                   pool.label, rank, disk_free(rank) >> 20, pool.tier_bytes_per_engine[1] >> 20);
    }
  }
  PoolRecord record{.summary = pool, .stage = PoolStage::kCreating};
  pools_[pool.pool] = record;
  return record;
}

Result<Done> SystemState::on(PoolReady command) {
  const auto found = pools_.find(command.pool);
  if (found == pools_.end()) return error(Code::kNonexistent, "pool {} is gone", command.pool);
  found->second.stage = PoolStage::kReady;
  return Done{};
}

Result<Done> SystemState::on(PoolDestroying command) {
  const auto found = pools_.find(command.pool);
  if (found == pools_.end()) return error(Code::kNonexistent, "pool {} is gone", command.pool);
  found->second.stage = PoolStage::kDestroying;
  return Done{};
}

Result<Done> SystemState::on(PoolGone command) {
  pools_.erase(command.pool);
  return Done{};
}

Result<Done> SystemState::on(PoolRename command) {
  const auto found = pools_.find(command.pool);
  if (found == pools_.end()) return error(Code::kNonexistent, "pool {} is gone", command.pool);
  for (const auto& [id, record] : pools_) {
    if (id != command.pool && record.summary.label == command.label) {
      return error(Code::kExists, "the system has a pool {} already", command.label);
    }
  }
  found->second.summary.label = std::move(command.label);
  return Done{};
}

}  // namespace daos::services
