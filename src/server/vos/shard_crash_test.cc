// Goal: whatever the moment at which the machine stops, what comes back is everything up to some step and nothing of
// the steps behind it: no acknowledged step is missing, no update is half there, repeated updates are recognised,
// closed slots are closed, and no epoch is given out twice. Method: the same seeded life, of several steps at once, is
// ended at the k-th write, flush or change of names, for k = 0, 1, 2 ... until a life ends without meeting it; then the
// store is compared with the model after every prefix of the steps. Steps whose values go to extents are executed when
// those are written, so within a turn in any order. The planted bugs show that the comparison can fail.
#include "server/vos/shard_world.h"

namespace daos::vos {
namespace {

using namespace std::chrono_literals;
using storage::DiskOperation;
using storage::Loss;

struct Case {
  journal::Durability durability = journal::Durability::kPower;
  Loss loss = Loss::kPower;
  DiskOperation kind = DiskOperation::kWrite;
  PlantedBugs planted;
  uint64_t seed = 0;
  enum class Extents : uint8_t { kNone, kTier1, kDevice, kAlone } extents = Extents::kNone;
  bool few_keys = false;  // overwritten all the time, so that extents are used again soon
};

ShardWorld::Options world_options(const Case& c) {
  ShardWorld::Options options{.durability = c.durability, .planted = c.planted};
  if (c.extents == Case::Extents::kNone) return options;
  options.inline_max = 600;
  options.inline_max_alone = 600;
  options.tier0_bytes = 2 * kMiB;
  // Few keys: so little that what was freed is needed at once, and what is overwritten is freed at once.
  if (c.few_keys) options.retention = Duration(0);
  if (c.extents != Case::Extents::kAlone) options.tier1_bytes = c.few_keys ? 192 * kKiB : 1 * kMiB;
  if (c.extents == Case::Extents::kDevice) options.tier1_on = ShardWorld::Options::Tier1::kDevice;
  return options;
}

class Lives {
 public:
  explicit Lives(const Case& c) : case_(c), world_(c.seed, world_options(c)), rng_(c.seed * 77 + 1) {}

  /// Three lives, the first two of which end at or after the k-th operation. What is wrong, or nothing.
  std::string run(uint64_t k) {
    for (int life = 0; life < 3; life++) {
      for (const DiskOperation kind : {DiskOperation::kWrite, DiskOperation::kFlush}) {
        world_.disk->set_delay(kind, {.least = 10us, .most = 2ms});
      }
      if (life < 2) world_.disk->crash_at(case_.kind, life == 0 ? k : rng_.below(30));
      const Status opened = world_.open();
      if (opened.ok()) {
        std::string wrong = judge();
        if (wrong.empty()) wrong = live();
        if (!wrong.empty()) return fmt::format("life {}: {}", life, wrong);
      } else if (!world_.disk->dead()) {
        return fmt::format("life {}: open: {}", life, opened);
      }
      if (life == 0) met_ = world_.disk->dead();
      if (life < 2) world_.restart(case_.loss);
    }
    world_.restart(std::nullopt);
    const Status opened = world_.open();
    return opened.ok() ? judge() : fmt::format("last open: {}", opened);
  }
  bool met() const { return met_; }

 private:
  /// Right after an open: the store is the model after some of the steps, in the order of the log.
  std::string judge() {
    const Result<Model> there = world_.observe();
    if (world_.disk->dead()) return "";
    if (!there.ok()) return there.status().to_string();
    Model before = base_;
    for (size_t i = 0; i < turn_; i++) before.apply(steps_[i]);
    std::string wrong;
    std::optional<Model> found;
    each_order([&](const std::vector<size_t>& order) {
      if (found) return;
      for (const size_t i : required_) {
        if (std::find(order.begin(), order.end(), i) == order.end()) return;
      }
      Model model = before;
      for (const size_t i : order) model.apply(steps_[i]);
      wrong = ShardWorld::difference(*there, model);
      if (wrong.empty()) found = std::move(model);
    });
    if (found) return accept(std::move(*found));
    std::string history;
    for (size_t i = 0; i < steps_.size(); i++) history += describe(steps_[i]) + (i + 1 == turn_ ? "\n" : "");
    return fmt::format("no order of the last {} of {} steps gives what is there; one of them: {}; steps:{}",
                       steps_.size() - turn_, steps_.size(), wrong, history);
  }
  /// What of the last turn may be in the log, in which order: its other steps as they were asked, then those with
  /// extents in any order; of all that a prefix.
  template <class Take>
  void each_order(Take&& take) {
    std::vector<size_t> order;
    std::vector<size_t> late;
    for (size_t i = turn_; i < steps_.size(); i++) {
      if (has_extents(steps_[i])) {
        late.push_back(i);
      } else {
        take(order);
        order.push_back(i);
      }
    }
    each_arrangement(order, late, take);
  }
  template <class Take>
  void each_arrangement(std::vector<size_t>& order, const std::vector<size_t>& rest, Take&& take) {
    take(order);
    for (const size_t next : rest) {
      std::vector<size_t> others;
      for (const size_t i : rest) {
        if (i != next) others.push_back(i);
      }
      order.push_back(next);
      each_arrangement(order, others, take);
      order.pop_back();
    }
  }
  bool has_extents(const Step& step) const {
    if (case_.extents == Case::Extents::kNone || step.kind != Step::Kind::kUpdate) return false;
    return std::any_of(step.values.begin(), step.values.end(),
                       [](const auto& value) { return value.second.size() > 600; });
  }
  static std::string describe(const Step& step) {
    static constexpr const char* kNames[] = {"update", "fetch", "close", "end client", "destroy"};
    std::string text = fmt::format("\n  {} container {} object {} dkey {} client {} slot {}/{}: {}",
                                   kNames[static_cast<int>(step.kind)], step.container, step.object, step.dkey,
                                   step.client, step.slot.slot, step.slot.sequence, step.status);
    for (const auto& [akey, value] : step.values) text += fmt::format(" {}={:.10}({})", akey, value, value.size());
    return text;
  }
  /// What came back counts from now on: answers that never came are learned by asking again, and asking changes
  /// nothing.
  std::string accept(Model model) {
    for (auto& [name, slot] : model.slots) {
      const auto known = last_update_.find({name.first, name.second, slot.sequence});
      if (slot.closed || known == last_update_.end()) continue;
      Step again = known->second;
      again.epoch = 0;
      again = world_.take(std::move(again));
      if (world_.disk->dead()) return "";
      if (!again.status.ok()) return fmt::format("a repeated update: {}", again.status);
      if (slot.epoch != 0 && again.epoch != slot.epoch) return "a repeated update was executed again";
      slot.epoch = again.epoch;
      newest_epoch_ = std::max(newest_epoch_, again.epoch);
    }
    const std::string wrong = world_.difference(model);
    if (world_.disk->dead()) return "";
    base_ = std::move(model);
    steps_.clear();
    turn_ = 0;
    required_.clear();
    return wrong.empty() ? "" : "after repeating the last updates: " + wrong;
  }

  std::string live() {
    for (int turn = 0; turn < 12 && !world_.disk->dead(); turn++) {
      const size_t first = turn_ = steps_.size();
      for (uint64_t more = rng_.between(1, 4); more > 0; more--) steps_.push_back(next_step(first));
      std::deque<Step*> together;
      for (size_t i = first; i < steps_.size(); i++) together.push_back(&steps_[i]);
      world_.take(together);
      const uint64_t epoch_before = newest_epoch_;
      required_.clear();
      size_t answered = 0;
      for (size_t i = first; i < steps_.size(); i++) {
        const Step& step = steps_[i];
        if (!step.status.ok()) {
          if (world_.disk->dead()) continue;
          return fmt::format("step {}: {}", i, step.status);
        }
        answered++;
        if (step.kind == Step::Kind::kFetch) {
          see(step);
        } else {
          required_.insert(i);
        }
        if (step.kind != Step::Kind::kUpdate) continue;
        if (step.epoch <= epoch_before) return fmt::format("epoch {} after {} was given out", step.epoch, epoch_before);
        newest_epoch_ = std::max(newest_epoch_, step.epoch);
      }
      if (answered == steps_.size() - first) {
        // All of them are there, whatever happens: the order of the updates is that of their epochs.
        const auto begin = steps_.begin() + static_cast<std::ptrdiff_t>(first);
        for (auto step = begin; step != steps_.end(); ++step) {  // stable, as what is no update keeps its place
          const auto place =
              std::upper_bound(begin, step, *step, [](const Step& a, const Step& b) { return a.epoch < b.epoch; });
          std::rotate(place, step, step + 1);
        }
        turn_ = steps_.size();
        required_.clear();
      }
      if (case_.extents != Case::Extents::kNone && rng_.below(3) == 0) {
        world_.timeline.run_until(world_.timeline.now() + Duration(rng_.below(40'000'000)));
      }
    }
    return "";
  }
  /// A fetch was answered: what it saw must not be taken back. Values carry the number of their step.
  void see(const Step& fetch) {
    for (const auto& [akey, value] : fetch.values) {
      for (size_t i = turn_; i < steps_.size(); i++) {
        if (steps_[i].kind == Step::Kind::kUpdate && value.starts_with(prefix_of(steps_[i]))) required_.insert(i);
      }
    }
  }
  static std::string prefix_of(const Step& update) {
    return fmt::format("{}/{}/{}/", update.client, update.slot.slot, update.slot.sequence);
  }

  Step next_step(size_t first) {
    Step step{.container = live_[pick(kContainers)],
              .object = pick(case_.few_keys ? 1 : kObjects),
              .dkey = pick(case_.few_keys ? 1 : kDkeys),
              .client = pick(kClients)};
    const uint64_t dice = rng_.below(20);
    if (dice == 0 && first == steps_.size()) {
      step.kind = Step::Kind::kDestroy;
      for (uint32_t& live : live_) {
        if (live == step.container) live += kContainers;
        world_.containers_used = std::max(world_.containers_used, live + 1);
      }
    } else if (dice == 1 && first == steps_.size()) {
      step.kind = Step::Kind::kEndClient;
    } else if (dice < 6) {
      step.kind = Step::Kind::kFetch;
    } else {
      // A slot that nothing of this turn uses: a client has one operation on it at a time.
      const Model model = model_now();
      std::set<uint16_t> in_use;
      for (size_t i = first; i < steps_.size(); i++) {
        if (steps_[i].client == step.client) in_use.insert(steps_[i].slot.slot);
      }
      do step.slot.slot = static_cast<uint16_t>(rng_.below(rpc::kSlotsFirst));
      while (in_use.contains(step.slot.slot));
      step.slot.sequence = model.slot(step.client, step.slot.slot).sequence + 1;
      // A new client after an end: its sequences start above those of the old one, so that values differ.
      step.slot.sequence = std::max(step.slot.sequence, sequence_floor_);
      if (dice < 9) {
        step.kind = Step::Kind::kClose;
      } else {
        for (uint32_t akey = 0; akey < kAkeys; akey++) {
          if (akey > 0 && rng_.below(2) == 0) continue;
          const uint64_t bytes = rng_.below(case_.few_keys ? 2 : 6) == 0 ? rng_.below(20'000) : rng_.below(400);
          step.values.emplace_back(akey, prefix_of(step) + std::string(bytes, 'x'));
        }
        last_update_[{step.client, step.slot.slot, step.slot.sequence}] = step;
      }
      sequence_floor_++;
    }
    return step;
  }
  Model model_now() const {
    Model model = base_;
    for (const Step& step : steps_) model.apply(step);
    return model;
  }
  uint32_t pick(uint32_t below) { return static_cast<uint32_t>(rng_.below(below)); }

  const Case case_;
  ShardWorld world_;
  runtime::Rng rng_;
  std::array<uint32_t, kContainers> live_{0, 1};
  Model base_;                 // what was there when this life began
  std::deque<Step> steps_;     // of this life, in order of execution
  size_t turn_ = 0;            // the first step of the turn that may not have come to its end
  std::set<size_t> required_;  // of that turn: those that were acknowledged, or seen by who was answered
  std::map<std::tuple<uint32_t, uint16_t, uint64_t>, Step> last_update_;
  uint64_t sequence_floor_ = 1;
  uint64_t newest_epoch_ = 0;
  bool met_ = false;
};

uint64_t try_every_k(Case c, uint64_t seeds) { return crash_at_every_k<Lives>(c, seeds); }

TEST(ShardCrash, LossOfPowerAtEveryWriteAndFlush) {
  EXPECT_GT(try_every_k({.kind = DiskOperation::kWrite}, 4), 60u);
  EXPECT_GT(try_every_k({.kind = DiskOperation::kFlush}, 4), 40u);
}

TEST(ShardCrash, LossOfPowerAtEveryChangeOfNames) { EXPECT_GT(try_every_k({.kind = DiskOperation::kNames}, 4), 4u); }

TEST(ShardCrash, KillAtEveryWriteAndFlush) {
  for (const journal::Durability durability : {journal::Durability::kPower, journal::Durability::kProcess}) {
    EXPECT_GT(try_every_k({.durability = durability, .loss = Loss::kProcess, .kind = DiskOperation::kWrite}, 2), 20u);
    EXPECT_GT(try_every_k({.durability = durability, .loss = Loss::kProcess, .kind = DiskOperation::kFlush}, 2), 2u);
  }
}

TEST(ShardCrash, LossOfPowerWithExtentsAtEveryWriteAndFlush) {
  for (const auto extents : {Case::Extents::kTier1, Case::Extents::kDevice, Case::Extents::kAlone}) {
    for (const bool few_keys : {false, true}) {
      EXPECT_GT(try_every_k({.kind = DiskOperation::kWrite, .extents = extents, .few_keys = few_keys}, 3), 60u);
      EXPECT_GT(try_every_k({.kind = DiskOperation::kFlush, .extents = extents, .few_keys = few_keys}, 3), 60u);
    }
    EXPECT_GT(try_every_k({.kind = DiskOperation::kNames, .extents = extents}, 2), 4u);
  }
}

TEST(ShardCrash, KillWithExtentsAtEveryWriteAndFlush) {
  for (const auto extents : {Case::Extents::kTier1, Case::Extents::kDevice, Case::Extents::kAlone}) {
    for (const journal::Durability durability : {journal::Durability::kPower, journal::Durability::kProcess}) {
      Case c{.durability = durability, .loss = Loss::kProcess, .extents = extents, .few_keys = true};
      for (c.kind = DiskOperation::kWrite; c.kind <= DiskOperation::kFlush;) {
        EXPECT_GT(try_every_k(c, 2), 2u);
        c.kind = static_cast<DiskOperation>(static_cast<uint8_t>(c.kind) + 1);
      }
    }
  }
}

/// The first thing that the loop above finds wrong with the bug in place, or nothing.
std::string find(Case c, uint64_t seeds = 4) {
  for (c.seed = 0; c.seed < seeds; c.seed++) {
    for (uint64_t k = 0; k < 40; k++) {
      const std::string wrong = Lives(c).run(k);
      if (!wrong.empty()) return wrong;
    }
  }
  return "";
}

TEST(ShardCrash, ThePlantedBugsAreSeen) {
  EXPECT_EQ(find({}), "");
  EXPECT_NE(find({.planted = {.acknowledge_before_flush = true}}), "");
  EXPECT_NE(find({.planted = {.apply_duplicates = true}}), "");
  EXPECT_NE(find({.planted = {.forget_slots_over_restart = true}}), "");
}

TEST(ShardCrash, ThePlantedBugsOfExtentsAreSeen) {
  for (const auto extents : {Case::Extents::kTier1, Case::Extents::kDevice, Case::Extents::kAlone}) {
    const auto find_with = [&](PlantedBugs planted) {
      return find({.planted = planted, .extents = extents, .few_keys = true}, 40);
    };
    EXPECT_NE(find_with({.reuse_freed_extents = true}), "");
    EXPECT_NE(find_with({.forget_extent_flush = true}), "");
    EXPECT_NE(find_with({.trust_unsettled_extents = true}), "");
  }
}

}  // namespace
}  // namespace daos::vos
