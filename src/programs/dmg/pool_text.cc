#include "programs/dmg/pool_text.h"

#include "programs/output/sizes.h"
#include "programs/output/table.h"

namespace daos::dmg {
namespace {

using output::decimal_size;

constexpr const char* kTierTitles[] = {"SCM", "NVMe"};

template <class Numbers>
std::vector<uint32_t> as_vector(const Numbers& numbers) {
  return {numbers.begin(), numbers.end()};
}

constexpr const char* kSingleTier = "Creating DAOS pool with only a single tier of storage\n";
constexpr const char* kSmallTier0 = "storage tier ratio is less than 1.00%, DAOS performance may suffer!\n";

const char* notice_of(double tier0_percent) {
  return tier0_percent >= 100 ? kSingleTier : tier0_percent < 1 ? kSmallTier0 : "";
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

output::PoolView view_of(const control::PoolQueryReply& pool) {
  output::PoolView view{.uuid = pool.uuid(),
                        .label = pool.label(),
                        .state = pool.state(),
                        .total_targets = pool.total_targets(),
                        .disabled_targets = pool.disabled_targets(),
                        .total_engines = pool.total_engines(),
                        .version = pool.version(),
                        .service_leader = pool.service_leader(),
                        .service_ranks = as_vector(pool.service_ranks()),
                        .ranks = as_vector(pool.ranks())};
  for (const control::Tier& tier : pool.tiers()) {
    view.tiers.push_back(
        {.total = tier.total(), .free = tier.free(), .min = tier.min(), .max = tier.max(), .mean = tier.mean()});
  }
  return view;
}

std::string creating_text(const control::PoolCreateRequest& request) {
  if (request.percent_hundredths() > 0) {
    const uint32_t percent = request.percent_hundredths();
    const std::string number =
        percent % 100 == 0 ? std::to_string(percent / 100) : fmt::format("{:.2f}", percent / 100.0);
    return fmt::format("Creating DAOS pool with {}% of all storage\n", number);
  }
  if (request.tier_bytes_size() > 0) {
    const uint64_t tier1 = request.tier_bytes_size() > 1 ? request.tier_bytes(1) : 0;
    const double percent = 100.0 * static_cast<double>(request.tier_bytes(0)) /
                           (static_cast<double>(request.tier_bytes(0)) + static_cast<double>(tier1));
    return fmt::format(
               "Creating DAOS pool with manual per-engine storage allocation: {} SCM, {} NVMe ({:.2f}% storage tier "
               "ratio)\n",
               decimal_size(request.tier_bytes(0)), decimal_size(tier1), percent) +
           notice_of(percent);
  }
  const double percent = request.tier_ratio_hundredths_size() > 0 ? request.tier_ratio_hundredths(0) / 100.0 : 100;
  std::string text =
      fmt::format("Creating DAOS pool with automatic storage allocation: {} total, {:.2f}% storage tier ratio",
                  decimal_size(request.total_bytes()), percent);
  if (request.rank_count() > 0) text += fmt::format(" with {} ranks", request.rank_count());
  return text + "\n" + notice_of(percent);
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

}  // namespace daos::dmg
