#include "model/placement/placement.h"

#include <algorithm>
#include <array>
#include <bit>
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

/// Keys of the permutations of one object. Draw 0 of the first choice uses the object's hash itself. All are part of
/// the format: changing one moves data.
enum class Draw : uint64_t { kChoice = 1, kReplacement = 2, kScan = 3, kTicket = 4 };
uint64_t draw_key(uint64_t object_hash, Draw draw, uint64_t number) {
  return mix64(object_hash ^ mix64(static_cast<uint64_t>(draw) << 56 | number));
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
    slot.left_in = std::max(target.out_version, map.engine_of(target).out_version);
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

  void choose(uint32_t shard, Among among, Draw kind) {
    const uint32_t index = first_index_ + shard;
    for (uint32_t number = 0; number < kDrawsMax; number++) {
      const bool first = kind == Draw::kChoice && number == 0;
      const uint64_t key = first ? object_hash_ : draw_key(object_hash_, kind, number);
      const uint32_t target = placement_.candidate(key, index);
      if (among == Among::kUsable && !placement_.slots_[target].usable) continue;
      if (!placement_.accepts(key, index, target)) continue;
      if (shares_domain(target)) continue;
      chosen_[shard] = target;
      return;
    }
    chosen_[shard] = scan(index, among);
  }

  void drop(uint32_t shard) { chosen_[shard] = kNone; }

 private:
  bool shares_domain(uint32_t target) const {
    const uint32_t domain = placement_.slots_[target].domain;
    return std::ranges::any_of(
        chosen_, [&](uint32_t other) { return other != kNone && placement_.slots_[other].domain == domain; });
  }

  /// The best of all targets: where the fewest shards of the group share domain, engine, target; among equals by weight
  /// tickets and then by hash.
  uint32_t scan(uint32_t index, Among among) const {
    const uint64_t key = draw_key(object_hash_, Draw::kScan, index);
    uint32_t best = kNone;
    std::tuple<uint32_t, uint32_t, uint32_t, bool, uint64_t> best_rank;
    for (uint32_t target = 0; target < placement_.count_; target++) {
      const Slot& slot = placement_.slots_[target];
      if (slot.accept == 0) continue;
      if (among == Among::kUsable && !slot.usable) continue;
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
  chooser.choose(0, Among::kAll, Draw::kChoice);
  if (chosen == kNone || slots_[chosen].usable) return chosen;
  chooser.drop(0);
  chooser.choose(0, Among::kUsable, Draw::kReplacement);
  return chosen;
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
  // First as if every target were usable, so that a shard on a live target stays where it is, whatever fails elsewhere.
  for (uint32_t shard = 0; shard < size; shard++) chooser.choose(shard, Among::kAll, Draw::kChoice);
  if (degraded_) {
    // Then replace what is lost, in the order in which it was lost: a later failure moves no earlier replacement.
    std::array<uint32_t, kGroupSizeMax> lost;
    uint32_t lost_count = 0;
    for (uint32_t shard = 0; shard < size; shard++) {
      if (chosen[shard] != kNone && !slots_[chosen[shard]].usable) lost[lost_count++] = shard;
    }
    const std::span in_order = std::span(lost).first(lost_count);
    std::ranges::sort(in_order, {}, [&](uint32_t shard) { return std::pair(slots_[chosen[shard]].left_in, shard); });
    for (const uint32_t shard : in_order) chooser.drop(shard);
    for (const uint32_t shard : in_order) chooser.choose(shard, Among::kUsable, Draw::kReplacement);
  }
  for (uint32_t shard = 0; shard < size; shard++) out[shard] = TargetId(chosen[shard]);
}

Result<Layout> Placement::layout(const ObjectId& id) const {
  const classes::Shape shape = DX_TRY(classes::shape_of(id));
  Layout layout{.version = version_, .group_size = shape.group_size()};
  layout.targets.resize(shape.shard_count());
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
