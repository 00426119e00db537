#include <daos_pool.h>
#include <gtest/gtest.h>

namespace {

TEST(PoolFilter, HoldsUpToEightPartsByAddress) {
  daos_pool_cont_filter_t filter;
  ASSERT_EQ(daos_pool_cont_filter_init(&filter, PCF_COMBINE_LOGICAL_OR), 0);
  EXPECT_EQ(filter.pcf_nparts, 0u);
  daos_pool_cont_filter_part_t parts[DAOS_POOL_CONT_FILTER_MAX_NPARTS + 1] = {};
  for (uint32_t i = 0; i < DAOS_POOL_CONT_FILTER_MAX_NPARTS; i++) {
    ASSERT_EQ(daos_pool_cont_filter_add(&filter, &parts[i]), 0);
    EXPECT_EQ(filter.pcf_parts[i], &parts[i]);
  }
  EXPECT_EQ(daos_pool_cont_filter_add(&filter, &parts[DAOS_POOL_CONT_FILTER_MAX_NPARTS]), -DER_INVAL);
  EXPECT_EQ(filter.pcf_nparts, static_cast<uint32_t>(DAOS_POOL_CONT_FILTER_MAX_NPARTS));
  daos_pool_cont_filter_fini(&filter);
  EXPECT_EQ(filter.pcf_parts, nullptr);
  EXPECT_EQ(filter.pcf_nparts, 0u);
}

TEST(PoolFilter, RefusesWhatIsOutOfRange) {
  daos_pool_cont_filter_t filter;
  EXPECT_EQ(daos_pool_cont_filter_init(nullptr, 0), -DER_INVAL);
  EXPECT_EQ(daos_pool_cont_filter_init(&filter, PCF_COMBINE_LOGICAL_OR + 1), -DER_INVAL);
  ASSERT_EQ(daos_pool_cont_filter_init(&filter, PCF_COMBINE_LOGICAL_AND), 0);
  daos_pool_cont_filter_part_t part = {};
  EXPECT_EQ(daos_pool_cont_filter_add(&filter, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_pool_cont_filter_add(nullptr, &part), -DER_INVAL);
  part.pcfp_func = PCF_FUNC_MAX;
  EXPECT_EQ(daos_pool_cont_filter_add(&filter, &part), -DER_INVAL);
  part.pcfp_func = PCF_FUNC_GE;
  part.pcfp_key = PCF_KEY_MAX;
  EXPECT_EQ(daos_pool_cont_filter_add(&filter, &part), -DER_INVAL);
  daos_pool_cont_filter_fini(&filter);
  daos_pool_cont_filter_fini(nullptr);
}

TEST(PoolFilter, WordsOfFunctionsAndKeys) {
  EXPECT_STREQ(daos_pool_cont_filter_func_str(PCF_FUNC_LE), "<=");
  EXPECT_STREQ(daos_pool_cont_filter_func_str(PCF_FUNC_MAX), "UNKNOWN");
  EXPECT_STREQ(daos_pool_cont_filter_key_str(PCF_KEY_MD_MTIME), "md_modify_time");
  EXPECT_STREQ(daos_pool_cont_filter_key_str(PCF_KEY_MAX), "UNKNOWN");
}

}  // namespace
