// Goal: damage is found and named, and never replayed as something else. Method: every bit of every byte of a small log
// that was closed in order is flipped in turn, and files are cut, exchanged and removed.
#include <gtest/gtest.h>

#include "platform/journal/journal_world.h"

namespace daos::journal {
namespace {

using namespace std::chrono_literals;

Options small(Durability durability) {
  return {.durability = durability, .segment_bytes = 16 * kKiB, .segments_max = 6};
}

/// Some records over two segments, closed in order.
std::shared_ptr<storage::MemoryMedium> written(JournalWorld& world, Durability durability) {
  EXPECT_TRUE(world.open(small(durability)).ok());
  for (uint64_t i = 0; i < 6; i++) EXPECT_TRUE(world.wait(*world.append(world.record(i, i == 3 ? 9000 : 60 * i))).ok());
  EXPECT_TRUE(world.close().ok());
  return world.medium;
}

/// What opening `medium` says; `came_back` gets what was replayed, before an error too.
Status reopen(std::shared_ptr<storage::MemoryMedium> medium, Durability durability,
              std::vector<JournalWorld::Record>& came_back) {
  JournalWorld world(99);
  world.medium = std::move(medium);
  world.boot();
  Status status = world.open(small(durability));
  came_back = world.replayed;
  return status;
}

bool is_prefix(const std::vector<JournalWorld::Record>& part, const std::vector<JournalWorld::Record>& whole) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

TEST(JournalDamage, AFlippedBitAnywhereIsFoundOrHarmless) {
  JournalWorld world(1);
  const auto medium = written(world, Durability::kPower);
  uint64_t found = 0, harmless = 0;
  for (const std::string& path : medium->files()) {
    const ByteVector content = medium->content(path);
    for (uint64_t offset = 0; offset < content.size(); offset++) {
      const unsigned bit = static_cast<unsigned>(mix64(offset) % 8);
      medium->flip_bit(path, offset, bit);
      std::vector<JournalWorld::Record> came_back;
      // Every byte of the blocks' headers and parts; of long stretches of payload and zeros, a sample.
      const bool sampled = offset % 4096 < 200 || offset % 61 == 0;
      if (sampled) {
        const Status status = reopen(medium->clone(), Durability::kPower, came_back);
        ASSERT_TRUE(is_prefix(came_back, world.appended)) << path << " " << offset;
        if (status.ok()) {
          ASSERT_EQ(came_back, world.appended) << path << " " << offset << ": records were dropped without a word";
          harmless++;
        } else {
          ASSERT_EQ(status.code(), Code::kCorrupt) << status.to_string();
          ASSERT_NE(status.message().find(path), std::string_view::npos) << status.to_string();
          found++;
        }
      }
      medium->flip_bit(path, offset, bit);
    }
  }
  EXPECT_GT(found, 200u);
  EXPECT_GT(harmless, 200u);
}

TEST(JournalDamage, AFlippedBitInATailThatNobodyVouchesForIsNeverTakenForARecord) {
  JournalWorld world(11);
  ASSERT_TRUE(world.open(small(Durability::kPower)).ok());
  for (uint64_t i = 0; i < 3; i++) ASSERT_TRUE(world.wait(*world.append(world.record(i, 100 + i))).ok());
  world.restart(storage::Loss::kPower);  // the last commit's block says only that the one before it was durable
  const std::string path = "log/" + segment_name(0);
  uint64_t cut = 0;
  for (uint64_t offset = kHeaderArea; offset < world.medium->size(path); offset++) {
    const bool sampled = offset % 4096 < 256 || offset % 61 == 0;
    if (!sampled) continue;
    world.medium->flip_bit(path, offset, offset % 8);
    std::vector<JournalWorld::Record> came_back;
    const Status status = reopen(world.medium->clone(), Durability::kPower, came_back);
    ASSERT_TRUE(is_prefix(came_back, world.appended)) << offset;
    if (status.ok()) {
      ASSERT_GE(came_back.size(), 2u) << offset << ": what a later block vouches for is gone without a word";
      cut += came_back.size() == 2;
    }
    world.medium->flip_bit(path, offset, offset % 8);
  }
  EXPECT_GT(cut, 100u);
}

TEST(JournalDamage, NamesFileOffsetAndWhatIsLost) {
  JournalWorld world(2);
  const auto medium = written(world, Durability::kPower);
  medium->flip_bit("log/segment-0000000000000000", 4096 + 4096 + 60, 0);
  std::vector<JournalWorld::Record> came_back;
  const Status status = reopen(medium, Durability::kPower, came_back);
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_NE(status.message().find("log/segment-0000000000000000 at offset 8192"), std::string_view::npos)
      << status.to_string();
  EXPECT_NE(status.message().find("from position 8192"), std::string_view::npos) << status.to_string();
}

TEST(JournalDamage, UnderProcessDamageIsALossOfPower) {
  JournalWorld world(3);
  const auto medium = written(world, Durability::kProcess);
  medium->flip_bit("log/segment-0000000000000000", 4096 + 300, 0);
  JournalWorld next(4);
  next.medium = medium;
  next.boot();
  ASSERT_TRUE(next.open(small(Durability::kProcess)).ok());
  EXPECT_TRUE(next.journal->recovery().power_lost);
  EXPECT_TRUE(next.journal->recovery().cut);
  EXPECT_LT(next.replayed.size(), world.appended.size());
  EXPECT_TRUE(is_prefix(next.replayed, world.appended));
  const Position position = *next.append(next.record(1, 10));
  EXPECT_GT(position.value(), world.appended.back().position);
  ASSERT_TRUE(next.wait(position).ok());
  ASSERT_TRUE(next.close().ok());
  ASSERT_TRUE(next.open(small(Durability::kProcess)).ok());
  EXPECT_FALSE(next.journal->recovery().power_lost) << "it is said once";
  EXPECT_EQ(next.replayed.back(), next.appended.back());
  ASSERT_TRUE(next.close().ok());
}

TEST(JournalDamage, AMissingSegmentIsNamed) {
  for (const uint64_t missing : {0, 1}) {
    JournalWorld world(5);
    ASSERT_TRUE(world.open(small(Durability::kPower)).ok());
    for (uint64_t i = 0; i < 8; i++) ASSERT_TRUE(world.wait(*world.append(world.record(i, 3000))).ok());
    ASSERT_TRUE(world.close().ok());
    ASSERT_TRUE(runtime::run(world.timeline, world.reactor(), world.disk->remove("log/" + segment_name(missing))).ok());
    const Status status = world.open(small(Durability::kPower));
    EXPECT_EQ(status.code(), Code::kCorrupt);
    EXPECT_NE(status.message().find(segment_name(missing) + " is missing"), std::string_view::npos)
        << status.to_string();
  }
}

TEST(JournalDamage, SegmentsOfAnotherLogAreRefused) {
  JournalWorld world(6), other(7);
  const auto medium = written(world, Durability::kPower);
  const auto stranger = written(other, Durability::kPower);
  medium->overwrite("log/" + segment_name(1), 0, stranger->content("log/" + segment_name(1)));
  std::vector<JournalWorld::Record> came_back;
  const Status status = reopen(medium, Durability::kPower, came_back);
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_NE(status.message().find("belongs to log"), std::string_view::npos) << status.to_string();
}

TEST(JournalDamage, ALogOfANewerFormatIsRefusedAsSuch) {
  JournalWorld world(8);
  const auto medium = written(world, Durability::kPower);
  ByteVector area = medium->content("log/" + segment_name(0));
  area.resize(kHeaderArea);
  area[8] = std::byte{2};
  const uint32_t crc = crc32c(ByteSpan(area).subspan(4));
  std::memcpy(area.data(), &crc, sizeof crc);
  medium->overwrite("log/" + segment_name(0), 0, area);
  std::vector<JournalWorld::Record> came_back;
  EXPECT_EQ(reopen(medium, Durability::kPower, came_back).code(), Code::kFormatVersion);
}

}  // namespace
}  // namespace daos::journal
