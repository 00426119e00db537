// Goal: checksums that do not belong to their value are refused before anything is stored, and those that a reader gets
// are of its own runs. What verifies end to end: src/sim/scenarios/checksums_test.cc.
#include "server/object/ops/checksums.h"

#include <gtest/gtest.h>

#include "model/stripe/chunks.h"

namespace daos::object {
namespace {

IoBuf zeros(size_t bytes) { return IoBuf::copy_of(ByteVector(bytes)); }

/// 100 records of 8 bytes in two extents, which touch three chunks of 32 records and two.
vos::AkeyValue array() {
  vos::AkeyValue value{.akey = zeros(1), .kind = vos::ValueKind::kArray, .record_bytes = 8};
  value.extents = {{.start = 20, .count = 70}, {.start = 1000, .count = 30}};
  value.value = zeros(800);
  value.checksums = {.type = 2, .length = 4, .chunk = 256, .values = zeros(5 * 4)};
  return value;
}

TEST(ObjectChecksums, OnlyWhatBelongsToTheValueIsTaken) {
  EXPECT_TRUE(check_shape(array()).ok()) << check_shape(array()).to_string();
  const auto code_with = [](auto change) {
    vos::AkeyValue value = array();
    change(value);
    return check_shape(value).code();
  };
  EXPECT_EQ(code_with([](auto& value) { value.checksums.values = zeros(4 * 4); }), Code::kInvalid);
  EXPECT_EQ(code_with([](auto& value) { value.checksums.values = zeros(6 * 4); }), Code::kInvalid);
  EXPECT_EQ(code_with([](auto& value) { value.checksums.values = {}; }), Code::kInvalid);
  EXPECT_EQ(code_with([](auto& value) { value.checksums.length = 8; }), Code::kInvalid);
  EXPECT_EQ(code_with([](auto& value) { value.checksums.chunk = 0; }), Code::kInvalid);
  EXPECT_EQ(code_with([](auto& value) { value.checksums.type = 8; }), Code::kInvalid);
  EXPECT_EQ(code_with([](auto& value) { value.checksums.type = 0; }), Code::kInvalid);
  EXPECT_EQ(code_with([](auto& value) { value.extents[1].count = UINT64_MAX; }), Code::kInvalid);
  EXPECT_EQ(code_with([](auto& value) { value.checksums = {}; }), Code::kOk);
}

TEST(ObjectChecksums, ASingleValueHasOneAndARemovalNone) {
  vos::AkeyValue value{.akey = zeros(1), .record_bytes = 1000, .value = zeros(1000)};
  value.checksums = {.type = 3, .length = 8, .chunk = 100, .values = zeros(8)};
  EXPECT_TRUE(check_shape(value).ok());
  value.checksums.values = zeros(16);
  EXPECT_EQ(check_shape(value).code(), Code::kInvalid);
  value.record_bytes = 0;
  value.value = {};
  value.checksums.values = {};
  EXPECT_TRUE(check_shape(value).ok());
  value.checksums.values = zeros(8);
  EXPECT_EQ(check_shape(value).code(), Code::kInvalid);
}

TEST(ObjectChecksums, WritesSideBySideAreOneRunToTheReader) {
  const stripe::ChecksumSpec spec{.type = stripe::ChecksumType::kCrc32, .chunk_bytes = 16};
  const auto run = [&](uint64_t start, bool kept) {
    vos::ExtentView view{.extent = {.start = start, .count = 10}, .record_bytes = 1};
    view.written = view.held = view.extent;
    view.data.bytes = zeros(10);
    if (kept) {
      const ByteVector made = stripe::checksums_of_range(spec, 1, {.start = start, .count = 10}, ByteVector(10));
      view.checksums = {.type = 2, .length = 4, .chunk = 16, .values = IoBuf::copy_of(made)};
    }
    return view;
  };
  vos::FetchedKey key{.record_bytes = 1, .extents = {run(0, false), run(10, false), run(20, true), run(30, true)}};
  messages::FetchedValue value{.record_bytes = 1, .extents = {{0, 20}, {20, 20}}};
  ASSERT_TRUE(take_checksums(key, value).ok());
  ASSERT_EQ(value.checksums.size(), 2u);
  EXPECT_TRUE(value.checksums[0].none());
  // Of [20, 32), which both wrote to, and of [32, 40).
  EXPECT_TRUE(
      stripe::verify_range(spec, 1, {.start = 20, .count = 20}, ByteVector(20), value.checksums[1].values.bytes())
          .ok());
  EXPECT_EQ(checksums_bytes(key, value), 8u);
  for (const size_t turned : {size_t{9}, size_t{10}, size_t{11}}) {
    vos::FetchedKey bad = key;
    IoBuf& bytes = bad.extents[2 + turned / 10].data.bytes;
    bytes = IoBuf::copy_of(bytes.bytes());
    bytes.writable()[turned % 10] ^= std::byte{1};
    messages::FetchedValue none{.record_bytes = 1, .extents = value.extents};
    EXPECT_EQ(take_checksums(bad, none).code(), Code::kChecksum) << turned;
  }
}

}  // namespace
}  // namespace daos::object
