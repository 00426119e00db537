// Goal: the memory disk keeps what it promises to keep, can lose everything that it may lose, and does so by seed
// alone.
#include "platform/storage/memory/memory_disk.h"

#include <gtest/gtest.h>

#include <set>

namespace daos::storage {
namespace {

using namespace std::chrono_literals;

struct World {
  explicit World(uint64_t seed = 1, std::shared_ptr<MemoryMedium> m = std::make_shared<MemoryMedium>())
      : medium(std::move(m)), disk(node.reactor(), medium, {.timeline = &timeline, .seed = seed}) {}
  runtime::Timeline timeline;
  runtime::VirtualClock clock{timeline};
  runtime::VirtualReactor node{timeline, {.clock = &clock, .seed = 1}};
  std::shared_ptr<MemoryMedium> medium;
  MemoryDisk disk;

  template <class T>
  T run(runtime::Task<T> task) {
    return runtime::run(timeline, node.reactor(), std::move(task));
  }
  std::unique_ptr<File> open(const std::string& path, OpenOptions options = {.create = true}) {
    Result<std::unique_ptr<File>> file = run(disk.open(path, options));
    EXPECT_TRUE(file.ok()) << file.status().to_string();
    return std::move(file).take();
  }
};

std::vector<IoBuf> filled(size_t bytes, char value) {
  IoBuf part = IoBuf::allocate(bytes).take();
  std::fill_n(part.data(), bytes, std::byte(value));
  std::vector<IoBuf> parts;
  parts.push_back(std::move(part));
  return parts;
}
std::string text(const MemoryMedium& medium, const std::string& path) {
  return std::string(as_text(medium.content(path)));
}

TEST(MemoryDisk, WhatIsFlushedAndSyncedSurvives) {
  for (uint64_t seed = 0; seed < 50; seed++) {
    World world(seed);
    ASSERT_TRUE(world.run(world.disk.make_directory("d")).ok());
    auto file = world.open("d/f");
    ASSERT_TRUE(world.run(file->write(0, filled(2000, 'a'))).ok());
    ASSERT_TRUE(world.run(file->flush()).ok());
    ASSERT_TRUE(world.run(world.disk.sync_directory("d")).ok());
    world.disk.crash();
    EXPECT_EQ(text(*world.medium, "d/f"), std::string(2000, 'a'));
    EXPECT_EQ(world.run(file->write(0, filled(10, 'b'))).code(), Code::kIo) << "its machine has stopped";
    World next(seed, world.medium);
    EXPECT_EQ(*next.disk.list("d"), std::vector<std::string>{"f"});
  }
}

TEST(MemoryDisk, WhatIsNotFlushedIsKeptDroppedOrTornBySector) {
  std::set<std::string> outcomes;
  for (uint64_t seed = 0; seed < 200; seed++) {
    World world(seed);
    auto file = world.open("f");
    ASSERT_TRUE(world.run(file->write_durable(0, filled(1536, '0'))).ok());
    ASSERT_TRUE(world.run(world.disk.sync_directory("")).ok());
    ASSERT_TRUE(world.run(file->write(0, filled(1536, '1'))).ok());
    world.disk.crash();
    const std::string got = text(*world.medium, "f");
    std::string sectors;
    for (size_t at = 0; at < got.size(); at += 512) {
      sectors += got[at];
      EXPECT_EQ(got.substr(at, 512), std::string(512, got[at])) << "a sector is never torn";
    }
    outcomes.insert(sectors);
  }
  EXPECT_EQ(outcomes.size(), 8u) << "every mixture of sectors turns up";
}

TEST(MemoryDisk, AKillLosesOnlyWhatWasUnderWay) {
  std::set<char> outcomes;
  for (uint64_t seed = 0; seed < 50; seed++) {
    World world(seed);
    auto file = world.open("f");
    ASSERT_TRUE(world.run(file->write(0, filled(512, 'a'))).ok());
    world.disk.crash_at(DiskOperation::kWrite, 0);
    EXPECT_EQ(world.run(file->write(512, filled(512, 'b'))).code(), Code::kIo);
    EXPECT_TRUE(world.disk.dead());
    world.disk.crash(Loss::kProcess);
    const std::string got = text(*world.medium, "f");
    EXPECT_EQ(got.substr(0, 512), std::string(512, 'a'));
    outcomes.insert(got.size() > 512 ? got[512] : '-');
  }
  EXPECT_EQ(outcomes, (std::set<char>{'-', 'b'}));
}

TEST(MemoryDisk, AKilledProcessLeavesBytesThatPowerMayStillTake) {
  bool lost = false;
  for (uint64_t seed = 0; seed < 50; seed++) {
    World world(seed);
    auto file = world.open("f");
    ASSERT_TRUE(world.run(world.disk.sync_directory("")).ok());
    ASSERT_TRUE(world.run(file->write(0, filled(512, 'a'))).ok());
    world.disk.crash(Loss::kProcess);
    World next(seed, world.medium);
    next.disk.crash(Loss::kPower);
    lost |= world.medium->size("f") == 0;
  }
  EXPECT_TRUE(lost);
}

TEST(MemoryDisk, NamesThatWereNotSyncedSurviveAsAPrefix) {
  std::set<std::vector<std::string>> outcomes;
  for (uint64_t seed = 0; seed < 100; seed++) {
    World world(seed);
    world.open("a").reset();
    world.open("b").reset();
    ASSERT_TRUE(world.run(world.disk.rename("a", "c")).ok());
    world.disk.crash();
    outcomes.insert(world.medium->files());
  }
  EXPECT_EQ(outcomes, (std::set<std::vector<std::string>>{{}, {"a"}, {"a", "b"}, {"b", "c"}}));
}

TEST(MemoryDisk, AFolderThatIsMadeAnewIsEmptyAndStays) {
  for (uint64_t seed = 0; seed < 20; seed++) {
    World world(seed);
    ASSERT_TRUE(world.run(world.disk.make_directory("d/e")).ok());
    world.open("d/e/old");
    ASSERT_TRUE(world.run(world.disk.sync_directory("d/e")).ok());
    ASSERT_TRUE(world.run(world.disk.remove_tree("d")).ok());
    ASSERT_TRUE(world.run(world.disk.make_directory("d/e")).ok());
    world.open("d/e/new");
    ASSERT_TRUE(world.run(world.disk.sync_directory("d/e")).ok());
    world.disk.crash();
    EXPECT_EQ(world.medium->files(), std::vector<std::string>{"d/e/new"});
  }
}

TEST(MemoryDisk, NothingOutlivesTheFolderThatHeldIt) {
  // The removal of the outer folder may survive where that of the inner one did not: then the inner one is out of
  // reach.
  for (uint64_t seed = 0; seed < 50; seed++) {
    World world(seed);
    ASSERT_TRUE(world.run(world.disk.make_directory("a/b/c")).ok());
    world.open("a/b/c/f");
    ASSERT_TRUE(world.run(world.disk.sync_directory("a/b/c")).ok());
    ASSERT_TRUE(world.run(world.disk.remove_tree("a/b")).ok());
    world.disk.crash();
    World next(seed, world.medium);
    const bool reachable = !(*next.disk.list("a")).empty();
    if (!reachable) EXPECT_TRUE(world.medium->files().empty()) << world.medium->files().front();
  }
}

TEST(MemoryDisk, AFailedFlushIsNotMadeGoodByTheNext) {
  bool lost = false;
  for (uint64_t seed = 0; seed < 50; seed++) {
    World world(seed);
    auto file = world.open("f");
    ASSERT_TRUE(world.run(world.disk.sync_directory("")).ok());
    ASSERT_TRUE(world.run(file->write(0, filled(512, 'a'))).ok());
    world.disk.fail_at(DiskOperation::kFlush, 0);
    EXPECT_EQ(world.run(file->flush()).code(), Code::kIo);
    EXPECT_TRUE(world.run(file->flush()).ok());
    world.disk.crash();
    lost |= world.medium->size("f") == 0;
  }
  EXPECT_TRUE(lost);
}

TEST(MemoryDisk, ADurableWriteCoversItsOwnBytesAndNoOlderOnesComeBackUnderIt) {
  std::set<std::string> outcomes;
  for (uint64_t seed = 0; seed < 100; seed++) {
    World world(seed);
    auto file = world.open("f");
    ASSERT_TRUE(world.run(file->write_durable(0, filled(1536, '0'))).ok());
    ASSERT_TRUE(world.run(world.disk.sync_directory("")).ok());
    ASSERT_TRUE(world.run(file->write(0, filled(1536, '1'))).ok());
    ASSERT_TRUE(world.run(file->write_durable(512, filled(512, '2'))).ok());
    world.disk.crash();
    const std::string got = text(*world.medium, "f");
    outcomes.insert({got[0], got[512], got[1024]});
  }
  EXPECT_EQ(outcomes, (std::set<std::string>{"020", "021", "120", "121"}));
}

TEST(MemoryDisk, FaultsHitTheKthOperationOfTheirKind) {
  World world;
  auto file = world.open("f");
  world.disk.fail_at(DiskOperation::kWrite, 1, Code::kNoSpace, 2);
  EXPECT_TRUE(world.run(file->write(0, filled(10, 'a'))).ok());
  EXPECT_EQ(world.run(file->write(0, filled(10, 'a'))).code(), Code::kNoSpace);
  EXPECT_EQ(world.run(file->write(0, filled(10, 'a'))).code(), Code::kNoSpace);
  EXPECT_TRUE(world.run(file->write(0, filled(10, 'a'))).ok());
  world.disk.fail_at(DiskOperation::kRead, 0);
  EXPECT_EQ(world.run(file->read(0, IoBuf::allocate(10).take())).code(), Code::kIo);
  EXPECT_EQ(*world.run(file->read(0, IoBuf::allocate(100).take())), 10u);
}

TEST(MemoryDisk, IsFullAndSlowWhenToldTo) {
  World world;
  world.disk.set_capacity(1000);
  auto file = world.open("f");
  EXPECT_EQ(world.run(file->write(0, filled(1001, 'a'))).code(), Code::kNoSpace);
  EXPECT_TRUE(world.run(file->write(0, filled(1000, 'a'))).ok());
  EXPECT_EQ(world.disk.space()->free_bytes, 0u);
  EXPECT_EQ(world.run(file->reserve(1001)).code(), Code::kNoSpace);
  EXPECT_EQ(*file->size(), 1000u);
  world.disk.set_capacity(3000);
  EXPECT_TRUE(world.run(file->reserve(2000)).ok());
  EXPECT_TRUE(world.run(file->reserve(500)).ok());
  EXPECT_EQ(*file->size(), 2000u);
  world.disk.set_delay(DiskOperation::kFlush, {.least = 5ms, .most = 9ms});
  const Time before = world.timeline.now();
  EXPECT_TRUE(world.run(file->flush()).ok());
  EXPECT_GE(world.timeline.now() - before, Duration(5ms));
  EXPECT_LE(world.timeline.now() - before, Duration(9ms));
}

TEST(MemoryDisk, ReplaceFileIsAllOrNothingAtEveryOperation) {
  for (const DiskOperation kind : {DiskOperation::kWrite, DiskOperation::kFlush, DiskOperation::kNames}) {
    for (uint64_t seed = 0; seed < 20; seed++) {
      for (uint64_t k = 0;; k++) {
        World world(seed);
        ASSERT_TRUE(world.run(replace_file(world.disk, "f", IoBuf::copy_of(as_bytes("the old content")))).ok());
        world.disk.crash_at(kind, k);
        const Status replaced = world.run(replace_file(world.disk, "f", IoBuf::copy_of(as_bytes("new"))));
        const bool reached = world.disk.dead();
        world.disk.crash();
        const std::string got = text(*world.medium, "f");
        EXPECT_TRUE(got == "new" || (got == "the old content" && !replaced.ok())) << got;
        if (!reached) break;
      }
    }
  }
}

TEST(MemoryDisk, LocksExcludeAndEndWithTheMachine) {
  World world;
  auto first = world.open("f");
  auto second = world.open("f");
  EXPECT_TRUE(first->lock().ok());
  EXPECT_EQ(second->lock().code(), Code::kBusy);
  ASSERT_TRUE(world.run(world.disk.sync_directory("")).ok());
  world.disk.crash();
  World next(1, world.medium);
  EXPECT_TRUE(next.open("f")->lock().ok());
}

TEST(MemoryDisk, SharedLocksExcludeWhoWantsItAlone) {
  World world;
  auto first = world.open("f");
  auto second = world.open("f");
  auto third = world.open("f");
  EXPECT_TRUE(first->lock().ok());
  EXPECT_EQ(second->lock(LockKind::kShared).code(), Code::kBusy);
  EXPECT_TRUE(first->lock(LockKind::kShared).ok());
  EXPECT_TRUE(second->lock(LockKind::kShared).ok());
  EXPECT_EQ(third->lock().code(), Code::kBusy);
  first.reset();
  EXPECT_EQ(third->lock().code(), Code::kBusy);
  second.reset();
  EXPECT_TRUE(third->lock().ok());
}

TEST(MemoryDisk, FoldersBehaveLikeFolders) {
  World world;
  EXPECT_EQ(world.run(world.disk.open("a/f", {.create = true})).code(), Code::kNonexistent);
  EXPECT_TRUE(world.run(world.disk.make_directory("a/b")).ok());
  world.open("a/f").reset();
  EXPECT_EQ(*world.disk.list("a"), (std::vector<std::string>{"b", "f"}));
  EXPECT_EQ(*world.disk.list(""), std::vector<std::string>{"a"});
  EXPECT_EQ(world.run(world.disk.remove("a")).code(), Code::kBusy);
  EXPECT_EQ(world.run(world.disk.open("a/f", {.create = true, .exclusive = true})).code(), Code::kExists);
  EXPECT_TRUE(world.run(world.disk.remove_tree("a")).ok());
  EXPECT_FALSE(world.disk.exists("a"));
  EXPECT_EQ(world.disk.list("a").code(), Code::kNonexistent);
}

TEST(MemoryDisk, SparsePagesReadAsZeroAndShrinkCleanly) {
  SparseBytes bytes;
  const std::string x(5000, 'x');
  bytes.write(4000, as_bytes(x));
  EXPECT_EQ(bytes.size(), 9000u);
  bytes.resize(4100);
  bytes.resize(9000);
  ByteVector got(9000);
  bytes.read(0, got);
  EXPECT_EQ(as_text(got), std::string(4000, '\0') + std::string(100, 'x') + std::string(4900, '\0'));
}

}  // namespace
}  // namespace daos::storage
