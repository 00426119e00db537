// Goal: jump_permute is what its header says: a permutation for every count, nested, uniform, and never another one.
// Method: all indices of all small counts, the definition carried out on explicit tables, and chi-square tests.
#include "model/placement/jump_permutation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace daos::placement {
namespace {

using Table = std::vector<uint32_t>;

Table images(uint64_t key, uint32_t count) {
  Table table(count);
  for (uint32_t i = 0; i < count; i++) table[i] = jump_permute(key, count, i);
  return table;
}

bool is_permutation_of_all(Table table) {
  std::sort(table.begin(), table.end());
  for (uint32_t i = 0; i < table.size(); i++) {
    if (table[i] != i) return false;
  }
  return true;
}

TEST(FeistelLevel, IsAPermutationAndBackwardUndoesForward) {
  for (uint32_t bits = 5; bits <= 12; bits++) {
    for (uint64_t key = 0; key < 20; key++) {
      const FeistelLevel level(mix64(key + 1), bits);
      Table table(size_t{1} << bits);
      for (uint32_t x = 0; x < table.size(); x++) {
        table[x] = level.forward(x);
        ASSERT_EQ(level.backward(table[x]), x) << bits;
      }
      ASSERT_TRUE(is_permutation_of_all(table)) << bits;
    }
  }
  const FeistelLevel wide(12345, 32);
  for (uint64_t x = 0; x < 1000; x++) {
    const auto sample = static_cast<uint32_t>(mix64(x));
    ASSERT_EQ(wide.backward(wide.forward(sample)), sample);
  }
}

TEST(JumpPermutation, IsAPermutationOfEveryCount) {
  for (uint32_t count = 1; count <= 300; count++) {
    for (uint64_t key = 0; key < 5; key++)
      ASSERT_TRUE(is_permutation_of_all(images(mix64(key + count), count))) << count;
  }
}

TEST(JumpPermutation, OneMoreElementChangesOneIndex) {
  for (uint64_t key = 0; key < 10; key++) {
    Table before = images(mix64(key), 1);
    for (uint32_t count = 1; count < 300; count++) {
      const Table after = images(mix64(key), count + 1);
      uint32_t changed = 0;
      for (uint32_t i = 0; i < count; i++) {
        if (after[i] == before[i]) continue;
        changed++;
        EXPECT_EQ(after[i], count);
        EXPECT_EQ(after[count], before[i]);
      }
      ASSERT_LE(changed, 1u) << count;
      if (changed == 0) {
        ASSERT_EQ(after[count], count);
      }
      before = after;
    }
  }
}

/// `permutation` restricted to 0..count-1 by walking over what lies outside.
Table induced(const Table& permutation, uint32_t count) {
  Table table(count);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t at = permutation[i];
    while (at >= count) at = permutation[at];
    table[i] = at;
  }
  return table;
}

Table inverse(const Table& permutation) {
  Table table(permutation.size());
  for (uint32_t i = 0; i < permutation.size(); i++) table[permutation[i]] = i;
  return table;
}

/// The definition in the header, word for word, on tables.
Table by_definition(uint64_t key, uint32_t count) {
  if (count <= kShuffledMax) {
    Table table(count);
    for (uint32_t i = 0; i < count; i++) table[i] = shuffle_image(key, count, i);
    return table;
  }
  uint32_t bits = 1;
  while ((uint32_t{1} << bits) < count) bits++;
  const uint32_t half = uint32_t{1} << (bits - 1);
  Table q(size_t{1} << bits);
  for (uint32_t x = 0; x < q.size(); x++) q[x] = FeistelLevel(key, bits).forward(x);
  const Table c = induced(q, count);
  const Table r_inverse = inverse(induced(q, half));
  const Table below = by_definition(key, half);
  Table table(count);
  for (uint32_t i = 0; i < count; i++) table[i] = c[i] >= half ? c[i] : below[r_inverse[c[i]]];
  return table;
}

TEST(JumpPermutation, IsItsDefinition) {
  for (uint32_t count = 1; count <= 260; count++) {
    for (uint64_t key = 0; key < 3; key++)
      ASSERT_EQ(images(mix64(key * 7 + 1), count), by_definition(mix64(key * 7 + 1), count));
  }
}

TEST(JumpPermutation, PrefixIsTheSameAsOneByOne) {
  for (const uint32_t count : {1u, 2u, 16u, 17u, 31u, 32u, 33u, 520u, 1000u, 1024u, 70'000u}) {
    for (const uint32_t size : {1u, 8u, count / 2, count}) {
      if (size > count || size == 0) continue;
      Table prefix(size);
      jump_permute_prefix(mix64(count), count, prefix);
      for (uint32_t i = 0; i < size; i++)
        ASSERT_EQ(prefix[i], jump_permute(mix64(count), count, i)) << count << " " << i;
    }
  }
}

TEST(JumpPermutation, VectorsNeverChange) {
  const auto image = [](uint64_t key, uint32_t count, uint32_t index) { return jump_permute(key, count, index); };
  EXPECT_EQ(image(1, 1, 0), 0u);
  EXPECT_EQ(images(1, 8), (Table{1, 4, 3, 2, 6, 0, 5, 7}));
  EXPECT_EQ(images(0x0123456789abcdef, 20),
            (Table{2, 18, 8, 6, 13, 3, 17, 0, 16, 15, 11, 4, 7, 19, 14, 10, 9, 5, 1, 12}));
  EXPECT_EQ(image(7, 1000, 0), 113u);
  EXPECT_EQ(image(7, 1000, 999), 941u);
  EXPECT_EQ(image(7, 100'000, 5), 10009u);
  EXPECT_EQ(image(7, 1'000'000, 5), 926880u);
}

/// Of `samples` in `cells` equal cells; about 1, with deviation sqrt(2 / cells), when they are uniform.
double chi_square_ratio(const std::vector<uint32_t>& counts, double samples) {
  const double expected = samples / static_cast<double>(counts.size());
  double sum = 0;
  for (const uint32_t count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum / static_cast<double>(counts.size() - 1);
}

TEST(JumpPermutation, EachIndexIsUniformOverKeys) {
  for (const uint32_t count : {2u, 3u, 7u, 8u, 100u, 513u, 1000u}) {
    for (const uint32_t index : {0u, 1u, count / 2, count - 1}) {
      std::vector<uint32_t> counts(count);
      const uint32_t samples = 100 * count;
      for (uint64_t key = 0; key < samples; key++) counts[jump_permute(mix64(key + 1), count, index)]++;
      const double ratio = chi_square_ratio(counts, samples);

      EXPECT_LT(ratio, 1 + 6 * std::sqrt(2.0 / count)) << count << " index " << index;
    }
  }
}

TEST(JumpPermutation, PairsOfIndicesAreUniformOverKeys) {
  for (const uint32_t count : {3u, 4u, 5u, 6u, 8u, 12u, 16u, 19u, 33u, 64u, 65u, 128u}) {
    for (const auto& [first, second] : {std::pair{0u, 1u}, std::pair{1u, 2u}, std::pair{0u, count - 1}}) {
      std::vector<uint32_t> counts;
      std::vector<uint32_t> table(size_t{count} * count);
      const uint32_t samples = 20 * count * count;
      for (uint64_t key = 0; key < samples; key++) {
        const uint64_t mixed = mix64(key + 1);
        table[jump_permute(mixed, count, first) * count + jump_permute(mixed, count, second)]++;
      }
      for (uint32_t a = 0; a < count; a++) {
        for (uint32_t b = 0; b < count; b++) {
          if (a != b) counts.push_back(table[a * count + b]);
        }
      }
      const double ratio = chi_square_ratio(counts, samples);

      EXPECT_LT(ratio, 1 + 6 * std::sqrt(2.0 / static_cast<double>(counts.size())))
          << count << ": " << first << ", " << second;
    }
  }
}

}  // namespace
}  // namespace daos::placement
