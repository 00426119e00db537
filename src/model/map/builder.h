// Building pool maps: from nothing, or from an earlier map with something changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/map/pool_map.h"

namespace daos::map {

/// An engine as it joins a pool.
struct EngineSpec {
  Rank rank;
  std::string host;
  uint16_t system_port = 0;
  std::vector<uint16_t> target_ports;  // one per target
  uint32_t target_weight = 1;
  /// Engines of one node fail together. Unset: a node of its own, as each engine of a local system has.
  std::optional<uint32_t> node_id;
  /// Nodes of one group fail together; for a node that is already there it must be its group.
  uint32_t group_id = 0;
};

/// Collects changes, then makes the next map. Ids given out before never change. Nodes and groups stay UP_IN: what
/// leaves and joins is engines and targets.
class Builder {
 public:
  /// An empty pool; build() makes version 1.
  Builder() = default;
  /// The successor of `map`; build() makes the next version.
  explicit Builder(const PoolMap& map);

  /// Its targets get the next target ids. `state`: kUpIn for a new pool, kNew for an extension.
  Builder& add_engine(const EngineSpec& spec, State state = State::kUpIn);
  /// Out and in versions follow the state: they become the new map's version where serving ends or begins.
  Builder& set_target_state(TargetId target, State state);
  /// Of the engine and all its targets.
  Builder& set_engine_state(Rank rank, State state);
  Builder& set_target_weight(TargetId target, uint32_t weight);
  /// Where an engine listens; an empty host keeps the old one.
  Builder& set_address(Rank rank, std::string_view host, uint16_t system_port,
                       const std::vector<uint16_t>& target_ports);

  /// The map, or the first thing that was wrong (kInvalid; kNonexistent for an unknown rank or target).
  Result<PoolMapRef> build();

 private:
  MapVersion next_version() const { return MapVersion(parts_.version.value() + 1); }
  void fail(Status status);
  void set_state(Component& component, State state);
  uint32_t node_for(const EngineSpec& spec);
  Engine* find_engine(Rank rank);

  PoolMapParts parts_;                                     // its version is that of the map before
  std::unordered_map<uint32_t, uint32_t> engine_by_rank_;  // both looked up only, never iterated
  std::unordered_map<uint32_t, uint32_t> node_by_id_;
  uint32_t next_node_id_ = 0;
  Status failure_;
};

/// N engines of M targets each, every engine a node of its own, all serving; ports from `first_port` on if it is not 0
/// (an engine's system listener first, then its targets).
PoolMapRef make_uniform_map(uint32_t engines, uint32_t targets_per_engine, std::string_view host = "127.0.0.1",
                            uint16_t first_port = 0);

}  // namespace daos::map
