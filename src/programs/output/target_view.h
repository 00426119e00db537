// Targets of a pool as dmg and daos print them. Plain data in, text and JSON out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "programs/output/pool_view.h"

namespace daos::output {

struct TargetView {
  uint32_t state = 0;           // the API's daos_target_state_t
  std::vector<TierView> tiers;  // those that the pool has; only `total` and `free` are known
};

std::string targets_text(const std::vector<TargetView>& targets);
Json targets_json(const std::vector<TargetView>& targets);

}  // namespace daos::output
