// The header in front of a small file that is replaced as a whole (superblocks, system files): what it is, which
// version, which build wrote it, and a checksum. Every version keeps this header, so that an old build can still name
// the newer one.
//
//   off size field       meaning
//     0    8 magic       what kind of file: ASCII, chosen by its owner
//     8    4 version     of the body's layout
//    12    4 body_bytes  behind the header, to the end of the file
//    16    4 body_crc    crc32c of the body
//    20   72 build       text, zero-filled: the build that wrote the file
//    92    4 header_crc  crc32c over bytes [0, 92)
#pragma once

#include <cstdint>
#include <string_view>

#include "platform/base/codec.h"

namespace daos {

/// "0.1.0": this build, as it is written into files and told to peers.
std::string_view build_string();

inline constexpr size_t kStampBytes = 96;
inline constexpr size_t kStampBuildBytes = 72;

struct Stamp {
  std::string_view magic;  // 8 characters
  uint32_t version = 0;
};

/// Header and body, written by this build (or by `build`, for tests).
ByteVector stamp(const Stamp& stamp, ByteSpan body, std::string_view build = build_string());

/// What the header says, unchecked, of a file that may have one of several versions: for unstamp() to judge. 0: too
/// short.
uint32_t stamped_version(ByteSpan file);

/// The body, a part of `file`. `what` names the file in errors.
/// kFormatInvalid: not such a file, or damaged. kFormatVersion: another version; the message names the build that wrote
/// it.
Result<ByteSpan> unstamp(const Stamp& expected, ByteSpan file, std::string_view what);

}  // namespace daos
