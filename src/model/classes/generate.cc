#include "model/classes/generate.h"

#include <algorithm>
#include <bit>

namespace daos::classes {
namespace {

constexpr uint32_t kRedundancyFactorMax = 4;
constexpr uint16_t kRedundancyHints = 0x000f;
constexpr uint16_t kShardHints = 0x03f0;
constexpr uint16_t kKnownHints = kRedundancyHints | kShardHints;

// Replication by redundancy factor + 1 copies: S, RP_2 .. RP_5.
constexpr uint8_t kOrdinalByCopies[] = {0, 1, 8, 9, 10, 11};

/// Erasure code chosen when the pool has at least that many domains; the first row that fits counts.
struct EcStep {
  uint32_t domains;
  uint8_t ordinal;
};
constexpr EcStep kLadderOneParity[] = {{18, 38}, {10, 36}, {6, 34}, {0, 32}};
constexpr EcStep kLadderTwoParities[] = {{20, 39}, {12, 37}, {8, 35}, {0, 33}};
constexpr EcStep kLadderThreeParities[] = {{22, 42}, {14, 41}, {0, 40}};

uint8_t climb(std::span<const EcStep> ladder, uint32_t domains) {
  for (const EcStep& step : ladder) {
    if (domains >= step.domains) return step.ordinal;
  }
  return 0;
}

/// The redundancy that suits the container when the application leaves the choice to us.
uint8_t choose_ordinal(ObjectType type, uint16_t hints, const Fit& fit) {
  const bool wants_ec = (hints & kHintErasureCode) != 0;
  const bool free_choice = (hints & kRedundancyHints) == 0;
  const bool suits_ec = wants_ec || (free_choice && is_array(type));
  switch (fit.redundancy_factor) {
    case 0:
      if (wants_ec) return climb(kLadderOneParity, fit.domains);
      return kOrdinalByCopies[(hints & kHintReplicate) != 0 && fit.domains >= 2 ? 2 : 1];
    case 1:
      if (suits_ec && fit.domains >= 3) return climb(kLadderOneParity, fit.domains);
      break;
    case 2:
      if (suits_ec && fit.domains >= 4) return climb(kLadderTwoParities, fit.domains);
      break;
    case 3:
      if (suits_ec && fit.domains >= 10) return climb(kLadderThreeParities, fit.domains);
      break;
    default:
      break;
  }
  return kOrdinalByCopies[fit.redundancy_factor + 1];
}

/// Groups by the sharding hint; kAllGroups for "all".
uint32_t choose_groups(ObjectType type, uint16_t hints, uint32_t targets) {
  const auto part = [targets](uint32_t percent) { return static_cast<uint32_t>(uint64_t{targets} * percent / 100); };
  switch (hints & kShardHints) {
    case kHintShardTiny:
      return 1;
    case kHintShardRegular:
      return std::max(128u, part(25));
    case kHintShardHigh:
      return std::max(256u, part(50));
    case kHintShardExtra:
      return std::max(1024u, part(70));
    case kHintShardMax:
      return kAllGroups;
    default:  // none, or kHintShardDefault
      return is_array(type) || is_kv(type) ? kAllGroups : 1;
  }
}

/// Domains kept free, before the rule that a larger system never uses fewer domains than a smaller one.
uint32_t spare_domains_of_range(uint32_t domains, uint32_t factor) {
  const auto percent = [domains](uint32_t part) { return static_cast<uint32_t>(uint64_t{domains} * part / 100); };
  if (domains < 16) return factor;
  if (domains < 32) return factor + 1;
  if (domains < 64) return factor + 2;
  if (domains < 128) return std::max(percent(4), factor + 2);
  if (domains < 256) return std::max(percent(6), factor + 2);
  return std::max(percent(8), factor + 2);
}

uint32_t spare_domains(uint32_t domains, uint32_t factor) {
  uint32_t used = 0;
  for (const uint32_t range_end : {16u, 32u, 64u, 128u, 256u}) {
    const uint32_t last = range_end - 1;
    if (last < domains) used = std::max(used, last - spare_domains_of_range(last, factor));
  }
  const uint32_t spare = spare_domains_of_range(domains, factor);
  return std::min(spare, domains - std::min(used, domains));
}

/// Groups of an object that takes all it can.
uint32_t all_groups(uint32_t group_size, const Fit& fit) {
  const uint32_t most = fit.targets / group_size;
  const uint32_t groups = most > 1 ? most - reserved_groups(group_size, fit) : 1;
  return std::min(groups, kAllGroups - 1);  // one more is the mark for "all", which an id never holds
}

/// RP_XSF: the replica class with the most copies that the domains carry.
uint8_t widest_replication(uint32_t domains) {
  uint8_t ordinal = 0;
  for (const Redundancy& redundancy : redundancies()) {
    if (!redundancy.is_erasure_code() && redundancy.copies <= domains) ordinal = redundancy.ordinal;
  }
  return ordinal;
}

}  // namespace

uint32_t reserved_groups(uint32_t group_size, const Fit& fit) {
  const uint32_t most = fit.targets / group_size;
  if (most == 0 || fit.domains == 0) return 0;
  const uint64_t spare =
      fit.reserve ? uint64_t{*fit.reserve}
                  : uint64_t{spare_domains(fit.domains, fit.redundancy_factor)} * (fit.targets / fit.domains);
  const uint64_t groups = (spare + group_size - 1) / group_size;
  return static_cast<uint32_t>(std::min<uint64_t>(groups, most - 1));
}

Result<ObjectId> generate_oid(ObjectId user, uint32_t type_number, ClassId class_id, uint16_t hints, const Fit& fit) {
  if (!is_valid_type(type_number)) {
    return error(Code::kInvalid, "object id: type {} does not exist, the highest is {}", type_number, kObjectTypeMax);
  }
  if (fit.redundancy_factor > kRedundancyFactorMax) {
    return error(Code::kInvalid, "object id: redundancy factor {} of the container is above {}", fit.redundancy_factor,
                 kRedundancyFactorMax);
  }
  const ObjectType type{static_cast<uint8_t>(type_number)};
  const bool automatic = class_id == kClassUnknown;
  uint8_t ordinal = 0;
  uint32_t groups = 0;
  if (automatic) {
    if (std::popcount(static_cast<uint16_t>(hints & kShardHints)) > 1 || (hints & ~kKnownHints) != 0) {
      return error(Code::kInvalid, "object id: hints {:#x}: give at most one sharding hint and no unknown one", hints);
    }
    ordinal = choose_ordinal(type, hints, fit);
    groups = choose_groups(type, hints, fit.targets);
  } else if (class_id == kClassReplicateWide) {
    ordinal = widest_replication(fit.domains);
    groups = 1;
  } else {
    ordinal = static_cast<uint8_t>(class_id.value() >> 24);
    groups = class_id.value() & 0xffffff;
  }

  const Redundancy* const redundancy = find_redundancy(ordinal);
  if (redundancy == nullptr || groups == 0 || groups > kAllGroups) {
    return error(Code::kInvalid, "object id: class {} does not exist", class_id);
  }
  const uint32_t size = redundancy->group_size();
  if (groups == kAllGroups || (automatic && uint64_t{groups} * size > fit.targets)) groups = all_groups(size, fit);
  if (size > fit.domains) {
    return error(
        Code::kInvalid,
        "object id: class {}: a group needs {} fault domains, the pool has {}; take a class with smaller groups",
        class_name(make_class(ordinal, groups)), size, fit.domains);
  }
  if (uint64_t{groups} * size > fit.targets) {
    return error(Code::kInvalid,
                 "object id: class {}: {} groups of {} need {} targets, the pool has {}; take fewer groups",
                 class_name(make_class(ordinal, groups)), groups, size, uint64_t{groups} * size, fit.targets);
  }
  const uint64_t meta = uint64_t{type_number} << 56 | uint64_t{ordinal} << 48 | uint64_t{groups} << 32;
  return ObjectId{.lo = user.lo, .hi = meta | user.user_hi()};
}

}  // namespace daos::classes
