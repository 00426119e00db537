// Goal: what engines have on their disks stays readable, and this build still writes it byte for byte: the records of a
// shard's log, its superblock, entries and snapshots of service logs, and the commands and states in them.
#include <gtest/gtest.h>

#include "filler.h"
#include "fixture.h"
#include "model/map/builder.h"
#include "platform/consensus/format.h"
#include "server/services/pool/pool_state.h"
#include "server/services/system/system_state.h"
#include "server/vos/extents/extent_file.h"
#include "server/vos/records/log_records.h"
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
  ByteVector bytes;

 private:
  template <class Record>
  Status keep(const Record& record) {
    bytes = vos::encode_record(record);
    return {};
  }
};

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
}

TEST(StoredCompat, TheShardSuperblock) {
  Stored stored("shard_superblock_1.txt");
  const ByteVector bytes = vos::encode_superblock(filled<vos::ShardSuperblock>());
  stored.expect("superblock", bytes);
  const Result<vos::ShardSuperblock> read = vos::decode_superblock(bytes, "shard");
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(vos::encode_superblock(*read), bytes);
}

TEST(StoredCompat, TheHeaderOfTheExtentFile) {
  Stored stored("extents_1.txt");
  const Uuid pool = Uuid::from_random(5, 6);
  const ByteVector block = vos::encode_extents_header(pool);
  ASSERT_EQ(block.size(), vos::kExtentBlock);
  EXPECT_TRUE(std::all_of(block.begin() + 34, block.end(), [](std::byte each) { return each == std::byte(0); }));
  stored.expect("header", ByteVector(block.begin(), block.begin() + 34));  // its crc is over the zeros, too
  EXPECT_TRUE(vos::check_extents_header(block, pool, "extents").ok());
  EXPECT_EQ(vos::check_extents_header(block, Uuid::from_random(6, 6), "extents").code(), Code::kFormatInvalid);
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
