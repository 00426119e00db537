// Goal: a flipped bit anywhere in what a shard has on its disk is found and named at the next start, by the shard and
// by the survey alike, or it changes nothing that anybody could see: no wrong value, no acknowledged update skipped, no
// crash. Method: small stores that hold everything that there is, closed in order, in both durabilities, with extents
// and a checkpoint that is older than the log; then a bit of each byte is flipped in turn (of long stretches of zeros a
// sample), and the store opened and surveyed.
#include <gtest/gtest.h>

#include "platform/storage/read_only.h"
#include "server/vos/checkpoint/format.h"
#include "server/vos/index/words.h"
#include "server/vos/offline/shard_survey.h"
#include "server/vos/offline/versions.h"
#include "server/vos/shard_world.h"

namespace daos::vos {
namespace {

using journal::Durability;

ShardWorld::Options options(Durability durability) {
  return {.tier1_bytes = 256 * kKiB,
          .inline_max = 4 * kKiB,
          .inline_max_alone = 4 * kKiB,
          .durability = durability,
          .segment_bytes = 128 * kKiB,
          .log_bytes_wanted = 512 * kKiB,  // checkpoints only when they are asked for
          .bucket_bytes_max = 1 * kKiB};
}

/// Everything that a reader can see of an index, in words.
class Visible : public VersionVisitor {
 public:
  std::string all;
  void on_object(const Uuid& container, const classes::ObjectId& object) override {
    object_ = fmt::format("{} {} ", container, object);
  }
  void on_dkey(ByteSpan key) override { dkey_ = as_text(key); }
  void on_akey(ByteSpan key) override { akey_ = as_text(key); }
  void on_highest_epoch(uint64_t epoch) override { all += fmt::format("{} highest {}\n", object_, epoch); }
  void on_punch(Version) override {}
  void on_version(const StoredVersion& version) override {
    // What is hidden may be reclaimed at any time.
    if (version.hidden != Version{} || version.record_bytes == 0) return;
    all +=
        fmt::format("{} {} {} at {}: {}", object_, dkey_, akey_, version.version.epoch, as_text(version.bytes.bytes()));
    if (version.extent) all += fmt::format(" [{}, {})", version.extent->start, version.extent->end());
    for (const TierAddress& run : version.stored) all += fmt::format(" in an extent at {}", run.offset);
    all += '\n';
  }
  void on_prepared(const StoredPrepared& prepared) override {
    all += fmt::format("{} at {} prepared by {}: {}\n", place_in_words(prepared.place), prepared.version.version.epoch,
                       prepared.transaction, as_text(prepared.version.bytes.bytes()));
  }

 private:
  std::string object_, dkey_, akey_;
};

std::string visible(const Index& index) {
  Visible visitor;
  // It splits extents in memory, which no reader sees.
  EXPECT_TRUE(each_version(const_cast<Index&>(index), {}, visitor).ok());
  return visitor.all;
}

std::string slots_of(const Shard& shard) {
  std::string all;
  shard.slots().for_each([&](const rpc::EndpointId& endpoint, uint16_t slot, const rpc::SlotOutcome& outcome) {
    all += fmt::format("{} {} {}: {} {} {}\n", endpoint.client, endpoint.context, slot, outcome.sequence, outcome.epoch,
                       outcome.closed);
  });
  return all;
}

class Lines : public LogSink {
 public:
  void write(LogLevel, std::string_view, std::string_view line) override { all += std::string(line) + "\n"; }
  std::string all;
};

class Damage : public testing::TestWithParam<Durability> {
 protected:
  Damage() : world_(7, options(GetParam())) {
    EXPECT_TRUE(world_.open().ok());
    const auto single = [&](uint32_t object, uint32_t dkey, std::string value) {
      update(object, dkey, {.akey = text(key_text(0)), .record_bytes = value.size(), .value = text(value)});
    };
    const auto extent = [&](uint64_t start, std::string bytes) {
      update(2, 1,
             {.akey = text(key_text(1)),
              .kind = ValueKind::kArray,
              .record_bytes = 1,
              .extents = {{.start = start, .count = bytes.size()}},
              .value = text(bytes)});
    };
    for (uint32_t i = 0; i < 9; i++)
      single(i % kObjects, i / kObjects, std::string(150 + i, static_cast<char>('a' + i)));
    extent(0, std::string(300, 'x'));
    extent(100, std::string(50, 'y'));
    single(0, 2, std::string(6000, 'L'));  // above inline_max: an extent
    punch(1, 0);
    prepare(1);
    EXPECT_TRUE(world_.run(world_.shard->write_checkpoint()).ok());
    prepare(2);
    EXPECT_TRUE(world_.run(world_.shard->decide(transaction_id(3), vos::Outcome::kAborted, 0)).ok());
    extent(120, std::string(100, 'z'));
    single(0, 0, "after the checkpoint");
    single(2, 2, std::string(5000, 'M'));
    EXPECT_TRUE(world_.run(world_.shard->close_slot(endpoint_of(1), {.slot = 3, .sequence = 7})).ok());
    EXPECT_TRUE(world_.run(world_.shard->destroy_container(container_id(1))).ok());
    expected_ = visible(world_.shard->index());
    slots_ = slots_of(*world_.shard);
    EXPECT_TRUE(world_.close().ok());
  }
  static OpId transaction_id(uint64_t number) {
    return {.endpoint = endpoint_of(1), .slot = {.slot = 9, .sequence = number}};
  }
  void prepare(uint64_t number) {
    PrepareOp op{.id = transaction_id(number), .epoch = world_.reactor().hlc().next()};
    op.participants = {1, 2};
    UpdateOp change{.container = container_id(0), .object = object_id(2), .id = {}, .dkey = text(key_text(2))};
    const std::string value = fmt::format("prepared by {}", number);
    change.values.push_back({.akey = text(key_text(2)), .record_bytes = value.size(), .value = text(value)});
    op.changes.push_back({.minor = 1, .what = std::move(change)});
    const Result<Prepare> prepared = world_.run(world_.shard->prepare(std::move(op)));
    EXPECT_TRUE(prepared.ok()) << prepared.status().to_string();
  }
  void update(uint32_t object, uint32_t dkey, AkeyValue value) {
    UpdateOp op{.container = container_id(object == 1 ? 1 : 0),
                .object = object_id(object),
                .id = {.endpoint = endpoint_of(0), .slot = {.slot = 0, .sequence = ++sequence_}},
                .dkey = text(key_text(dkey))};
    op.values.push_back(std::move(value));
    const Result<uint64_t> epoch = world_.run(world_.shard->update(std::move(op)));
    EXPECT_TRUE(epoch.ok()) << epoch.status().to_string();
  }
  void punch(uint32_t object, uint32_t dkey) {
    EXPECT_TRUE(
        world_
            .run(world_.shard->punch({.container = container_id(1),
                                      .object = object_id(object),
                                      .id = {.endpoint = endpoint_of(0), .slot = {.slot = 0, .sequence = ++sequence_}},
                                      .level = PunchLevel::kDkey,
                                      .dkey = text(key_text(dkey))}))
            .ok());
  }

  struct Opened {
    Status status;
    bool unclean = false;
    std::string visible, slots, log;
    bool values_read_back = true;
  };
  Opened open(const std::shared_ptr<storage::MemoryMedium>& medium) {
    ShardWorld world(8, options(GetParam()));
    Lines lines;
    world.medium = medium;
    world.boot(&lines);
    Opened opened{.status = world.open()};
    opened.log = lines.all;
    if (!opened.status.ok()) return opened;
    opened.unclean = world.shard->unclean();
    opened.visible = visible(world.shard->index());
    opened.slots = slots_of(*world.shard);
    return opened;
  }
  /// kOk: the large values are read as they were written; else why not.
  Status read_large(const std::shared_ptr<storage::MemoryMedium>& medium) {
    ShardWorld world(9, options(GetParam()));
    world.medium = medium;
    world.boot();
    DX_TRY(world.open());
    for (const auto& [object, dkey, letter, bytes] : {std::tuple(0u, 2u, 'L', 6000u), std::tuple(2u, 2u, 'M', 5000u)}) {
      const auto found = world.run(world.shard->fetch({.container = container_id(0),
                                                       .object = object_id(object),
                                                       .dkey = text(key_text(dkey)),
                                                       .keys = {{.akey = text(key_text(0))}}}));
      if (!found.ok()) return found.status();
      EXPECT_EQ(as_text(found->keys[0].value.bytes()), std::string(bytes, letter)) << "wrong data was returned";
    }
    return {};
  }
  Report survey(const std::shared_ptr<storage::MemoryMedium>& medium) {
    ShardWorld world(10, options(GetParam()));
    world.medium = medium;
    world.boot();
    storage::ReadOnlyDisk disk(*world.disk);
    const auto found = world.run(survey_shard(world.reactor(), disk, "pool", ""));
    EXPECT_TRUE(found.ok()) << found.status().to_string();
    if (!found.ok()) return {};
    if ((*found)->report.damage.empty()) {
      EXPECT_EQ(visible((*found)->index), expected_);
      EXPECT_EQ((*found)->transactions.in_doubt().size(), 2u);
      EXPECT_EQ((*found)->transactions.find(transaction_id(3))->state, TransactionState::kRefused);
    }
    return std::move((*found)->report);
  }

  /// What became of one flipped bit. Anything but the three good outcomes fails the test.
  enum class Outcome { kFound, kLossOfPower, kHarmless };
  Outcome judge(const std::string& path, uint64_t offset, bool with_survey) {
    const std::string where = fmt::format("{} at offset {}", path, offset);
    const auto damaged = world_.medium->clone();
    damaged->flip_bit(path, offset, static_cast<unsigned>(mix64(offset) % 8));
    Report report;
    if (with_survey) {
      report = survey(damaged->clone());
      for (const DamageNote& note : report.damage) EXPECT_NE(note.affected, "") << where;
    }
    const bool names_it = std::any_of(report.damage.begin(), report.damage.end(),
                                      [&](const DamageNote& note) { return note.path == path; });
    const Opened opened = open(damaged);
    if (!opened.status.ok()) {
      EXPECT_NE(opened.status.message().find(path), std::string_view::npos)
          << where << ": " << opened.status.to_string();
      const Code code = opened.status.code();
      EXPECT_TRUE(code == Code::kCorrupt || code == Code::kFormatInvalid || code == Code::kFormatVersion)
          << where << ": " << opened.status.to_string();
      EXPECT_TRUE(names_it || !with_survey) << where << ": found at the start, not by the survey";
      return Outcome::kFound;
    }
    if (opened.unclean) {
      EXPECT_EQ(GetParam(), Durability::kProcess) << where;
      EXPECT_NE(opened.log.find(path + " at offset"), std::string::npos) << where << ": " << opened.log;
      EXPECT_NE(opened.log.find(Uuid::from_random(3, 3).to_string()), std::string::npos) << opened.log;
      EXPECT_TRUE(names_it || !with_survey) << where << ": a loss of power that the survey does not tell";
      return Outcome::kLossOfPower;
    }
    EXPECT_EQ(opened.visible, expected_) << where << ": dropped or changed without a word";
    EXPECT_EQ(opened.slots, slots_) << where;
    return Outcome::kHarmless;
  }
  void flip_all(const std::string& path, uint64_t from, uint64_t to, uint64_t step, std::map<Outcome, uint64_t>& seen) {
    for (uint64_t offset = from; offset < to; offset += step) {
      seen[judge(path, offset, offset % 8 == from % 8)]++;
      if (HasFailure()) return;
    }
  }

  ShardWorld world_;
  uint64_t sequence_ = 0;
  std::string expected_, slots_;
};

TEST_P(Damage, AnUndamagedStoreHasNone) {
  const Opened opened = open(world_.medium->clone());
  ASSERT_TRUE(opened.status.ok()) << opened.status.to_string();
  EXPECT_FALSE(opened.unclean);
  EXPECT_EQ(opened.visible, expected_);
  EXPECT_EQ(opened.slots, slots_);
  EXPECT_TRUE(read_large(world_.medium->clone()).ok());
  const Report report = survey(world_.medium->clone());
  EXPECT_TRUE(report.damage.empty()) << report.damage[0].path << ": " << report.damage[0].what;
  EXPECT_GE(report.files.size(), 5u) << "superblock, table, images, segments, extents";
}

TEST_P(Damage, InTheSuperblockIsFound) {
  std::map<Outcome, uint64_t> seen;
  flip_all("pool/shard", 0, world_.medium->size("pool/shard"), 1, seen);
  EXPECT_EQ(seen[Outcome::kFound], world_.medium->size("pool/shard"));
}

TEST_P(Damage, InTheTableOfTheCheckpointIsFound) {
  std::map<Outcome, uint64_t> seen;
  flip_all("pool/checkpoint/table", 0, world_.medium->size("pool/checkpoint/table"), 1, seen);
  EXPECT_EQ(seen[Outcome::kFound], world_.medium->size("pool/checkpoint/table"));
}

TEST_P(Damage, InAnImageIsFoundAndSaysWhichKeysItHeld) {
  const Result<Table> table = decode_table(world_.medium->content("pool/checkpoint/table"), "table");
  ASSERT_TRUE(table.ok());
  ASSERT_GT(table->buckets.size(), 2u);
  std::map<Outcome, uint64_t> inside, behind;
  for (const BucketEntry& entry : table->buckets) {
    const uint64_t begin = entry.run.block * kImageBlock;
    uint32_t item_bytes = 0;
    const ByteVector images = world_.medium->content("pool/checkpoint/images");
    std::memcpy(&item_bytes, images.data() + begin + 12, sizeof item_bytes);
    const uint64_t used = begin + kImageHeaderBytes + item_bytes;
    flip_all("pool/checkpoint/images", begin, used, 1, inside);
    flip_all("pool/checkpoint/images", used, begin + entry.run.blocks * kImageBlock, 97, behind);
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GT(inside[Outcome::kFound], 1000u);
  EXPECT_EQ(inside.size(), 1u);
  EXPECT_GT(behind[Outcome::kHarmless], 20u) << "nothing is read there";
  EXPECT_EQ(behind.size(), 1u);

  const BucketEntry& last = table->buckets.back();
  const auto damaged = world_.medium->clone();
  damaged->flip_bit("pool/checkpoint/images", last.run.block * kImageBlock + 40, 0);
  const Status status = open(damaged->clone()).status;
  const std::string affected = range_in_words(last.first, "");
  EXPECT_NE(affected.find("container"), std::string::npos);
  EXPECT_NE(status.message().find(fmt::format("pool/checkpoint/images at offset {}", last.run.block * kImageBlock)),
            std::string_view::npos)
      << status.to_string();
  EXPECT_NE(status.message().find(affected), std::string_view::npos) << status.to_string();
  EXPECT_NE(survey(damaged).damage[0].affected.find(affected), std::string::npos);
}

TEST_P(Damage, InTheLogIsFoundOrALossOfPower) {
  const std::string path = "pool/log/segment-0000000000000000";
  std::map<Outcome, uint64_t> header, blocks, unused;
  flip_all(path, 0, 128, 1, header);  // its other 3968 bytes are zero and under the same crc
  flip_all(path, 128, 4096, 101, header);
  EXPECT_EQ(header.size(), 1u);
  EXPECT_GT(header[Outcome::kFound], 150u);
  // Blocks, up to the first place from which on everything is zero: whatever was never written is not part of the log.
  const ByteVector content = world_.medium->content(path);
  uint64_t end = content.size();
  while (end > 0 && content[end - 1] == std::byte{0}) end--;
  ASSERT_GT(end, 8192u);
  uint64_t zeros = 0;
  for (uint64_t offset = 4096; offset < end && !HasFailure(); offset++) {
    zeros = content[offset] == std::byte{0} ? zeros + 1 : 0;
    if (zeros > 64 && zeros % 61 != 0) continue;
    blocks[judge(path, offset, offset % 8 == 0)]++;
  }
  flip_all(path, end, content.size(), 131, unused);
  // Which bytes may change without a word: only those of the last block, which holds no record but says that the ones
  // before it are durable.
  EXPECT_LE(blocks[Outcome::kHarmless], 64u);
  if (GetParam() == Durability::kPower) {
    EXPECT_GT(blocks[Outcome::kFound], 1000u);
    EXPECT_EQ(blocks[Outcome::kLossOfPower], 0u);
  } else {
    EXPECT_GT(blocks[Outcome::kLossOfPower], 1000u);
  }
  EXPECT_EQ(unused[Outcome::kFound] + unused[Outcome::kLossOfPower], 0u);
}

TEST_P(Damage, InAnExtentIsFoundByItsReaderAndByTheSurvey) {
  const std::string path = "pool/extents";
  const ByteVector content = world_.medium->content(path);
  uint64_t found = 0;
  for (uint64_t offset = 0; offset < content.size(); offset += offset < 64 ? 1 : 173) {
    const auto damaged = world_.medium->clone();
    damaged->flip_bit(path, offset, 5);
    const Report report = survey(damaged->clone());
    const Status read = read_large(damaged);
    if (read.ok()) {
      EXPECT_TRUE(report.damage.empty()) << offset << ": " << report.damage[0].what;
      continue;
    }
    found++;
    EXPECT_NE(read.message().find(path), std::string_view::npos) << read.to_string();
    ASSERT_FALSE(report.damage.empty()) << offset;
    EXPECT_EQ(report.damage[0].path, path);
    if (offset >= 4096) EXPECT_NE(report.damage[0].affected.find("dkey"), std::string::npos);
  }
  EXPECT_GT(found, 64u + 8192 / 173);
}

TEST(DamageOnADevice, IsFoundByItsReaderAndByTheSurvey) {
  ShardWorld::Options on_device = options(Durability::kPower);
  on_device.tier1_on = ShardWorld::Options::Tier1::kDevice;
  ShardWorld world(11, on_device);
  ASSERT_TRUE(world.open().ok());
  const std::string large(40'000, 'x');  // over three pieces, which lie apart
  ASSERT_TRUE(world.take({.container = 0, .dkey = 1, .values = {{0, large}}, .slot = {0, 1}}).status.ok());
  std::vector<uint64_t> places;
  for (uint64_t at = 0; at < 40'000; at += 3'000) places.push_back(world.tier1_place(at));
  ASSERT_TRUE(world.close().ok());
  const auto survey = [&] {
    storage::ReadOnlyDisk disk(*world.disk);
    auto found = world.run(survey_shard(world.reactor(), disk, "pool", ""));
    EXPECT_TRUE(found.ok()) << found.status().to_string();
    return std::move((*found)->report);
  };
  EXPECT_TRUE(survey().damage.empty());
  for (const uint64_t place : places) {
    SCOPED_TRACE(place);
    world.medium->flip_bit("device-0", place, 4);
    const Report report = survey();
    ASSERT_EQ(report.damage.size(), 1u);
    EXPECT_EQ(report.damage[0].path, "device-0");
    EXPECT_EQ(report.damage[0].offset, places[0]) << "the run begins there";
    EXPECT_NE(report.damage[0].affected.find("dkey"), std::string::npos) << report.damage[0].affected;
    ASSERT_TRUE(world.open().ok());
    const Step read = world.take({.kind = Step::Kind::kFetch, .dkey = 1});
    EXPECT_EQ(read.status.code(), Code::kChecksum) << read.status.to_string();
    ASSERT_TRUE(world.close().ok());
    world.medium->flip_bit("device-0", place, 4);
  }
  // Another device in its place, by its header.
  world.medium->flip_bit("device-0", 100, 1);
  const Report report = survey();
  ASSERT_FALSE(report.damage.empty());
  EXPECT_EQ(report.damage[0].path, "device-0");
  EXPECT_EQ(world.open().code(), Code::kFormatInvalid);
}

TEST_P(Damage, MissingFilesAreNamed) {
  for (const std::string path :
       {"pool/checkpoint/table", "pool/checkpoint/images", "pool/log/segment-0000000000000000", "pool/extents"}) {
    SCOPED_TRACE(path);
    const auto damaged = world_.medium->clone();
    {
      ShardWorld world(11, options(GetParam()));
      world.medium = damaged;
      world.boot();
      ASSERT_TRUE(world.run(world.disk->remove(path)).ok());
      ASSERT_TRUE(world.run(world.disk->sync_directory(path.substr(0, path.rfind('/')))).ok());
    }
    const Report report = survey(damaged->clone());
    const Opened opened = open(damaged);
    if (path == "pool/checkpoint/table" && opened.status.ok()) {
      // Nothing was trimmed yet: the log holds all of it.
      EXPECT_EQ(opened.visible, expected_);
      EXPECT_TRUE(report.damage.empty());
      continue;
    }
    EXPECT_FALSE(opened.status.ok());
    EXPECT_NE(opened.status.message().find(path.substr(0, path.find("/segment"))), std::string_view::npos)
        << opened.status.to_string();
    ASSERT_FALSE(report.damage.empty());
  }
}

TEST_P(Damage, ATableThatIsMissingOrOldIsNamedWhenTheLogWasGivenUp) {
  // Enough updates and checkpoints that the log gives up its first segment.
  ASSERT_TRUE(world_.open().ok());
  const ByteVector old_table = world_.medium->content("pool/checkpoint/table");
  for (uint32_t i = 0; i < 60; i++)
    update(0, 0, {.akey = text(key_text(0)), .record_bytes = 3000, .value = text(std::string(3000, 'q'))});
  ASSERT_TRUE(world_.run(world_.shard->write_checkpoint()).ok());
  world_.timeline.run_until(world_.timeline.now() + std::chrono::seconds(1));
  ASSERT_TRUE(world_.close().ok());
  ASSERT_FALSE(world_.disk->exists("pool/log/segment-0000000000000000"));
  for (const bool missing : {false, true}) {
    const auto damaged = world_.medium->clone();
    {
      ShardWorld world(12, options(GetParam()));
      world.medium = damaged;
      world.boot();
      if (missing) {
        ASSERT_TRUE(world.run(world.disk->remove("pool/checkpoint/table")).ok());
        ASSERT_TRUE(world.run(world.disk->sync_directory("pool/checkpoint")).ok());
      } else {
        ASSERT_TRUE(
            world.run(storage::replace_file(*world.disk, "pool/checkpoint/table", IoBuf::copy_of(old_table))).ok());
      }
    }
    const Report report = survey(damaged->clone());
    ASSERT_FALSE(report.damage.empty());
    const Status status = open(damaged).status;
    EXPECT_FALSE(status.ok()) << "what the log no longer has was dropped without a word";
    EXPECT_NE(status.message().find("pool/checkpoint/"), std::string_view::npos) << status.to_string();
  }
}

TEST_P(Damage, ASurveyChangesNothingAndIsRefusedWhileTheShardIsOpen) {
  const auto medium = world_.medium->clone();
  std::map<std::string, ByteVector> before;
  for (const std::string& path : medium->files()) before[path] = medium->content(path);
  survey(medium);
  EXPECT_EQ(medium->files().size(), before.size());
  for (const auto& [path, content] : before) EXPECT_EQ(medium->content(path), content) << path;

  ASSERT_TRUE(world_.open().ok());
  storage::ReadOnlyDisk disk(*world_.disk);
  EXPECT_EQ(world_.run(survey_shard(world_.reactor(), disk, "pool", "")).status().code(), Code::kBusy);
  EXPECT_EQ(world_.run(disk.make_directory("elsewhere")).code(), Code::kNoPerm);
  EXPECT_EQ(world_.run(disk.remove("pool/shard")).code(), Code::kNoPerm);
  const auto file = world_.run(disk.open("pool/shard", {}));
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(world_.run((*file)->write(0, {text("x")})).code(), Code::kNoPerm);
  EXPECT_EQ(world_.run((*file)->truncate(0)).code(), Code::kNoPerm);
}

INSTANTIATE_TEST_SUITE_P(, Damage, testing::Values(Durability::kPower, Durability::kProcess),
                         [](const auto& info) { return info.param == Durability::kPower ? "Power" : "Process"; });

}  // namespace
}  // namespace daos::vos
