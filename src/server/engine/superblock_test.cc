// Goal: what is written is read, another version is refused by name, and no content reaches the engine that it cannot
// serve.
#include "server/engine/superblock.h"

#include <gtest/gtest.h>

#include "platform/base/stamp.h"

namespace daos::engine {
namespace {

Superblock example() {
  return {.system = Uuid::from_random(1, 2),
          .system_name = "daos_server",
          .engine = Uuid::from_random(3, 4),
          .rank = map::Rank(3),
          .targets = 2,
          .address = {.host = "127.0.0.1", .system_port = 20003, .target_ports = {20011, 20012}},
          .service_addresses = {"tcp://127.0.0.1:20000"},
          .memory_bytes = 1u << 30,
          .disk_bytes = 4ull << 30};
}

TEST(Superblock, IsReadAsItWasWritten) {
  const Superblock written = example();
  Result<Superblock> read = decode_superblock(encode_superblock(written), "engine-3/superblock");
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  EXPECT_EQ(*read, written);
}

TEST(Superblock, RefusesWhatNoEngineCouldServe) {
  Superblock none = example();
  none.targets = 0;
  none.address.target_ports.clear();
  EXPECT_EQ(decode_superblock(encode_superblock(none), "s").code(), Code::kFormatInvalid);
  Superblock mismatch = example();
  mismatch.targets = 3;
  EXPECT_EQ(decode_superblock(encode_superblock(mismatch), "s").code(), Code::kFormatInvalid);
}

TEST(Superblock, RefusesBodiesOfEveryOtherLength) {
  const ByteVector body = encode(example());
  for (size_t bytes = 0; bytes < body.size(); bytes++) {
    const ByteVector file = stamp({.magic = "DXENGINE", .version = kSuperblockVersion}, ByteSpan(body).first(bytes));
    EXPECT_EQ(decode_superblock(file, "s").code(), Code::kFormatInvalid) << bytes;
  }
}

}  // namespace
}  // namespace daos::engine
