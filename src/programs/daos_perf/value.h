// A value as daos_perf writes it: its first 32 bytes say which key and which write it is, and a checksum covers all of
// it. Pure functions.
//
//   off size field     meaning
//     0    8 checksum  xxh3 of bytes [8, end)
//     8    8 key       client << 32 | index
//    16    8 sequence  of writes of this key, from 1
//    24    8 bytes     of the whole value
//    32      filling
#pragma once

#include <cstdint>
#include <string>

#include "platform/base/bytes.h"
#include "platform/base/status.h"

namespace daos::perf {

constexpr uint64_t kValueBytesMin = 32;

constexpr uint64_t key_number(uint32_t client, uint64_t index) { return uint64_t{client} << 32 | index; }

/// Once for each buffer: what stands behind the first 32 bytes.
void fill_value(std::span<std::byte> value, uint64_t seed);
/// Makes it the `sequence`-th write of `key`.
void stamp_value(std::span<std::byte> value, uint64_t key, uint64_t sequence);
/// Its sequence, or kChecksum that says in what it is not a value of this key and length.
Result<uint64_t> check_value(std::span<const std::byte> value, uint64_t key);

}  // namespace daos::perf
