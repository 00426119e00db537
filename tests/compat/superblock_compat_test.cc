// Goal: superblocks and system files of format 1 stay readable, and this build still writes them byte for byte (but for
// its own name in the header).
#include <gtest/gtest.h>

#include "fixture.h"
#include "platform/base/stamp.h"
#include "programs/local/system_file.h"
#include "server/engine/superblock.h"

namespace daos::compat {
namespace {

constexpr std::string_view kBuild = "0.1.0";  // that wrote the fixtures

engine::Superblock make_superblock() {
  return {.system = Uuid::from_random(0x0102030405060708, 0x1112131415161718),
          .system_name = "daos_server",
          .engine = Uuid::from_random(0x2122232425262728, 0x3132333435363738),
          .rank = map::Rank(3),
          .targets = 2,
          .address = {.host = "127.0.0.1", .system_port = 20003, .target_ports = {20011, 20012}},
          .service_addresses = {"tcp://127.0.0.1:20000"},
          .memory_bytes = 0x0102030405,
          .disk_bytes = 0x060708090a0b};
}

local::SystemFile make_system() {
  return {.system = Uuid::from_random(0x0102030405060708, 0x1112131415161718),
          .name = "daos_server",
          .shape = {.engines = 4, .targets = 2}};
}

TEST(SuperblockCompat, Format1IsReadAndWrittenAsEver) {
  const ByteVector golden = fixture_bytes("superblock_1.hex");
  EXPECT_EQ(stamp({.magic = "DXENGINE", .version = 1}, encode(make_superblock()), kBuild), golden);
  const Result<engine::Superblock> read = engine::decode_superblock(golden, "superblock_1.hex");
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(*read, make_superblock());
}

TEST(SuperblockCompat, Format2IsReadAndWrittenAsEver) {
  engine::Superblock superblock = make_superblock();
  superblock.devices = {{.id = Uuid::from_random(1, 2), .name = "/dev/nvme0n1", .bytes = 1ull << 40},
                        {.id = Uuid::from_random(3, 4), .name = "/dev/nvme1n1", .bytes = 2ull << 40}};
  const ByteVector file = engine::encode_superblock(superblock);
  const Result<ByteSpan> body = unstamp({.magic = "DXENGINE", .version = 2}, file, "superblock");
  ASSERT_TRUE(body.ok()) << body.status().to_string();
  EXPECT_EQ(hex(stamp({.magic = "DXENGINE", .version = 2}, *body, kBuild)), hex(fixture_bytes("superblock_2.hex")));
  const Result<engine::Superblock> read = engine::decode_superblock(file, "superblock");
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(*read, superblock);
  // An engine without devices is written as builds that know none read it.
  EXPECT_TRUE(unstamp({.magic = "DXENGINE", .version = 1}, engine::encode_superblock(make_superblock()), "s").ok());
}

TEST(SystemFileCompat, Format1IsReadAndWrittenAsEver) {
  const ByteVector golden = fixture_bytes("system_1.hex");
  EXPECT_EQ(stamp({.magic = "DXSYSTEM", .version = 1}, encode(make_system()), kBuild), golden);
  const Result<local::SystemFile> read = local::decode_system_file(golden, "system_1.hex");
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(*read, make_system());
}

}  // namespace
}  // namespace daos::compat
