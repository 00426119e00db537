#include "server/vos/block_space.h"

#include <algorithm>

#include "platform/base/check.h"

namespace daos::vos {

void BlockSpace::add(BlockRun run) {
  free_.emplace(run.block, run.blocks);
  by_size_.emplace(run.blocks, run.block);
  free_blocks_ += run.blocks;
}

void BlockSpace::remove(Free::iterator run) {
  free_blocks_ -= run->second;
  by_size_.erase({run->second, run->first});
  free_.erase(run);
}

void BlockSpace::grow(uint64_t blocks) {
  if (blocks == 0) return;
  const BlockRun tail{.block = blocks_, .blocks = blocks};
  blocks_ += blocks;
  free(tail);
}

std::optional<BlockRun> BlockSpace::allocate(uint64_t blocks) {
  const auto fit = by_size_.lower_bound({blocks, 0});
  if (blocks == 0 || fit == by_size_.end()) return std::nullopt;
  const BlockRun found{.block = fit->second, .blocks = fit->first};
  remove(free_.find(found.block));
  if (found.blocks > blocks) add({.block = found.block + blocks, .blocks = found.blocks - blocks});
  return BlockRun{.block = found.block, .blocks = blocks};
}

void BlockSpace::free(BlockRun run) {
  DX_CHECK(run.blocks > 0, "nothing is given back at block {}", run.block);
  DX_CHECK(run.end() <= blocks_, "blocks {} to {} of {} are given back", run.block, run.end(), blocks_);
  auto next = free_.lower_bound(run.block);
  if (next != free_.end()) {
    DX_CHECK(run.end() <= next->first, "blocks {} to {} were free already", next->first, run.end());
    if (next->first == run.end()) {
      run.blocks += next->second;
      remove(next);
      next = free_.lower_bound(run.block);
    }
  }
  if (next != free_.begin()) {
    const auto before = std::prev(next);
    const uint64_t before_end = before->first + before->second;
    DX_CHECK(before_end <= run.block, "block {} was free already", run.block);
    if (before_end == run.block) {
      run = {.block = before->first, .blocks = before->second + run.blocks};
      remove(before);
    }
  }
  add(run);
}

bool BlockSpace::take(BlockRun run) {
  if (run.blocks == 0) return false;
  auto at = free_.upper_bound(run.block);
  if (at == free_.begin()) return false;
  --at;
  const BlockRun found{.block = at->first, .blocks = at->second};
  if (run.blocks > found.blocks || run.block - found.block > found.blocks - run.blocks) return false;
  remove(at);
  if (run.block > found.block) add({.block = found.block, .blocks = run.block - found.block});
  if (run.end() < found.end()) add({.block = run.end(), .blocks = found.end() - run.end()});
  return true;
}

std::vector<BlockRun> BlockSpace::take_what_is_free(BlockRun run) {
  std::vector<BlockRun> taken;
  auto at = free_.upper_bound(run.block);
  if (at != free_.begin()) --at;
  for (; at != free_.end() && at->first < run.end(); ++at) {
    const uint64_t from = std::max(at->first, run.block);
    const uint64_t to = std::min(at->first + at->second, run.end());
    if (from < to) taken.push_back({.block = from, .blocks = to - from});
  }
  for (const BlockRun& part : taken) DX_CHECK(take(part), "blocks {} to {} were free", part.block, part.end());
  return taken;
}

}  // namespace daos::vos
