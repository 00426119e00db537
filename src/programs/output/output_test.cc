// Goal: the shapes that scripts and people rely on, letter by letter.
#include <gtest/gtest.h>

#include <cstdlib>

#include "programs/output/base64.h"
#include "programs/output/outcome.h"
#include "programs/output/sizes.h"
#include "programs/output/table.h"
#include "programs/output/target_view.h"
#include "programs/output/timestamp.h"

namespace daos::output {
namespace {

TEST(Sizes, ArePrintedWithOneDecimalBelowTen) {
  EXPECT_EQ(decimal_size(0), "0 B");
  EXPECT_EQ(decimal_size(9), "9 B");
  EXPECT_EQ(decimal_size(82'854'982), "83 MB");
  EXPECT_EQ(decimal_size(8'000'000'000), "8.0 GB");
  EXPECT_EQ(decimal_size(64'000'000'000), "64 GB");
  EXPECT_EQ(decimal_size(9'940'000), "9.9 MB");
  EXPECT_EQ(decimal_size(9'990'000), "10 MB");
  EXPECT_EQ(decimal_size(999'960), "1.0 MB");
  EXPECT_EQ(decimal_size(UINT64_MAX), "18 EB");
  EXPECT_EQ(binary_size(1u << 20), "1.0 MiB");
  EXPECT_EQ(binary_size(32u << 10), "32 KiB");
}

TEST(Sizes, AreReadInEveryUnit) {
  EXPECT_EQ(*parse_size("512"), 512u);
  EXPECT_EQ(*parse_size("1GiB"), 1u << 30);
  EXPECT_EQ(*parse_size("1gi"), 1u << 30);
  EXPECT_EQ(*parse_size("100GB"), 100'000'000'000u);
  EXPECT_EQ(*parse_size("1.5TB"), 1'500'000'000'000u);
  EXPECT_EQ(*parse_size("1m"), 1'000'000u);
  EXPECT_EQ(*parse_size("2 MiB"), 2u << 20);
  for (const char* bad : {"", "GB", "1XB", "-1GB", "1GBs", "1e400", "99999999TB", "nan", "inf"}) {
    EXPECT_EQ(parse_size(bad).code(), Code::kInvalid) << bad;
  }
}

TEST(Sizes, PercentagesHaveBounds) {
  EXPECT_EQ(*parse_percent("25%"), 2500u);
  EXPECT_EQ(*parse_percent("0.5%"), 50u);
  for (const char* bad : {"25", "0%", "101%", "%", "-3%"}) EXPECT_FALSE(parse_percent(bad).ok()) << bad;
  EXPECT_EQ(*parse_tier_ratio("6,94"), (std::vector<uint32_t>{600, 9400}));
  EXPECT_EQ(*parse_tier_ratio("6.5%,93.5%"), (std::vector<uint32_t>{650, 9350}));
  EXPECT_EQ(*parse_tier_ratio("100"), std::vector<uint32_t>{10'000});
  for (const char* bad : {"", "6", "6,95", "50,25,25", "a,b", "0,100", "6,,94"}) {
    EXPECT_FALSE(parse_tier_ratio(bad).ok()) << bad;
  }
  EXPECT_NE(parse_tier_ratio("6,95").status().message().find("Storage tier ratios must add up to 100 (got 101)"),
            std::string_view::npos);
}

TEST(Table, PadsColumnsAndFillsEmptyCells) {
  EXPECT_EQ(table({"Rank", "State"}, {{"[0-7]", "Joined"}, {"8", ""}}),
            "Rank  State  \n"
            "----  -----  \n"
            "[0-7] Joined \n"
            "8     None   \n");
  EXPECT_EQ(table({"A"}, {{}}, 2), "  A    \n  -    \n  None \n");
}

TEST(Table, EntityPadsKeys) {
  EXPECT_EQ(entity("Pool", {{"UUID", "x"}, {"Service Leader", "0"}}),
            "Pool\n----\n  UUID          : x\n  Service Leader: 0\n");
}

TEST(Table, RankSetsAreRanges) {
  EXPECT_EQ(rank_set({0, 1, 2, 3, 5}), "[0-3,5]");
  EXPECT_EQ(rank_set({2}), "[2]");
  EXPECT_EQ(rank_set({2}, true), "2");
  EXPECT_EQ(rank_set({}), "");
}

TEST(Timestamp, FollowsTheTimeZone) {
  setenv("TZ", "IST-5:30", 1);
  EXPECT_EQ(local_timestamp(1'709'294'400'123'456'789), "2024-03-01T17:30:00.123+05:30");
  setenv("TZ", "UTC", 1);
  EXPECT_EQ(local_timestamp(0), "1970-01-01T00:00:00.000+00:00");
  EXPECT_EQ(utc_time(1'709'294'400'123'400'000), "2024-03-01 12:00:00.1234 +0000 UTC");
  EXPECT_EQ(utc_time(0), "1970-01-01 00:00:00 +0000 UTC");
}

class Printed : public testing::Test {
 protected:
  int run(bool as_json, const Result<Answer>& answer) {
    std::FILE* out = open_memstream(&out_, &out_bytes_);
    std::FILE* err = open_memstream(&err_, &err_bytes_);
    const int code = finish("daos", as_json, answer, out, err);
    std::fclose(out);
    std::fclose(err);
    return code;
  }
  ~Printed() override {
    std::free(out_);
    std::free(err_);
  }
  char* out_ = nullptr;
  char* err_ = nullptr;
  size_t out_bytes_ = 0;
  size_t err_bytes_ = 0;
};

TEST_F(Printed, JsonIsAnEnvelope) {
  EXPECT_EQ(run(true, Answer{.text = "t", .json = {{"b", 1}, {"a", {2}}}}), 0);
  EXPECT_STREQ(out_,
               "{\n  \"response\": {\n    \"b\": 1,\n    \"a\": [\n      2\n    ]\n  },\n  \"error\": null,\n  "
               "\"status\": 0\n}\n");
  EXPECT_STREQ(err_, "");
}

TEST_F(Printed, ErrorsGoToStandardErrorInBothForms) {
  EXPECT_EQ(run(true, Status(Code::kExists, "label tank")), 1);
  EXPECT_STREQ(out_,
               "{\n  \"response\": null,\n  \"error\": \"DER_EXIST(-1004): label tank\",\n  \"status\": -1004\n}\n");
  EXPECT_STREQ(err_, "ERROR: daos: DER_EXIST(-1004): label tank\n");
}

TEST_F(Printed, MistakesOfTheCommandLineCarryNoCode) {
  EXPECT_EQ(run(false, Status(Code::kInvalid, "no pool given")), 1);
  EXPECT_STREQ(out_, "");
  EXPECT_STREQ(err_, "ERROR: daos: no pool given\n");
}

TEST_F(Printed, WhatFailedMayStandInFrontOfTheCode) {
  EXPECT_EQ(run(false, failed("pool create failed", Status(Code::kExists, "label tank"))), 1);
  EXPECT_STREQ(err_, "ERROR: daos: pool create failed: DER_EXIST(-1004): label tank\n");
}

TEST_F(Printed, ABadVerdictComesBehindTheWholeAnswer) {
  const Answer found{
      .text = "one is bad\n", .json = {{"bad", 1}}, .verdict = Status(Code::kFormatInvalid, "one is bad")};
  EXPECT_EQ(run(false, found), 1);
  EXPECT_STREQ(out_, "one is bad\n");
  EXPECT_STREQ(err_, "ERROR: daos: DER_DF_INVAL(-2022): one is bad\n");
}

TEST_F(Printed, ABadVerdictIsInTheEnvelopeBesideTheAnswer) {
  EXPECT_EQ(run(true, Answer{.json = {{"bad", 1}}, .verdict = Status(Code::kFormatInvalid, "one is bad")}), 1);
  EXPECT_STREQ(out_,
               "{\n  \"response\": {\n    \"bad\": 1\n  },\n  \"error\": \"DER_DF_INVAL(-2022): one is bad\",\n  "
               "\"status\": -2022\n}\n");
}

TEST_F(Printed, TextIsPrintedAsItIs) {
  EXPECT_EQ(run(false, Answer{.text = "line\n"}), 0);
  EXPECT_STREQ(out_, "line\n");
}

TEST(Base64, OfAnyBytes) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64(std::string_view("\0\xff\x80\xfb", 4)), "AP+A+w==");
}

TEST(TargetView, TextAndJson) {
  const std::vector<TargetView> targets = {{.state = 4, .tiers = {{.total = 2000, .free = 1000}}},
                                           {.state = 99, .tiers = {}}};
  EXPECT_EQ(targets_text(targets),
            "Target: state up_in\n- Storage tier 0 (SCM):\n  Total size: 2.0 kB\n  Free: 1.0 kB\n"
            "Target: state state_unknown\n");
  const Json json = targets_json(targets);
  EXPECT_EQ(json[0]["target_state"], "up_in");
  EXPECT_EQ(json[0]["space"][0]["media_type"], "scm");
  EXPECT_TRUE(json[1]["space"].empty());
}

}  // namespace
}  // namespace daos::output
