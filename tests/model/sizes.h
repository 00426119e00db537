// How small the world of the model test is: small enough that operations meet each other.
#pragma once

#include <cstdint>

namespace api_model {

inline constexpr uint32_t kDkeys = 6;         // of each worker in an object
inline constexpr uint32_t kAkeysOfAKind = 3;  // the first are single values, the next arrays
inline constexpr uint64_t kRecords = 200;     // indices of an array akey
inline constexpr uint64_t kRecordBytes[kAkeysOfAKind] = {1, 7, 64};
inline constexpr uint64_t kCells = 1500;  // of a byte array
inline constexpr uint64_t kChunk = 64;
inline constexpr uint64_t kValueBytesMax = 70'000;

}  // namespace api_model
