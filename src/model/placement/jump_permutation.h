// A keyed permutation of 0..n-1 for every n, nested: the one of n + 1 differs from the one of n at a single index,
// which now maps to n (and the new index n takes over what that index mapped to). What jump hash is to one bucket, this
// is to many distinct ones. Pure arithmetic, no tables: one image costs a few evaluations of a small Feistel network.
//
// How. Let N be the power of two with N < n <= 2N, and Q a keyed permutation of 0..2N-1. Skipping what lies outside
// (walk on along Q's cycle until inside) turns Q into permutations C of 0..n-1 and R of 0..N-1. With P(N) the
// permutation of N elements, by recursion:
//
//   P(n) = P(N) after R^-1 (both leave N..n-1 alone) after C
//
// Growing n within (N, 2N] lets one more element into C, so one index changes; at n = N, C equals R, so nothing changes
// from one level to the next. If C(i) >= N that is the image, whatever the levels below hold: hence about two levels on
// average. For i < N and C(i) < N, R^-1 leads back to i itself, so most of the time nothing has to be inverted.
//
// This shapes stored data: it never changes. Vectors are pinned in jump_permutation_test.cc.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "platform/base/hash.h"

namespace daos::placement {

/// One number per width of FeistelLevel, so that its levels have little to do with each other.
constexpr std::array<uint64_t, 33> feistel_constants(uint64_t seed) {
  std::array<uint64_t, 33> constants{};
  for (uint64_t i = 0; i < constants.size(); i++) constants[i] = mix64(seed + i * 0x9e3779b97f4a7c15ULL);
  return constants;
}

/// The keyed permutation Q of 0 .. 2^bits - 1, 1 <= bits <= 32: four Feistel rounds with halves as equal as can be.
class FeistelLevel {
 public:
  constexpr FeistelLevel(uint64_t key, uint32_t bits)
      : addend_(std::rotl(key, static_cast<int>(bits)) + kAddends[bits]),
        multiplier_((key ^ kMultipliers[bits]) | 1),
        low_bits_((bits + 1) / 2),
        low_mask_((uint64_t{1} << low_bits_) - 1),
        high_mask_((uint64_t{1} << (bits / 2)) - 1) {}

  constexpr uint32_t forward(uint32_t x) const {
    uint64_t high = x >> low_bits_;
    uint64_t low = x & low_mask_;
    high ^= round<0>(low) & high_mask_;
    low ^= round<1>(high) & low_mask_;
    high ^= round<2>(low) & high_mask_;
    low ^= round<3>(high) & low_mask_;
    return static_cast<uint32_t>(high << low_bits_ | low);
  }
  constexpr uint32_t backward(uint32_t x) const {
    uint64_t high = x >> low_bits_;
    uint64_t low = x & low_mask_;
    low ^= round<3>(high) & low_mask_;
    high ^= round<2>(low) & high_mask_;
    low ^= round<1>(high) & low_mask_;
    high ^= round<0>(low) & high_mask_;
    return static_cast<uint32_t>(high << low_bits_ | low);
  }

 private:
  static constexpr std::array<uint64_t, 33> kAddends = feistel_constants(0x6a09e667f3bcc908ULL);
  static constexpr std::array<uint64_t, 33> kMultipliers = feistel_constants(0xbb67ae8584caa73bULL);

  /// Both halves of the 128-bit product: every bit of the result depends on all of `x`, addend and multiplier.
  template <int kRound>
  constexpr uint64_t round(uint64_t x) const {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(std::rotl(addend_, 17 * kRound) + x) * multiplier_;
    return static_cast<uint64_t>(product >> 64) ^ static_cast<uint64_t>(product);
  }

  uint64_t addend_;
  uint64_t multiplier_;
  uint32_t low_bits_;
  uint64_t low_mask_;
  uint64_t high_mask_;
};

/// The image of `index` < `count` under the permutation of `count` >= 1 elements that belongs to `key`, a well-mixed
/// number.
constexpr uint32_t jump_permute(uint64_t key, uint32_t count, uint32_t index) {
  while (count > 1) {
    const auto bits = static_cast<uint32_t>(std::bit_width(count - 1));
    const uint32_t half = uint32_t{1} << (bits - 1);  // N
    const FeistelLevel level(key, bits);
    uint32_t image = index;
    do {
      image = level.forward(image);
    } while (image >= count);
    if (image >= half) return image;
    if (index >= half) {  // R^-1: back along the cycle to the lower index whose place this was
      index = image;
      do {
        index = level.backward(index);
      } while (index >= half);
    }
    count = half;
  }
  return 0;
}

}  // namespace daos::placement
