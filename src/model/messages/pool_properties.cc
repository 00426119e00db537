#include "model/messages/pool_properties.h"

#include "model/messages/property_numbers.h"

namespace daos::messages {
namespace {

// The numbers and, where it has some, the defaults are the API's; client/capi asserts that.
constexpr PropertyDefault kDefaults[] = {
    {3, 5},                      // space_rb: percent
    {4, 3},                      // self_heal: exclude and rebuild
    {5, 1},                      // reclaim: lazy
    {9, 128u << 10},             // ec_cell_sz
    {10, 4096},                  // data_thresh
    {kPoolRedundancyFactor, 0},  // until there is redundancy
    {kPoolEcAffinity, 1},
    {kPoolCopyAffinity, 0xffffffff},
    {kPoolGlobalVersion, kPoolLayoutVersion},
    {kPoolUpgradeStatus, 0},  // not started
    {16, 0},                  // scrub: off
    {17, 604800},             // scrub_freq: seconds
    {18, 0},                  // scrub_thresh
    {19, 2},                  // svc_rf
    {kPoolObjectVersion, kObjectLayoutVersion},
    {kPoolPerformanceDomain, 255},  // root
    {22, 1},                        // checkpoint: timed
    {23, 5},                        // checkpoint_freq: seconds
    {24, 50},                       // checkpoint_thresh: percent
    {25, 0},                        // reintegration: data_sync
    {26, 1},                        // svc_ops_enabled
    {27, 300},                      // svc_ops_entry_age: seconds
};

void add_default(Properties& properties, Property property) {
  if (find_property(properties, property.type) == nullptr) properties.push_back(std::move(property));
}

}  // namespace

std::span<const PropertyDefault> pool_defaults() { return kDefaults; }

uint64_t pool_number(const Properties& given, uint32_t type) {
  if (const Property* property = find_property(given, type)) return property->number;
  for (const PropertyDefault& known : kDefaults) {
    if (known.type == type) return known.value;
  }
  return 0;
}

Properties all_pool_properties(const PoolInfo& info) {
  Properties all = info.properties;
  set_property(all, {.type = kPoolLabel, .text = info.label});
  for (const PropertyDefault& known : kDefaults) add_default(all, {.type = known.type, .number = known.value});
  add_default(all, {.type = kPoolOwner, .text = kNobody});
  add_default(all, {.type = kPoolOwnerGroup, .text = kNobody});
  const uint32_t leader = info.leader.value();
  set_property(all,
               {.type = kPoolServiceList, .text = std::string(reinterpret_cast<const char*>(&leader), sizeof leader)});
  return all;
}

}  // namespace daos::messages
