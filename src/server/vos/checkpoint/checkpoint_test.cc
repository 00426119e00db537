// Goal: after a crash at any write or flush, checkpoint and log together give the state after some prefix of what was
// submitted that contains everything acknowledged; and every planted mistake in the order of writes is noticed. Method:
// a map of strings as the index, a log record for each change, a tiny log and tiny buckets, a disk that forgets.
#include "server/vos/checkpoint/checkpoint.h"

#include <gtest/gtest.h>

#include "platform/runtime/virtual_time.h"
#include "platform/storage/memory/memory_disk.h"

namespace daos::vos {
namespace {

using runtime::Task;
using State = std::map<std::string, std::string>;

struct Change {
  std::string key;
  std::string value;  // empty: erase
  static void visit(auto&& visitor, auto& self) { visitor(self.key, self.value); }
};
void carry_out(State& state, const Change& change) {
  if (change.value.empty()) {
    state.erase(change.key);
  } else {
    state[change.key] = change.value;
  }
}

class MapSource : public ItemSource {
 public:
  Boundary serialise(const Boundary& from, const Boundary& to, size_t bytes_max, ByteVector& out) override {
    for (auto item = state.lower_bound(from); item != state.end() && (to.empty() || item->first < to); ++item) {
      if (!out.empty() && out.size() >= bytes_max) return item->first;
      encode_into(out, Change{item->first, item->second});
    }
    return to;
  }
  Status load(ByteSpan items) {
    for (Decoder decoder(items); !decoder.rest().empty();) {
      Change change;
      decoder(change);
      if (!decoder.ok()) return error(Code::kCorrupt, "an item");
      carry_out(state, change);
    }
    return {};
  }
  State state;
};

constexpr uint64_t kSegment = 64u << 10;

/// Operations take so differently long that everything overtakes everything.
storage::MemoryOptions slow_disk(runtime::Timeline& timeline, uint64_t seed) {
  using namespace std::chrono_literals;
  storage::MemoryOptions options{.timeline = &timeline, .seed = seed};
  options.delays[static_cast<size_t>(storage::DiskOperation::kWrite)] = {0us, 1ms, 0us};
  options.delays[static_cast<size_t>(storage::DiskOperation::kFlush)] = {0us, 1ms, 0us};
  return options;
}

/// One incarnation of a store made of the map, the log and the checkpoint.
struct Store {
  Store(runtime::Timeline& timeline, runtime::Clock& clock, std::shared_ptr<storage::MemoryMedium> medium,
        uint64_t seed, CheckpointOptions options)
      : node(timeline, {.clock = &clock, .seed = seed}),
        disk(node.reactor(), std::move(medium), slow_disk(timeline, seed)),
        checkpoint(node.reactor(), disk, "checkpoint", options, source,
                   [this] { return ShardState{.clock = next_clock++}; }),
        scope(node.reactor()) {}

  Task<Status> open() {
    const Table table = DX_CO_TRY(co_await checkpoint.recover([this](ByteSpan items) { return source.load(items); }));
    DX_CO_TRY(co_await disk.make_directory("log"));
    journal = DX_CO_TRY(co_await journal::Journal::open(
        node.reactor(), disk, "log", {.segment_bytes = kSegment, .segments_max = 8, .position_floor = table.newest},
        [this](journal::Position position, ByteSpan record, journal::Settled) -> Status {
          const Change change = DX_TRY(decode<Change>(record, "record"));
          if (checkpoint.place(change.key).position < position) carry_out(source.state, change);
          return {};
        }));
    checkpoint.attach(*journal);
    scope.spawn(checkpoint.run(scope.token()));
    co_return Status();
  }
  Task<Status> close() {
    scope.stop();
    Status ran = co_await scope.join();
    Status closed = co_await journal->close();
    co_return ran.ok() ? closed : ran;
  }

  runtime::VirtualReactor node;
  storage::MemoryDisk disk;
  MapSource source;
  Checkpoint checkpoint;
  runtime::Scope scope;
  std::unique_ptr<journal::Journal> journal;
  uint64_t next_clock = 1;
};

struct History {
  std::vector<Change> submitted;
  size_t acknowledged = 0;
};

Task<Status> acknowledge(Store& store, journal::Position position, History& history, size_t index) {
  DX_CO_TRY(co_await store.journal->wait_durable(position, {}));
  history.acknowledged = std::max(history.acknowledged, index + 1);
  co_return Status();
}

Task<Status> write_some(Store& store, runtime::Rng& rng, History& history, size_t count) {
  runtime::Scope acknowledging(store.node.reactor());
  Status status;
  for (size_t i = 0; i < count && status.ok(); i++) {
    Change change{.key = fmt::format("key-{:03}", rng.below(120))};
    if (!rng.chance_ppm(200'000))
      change.value = fmt::format("{}-{}", history.submitted.size(), std::string(rng.below(900), 'v'));
    Result<journal::Position> position = store.journal->append({encode(change)});
    if (position.code() == Code::kNoSpace) {  // the checkpoint is behind: give it time
      status = co_await runtime::sleep(store.node.reactor(), store.node.reactor().within(std::chrono::milliseconds(1)));
      continue;
    }
    status = position.status();
    if (!status.ok()) break;
    carry_out(store.source.state, change);
    history.submitted.push_back(change);
    store.checkpoint.log_grew();
    acknowledging.spawn(acknowledge(store, *position, history, history.submitted.size() - 1));
    if (rng.chance_ppm(300'000)) {
      status =
          co_await runtime::sleep(store.node.reactor(), store.node.reactor().within(std::chrono::microseconds(50)));
    }
  }
  Status joined = co_await acknowledging.join();
  co_return status.ok() ? joined : status;
}

/// Whether `state` is what some prefix of the history gives that contains all that was acknowledged.
bool is_a_prefix(const State& state, const History& history) {
  State model;
  for (size_t n = 0; n <= history.submitted.size(); n++) {
    if (n > 0) carry_out(model, history.submitted[n - 1]);
    if (n >= history.acknowledged && model == state) return true;
  }
  return false;
}

struct Outcome {
  bool crashed = false;
  bool good = true;
  std::string why;
  uint64_t images = 0;
};

/// Writes, crashes at the k-th operation of a kind (if it comes so far), recovers, goes on, crashes anyhow, recovers.
Outcome run_once(storage::DiskOperation kind, uint64_t k, uint64_t seed, CheckpointOptions options) {
  runtime::Timeline timeline;
  runtime::VirtualClock clock(timeline);
  runtime::Rng rng(seed);
  auto medium = std::make_shared<storage::MemoryMedium>();
  History history;
  Outcome outcome;
  for (int life = 0; life < 3; life++) {
    Store store(timeline, clock, medium, seed * 10 + static_cast<uint64_t>(life), options);
    runtime::Reactor& reactor = store.node.reactor();
    const Status opened = runtime::run(timeline, reactor, store.open());
    if (!opened.ok()) return {.crashed = true, .good = false, .why = opened.to_string()};
    if (!is_a_prefix(store.source.state, history)) {
      runtime::run(timeline, reactor, store.close()).ignore("the run has failed already");
      return {.crashed = true, .good = false, .why = "recovered what no prefix of the history gives"};
    }
    // What was recovered is the history from now on.
    if (life > 0) {
      State model;
      size_t n = 0;
      while (model != store.source.state || n < history.acknowledged) carry_out(model, history.submitted[n++]);
      history.submitted.resize(n);
      history.acknowledged = n;
    }
    if (life == 1) store.disk.crash_at(kind, k);
    if (life < 2) {
      const Status written = runtime::run(timeline, reactor, write_some(store, rng, history, 400));
      written.ignore("it fails where the disk crashes");
      outcome.images += store.checkpoint.images_written();
    }
    outcome.crashed |= store.disk.dead();
    store.disk.crash(storage::Loss::kPower);
    const Status closed = runtime::run(timeline, reactor, store.close());
    closed.ignore("the disk is gone");
  }
  return outcome;
}

CheckpointOptions tiny() {
  return {.pool = Uuid::from_random(1, 2),
          .bucket_bytes_max = 8u << 10,
          .log_bytes_wanted = 96u << 10,
          .table_every_bytes = 24u << 10,
          .grow_bytes = 64u << 10};
}

/// The first bad outcome over crash points, or a good one.
Outcome run_all(CheckpointOptions options, uint64_t seed = 17) {
  uint64_t images = 0;
  for (const auto kind :
       {storage::DiskOperation::kWrite, storage::DiskOperation::kFlush, storage::DiskOperation::kNames}) {
    bool crashed = true;
    for (uint64_t k = 0; crashed; k++) {
      Outcome outcome = run_once(kind, k, seed + k, options);
      if (!outcome.good) {
        outcome.why += fmt::format(" (crash at operation {} of kind {}, seed {})", k, static_cast<int>(kind), seed);
        return outcome;
      }
      crashed = outcome.crashed;
      images += outcome.images;
    }
  }
  return {.images = images};
}

TEST(Checkpoint, EveryCrashRecoversAPrefixWithAllThatWasAcknowledged) {
  uint64_t images = 0;
  for (uint64_t seed = 0; seed < 5; seed++) {
    const Outcome outcome = run_all(tiny(), seed * 1000);
    EXPECT_TRUE(outcome.good) << outcome.why;
    images += outcome.images;
  }
  EXPECT_GT(images, 1000u);
}

TEST(Checkpoint, ALogOfManySmallRecordsIsKeptShort) {
  runtime::Timeline timeline;
  runtime::VirtualClock clock(timeline);
  History history;
  runtime::Rng rng(5);
  CheckpointOptions options = tiny();
  options.log_bytes_wanted = 1u << 30;
  options.log_records_wanted = 300;
  Store store(timeline, clock, std::make_shared<storage::MemoryMedium>(), 1, options);
  ASSERT_TRUE(runtime::run(timeline, store.node.reactor(), store.open()).ok());
  ASSERT_TRUE(runtime::run(timeline, store.node.reactor(), write_some(store, rng, history, 250)).ok());
  EXPECT_EQ(store.checkpoint.images_written(), 0u);
  ASSERT_TRUE(runtime::run(timeline, store.node.reactor(), write_some(store, rng, history, 100)).ok());
  timeline.run_until(timeline.now() + std::chrono::seconds(1));
  EXPECT_GT(store.checkpoint.images_written(), 0u);
  // It rests when most of the records are in images.
  const uint64_t images = store.checkpoint.images_written();
  ASSERT_TRUE(runtime::run(timeline, store.node.reactor(), write_some(store, rng, history, 100)).ok());
  timeline.run_until(timeline.now() + std::chrono::seconds(1));
  EXPECT_EQ(store.checkpoint.images_written(), images);
  ASSERT_TRUE(runtime::run(timeline, store.node.reactor(), store.close()).ok());
}

TEST(Checkpoint, ATableBeforeItsLogIsNoticed) {
  CheckpointOptions options = tiny();
  options.plant_table_before_log = true;
  // Rare: the images are flushed in between, and the log must still not have landed.
  bool noticed = false;
  for (uint64_t seed = 0; seed < 10 && !noticed; seed++) noticed = !run_all(options, seed * 1000).good;
  EXPECT_TRUE(noticed);
}
TEST(Checkpoint, ATableBeforeItsImagesIsNoticed) {
  CheckpointOptions options = tiny();
  options.plant_table_before_images = true;
  EXPECT_FALSE(run_all(options).good);
}
TEST(Checkpoint, ReusingImagesBeforeTheTableIsNoticed) {
  CheckpointOptions options = tiny();
  options.plant_reuse_before_table = true;
  EXPECT_FALSE(run_all(options).good);
}
TEST(Checkpoint, TrimmingBeforeTheTableIsNoticed) {
  CheckpointOptions options = tiny();
  options.plant_trim_before_table = true;
  EXPECT_FALSE(run_all(options).good);
}

TEST(Checkpoint, ADamagedImageIsNamed) {
  runtime::Timeline timeline;
  runtime::VirtualClock clock(timeline);
  auto medium = std::make_shared<storage::MemoryMedium>();
  History history;
  runtime::Rng rng(5);
  {
    Store store(timeline, clock, medium, 1, tiny());
    ASSERT_TRUE(runtime::run(timeline, store.node.reactor(), store.open()).ok());
    ASSERT_TRUE(runtime::run(timeline, store.node.reactor(), write_some(store, rng, history, 200)).ok());
    ASSERT_TRUE(runtime::run(timeline, store.node.reactor(), store.checkpoint.write_all()).ok());
    ASSERT_TRUE(runtime::run(timeline, store.node.reactor(), store.close()).ok());
  }
  // One flipped bit in every image and in the table, each in turn.
  const ByteVector table = medium->content("checkpoint/table");
  const Result<Table> decoded = decode_table(table, "table");
  ASSERT_TRUE(decoded.ok());
  ASSERT_GT(decoded->buckets.size(), 3u);
  const auto open_status = [&](const std::shared_ptr<storage::MemoryMedium>& damaged) {
    Store store(timeline, clock, damaged, 2, tiny());
    const Status status = runtime::run(timeline, store.node.reactor(), store.open());
    if (status.ok()) runtime::run(timeline, store.node.reactor(), store.close()).ignore("only opened");
    return status;
  };
  EXPECT_TRUE(open_status(medium->clone()).ok());
  for (const BucketEntry& entry : decoded->buckets) {
    auto damaged = medium->clone();
    damaged->flip_bit("checkpoint/images", entry.run.block * kImageBlock + 40, 3);
    const Status status = open_status(damaged);
    EXPECT_EQ(status.code(), Code::kCorrupt);
    EXPECT_NE(status.message().find("checkpoint/images at offset"), std::string::npos) << status.message();
  }
  for (size_t byte = 0; byte < table.size(); byte += 7) {
    auto damaged = medium->clone();
    damaged->flip_bit("checkpoint/table", byte, 1);
    EXPECT_FALSE(open_status(damaged).ok()) << byte;
  }
}

}  // namespace
}  // namespace daos::vos
