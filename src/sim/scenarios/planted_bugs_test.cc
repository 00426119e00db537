// Goal: the checkers see. Method: real bugs are switched on in the product, one at a time, and seeds are run until one
// fails; a bug that no seed shows fails the test. The same seeds without a bug are good.
#include <gtest/gtest.h>

#include "sim/scenarios/scenario.h"

namespace daos::sim {
namespace {

constexpr uint64_t kSeedsMax = 300;

/// The first seed that fails, and what it said; 0 when all are good.
std::pair<uint64_t, std::string> first_failure(std::string_view scenario, vos::PlantedBugs planted, uint64_t seeds) {
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    const RunResult result = find_scenario(scenario)->run(seed, {.planted = planted});
    if (!result.failures.empty()) return {seed, result.failures[0]};
  }
  return {0, ""};
}

class PlantedBugs : public testing::TestWithParam<std::string_view> {
 protected:
  void expect_seen(vos::PlantedBugs planted) {
    const auto [seed, what] = first_failure(GetParam(), planted, kSeedsMax);
    EXPECT_NE(seed, 0u) << "no seed up to " << kSeedsMax << " shows it";
    // Seen by the history, not by accident.
    EXPECT_NE(what.find("key k"), std::string::npos) << "seed " << seed << ": " << what;
  }
};
TEST_P(PlantedBugs, AnAcknowledgementBeforeTheFlushIsSeen) { expect_seen({.acknowledge_before_flush = true}); }
TEST_P(PlantedBugs, ADuplicateAppliedIsSeen) { expect_seen({.apply_duplicates = true}); }
TEST_P(PlantedBugs, ASlotForgottenOverARestartIsSeen) { expect_seen({.forget_slots_over_restart = true}); }
TEST_P(PlantedBugs, WithoutOneTheSeedsAreGood) {
  const auto [seed, what] = first_failure(GetParam(), {}, 10);
  EXPECT_EQ(seed, 0u) << "seed " << seed << ": " << what;
}
INSTANTIATE_TEST_SUITE_P(Scenarios, PlantedBugs, testing::Values("targets", "system"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace daos::sim
