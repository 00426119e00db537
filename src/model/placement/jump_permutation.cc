#include "model/placement/jump_permutation.h"

#include <algorithm>
#include <vector>

namespace daos::placement {
namespace {

struct Walker {
  uint32_t position;  // in `images`
  uint32_t index;     // what the level is asked for
  uint32_t at;        // where the walk along Q's cycle has come to
};

constexpr size_t kSideBySide = 8;

/// One step of all walkers; `visit` sees each one afterwards, in order, and may overwrite those before it.
void step_all(std::span<const Walker> walkers, auto step, auto visit) {
  for (size_t i = 0; i < walkers.size(); i += kSideBySide) {
    const size_t some = std::min(walkers.size() - i, kSideBySide);
    std::array<uint32_t, kSideBySide> at{};
    for (size_t n = 0; n < some; n++) at[n] = walkers[i + n].at;
    step(at);
    for (size_t n = 0; n < some; n++) visit(Walker{walkers[i + n].position, walkers[i + n].index, at[n]});
  }
}

}  // namespace

// Level by level for all indices together: the walks do not depend on each other, so the processor overlaps them, and
// whether one ends here is a counter's business instead of a branch that nobody can predict.
void jump_permute_prefix(uint64_t key, uint32_t count, std::span<uint32_t> images) {
  std::vector<Walker> walkers(images.size());
  std::vector<Walker> below(images.size());
  for (uint32_t i = 0; i < images.size(); i++) walkers[i] = {i, i, i};
  size_t left = walkers.size();
  while (count > kShuffledMax && left > 0) {
    const auto bits = static_cast<uint32_t>(std::bit_width(count - 1));
    const uint32_t half = uint32_t{1} << (bits - 1);
    const FeistelLevel level(key, bits);
    const auto forward = [&level](auto& at) { level.forward_all(at); };
    const auto backward = [&level](auto& at) { level.backward_all(at); };

    // C: walk until inside. Below half there is more to do.
    size_t descending = 0;
    while (left > 0) {
      size_t walking = 0;
      step_all(std::span(walkers).first(left), forward, [&](Walker walker) {
        images[walker.position] = walker.at;  // final if it lies in the upper half, else overwritten later
        walkers[walking] = walker;
        walking += walker.at >= count;
        below[descending] = walker;
        descending += walker.at < half;
      });
      left = walking;
    }
    // R^-1: back to a lower index, which is known for those that came from one.
    size_t arrived = 0;
    for (size_t i = 0; i < descending; i++) {
      const Walker walker = below[i];
      below[arrived] = {walker.position, walker.index, walker.index};
      arrived += walker.index < half;
      walkers[left] = walker;
      left += walker.index >= half;
    }
    while (left > 0) {
      size_t walking = 0;
      step_all(std::span(walkers).first(left), backward, [&](Walker walker) {
        walkers[walking] = walker;
        walking += walker.at >= half;
        below[arrived] = {walker.position, walker.at, walker.at};
        arrived += walker.at < half;
      });
      left = walking;
    }
    std::swap(walkers, below);
    left = arrived;
    count = half;
  }
  for (size_t i = 0; i < left; i++) images[walkers[i].position] = shuffle_image(key, count, walkers[i].index);
}

}  // namespace daos::placement
