#include "programs/output/pool_view.h"

#include <algorithm>

#include "programs/output/sizes.h"
#include "programs/output/table.h"

namespace daos::output {
namespace {

constexpr const char* kTierNames[] = {"SCM", "NVME"};
constexpr const char* kMediaTypes[] = {"scm", "nvme"};
constexpr size_t kTiers = 2;

/// Percent of the total: how unevenly the targets are filled.
uint64_t imbalance(const PoolView& pool, const TierView& tier) {
  const uint32_t active = pool.total_targets - pool.disabled_targets;
  if (tier.total == 0 || active == 0) return 0;
  return (tier.max - tier.min) * 100 / std::max<uint64_t>(1, tier.total / active);
}
uint64_t used_percent(const TierView& tier) {
  return tier.total == 0 ? 0 : (tier.total - tier.free) * 100 / tier.total;
}
TierView tier_of(const PoolView& pool, size_t tier) { return tier < pool.tiers.size() ? pool.tiers[tier] : TierView(); }

/// The short list shows the last tier that has anything.
TierView last_tier(const PoolView& pool) {
  TierView last;
  for (const TierView& tier : pool.tiers) {
    if (tier.total > 0) last = tier;
  }
  return last;
}

}  // namespace

std::string query_text(const PoolView& pool, QueryShown shown) {
  std::string text =
      fmt::format("Pool {}, ntarget={}, disabled={}, leader={}, version={}, state={}\nPool health info:\n", pool.uuid,
                  pool.total_targets, pool.disabled_targets, pool.service_leader, pool.version, pool.state);
  if (shown.enabled_ranks) {
    const std::string ranks = rank_set(pool.ranks);
    text += fmt::format("- Enabled ranks: {}\n", ranks.substr(1, ranks.size() - 2));
  }
  text += "- Rebuild idle, 0 objs, 0 recs\n- Data redundancy: normal\n";
  if (!shown.space) return text;
  text += fmt::format("Pool space info:\n- Target count:{}\n", pool.total_targets - pool.disabled_targets);
  for (size_t tier = 0; tier < std::min(pool.tiers.size(), kTiers); tier++) {
    const TierView& space = pool.tiers[tier];
    text += fmt::format("- Storage tier {} ({}):\n  Total size: {}\n  Free: {}, min:{}, max:{}, mean:{}\n", tier,
                        kTierNames[tier], decimal_size(space.total), decimal_size(space.free), decimal_size(space.min),
                        decimal_size(space.max), decimal_size(space.mean));
  }
  return text;
}

Json pool_json(const PoolView& pool, QueryShown shown) {
  Json json;
  json["query_mask"] = fmt::format("disabled_engines{},rebuild{}", shown.enabled_ranks ? ",enabled_engines" : "",
                                   shown.space ? ",space" : "");
  json["state"] = pool.state;
  json["uuid"] = pool.uuid;
  json["label"] = pool.label;
  json["total_targets"] = pool.total_targets;
  json["active_targets"] = pool.total_targets - pool.disabled_targets;
  json["total_engines"] = pool.total_engines;
  json["disabled_targets"] = pool.disabled_targets;
  json["version"] = pool.version;
  json["svc_ldr"] = pool.service_leader;
  json["svc_reps"] = pool.service_ranks;
  json["rebuild"] = {{"status", 0},  {"state", "idle"},    {"derived_state", "idle"}, {"objects", 0},
                     {"records", 0}, {"total_objects", 0}, {"degraded", false}};
  if (shown.space) {
    Json tiers = Json::array();
    for (size_t tier = 0; tier < std::min(pool.tiers.size(), kTiers); tier++) {
      const TierView& space = pool.tiers[tier];
      tiers.push_back({{"total", space.total},
                       {"free", space.free},
                       {"min", space.min},
                       {"max", space.max},
                       {"mean", space.mean},
                       {"media_type", kMediaTypes[tier]}});
    }
    json["tier_stats"] = std::move(tiers);
  }
  if (shown.enabled_ranks) json["enabled_ranks"] = pool.ranks;
  json["pool_layout_ver"] = 1;
  json["upgrade_layout_ver"] = 1;
  json["mem_file_bytes"] = 0;
  json["md_on_ssd_active"] = false;
  return json;
}

Json usage_json(const PoolView& pool) {
  Json usage = Json::array();
  for (size_t tier = 0; tier < std::min(pool.tiers.size(), kTiers); tier++) {
    const TierView& space = pool.tiers[tier];
    usage.push_back({{"tier_name", kTierNames[tier]},
                     {"size", space.total},
                     {"free", space.free},
                     {"imbalance", imbalance(pool, space)}});
  }
  return usage;
}

std::string list_text(const std::vector<PoolView>& pools, ListShown shown) {
  if (pools.empty()) return "No pools in system\n";
  Row titles;
  std::vector<Row> rows;
  for (const PoolView& pool : pools) {
    const std::string disabled = fmt::format("{}/{}", pool.disabled_targets, pool.total_targets);
    if (!shown.verbose) {
      const TierView tier = last_tier(pool);
      titles = {"Pool", "State"};
      Row row = {pool.label, pool.state};
      if (shown.queried) {
        titles = {"Pool", "Size", "State", "Used", "Imbalance", "Disabled"};
        row = {pool.label,
               decimal_size(tier.total),
               pool.state,
               fmt::format("{}%", used_percent(tier)),
               fmt::format("{}%", imbalance(pool, tier)),
               disabled};
      }
      rows.push_back(std::move(row));
      continue;
    }
    titles = {"Label", "UUID", "State", "SvcReps"};
    Row row = {pool.label, pool.uuid, pool.state, rank_set(pool.service_ranks)};
    if (shown.queried) {
      for (size_t tier = 0; tier < kTiers; tier++) {
        for (const char* what : {"Size", "Used", "Imbalance"})
          titles.push_back(fmt::format("{} {}", kTierNames[tier], what));
        const TierView space = tier_of(pool, tier);
        row.push_back(decimal_size(space.total));
        row.push_back(fmt::format("{}%", used_percent(space)));
        row.push_back(fmt::format("{}%", imbalance(pool, space)));
      }
      titles.insert(titles.end(), {"Disabled", "UpgradeNeeded?", "Rebuild State"});
      row.insert(row.end(), {disabled, "", "idle"});
    }
    rows.push_back(std::move(row));
  }
  return table(titles, rows);
}

}  // namespace daos::output
