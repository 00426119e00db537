// Goal: the checker accepts exactly the histories that have an explanation. Method: hand-made good and bad ones, named
// after the bug they stand for; and random small ones, against a search through all orders.
#include "sim/check/register_checker.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "platform/runtime/rng.h"

namespace daos::sim {
namespace {

Operation update(ValueId value, int64_t asked, int64_t answered, Outcome outcome = Outcome::kOk) {
  return {.kind = OperationKind::kUpdate, .value = value, .outcome = outcome, .asked = {asked}, .answered = {answered}};
}
Operation fetch(ValueId value, int64_t asked, int64_t answered, Outcome outcome = Outcome::kOk) {
  return {.kind = OperationKind::kFetch, .value = value, .outcome = outcome, .asked = {asked}, .answered = {answered}};
}
History history(std::initializer_list<Operation> operations) {
  History result;
  for (const Operation& operation : operations) result.add(operation);
  return result;
}
void expect_good(std::initializer_list<Operation> operations) {
  const std::vector<Violation> violations = check_registers(history(operations));
  EXPECT_TRUE(violations.empty()) << violations[0].to_string();
}
std::string expect_bad(std::initializer_list<Operation> operations) {
  const std::vector<Violation> violations = check_registers(history(operations));
  EXPECT_EQ(violations.size(), 1u);
  return violations.empty() ? "" : violations[0].to_string();
}

TEST(RegisterChecker, AcceptsWhatHasAnExplanation) {
  expect_good({});
  expect_good({fetch(kAbsent, 1, 2), update(1, 3, 4), fetch(1, 5, 6), update(2, 7, 8), fetch(2, 9, 10)});
  // At the same time anything goes, as long as later fetches agree.
  expect_good({update(1, 1, 10), update(2, 2, 9), fetch(2, 3, 4), fetch(1, 5, 6), fetch(1, 11, 12)});
  expect_good({update(1, 1, 10), fetch(kAbsent, 2, 3), fetch(1, 4, 5)});
  // Unknown outcomes: never, at once, or much later.
  expect_good({update(1, 1, 2), update(2, 3, 4, Outcome::kUnknown), fetch(1, 5, 6)});
  expect_good({update(1, 1, 2), update(2, 3, 4, Outcome::kUnknown), fetch(2, 5, 6)});
  expect_good({update(1, 1, 2), update(2, 3, 4, Outcome::kUnknown), fetch(1, 5, 6), fetch(2, 7, 8)});
  expect_good({update(1, 1, 2, Outcome::kNotExecuted), fetch(kAbsent, 3, 4), fetch(5, 5, 6, Outcome::kNotExecuted)});
}

TEST(RegisterChecker, SeesAnAcknowledgedUpdateThatWasLost) {
  EXPECT_NE(expect_bad({update(1, 1, 2), fetch(kAbsent, 3, 4)}), "");
  const std::string text = expect_bad({update(1, 1, 2), fetch(1, 3, 4), update(2, 5, 6), fetch(1, 7, 8)});
  EXPECT_NE(text.find("#2"), std::string::npos) << text;
  EXPECT_NE(text.find("update k0 = #2: ok"), std::string::npos) << text;
}
TEST(RegisterChecker, SeesAReadThatACrashUndid) {
  // Nobody acknowledged 2, but somebody saw it.
  expect_bad({update(1, 1, 2), update(2, 3, 4, Outcome::kUnknown), fetch(2, 5, 6), fetch(1, 7, 8)});
  expect_bad({update(2, 3, 9, Outcome::kUnknown), fetch(2, 5, 6), fetch(kAbsent, 7, 8)});
}
TEST(RegisterChecker, SeesADuplicateThatWasApplied) {
  expect_bad({update(1, 1, 2), update(2, 3, 4), fetch(2, 5, 6), fetch(1, 7, 8)});
  expect_bad({update(1, 1, 5, Outcome::kUnknown), fetch(1, 2, 3), update(2, 6, 7), fetch(1, 8, 9), fetch(2, 10, 11)});
}
TEST(RegisterChecker, SeesExecutionAgainstAPromise) {
  expect_bad({update(1, 1, 2, Outcome::kNotExecuted), fetch(1, 3, 4)});
}
TEST(RegisterChecker, SeesMixturesAndInventions) {
  expect_bad({update(1, 1, 2), fetch(kMixture, 3, 4)});
  expect_bad({update(1, 1, 2), fetch(77, 3, 4)});
  expect_bad({fetch(1, 1, 2), update(1, 3, 4)});
}
TEST(RegisterChecker, KeepsKeysApartAndNamesTheGuiltyOne) {
  History mixed = history({update(1, 1, 2), fetch(1, 3, 4)});
  Operation other = update(2, 1, 2);
  other.key = 7;
  mixed.add(other);
  other = fetch(kAbsent, 3, 4);
  other.key = 7;
  mixed.add(other);
  const std::vector<Violation> violations = check_registers(mixed);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].key, 7u);
}

/// Whether any order explains the history: all of them are tried.
bool explained(std::vector<Operation> rest, ValueId now) {
  bool must = false;  // something is left that has to happen
  for (size_t i = 0; i < rest.size(); i++) {
    const Operation& o = rest[i];
    const bool optional = o.kind == OperationKind::kUpdate && o.outcome == Outcome::kUnknown;
    must |= !optional;
    bool first = true;  // nothing else was answered before this was asked
    for (size_t j = 0; j < rest.size(); j++) {
      const bool bounded = rest[j].kind == OperationKind::kFetch || rest[j].outcome == Outcome::kOk;
      if (j != i && bounded && rest[j].answered < o.asked) first = false;
    }
    if (!first || (o.kind == OperationKind::kFetch && o.value != now)) continue;
    std::vector<Operation> without = rest;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    if (explained(std::move(without), o.kind == OperationKind::kUpdate ? o.value : now)) return true;
  }
  return !must;
}

TEST(RegisterChecker, AgreesWithASearchThroughAllOrders) {
  runtime::Rng rng(2);
  int good = 0, bad = 0;
  for (int round = 0; round < 20'000; round++) {
    std::vector<Operation> operations;
    // All times differ: the theorem and the search are about strict orders.
    std::vector<int64_t> times;
    const size_t count = 3 + rng.below(4);
    for (size_t i = 0; i < 2 * count; i++) times.push_back(static_cast<int64_t>(i));
    for (size_t i = times.size() - 1; i > 0; i--) std::swap(times[i], times[rng.below(i + 1)]);
    ValueId values = 0;
    for (size_t i = 0; i < count; i++) {
      int64_t a = times[2 * i], b = times[2 * i + 1];
      // Mostly short ones, or everything would be explained by overlap.
      if (a > b) std::swap(a, b);
      if (rng.below(2) == 0) {
        operations.push_back(update(++values, a, b, rng.below(4) == 0 ? Outcome::kUnknown : Outcome::kOk));
      } else {
        operations.push_back(fetch(rng.below(3), a, b));
      }
    }
    for (Operation& o : operations) {
      if (o.kind == OperationKind::kFetch && o.value > values) o.value = kAbsent;
    }
    History tried;
    for (const Operation& o : operations) tried.add(o);
    const bool expected = explained(operations, kAbsent);
    const std::vector<Violation> found = check_registers(tried);
    std::string all;
    for (const Operation& o : operations) all += to_string(o) + "\n";
    ASSERT_EQ(found.empty(), expected) << all << (found.empty() ? "" : found[0].to_string());
    (expected ? good : bad)++;
  }
  EXPECT_GT(good, 1000);
  EXPECT_GT(bad, 1000);
}

}  // namespace
}  // namespace daos::sim
