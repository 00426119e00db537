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
// and P(n) for n <= 16 is a plain shuffle. Growing n within (N, 2N] lets one more element into C, so one index changes;
// at n = N, C equals R, so nothing changes from one level to the next. If C(i) >= N that is the image, whatever the
// levels below hold: hence about two levels on average. For i < N and C(i) < N, R^-1 leads back to i itself, so most of
// the time nothing has to be inverted.
//
// This shapes stored data: it never changes. Vectors are pinned in jump_permutation_test.cc.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include "platform/base/hash.h"

namespace daos::placement {

/// The keyed permutation Q of 0 .. 2^bits - 1, 5 <= bits <= 32: a Feistel network with halves as equal as can be.
/// Narrow halves mix little per round, so narrow networks have more of them. Every round has a key of its own: related
/// keys would cancel each other out and make, for example, fixed points more frequent.
class FeistelLevel {
 public:
  constexpr FeistelLevel(uint64_t key, uint32_t bits)
      : rounds_(bits <= 8 ? kRoundsMax : 6),
        low_bits_((bits + 1) / 2),
        low_mask_((uint64_t{1} << low_bits_) - 1),
        high_mask_((uint64_t{1} << (bits / 2)) - 1) {
    const uint64_t level_key = key + bits * 0xa0761d6478bd642fULL;
    for (uint32_t i = 0; i < rounds_; i++) keys_[i] = mix64(level_key ^ (i + 1) * 0x9e3779b97f4a7c15ULL);
  }

  constexpr uint32_t forward(uint32_t x) const {
    std::array<uint32_t, 1> values{x};
    forward_all(values);
    return values[0];
  }
  constexpr uint32_t backward(uint32_t x) const {
    std::array<uint32_t, 1> values{x};
    backward_all(values);
    return values[0];
  }
  /// Of each; side by side, so that the multiplications of one overlap those of the others.
  template <size_t kCount>
  constexpr void forward_all(std::array<uint32_t, kCount>& values) const {
    Halves<kCount> halves = split(values);
    for (uint32_t i = 0; i < rounds_; i += 2) {
      mix(keys_[i], halves.low, halves.high, high_mask_);
      mix(keys_[i + 1], halves.high, halves.low, low_mask_);
    }
    values = join(halves);
  }
  template <size_t kCount>
  constexpr void backward_all(std::array<uint32_t, kCount>& values) const {
    Halves<kCount> halves = split(values);
    for (uint32_t i = rounds_; i > 0; i -= 2) {
      mix(keys_[i - 1], halves.high, halves.low, low_mask_);
      mix(keys_[i - 2], halves.low, halves.high, high_mask_);
    }
    values = join(halves);
  }

 private:
  static constexpr uint32_t kRoundsMax = 12;

  template <size_t kCount>
  struct Halves {
    std::array<uint64_t, kCount> high;
    std::array<uint64_t, kCount> low;
  };
  template <size_t kCount>
  constexpr Halves<kCount> split(const std::array<uint32_t, kCount>& values) const {
    Halves<kCount> halves;
    for (size_t n = 0; n < kCount; n++) {
      halves.high[n] = values[n] >> low_bits_;
      halves.low[n] = values[n] & low_mask_;
    }
    return halves;
  }
  template <size_t kCount>
  constexpr std::array<uint32_t, kCount> join(const Halves<kCount>& halves) const {
    std::array<uint32_t, kCount> values;
    for (size_t n = 0; n < kCount; n++) {
      values[n] = static_cast<uint32_t>(halves.high[n] << low_bits_ | halves.low[n]);
    }
    return values;
  }
  template <size_t kCount>
  static constexpr void mix(uint64_t key, const std::array<uint64_t, kCount>& from, std::array<uint64_t, kCount>& into,
                            uint64_t mask) {
    for (size_t n = 0; n < kCount; n++) into[n] ^= round(key, from[n]) & mask;
  }

  /// Both halves of a 128-bit product of two numbers that depend on the round's key.
  static constexpr uint64_t round(uint64_t key, uint64_t x) {
    const auto product = static_cast<unsigned __int128>(key ^ x) * (std::rotl(key, 32) + x * 0xe7037ed1a0b428dbULL);
    return static_cast<uint64_t>(product >> 64) ^ static_cast<uint64_t>(product);
  }

  uint32_t rounds_;
  uint32_t low_bits_;
  uint64_t low_mask_;
  uint64_t high_mask_;
  std::array<uint64_t, kRoundsMax> keys_;
};

/// Up to so many elements are shuffled outright.
inline constexpr uint32_t kShuffledMax = 16;

/// The image of `index` under a shuffle (Fisher and Yates, inside out) of `count` <= kShuffledMax elements, which is
/// nested as it is: element t takes the place of a random earlier one, or its own.
constexpr uint32_t shuffle_image(uint64_t key, uint32_t count, uint32_t index) {
  uint64_t random = mix64(key ^ 0x3c6ef372fe94f82bULL);  // its digits in base 2, 3, 4 ... are the choices; 16! < 2^64
  uint64_t images = 0;                                   // four bits each
  for (uint32_t t = 1; t < count; t++) {
    const auto product = static_cast<unsigned __int128>(random) * (t + 1);
    random = static_cast<uint64_t>(product);
    const auto chosen = static_cast<uint32_t>(product >> 64);
    const uint64_t displaced = images >> (4 * chosen) & 15;
    images |= displaced << (4 * t);
    images ^= (displaced ^ t) << (4 * chosen);
  }
  return images >> (4 * index) & 15;
}

/// The image of `index` < `count` under the permutation of `count` >= 1 elements that belongs to `key`, a well-mixed
/// number.
constexpr uint32_t jump_permute(uint64_t key, uint32_t count, uint32_t index) {
  while (count > kShuffledMax) {
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
  return shuffle_image(key, count, index);
}

/// The images of 0, 1, ... images.size() - 1, at most `count` of them, faster than one by one.
void jump_permute_prefix(uint64_t key, uint32_t count, std::span<uint32_t> images);

}  // namespace daos::placement
