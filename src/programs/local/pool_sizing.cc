#include "programs/local/pool_sizing.h"

#include <algorithm>

#include "platform/base/units.h"
#include "programs/output/sizes.h"

namespace daos::local {
namespace {

constexpr uint64_t kTargetBytesMin = 16 * kMiB;  // below this a target has no room for its own records
constexpr uint64_t kTargetAlignment = 64 * kKiB;
constexpr uint64_t kTier0ShareWithDevices = 600;  // of 10,000

using Members = std::vector<const messages::Member*>;

Result<Members> choose_members(const PoolSizing& asked, const std::vector<messages::Member>& members) {
  Members chosen;
  if (asked.ranks.empty()) {
    for (const messages::Member& member : members) {
      if (member.state == messages::MemberState::kJoined) chosen.push_back(&member);
    }
    if (chosen.empty()) return Status(Code::kUnreachable, "no engine of the system has joined");
    if (asked.rank_count > chosen.size()) {
      return error(Code::kInvalid, "--nranks {}: the system has {} joined engines", asked.rank_count, chosen.size());
    }
    if (asked.rank_count > 0) chosen.resize(asked.rank_count);
    return chosen;
  }
  for (const uint32_t rank : asked.ranks) {
    const auto found = std::ranges::find(members, map::Rank(rank), &messages::Member::rank);
    if (found == members.end()) return error(Code::kInvalid, "--ranks: there is no rank {} in the system", rank);
    if (found->state != messages::MemberState::kJoined)
      return error(Code::kUnreachable, "rank {} has not joined", rank);
    chosen.push_back(&*found);
  }
  return chosen;
}

}  // namespace

namespace {

uint64_t left_of(uint64_t bytes, size_t tier, const messages::Member& member,
                 const std::vector<messages::PoolSummary>& pools) {
  uint64_t used = 0;
  for (const messages::PoolSummary& pool : pools) {
    if (std::ranges::find(pool.ranks, member.rank) != pool.ranks.end()) used += pool.tier_bytes_per_engine[tier];
  }
  return bytes > used ? bytes - used : 0;
}

}  // namespace

uint64_t free_memory(const messages::Member& member, const std::vector<messages::PoolSummary>& pools) {
  return left_of(member.memory_bytes, 0, member, pools);
}
uint64_t free_disk(const messages::Member& member, const std::vector<messages::PoolSummary>& pools) {
  return left_of(member.disk_bytes, 1, member, pools);
}

Result<PoolPlan> plan_pool(const PoolSizing& asked, const std::vector<messages::Member>& members,
                           const std::vector<messages::PoolSummary>& pools) {
  const int sizes = (asked.total_bytes > 0) + (asked.percent_hundredths > 0) + !asked.tier_bytes.empty();
  if (sizes != 1) return Status(Code::kInvalid, "a pool needs one of --size and --scm-size");
  const Members chosen = DX_TRY(choose_members(asked, members));
  uint64_t free = UINT64_MAX;
  uint64_t disk = UINT64_MAX;
  uint64_t targets = 1;
  for (const messages::Member* member : chosen) {
    free = std::min(free, free_memory(*member, pools));
    disk = std::min(disk, free_disk(*member, pools));
    targets = std::max<uint64_t>(targets, member->address.target_ports.size());
  }

  // So that what the system counts is what the devices give.
  const uint64_t unit = targets * asked.piece_bytes;
  PoolPlan plan;
  if (!asked.tier_bytes.empty()) {
    if (asked.tier_bytes.size() > messages::kTiers) return Status(Code::kInvalid, "a pool has two tiers at most");
    std::ranges::copy(asked.tier_bytes, plan.tier_bytes);
  } else if (asked.percent_hundredths > 0) {
    plan.tier_bytes[0] = free / 10'000 * asked.percent_hundredths;
    if (asked.piece_bytes > 0) plan.tier_bytes[1] = unit * (disk / unit * asked.percent_hundredths / 10'000);
  } else {
    const uint64_t bytes = asked.total_bytes / chosen.size();
    const bool divided = asked.tier_ratio_hundredths.empty() && asked.piece_bytes > 0;
    const uint64_t share = divided                               ? kTier0ShareWithDevices
                           : asked.tier_ratio_hundredths.empty() ? 10'000
                                                                 : asked.tier_ratio_hundredths.front();
    if (share > 10'000) return error(Code::kInvalid, "{} % of the pool cannot be tier 0", share / 100.0);
    plan.tier_bytes[0] = bytes / 10'000 * share + bytes % 10'000 * share / 10'000;
    // A small pool is all index and small values: as much memory as its targets need, if the rest has less.
    if (divided) plan.tier_bytes[0] = std::min(bytes, std::max(plan.tier_bytes[0], targets * kTargetBytesMin));
    if (share < 10'000) plan.tier_bytes[1] = bytes - plan.tier_bytes[0];
  }
  if (asked.piece_bytes > 0) {
    plan.tier_bytes[1] = (plan.tier_bytes[1] + unit - 1) / unit * unit;
  }
  for (uint64_t& bytes : plan.tier_bytes) bytes = align_down(bytes, targets * kTargetAlignment);
  if (plan.tier_bytes[0] < targets * kTargetBytesMin) {
    const uint64_t least = targets * kTargetBytesMin;
    return error(Code::kInvalid,
                 "{} of tier 0 for each engine is too small: its {} targets need {} each, so at least {} in all",
                 output::binary_size(plan.tier_bytes[0]), targets, output::binary_size(kTargetBytesMin),
                 output::binary_size(least * chosen.size()));
  }
  if (plan.tier_bytes[0] > free) {
    return error(Code::kNoSpace,
                 "the pool needs {} of memory on each of {} engines, but the fullest of them has {} left: "
                 "at most --size {} fits",
                 output::binary_size(plan.tier_bytes[0]), chosen.size(), output::binary_size(free),
                 output::decimal_size(align_down(free, targets * kTargetAlignment) * chosen.size() / 100 * 99));
  }
  if (plan.tier_bytes[1] > disk) {
    return error(Code::kNoSpace,
                 "the pool needs {} of disk for tier 1 on each of {} engines, but the fullest of them has {} left of "
                 "what it may use",
                 output::binary_size(plan.tier_bytes[1]), chosen.size(), output::binary_size(disk));
  }
  for (const messages::Member* member : chosen) plan.ranks.push_back(member->rank);
  return plan;
}

}  // namespace daos::local
