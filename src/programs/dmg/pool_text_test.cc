// Goal: what dmg prints of pools, letter by letter, without a system.
#include "programs/dmg/pool_text.h"

#include <gtest/gtest.h>

namespace daos::dmg {
namespace {

control::PoolQueryReply pool() {
  control::PoolQueryReply pool;
  pool.set_uuid("8b9b0000-0000-4000-8000-000000000001");
  pool.set_label("tank");
  pool.set_state("Ready");
  pool.set_total_targets(8);
  pool.set_total_engines(4);
  pool.set_version(1);
  pool.add_service_ranks(0);
  for (uint32_t rank = 0; rank < 4; rank++) pool.add_ranks(rank);
  control::Tier& tier = *pool.add_tiers();
  tier.set_total(64'000'000'000);
  tier.set_free(48'000'000'000);
  tier.set_min(5'200'000'000);
  tier.set_max(6'800'000'000);
  tier.set_mean(6'000'000'000);
  return pool;
}

TEST(PoolText, QueryShowsHealthAndSpaceOfOneTier) {
  EXPECT_EQ(query_text(pool(), true, false),
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
  EXPECT_EQ(query_text(pool(), false, true).find("space"), std::string::npos);
}

TEST(PoolText, ListShowsUseAndImbalance) {
  control::PoolListReply pools;
  EXPECT_EQ(list_text(pools, false, false), "No pools in system\n");
  *pools.add_pools() = pool();
  EXPECT_EQ(list_text(pools, false, false),
            "Pool Size  State Used Imbalance Disabled \n"
            "---- ----  ----- ---- --------- -------- \n"
            "tank 64 GB Ready 25%  20%       0/8      \n");
  EXPECT_EQ(list_text(pools, false, true),
            "Pool State \n"
            "---- ----- \n"
            "tank Ready \n");
  EXPECT_NE(list_text(pools, true, false).find("NVME Size"), std::string::npos);
}

TEST(PoolText, CreationNamesTiersAndRanks) {
  control::PoolCreateReply made;
  made.set_uuid("8b9b0000-0000-4000-8000-000000000001");
  made.add_service_ranks(0);
  for (uint32_t rank = 0; rank < 4; rank++) made.add_ranks(rank);
  made.add_tier_bytes(2'000'000'000);
  made.add_tier_bytes(0);
  EXPECT_EQ(created_text(made),
            "Pool created with 100.00% storage tier ratio\n"
            "--------------------------------------------\n"
            "  UUID                : 8b9b0000-0000-4000-8000-000000000001\n"
            "  Service Leader      : 0\n"
            "  Service Ranks       : 0\n"
            "  Storage Ranks       : [0-3]\n"
            "  Total Size          : 8.0 GB\n"
            "  Storage tier 0 (SCM): 8.0 GB (2.0 GB / rank)\n");
  EXPECT_EQ(created_json(made)["tier_bytes"].dump(), "[2000000000,0]");
  EXPECT_EQ(created_json(made)["tgt_ranks"].dump(), "[0,1,2,3]");
}

TEST(PoolText, CreatingSaysHowTheSizeWasMeant) {
  control::PoolCreateRequest request;
  request.set_percent_hundredths(5000);
  EXPECT_EQ(creating_text(request), "Creating DAOS pool with 50% of all storage\n");
  request.set_percent_hundredths(50);
  EXPECT_EQ(creating_text(request), "Creating DAOS pool with 0.50% of all storage\n");
  request.set_percent_hundredths(0);
  request.set_total_bytes(1'000'000'000'000);
  request.set_rank_count(2);
  EXPECT_NE(creating_text(request).find(
                "automatic storage allocation: 1.0 TB total, 100.00% storage tier ratio with 2 ranks\n"),
            std::string::npos);
}

TEST(PoolText, JsonCarriesEveryField) {
  const output::Json json = pool_json(pool(), true, true);
  EXPECT_EQ(json["label"], "tank");
  EXPECT_EQ(json["active_targets"], 8);
  EXPECT_EQ(json["tier_stats"][0]["media_type"], "scm");
  EXPECT_EQ(json["enabled_ranks"].dump(), "[0,1,2,3]");
  EXPECT_FALSE(pool_json(pool(), false, false).contains("tier_stats"));
}

}  // namespace
}  // namespace daos::dmg
