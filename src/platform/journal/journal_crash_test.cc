// Goal: whatever the moment at which the machine stops or the disk fails, what was acknowledged comes back and nothing
// that was not submitted does. Method: the same seeded life is run with the fault at the k-th write, flush or change of
// names, for k = 0, 1, 2 ... until a life ends without meeting it; after it, the log is opened again, compared with the
// model, and lives on. The planted bugs show that the comparison can fail.
#include <gtest/gtest.h>

#include "platform/journal/journal_world.h"

namespace daos::journal {
namespace {

using namespace std::chrono_literals;
using storage::DiskOperation;
using storage::Loss;

struct Case {
  Durability durability = Durability::kPower;
  Loss loss = Loss::kPower;
  DiskOperation kind = DiskOperation::kWrite;
  bool crashes = true;  // else the operation fails, and the machine stops some time later
  PlantedBug bug = PlantedBug::kNone;
  uint64_t seed = 0;
};

class Lives {
 public:
  explicit Lives(const Case& c) : case_(c), world_(c.seed), rng_(c.seed * 77 + 1) {
    options_ = {.durability = c.durability, .segment_bytes = 16 * kKiB, .segments_max = 6, .planted_bug = c.bug};
  }

  /// Three lives, the first two of which end at or after the k-th operation. What is wrong, or nothing.
  std::string run(uint64_t k) {
    for (int life = 0; life < 3; life++) {
      arm(k, life);
      options_.position_floor = Position(world_.trimmed);  // the caller's checkpoint, which is why it trimmed
      const Status opened = world_.open(options_);
      if (opened.ok()) {
        const std::string wrong = judge(life);
        if (!wrong.empty()) return wrong;
        live(life == 2 ? 12 : 40);
      } else if (!met_fault(opened)) {
        return fmt::format("life {}: open: {}", life, opened);
      } else if (!world_.replayed.empty()) {
        said_ = std::max(said_, world_.replayed.back().position);  // it may have come to that before it failed
      }
      if (life == 0) met_ = world_.disk->dead() || failed_;
      if (life == 2) return finish();
      if (world_.journal) {
        durable_ = std::max(durable_, world_.journal->durable().value());
        settled_ = std::max(settled_, world_.journal->flushed().value());
      }
      world_.restart(case_.loss);
    }
    return "";
  }
  bool met() const { return met_; }

 private:
  void arm(uint64_t k, int life) {
    slow_down();
    failed_ = false;
    if (life == 2) return;
    const uint64_t at = life == 0 ? k : rng_.below(30);
    if (case_.crashes) {
      world_.disk->crash_at(case_.kind, at);
    } else {
      world_.disk->fail_at(case_.kind, at);
    }
  }
  void slow_down() {
    world_.disk->set_delay(DiskOperation::kWrite, {.least = 10us, .most = 1ms});
    world_.disk->set_delay(DiskOperation::kFlush, {.least = 10us, .most = 3ms});
  }
  bool met_fault(const Status& status) {
    failed_ = status.message().find("injected") != std::string_view::npos;
    return failed_ || world_.disk->dead();
  }

  /// Right after an open: all that was acknowledged is there, and only a prefix of what was submitted.
  std::string judge(int life) {
    const uint64_t from =
        world_.replayed.empty() ? world_.trimmed : std::min(world_.trimmed, world_.replayed.front().position - 1);
    const auto submitted = world_.behind(from);
    if (world_.replayed.size() > submitted.size()) {
      return fmt::format("life {}: {} records came back of {}", life, world_.replayed.size(), submitted.size());
    }
    for (size_t i = 0; i < world_.replayed.size(); i++) {
      if (world_.replayed[i] != submitted[i]) {
        return fmt::format("life {}: record {} came back from position {} instead of {}", life, i,
                           world_.replayed[i].position, submitted[i].position);
      }
    }
    const bool may_forget = case_.durability == Durability::kProcess && case_.loss == Loss::kPower;
    if (!may_forget && world_.replayed.size() < submitted.size() &&
        submitted[world_.replayed.size()].position <= durable_) {
      return fmt::format("life {}: acknowledged up to {}, record at {} is missing", life, durable_,
                         submitted[world_.replayed.size()].position);
    }
    for (const JournalWorld::Record& record : world_.replayed) {
      if (record.position <= world_.journal->recovery().flushed.value() &&
          record.position > std::max(durable_, said_)) {
        return fmt::format("life {}: record at {} counts as settled, was durable up to {}", life, record.position,
                           durable_);
      }
    }
    // The caller has overwritten what records up to there had freed: verified again, they would be cut.
    for (const JournalWorld::Record& record : world_.replayed) {
      if (!may_forget && record.position <= settled_ && record.position > world_.journal->recovery().flushed.value()) {
        return fmt::format("life {}: record at {} was settled and is not any more", life, record.position);
      }
    }
    settled_ = std::max(settled_, world_.journal->flushed().value());
    // What came back is what counts from now on, and it is durable.
    const uint64_t end = world_.replayed.empty() ? from : world_.replayed.back().position;
    std::erase_if(world_.appended, [&](const auto& record) { return record.position > end; });
    durable_ = world_.journal->durable().value();
    return "";
  }

  void live(int steps) {
    for (int step = 0; step < steps && !world_.disk->dead(); step++) {
      const uint64_t dice = rng_.below(10);
      if (dice < 6) {
        const uint64_t bytes = rng_.below(8) == 0 ? rng_.below(20'000) : rng_.below(1500);
        const Result<Position> position = world_.append(JournalWorld::record(rng_.next(), bytes));
        if (position.code() == Code::kNoSpace) world_.trim(world_.journal->durable());
        world_.let_time_pass(Duration(rng_.below(1'500'000)));
      } else if (dice < 7) {
        world_.trim(world_.some_position(rng_));
      } else if (dice < 8) {
        world_.let_time_pass(Duration(rng_.below(150'000'000)));
      } else {
        world_.let_time_pass(Duration(rng_.below(4'000'000)));
      }
      if (!world_.journal->health().ok()) {
        failed_ = true;
        if (!case_.crashes && rng_.below(3) == 0) return;
      }
    }
  }
  std::string finish() {
    if (!world_.journal) return "the last life did not open";
    const Status closed = world_.close();
    if (!closed.ok()) return fmt::format("close: {}", closed);
    const Status opened = world_.open(options_);
    if (!opened.ok()) return fmt::format("last open: {}", opened);
    const uint64_t from =
        world_.replayed.empty() ? world_.trimmed : std::min(world_.trimmed, world_.replayed.front().position - 1);
    if (world_.replayed != world_.behind(from)) return "the last life's records did not come back";
    world_.close().ignore("nothing is left to compare");
    return "";
  }

  const Case case_;
  JournalWorld world_;
  runtime::Rng rng_;
  Options options_;
  uint64_t durable_ = 0;
  uint64_t settled_ = 0;  // what the journal itself said of the medium, in any life
  uint64_t said_ = 0;     // an open that failed may have told the medium that everything up to here is durable
  bool met_ = false;
  bool failed_ = false;
};

/// The number of lives that met the fault.
uint64_t try_every_k(Case c, uint64_t seeds) {
  uint64_t lives = 0;
  for (uint64_t seed = 0; seed < seeds; seed++) {
    c.seed = seed;
    for (uint64_t k = 0;; k++, lives++) {
      Lives run(c);
      const std::string wrong = run.run(k);
      EXPECT_EQ(wrong, "") << "seed " << seed << " k " << k;
      if (!run.met() || !wrong.empty()) break;
    }
  }
  return lives;
}

constexpr DiskOperation kKinds[] = {DiskOperation::kWrite, DiskOperation::kFlush, DiskOperation::kNames};

TEST(JournalCrash, LossOfPowerAtEveryOperation) {
  for (const DiskOperation kind : kKinds) {
    EXPECT_GT(try_every_k({.kind = kind}, 4), kind == DiskOperation::kNames ? 4u : 60u);
  }
}

TEST(JournalCrash, KillAtEveryOperation) {
  for (const Durability durability : {Durability::kPower, Durability::kProcess}) {
    for (const DiskOperation kind : kKinds) {
      EXPECT_GT(try_every_k({.durability = durability, .loss = Loss::kProcess, .kind = kind}, 3), 0u);
    }
  }
}

TEST(JournalCrash, LossOfPowerUnderProcessLeavesAPrefix) {
  for (const DiskOperation kind : kKinds) {
    EXPECT_GT(try_every_k({.durability = Durability::kProcess, .kind = kind}, 3), 0u);
  }
}

TEST(JournalCrash, AnErrorAtEveryOperation) {
  for (const DiskOperation kind : kKinds) {
    EXPECT_GT(try_every_k({.kind = kind, .crashes = false}, 3), 0u);
  }
}

/// Whether the loop above sees the bug.
bool is_seen(PlantedBug bug) {
  for (uint64_t seed = 0; seed < 30; seed++) {
    for (uint64_t k = 0; k < 60; k++) {
      Lives lives({.bug = bug, .seed = seed});
      if (!lives.run(k).empty()) return true;
    }
  }
  return false;
}

TEST(JournalCrash, PlantedBugsAreSeen) {
  EXPECT_FALSE(is_seen(PlantedBug::kNone));
  EXPECT_TRUE(is_seen(PlantedBug::kAcknowledgeBeforeFlush));
  EXPECT_TRUE(is_seen(PlantedBug::kAcknowledgeOutOfOrder));
  EXPECT_TRUE(is_seen(PlantedBug::kReuseCutPositions));
}

TEST(JournalCrash, TwoTornWritesAtOnePlaceNeverMakeTheFirstOneWhole) {
  // A block in a recycled segment: its own sectors arrive, the zeros behind them do not, and the old bytes stay there.
  // The next life's block brings the zeros, and not its own sectors.
  JournalWorld world(1);
  const Options options{.segment_bytes = 16 * kKiB, .segments_max = 6};
  ASSERT_TRUE(world.open(options).ok());
  const Position first = *world.append(JournalWorld::record(1, 100));
  ASSERT_TRUE(world.wait(first).ok());
  const Position second = *world.append(JournalWorld::record(2, 100));
  ASSERT_TRUE(world.wait(second).ok());
  world.restart(Loss::kPower);
  const std::string path = "log/" + segment_name(0);
  constexpr uint64_t kBlock = kHeaderArea + 4096;
  ByteVector zeros(4096 - 512), old(4096 - 512, std::byte{7});
  world.medium->overwrite(path, kBlock + 512, old);
  ASSERT_TRUE(world.open(options).ok());
  EXPECT_EQ(world.replayed.size(), 1u);
  EXPECT_TRUE(world.journal->recovery().cut);
  world.restart(Loss::kPower);
  world.medium->overwrite(path, kBlock + 512, zeros);
  ASSERT_TRUE(world.open(options).ok());
  EXPECT_EQ(world.replayed.size(), 1u) << "a record came back that the life before did not see";
  ASSERT_TRUE(world.close().ok());
}

TEST(JournalCrash, WhatWasReplayedSurvivesALossOfPowerRightAfterwards) {
  for (uint64_t seed = 0; seed < 40; seed++) {
    JournalWorld world(seed);
    const Options options{.segment_bytes = 16 * kKiB, .segments_max = 6};
    // Killed between write and flush: the machine still knows what the medium does not.
    world.disk->set_delay(DiskOperation::kFlush, {.least = 10ms, .most = 10ms});
    ASSERT_TRUE(world.open(options).ok());
    for (uint64_t i = 0; i < 4; i++) ASSERT_TRUE(world.append(JournalWorld::record(i, 3000)).ok());
    world.let_time_pass(1ms);
    world.restart(Loss::kProcess);
    ASSERT_TRUE(world.open(options).ok());
    const auto seen = world.replayed;
    EXPECT_EQ(seen.size(), 4u);
    world.restart(Loss::kPower);
    ASSERT_TRUE(world.open(options).ok());
    EXPECT_EQ(world.replayed, seen) << seed;
    ASSERT_TRUE(world.close().ok());
  }
}

TEST(JournalCrash, WhatAFailedFlushLeftReadableIsDurableBeforeTheLogGoesOn) {
  // After a failed flush the system may show what was written for as long as it runs, and never write it.
  for (uint64_t seed = 1; seed <= 20; seed++) {
    JournalWorld world(seed);
    ASSERT_TRUE(world.open({}).ok());
    ASSERT_TRUE(world.wait(*world.append(JournalWorld::record(1, 100))).ok());
    world.disk->fail_at(DiskOperation::kFlush, 0);
    EXPECT_EQ(world.wait(*world.append(JournalWorld::record(2, 100))).code(), Code::kIo);
    world.restart(Loss::kProcess);
    ASSERT_TRUE(world.open({}).ok());
    world.appended = world.replayed;
    ASSERT_TRUE(world.wait(*world.append(JournalWorld::record(3, 100))).ok());
    world.let_time_pass(1s);
    world.restart(Loss::kPower);
    const Status opened = world.open({});
    ASSERT_TRUE(opened.ok()) << "seed " << seed << ": " << opened.to_string();
    EXPECT_TRUE(world.replayed_is_appended());
  }
}

/// Data in a second file, a sector for each record: a record that is acknowledged or counts as settled has its data,
/// and one whose data is missing is cut by the caller. True if that holds for a crash at the k-th operation of that
/// kind.
bool data_goes_with_its_record(DiskOperation kind, uint64_t k, uint64_t seed, PlantedBug bug, bool& met) {
  constexpr uint64_t kSector = 512;
  const Options options{.segment_bytes = 64 * kKiB, .planted_bug = bug};
  JournalWorld world(seed);
  const auto block = [](uint64_t i) {
    std::vector<IoBuf> parts;
    parts.push_back(IoBuf::copy_of(JournalWorld::record(1000 + i, kSector)));
    return parts;
  };
  world.disk->set_delay(DiskOperation::kWrite, {.least = 10us, .most = 500us});
  world.disk->set_delay(DiskOperation::kFlush, {.least = 10us, .most = 2ms});
  EXPECT_TRUE(world.open(options).ok());
  auto file = runtime::run(world.timeline, world.reactor(), world.disk->open("data", {.create = true})).take();
  EXPECT_TRUE(runtime::run(world.timeline, world.reactor(), world.disk->sync_directory("")).ok());
  world.disk->crash_at(kind, k);
  for (uint64_t i = 0; i < 8 && !world.disk->dead(); i++) {
    if (!runtime::run(world.timeline, world.reactor(), file->write(i * kSector, block(i))).ok()) break;
    if (!world.append(JournalWorld::record(i, 50)).ok()) break;
    world.journal->flush_with_commit(*file);
    world.let_time_pass(Duration(100'000 * (seed % 20)));
  }
  met = world.disk->dead();
  const uint64_t acknowledged = world.journal->durable().value();
  world.disk->die();
  world.close().ignore("the machine has stopped");
  file.reset();
  world.restart(Loss::kPower);

  const ByteVector data = world.medium->content("data");
  const auto arrived = [&](uint64_t i) {
    const ByteVector wanted = JournalWorld::record(1000 + i, kSector);
    return data.size() >= (i + 1) * kSector &&
           std::equal(wanted.begin(), wanted.end(), data.begin() + static_cast<std::ptrdiff_t>(i * kSector));
  };
  uint64_t came_back = 0;
  bool good = true;
  Result<std::unique_ptr<Journal>> opened =
      runtime::run(world.timeline, world.reactor(),
                   Journal::open(world.reactor(), *world.disk, "log", options,
                                 [&](Position position, ByteSpan, Settled settled) -> Status {
                                   const bool there = arrived(came_back);
                                   good &= there || (settled == Settled::kNo && position.value() > acknowledged);
                                   if (!there && settled == Settled::kNo) return Status(Code::kChecksum);
                                   came_back++;
                                   return {};
                                 }));
  if (!opened.ok()) return false;
  world.journal = std::move(opened).take();
  return good && world.journal->durable().value() >= acknowledged;
}

TEST(JournalCrash, DataThatIsFlushedWithACommitIsThereWhenItsRecordCounts) {
  for (const DiskOperation kind : {DiskOperation::kWrite, DiskOperation::kFlush}) {
    for (uint64_t seed = 0; seed < 8; seed++) {
      bool met = true;
      for (uint64_t k = 0; met; k++) {
        EXPECT_TRUE(data_goes_with_its_record(kind, k, seed, PlantedBug::kNone, met)) << "seed " << seed << " k " << k;
      }
    }
  }
  bool seen = false;
  for (uint64_t seed = 0; seed < 20 && !seen; seed++) {
    bool met = true;
    for (uint64_t k = 0; met && !seen; k++) {
      seen = !data_goes_with_its_record(DiskOperation::kWrite, k, seed, PlantedBug::kForgetFlushWithCommit, met);
    }
  }
  EXPECT_TRUE(seen) << "the test would not notice a flush that is left out";
}

TEST(JournalCrash, AFullDiskIsNoFailureAndIsAskedAgain) {
  JournalWorld world(1);
  const Options options{.segment_bytes = 64 * kKiB, .segments_max = 10};
  world.disk->set_capacity(160 * kKiB);  // two segments
  ASSERT_TRUE(world.open(options).ok());
  Result<Position> position = world.append(JournalWorld::record(0, 3000));
  while (position.ok()) {
    ASSERT_TRUE(world.wait(*position).ok());
    position = world.append(JournalWorld::record(1, 3000));
  }
  EXPECT_EQ(position.code(), Code::kNoSpace);
  EXPECT_TRUE(world.journal->health().ok());
  world.disk->set_capacity(1 * kMiB);
  for (int attempt = 0; attempt < 3 && !position.ok();
       attempt++) {  // a refused append asks the disk again, once a second
    world.let_time_pass(2s);
    position = world.append(JournalWorld::record(2, 3000));
  }
  ASSERT_TRUE(position.ok());
  ASSERT_TRUE(world.wait(*position).ok());
  ASSERT_TRUE(world.close().ok());
  ASSERT_TRUE(world.open(options).ok());
  EXPECT_EQ(world.replayed, world.appended);
  ASSERT_TRUE(world.close().ok());
}

TEST(JournalCrash, EqualSeedsGiveEqualMedia) {
  const auto digest = [] {
    JournalWorld world(5);
    EXPECT_TRUE(world.open({.segment_bytes = 16 * kKiB, .segments_max = 20}).ok());
    for (uint64_t i = 0; i < 20; i++) {
      EXPECT_TRUE(world.append(JournalWorld::record(i, i * 100)).ok());
      world.let_time_pass(Duration(100'000));
    }
    world.restart(Loss::kPower);
    TraceHash hash;
    for (const std::string& path : world.medium->files()) hash.add(world.medium->content(path));
    return hash.value();
  };
  EXPECT_EQ(digest(), digest());
}

}  // namespace
}  // namespace daos::journal
