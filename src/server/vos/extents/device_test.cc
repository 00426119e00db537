// Goal: a device is what its header says, and whoever opens another one, a shorter one or none of ours is told which it
// is and what to do; and no piece of it is ever two pools', nor lost when a pool goes.
#include "server/vos/extents/device.h"

#include <gtest/gtest.h>

#include "platform/runtime/virtual_time.h"
#include "platform/storage/memory/memory_disk.h"
#include "server/vos/extents/pieces.h"

namespace daos::vos {
namespace {

using storage::DiskOperation;
using storage::LockKind;

constexpr uint64_t kPiece = 64 * kKiB;

DeviceHeader header_of(uint64_t bytes, uint32_t regions = 3) {
  return {.id = Uuid::from_random(1, 2),
          .system = Uuid::from_random(3, 4),
          .system_name = "daos_server",
          .engine = Uuid::from_random(5, 6),
          .rank = 7,
          .number = 1,
          .regions = regions,
          .bytes = bytes,
          .piece_bytes = kPiece};
}

class DeviceTest : public testing::Test {
 protected:
  template <class T>
  T run(runtime::Task<T> task) {
    return runtime::run(timeline_, node_.reactor(), std::move(task));
  }
  void make(uint64_t bytes) {
    auto file = run(disk_.open("device-1", {.create = true})).take();
    ASSERT_TRUE(run(file->truncate(bytes)).ok());
    ASSERT_TRUE(run(file->flush()).ok());
    ASSERT_TRUE(run(disk_.sync_directory("")).ok());
  }
  void format(const DeviceHeader& header) { ASSERT_TRUE(run(write_device_header(disk_, "device-1", header)).ok()); }
  Result<OpenDevice> open(const DeviceHeader& header, std::optional<LockKind> lock = std::nullopt) {
    return run(open_device(disk_, {.number = 1, .id = header.id, .path = "device-1", .name = "/dev/made-up"}, lock));
  }
  static void expect_refused(const Result<OpenDevice>& opened, Code code, std::string_view words) {
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.code(), code) << opened.status().to_string();
    for (const std::string_view each : {words, std::string_view("/dev/made-up"), std::string_view("--nvme-device")})
      EXPECT_NE(opened.status().message().find(each), std::string_view::npos) << opened.status().to_string();
  }

  runtime::Timeline timeline_;
  runtime::VirtualClock clock_{timeline_};
  runtime::VirtualReactor node_{timeline_, {.clock = &clock_, .seed = 1}};
  std::shared_ptr<storage::MemoryMedium> medium_ = std::make_shared<storage::MemoryMedium>();
  storage::MemoryDisk disk_{node_.reactor(), medium_, {.timeline = &timeline_, .seed = 1}};
};

constexpr uint64_t kBytes = kDevicePiecesAt + 100 * kPiece + 5000;

TEST_F(DeviceTest, IsOpenedByWhoKnowsIt) {
  make(kBytes);
  const DeviceHeader header = header_of(kBytes);
  format(header);
  const Result<OpenDevice> opened = open(header, LockKind::kShared);
  ASSERT_TRUE(opened.ok()) << opened.status().to_string();
  EXPECT_EQ(opened->header, header);
  EXPECT_TRUE(open(header, LockKind::kShared).ok());
  EXPECT_EQ(open(header, LockKind::kExclusive).code(), Code::kBusy);
  medium_->overwrite("device-1", kBytes + 4095, ByteVector(1));  // a device that has grown is no other one
  EXPECT_TRUE(open(header).ok());
}

TEST_F(DeviceTest, ThatIsMissingShortAnotherOneOrNoneIsRefusedByName) {
  const DeviceHeader header = header_of(kBytes);
  expect_refused(open(header), Code::kNonexistent, "cannot be opened");
  make(kBytes);
  expect_refused(open(header), Code::kFormatInvalid, "not a file of this kind");
  DeviceHeader other = header;
  other.id = Uuid::from_random(9, 9);
  other.number = 0;
  format(other);
  expect_refused(open(header), Code::kFormatInvalid, "is another one: it is device 0 of rank 7 of system daos_server");
  format(header);
  medium_->flip_bit("device-1", 130, 1);
  expect_refused(open(header), Code::kFormatInvalid, "damaged");
  format(header);
  make(kBytes - 4096);
  expect_refused(open(header), Code::kFormatInvalid, "bytes, and had");
}

TEST_F(DeviceTest, ANewerHeaderAndOnesThatCannotBeAreRefused) {
  ByteVector newer = encode_device_header(header_of(kBytes));
  ASSERT_EQ(newer.size(), kDeviceHeaderBytes);
  EXPECT_TRUE(decode_device_header(newer, "d").ok());
  EXPECT_EQ(decode_device_header(ByteSpan(newer).first(50), "d").code(), Code::kFormatInvalid);
  for (const auto& change : std::vector<std::function<void(DeviceHeader&)>>{
           [](DeviceHeader& h) { h.piece_bytes = 0; }, [](DeviceHeader& h) { h.piece_bytes = 5000; },
           [](DeviceHeader& h) { h.regions = 0; }, [](DeviceHeader& h) { h.regions = 101; },
           [](DeviceHeader& h) { h.bytes = 10; }, [](DeviceHeader& h) { h.bytes = UINT64_MAX; }}) {
    DeviceHeader header = header_of(kBytes);
    change(header);
    EXPECT_EQ(decode_device_header(encode_device_header(header), "d").code(), Code::kFormatInvalid);
  }
}

TEST_F(DeviceTest, IsSeenToHoldSomethingAtEitherEnd) {
  make(kBytes);
  DeviceContent content = run(look_at_device(disk_, "device-1")).take();
  EXPECT_EQ(content.bytes, kBytes);
  EXPECT_TRUE(content.empty);
  for (const uint64_t offset : std::vector<uint64_t>{1024, 4096, 65536, kDevicePiecesAt - 1, kBytes - 6000}) {
    medium_->flip_bit("device-1", offset, 1);
    content = run(look_at_device(disk_, "device-1")).take();
    EXPECT_FALSE(content.empty) << offset;
    EXPECT_EQ(content.empty_but_header, offset < kDeviceHeaderBytes) << offset;
    medium_->flip_bit("device-1", offset, 1);
  }
  format(header_of(kBytes));
  content = run(look_at_device(disk_, "device-1")).take();
  EXPECT_FALSE(content.empty);
  EXPECT_TRUE(content.empty_but_header);
  ASSERT_TRUE(content.header.ok());
  EXPECT_EQ(content.header->rank, 7u);
}

TEST(DeviceRegions, CoverEveryPieceOnceAndDifferByOneAtMost) {
  for (uint32_t regions = 1; regions <= 17; regions++) {
    for (uint32_t pieces = regions; pieces < 60; pieces++) {
      const DeviceHeader header = header_of(kDevicePiecesAt + pieces * kPiece + 1, regions);
      ASSERT_EQ(header.pieces(), pieces);
      uint32_t next = 0, least = UINT32_MAX, most = 0;
      for (uint32_t region = 0; region < regions; region++) {
        const PieceRange range = region_of(header, region);
        EXPECT_EQ(range.first, next);
        next = range.end();
        least = std::min(least, range.count);
        most = std::max(most, range.count);
      }
      EXPECT_EQ(next, pieces);
      EXPECT_GE(least, 1u);
      EXPECT_LE(most - least, 1u);
    }
  }
  EXPECT_EQ(pieces_for(1, kPiece), 1u);
  EXPECT_EQ(pieces_for(kPiece, kPiece), 1u);
  EXPECT_EQ(pieces_for(kPiece + 1, kPiece), 2u);
}

TEST(PieceTable, NoPieceIsTwoPoolsNorLostWhateverIsTakenAndReleased) {
  runtime::Rng rng(5);
  const PieceRange region{.first = 10, .count = 40};
  PieceTable table(region);
  std::map<Uuid, std::vector<uint32_t>> model;
  for (int step = 0; step < 2000; step++) {
    const Uuid pool = Uuid::from_random(rng.below(8), 1);
    if (rng.below(3) == 0) {
      table.release(pool);
      model.erase(pool);
    } else {
      const auto count = static_cast<uint32_t>(rng.below(15));
      const uint32_t before = table.free();
      const Result<std::vector<uint32_t>> taken = table.take(pool, count);
      ASSERT_EQ(taken.ok(), count <= before);
      if (taken.ok()) {
        model[pool].insert(model[pool].end(), taken->begin(), taken->end());
      } else {
        ASSERT_EQ(taken.code(), Code::kNoSpace);
      }
    }
    std::set<uint32_t> all;
    uint32_t count = 0;
    PieceTable again(region);  // as a restart finds it
    for (const auto& [owner, pieces] : model) {
      all.insert(pieces.begin(), pieces.end());
      count += static_cast<uint32_t>(pieces.size());
      ASSERT_TRUE(again.claim(owner, pieces).ok());
    }
    ASSERT_EQ(all.size(), count);
    ASSERT_TRUE(all.empty() || (*all.begin() >= 10 && *all.rbegin() < 50));
    ASSERT_EQ(table.free(), 40 - count);
    ASSERT_EQ(again.free(), table.free());
  }
}

TEST(PieceTable, ClaimsThatCannotBeAreNamedAndChangeNothing) {
  const Uuid one = Uuid::from_random(1, 1);
  const Uuid two = Uuid::from_random(2, 2);
  PieceTable table({.first = 10, .count = 5});
  ASSERT_TRUE(table.claim(one, std::vector<uint32_t>{11, 14}).ok());
  const Status both = table.claim(two, std::vector<uint32_t>{10, 14});
  EXPECT_EQ(both.code(), Code::kCorrupt);
  EXPECT_NE(both.message().find(one.to_string()), std::string_view::npos) << both.to_string();
  EXPECT_NE(both.message().find(two.to_string()), std::string_view::npos) << both.to_string();
  EXPECT_EQ(table.claim(two, std::vector<uint32_t>{9}).code(), Code::kCorrupt);
  EXPECT_EQ(table.claim(two, std::vector<uint32_t>{15}).code(), Code::kCorrupt);
  EXPECT_EQ(table.claim(two, std::vector<uint32_t>{12, 12}).code(), Code::kCorrupt);
  EXPECT_EQ(table.free(), 3u);
  EXPECT_TRUE(table.claim(two, std::vector<uint32_t>{10}).ok());
}

}  // namespace
}  // namespace daos::vos
