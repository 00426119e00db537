// Goal: what a file system starts with follows from what was asked for, by the rules of docs/formats/posix.md.
#include "client/dfs/attributes.h"

#include <gtest/gtest.h>

namespace daos::dfs {
namespace {

using classes::class_from_name;
using classes::class_name;

const Place kPlace{.fit = {.domains = 4, .targets = 8, .redundancy_factor = 0, .reserve = {}},
                   .cell_bytes = 128u << 10};

TEST(PosixAttributes, DefaultsLeaveClassesToLaterChoice) {
  const Result<Plan> made = plan({}, kPlace);
  ASSERT_TRUE(made.ok()) << made.status().to_string();
  EXPECT_EQ(made->superblock.chunk_bytes, 1u << 20);
  EXPECT_EQ(made->superblock.directory_class, classes::kClassUnknown);
  EXPECT_EQ(class_name(*default_directory_class(made->superblock, kPlace)), "S1");
  EXPECT_EQ(default_file_class(made->superblock, kPlace)->value(), 0x01000008u) << "all eight targets";
  // The two objects have user parts of their own, and the class of directories.
  EXPECT_EQ(made->roots.superblock.user_hi(), 0u);
  EXPECT_EQ(made->roots.root.user_hi(), 1u);
  EXPECT_EQ(made->roots.superblock.lo, 0u);
  EXPECT_EQ(class_name(made->roots.root.class_id()), "S1");
}

TEST(PosixAttributes, OneClassSeedsBoth) {
  const Result<Plan> made = plan({.chunk_bytes = 65536, .object_class = class_from_name("S2")}, kPlace);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->superblock.chunk_bytes, 65536u);
  EXPECT_EQ(class_name(made->superblock.directory_class), "S2");
  EXPECT_EQ(class_name(made->superblock.file_class), "S2");
  EXPECT_EQ(class_name(made->roots.superblock.class_id()), "S2");
  const Result<Plan> apart = plan({.object_class = class_from_name("S2"), .file_class = class_from_name("S4")}, kPlace);
  EXPECT_EQ(class_name(apart->superblock.file_class), "S4");
}

TEST(PosixAttributes, ClassesThatCannotBeAreRefused) {
  EXPECT_EQ(plan({.file_class = class_from_name("RP_2G1")}, kPlace).code(), Code::kNotSupported);
  EXPECT_EQ(plan({.file_class = classes::ClassId(0x7f000001)}, kPlace).code(), Code::kInvalid);
  // A directory of erasure code is no mistake: its class is chosen instead.
  EXPECT_EQ(plan({.directory_class = class_from_name("EC_2P1G1")}, kPlace)->superblock.directory_class,
            classes::kClassUnknown);
  Place safe = kPlace;
  safe.fit.redundancy_factor = 1;
  EXPECT_EQ(plan({.file_class = class_from_name("S1")}, safe).code(), Code::kInvalid);
  EXPECT_EQ(plan({.mode = static_cast<Mode>(3)}, kPlace).code(), Code::kInvalid);
}

TEST(PosixAttributes, Hints) {
  EXPECT_EQ(parse_hints("", 0)->file, 0);
  EXPECT_EQ(parse_hints("file:max", 0)->file, classes::kHintShardMax);
  EXPECT_EQ(parse_hints("Dir:Single,FILE:max", 0)->directory, classes::kHintShardTiny);
  EXPECT_EQ(parse_hints("directory:max", 1)->directory, classes::kHintShardMax | classes::kHintReplicate);
  EXPECT_EQ(parse_hints("file:max", 1)->file, classes::kHintShardMax | classes::kHintErasureCode);
  for (const char* bad : {"file", "file:", "file:many", "link:max", "file:max,", "file:max,file:single", ",file:max"}) {
    EXPECT_EQ(parse_hints(bad, 0).code(), Code::kInvalid) << bad;
  }
  EXPECT_EQ(plan({.hints = std::string(128, 'x')}, kPlace).code(), Code::kInvalid);
  const Result<Plan> single = plan({.hints = "file:single"}, kPlace);
  EXPECT_EQ(class_name(*default_file_class(single->superblock, kPlace)), "S1");
}

}  // namespace
}  // namespace daos::dfs
