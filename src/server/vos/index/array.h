// The extents of one array akey. Each piece has a life [born, died) and a range; at one index and one moment at most
// one piece lives. What lives now is in a tree by start, disjoint; what has died is in another one. Removed extents are
// pieces without data, so that writes which are older but come later know that they were removed.
#pragma once

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "server/vos/index/blob.h"
#include "server/vos/index/version.h"

namespace daos::vos {

/// A part of an extent as it was written, and when that part lives.
struct Piece {
  uint64_t start = 0, end = 0;
  Version died = kNever;
  Blob* blob = nullptr;

  Version born() const { return blob->version(); }
  /// Pieces that have died are grouped by size, so that those which overlap a range are found without looking at all.
  uint32_t level() const { return static_cast<uint32_t>(std::bit_width(end - start)) - 1; }
  uint64_t level_span() const { return (uint64_t{2} << level()) - 1; }  // no piece of the level is longer
};

class Array {
 public:
  explicit Array(Memory& memory);

  /// Adds [start, end) of `blob` (taking over one reference), whatever the order of the versions.
  void insert(Store& store, Blob* blob, uint64_t start, uint64_t end);
  /// Adds a piece with its life as it is. Only for pieces that cannot meet one that lives at the same time.
  void place(const Piece& piece);
  /// Whether none does: for pieces from a checkpoint.
  bool has_room_for(const Piece& piece) const;
  /// Notes that the akey was written at `version`.
  void write(Version version, journal::Position position, const Punches& punches);
  bool exists_at(uint64_t epoch, const Punches& punches) const;

  /// A part that a reader sees.
  struct Seen {
    uint64_t start = 0, end = 0;
    Blob* blob = nullptr;
  };
  struct View {
    uint64_t epoch = 0;
    Version hidden_before;
    bool sees(const Piece& piece) const {
      return piece.born().epoch <= epoch && piece.died.epoch > epoch && piece.born() >= hidden_before;
    }
  };
  /// What is visible of [start, end), clipped, in order; one version's neighbours as one. Newest record seen: the
  /// result.
  journal::Position read(uint64_t start, uint64_t end, const View& view, std::vector<Seen>& out) const;
  /// The same one by one from `from` on upwards, or downwards from it (exclusive), until `visit` returns false.
  template <class Visit>
  journal::Position each(uint64_t from, bool upwards, const View& view, Visit&& visit) const;

  // --- for checkpoint and reclaim
  /// No piece crosses `at` afterwards.
  void split(uint64_t at);
  /// The first start of a piece at or after `from`; false without.
  bool next_start(uint64_t from, uint64_t& start) const;
  /// Calls `visit` for each piece that starts at `start`.
  template <class Visit>
  void each_at(uint64_t start, Visit&& visit) const;
  /// Whether a piece that has died overlaps the range.
  bool has_past(uint64_t start, uint64_t end) const;
  /// How many pieces do, dead or alive.
  uint64_t count_in(uint64_t start, uint64_t end) const;
  bool empty() const { return current.empty() && past.empty() && births.empty(); }
  /// Drops up to `budget` pieces; true when nothing is left.
  bool clear(Store& store, size_t& budget);

  struct Current {
    uint64_t end = 0;
    Blob* blob = nullptr;
  };
  struct PastOrder {
    using is_transparent = void;
    struct Probe {
      uint32_t level;
      uint64_t start;
    };
    bool operator()(const Piece& a, const Piece& b) const;
    bool operator()(const Piece& a, const Probe& b) const;
    bool operator()(const Probe& a, const Piece& b) const;
  };
  using CurrentMap = absl::btree_map<uint64_t, Current, std::less<>, Counted<std::pair<const uint64_t, Current>>>;
  using PastSet = absl::btree_set<Piece, PastOrder, Counted<Piece>>;
  CurrentMap current;
  PastSet past;
  std::vector<Version, Counted<Version>> births;  // the first write after each punch that came in order; for existence
  Version newest;                                 // write
  journal::Position newest_position;
  Version newest_piece;           // birth or death here so far: what is younger need not look at what has died
  Version oldest_piece = kNever;  // at or before the oldest piece here
  uint64_t removals = 0;          // current pieces without data

 private:
  CurrentMap::iterator place_current(uint64_t start, uint64_t end, Blob* blob);
  void insert_late(Store& store, Blob* blob, uint64_t start, uint64_t end);
  void take_out(uint64_t start, uint64_t end, std::vector<Piece>& pieces);
  void take_current(uint64_t start, uint64_t end, std::vector<Piece>& pieces);
  template <class Visit>
  void each_past(uint64_t start, uint64_t end, Visit&& visit) const;
  /// The first write in [from, until) that is left here; else `until`.
  Version first_written(Version from, Version until) const;
  uint64_t window_end(uint64_t from) const;
  uint64_t window_start(uint64_t from) const;
};

template <class Visit>
void Array::each_past(uint64_t start, uint64_t end, Visit&& visit) const {
  for (uint32_t level = 0; level < 64; level++) {
    const auto seek = [&] {
      const uint64_t span = (uint64_t{2} << level) - 1;
      return past.lower_bound(PastOrder::Probe{level, start < span ? 0 : start - span});
    };
    auto piece = seek();
    if (piece == past.end()) return;
    if (piece->level() > level) {
      level = piece->level();
      piece = seek();
    }
    for (; piece != past.end() && piece->level() == level && piece->start < end; ++piece) {
      if (piece->end > start) visit(*piece);
    }
  }
}

template <class Visit>
void Array::each_at(uint64_t start, Visit&& visit) const {
  if (const auto now = current.find(start); now != current.end()) {
    visit(Piece{.start = start, .end = now->second.end, .blob = now->second.blob});
  }
  for (uint32_t level = 0; level < 64; level++) {
    auto piece = past.lower_bound(PastOrder::Probe{level, start});
    if (piece == past.end()) return;
    if (piece->level() > level) {
      level = piece->level();
      piece = past.lower_bound(PastOrder::Probe{level, start});
    }
    for (; piece != past.end() && piece->level() == level && piece->start == start; ++piece) visit(*piece);
  }
}

template <class Visit>
journal::Position Array::each(uint64_t from, bool upwards, const View& view, Visit&& visit) const {
  journal::Position newest_seen;
  std::vector<Seen> window;
  Seen pending;  // may go on in the next window
  const auto take = [&](const Seen& seen) {
    if (pending.blob == seen.blob && (upwards ? pending.end == seen.start : pending.start == seen.end)) {
      (upwards ? pending.end : pending.start) = upwards ? seen.end : seen.start;
      return true;
    }
    if (pending.blob != nullptr && !visit(pending)) return false;
    pending = seen;
    return true;
  };
  bool more = true;
  while (more && (upwards ? from != ~0ull : from != 0)) {
    const uint64_t edge = upwards ? window_end(from) : window_start(from);
    window.clear();
    newest_seen = std::max(newest_seen, upwards ? read(from, edge, view, window) : read(edge, from, view, window));
    if (!upwards) std::reverse(window.begin(), window.end());
    for (size_t i = 0; more && i < window.size(); i++) more = take(window[i]);
    from = edge;
  }
  if (more && pending.blob != nullptr) visit(pending);
  return newest_seen;
}

}  // namespace daos::vos
