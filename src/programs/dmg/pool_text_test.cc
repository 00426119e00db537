// Goal: what dmg says when a pool is made, letter by letter, without a system.
#include "programs/dmg/pool_text.h"

#include <gtest/gtest.h>

namespace daos::dmg {
namespace {

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
                "automatic storage allocation: 1.0 TB total, 100.00% storage tier ratio with 2 ranks\n"
                "Creating DAOS pool with only a single tier of storage\n"),
            std::string::npos);
  request.add_tier_ratio_hundredths(600);
  request.add_tier_ratio_hundredths(9400);
  request.set_rank_count(0);
  EXPECT_EQ(creating_text(request),
            "Creating DAOS pool with automatic storage allocation: 1.0 TB total, 6.00% storage tier ratio\n");
  control::PoolCreateRequest manual;
  manual.add_tier_bytes(8'000'000'000);
  EXPECT_EQ(creating_text(manual),
            "Creating DAOS pool with manual per-engine storage allocation: 8.0 GB SCM, 0 B NVMe (100.00% storage tier "
            "ratio)\nCreating DAOS pool with only a single tier of storage\n");
  manual.add_tier_bytes(64'000'000'000);
  EXPECT_EQ(creating_text(manual),
            "Creating DAOS pool with manual per-engine storage allocation: 8.0 GB SCM, 64 GB NVMe (11.11% storage tier "
            "ratio)\n");
  manual.set_tier_bytes(1, 1'000'000'000'000);
  EXPECT_NE(creating_text(manual).find("storage tier ratio is less than 1.00%, DAOS performance may suffer!\n"),
            std::string::npos);
}

TEST(PoolText, CreationNamesBothTiers) {
  control::PoolCreateReply made;
  for (uint32_t rank = 0; rank < 8; rank++) made.add_ranks(rank);
  made.add_tier_bytes(8'000'000'000);
  made.add_tier_bytes(64'000'000'000);
  EXPECT_EQ(created_text(made).find("Pool created with 11.11%,88.89% storage tier ratio\n"
                                    "--------------------------------------------------\n"),
            0u);
  EXPECT_NE(created_text(made).find("  Storage tier 0 (SCM) : 64 GB (8.0 GB / rank)\n"
                                    "  Storage tier 1 (NVMe): 512 GB (64 GB / rank)\n"),
            std::string::npos)
      << created_text(made);
}

TEST(PoolText, ViewTakesEveryField) {
  control::PoolQueryReply pool;
  pool.set_label("tank");
  pool.set_total_targets(8);
  pool.add_ranks(3);
  pool.add_tiers()->set_free(5);
  const output::PoolView view = view_of(pool);
  EXPECT_EQ(view.label, "tank");
  EXPECT_EQ(view.total_targets, 8u);
  EXPECT_EQ(view.ranks, std::vector<uint32_t>{3});
  EXPECT_EQ(view.tiers.at(0).free, 5u);
}

}  // namespace
}  // namespace daos::dmg
