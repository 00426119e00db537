// Goal: layouts keep the rules of README.md on maps of every size and state, are balanced, move only what they must,
// and never change. Method: properties over seeded objects, the rules restated without speed in Statement, golden
// layouts.
#include "model/placement/placement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "model/map/builder.h"
#include "model/placement/jump_permutation.h"

namespace daos::placement {
namespace {

using classes::GroupIndex;
using classes::ObjectId;
using classes::ShardIndex;
using map::Builder;
using map::EngineSpec;
using map::kNoTarget;
using map::Level;
using map::make_uniform_map;
using map::PoolMap;
using map::PoolMapRef;
using map::Rank;
using map::State;
using map::TargetId;

constexpr uint8_t kS = 1;
constexpr uint8_t kRp2 = 8;
constexpr uint8_t kRp3 = 9;
constexpr uint8_t kEc4P2 = 35;
constexpr uint8_t kEc16P3 = 42;

ObjectId make_id(uint8_t ordinal, uint32_t groups, uint64_t number) {
  return {.lo = number, .hi = uint64_t{ordinal} << 48 | uint64_t{groups} << 32};
}

std::vector<TargetId> targets_of(const Placement& placement, const ObjectId& id) {
  Result<Layout> layout = placement.layout(id);
  EXPECT_TRUE(layout.ok()) << layout.status().to_string();
  return std::move(layout).take().targets;
}

PoolMapRef built(Builder& builder) {
  Result<PoolMapRef> map = builder.build();
  EXPECT_TRUE(map.ok()) << map.status().to_string();
  return std::move(map).take();
}

PoolMapRef with_target(const PoolMap& map, TargetId target, State state) {
  Builder builder(map);
  builder.set_target_state(target, state);
  return built(builder);
}

PoolMapRef with_engine(const PoolMap& map, Rank rank, State state) {
  Builder builder(map);
  builder.set_engine_state(rank, state);
  return built(builder);
}

PoolMapRef with_new_engine(const PoolMap& map, uint32_t targets, State state) {
  Builder builder(map);
  builder.add_engine(
      {.rank = Rank(map.domain_count(Level::kEngine)), .host = "h", .target_ports = std::vector<uint16_t>(targets)},
      state);
  return built(builder);
}

TEST(Placement, PointQueriesAgreeWithLayouts) {
  const PoolMapRef map = with_target(*make_uniform_map(12, 4), TargetId(5), State::kDown);
  const Placement placement(*map);
  for (const uint8_t ordinal : {kS, kRp2, kRp3, kEc4P2}) {
    for (const uint32_t groups : {1u, 3u, 8u, 16u}) {
      for (uint64_t number = 0; number < 50; number++) {
        const ObjectId id = make_id(ordinal, groups, number);
        Result<Layout> layout = placement.layout(id);
        ASSERT_TRUE(layout.ok());
        ASSERT_EQ(layout->group_count(), groups);
        ASSERT_EQ(layout->version, map->version());
        for (uint32_t group = 0; group < groups; group++) {
          for (uint32_t shard = 0; shard < layout->group_size; shard++) {
            ASSERT_EQ(placement.target_of(id, GroupIndex(group), ShardIndex(shard)),
                      layout->group(GroupIndex(group))[shard]);
          }
        }
      }
    }
  }
}

TEST(Placement, RefusesIdsThatNobodyGenerated) {
  const Placement placement(*make_uniform_map(2, 2));
  EXPECT_EQ(placement.layout(make_id(kS, 0, 1)).code(), Code::kInvalid);
  EXPECT_EQ(placement.layout(make_id(200, 1, 1)).code(), Code::kInvalid);
  EXPECT_EQ(placement.layout(make_id(kS, 0xffff, 1)).code(), Code::kInvalid);
  EXPECT_EQ(placement.target_of(make_id(200, 1, 1), GroupIndex(0)), kNoTarget);
  EXPECT_EQ(placement.target_of(make_id(kS, 1, 1), GroupIndex(1)), kNoTarget);
  EXPECT_EQ(placement.target_of(make_id(kRp2, 1, 1), GroupIndex(0), ShardIndex(2)), kNoTarget);
  // More shards than targets: no such class fits, but a hostile id must get an answer.
  for (const TargetId target : targets_of(placement, make_id(kS, 60'000, 1))) ASSERT_LT(target.value(), 4u);
  for (const TargetId target : targets_of(placement, make_id(kEc16P3, 9, 1))) ASSERT_LT(target.value(), 4u);
}

TEST(Placement, AnObjectOfAllGroupsUsesEveryTargetOnce) {
  for (const uint32_t engines : {1u, 2u, 3u, 7u, 64u, 125u, 1000u}) {
    const Placement placement(*make_uniform_map(engines, 8));
    for (uint64_t number = 0; number < 5; number++) {
      std::vector<TargetId> targets = targets_of(placement, make_id(kS, engines * 8, number));
      std::ranges::sort(targets);
      for (uint32_t i = 0; i < targets.size(); i++) ASSERT_EQ(targets[i], TargetId(i));
    }
  }
}

/// Highest load over mean load of the targets.
double imbalance(const Placement& placement, uint32_t targets, uint8_t ordinal, uint32_t groups, uint64_t objects) {
  std::vector<uint32_t> load(targets);
  uint64_t shards = 0;
  for (uint64_t number = 0; number < objects; number++) {
    for (const TargetId target : targets_of(placement, make_id(ordinal, groups, number))) {
      load[target.value()]++;
      shards++;
    }
  }
  return *std::ranges::max_element(load) / (static_cast<double>(shards) / targets);
}

TEST(Placement, IsBalancedAtAThousandObjectsPerTarget) {
  EXPECT_EQ(imbalance(Placement(*make_uniform_map(1, 1)), 1, kS, 1, 1000), 1.0);
  for (const auto& [engines, each] : {std::pair{4u, 2u}, std::pair{8u, 8u}, std::pair{17u, 6u}, std::pair{64u, 8u}}) {
    const uint32_t targets = engines * each;
    const Placement placement(*make_uniform_map(engines, each));
    const double worst_s1 = imbalance(placement, targets, kS, 1, uint64_t{1000} * targets);
    EXPECT_LT(worst_s1, 1.15) << targets;
    EXPECT_LT(imbalance(placement, targets, kS, 4, uint64_t{250} * targets), 1.15) << targets;
    EXPECT_LT(imbalance(placement, targets, kRp3, 1, uint64_t{1000} * targets / 3), 1.15) << targets;
  }
}

TEST(Placement, IsBalancedOnAHundredThousandTargets) {
  constexpr uint32_t kTargets = 100'000;
  const Placement placement(*make_uniform_map(kTargets / 8, 8));
  std::vector<uint32_t> load(kTargets);
  constexpr uint32_t kEach = 20;
  for (uint64_t number = 0; number < uint64_t{kEach} * kTargets; number++) {
    load[placement.target_of(make_id(kS, 1, number), GroupIndex(0)).value()]++;
  }
  // So few objects per target scatter by chance alone: their variance is the mean's size, within 2 %.
  double variance = 0;
  for (const uint32_t count : load) variance += (1.0 * count - kEach) * (1.0 * count - kEach) / kTargets;
  EXPECT_NEAR(variance, kEach, kEach * 0.02);
}

TEST(Placement, SharesFollowWeights) {
  Builder builder;
  const uint32_t weights[] = {1, 2, 3, 4, 8, 0};
  for (uint32_t rank = 0; rank < 6; rank++) {
    builder.add_engine({.rank = Rank(rank), .host = "h", .target_ports = {0, 0}, .target_weight = weights[rank]});
  }
  const Placement placement(*built(builder));
  std::vector<uint32_t> load(6);
  constexpr uint32_t kObjects = 90'000;
  for (uint64_t number = 0; number < kObjects; number++) {
    load[placement.target_of(make_id(kS, 1, number), GroupIndex(0)).value() / 2]++;
  }
  for (uint32_t rank = 0; rank < 6; rank++) {
    const double expected = kObjects * weights[rank] / 18.0;
    EXPECT_NEAR(load[rank], expected, 5 * std::sqrt(expected)) << rank;
  }
}

TEST(Placement, ALostTargetMovesOnlyItsOwnShardsAndGetsThemBack) {
  const PoolMapRef before = make_uniform_map(9, 4);
  const PoolMapRef down = with_target(*before, TargetId(7), State::kDown);
  const PoolMapRef out = with_target(*down, TargetId(7), State::kDownOut);
  const PoolMapRef again_up = with_target(*out, TargetId(7), State::kUp);
  const PoolMapRef again_in = with_target(*again_up, TargetId(7), State::kUpIn);
  const Placement all(*before);
  const Placement degraded(*down);
  for (const auto& [ordinal, groups] :
       {std::pair{kS, 1u}, std::pair{kS, 36u}, std::pair{kRp2, 4u}, std::pair{kEc4P2, 2u}}) {
    uint32_t moved = 0;
    for (uint64_t number = 0; number < 500; number++) {
      const ObjectId id = make_id(ordinal, groups, number);
      const std::vector<TargetId> old_targets = targets_of(all, id);
      const std::vector<TargetId> new_targets = targets_of(degraded, id);
      for (size_t i = 0; i < old_targets.size(); i++) {
        ASSERT_NE(new_targets[i], TargetId(7));
        if (old_targets[i] == TargetId(7)) {
          moved++;
        } else {
          ASSERT_EQ(new_targets[i], old_targets[i]);
        }
      }
      ASSERT_EQ(targets_of(Placement(*out), id), new_targets);
      ASSERT_EQ(targets_of(Placement(*again_up), id), new_targets);
      ASSERT_EQ(targets_of(Placement(*again_in), id), old_targets);
    }
    EXPECT_GT(moved, 0u);
  }
}

TEST(Placement, ALostTargetsShardsSpreadOverAllOthers) {
  const PoolMapRef map = with_target(*make_uniform_map(8, 4), TargetId(3), State::kDown);
  const Placement all(*make_uniform_map(8, 4));
  const Placement degraded(*map);
  std::set<TargetId> receivers;
  for (uint64_t number = 0; number < 10'000; number++) {
    const ObjectId id = make_id(kS, 1, number);
    if (all.target_of(id, GroupIndex(0)) == TargetId(3)) receivers.insert(degraded.target_of(id, GroupIndex(0)));
  }
  EXPECT_EQ(receivers.size(), 31u);
}

TEST(Placement, LaterLossesMoveNoEarlierReplacement) {
  PoolMapRef map = make_uniform_map(10, 2);
  for (const uint32_t rank : {6u, 2u, 4u}) {
    const PoolMapRef next = with_engine(*map, Rank(rank), State::kDown);
    const Placement before(*map);
    const Placement after(*next);
    for (uint64_t number = 0; number < 2000; number++) {
      const ObjectId id = make_id(kEc4P2, 1, number);
      const std::vector<TargetId> old_targets = targets_of(before, id);
      const std::vector<TargetId> new_targets = targets_of(after, id);
      for (size_t i = 0; i < old_targets.size(); i++) {
        if (old_targets[i].value() / 2 != rank) {
          ASSERT_EQ(new_targets[i], old_targets[i]) << number;
        }
      }
    }
    map = next;
  }
}

TEST(Placement, WhereDrainedDataGoesIsKnownBefore) {
  const PoolMapRef damaged = with_target(*make_uniform_map(8, 2), TargetId(1), State::kDown);
  const PoolMapRef draining = with_target(*damaged, TargetId(9), State::kDrain);
  const PoolMapRef drained = with_target(*draining, TargetId(9), State::kDownOut);
  const Placement now(*draining);
  const Placement goal(*draining, {.usable = {State::kUpIn}});
  for (uint64_t number = 0; number < 2000; number++) {
    const ObjectId id = make_id(kEc4P2, 1, number);
    ASSERT_EQ(targets_of(now, id), targets_of(Placement(*damaged), id));
    ASSERT_EQ(targets_of(goal, id), targets_of(Placement(*drained), id));
  }
}

TEST(Placement, ANewEngineOnlyReceives) {
  for (const uint32_t engines : {1u, 2u, 4u, 15u, 16u, 31u, 100u}) {
    const PoolMapRef before = make_uniform_map(engines, 4);
    const PoolMapRef joining = with_new_engine(*before, 4, State::kNew);
    const PoolMapRef after = with_engine(*joining, Rank(engines), State::kUpIn);
    const Placement old_placement(*before);
    const Placement still_new(*joining);
    const Placement new_placement(*after);
    const uint32_t objects = 500;
    for (const uint32_t groups : {1u, engines * 4}) {
      uint32_t moved = 0;
      for (uint64_t number = 0; number < objects; number++) {
        const ObjectId id = make_id(kS, groups, number);
        const std::vector<TargetId> old_targets = targets_of(old_placement, id);
        const std::vector<TargetId> new_targets = targets_of(new_placement, id);
        ASSERT_EQ(targets_of(still_new, id), old_targets);
        for (size_t i = 0; i < old_targets.size(); i++) {
          if (new_targets[i] == old_targets[i]) continue;
          moved++;
          ASSERT_GE(new_targets[i].value(), engines * 4);
        }
      }
      const double expected = 1.0 * objects * groups / (engines + 1);
      EXPECT_NEAR(moved, expected, 5 * std::sqrt(expected)) << engines << " engines, " << groups << " groups";
    }
  }
}

TEST(Placement, NewEnginesMoveLittleOfRedundantObjects) {
  const PoolMapRef before = make_uniform_map(20, 4);
  const PoolMapRef after = with_new_engine(*before, 4, State::kUpIn);
  const Placement old_placement(*before);
  const Placement new_placement(*after);
  uint32_t moved_there = 0;
  uint32_t moved_elsewhere = 0;
  for (uint64_t number = 0; number < 2000; number++) {
    const ObjectId id = make_id(kEc4P2, 2, number);
    const std::vector<TargetId> old_targets = targets_of(old_placement, id);
    const std::vector<TargetId> new_targets = targets_of(new_placement, id);
    for (size_t i = 0; i < old_targets.size(); i++) {
      if (new_targets[i] == old_targets[i]) continue;
      (new_targets[i].value() >= 80 ? moved_there : moved_elsewhere)++;
    }
  }
  EXPECT_NEAR(moved_there, 2000 * 12 / 21.0, 200);
  // A shard leaves a group's domain that another one wanted, or the newcomer takes a domain twice.
  EXPECT_LT(moved_elsewhere, moved_there / 2);
}

TEST(Placement, NoTwoShardsOfAGroupShareADomainWhileDomainsSuffice) {
  // Nodes of two engines, unequal engines, groups of three nodes.
  Builder builder;
  for (uint32_t rank = 0; rank < 24; rank++) {
    builder.add_engine({.rank = Rank(rank),
                        .host = "h",
                        .target_ports = std::vector<uint16_t>(1 + rank % 4),
                        .node_id = rank / 2,
                        .group_id = rank / 6});
  }
  for (uint32_t rank = 0; rank < 12; rank += 5) builder.set_engine_state(Rank(rank), State::kDown);
  builder.set_target_state(TargetId(40), State::kDownOut);
  const PoolMapRef map = built(builder);
  for (const auto& [level, ordinal] : {std::pair{Level::kNode, kEc4P2}, std::pair{Level::kNode, kRp3},
                                       std::pair{Level::kEngine, kEc16P3}, std::pair{Level::kGroup, kRp3}}) {
    const Placement placement(*map, {.level = level});
    for (uint64_t number = 0; number < 300; number++) {
      Result<Layout> layout = placement.layout(make_id(ordinal, 2, number));
      ASSERT_TRUE(layout.ok());
      for (uint32_t group = 0; group < 2; group++) {
        std::set<uint32_t> domains;
        for (const TargetId id : layout->group(GroupIndex(group))) {
          const map::Target& target = *map->find_target(id);
          ASSERT_TRUE(map->is_in(target, map::kServing));
          domains.insert(map->domain_of(target, level));
        }
        ASSERT_EQ(domains.size(), layout->group_size) << map::level_name(level) << " " << number;
      }
    }
  }
}

TEST(Placement, SharesDomainsEvenlyWhenThereAreTooFew) {
  const PoolMapRef map = make_uniform_map(3, 4);
  const Placement placement(*map);
  for (uint64_t number = 0; number < 200; number++) {
    std::vector<uint32_t> in_domain(3);
    std::set<TargetId> distinct;
    for (const TargetId target : targets_of(placement, make_id(kEc4P2, 1, number))) {
      in_domain[target.value() / 4]++;
      distinct.insert(target);
    }
    ASSERT_EQ(in_domain, (std::vector<uint32_t>{2, 2, 2}));
    ASSERT_EQ(distinct.size(), 6u);
  }
}

TEST(Placement, SaysSoWhenNothingIsUsable) {
  const PoolMapRef map = with_engine(*make_uniform_map(1, 2), Rank(0), State::kDown);
  const Placement placement(*map);
  for (const uint8_t ordinal : {kS, kRp2}) {
    for (const TargetId target : targets_of(placement, make_id(ordinal, 1, 1))) EXPECT_EQ(target, kNoTarget);
  }
  const Placement only_new(
      *with_engine(*with_new_engine(*make_uniform_map(1, 1), 2, State::kNew), Rank(0), State::kDown));
  EXPECT_EQ(only_new.target_of(make_id(kS, 1, 1), GroupIndex(0)), kNoTarget);
}

TEST(Placement, WorksOnMapsOfEverySize) {
  for (const uint32_t engines : {1u, 2u, 3u, 5u, 8u, 16u, 17u, 33u, 129u, 12'500u}) {
    const uint32_t each = engines == 1 ? 1 : 8;
    const PoolMapRef map = make_uniform_map(engines, each);
    const Placement placement(*map);
    for (uint64_t number = 0; number < 30; number++) {
      std::set<uint32_t> nodes;
      const std::vector<TargetId> targets = targets_of(placement, make_id(kRp3, 1, number));
      for (const TargetId target : targets) nodes.insert(map->domain_of(*map->find_target(target), Level::kNode));
      ASSERT_EQ(nodes.size(), std::min(engines, 3u));
    }
  }
}

/// The rules of README.md once more, as plainly as they can be said; unweighted maps.
std::vector<TargetId> by_the_rules(const PoolMap& map, const ObjectId& id, uint32_t group_size, uint32_t group) {
  const auto key = [&](uint64_t draw, uint64_t number) {
    return draw == 1 && number == 0 ? hash_of(id) : mix64(hash_of(id) ^ mix64(draw << 56 | number));
  };
  const auto node = [&](uint32_t target) { return map.domain_of(map.targets()[target], Level::kNode); };
  // Lost before it could hold anything that was placed after `version`.
  const auto lost_by = [&](uint32_t target, uint32_t version) {
    return !map.is_in(map.targets()[target], map::kServing) && map.targets()[target].out_version.value() <= version;
  };
  const auto count = static_cast<uint32_t>(map.targets().size());
  std::vector<std::optional<uint32_t>> shards(group_size);
  const auto occupied = [&](auto&& same) {
    return std::ranges::count_if(shards, [&](const auto& shard) { return shard && same(*shard); });
  };
  const auto place = [&](uint32_t shard, uint64_t draw, uint32_t version) {
    const uint32_t index = group * group_size + shard;
    for (uint64_t number = 0; number < 128; number++) {
      const uint32_t target = jump_permute(key(draw, number), count, index);
      if (lost_by(target, version)) continue;
      if (occupied([&](uint32_t other) { return node(other) == node(target); }) > 0) continue;
      shards[shard] = target;
      return;
    }
    std::vector<std::tuple<long, long, long, uint64_t, uint32_t>> ranking;
    for (uint32_t target = 0; target < count; target++) {
      if (lost_by(target, version)) continue;
      ranking.emplace_back(
          occupied([&](uint32_t other) { return node(other) == node(target); }),
          occupied([&](uint32_t other) { return map.targets()[other].engine == map.targets()[target].engine; }),
          occupied([&](uint32_t other) { return other == target; }), mix64(key(3, index) ^ mix64(target + 1)), target);
    }
    if (!ranking.empty()) shards[shard] = std::get<4>(*std::ranges::min_element(ranking));
  };
  for (uint32_t shard = 0; shard < group_size; shard++) place(shard, 1, 0);
  for (uint32_t version = 1; version <= map.version().value(); version++) {
    for (uint32_t shard = 0; shard < group_size; shard++) {
      if (!shards[shard] || !lost_by(*shards[shard], version)) continue;
      shards[shard].reset();
      place(shard, 2, version);
    }
  }
  std::vector<TargetId> targets;
  for (const auto& shard : shards) targets.push_back(shard ? TargetId(*shard) : kNoTarget);
  return targets;
}

TEST(Placement, IsWhatTheRulesSay) {
  uint64_t random = 42;
  const auto below = [&](uint32_t limit) {
    random = mix64(random + 0x9e3779b97f4a7c15ULL);
    return static_cast<uint32_t>(random % limit);
  };
  for (uint32_t round = 0; round < 40; round++) {
    PoolMapRef map = make_uniform_map(1 + below(30), 1 + below(5));
    const uint32_t losses = below(6);
    for (uint32_t i = 0; i < losses; i++) {
      map = with_target(*map, TargetId(below(map->domain_count(Level::kTarget))), State::kDown);
    }
    const Placement placement(*map);
    for (const uint8_t ordinal : {kS, kRp2, kEc4P2}) {
      if (3 * classes::find_redundancy(ordinal)->group_size() > map->targets().size()) continue;
      for (uint64_t number = 0; number < 5; number++) {
        const ObjectId id = make_id(ordinal, 3, number + 1000 * round);
        Result<Layout> layout = placement.layout(id);
        ASSERT_TRUE(layout.ok());
        for (uint32_t group = 0; group < 3; group++) {
          const std::vector<TargetId> expected = by_the_rules(*map, id, layout->group_size, group);
          const std::span<const TargetId> actual = layout->group(GroupIndex(group));
          ASSERT_TRUE(std::ranges::equal(actual, expected)) << "round " << round << " object " << id.to_string();
        }
      }
    }
  }
}

}  // namespace
}  // namespace daos::placement
