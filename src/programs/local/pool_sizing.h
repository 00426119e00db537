// How large a new pool becomes on each engine. Pure functions of what the system service says.
#pragma once

#include <cstdint>
#include <vector>

#include "model/messages/system.h"
#include "platform/base/status.h"

namespace daos::local {

/// What was asked for; exactly one of the three sizes is set.
struct PoolSizing {
  uint64_t total_bytes = 0;                     // over all ranks and tiers
  uint32_t percent_hundredths = 0;              // of what is free on the fullest of the ranks
  std::vector<uint64_t> tier_bytes;             // on each engine, from tier 0 on
  std::vector<uint32_t> tier_ratio_hundredths;  // of a total, in percent, from tier 0 on; none: all of it is tier 0
  std::vector<uint32_t> ranks;                  // none: all that joined
  uint32_t rank_count = 0;                      // 0: all; else that many of them
  /// Tier 1 lies on devices, which give each target pieces of so many bytes; 0: in files. Then a share of what is free
  /// is one of both tiers, and a total without ratios is divided as DAOS does it.
  uint64_t piece_bytes = 0;
};

struct PoolPlan {
  std::vector<map::Rank> ranks;
  uint64_t tier_bytes[messages::kTiers] = {};  // on each engine
};

/// kInvalid for a mistake, kNoSpace with what there is.
Result<PoolPlan> plan_pool(const PoolSizing& asked, const std::vector<messages::Member>& members,
                           const std::vector<messages::PoolSummary>& pools);

/// Tier-0 memory of an engine that no pool has.
uint64_t free_memory(const messages::Member& member, const std::vector<messages::PoolSummary>& pools);
/// Its disk that no pool's tier 1 has.
uint64_t free_disk(const messages::Member& member, const std::vector<messages::PoolSummary>& pools);

}  // namespace daos::local
