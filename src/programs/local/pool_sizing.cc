#include "programs/local/pool_sizing.h"

#include <algorithm>

#include "platform/base/units.h"
#include "programs/output/sizes.h"

namespace daos::local {
namespace {

constexpr uint64_t kTargetBytesMin = 16 * kMiB;  // below this a target has no room for its own records
constexpr uint64_t kTargetAlignment = 64 * kKiB;

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

uint64_t free_memory(const messages::Member& member, const std::vector<messages::PoolSummary>& pools) {
  uint64_t used = 0;
  for (const messages::PoolSummary& pool : pools) {
    if (std::ranges::find(pool.ranks, member.rank) != pool.ranks.end()) used += pool.tier_bytes_per_engine[0];
  }
  return member.memory_bytes > used ? member.memory_bytes - used : 0;
}

Result<PoolPlan> plan_pool(const PoolSizing& asked, const std::vector<messages::Member>& members,
                           const std::vector<messages::PoolSummary>& pools) {
  const int sizes = (asked.total_bytes > 0) + (asked.percent_hundredths > 0) + !asked.tier_bytes.empty();
  if (sizes != 1) return Status(Code::kInvalid, "a pool needs one of --size and --scm-size");
  const Members chosen = DX_TRY(choose_members(asked, members));
  uint64_t free = UINT64_MAX;
  uint64_t targets = 1;
  for (const messages::Member* member : chosen) {
    free = std::min(free, free_memory(*member, pools));
    targets = std::max<uint64_t>(targets, member->address.target_ports.size());
  }

  uint64_t bytes = 0;
  if (!asked.tier_bytes.empty()) {
    bytes = asked.tier_bytes.front();
    const bool more =
        std::ranges::any_of(asked.tier_bytes.begin() + 1, asked.tier_bytes.end(), [](uint64_t b) { return b > 0; });
    if (more) {
      return Status(Code::kNotSupported, "storage tier 1 (NVMe) is not there yet: give --scm-size alone, or --size");
    }
  } else if (asked.percent_hundredths > 0) {
    bytes = free / 10'000 * asked.percent_hundredths;
  } else {
    bytes = asked.total_bytes / chosen.size();
  }
  bytes = align_down(bytes, targets * kTargetAlignment);
  if (bytes < targets * kTargetBytesMin) {
    const uint64_t least = targets * kTargetBytesMin;
    return error(Code::kInvalid, "{} for each engine is too small: its {} targets need {} each, so at least {} in all",
                 output::binary_size(bytes), targets, output::binary_size(kTargetBytesMin),
                 output::binary_size(least * chosen.size()));
  }
  if (bytes > free) {
    return error(Code::kNoSpace,
                 "the pool needs {} of memory on each of {} engines, but the fullest of them has {} left: "
                 "at most --size {} fits",
                 output::binary_size(bytes), chosen.size(), output::binary_size(free),
                 output::decimal_size(align_down(free, targets * kTargetAlignment) * chosen.size() / 100 * 99));
  }
  PoolPlan plan{.tier_bytes = {bytes, 0}};
  for (const messages::Member* member : chosen) plan.ranks.push_back(member->rank);
  return plan;
}

}  // namespace daos::local
