// Goal: objects stay where they are: layouts are stored nowhere, so a build that computes others cannot find the data
// of those before it.
#include <gtest/gtest.h>

#include <sstream>

#include "fixture.h"
#include "model/map/builder.h"
#include "model/placement/placement.h"

namespace daos::compat {
namespace {

using map::Builder;
using map::PoolMapRef;
using map::Rank;
using map::State;
using map::TargetId;

PoolMapRef make_map(const std::string& name) {
  if (name == "1x1") return map::make_uniform_map(1, 1);
  if (name == "4x2") return map::make_uniform_map(4, 2);
  if (name == "25x8") return map::make_uniform_map(25, 8);
  if (name == "12500x8") return map::make_uniform_map(12'500, 8);
  // 12 engines of 1 to 3 targets and weights 1 to 4 on 6 nodes; rank 3 lost, then target 9, then target 0; rank 12 is
  // new.
  EXPECT_EQ(name, "mixed");
  Builder first;
  for (uint32_t rank = 0; rank < 12; rank++) {
    first.add_engine({.rank = Rank(rank),
                      .host = "h",
                      .target_ports = std::vector<uint16_t>(1 + rank % 3),
                      .target_weight = 1 + rank % 4,
                      .node_id = rank / 2});
  }
  Builder second(*std::move(first.build()).take());
  Builder third(*std::move(second.set_engine_state(Rank(3), State::kDown).build()).take());
  Builder fourth(*std::move(third.set_target_state(TargetId(9), State::kDownOut).build()).take());
  fourth.set_target_state(TargetId(0), State::kDown);
  fourth.add_engine({.rank = Rank(12), .host = "h", .target_ports = {0, 0}}, State::kNew);
  return std::move(fourth.build()).take();
}

TEST(LayoutCompat, LayoutsNeverChange) {
  for (const std::string& line : fixture_lines("layouts_1.txt")) {
    std::istringstream fields(line);
    std::string map_name;
    std::string id_text;
    fields >> map_name >> id_text;
    std::vector<TargetId> golden;
    for (uint32_t target = 0; fields >> target;) golden.emplace_back(target);
    const std::optional<classes::ObjectId> id = classes::ObjectId::parse(id_text);
    ASSERT_TRUE(id.has_value()) << line;
    const Result<placement::Layout> layout = placement::Placement(*make_map(map_name)).layout(*id);
    ASSERT_TRUE(layout.ok()) << line;
    EXPECT_EQ((*layout).targets, golden) << line;
  }
}

}  // namespace
}  // namespace daos::compat
