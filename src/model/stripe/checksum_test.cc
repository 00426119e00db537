// Goal: the algorithms are those of the standards that the property's names promise. Method: the published check values
// (of the catalogue of parametrised CRC algorithms, RFC 3720, RFC 3174, FIPS 180-4, RFC 1950), and the same bytes in
// pieces.
#include "model/stripe/checksum.h"

#include <gtest/gtest.h>

#include "platform/base/codec.h"

namespace daos::stripe {
namespace {

std::string hex(ByteSpan bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(byte));
  return text;
}

/// Of an integer as people write it, or of a digest.
std::string checksum(ChecksumType type, ByteSpan bytes) {
  ByteVector out(checksum_bytes(type));
  checksum_of(type, bytes, out.data());
  if (out.size() <= 8) std::reverse(out.begin(), out.end());  // stored little-endian
  return hex(out);
}

TEST(Checksum, GivesThePublishedCheckValues) {
  const ByteSpan check = as_bytes("123456789");
  EXPECT_EQ(checksum(ChecksumType::kCrc16, check), "d0db");              // CRC-16/T10-DIF
  EXPECT_EQ(checksum(ChecksumType::kCrc32, check), "e3069283");          // CRC-32C
  EXPECT_EQ(checksum(ChecksumType::kCrc64, check), "995dc9bbdf1939fa");  // CRC-64/XZ
  EXPECT_EQ(checksum(ChecksumType::kAdler32, check), "091e01de");
  EXPECT_EQ(checksum(ChecksumType::kSha1, as_bytes("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(checksum(ChecksumType::kSha256, as_bytes("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(
      checksum(ChecksumType::kSha512, as_bytes("abc")),
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce8"
      "0e2a9ac94fa54ca49f");
  // RFC 3720, B.4: 32 bytes of zeros, of ones, and counting.
  ByteVector bytes(32);
  EXPECT_EQ(checksum(ChecksumType::kCrc32, bytes), "8a9136aa");
  std::fill(bytes.begin(), bytes.end(), std::byte{0xff});
  EXPECT_EQ(checksum(ChecksumType::kCrc32, bytes), "62a8ab43");
  for (size_t i = 0; i < bytes.size(); i++) bytes[i] = static_cast<std::byte>(i);
  EXPECT_EQ(checksum(ChecksumType::kCrc32, bytes), "46dd794e");
  // An example that many know.
  EXPECT_EQ(checksum(ChecksumType::kAdler32, as_bytes("Wikipedia")), "11e60398");
}

TEST(Checksum, OfNothingIsThatOfTheStandard) {
  EXPECT_EQ(checksum(ChecksumType::kCrc16, {}), "0000");
  EXPECT_EQ(checksum(ChecksumType::kCrc32, {}), "00000000");
  EXPECT_EQ(checksum(ChecksumType::kCrc64, {}), "0000000000000000");
  EXPECT_EQ(checksum(ChecksumType::kAdler32, {}), "00000001");
  EXPECT_EQ(checksum(ChecksumType::kSha1, {}), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

TEST(Checksum, IsTheSameInPieces) {
  ByteVector bytes(5000);
  for (size_t i = 0; i < bytes.size(); i++) bytes[i] = static_cast<std::byte>(i * i >> 3);
  for (uint8_t number = 1; number <= kChecksumTypeMax; number++) {
    const auto type = static_cast<ChecksumType>(number);
    std::byte whole[kChecksumBytesMax], pieces[kChecksumBytesMax];
    checksum_of(type, bytes, whole);
    ChecksumStream stream(type);
    for (int round = 0; round < 2; round++) {  // finish() begins anew
      for (size_t at = 0, n = 1; at < bytes.size(); at += n, n = n * 3 % 701 + 1)
        stream.add(ByteSpan(bytes).subspan(at, std::min(n, bytes.size() - at)));
      stream.finish(pieces);
      EXPECT_EQ(std::memcmp(whole, pieces, checksum_bytes(type)), 0) << checksum_name(type);
    }
  }
}

TEST(Checksum, UnknownNumbersHaveNoBytes) {
  EXPECT_EQ(checksum_bytes(ChecksumType::kOff), 0u);
  EXPECT_EQ(checksum_bytes(static_cast<ChecksumType>(kChecksumTypeMax + 1)), 0u);
}

}  // namespace
}  // namespace daos::stripe
