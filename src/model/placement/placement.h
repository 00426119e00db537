// Where the shards of an object live: a pure function of the pool map and the object id, the same on clients and
// engines. Thread-safety: immutable after construction.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/classes/object_class.h"
#include "model/classes/object_id.h"
#include "model/map/pool_map.h"
#include "platform/base/status.h"

namespace daos::placement {

/// All shards of an object. A shard is at kNoTarget when the pool has no usable target at all.
struct Layout {
  map::MapVersion version;
  uint32_t group_size = 1;
  std::vector<map::TargetId> targets;  // group after group

  uint32_t group_count() const { return static_cast<uint32_t>(targets.size() / group_size); }
  std::span<const map::TargetId> group(classes::GroupIndex group) const {
    return std::span(targets).subspan(size_t{group.value()} * group_size, group_size);
  }
  bool operator==(const Layout&) const = default;
};

struct PlacementOptions {
  /// No two shards of a group share a domain of this level while domains suffice.
  map::Level level = map::Level::kNode;
  /// Targets in other states are replaced. Rebuild asks with other sets, to learn where data is to go.
  map::StateSet usable = map::kServing;
};

/// Tables made once per map version, O(targets); shared by everybody who asks.
class Placement {
 public:
  explicit Placement(const map::PoolMap& map, PlacementOptions options = {});

  map::MapVersion version() const { return version_; }

  /// kInvalid for an id that no generate_oid made.
  Result<Layout> layout(const classes::ObjectId& id) const;

  /// The target of one shard, without the rest: constant time for objects without redundancy, whatever their number of
  /// groups. kNoTarget also for a shard that the object does not have.
  map::TargetId target_of(const classes::ObjectId& id, classes::GroupIndex group, classes::ShardIndex shard = {}) const;

  /// All shards of one group into `out`, whose size is the group size.
  void place_group(const classes::ObjectId& id, classes::GroupIndex group, std::span<map::TargetId> out) const;

 private:
  struct Slot {
    uint32_t domain = 0;
    uint32_t engine = 0;
    uint32_t accept = 0;      // share of weight tickets it takes, of 2^32 - 1; 0 = weight 0
    map::MapVersion left_in;  // if not usable: the version in which it was lost
    bool usable = false;
  };
  class Chooser;

  uint32_t place_single(uint64_t object_hash, uint32_t index) const;
  void place_singles(uint64_t object_hash, std::span<map::TargetId> out) const;
  uint32_t candidate(uint64_t key, uint32_t index) const;
  bool lost_by(uint32_t target, map::MapVersion version) const;
  bool accepts(uint64_t key, uint32_t index, uint32_t target) const;

  map::MapVersion version_;
  uint32_t count_ = 0;     // targets that layouts are made of: all but those at the end that never served
  bool weighted_ = false;  // some weights differ
  bool degraded_ = false;  // some target is not usable
  std::vector<Slot> slots_;
};

}  // namespace daos::placement
