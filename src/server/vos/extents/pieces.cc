#include "server/vos/extents/pieces.h"

#include <set>

namespace daos::vos {

Status PieceTable::claim(const Uuid& pool, std::span<const uint32_t> pieces) {
  std::set<uint32_t> seen;
  for (const uint32_t piece : pieces) {
    if (piece < region_.first || piece >= region_.end()) {
      return error(Code::kCorrupt, "pool {} says that piece {} is its own, and this target has pieces {} to {}", pool,
                   piece, region_.first, region_.end());
    }
    if (!seen.insert(piece).second) return error(Code::kCorrupt, "pool {} names piece {} twice", pool, piece);
    if (const auto owner = owners_.find(piece); owner != owners_.end() && owner->second != pool)
      return error(Code::kCorrupt, "piece {} is claimed by pool {} and by pool {}", piece, owner->second, pool);
  }
  for (const uint32_t piece : pieces) owners_[piece] = pool;
  return {};
}

Result<std::vector<uint32_t>> PieceTable::take(const Uuid& pool, uint32_t count) {
  if (count > free()) {
    return error(Code::kNoSpace, "{} of {} pieces of the device are free, the pool needs {}", free(), region_.count,
                 count);
  }
  std::vector<uint32_t> taken;
  auto owner = owners_.begin();
  for (uint32_t piece = region_.first; taken.size() < count; piece++) {
    if (owner != owners_.end() && owner->first == piece) {
      ++owner;
    } else {
      taken.push_back(piece);
    }
  }
  for (const uint32_t piece : taken) owners_[piece] = pool;
  return taken;
}

void PieceTable::release(const Uuid& pool) {
  std::erase_if(owners_, [&](const auto& entry) { return entry.second == pool; });
}

}  // namespace daos::vos
