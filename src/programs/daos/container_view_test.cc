// Goal: what daos prints of a container, letter by letter, without a system.
#include "programs/daos/container_view.h"

#include <gtest/gtest.h>

namespace daos::cli {
namespace {

constexpr uint64_t kSecondInHlc = 16'000'000'000;  // a unit is 1/16 ns, from 2021 on

ContainerView container() {
  return {.pool_uuid = "8b9b0000-0000-4000-8000-000000000001",
          .uuid = "30e5d364-62c9-4ddf-9284-1021359455f2",
          .label = "mycont",
          .type = "unknown",
          .handles = 1,
          .open_time = kSecondInHlc,
          .modify_time = 2 * kSecondInHlc};
}

TEST(ContainerView, CreatedSaysWhatItIs) {
  EXPECT_EQ(created_text(container()),
            "Successfully created container 30e5d364-62c9-4ddf-9284-1021359455f2 type unknown\n"
            "  Container UUID : 30e5d364-62c9-4ddf-9284-1021359455f2\n"
            "  Container Label: mycont\n"
            "  Container Type : unknown\n"
            "\n");
}

TEST(ContainerView, QueryShowsTimesWithTheirNumbers) {
  EXPECT_EQ(query_text(container()),
            "  Container UUID             : 30e5d364-62c9-4ddf-9284-1021359455f2\n"
            "  Container Label            : mycont\n"
            "  Container Type             : unknown\n"
            "  Pool UUID                  : 8b9b0000-0000-4000-8000-000000000001\n"
            "  Container redundancy factor: 0\n"
            "  Number of open handles     : 1\n"
            "  Latest open time           : 2021-01-01 00:00:01 +0000 UTC (0x3b9aca000)\n"
            "  Latest close/modify time   : 2021-01-01 00:00:02 +0000 UTC (0x773594000)\n"
            "  Number of snapshots        : 0\n");
}

TEST(ContainerView, JsonLeavesOutWhatIsEmpty) {
  ContainerView plain = container();
  plain.label.clear();
  plain.open_time = 0;
  const output::Json json = container_json(plain);
  EXPECT_FALSE(json.contains("container_label"));
  EXPECT_FALSE(json.contains("open_time"));
  EXPECT_EQ(json["close_modify_time"], "2021-01-01 00:00:02 +0000 UTC");
  EXPECT_EQ(json["health"], "HEALTHY");
}

}  // namespace
}  // namespace daos::cli
