#include "server/services/container/container_health.h"

#include <algorithm>
#include <set>

#include "server/services/container/container_properties.h"

namespace daos::services {
namespace {

constexpr uint64_t kLevelRank = 1;  // the API's DAOS_PROP_CO_REDUN_RANK; everything above it is a node to us
constexpr uint64_t kLevelNode = 2;
constexpr map::StateSet kOut{map::State::kDown, map::State::kDownOut};

/// The version in which a target went out, itself or something above it; 0 for one that is in.
map::MapVersion went_out(const map::PoolMap& map, const map::Target& target) {
  const map::Engine& engine = map.engine_of(target);
  const map::Node& node = map.nodes()[engine.node];
  map::MapVersion version(0);
  for (const map::Component* part :
       {static_cast<const map::Component*>(&target), static_cast<const map::Component*>(&engine),
        static_cast<const map::Component*>(&node)}) {
    if (kOut.contains(part->state)) version = std::max(version, part->out_version);
  }
  return version;
}

}  // namespace

uint32_t failures_since(const map::PoolMap& map, const messages::Properties& properties, map::MapVersion cleared) {
  const uint64_t level = number_of(properties, messages::kContainerRedundancyLevel, kLevelNode);
  std::set<uint32_t> domains;
  for (const map::Target& target : map.targets()) {
    if (went_out(map, target) <= cleared) continue;
    domains.insert(map.domain_of(target, level == kLevelRank ? map::Level::kEngine : map::Level::kNode));
  }
  return static_cast<uint32_t>(domains.size());
}

bool lost_data(const messages::Properties& properties) {
  return messages::find_property(properties, messages::kContainerStatus) != nullptr;
}

bool is_unclean(const map::PoolMap& map, const messages::Properties& properties, map::MapVersion cleared) {
  return lost_data(properties) ||
         failures_since(map, properties, cleared) > number_of(properties, messages::kContainerRedundancyFactor, 0);
}

}  // namespace daos::services
