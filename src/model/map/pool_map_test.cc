// Goal: maps are looked up, counted, changed and encoded as promised, and no bytes make one that a reader must not
// trust. Method: small maps built by hand; every rule of PoolMap::make broken once; every byte of an encoding damaged.
#include "model/map/pool_map.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "model/map/builder.h"

namespace daos::map {
namespace {

/// Two groups, three nodes (one with two engines), four engines, seven targets.
PoolMapRef make_sample() {
  Builder builder;
  builder.add_engine(
      {.rank = Rank(10), .host = "a", .system_port = 100, .target_ports = {101, 102}, .node_id = 5, .group_id = 1});
  builder.add_engine(
      {.rank = Rank(3), .host = "b", .system_port = 200, .target_ports = {201}, .node_id = 6, .group_id = 2});
  builder.add_engine(
      {.rank = Rank(11), .host = "a", .system_port = 300, .target_ports = {301, 302}, .node_id = 5, .group_id = 1});
  builder.add_engine({.rank = Rank(4), .host = "c", .target_ports = {401, 402}, .target_weight = 3, .group_id = 2});
  Result<PoolMapRef> map = builder.build();
  EXPECT_TRUE(map.ok()) << map.status().to_string();
  return std::move(map).take();
}

TEST(PoolMap, FindsTargetsEnginesAndDomains) {
  const PoolMapRef map = make_sample();
  EXPECT_EQ(map->version(), MapVersion(1));
  EXPECT_EQ(map->targets().size(), 7u);
  EXPECT_EQ(map->find_engine(Rank(11))->host, "a");
  EXPECT_EQ(map->find_engine(Rank(0)), nullptr);
  EXPECT_EQ(map->find_target(TargetId(4))->port, 302);
  EXPECT_EQ(map->find_target(TargetId(7)), nullptr);
  EXPECT_EQ(map->find_target(Rank(11), 1)->target_id(), TargetId(4));
  EXPECT_EQ(map->find_target(Rank(11), 2), nullptr);
  EXPECT_EQ(map->find_target(Rank(12), 0), nullptr);
  const Target& target = *map->find_target(TargetId(4));
  EXPECT_EQ(map->engine_of(target).rank(), Rank(11));
  EXPECT_EQ(map->index_in_engine(target), 1u);
  EXPECT_EQ(map->targets_of(map->engine_of(target)).front().target_id(), TargetId(3));
  EXPECT_EQ(map->domain_of(target, Level::kTarget), 4u);
  EXPECT_EQ(map->domain_of(target, Level::kEngine), 2u);
  EXPECT_EQ(map->domain(Level::kNode, map->domain_of(target, Level::kNode)).id, 5u);
  EXPECT_EQ(map->domain(Level::kGroup, map->domain_of(target, Level::kGroup)).id, 1u);
  EXPECT_EQ(map->domain_of(target, Level::kRoot), 0u);
}

TEST(PoolMap, CountsTargetsAndDomains) {
  Builder builder(*make_sample());
  builder.set_engine_state(Rank(3), State::kDown).set_target_state(TargetId(0), State::kDrain);
  Result<PoolMapRef> map = builder.build();
  ASSERT_TRUE(map.ok());
  EXPECT_EQ((*map)->target_count(State::kUpIn), 5u);
  EXPECT_EQ((*map)->target_count(State::kDown), 1u);
  EXPECT_EQ((*map)->target_count(State::kDrain), 1u);
  EXPECT_EQ((*map)->count_targets(kServing), 6u);
  EXPECT_EQ((*map)->count_targets({State::kUpIn}), 5u);
  EXPECT_EQ((*map)->domain_count(Level::kNode), 3u);
  EXPECT_EQ((*map)->count_domains(Level::kNode, kServing), 2u);
  EXPECT_EQ((*map)->count_domains(Level::kEngine, kServing), 3u);
  EXPECT_EQ((*map)->count_domains(Level::kGroup, kServing), 2u);
  EXPECT_EQ((*map)->count_domains(Level::kRoot, kServing), 1u);
  EXPECT_EQ((*map)->count_domains(Level::kTarget, kServing), 6u);
}

TEST(PoolMap, ATargetServesOnlyWithAllAboveIt) {
  PoolMapParts parts = make_sample()->parts();
  parts.nodes[0].state = State::kDown;
  Result<PoolMapRef> map = PoolMap::make(parts);
  ASSERT_TRUE(map.ok());
  EXPECT_FALSE((*map)->is_in((*map)->targets()[0], kServing));
  EXPECT_TRUE((*map)->is_in((*map)->targets()[2], kServing));
}

TEST(PoolMap, WeightsAreSummedUpwards) {
  const PoolMapRef map = make_sample();
  EXPECT_EQ(map->root().weight, 11u);
  EXPECT_EQ(map->groups()[0].weight, 4u);
  EXPECT_EQ(map->groups()[1].weight, 7u);
  EXPECT_EQ(map->nodes()[2].weight, 6u);
}

TEST(PoolMap, RoundTripsAtEverySize) {
  for (const PoolMapRef& map : {make_sample(), make_uniform_map(1, 1), make_uniform_map(500, 16, "host", 1000)}) {
    const ByteVector bytes = map->encode();
    Result<PoolMapRef> copy = PoolMap::decode(bytes);
    ASSERT_TRUE(copy.ok()) << copy.status().to_string();
    EXPECT_EQ((*copy)->encode(), bytes);
    EXPECT_EQ((*copy)->root(), map->root());
    EXPECT_TRUE(std::ranges::equal((*copy)->engines(), map->engines()));
    EXPECT_TRUE(std::ranges::equal((*copy)->targets(), map->targets()));
  }
}

TEST(PoolMap, AHundredThousandTargetsFit) {
  const PoolMapRef map = make_uniform_map(12'500, 8);
  Result<PoolMapRef> copy = PoolMap::decode(map->encode());
  ASSERT_TRUE(copy.ok());
  EXPECT_EQ((*copy)->count_domains(Level::kNode, kServing), 12'500u);
  EXPECT_EQ((*copy)->find_target(Rank(12'499), 7)->target_id(), TargetId(99'999));
}

TEST(PoolMap, RefusesEveryTruncationAndExtension) {
  const ByteVector bytes = make_sample()->encode();
  for (size_t n = 0; n < bytes.size(); n++) {
    EXPECT_EQ(PoolMap::decode(ByteSpan(bytes).first(n)).code(), Code::kCorrupt) << n;
  }
  ByteVector longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_EQ(PoolMap::decode(longer).code(), Code::kCorrupt);
  ByteVector newer = bytes;
  newer[0] = std::byte{kPoolMapFormat + 1};
  EXPECT_EQ(PoolMap::decode(newer).code(), Code::kProtocol);
}

TEST(PoolMap, DamagedBytesAreRefusedOrMakeAnotherValidMap) {
  const ByteVector bytes = make_sample()->encode();
  for (size_t at = 1; at < bytes.size(); at++) {
    for (const uint8_t flip : {0x01, 0x80, 0xff}) {
      ByteVector damaged = bytes;
      damaged[at] ^= std::byte{flip};
      Result<PoolMapRef> map = PoolMap::decode(damaged);
      if (!map.ok()) {
        EXPECT_EQ(map.code(), Code::kCorrupt);
        continue;
      }
      EXPECT_EQ((*map)->encode(), damaged);
    }
  }
}

TEST(PoolMap, AHugeCountCostsNothing) {
  ByteVector bytes;
  Encoder encoder(bytes);
  encoder(kPoolMapFormat, MapVersion(1), Component{}, uint32_t{0xffffffff});
  EXPECT_EQ(PoolMap::decode(bytes).code(), Code::kCorrupt);
}

struct Break {
  const char* what;
  void (*apply)(PoolMapParts& parts);
};
void PrintTo(const Break& rule, std::ostream* out) { *out << rule.what; }

class PoolMapRules : public ::testing::TestWithParam<Break> {};

TEST_P(PoolMapRules, AreChecked) {
  PoolMapParts parts = make_sample()->parts();
  ASSERT_TRUE(PoolMap::make(parts).ok());
  GetParam().apply(parts);
  Result<PoolMapRef> made = PoolMap::make(parts);
  EXPECT_EQ(made.code(), Code::kInvalid);
  EXPECT_FALSE(made.status().message().empty());
  ByteVector bytes;
  Encoder encoder(bytes);
  encoder(kPoolMapFormat, parts);
  EXPECT_EQ(PoolMap::decode(bytes).code(), Code::kCorrupt);
}

constexpr Break kBreaks[] = {
    {"version 0", [](PoolMapParts& parts) { parts.version = MapVersion(0); }},
    {"no targets",
     [](PoolMapParts& parts) {
       parts.targets.clear();
       parts.engines.clear();
     }},
    {"nothing below the root", [](PoolMapParts& parts) { parts = PoolMapParts{.version = MapVersion(1)}; }},
    {"target without engine", [](PoolMapParts& parts) { parts.targets.push_back({parts.targets.back()}); }},
    {"targets missing", [](PoolMapParts& parts) { parts.targets.pop_back(); }},
    {"target id is not its index", [](PoolMapParts& parts) { parts.targets[2].id = 3; }},
    {"target names another engine", [](PoolMapParts& parts) { parts.targets[0].engine = 1; }},
    {"target names no engine", [](PoolMapParts& parts) { parts.targets[0].engine = 99; }},
    {"engine without targets", [](PoolMapParts& parts) { parts.engines[1].target_count = 0; }},
    {"engine with too many targets", [](PoolMapParts& parts) { parts.engines[3].target_count = 0xffffffff; }},
    {"engines overlap", [](PoolMapParts& parts) { parts.engines[1].first_target = 1; }},
    {"engines overlap by wrapping", [](PoolMapParts& parts) { parts.engines[1].first_target = 0xffffffff; }},
    {"same rank twice", [](PoolMapParts& parts) { parts.engines[1].id = parts.engines[0].id; }},
    {"same node twice", [](PoolMapParts& parts) { parts.nodes[1].id = parts.nodes[0].id; }},
    {"same group twice", [](PoolMapParts& parts) { parts.groups[1].id = parts.groups[0].id; }},
    {"missing node", [](PoolMapParts& parts) { parts.engines[0].node = 3; }},
    {"missing group", [](PoolMapParts& parts) { parts.nodes[0].group = 2; }},
    {"unknown target state", [](PoolMapParts& parts) { parts.targets[0].state = State::kUnknown; }},
    {"target state of tomorrow", [](PoolMapParts& parts) { parts.targets[0].state = State{7}; }},
    {"engine state of tomorrow", [](PoolMapParts& parts) { parts.engines[0].state = State{255}; }},
    {"unknown root state", [](PoolMapParts& parts) { parts.root.state = State::kUnknown; }},
    {"changed in the future", [](PoolMapParts& parts) { parts.nodes[0].out_version = MapVersion(2); }},
    {"joined in the future", [](PoolMapParts& parts) { parts.targets[0].in_version = MapVersion(2); }},
    {"weights do not add up", [](PoolMapParts& parts) { parts.targets[0].weight = 2; }},
    {"weights overflow",
     [](PoolMapParts& parts) {
       parts.targets[0].weight = 0xffffffff;
       parts.targets[1].weight = 3;
       parts.engines[0].weight = 2;
     }},
    {"no host", [](PoolMapParts& parts) { parts.engines[0].host.clear(); }},
    {"host too long", [](PoolMapParts& parts) { parts.engines[0].host.assign(256, 'x'); }},
    {"host with a newline", [](PoolMapParts& parts) { parts.engines[0].host = "a\nb"; }},
};
INSTANTIATE_TEST_SUITE_P(Broken, PoolMapRules, ::testing::ValuesIn(kBreaks));

TEST(Builder, EnginesOfALocalSystemAreNodesOfTheirOwn) {
  const PoolMapRef map = make_uniform_map(4, 2, "127.0.0.1", 5000);
  EXPECT_EQ(map->domain_count(Level::kNode), 4u);
  EXPECT_EQ(map->domain_count(Level::kGroup), 1u);
  EXPECT_EQ(map->find_engine(Rank(1))->system_port, 5003);
  EXPECT_EQ(map->find_target(Rank(1), 1)->port, 5005);
}

TEST(Builder, StatesCarryTheirVersions) {
  Builder down(*make_sample());
  PoolMapRef map = std::move(down.set_engine_state(Rank(10), State::kDown).build()).take();
  EXPECT_EQ(map->version(), MapVersion(2));
  EXPECT_EQ(map->find_engine(Rank(10))->out_version, MapVersion(2));
  EXPECT_EQ(map->targets()[1].out_version, MapVersion(2));
  EXPECT_EQ(map->targets()[1].in_version, MapVersion(1));
  EXPECT_EQ(map->targets()[2].out_version, MapVersion());
  Builder out(*map);
  map = std::move(out.set_engine_state(Rank(10), State::kDownOut).build()).take();
  EXPECT_EQ(map->targets()[1].out_version, MapVersion(2));
  Builder up(*map);
  map = std::move(up.set_engine_state(Rank(10), State::kUp).build()).take();
  EXPECT_EQ(map->targets()[1].in_version, MapVersion(1));
  Builder in(*map);
  map = std::move(in.set_engine_state(Rank(10), State::kUpIn).build()).take();
  EXPECT_EQ(map->version(), MapVersion(5));
  EXPECT_EQ(map->targets()[1].in_version, MapVersion(5));
}

TEST(Builder, NewEnginesAppendTheirTargets) {
  Builder builder(*make_sample());
  builder.add_engine({.rank = Rank(20), .host = "d", .target_ports = {1, 2}}, State::kNew);
  const PoolMapRef map = std::move(builder.build()).take();
  EXPECT_EQ(map->find_target(Rank(20), 0)->target_id(), TargetId(7));
  EXPECT_EQ(map->targets()[7].in_version, MapVersion());
  EXPECT_EQ(map->domain_count(Level::kNode), 4u);
  EXPECT_EQ(map->find_target(Rank(4), 1)->target_id(), TargetId(6));
}

TEST(Builder, AddressesAndWeightsChange) {
  Builder builder(*make_sample());
  builder.set_address(Rank(10), "z", 7, {8, 9}).set_address(Rank(3), "", 1, {2}).set_target_weight(TargetId(0), 10);
  const PoolMapRef map = std::move(builder.build()).take();
  EXPECT_EQ(map->find_engine(Rank(10))->host, "z");
  EXPECT_EQ(map->find_target(Rank(10), 1)->port, 9);
  EXPECT_EQ(map->find_engine(Rank(3))->host, "b");
  EXPECT_EQ(map->root().weight, 20u);
}

TEST(Builder, NamesTheFirstMistake) {
  const PoolMapRef map = make_sample();
  const auto code = [&](auto change) {
    Builder builder(*map);
    change(builder);
    return builder.build().code();
  };
  EXPECT_EQ(code([](Builder& b) { b.set_target_state(TargetId(7), State::kDown); }), Code::kNonexistent);
  EXPECT_EQ(code([](Builder& b) { b.set_target_weight(TargetId(7), 1); }), Code::kNonexistent);
  EXPECT_EQ(code([](Builder& b) { b.set_engine_state(Rank(0), State::kDown); }), Code::kNonexistent);
  EXPECT_EQ(code([](Builder& b) { b.set_address(Rank(0), "x", 1, {}); }), Code::kNonexistent);
  EXPECT_EQ(code([](Builder& b) { b.set_address(Rank(10), "x", 1, {1}); }), Code::kInvalid);
  EXPECT_EQ(code([](Builder& b) { b.add_engine({.rank = Rank(10), .host = "x", .target_ports = {1}}); }),
            Code::kInvalid);
  EXPECT_EQ(code([](Builder& b) { b.add_engine({.rank = Rank(9), .host = "x", .target_ports = {}}); }), Code::kInvalid);
  EXPECT_EQ(code([](Builder& b) {
              b.add_engine({.rank = Rank(9), .host = "x", .target_ports = {1}, .node_id = 5, .group_id = 2});
            }),
            Code::kInvalid);
  EXPECT_EQ(code([](Builder& b) { b.set_target_weight(TargetId(0), 0xffffffff); }), Code::kInvalid);
}

}  // namespace
}  // namespace daos::map
