// Goal: what engines have on their disks stays readable, and this build still writes it byte for byte, and refuses what
// a newer one wrote: the records of a shard's log, its superblock, checkpoint and extents, entries and snapshots of
// service logs, and the commands and states in them.
#include <gtest/gtest.h>

#include "filler.h"
#include "fixture.h"
#include "model/map/builder.h"
#include "platform/base/hash.h"
#include "platform/base/stamp.h"
#include "platform/consensus/format.h"
#include "server/services/pool/pool_state.h"
#include "server/services/system/system_state.h"
#include "server/vos/checkpoint/format.h"
#include "server/vos/extents/device.h"
#include "server/vos/extents/extent_file.h"
#include "server/vos/index/items.h"
#include "server/vos/power_loss.h"
#include "server/vos/records/transaction_records.h"
#include "server/vos/shard_file.h"

namespace daos::compat {
namespace {

/// Compares with the fixture's line of that name, or says which line is missing.
class Stored {
 public:
  explicit Stored(std::string_view fixture) : golden_(fixture_entries(fixture)) {}
  ~Stored() { EXPECT_EQ(seen_, golden_.size()); }
  void expect(const std::string& name, const ByteVector& bytes) {
    seen_++;
    ASSERT_TRUE(golden_.contains(name)) << "a new kind: add the line\n" << name << " " << hex(bytes);
    EXPECT_EQ(hex(bytes), hex(golden_.at(name))) << name;
  }

 private:
  std::map<std::string, ByteVector> golden_;
  size_t seen_ = 0;
};

/// Encodes again what it is told.
class Again : public vos::RecordVisitor {
 public:
  Status on(vos::UpdateRecord record) override { return keep(record); }
  Status on(vos::PunchRecord record) override { return keep(record); }
  Status on(vos::SlotClosedRecord record) override { return keep(record); }
  Status on(vos::ClientEndedRecord record) override { return keep(record); }
  Status on(vos::ClockReservedRecord record) override { return keep(record); }
  Status on(vos::ContainerDestroyedRecord record) override { return keep(record); }
  Status on(vos::PreparedRecord record) override { return keep(record); }
  Status on(vos::DecisionRecord record) override { return keep(record); }
  Status on(vos::ForgottenRecord record) override { return keep(record); }
  ByteVector bytes;

 private:
  template <class Record>
  Status keep(const Record& record) {
    bytes = vos::encode_record(record);
    return {};
  }
};

/// Puts `value` at `offset`, and a crc32c over everything from `crc_from` on at `crc_at`: a file of another format that
/// is whole.
template <class T>
ByteVector patched(ByteVector bytes, size_t offset, T value, size_t crc_at, size_t crc_from, size_t crc_to = SIZE_MAX) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
  const uint32_t crc = crc32c(ByteSpan(bytes).subspan(crc_from, std::min(crc_to, bytes.size()) - crc_from));
  std::memcpy(bytes.data() + crc_at, &crc, sizeof crc);
  return bytes;
}

/// A newer format is refused as such: by a line that names file, format and build.
void expect_newer(const Status& status, std::string_view build) {
  EXPECT_EQ(status.code(), Code::kFormatVersion) << status.to_string();
  EXPECT_NE(status.message().find("build"), std::string_view::npos) << status.to_string();
  EXPECT_NE(status.message().find(build), std::string_view::npos) << status.to_string();
  EXPECT_NE(status.message().find("this build"), std::string_view::npos) << status.to_string();
}

TEST(StoredCompat, RecordsOfAShardsLog) {
  Stored stored("shard_log_1.txt");
  const auto expect = [&]<class Record>(const std::string& name, Record record) {
    const ByteVector bytes = vos::encode_record(record);
    stored.expect(name, bytes);
    Again again;
    const Status read = vos::decode_record(bytes, again);
    EXPECT_TRUE(read.ok()) << read.to_string();
    EXPECT_EQ(again.bytes, bytes);
  };
  // Lengths that fit together: a reader refuses others.
  vos::UpdateRecord update = filled<vos::UpdateRecord>();
  for (vos::AkeyValue& value : update.values) value.stored.clear();
  update.values[0].kind = vos::ValueKind::kSingle;
  update.values[0].record_bytes = update.values[0].value.size();
  update.values[0].extents.clear();
  update.values[1].kind = vos::ValueKind::kArray;
  update.values[1].extents = {{.start = 7, .count = 2}, {.start = 100, .count = 1}};
  update.values[1].value = IoBuf::copy_of(as_bytes("abcdef"));
  update.values[1].record_bytes = 2;
  for (vos::AkeyValue& value : update.values) value.flags = 0;
  expect("update", update);
  update.values[0].value = {};
  update.values[0].stored = {{.offset = 4096, .bytes = 8192, .crc = 0x12345678}};
  update.values[0].record_bytes = 5000;
  expect("update_with_extents", update);
  vos::PunchRecord punch = filled<vos::PunchRecord>();
  punch.level = vos::PunchLevel::kAkey;
  expect("punch", punch);
  expect("slot_closed", filled<vos::SlotClosedRecord>());
  expect("client_ended", filled<vos::ClientEndedRecord>());
  expect("clock_reserved", filled<vos::ClockReservedRecord>());
  expect("container_destroyed", filled<vos::ContainerDestroyedRecord>());
  vos::PreparedRecord prepared = filled<vos::PreparedRecord>();
  prepared.modifications = {{.what = update}, {.what = punch}};
  expect("prepared", prepared);
  vos::DecisionRecord decision = filled<vos::DecisionRecord>();
  decision.outcome = vos::Outcome::kCommitted;
  decision.keys[0].punched.reset();
  decision.keys[1].punched = vos::PunchLevel::kAkey;
  expect("decision", decision);
  expect("refusal", vos::DecisionRecord{.id = decision.id, .outcome = vos::Outcome::kAborted, .epoch = 0, .keys = {}});
  expect("forgotten", filled<vos::ForgottenRecord>());
}

TEST(StoredCompat, RecordsOfAShardsLogInFormat2) {
  Stored stored("shard_log_2.txt");
  vos::UpdateRecord update = filled<vos::UpdateRecord>();
  vos::AkeyValue& single = update.values[0];
  single.kind = vos::ValueKind::kSingle;
  single.flags = 0;
  single.record_bytes = 5000;
  single.extents.clear();
  single.value = {};
  single.stored = {{.offset = 4096, .bytes = 4096, .crc = 0x12345678}, {.offset = 65536, .bytes = 4096, .crc = 7}};
  vos::AkeyValue& array = update.values[1];
  array.kind = vos::ValueKind::kArray;
  array.flags = 0;
  array.record_bytes = 2000;
  array.extents = {{.start = 7, .count = 2}, {.start = 100, .count = 3}};
  array.value = {};
  array.stored = {{.offset = 8192, .bytes = 4096, .crc = 8},
                  {.offset = 16384, .bytes = 4096, .crc = 9},
                  {.offset = 32768, .bytes = 4096, .crc = 10}};
  const ByteVector bytes = vos::encode_record(update);
  stored.expect("update_in_several_runs", bytes);
  Again again;
  const Status read = vos::decode_record(bytes, again);
  EXPECT_TRUE(read.ok()) << read.to_string();
  EXPECT_EQ(again.bytes, bytes);
  ByteVector older = bytes;
  older[1] = std::byte{1};
  EXPECT_EQ(vos::decode_record(older, again).code(), Code::kCorrupt);
  older[1] = std::byte{3};
  expect_newer(vos::decode_record(older, again), build_string());
}

TEST(StoredCompat, TheItemsOfAnImage) {
  Stored stored("index_items_1.txt");
  const auto expect = [&]<class Item>(const std::string& name, vos::items::Kind kind, const Item& item) {
    ByteVector bytes{static_cast<std::byte>(kind)};
    encode_into(bytes, item);
    stored.expect(name, bytes);
  };
  using vos::items::Kind;
  expect("object", Kind::kObject, filled<vos::items::Object>());
  expect("object_record", Kind::kObjectRecord, filled<vos::items::ObjectRecord>());
  expect("dkey", Kind::kDkey, filled<IoBuf>());
  expect("dkey_record", Kind::kDkeyRecord, filled<vos::items::DkeyRecord>());
  expect("akey", Kind::kAkey, filled<IoBuf>());
  expect("akey_record", Kind::kAkeyRecord, filled<vos::items::AkeyRecord>());
  expect("value", Kind::kValue, filled<vos::items::Value>());
  expect("content", Kind::kContent, filled<vos::items::Content>());
  expect("piece", Kind::kPiece, filled<vos::items::PieceItem>());
  expect("cut", Kind::kCut, filled<vos::items::Cut>());
  expect("runs", Kind::kRuns, filled<vos::items::RunsItem>());
  expect("prepared", Kind::kPrepared, filled<vos::items::PreparedItem>());
  // What this build does not know was written by a newer one.
  vos::Index index;
  expect_newer(index.load(ByteVector{std::byte{99}}), build_string());
}

TEST(StoredCompat, TheShardSuperblock) {
  Stored stored("shard_superblock_1.txt");
  const ByteVector bytes = vos::encode_superblock(filled<vos::ShardSuperblock>());
  stored.expect("superblock", bytes);
  const Result<vos::ShardSuperblock> read = vos::decode_superblock(bytes, "shard");
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(vos::encode_superblock(*read), bytes);
}

TEST(StoredCompat, TheShardSuperblockInFormat2) {
  Stored stored("shard_superblock_2.txt");
  vos::ShardSuperblock superblock = filled<vos::ShardSuperblock>();
  superblock.part = filled<vos::DevicePart>();
  const ByteVector bytes = vos::encode_superblock(superblock);
  stored.expect("superblock", bytes);
  const Result<vos::ShardSuperblock> read = vos::decode_superblock(bytes, "shard");
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(read->part, superblock.part);
  EXPECT_EQ(vos::encode_superblock(*read), bytes);
}

TEST(StoredCompat, TheHeaderOfADevice) {
  Stored stored("device_1.txt");
  vos::DeviceHeader header = filled<vos::DeviceHeader>();
  header.regions = 3;
  header.bytes = 1ull << 40;
  header.piece_bytes = 64ull << 20;
  stored.expect("body", encode(header));
  const ByteVector block = vos::encode_device_header(header);
  EXPECT_EQ(as_text(ByteSpan(block).first(8)), "DXDEVICE");
  const Result<vos::DeviceHeader> read = vos::decode_device_header(block, "device-0");
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(*read, header);
  expect_newer(
      vos::decode_device_header(stamp({.magic = "DXDEVICE", .version = 2}, encode(header), "9.9.9"), "d").status(),
      "9.9.9");
}

TEST(StoredCompat, ANewerShardSuperblockIsRefused) {
  vos::ShardSuperblock superblock = filled<vos::ShardSuperblock>();
  superblock.build = "9.9.9";
  const ByteVector newer = patched<uint16_t>(vos::encode_superblock(superblock), 12, 3, 8, 12);
  expect_newer(vos::decode_superblock(newer, "pool/shard").status(), "9.9.9");
}

TEST(StoredCompat, ANewerRecordOfAShardsLogIsRefused) {
  Again again;
  ByteVector record = vos::encode_record(filled<vos::ClientEndedRecord>());
  record[1] = std::byte{2};
  expect_newer(vos::decode_record(record, again), build_string());
  record[0] = std::byte{200};
  const Status unknown = vos::decode_record(record, again);
  EXPECT_EQ(unknown.code(), Code::kFormatVersion);
  EXPECT_NE(unknown.message().find("newer build"), std::string_view::npos);
}

/// Buckets in order, the first one from the beginning on.
vos::Table table_of_a_checkpoint() {
  vos::Table table = filled<vos::Table>();
  table.buckets[0].first.clear();
  return table;
}

/// What earlier builds wrote is read, and says the same but for what was not there yet.
TEST(StoredCompat, ACheckpointOfFormat1IsRead) {
  const std::map<std::string, ByteVector> golden = fixture_entries("checkpoint_1.txt");
  const Result<vos::Table> read = vos::decode_table(golden.at("table"), "table");
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  const vos::Table now = table_of_a_checkpoint();
  EXPECT_EQ(read->build, now.build);
  EXPECT_EQ(read->buckets.size(), now.buckets.size());
  EXPECT_EQ(read->slots_position, now.slots_position);
  EXPECT_EQ(encode(read->slots), encode(now.slots));
  EXPECT_TRUE(read->transactions.empty());
  EXPECT_EQ(read->transactions_position, read->slots_position);

  ByteVector image = golden.at("image");
  image.resize(vos::kImageBlock);
  const vos::BucketEntry entry{.run = {.block = 3, .blocks = 1}, .sequence = 7, .position = journal::Position(4711)};
  const Result<IoBuf> items = vos::decode_image(IoBuf::copy_of(image), entry, "images");
  ASSERT_TRUE(items.ok()) << items.status().to_string();
  EXPECT_EQ(items->size(), 100u);
}

TEST(StoredCompat, TheCheckpointsTableAndImages) {
  Stored stored("checkpoint_2.txt");
  const ByteVector table = vos::encode_table(table_of_a_checkpoint());
  stored.expect("table", table);
  const Result<vos::Table> read = vos::decode_table(table, "table");
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(vos::encode_table(*read), table);

  const ByteVector items(100, std::byte{0x5a});
  const vos::BucketEntry entry{.run = {.block = 3, .blocks = 1}, .sequence = 7, .position = journal::Position(4711)};
  const Result<IoBuf> image = vos::encode_image(items, entry.position, entry.sequence);
  ASSERT_TRUE(image.ok());
  ASSERT_EQ(image->size(), vos::kImageBlock);
  const ByteSpan bytes = image->bytes();
  EXPECT_TRUE(std::all_of(bytes.begin() + 132, bytes.end(), [](std::byte byte) { return byte == std::byte{0}; }));
  EXPECT_EQ(ByteVector(bytes.begin(), bytes.begin() + 132), fixture_entries("checkpoint_1.txt").at("image"));
  const Result<IoBuf> again = vos::decode_image(*image, entry, "images");
  ASSERT_TRUE(again.ok()) << again.status().to_string();
  EXPECT_EQ(ByteVector(again->bytes().begin(), again->bytes().end()), items);
}

TEST(StoredCompat, ANewerCheckpointIsRefused) {
  vos::Table table = table_of_a_checkpoint();
  table.build = "9.9.9";
  expect_newer(vos::decode_table(patched<uint16_t>(vos::encode_table(table), 12, 3, 8, 12), "table").status(), "9.9.9");

  const vos::BucketEntry entry{.run = {.block = 3, .blocks = 1}, .sequence = 7, .position = journal::Position(4711)};
  const Result<IoBuf> image = vos::encode_image(ByteVector(100), entry.position, entry.sequence);
  const ByteVector newer = patched<uint16_t>({image->bytes().begin(), image->bytes().end()}, 8, 2, 4, 8, 132);
  expect_newer(vos::decode_image(IoBuf::copy_of(newer), entry, "images").status(), build_string());
}

TEST(StoredCompat, TheHeaderOfTheExtentFile) {
  Stored stored("extents_1.txt");
  const Uuid pool = Uuid::from_random(5, 6);
  const ByteVector block = vos::encode_extents_header(pool);
  ASSERT_EQ(block.size(), vos::kExtentBlock);
  EXPECT_TRUE(std::all_of(block.begin() + 34, block.end(), [](std::byte byte) { return byte == std::byte{0}; }));
  stored.expect("header", ByteVector(block.begin(), block.begin() + 34));
  EXPECT_TRUE(vos::check_extents_header(block, pool, "extents").ok());
  const Status newer = vos::check_extents_header(patched<uint16_t>(block, 12, 2, 8, 12), pool, "extents");
  EXPECT_EQ(newer.code(), Code::kFormatVersion);
  EXPECT_NE(newer.message().find("newer build"), std::string_view::npos) << newer.to_string();
}

TEST(StoredCompat, TheNoteOfALossOfPower) {
  Stored stored("power_loss_1.txt");
  const vos::PowerLoss loss = filled<vos::PowerLoss>();
  stored.expect("body", encode(loss));
  const ByteVector file = vos::encode_power_loss(loss);
  const Result<vos::PowerLoss> read = vos::decode_power_loss(file, "power-loss");
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(*read, loss);
  expect_newer(
      vos::decode_power_loss(stamp({.magic = "DAOSLOSS", .version = 2}, encode(loss), "9.9.9"), "power-loss").status(),
      "9.9.9");
}

TEST(StoredCompat, ServiceLogAndSnapshot) {
  Stored stored("service_log_1.txt");
  consensus::Entry entry = filled<consensus::Entry>();
  entry.format = consensus::kEntryFormat;
  stored.expect("entry", encode(entry));
  EXPECT_TRUE(consensus::decode_entry(encode(entry)).ok());
  consensus::Snapshot snapshot = filled<consensus::Snapshot>();
  snapshot.format = consensus::kSnapshotFormat;
  const ByteVector file = consensus::encode_snapshot(snapshot);
  stored.expect("snapshot", file);
  const auto read = consensus::decode_snapshot(file, "snapshot");
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(consensus::encode_snapshot(*read), file);
}

services::PoolState state_of_commands() {
  services::PoolState state;
  const auto apply = [&](const auto& command) {
    const Result<ByteVector> answer = state.apply(services::encode_command(command));
    EXPECT_TRUE(answer.ok()) << answer.status().to_string();
  };
  const auto id = [](uint64_t number) { return Uuid::from_random(number, number); };
  apply(services::PoolInit{.pool = id(1),
                           .label = "tank",
                           .ranks = {map::Rank(0), map::Rank(1)},
                           .map = map::make_uniform_map(2, 2)->encode(),
                           .properties = {{.type = 3, .number = 4, .text = "five"}}});
  apply(services::PoolSetMap{.map = map::make_uniform_map(2, 3)->encode()});
  return state;
}

TEST(StoredCompat, CommandsAndStatesOfTheServices) {
  Stored stored("services_1.txt");
  const auto expect = [&]<class Command>(const std::string& name, Command command) {
    stored.expect(name, services::encode_command(command));
  };
  expect("system.join", filled<services::Join>());
  expect("system.pool_begin", filled<services::PoolBegin>());
  expect("system.pool_ready", filled<services::PoolReady>());
  expect("system.pool_destroying", filled<services::PoolDestroying>());
  expect("system.pool_gone", filled<services::PoolGone>());
  expect("system.pool_rename", filled<services::PoolRename>());
  expect("pool.init", filled<services::PoolInit>());
  expect("pool.connect", filled<services::PoolConnect>());
  expect("pool.disconnect", filled<services::PoolDisconnect>());
  expect("pool.set_map", filled<services::PoolSetMap>());
  expect("pool.container_create", filled<services::ContainerCreate>());
  expect("pool.container_open", filled<services::ContainerOpen>());
  expect("pool.container_close", filled<services::ContainerClose>());
  expect("pool.container_destroy", filled<services::ContainerDestroy>());
  expect("pool.end_client", filled<services::EndClient>());
  expect("pool.container_wiped", filled<services::ContainerWiped>());
  expect("pool.evict_all", filled<services::EvictAll>());
  expect("pool.container_change", filled<services::ContainerChange>());
  expect("pool.container_acl", filled<services::ContainerAclChange>());
  expect("pool.object_ids", filled<services::ObjectIds>());
  expect("pool.attributes_set", filled<services::AttributesSet>());
  expect("pool.attributes_delete", filled<services::AttributesDelete>());
  expect("pool.change", filled<services::PoolChange>());
  expect("pool.acl", filled<services::PoolAclChange>());
  expect("pool.container_owner", filled<services::ContainerOwner>());
  expect("pool.data_lost", filled<services::DataLost>());
  const auto expect_state = [&]<class State>(const std::string& name, const State& state) {
    const ByteVector snapshot = state.snapshot();
    stored.expect(name, snapshot);
    State again;
    const Status restored = again.restore(snapshot);
    EXPECT_TRUE(restored.ok()) << name << ": " << restored.to_string();
    EXPECT_EQ(again.snapshot(), snapshot) << name;
  };
  expect_state("system.state", filled<services::SystemState>());
  // With every field filled a pool's map is none, which restore() sees: written only.
  stored.expect("pool.state", filled<services::PoolState>().snapshot());
  expect_state("pool.state_of_commands", state_of_commands());
}

}  // namespace
}  // namespace daos::compat
