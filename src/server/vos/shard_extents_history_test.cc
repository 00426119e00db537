// Goal: arrays and single values whose bytes lie in extents read as plain byte strings do, whatever is overwritten,
// punched, reclaimed and restarted in between, and in the end every block is free again. Method: random operations
// beside a map of byte strings, with blocks and tiers so small that they are used again all the time.
#include "platform/base/probe.h"
#include "server/vos/shard_world.h"

namespace daos::vos {
namespace {

using storage::Loss;

constexpr uint64_t kCells = 40'000;  // of an array

/// Which probes were hit.
class Hits final : public ProbeSink {
 public:
  Hits() { probe_sink = this; }
  Hits(const Hits&) = delete;
  ~Hits() override { probe_sink = nullptr; }
  void hit(std::string_view name) override { names_.insert(std::string(name)); }
  bool operator()(std::string_view name) const { return names_.contains(std::string(name)); }

 private:
  std::set<std::string> names_;
};

class Beside {
 public:
  Beside(uint64_t seed, ShardWorld::Options options) : world_(seed, options), rng_(seed * 131 + 5) {}
  /// Tiers are so small that updates may be refused.
  void may_be_full() { may_be_full_ = true; }

  void run(int steps) {
    ASSERT_TRUE(world_.open().ok());
    for (int step = 0; step < steps && !testing::Test::HasFailure(); step++) {
      SCOPED_TRACE(step);
      const uint64_t dice = rng_.below(100);
      if (dice < 50) {
        update();
      } else if (dice < 85) {
        fetch();
      } else if (dice < 92) {
        punch();
      } else if (dice < 97) {
        let_pass(std::chrono::milliseconds(rng_.below(150)));
      } else {
        restart();
      }
    }
    everything_goes();
  }

 private:
  struct Array {
    uint64_t record_bytes = 0;
    std::map<uint64_t, std::string> records;  // those that are there
  };
  uint32_t pick(uint32_t below) { return static_cast<uint32_t>(rng_.below(below)); }
  std::string bytes(uint64_t count) {
    std::string made(count, ' ');
    for (char& byte : made) byte = static_cast<char>('a' + rng_.below(26));
    return made;
  }
  OpId next_id() { return {.endpoint = endpoint_of(0), .slot = {0, ++sequence_}}; }
  void let_pass(Duration duration) { world_.timeline.run_until(world_.timeline.now() + duration); }

  void update() {
    UpdateOp op{.container = container_id(0), .object = object_id(0), .id = next_id(), .dkey = text("d")};
    const auto singles_before = singles_;
    const auto arrays_before = arrays_;
    const uint32_t first = pick(4);
    for (uint32_t i = 0; i < 1 + pick(2); i++) {
      const uint32_t akey = (first + i) % 4;
      if (akey < 2) {
        const std::string value = bytes(rng_.below(4) == 0 ? 0 : rng_.below(14'000));
        singles_[akey] = value;
        op.values.push_back({.akey = text(key_text(akey)), .record_bytes = value.size(), .value = text(value)});
        continue;
      }
      Array& array = arrays_[akey];
      if (array.record_bytes == 0) array.record_bytes = akey == 2 ? 1 : 7;
      AkeyValue value{.akey = text(key_text(akey)), .kind = ValueKind::kArray, .record_bytes = array.record_bytes};
      const bool removes = rng_.below(6) == 0;
      if (removes) value.record_bytes = 0;
      std::string all;
      uint64_t at = rng_.below(2000);
      for (uint32_t n = 1 + pick(4); n > 0; n--) {
        const uint64_t count = rng_.between(1, rng_.below(3) == 0 ? 9000 / array.record_bytes : 60);
        value.extents.push_back({.start = at, .count = count});
        for (uint64_t record = at; record < at + count; record++) {
          array.records.erase(record);
          if (!removes) all += array.records[record] = bytes(array.record_bytes);
        }
        at += count + (rng_.below(2) == 0 ? 0 : rng_.below(3000));
      }
      value.value = text(all);
      op.values.push_back(std::move(value));
    }
    const Result<uint64_t> done = world_.run(world_.shard->update(std::move(op)));
    if (done.status().code() == Code::kNoSpace && may_be_full_) {  // and then nothing of it is there
      singles_ = singles_before;
      arrays_ = arrays_before;
      return;
    }
    ASSERT_TRUE(done.ok()) << done.status().to_string();
  }
  void punch() {
    const uint32_t akey = pick(4);
    const Result<uint64_t> done = world_.run(world_.shard->punch({.container = container_id(0),
                                                                  .object = object_id(0),
                                                                  .id = next_id(),
                                                                  .level = PunchLevel::kAkey,
                                                                  .dkey = text("d"),
                                                                  .akeys = {text(key_text(akey))}}));
    ASSERT_TRUE(done.ok()) << done.status().to_string();
    singles_.erase(akey);
    if (akey >= 2) arrays_[akey].records.clear();
  }
  void fetch() {
    FetchOp op{.container = container_id(0), .object = object_id(0), .dkey = text("d")};
    for (uint32_t akey = 0; akey < 4; akey++) {
      FetchKey& key = op.keys.emplace_back();
      key.akey = text(key_text(akey));
      if (akey < 2) continue;
      key.kind = ValueKind::kArray;
      for (uint32_t n = 1 + pick(3); n > 0; n--) {
        const uint64_t start = rng_.below(4000);
        key.extents.push_back({.start = start, .count = rng_.below(4) == 0 ? kCells : rng_.between(1, 3000)});
      }
    }
    const std::vector<FetchKey> asked = op.keys;
    const Result<FetchResult> found = world_.run(world_.shard->fetch(std::move(op)));
    ASSERT_TRUE(found.ok()) << found.status().to_string();
    for (uint32_t akey = 0; akey < 2; akey++) {
      EXPECT_EQ(as_text(found->keys[akey].value.bytes()), singles_[akey]) << "akey " << akey;
    }
    for (uint32_t akey = 2; akey < 4; akey++) compare(found->keys[akey], asked[akey], arrays_[akey]);
  }
  static void compare(const FetchedKey& found, const FetchKey& asked, const Array& array) {
    size_t next = 0;
    for (const Extent& extent : asked.extents) {
      uint64_t record = extent.start;
      while (next < found.extents.size() && found.extents[next].extent.start >= record &&
             found.extents[next].extent.end() <= extent.end()) {
        const ExtentView& run = found.extents[next];
        const auto between = array.records.lower_bound(record);
        if (run.extent.start > record && between != array.records.end()) {
          ASSERT_GE(between->first, run.extent.start);
        }
        for (uint64_t i = 0; i < run.extent.count; i++) {
          const auto expected = array.records.find(run.extent.start + i);
          ASSERT_NE(expected, array.records.end()) << run.extent.start + i;
          const ByteSpan bytes = run.data.bytes.bytes().subspan(run.skip + i * array.record_bytes, array.record_bytes);
          ASSERT_EQ(as_text(bytes), expected->second) << run.extent.start + i;
        }
        record = run.extent.end();
        next++;
      }
      const auto rest = array.records.lower_bound(record);
      ASSERT_TRUE(rest == array.records.end() || rest->first >= extent.end()) << rest->first;
    }
    ASSERT_EQ(next, found.extents.size());
  }
  void restart() {
    constexpr std::optional<Loss> kLosses[] = {std::nullopt, Loss::kProcess, Loss::kPower};
    const bool may_lose_power = world_.shard->superblock().durability == 0;
    world_.restart(kLosses[rng_.below(may_lose_power ? 3 : 2)]);
    const Status opened = world_.open();
    ASSERT_TRUE(opened.ok()) << opened.to_string();
  }
  void everything_goes() {
    if (testing::Test::HasFailure()) return;
    fetch();
    ASSERT_TRUE(world_.run(world_.shard->destroy_container(container_id(0))).ok());
    let_pass(std::chrono::seconds(1));
    EXPECT_EQ(world_.shard->index().stored_bytes(), 0u);
    // One more, so that what is held is let go.
    singles_.clear();
    for (auto& [akey, array] : arrays_) array.records.clear();
    update();
    ASSERT_TRUE(world_.run(world_.shard->destroy_container(container_id(0))).ok());
    let_pass(std::chrono::seconds(1));
    const ExtentStore& extents = world_.shard->extents();
    EXPECT_EQ(extents.under_way_bytes(), 0u);
    EXPECT_EQ(extents.free_bytes() + extents.held_bytes(), extents.file_bytes());
  }

  ShardWorld world_;
  runtime::Rng rng_;
  bool may_be_full_ = false;
  uint64_t sequence_ = 0;
  std::map<uint32_t, std::string> singles_;
  std::map<uint32_t, Array> arrays_;
};

using Tier1 = ShardWorld::Options::Tier1;

class ShardExtentsHistory : public testing::TestWithParam<Tier1> {};
INSTANTIATE_TEST_SUITE_P(On, ShardExtentsHistory, testing::Values(Tier1::kFile, Tier1::kDevice),
                         [](const auto& info) { return info.param == Tier1::kFile ? "file" : "device"; });

TEST_P(ShardExtentsHistory, Tier1ReadsAsByteStringsDo) {
  // 152: an acknowledged update was gone after a kill and then a loss of power, because the kill had come between the
  // renaming of a segment of the log and the sync of its folder.
  for (const uint64_t seed : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 152}) {
    SCOPED_TRACE(seed);
    Beside(seed, {.tier0_bytes = 4 * kMiB,
                  .tier1_bytes = 256 * kKiB,
                  .tier1_on = GetParam(),
                  .inline_max = seed % 3 == 0 ? 0u : 1000u})
        .run(300);
    if (HasFailure()) return;
  }
}

TEST_P(ShardExtentsHistory, ATinyTier1ThatIsScatteredDoesToo) {
  Hits hits;
  for (uint64_t seed = 1; seed <= 12; seed++) {
    SCOPED_TRACE(seed);
    Beside beside(seed,
                  {.tier0_bytes = 4 * kMiB, .tier1_bytes = 104 * kKiB, .tier1_on = GetParam(), .inline_max = 1000});
    beside.may_be_full();
    beside.run(300);
    if (HasFailure()) return;
  }
  EXPECT_TRUE(hits("shard: values in several runs because free space is scattered"));
}

TEST(ShardExtentsHistoryAlone, AlongsideTier0ItDoesToo) {
  for (uint64_t seed = 1; seed <= 12; seed++) {
    SCOPED_TRACE(seed);
    const auto durability = seed % 2 == 0 ? journal::Durability::kPower : journal::Durability::kProcess;
    Beside(seed, {.tier0_bytes = 4 * kMiB, .inline_max = 1000, .inline_max_alone = 1000, .durability = durability})
        .run(300);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace daos::vos
