// Goal: the stored bytes are those of docs/formats/posix.md, and no others are believed.
#include "client/dfs/layout.h"

#include <gtest/gtest.h>

#include <string>

namespace daos::dfs {
namespace {

std::string hex(ByteSpan bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", static_cast<int>(byte));
  return text;
}

Superblock superblock() {
  return {.chunk_bytes = 2u << 20,
          .object_class = classes::ClassId(0x01000001),
          .directory_class = classes::ClassId(0x01000001),
          .file_class = classes::ClassId(0x0100ffff),
          .mode = Mode::kBalanced,
          .hints = "file:max"};
}

std::vector<ByteVector> values(const Superblock& of) {
  std::vector<ByteVector> values;
  for (Superblock::Field& field : of.encode()) values.push_back(std::move(field.value));
  values.resize(Superblock::akeys().size());
  return values;
}

TEST(PosixLayout, SuperblockBytes) {
  std::string text;
  for (const Superblock::Field& field : superblock().encode())
    text += fmt::format("{} {}\n", field.akey, hex(field.value));
  EXPECT_EQ(text,
            "DFS_MAGIC 50df05da50df05da\n"
            "DFS_SB_VERSION 0200\n"
            "DFS_LAYOUT_VERSION 0300\n"
            "DFS_CHUNK_SIZE 0000200000000000\n"
            "DFS_OBJ_CLASS 01000001\n"
            "DFS_DIR_OBJ_CLASS 01000001\n"
            "DFS_FILE_OBJ_CLASS ffff0001\n"
            "DFS_MODE 04000000\n"
            "DFS_HINTS 66696c653a6d617800\n");
  Superblock plain = superblock();
  plain.hints.clear();
  EXPECT_EQ(plain.encode().size(), Superblock::akeys().size() - 1) << "no hints, no value";
}

TEST(PosixLayout, SuperblocksAreReadBack) {
  EXPECT_EQ(*Superblock::decode(values(superblock())), superblock());
  Superblock plain = superblock();
  plain.hints.clear();
  EXPECT_EQ(*Superblock::decode(values(plain)), plain);
}

TEST(PosixLayout, WhatIsNoSuperblockIsRefused) {
  const auto with = [](size_t field, ByteVector value) {
    std::vector<ByteVector> all = values(superblock());
    all[field] = std::move(value);
    return Superblock::decode(all).code();
  };
  EXPECT_EQ(with(0, ByteVector(8)), Code::kInvalid) << "magic";
  EXPECT_EQ(with(0, ByteVector(7)), Code::kInvalid) << "its size";
  EXPECT_EQ(with(1, {std::byte{3}, std::byte{0}}), Code::kInvalid) << "a newer version";
  EXPECT_EQ(with(2, {std::byte{2}, std::byte{0}}), Code::kInvalid) << "an older layout";
  EXPECT_EQ(with(3, ByteVector(8)), Code::kInvalid) << "a chunk size of 0";
  EXPECT_EQ(with(4, {}), Code::kInvalid) << "a class that is missing";
  EXPECT_EQ(with(7, ByteVector(4, std::byte{1})), Code::kInvalid) << "mode";
  EXPECT_EQ(with(8, ByteVector(129, std::byte{'x'})), Code::kInvalid) << "hints that are too long";
  EXPECT_EQ(with(8, ByteVector(128, std::byte{'x'})), Code::kInvalid) << "hints without a NUL";
  EXPECT_EQ(Superblock::decode({}).code(), Code::kInvalid);
}

TEST(PosixLayout, EntryBytes) {
  const Entry entry{.mode = kRootMode,
                    .object = {.lo = 1, .hi = 2},
                    .mtime_seconds = 3,
                    .ctime_seconds = -1,
                    .chunk_bytes = 5,
                    .object_class = 6,
                    .mtime_ns = 7,
                    .ctime_ns = 8,
                    .uid = 0xaabb,
                    .gid = 10,
                    .size = 11,
                    .hlc = 12};
  const ByteVector bytes = entry.encode();
  ASSERT_EQ(bytes.size(), Entry::kBytes);
  EXPECT_EQ(hex(bytes),
            "ed410000"
            "0100000000000000"
            "0200000000000000"
            "0300000000000000"
            "ffffffffffffffff"
            "0500000000000000"
            "06000000"
            "0700000000000000"
            "0800000000000000"
            "bbaa0000"
            "0a000000"
            "0b00000000000000"
            "0c00000000000000");
  EXPECT_EQ(hex(ByteSpan(bytes).subspan(Entry::kOwnerOffset, 8)), "bbaa00000a000000");
  EXPECT_EQ(*Entry::decode(bytes), entry);
  EXPECT_EQ(Entry::decode(ByteSpan(bytes).first(87)).code(), Code::kIo);
}

TEST(PosixLayout, RootsAreTheContainersProperty) {
  const Roots roots{.superblock = {.lo = 0, .hi = 7}, .root = {.lo = 0, .hi = 8}};
  const std::string bytes = roots.bytes();
  ASSERT_EQ(bytes.size(), Roots::kBytes);
  EXPECT_EQ(Roots::parse(bytes)->superblock, roots.superblock);
  EXPECT_EQ(Roots::parse(bytes)->root, roots.root);
  EXPECT_EQ(Roots::parse("").code(), Code::kIo);
  EXPECT_EQ(Roots::parse(std::string(64, '\0')).code(), Code::kIo) << "nil ids";
}

}  // namespace
}  // namespace daos::dfs
