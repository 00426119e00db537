#include "server/vos/checkpoint/image_space.h"

#include "platform/base/check.h"

namespace daos::vos {

void ImageSpace::grow(uint64_t blocks) {
  if (blocks == 0) return;
  const ImageRun tail{.block = blocks_, .blocks = 0};
  blocks_ += blocks;
  free_blocks_ += blocks;
  auto last = free_.empty() ? free_.end() : std::prev(free_.end());
  if (last != free_.end() && last->first + last->second == tail.block) {
    last->second += blocks;
  } else {
    free_.emplace(tail.block, blocks);
  }
}

std::optional<ImageRun> ImageSpace::allocate(uint32_t blocks) {
  for (auto run = free_.begin(); run != free_.end(); ++run) {
    if (run->second < blocks) continue;
    const ImageRun taken{.block = run->first, .blocks = blocks};
    const uint64_t left = run->second - blocks;
    free_.erase(run);
    if (left > 0) free_.emplace(taken.block + blocks, left);
    free_blocks_ -= blocks;
    return taken;
  }
  return std::nullopt;
}

void ImageSpace::free(ImageRun run) {
  auto [at, inserted] = free_.emplace(run.block, run.blocks);
  DX_CHECK(inserted, "block {} of the images was free already", run.block);
  free_blocks_ += run.blocks;
  if (const auto next = std::next(at); next != free_.end()) {
    DX_CHECK(at->first + at->second <= next->first, "blocks {} to {} were free already", next->first,
             at->first + at->second);
    if (at->first + at->second == next->first) {
      at->second += next->second;
      free_.erase(next);
    }
  }
  if (at != free_.begin()) {
    const auto before = std::prev(at);
    DX_CHECK(before->first + before->second <= at->first, "block {} was free already", at->first);
    if (before->first + before->second == at->first) {
      before->second += at->second;
      free_.erase(at);
    }
  }
}

bool ImageSpace::take(ImageRun run) {
  if (run.blocks == 0) return false;
  auto at = free_.upper_bound(run.block);
  if (at == free_.begin()) return false;
  --at;
  const uint64_t first = at->first;
  const uint64_t count = at->second;
  if (run.block + run.blocks > first + count) return false;
  free_.erase(at);
  if (run.block > first) free_.emplace(first, run.block - first);
  const uint64_t end = run.block + run.blocks;
  if (end < first + count) free_.emplace(end, first + count - end);
  free_blocks_ -= run.blocks;
  return true;
}

}  // namespace daos::vos
