// A checkpoint in many small buckets, written one after the other while the index changes and reclaim runs; then a
// restart: load in any order, replay of the log. The restarted index must answer as the model does, and goes on from
// there. Transactions are prepared, proposed again and decided among all that.
#include "server/vos/index/index_transactions.h"
#include "server/vos/index/items.h"

namespace daos::vos::test {
namespace {

/// What is on the disk: images of ranges, each as of a position.
class Checkpoint : public Index::Buckets {
 public:
  struct Image {
    ByteVector items;
    journal::Position position;
  };
  Checkpoint() { images_[""] = {}; }

  Bucket at(const Index::Boundary& boundary) const override {
    const auto after = images_.upper_bound(boundary);
    return {.position = std::prev(after)->second.position, .next = after == images_.end() ? "" : after->first};
  }
  /// Writes a bucket anew, or two neighbours as one, cut where it grows too large.
  void write(Index& index, Random& random, journal::Position position) {
    auto bucket = std::next(images_.begin(), static_cast<ptrdiff_t>(random.below(images_.size())));
    auto end = std::next(bucket);
    if (end != images_.end() && random.one_in(3)) ++end;
    Index::Boundary from = bucket->first;
    const Index::Boundary to = end == images_.end() ? "" : end->first;
    images_.erase(bucket, end);
    const size_t bytes_max = random.one_in(3) ? 1 : 40 + random.below(1500);
    for (;;) {
      Image& image = images_[from];
      image.position = position;
      Index::Boundary stopped = index.serialise(from, to, bytes_max, image.items);
      if (stopped == to) return;
      ASSERT_GT(stopped, from);
      if (!to.empty()) ASSERT_LT(stopped, to);
      from = std::move(stopped);
    }
  }
  void load_into(Index& index, Random& random) const {
    std::vector<const Image*> images;
    for (const auto& [from, image] : images_) images.push_back(&image);
    for (size_t i = 0; i < images.size(); i++) std::swap(images[i], images[i + random.below(images.size() - i)]);
    for (const Image* image : images) {
      const Status loaded = index.load(image->items);
      ASSERT_TRUE(loaded.ok()) << loaded.to_string();
    }
  }
  journal::Position oldest() const {
    journal::Position oldest(~0ull);
    for (const auto& [from, image] : images_) oldest = std::min(oldest, image.position);
    return oldest;
  }
  size_t size() const { return images_.size(); }
  journal::Position newest() const override {
    journal::Position newest;
    for (const auto& [from, image] : images_) newest = std::max(newest, image.position);
    return newest;
  }

 private:
  std::map<Index::Boundary, Image> images_;
};

struct LogRecord {
  journal::Position position;
  std::optional<UpdateRecord> update;
  std::optional<PunchRecord> punch;
  std::optional<Uuid> destroyed;
  std::optional<PreparedRecord> prepared;
  std::optional<DecisionRecord> decision;
};

class World {
 public:
  explicit World(uint64_t seed) : histories(seed) {}

  void step() {
    position++;
    LogRecord record{.position = journal::Position(position)};
    if (histories.rng.one_in(60)) {
      record.destroyed = histories.containers[1];
      model.destroy(*record.destroyed);
      transactions.destroy(*record.destroyed);
      index->destroy(*record.destroyed);
      histories.containers[1] = Uuid::from_random(histories.rng.next(), 3);
    } else if (histories.rng.one_in(5)) {
      record.prepared = histories.rng.one_in(4) ? transactions.propose_again() : transactions.propose();
      if (record.prepared) index->prepare(*record.prepared, record.position);
    } else if (histories.rng.one_in(5)) {
      record.decision = transactions.decide();
      if (record.decision) index->decide(*record.decision, record.position);
    } else if (histories.rng.one_in(4)) {
      record.punch = histories.punch();
      index->apply(*record.punch, record.position);
      model.apply(*record.punch);
    } else {
      record.update = histories.update(model, nullptr);
      index->apply(*record.update, record.position);
      model.apply(*record.update, position);
    }
    log.push_back(std::move(record));
    if (histories.rng.one_in(10)) snapshots.insert(histories.epoch);
    if (histories.rng.one_in(10) && !snapshots.empty()) {
      snapshots.erase(std::next(snapshots.begin(), static_cast<ptrdiff_t>(histories.rng.below(snapshots.size()))));
    }
    if (histories.rng.one_in(3)) {
      Freed freed;
      Retention retention{.horizon = histories.epoch, .moments = {}};
      for (const Uuid& container : histories.containers) retention.moments[container] = snapshots;
      index->reclaim(retention, 1 + histories.rng.below(100), freed);
      give_back(freed);
    }
    if (histories.rng.one_in(4)) checkpoint.write(*index, histories.rng, journal::Position(position));
  }
  void restart() {
    index = std::make_unique<Index>();
    ASSERT_NO_FATAL_FAILURE(checkpoint.load_into(*index, histories.rng));
    // A log may hold more than it must.
    const bool trimmed = histories.rng.one_in(2);
    for (const LogRecord& record : log) {
      if (trimmed && record.position <= checkpoint.oldest()) continue;
      if (record.update) index->replay(*record.update, record.position, checkpoint);
      if (record.punch) index->replay(*record.punch, record.position, checkpoint);
      if (record.destroyed) index->destroy(*record.destroyed);
      if (record.prepared) index->replay(*record.prepared, record.position, checkpoint);
      if (record.decision) index->replay(*record.decision, record.position, checkpoint);
    }
  }
  void compare() {
    Comparison compare(*index, model, histories);
    ASSERT_NO_FATAL_FAILURE(compare.at(kLatest));
    for (const uint64_t epoch : snapshots) ASSERT_NO_FATAL_FAILURE(compare.at(epoch));
    for (const uint64_t epoch : {kLatest, histories.rng.below(histories.epoch)}) {
      ASSERT_NO_FATAL_FAILURE(compare_doubts(*index, model, histories, transactions, epoch));
    }
    std::vector<OpId> open;
    for (const auto& [id, record] : transactions.open) {
      if (!record.modifications.empty()) open.push_back(id);
    }
    ASSERT_EQ(index->prepared_transactions(), open);
    // Runs that are seen are counted as referred to.
    uint64_t bytes = 0;
    index->each_run([&](uint64_t, uint64_t run) { bytes += run; });
    ASSERT_EQ(bytes, index->stored_bytes());
  }
  void give_back(const Freed& freed) {
    for (const TierAddress& run : freed.tier1) model.disk.erase(run.offset);
  }

  Histories histories;
  Model model;
  Transactions transactions{histories, model};
  std::unique_ptr<Index> index = std::make_unique<Index>();
  Checkpoint checkpoint;
  std::vector<LogRecord> log;
  std::set<uint64_t> snapshots;
  uint64_t position = 0;
};

TEST(IndexCheckpoint, RestartsGiveTheSameState) {
  for (uint64_t seed = 0; seed < 16; seed++) {
    SCOPED_TRACE(seed);
    World world(seed);
    for (uint64_t i = 0; i < 400; i++) {
      ASSERT_NO_FATAL_FAILURE(world.step());
      if (!world.histories.rng.one_in(50)) continue;
      ASSERT_NO_FATAL_FAILURE(world.restart());
      ASSERT_NO_FATAL_FAILURE(world.compare());
    }
    ASSERT_NO_FATAL_FAILURE(world.restart());
    ASSERT_NO_FATAL_FAILURE(world.compare());
    EXPECT_GT(world.checkpoint.size(), 20u);
  }
}

TEST(IndexCheckpoint, ReplayOfWhatTheImageHoldsChangesNothing) {
  class Newer : public Index::Buckets {
    Bucket at(const Index::Boundary&) const override { return {.position = journal::Position(1000), .next = ""}; }
    journal::Position newest() const override { return journal::Position(1000); }
  } newer;
  for (uint64_t seed = 70; seed < 80; seed++) {
    World world(seed);
    for (uint64_t i = 0; i < 150; i++) world.step();
    ByteVector image, before, after;
    ASSERT_EQ(world.index->serialise("", "", 1 << 20, image), "");
    Index again;
    ASSERT_TRUE(again.load(image).ok());
    // Not the image itself: what is hidden by a mark that reclaim took is loaded with a mark of its own.
    ASSERT_EQ(again.serialise("", "", 1 << 20, before), "");
    for (const LogRecord& record : world.log) {
      if (record.update) again.replay(*record.update, record.position, newer);
      if (record.punch) again.replay(*record.punch, record.position, newer);
      if (record.prepared) again.replay(*record.prepared, record.position, newer);
      if (record.decision) again.replay(*record.decision, record.position, newer);
    }
    ASSERT_EQ(again.serialise("", "", 1 << 20, after), "");
    EXPECT_TRUE(before == after) << seed;
  }
}

TEST(IndexCheckpoint, DamagedItemsAreRefused) {
  World world(5);
  for (uint64_t i = 0; i < 60; i++) world.step();
  ByteVector items;
  world.index->serialise("", "", 1 << 20, items);
  uint64_t refused = 0;
  for (size_t cut = 0; cut < items.size(); cut += 7) {
    Index index;
    const Status loaded = index.load(ByteSpan(items).first(cut));
    if (!loaded.ok()) EXPECT_EQ(loaded.code(), Code::kCorrupt);
    refused += !loaded.ok();
    ByteVector flipped = items;
    flipped[cut] ^= std::byte{0x11};
    Index other;
    const Status flipped_loaded = other.load(flipped);
    // Of a kind that is not known a newer build may have written it.
    if (!flipped_loaded.ok() && flipped_loaded.code() != Code::kFormatVersion)
      EXPECT_EQ(flipped_loaded.code(), Code::kCorrupt);
  }
  EXPECT_GT(refused, 0u);
}

TEST(IndexCheckpoint, RunsOfNothingOrTooManyAreRefused) {
  const auto bytes_of = [](std::vector<TierAddress> runs, uint64_t record_bytes, bool twice) {
    ByteVector bytes;
    const auto put = [&](items::Kind kind, const auto& item) {
      bytes.push_back(static_cast<std::byte>(kind));
      encode_into(bytes, item);
    };
    put(items::Kind::kObject, items::Object{.container = Uuid::from_random(1, 1), .id = {.lo = 1, .hi = 0}});
    put(items::Kind::kDkey, IoBuf::copy_of(as_bytes("d")));
    put(items::Kind::kAkey, IoBuf::copy_of(as_bytes("a")));
    put(items::Kind::kRuns, items::RunsItem{.runs = std::move(runs)});
    if (twice) put(items::Kind::kRuns, items::RunsItem{.runs = {{.offset = 4096, .bytes = 4096}}});
    if (record_bytes > 0) {
      items::Value value;
      value.content.version = Version{7, 0};
      value.content.record_bytes = record_bytes;
      put(items::Kind::kValue, value);
    }
    return bytes;
  };
  const std::vector<TierAddress> two = {{.offset = 8192, .bytes = 4096}, {.offset = 65536, .bytes = 8192}};
  Index index;
  ASSERT_TRUE(index.load(bytes_of(two, 10'000, false)).ok());
  const SingleView view = index.single({Uuid::from_random(1, 1), {.lo = 1, .hi = 0}, as_bytes("d"), as_bytes("a")}, 9);
  EXPECT_EQ(view.data.stored, StoredRuns(two.begin(), two.end()));
  EXPECT_EQ(index.stored_bytes(), 12'288u);
  for (const ByteVector& damaged : {bytes_of(two, 0, false),                           // of nothing
                                    bytes_of(two, 4096, false),                        // the second holds nothing
                                    bytes_of(two, 12'289, false),                      // too short
                                    bytes_of({}, 10, false),                           // none
                                    bytes_of(two, 10'000, true),                       // of runs
                                    bytes_of({{.offset = 0, .bytes = 0}}, 10, false),  // empty
                                    bytes_of({{.offset = ~0ull, .bytes = 4096}}, 10, false)}) {
    Index other;
    EXPECT_EQ(other.load(damaged).code(), Code::kCorrupt);
  }
}

}  // namespace
}  // namespace daos::vos::test
