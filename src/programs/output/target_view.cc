#include "programs/output/target_view.h"

#include <algorithm>
#include <iterator>

#include "programs/output/sizes.h"

namespace daos::output {
namespace {

constexpr const char* kStates[] = {"state_unknown", "down_out", "down", "up", "up_in", "new", "drain"};
constexpr const char* kTierNames[] = {"SCM", "NVME"};
constexpr const char* kMediaTypes[] = {"scm", "nvme"};

const char* state_name(uint32_t state) { return kStates[state < std::size(kStates) ? state : 0]; }

}  // namespace

std::string targets_text(const std::vector<TargetView>& targets) {
  std::string text;
  for (const TargetView& target : targets) {
    text += fmt::format("Target: state {}\n", state_name(target.state));
    for (size_t tier = 0; tier < std::min(target.tiers.size(), std::size(kTierNames)); tier++) {
      text += fmt::format("- Storage tier {} ({}):\n  Total size: {}\n  Free: {}\n", tier, kTierNames[tier],
                          decimal_size(target.tiers[tier].total), decimal_size(target.tiers[tier].free));
    }
  }
  return text;
}

Json targets_json(const std::vector<TargetView>& targets) {
  Json all = Json::array();
  for (const TargetView& target : targets) {
    Json space = Json::array();
    for (size_t tier = 0; tier < std::min(target.tiers.size(), std::size(kMediaTypes)); tier++) {
      space.push_back(
          {{"total", target.tiers[tier].total}, {"free", target.tiers[tier].free}, {"media_type", kMediaTypes[tier]}});
    }
    all.push_back({{"target_state", state_name(target.state)},
                   {"space", std::move(space)},
                   {"mem_file_bytes", 0},
                   {"md_on_ssd_active", false}});
  }
  return all;
}

}  // namespace daos::output
