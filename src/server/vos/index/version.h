// (epoch, minor): what orders everything that happens to a key; and punches, which are marks in that order.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "platform/journal/journal.h"
#include "server/vos/index/memory.h"

namespace daos::vos {

struct Version {
  uint64_t epoch = 0;
  uint16_t minor = 0;
  auto operator<=>(const Version&) const = default;
};
/// After every version: the death of what is current.
inline constexpr Version kNever{~0ull, 0xffff};
/// The newest version that a reader at `epoch` sees.
constexpr Version last_of(uint64_t epoch) { return {epoch, 0xffff}; }

/// A punch: what was born before it is hidden from it on.
struct Marker {
  Version version;
  journal::Position position;  // of its record; 0 when it came from a checkpoint
};

/// The punches of one object, dkey or akey, oldest first. One pointer wide, because most keys never see one.
class Markers {
 public:
  using List = std::vector<Marker, Counted<Marker>>;

  Markers() = default;
  Markers(const Markers&) = delete;
  Markers& operator=(const Markers&) = delete;
  void clear(Memory& memory) {
    release_counted(memory, list_);
    list_ = nullptr;
  }
  bool empty() const { return list_ == nullptr; }
  size_t size() const { return list_ == nullptr ? 0 : list_->size(); }
  const Marker& at(size_t index) const { return (*list_)[index]; }
  /// Adds one, in order; false when it was there.
  bool add(Memory& memory, Marker marker);
  /// Drops those for which `gone(marker)`.
  template <class Gone>
  void drop(Memory& memory, Gone&& gone) {
    if (list_ == nullptr) return;
    std::erase_if(*list_, gone);
    if (list_->empty()) clear(memory);
  }
  /// The last one at or before `version`; null without.
  const Marker* last_until(Version version) const {
    if (list_ == nullptr) return nullptr;
    return find_last(version);
  }
  /// The first one after `version`; null without.
  const Marker* first_after(Version version) const;
  const Marker* first() const { return list_ == nullptr ? nullptr : &list_->front(); }

 private:
  const Marker* find_last(Version version) const;
  List* list_ = nullptr;
};

/// The punches that act on an akey: its own, its dkey's and its object's.
struct Punches {
  const Markers* levels[3] = {nullptr, nullptr, nullptr};

  /// What hides at `version`: the newest of all levels at or before it; a zero marker without.
  Marker hiding(Version version) const {
    Marker newest;
    for (const Markers* level : levels) {
      if (level == nullptr) continue;
      const Marker* last = level->last_until(version);
      if (last != nullptr && last->version >= newest.version) newest = *last;
    }
    return newest;
  }
  Version hidden_before(Version version) const { return hiding(version).version; }
  /// When what was born at `version` is hidden: kNever without a punch after it.
  Version first_after(Version version) const {
    Version first = kNever;
    for (const Markers* level : levels) {
      if (level == nullptr) continue;
      const Marker* next = level->first_after(version);
      if (next != nullptr) first = std::min(first, next->version);
    }
    return first;
  }
};

}  // namespace daos::vos
