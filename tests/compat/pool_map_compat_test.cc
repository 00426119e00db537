// Goal: pool maps of format 1 stay readable, and this build still writes them byte for byte.
#include <gtest/gtest.h>

#include "fixture.h"
#include "model/map/builder.h"

namespace daos::compat {
namespace {

using namespace map;  // NOLINT(google-build-using-namespace): a test of that room

/// The map that the fixture was made of: two groups, a node of two engines, one engine lost, one new.
PoolMapRef make_original() {
  Builder first;
  first.add_engine(
      {.rank = Rank(0), .host = "10.0.0.1", .system_port = 31000, .target_ports = {31001, 31002}, .node_id = 7});
  first.add_engine({.rank = Rank(1), .host = "10.0.0.1", .system_port = 31003, .target_ports = {31004}, .node_id = 7});
  first.add_engine({.rank = Rank(5),
                    .host = "node-5",
                    .system_port = 31000,
                    .target_ports = {31001, 31002},
                    .target_weight = 300,
                    .group_id = 2});
  Builder second(*std::move(first.build()).take());
  second.set_engine_state(Rank(1), State::kDown);
  second.add_engine({.rank = Rank(6), .host = "node-6", .system_port = 1, .target_ports = {2}, .group_id = 2},
                    State::kNew);
  return std::move(second.build()).take();
}

TEST(PoolMapCompat, Format1IsReadAndWrittenAsEver) {
  const ByteVector golden = fixture_bytes("pool_map_1.hex");
  EXPECT_EQ(make_original()->encode(), golden);
  Result<PoolMapRef> map = PoolMap::decode(golden);
  ASSERT_TRUE(map.ok()) << map.status().to_string();
  EXPECT_EQ((*map)->encode(), golden);
  EXPECT_EQ((*map)->version(), MapVersion(2));
  EXPECT_EQ((*map)->find_target(Rank(5), 1)->target_id(), TargetId(4));
  EXPECT_EQ((*map)->find_target(Rank(5), 1)->weight, 300u);
  EXPECT_EQ((*map)->find_engine(Rank(1))->state, State::kDown);
  EXPECT_EQ((*map)->find_engine(Rank(1))->out_version, MapVersion(2));
  EXPECT_EQ((*map)->find_engine(Rank(6))->host, "node-6");
  EXPECT_EQ((*map)->find_engine(Rank(6))->state, State::kNew);
}

}  // namespace
}  // namespace daos::compat
