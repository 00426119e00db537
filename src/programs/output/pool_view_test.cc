// Goal: what dmg and daos print of pools, letter by letter.
#include "programs/output/pool_view.h"

#include <gtest/gtest.h>

namespace daos::output {
namespace {

PoolView pool() {
  return {.uuid = "8b9b0000-0000-4000-8000-000000000001",
          .label = "tank",
          .total_targets = 8,
          .total_engines = 4,
          .version = 1,
          .service_ranks = {0},
          .ranks = {0, 1, 2, 3},
          .tiers = {{.total = 64'000'000'000,
                     .free = 48'000'000'000,
                     .min = 5'200'000'000,
                     .max = 6'800'000'000,
                     .mean = 6'000'000'000}}};
}

TEST(PoolView, QueryShowsHealthAndSpaceOfOneTier) {
  EXPECT_EQ(query_text(pool(), {.enabled_ranks = true}),
            "Pool 8b9b0000-0000-4000-8000-000000000001, ntarget=8, disabled=0, leader=0, version=1, state=Ready\n"
            "Pool health info:\n"
            "- Enabled ranks: 0-3\n"
            "- Rebuild idle, 0 objs, 0 recs\n"
            "- Data redundancy: normal\n"
            "Pool space info:\n"
            "- Target count:8\n"
            "- Storage tier 0 (SCM):\n"
            "  Total size: 64 GB\n"
            "  Free: 48 GB, min:5.2 GB, max:6.8 GB, mean:6.0 GB\n");
  EXPECT_EQ(query_text(pool(), {.space = false}).find("space"), std::string::npos);
}

TEST(PoolView, ListShowsUseAndImbalance) {
  EXPECT_EQ(list_text({}, {}), "No pools in system\n");
  EXPECT_EQ(list_text({pool()}, {}),
            "Pool Size  State Used Imbalance Disabled \n"
            "---- ----  ----- ---- --------- -------- \n"
            "tank 64 GB Ready 25%  20%       0/8      \n");
  EXPECT_EQ(list_text({pool()}, {.queried = false}),
            "Pool State \n"
            "---- ----- \n"
            "tank Ready \n");
  EXPECT_NE(list_text({pool()}, {.verbose = true}).find("NVME Size"), std::string::npos);
}

TEST(PoolView, JsonCarriesEveryField) {
  const Json json = pool_json(pool(), {.enabled_ranks = true});
  EXPECT_EQ(json["label"], "tank");
  EXPECT_EQ(json["active_targets"], 8);
  EXPECT_EQ(json["tier_stats"][0]["media_type"], "scm");
  EXPECT_EQ(json["enabled_ranks"].dump(), "[0,1,2,3]");
  EXPECT_FALSE(pool_json(pool(), {.space = false}).contains("tier_stats"));
  EXPECT_EQ(usage_json(pool())[0]["imbalance"], 20);
}

}  // namespace
}  // namespace daos::output
