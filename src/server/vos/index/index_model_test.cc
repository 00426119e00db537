// Random histories against the plain model: in order, out of order, and with reclaim under random snapshots.
#include "server/vos/index/index_history.h"

namespace daos::vos::test {
namespace {

constexpr uint64_t kSeeds = 12;

TEST(IndexModel, AnswersAsTheModelAtEveryEpoch) {
  for (uint64_t seed = 0; seed < kSeeds; seed++) {
    SCOPED_TRACE(seed);
    Histories histories(seed);
    Model model;
    Index index;
    Comparison compare(index, model, histories);
    compare.positions = true;
    for (uint64_t step = 1; step <= 200; step++) {
      const journal::Position position(step);
      if (histories.rng.one_in(5)) {
        const PunchRecord record = histories.punch();
        const uint64_t before = index.used_bytes();
        const uint64_t cost = index.cost_of(record);
        index.apply(record, position);
        ASSERT_LE(index.used_bytes(), before + cost);
        model.apply(record);
      } else {
        const UpdateRecord record = histories.update(model, nullptr);
        bool other_kind = false;
        for (const AkeyValue& value : record.values) {
          const AkeyPath path{record.container, record.object, text_of(record.dkey.bytes()),
                              text_of(value.akey.bytes())};
          const ValueKind other = value.kind == ValueKind::kSingle ? ValueKind::kArray : ValueKind::kSingle;
          other_kind |= model.holds(path, other, kLatest);
        }
        ASSERT_EQ(index.check(record).code(), other_kind ? Code::kNoPerm : Code::kOk);
        const uint64_t before = index.used_bytes();
        const uint64_t cost = index.cost_of(record);
        index.apply(record, position);
        ASSERT_LE(index.used_bytes(), before + cost);
        model.apply(record, step);
      }
      if (histories.rng.one_in(40)) ASSERT_NO_FATAL_FAILURE(compare.at(histories.rng.below(histories.epoch + 2)));
    }
    for (const uint64_t epoch : {kLatest, histories.epoch, histories.epoch / 2, histories.rng.below(histories.epoch)}) {
      ASSERT_NO_FATAL_FAILURE(compare.at(epoch));
    }
  }
}

struct Step {
  bool punch;
  UpdateRecord update;
  PunchRecord punched;
};

TEST(IndexModel, OrderOfApplicationDoesNotMatter) {
  for (uint64_t seed = 100; seed < 100 + kSeeds; seed++) {
    SCOPED_TRACE(seed);
    Histories histories(seed);
    histories.dkeys = 2;
    Model model;
    std::vector<Step> steps;
    for (uint64_t i = 0; i < 120; i++) {
      Step step{.punch = histories.rng.one_in(5)};
      if (step.punch) {
        step.punched = histories.punch();
        model.apply(step.punched);
      } else {
        step.update = histories.update(model, nullptr);
        model.apply(step.update, i);
      }
      steps.push_back(std::move(step));
    }
    // From a little disorder to none at all in the order.
    const uint64_t distance = uint64_t{1} << histories.rng.below(8);
    for (size_t i = 0; i < steps.size(); i++) {
      std::swap(steps[i], steps[std::min<size_t>(steps.size() - 1, i + histories.rng.below(distance))]);
    }
    Index index;
    for (const Step& step : steps) {
      if (step.punch) {
        index.apply(step.punched, journal::Position(1));
      } else {
        index.apply(step.update, journal::Position(1));
      }
    }
    Comparison compare(index, model, histories);
    ASSERT_NO_FATAL_FAILURE(compare.at(kLatest));
    for (uint64_t epoch = 10; epoch <= histories.epoch; epoch += 1 + histories.rng.below(30)) {
      ASSERT_NO_FATAL_FAILURE(compare.at(epoch));
    }
  }
}

TEST(IndexModel, ReclaimTakesOnlyWhatNobodyNeeds) {
  for (uint64_t seed = 200; seed < 200 + kSeeds; seed++) {
    SCOPED_TRACE(seed);
    Histories histories(seed);
    Model model;
    Index index;
    Comparison compare(index, model, histories);
    std::set<uint64_t> snapshots;
    uint64_t stored = 0;
    const auto reclaim = [&](size_t budget) {
      Freed freed;
      Retention retention{.horizon = histories.epoch, .moments = {}};
      for (const Uuid& container : histories.containers) retention.moments[container] = snapshots;
      const bool complete = index.reclaim(retention, budget, freed);
      for (const TierAddress& run : freed.tier1) {
        const auto found = model.disk.find(run.offset);
        EXPECT_NE(found, model.disk.end()) << "given back twice";
        if (found == model.disk.end()) continue;
        EXPECT_EQ(run.bytes, found->second.size());
        stored += run.bytes;
        model.disk.erase(found);
      }
      return complete;
    };
    for (uint64_t step = 1; step <= 300; step++) {
      if (histories.rng.one_in(4)) {
        const PunchRecord record = histories.punch();
        index.apply(record, journal::Position(step));
        model.apply(record);
      } else {
        const UpdateRecord record = histories.update(model, nullptr);
        model.apply(record, step);
        index.apply(record, journal::Position(step));
      }
      if (histories.rng.one_in(10)) snapshots.insert(histories.epoch);
      if (histories.rng.one_in(10) && !snapshots.empty()) {
        snapshots.erase(std::next(snapshots.begin(), static_cast<ptrdiff_t>(histories.rng.below(snapshots.size()))));
      }
      if (histories.rng.one_in(3)) reclaim(1 + histories.rng.below(30));
      if (histories.rng.one_in(60)) {
        for (const uint64_t epoch : snapshots) ASSERT_NO_FATAL_FAILURE(compare.at(epoch));
        ASSERT_NO_FATAL_FAILURE(compare.at(kLatest));
      }
    }
    for (const uint64_t epoch : snapshots) ASSERT_NO_FATAL_FAILURE(compare.at(epoch));
    ASSERT_NO_FATAL_FAILURE(compare.at(kLatest));
    // Without snapshots only what is visible now remains, and after a punch of everything nothing but the objects.
    snapshots.clear();
    for (int round = 0; round < 6; round++) {
      while (!reclaim(7)) {
      }
    }
    ASSERT_NO_FATAL_FAILURE(compare.at(kLatest));
    histories.epoch += 10;
    for (const Uuid& container : histories.containers) {
      for (const classes::ObjectId& object : histories.objects) {
        const PunchRecord record{
            .container = container, .object = object, .epoch = histories.epoch, .level = PunchLevel::kObject};
        index.apply(record, journal::Position(1000));
        model.apply(record);
      }
    }
    histories.epoch += 10;
    for (int round = 0; round < 6; round++) {
      while (!reclaim(7)) {
      }
    }
    EXPECT_EQ(index.akeys(), 0u);
    EXPECT_EQ(index.stored_bytes(), 0u);
    ASSERT_NO_FATAL_FAILURE(compare.at(kLatest));
    const uint64_t empty = Index().used_bytes();
    for (const Uuid& container : histories.containers) index.destroy(container);
    while (!reclaim(3)) {
    }
    EXPECT_EQ(index.used_bytes(), empty);
  }
}

}  // namespace
}  // namespace daos::vos::test
