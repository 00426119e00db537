// Pools as dmg and daos print them. Plain data in, text and JSON out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "programs/output/outcome.h"

namespace daos::output {

struct TierView {
  uint64_t total = 0;
  uint64_t free = 0;
  uint64_t min = 0;  // free on one target
  uint64_t max = 0;
  uint64_t mean = 0;
};
struct PoolView {
  std::string uuid;
  std::string label;
  std::string state = "Ready";
  uint32_t total_targets = 0;
  uint32_t disabled_targets = 0;
  uint32_t total_engines = 0;
  uint32_t version = 0;
  uint32_t service_leader = 0;
  std::vector<uint32_t> service_ranks;
  std::vector<uint32_t> ranks;
  std::vector<TierView> tiers;  // those that the pool has: 0 (SCM), 1 (NVMe)
};

struct QueryShown {
  bool enabled_ranks = false;
  bool space = true;
};
std::string query_text(const PoolView& pool, QueryShown shown);
Json pool_json(const PoolView& pool, QueryShown shown);
/// How full each tier is, as `daos pool query --json` adds it.
Json usage_json(const PoolView& pool);

struct ListShown {
  bool verbose = false;
  bool queried = true;  // else only names and states are known
};
std::string list_text(const std::vector<PoolView>& pools, ListShown shown);

}  // namespace daos::output
