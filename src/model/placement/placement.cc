#include "model/placement/placement.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <tuple>

#include "model/placement/jump_permutation.h"
#include "platform/base/check.h"

namespace daos::placement {
namespace {

using classes::GroupIndex;
using classes::ObjectId;
using classes::ShardIndex;
using map::kNoTarget;
using map::TargetId;

constexpr uint32_t kGroupSizeMax = 128;  // RP_128
constexpr uint32_t kNone = kNoTarget.value();

/// Draws of a shard before all targets are looked at. With the last of 19 domains free, 128 draws fail once in a
/// thousand.
constexpr uint32_t kDrawsMax = 128;

/// From so many groups on, a whole layout is made level by level instead of group by group; the result is the same.
constexpr uint32_t kGroupsTogetherMin = 8;

/// Keys of the permutations of one object. Draw 0 of the first choice uses the object's hash itself. All are part of
/// the format: changing one moves data.
enum class Draw : uint64_t { kChoice = 1, kReplacement = 2, kScan = 3, kTicket = 4 };
uint64_t draw_key(uint64_t object_hash, Draw draw, uint64_t number) {
  return mix64(object_hash ^ mix64(static_cast<uint64_t>(draw) << 56 | number));
}

/// The version from which on the target, or something above it, has been unusable without a break. What drains has not
/// left yet: who does not count it as usable asks what its leaving will do, after everything so far.
map::MapVersion lost_in(const map::PoolMap& map, const map::Target& target, map::StateSet usable) {
  std::optional<map::MapVersion> earliest;
  for (const map::Level level : {map::Level::kTarget, map::Level::kEngine, map::Level::kNode, map::Level::kGroup}) {
    const map::Component& component = map.domain(level, map.domain_of(target, level));
    if (usable.contains(component.state)) continue;
    const map::MapVersion version =
        component.state == map::State::kDrain ? map::MapVersion(map.version().value() + 1) : component.out_version;
    if (!earliest || version < *earliest) earliest = version;
  }
  return earliest.value_or(map::MapVersion());
}

}  // namespace

Placement::Placement(const map::PoolMap& map, PlacementOptions options) : version_(map.version()) {
  const std::span<const map::Target> targets = map.targets();
  // Targets that have joined but never served stand at the end: as long as they are left out, nothing is placed on
  // them, and nothing moves before they serve.
  count_ = static_cast<uint32_t>(targets.size());
  while (count_ > 0 && targets[count_ - 1].in_version == map::MapVersion() &&
         !map.is_in(targets[count_ - 1], options.usable)) {
    count_--;
  }
  uint32_t heaviest = 0;
  for (uint32_t i = 0; i < count_; i++) heaviest = std::max(heaviest, targets[i].weight);
  // The measure is a power of two, so that a new heaviest target rarely changes every other one's share.
  const uint64_t measure = std::bit_ceil(uint64_t{std::max(heaviest, 1u)});
  slots_.resize(count_);
  for (uint32_t i = 0; i < count_; i++) {
    const map::Target& target = targets[i];
    Slot& slot = slots_[i];
    slot.domain = map.domain_of(target, options.level);
    slot.engine = target.engine;
    slot.accept = static_cast<uint32_t>(uint64_t{target.weight} * UINT32_MAX / measure);
    slot.usable = map.is_in(target, options.usable);
    if (!slot.usable) slot.left_in = lost_in(map, target, options.usable);
    weighted_ |= target.weight != targets[0].weight || target.weight == 0;
    degraded_ |= !slot.usable;
  }
}

uint32_t Placement::candidate(uint64_t key, uint32_t index) const {
  if (index < count_) [[likely]]
    return jump_permute(key, count_, index);
  // More shards than targets: only ids that no generate_oid made, or a map from elsewhere. Any answer will do.
  return jump_permute(mix64(key + index / count_), count_, index % count_);
}

bool Placement::lost_by(uint32_t target, map::MapVersion version) const {
  return !slots_[target].usable && slots_[target].left_in <= version;
}

bool Placement::accepts(uint64_t key, uint32_t index, uint32_t target) const {
  if (!weighted_) [[likely]]
    return true;
  const uint64_t ticket = draw_key(key, Draw::kTicket, uint64_t{index} << 32 | target);
  return static_cast<uint32_t>(ticket >> 32) < slots_[target].accept;
}

/// Picks the shards of one group.
class Placement::Chooser {
 public:
  Chooser(const Placement& placement, uint64_t object_hash, uint32_t first_index, std::span<uint32_t> chosen)
      : placement_(placement), object_hash_(object_hash), first_index_(first_index), chosen_(chosen) {
    std::ranges::fill(chosen_, kNone);
  }

  /// As if every target were usable, so that a shard on a live target stays where it is, whatever fails elsewhere.
  void choose_all() {
    for (uint32_t shard = 0; shard < chosen_.size(); shard++) {
      chosen_[shard] = choose(shard, Draw::kChoice, [](uint32_t) { return true; });
    }
  }

  /// Replays the losses: each one replaces the shards that it hit, by what had not been lost yet. So the layout is the
  /// same as if each map had been made from the one before, and a later loss moves no earlier replacement.
  void replace_lost() {
    for (std::optional<uint32_t> shard = earliest_lost(); shard; shard = earliest_lost()) {
      const map::MapVersion version = placement_.slots_[chosen_[*shard]].left_in;
      chosen_[*shard] = kNone;
      chosen_[*shard] =
          choose(*shard, Draw::kReplacement, [&](uint32_t target) { return !placement_.lost_by(target, version); });
    }
  }

 private:
  uint32_t choose(uint32_t shard, Draw kind, auto allowed) const {
    const uint32_t index = first_index_ + shard;
    for (uint32_t number = 0; number < kDrawsMax; number++) {
      const bool first = kind == Draw::kChoice && number == 0;
      const uint64_t key = first ? object_hash_ : draw_key(object_hash_, kind, number);
      const uint32_t target = placement_.candidate(key, index);
      if (allowed(target) && placement_.accepts(key, index, target) && !shares_domain(target)) return target;
    }
    return scan(index, allowed);
  }

  std::optional<uint32_t> earliest_lost() const {
    std::optional<uint32_t> earliest;
    for (uint32_t shard = 0; shard < chosen_.size(); shard++) {
      if (chosen_[shard] == kNone || placement_.slots_[chosen_[shard]].usable) continue;
      if (earliest && placement_.slots_[chosen_[shard]].left_in >= placement_.slots_[chosen_[*earliest]].left_in)
        continue;
      earliest = shard;
    }
    return earliest;
  }

  bool shares_domain(uint32_t target) const {
    const uint32_t domain = placement_.slots_[target].domain;
    return std::ranges::any_of(
        chosen_, [&](uint32_t other) { return other != kNone && placement_.slots_[other].domain == domain; });
  }

  /// The best of all targets: where the fewest shards of the group share domain, engine, target; among equals by weight
  /// tickets and then by hash.
  uint32_t scan(uint32_t index, auto allowed) const {
    const uint64_t key = draw_key(object_hash_, Draw::kScan, index);
    uint32_t best = kNone;
    std::tuple<uint32_t, uint32_t, uint32_t, bool, uint64_t> best_rank;
    for (uint32_t target = 0; target < placement_.count_; target++) {
      const Slot& slot = placement_.slots_[target];
      if (slot.accept == 0 || !allowed(target)) continue;
      uint32_t in_domain = 0;
      uint32_t in_engine = 0;
      uint32_t in_target = 0;
      for (const uint32_t other : chosen_) {
        if (other == kNone) continue;
        in_domain += placement_.slots_[other].domain == slot.domain;
        in_engine += placement_.slots_[other].engine == slot.engine;
        in_target += other == target;
      }
      const std::tuple rank{in_domain, in_engine, in_target, !placement_.accepts(key, index, target),
                            mix64(key ^ mix64(target + 1))};
      if (best != kNone && !(rank < best_rank)) continue;
      best = target;
      best_rank = rank;
    }
    return best;
  }

  const Placement& placement_;
  const uint64_t object_hash_;
  const uint32_t first_index_;
  const std::span<uint32_t> chosen_;
};

/// A group of one shard: no domains to compare. The same choice as the Chooser's.
uint32_t Placement::place_single(uint64_t object_hash, uint32_t index) const {
  if (count_ == 0) return kNone;
  const uint32_t first = candidate(object_hash, index);
  if (slots_[first].usable && accepts(object_hash, index, first)) [[likely]]
    return first;
  uint32_t chosen = kNone;
  Chooser chooser(*this, object_hash, index, std::span(&chosen, 1));
  chooser.choose_all();
  chooser.replace_lost();
  return chosen;
}

/// All groups of an object without redundancy, at most one per target: what place_single says of each.
void Placement::place_singles(uint64_t object_hash, std::span<TargetId> out) const {
  std::vector<uint32_t> first(out.size());
  jump_permute_prefix(object_hash, count_, first);
  for (uint32_t i = 0; i < out.size(); i++) {
    const bool stays = slots_[first[i]].usable && accepts(object_hash, i, first[i]);
    out[i] = TargetId(stays ? first[i] : place_single(object_hash, i));
  }
}

void Placement::place_group(const ObjectId& id, GroupIndex group, std::span<TargetId> out) const {
  const uint64_t object_hash = classes::hash_of(id);
  const auto size = static_cast<uint32_t>(out.size());
  const uint32_t first_index = group.value() * size;
  if (size == 1) {
    out[0] = TargetId(place_single(object_hash, first_index));
    return;
  }
  DX_CHECK(size <= kGroupSizeMax, "object {}: groups of {}", id, size);
  std::ranges::fill(out, kNoTarget);
  if (count_ == 0) return;

  std::array<uint32_t, kGroupSizeMax> storage;
  const std::span chosen = std::span(storage).first(size);
  Chooser chooser(*this, object_hash, first_index, chosen);
  chooser.choose_all();
  if (degraded_) chooser.replace_lost();
  for (uint32_t shard = 0; shard < size; shard++) out[shard] = TargetId(chosen[shard]);
}

Result<Layout> Placement::layout(const ObjectId& id) const {
  const classes::Shape shape = DX_TRY(classes::shape_of(id));
  Layout layout{.version = version_, .group_size = shape.group_size()};
  layout.targets.resize(shape.shard_count());
  if (layout.group_size == 1 && shape.group_count >= kGroupsTogetherMin && shape.group_count <= count_) {
    place_singles(classes::hash_of(id), layout.targets);
    return layout;
  }
  for (uint32_t group = 0; group < shape.group_count; group++) {
    place_group(id, GroupIndex(group),
                std::span(layout.targets).subspan(size_t{group} * layout.group_size, layout.group_size));
  }
  return layout;
}

TargetId Placement::target_of(const ObjectId& id, GroupIndex group, ShardIndex shard) const {
  const classes::Redundancy* const redundancy = classes::find_redundancy(id.ordinal());
  if (redundancy == nullptr || group.value() >= id.group_count()) return kNoTarget;
  const uint32_t size = redundancy->group_size();
  if (shard.value() >= size) return kNoTarget;
  std::array<TargetId, kGroupSizeMax> targets;
  place_group(id, group, std::span(targets).first(size));
  return targets[shard.value()];
}

}  // namespace daos::placement
