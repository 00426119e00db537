// Goal: what is handed out is free and whole, what is given back can be had again, and nothing gets lost. Method:
// random calls beside a map of bytes, one per block.
#include "server/vos/block_space.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "platform/runtime/rng.h"

namespace daos::vos {
namespace {

class Beside {
 public:
  explicit Beside(uint64_t blocks) : space_(blocks), taken_(blocks, 0) {}

  void run(uint64_t seed, int steps) {
    runtime::Rng rng(seed);
    for (int step = 0; step < steps && !testing::Test::HasFailure(); step++) {
      const uint64_t dice = rng.below(100);
      if (dice < 45) {
        allocate(rng.between(1, rng.below(4) == 0 ? 60 : 6));
      } else if (dice < 85) {
        give_back(rng);
      } else if (dice < 92) {
        take({.block = rng.below(taken_.size()), .blocks = rng.between(1, 8)});
      } else if (dice < 99) {
        take_parts({.block = rng.below(taken_.size()), .blocks = rng.between(1, 20)});
      } else if (taken_.size() < 2000) {
        space_.grow(10);
        taken_.resize(taken_.size() + 10, 0);
      }
      compare();
    }
    while (!runs_.empty()) give_back(rng);
    compare();
    EXPECT_EQ(space_.longest(), taken_.size()) << "all neighbours are one run again";
  }

 private:
  bool is_free(BlockRun run) const {
    if (run.end() > taken_.size()) return false;
    return std::all_of(at(run.block), at(run.end()), [](char taken) { return taken == 0; });
  }
  std::vector<char>::const_iterator at(uint64_t block) const {
    return taken_.begin() + static_cast<std::ptrdiff_t>(block);
  }
  void mark(BlockRun run, char taken) {
    std::fill_n(taken_.begin() + static_cast<std::ptrdiff_t>(run.block), run.blocks, taken);
  }
  void keep(BlockRun run) {
    mark(run, 1);
    runs_.push_back(run);
  }
  void allocate(uint64_t blocks) {
    const std::optional<BlockRun> run = space_.allocate(blocks);
    ASSERT_EQ(run.has_value(), longest() >= blocks);
    if (!run) return;
    ASSERT_EQ(run->blocks, blocks);
    ASSERT_TRUE(is_free(*run));
    keep(*run);
  }
  void give_back(runtime::Rng& rng) {
    if (runs_.empty()) return;
    std::swap(runs_[rng.below(runs_.size())], runs_.back());
    BlockRun run = runs_.back();
    runs_.pop_back();
    if (run.blocks > 1 && rng.below(3) == 0) {  // in two pieces
      const uint64_t first = rng.between(1, run.blocks - 1);
      runs_.push_back({.block = run.block + first, .blocks = run.blocks - first});
      run.blocks = first;
    }
    space_.free(run);
    mark(run, 0);
  }
  void take(BlockRun run) {
    const bool free = is_free(run);
    ASSERT_EQ(space_.take(run), free);
    if (free) keep(run);
  }
  void take_parts(BlockRun run) {
    std::vector<BlockRun> expected;
    for (uint64_t block = run.block; block < std::min<uint64_t>(run.end(), taken_.size()); block++) {
      if (taken_[block] != 0) continue;
      if (!expected.empty() && expected.back().end() == block) {
        expected.back().blocks++;
      } else {
        expected.push_back({.block = block, .blocks = 1});
      }
    }
    ASSERT_EQ(space_.take_what_is_free(run), expected);
    for (const BlockRun& part : expected) keep(part);
  }
  uint64_t longest() const {
    uint64_t longest = 0, here = 0;
    for (const char taken : taken_) longest = std::max(longest, here = taken != 0 ? 0 : here + 1);
    return longest;
  }
  void compare() {
    ASSERT_EQ(space_.blocks(), taken_.size());
    ASSERT_EQ(space_.free_blocks(), static_cast<uint64_t>(std::count(taken_.begin(), taken_.end(), 0)));
    ASSERT_EQ(space_.longest(), longest());
  }

  BlockSpace space_;
  std::vector<char> taken_;
  std::vector<BlockRun> runs_;  // taken ones
};

TEST(BlockSpace, AgreesWithAMapOfBlocks) {
  for (uint64_t seed = 1; seed <= 20; seed++) {
    SCOPED_TRACE(seed);
    Beside(seed % 3 == 0 ? 40 : 500).run(seed, 600);
    if (HasFailure()) return;
  }
}

TEST(BlockSpace, TakesTheSmallestRunThatFitsAndOfThoseTheFirst) {
  BlockSpace space(100);
  for (const BlockRun run : {BlockRun{10, 1}, BlockRun{15, 1}, BlockRun{40, 1}, BlockRun{45, 1}}) {
    ASSERT_TRUE(space.take(run));
  }
  EXPECT_EQ(space.allocate(3), (BlockRun{11, 3}));
  EXPECT_EQ(space.allocate(3), (BlockRun{41, 3}));
  EXPECT_EQ(space.allocate(54), (BlockRun{46, 54}));
  EXPECT_EQ(space.allocate(54), std::nullopt);
  EXPECT_EQ(space.allocate(0), std::nullopt);
}

}  // namespace
}  // namespace daos::vos
