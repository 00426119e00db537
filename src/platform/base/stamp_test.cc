// Goal: a damaged, truncated, foreign or newer file is told apart, and the newer one's build is named.
#include "platform/base/stamp.h"

#include <gtest/gtest.h>

namespace daos {
namespace {

constexpr Stamp kThis{.magic = "DXTESTFI", .version = 3};

TEST(Stamp, GivesTheBodyBack) {
  const ByteVector file = stamp(kThis, as_bytes("body"));
  Result<ByteSpan> body = unstamp(kThis, file, "f");
  ASSERT_TRUE(body.ok()) << body.status().to_string();
  EXPECT_EQ(as_text(*body), "body");
}

TEST(Stamp, RefusesEveryTruncationAndEveryFlippedByte) {
  const ByteVector file = stamp(kThis, as_bytes("body"));
  for (size_t i = 0; i < file.size(); i++) {
    EXPECT_EQ(unstamp(kThis, ByteSpan(file).first(i), "f").code(), Code::kFormatInvalid) << i;
    ByteVector flipped = file;
    flipped[i] ^= std::byte{1};
    EXPECT_EQ(unstamp(kThis, flipped, "f").code(), Code::kFormatInvalid) << i;
  }
}

TEST(Stamp, NamesTheBuildThatWroteAnotherVersion) {
  const ByteVector file = stamp({.magic = kThis.magic, .version = 4}, as_bytes("whatever it holds then"), "9.9.9");
  const Status status = unstamp(kThis, file, "DIR/system").status();
  EXPECT_EQ(status.code(), Code::kFormatVersion);
  EXPECT_NE(status.message().find("DIR/system"), std::string_view::npos);
  EXPECT_NE(status.message().find("build 9.9.9"), std::string_view::npos);
}

}  // namespace
}  // namespace daos
