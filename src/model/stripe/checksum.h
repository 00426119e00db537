// The checksums that a container's property asks for. Integers are stored little-endian.
//
//   number  name     bytes  algorithm
//     1     crc16       2   CRC-16/T10-DIF
//     2     crc32       4   CRC-32C (Castagnoli)
//     3     crc64       8   CRC-64 of ECMA-182, reflected (as in xz)
//     4     sha1       20
//     5     sha256     32
//     6     sha512     64
//     7     adler32     4
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "platform/base/bytes.h"

namespace daos::stripe {

/// The API's DAOS_PROP_CO_CSUM_*.
enum class ChecksumType : uint8_t {
  kOff = 0,
  kCrc16 = 1,
  kCrc32 = 2,
  kCrc64 = 3,
  kSha1 = 4,
  kSha256 = 5,
  kSha512 = 6,
  kAdler32 = 7,
};
inline constexpr uint8_t kChecksumTypeMax = 7;
inline constexpr size_t kChecksumBytesMax = 64;

/// Of one checksum; 0 for kOff and for numbers that are no type.
size_t checksum_bytes(ChecksumType type);
std::string_view checksum_name(ChecksumType type);

/// One checksum over bytes that come in pieces.
class ChecksumStream {
 public:
  explicit ChecksumStream(ChecksumType type);
  ~ChecksumStream();
  ChecksumStream(ChecksumStream&&) noexcept;
  void add(ByteSpan bytes);
  /// Writes checksum_bytes(type) to `out`, and begins anew.
  void finish(std::byte* out);

 private:
  struct Digest;  // of the sha family
  void begin();
  const ChecksumType type_;
  uint64_t state_ = 0;
  std::unique_ptr<Digest> digest_;
};

/// The checksum of bytes in one piece.
void checksum_of(ChecksumType type, ByteSpan bytes, std::byte* out);

}  // namespace daos::stripe
