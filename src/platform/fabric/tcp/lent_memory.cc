#include "platform/fabric/tcp/lent_memory.h"

#include <algorithm>

namespace daos::fabric::tcp {

void Lent::cut(uint64_t offset, uint64_t count, std::vector<MutableByteSpan>& out) const {
  auto i = static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), offset) - ends.begin());
  for (; count > 0; i++) {
    const uint64_t begin = i == 0 ? 0 : ends[i - 1];
    const uint64_t part = std::min(count, ends[i] - offset);
    out.push_back(pieces[i].subspan(offset - begin, part));
    offset += part;
    count -= part;
  }
}

void Lent::add_user(uint64_t serial) {
  if (std::find(users.begin(), users.end(), serial) == users.end()) users.push_back(serial);
}

MemoryKey LentMemory::lend(runtime::Rng& rng, Access access, std::vector<MutableByteSpan> memory) {
  auto lent = std::make_unique<Lent>();
  lent->access = access;
  std::erase_if(memory, [](MutableByteSpan piece) { return piece.empty(); });
  lent->pieces = std::move(memory);
  uint64_t end = 0;
  for (const MutableByteSpan piece : lent->pieces) lent->ends.push_back(end += piece.size());
  uint64_t key = rng.next();
  while (key == 0 || by_key_.contains(key)) key = rng.next();
  by_key_.emplace(key, std::move(lent));
  return MemoryKey(key);
}

Lent* LentMemory::find(MemoryKey key) {
  const auto found = by_key_.find(key.value());
  return found == by_key_.end() ? nullptr : found->second.get();
}

std::unique_ptr<Lent> LentMemory::take(MemoryKey key) {
  const auto found = by_key_.find(key.value());
  if (found == by_key_.end()) return nullptr;
  std::unique_ptr<Lent> lent = std::move(found->second);
  by_key_.erase(found);
  return lent;
}

}  // namespace daos::fabric::tcp
