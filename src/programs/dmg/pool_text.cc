#include "programs/dmg/pool_text.h"

#include <algorithm>
#include <vector>

#include "programs/output/sizes.h"
#include "programs/output/table.h"

namespace daos::dmg {
namespace {

using output::decimal_size;

constexpr const char* kTierNames[] = {"SCM", "NVME"};
constexpr const char* kTierTitles[] = {"SCM", "NVMe"};
constexpr const char* kMediaTypes[] = {"scm", "nvme"};

template <class Numbers>
std::vector<uint32_t> as_vector(const Numbers& numbers) {
  return {numbers.begin(), numbers.end()};
}

/// Percent of the total: how unevenly the targets are filled.
uint64_t imbalance(const control::PoolQueryReply& pool, const control::Tier& tier) {
  const uint32_t active = pool.total_targets() - pool.disabled_targets();
  if (tier.total() == 0 || active == 0) return 0;
  return (tier.max() - tier.min()) * 100 / std::max<uint64_t>(1, tier.total() / active);
}
uint64_t used_percent(const control::Tier& tier) {
  return tier.total() == 0 ? 0 : (tier.total() - tier.free()) * 100 / tier.total();
}

/// The short list shows the last tier that has anything.
const control::Tier* last_tier(const control::PoolQueryReply& pool) {
  const control::Tier* last = nullptr;
  for (const control::Tier& tier : pool.tiers()) {
    if (tier.total() > 0) last = &tier;
  }
  return last;
}

/// Tiers that a new pool has bytes in, and their shares.
std::string ratio_text(const control::PoolCreateReply& pool) {
  uint64_t total = 0;
  for (const uint64_t bytes : pool.tier_bytes()) total += bytes;
  std::string text;
  for (const uint64_t bytes : pool.tier_bytes()) {
    if (bytes == 0) continue;
    if (!text.empty()) text += ",";
    text += fmt::format("{:.2f}%", 100.0 * static_cast<double>(bytes) / static_cast<double>(total));
  }
  return text;
}

}  // namespace

std::string creating_text(const control::PoolCreateRequest& request) {
  if (request.percent_hundredths() > 0) {
    const uint32_t percent = request.percent_hundredths();
    const std::string number =
        percent % 100 == 0 ? std::to_string(percent / 100) : fmt::format("{:.2f}", percent / 100.0);
    return fmt::format("Creating DAOS pool with {}% of all storage\n", number);
  }
  if (request.tier_bytes_size() > 0) {
    return fmt::format(
        "Creating DAOS pool with manual per-engine storage allocation: {} SCM, 0 B NVMe (100.00% storage tier ratio)\n"
        "Creating DAOS pool with only a single tier of storage\n",
        decimal_size(request.tier_bytes(0)));
  }
  std::string text =
      fmt::format("Creating DAOS pool with automatic storage allocation: {} total, 100.00% storage tier ratio",
                  decimal_size(request.total_bytes()));
  if (request.rank_count() > 0) text += fmt::format(" with {} ranks", request.rank_count());
  return text + "\nCreating DAOS pool with only a single tier of storage\n";
}

std::string created_text(const control::PoolCreateReply& pool) {
  const auto ranks = static_cast<uint64_t>(pool.ranks_size());
  uint64_t total = 0;
  for (const uint64_t bytes : pool.tier_bytes()) total += bytes * ranks;
  output::Fields fields = {{"UUID", pool.uuid()},
                           {"Service Leader", std::to_string(pool.service_leader())},
                           {"Service Ranks", output::rank_set(as_vector(pool.service_ranks()), true)},
                           {"Storage Ranks", output::rank_set(as_vector(pool.ranks()), true)},
                           {"Total Size", decimal_size(total)}};
  for (int tier = 0; tier < pool.tier_bytes_size() && tier < 2; tier++) {
    const uint64_t bytes = pool.tier_bytes(tier);
    if (tier > 0 && bytes == 0) continue;
    fields.emplace_back(fmt::format("Storage tier {} ({})", tier, kTierTitles[tier]),
                        fmt::format("{} ({} / rank)", decimal_size(bytes * ranks), decimal_size(bytes)));
  }
  return output::entity(fmt::format("Pool created with {} storage tier ratio", ratio_text(pool)), fields);
}

output::Json created_json(const control::PoolCreateReply& pool) {
  return {{"uuid", pool.uuid()},
          {"svc_ldr", pool.service_leader()},
          {"svc_reps", as_vector(pool.service_ranks())},
          {"tgt_ranks", as_vector(pool.ranks())},
          {"tier_bytes", std::vector<uint64_t>(pool.tier_bytes().begin(), pool.tier_bytes().end())},
          {"mem_file_bytes", 0},
          {"md_on_ssd_active", false}};
}

std::string query_text(const control::PoolQueryReply& pool, bool show_enabled, bool health_only) {
  std::string text =
      fmt::format("Pool {}, ntarget={}, disabled={}, leader={}, version={}, state={}\nPool health info:\n", pool.uuid(),
                  pool.total_targets(), pool.disabled_targets(), pool.service_leader(), pool.version(), pool.state());
  if (show_enabled) {
    std::string ranks = output::rank_set(as_vector(pool.ranks()));
    ranks = ranks.substr(1, ranks.size() - 2);
    text += fmt::format("- Enabled ranks: {}\n", ranks);
  }
  text += "- Rebuild idle, 0 objs, 0 recs\n- Data redundancy: normal\n";
  if (health_only) return text;
  text += fmt::format("Pool space info:\n- Target count:{}\n", pool.total_targets() - pool.disabled_targets());
  for (int tier = 0; tier < pool.tiers_size() && tier < 2; tier++) {
    const control::Tier& space = pool.tiers(tier);
    text += fmt::format("- Storage tier {} ({}):\n  Total size: {}\n  Free: {}, min:{}, max:{}, mean:{}\n", tier,
                        kTierNames[tier], decimal_size(space.total()), decimal_size(space.free()),
                        decimal_size(space.min()), decimal_size(space.max()), decimal_size(space.mean()));
  }
  return text;
}

output::Json pool_json(const control::PoolQueryReply& pool, bool with_space, bool with_enabled) {
  output::Json json;
  json["query_mask"] =
      fmt::format("disabled_engines{},rebuild{}", with_enabled ? ",enabled_engines" : "", with_space ? ",space" : "");
  json["state"] = pool.state();
  json["uuid"] = pool.uuid();
  json["label"] = pool.label();
  json["total_targets"] = pool.total_targets();
  json["active_targets"] = pool.total_targets() - pool.disabled_targets();
  json["total_engines"] = pool.total_engines();
  json["disabled_targets"] = pool.disabled_targets();
  json["version"] = pool.version();
  json["svc_ldr"] = pool.service_leader();
  json["svc_reps"] = as_vector(pool.service_ranks());
  json["rebuild"] = {{"status", 0},  {"state", "idle"},    {"derived_state", "idle"}, {"objects", 0},
                     {"records", 0}, {"total_objects", 0}, {"degraded", false}};
  if (with_space) {
    output::Json tiers = output::Json::array();
    for (int tier = 0; tier < pool.tiers_size() && tier < 2; tier++) {
      const control::Tier& space = pool.tiers(tier);
      tiers.push_back({{"total", space.total()},
                       {"free", space.free()},
                       {"min", space.min()},
                       {"max", space.max()},
                       {"mean", space.mean()},
                       {"media_type", kMediaTypes[tier]}});
    }
    json["tier_stats"] = std::move(tiers);
  }
  if (with_enabled) json["enabled_ranks"] = as_vector(pool.ranks());
  json["pool_layout_ver"] = 1;
  json["upgrade_layout_ver"] = 1;
  json["mem_file_bytes"] = 0;
  json["md_on_ssd_active"] = false;
  return json;
}

std::string list_text(const control::PoolListReply& pools, bool verbose, bool no_query) {
  if (pools.pools().empty()) return "No pools in system\n";
  output::Row titles;
  std::vector<output::Row> rows;
  for (const control::PoolQueryReply& pool : pools.pools()) {
    if (no_query && !verbose) {
      titles = {"Pool", "State"};
      rows.push_back({pool.label(), pool.state()});
      continue;
    }
    const std::string disabled = fmt::format("{}/{}", pool.disabled_targets(), pool.total_targets());
    if (!verbose) {
      const control::Tier* tier = last_tier(pool);
      const control::Tier none;
      if (tier == nullptr) tier = &none;
      titles = {"Pool", "Size", "State", "Used", "Imbalance", "Disabled"};
      rows.push_back({pool.label(), decimal_size(tier->total()), pool.state(), fmt::format("{}%", used_percent(*tier)),
                      fmt::format("{}%", imbalance(pool, *tier)), disabled});
      continue;
    }
    titles = {"Label", "UUID", "State", "SvcReps"};
    output::Row row = {pool.label(), pool.uuid(), pool.state(), output::rank_set(as_vector(pool.service_ranks()))};
    if (!no_query) {
      for (int tier = 0; tier < 2; tier++) {
        for (const char* what : {"Size", "Used", "Imbalance"})
          titles.push_back(fmt::format("{} {}", kTierNames[tier], what));
        const control::Tier space = tier < pool.tiers_size() ? pool.tiers(tier) : control::Tier();
        row.push_back(decimal_size(space.total()));
        row.push_back(fmt::format("{}%", used_percent(space)));
        row.push_back(fmt::format("{}%", imbalance(pool, space)));
      }
      titles.insert(titles.end(), {"Disabled", "UpgradeNeeded?", "Rebuild State"});
      row.insert(row.end(), {disabled, "", "idle"});
    }
    rows.push_back(std::move(row));
  }
  return output::table(titles, rows);
}

}  // namespace daos::dmg
