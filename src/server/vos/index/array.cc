#include "server/vos/index/array.h"

#include <algorithm>

#include "platform/base/check.h"

namespace daos::vos {
namespace {

constexpr size_t kWindow = 64;  // pieces that an enumeration looks at in one go

}  // namespace

bool Array::PastOrder::operator()(const Piece& a, const Piece& b) const {
  if (a.level() != b.level()) return a.level() < b.level();
  if (a.start != b.start) return a.start < b.start;
  return a.born() < b.born();
}
bool Array::PastOrder::operator()(const Piece& a, const Probe& b) const {
  if (a.level() != b.level) return a.level() < b.level;
  return a.start < b.start;
}
bool Array::PastOrder::operator()(const Probe& a, const Piece& b) const {
  if (a.level != b.level()) return a.level < b.level();
  return a.start < b.start;
}

Array::Array(Memory& memory)
    : current(Counted<std::pair<const uint64_t, Current>>(memory)),
      past(Counted<Piece>(memory)),
      births(Counted<Version>(memory)) {}

Array::CurrentMap::iterator Array::place_current(uint64_t start, uint64_t end, Blob* blob) {
  removals += blob->removes();
  return current.insert({start, Current{.end = end, .blob = blob}}).first;
}

void Array::place(const Piece& piece) {
  // What ended it may be gone already; a reader of that time must look at what has died all the same.
  newest_piece = std::max(newest_piece, piece.died == kNever ? piece.born() : piece.died);
  oldest_piece = std::min(oldest_piece, piece.born());
  if (piece.died == kNever) {
    place_current(piece.start, piece.end, piece.blob);
  } else {
    past.insert(piece);
  }
}

bool Array::has_room_for(const Piece& piece) const {
  bool room = true;
  const auto meets = [&](const Piece& other) { room &= other.died <= piece.born() || other.born() >= piece.died; };
  auto now = current.upper_bound(piece.start);
  if (now != current.begin() && std::prev(now)->second.end > piece.start) --now;
  for (; now != current.end() && now->first < piece.end; ++now)
    meets({.start = now->first, .end = now->second.end, .blob = now->second.blob});
  each_past(piece.start, piece.end, meets);
  return room;
}

void Array::take_current(uint64_t start, uint64_t end, std::vector<Piece>& pieces) {
  auto now = current.upper_bound(start);
  if (now != current.begin() && std::prev(now)->second.end > start) --now;
  while (now != current.end() && now->first < end) {
    const Piece piece{.start = now->first, .end = now->second.end, .blob = now->second.blob};
    pieces.push_back({.start = std::max(start, piece.start), .end = std::min(end, piece.end), .blob = piece.blob});
    if (piece.start < start) {
      now->second.end = start;
      ++now;
      piece.blob->share();
    } else {
      removals -= piece.blob->removes();
      now = current.erase(now);
    }
    if (piece.end > end) {
      place_current(end, piece.end, piece.blob->share());
      return;
    }
  }
}

void Array::take_out(uint64_t start, uint64_t end, std::vector<Piece>& pieces) {
  take_current(start, end, pieces);
  const size_t first_past = pieces.size();
  each_past(start, end, [&](const Piece& piece) { pieces.push_back(piece); });
  for (size_t i = first_past; i < pieces.size(); i++) {
    Piece& piece = pieces[i];
    past.erase(piece);
    if (piece.start < start) {
      past.insert({.start = piece.start, .end = start, .died = piece.died, .blob = piece.blob->share()});
      piece.start = start;
    }
    if (piece.end > end) {
      past.insert({.start = end, .end = piece.end, .died = piece.died, .blob = piece.blob->share()});
      piece.end = end;
    }
  }
}

void Array::insert(Store& store, Blob* blob, uint64_t start, uint64_t end) {
  const Version version = blob->version();
  if (version < newest_piece) {
    insert_late(store, blob, start, end);
    return;
  }
  newest_piece = version;
  oldest_piece = std::min(oldest_piece, version);
  // The common way: newer than everything here.
  const auto after = current.lower_bound(start);
  const bool meets = (after != current.end() && after->first < end) ||
                     (after != current.begin() && std::prev(after)->second.end > start);
  if (meets) {
    std::vector<Piece> pieces;
    take_current(start, end, pieces);
    for (Piece& piece : pieces) {
      if (piece.born() == version) {  // the same update again: the later part of it counts
        Blob::release(store, piece.blob);
        continue;
      }
      piece.died = version;
      oldest_piece = std::min(oldest_piece, piece.born());  // reclaim may have been where it went, and not where it was
      past.insert(piece);
    }
  }
  place_current(start, end, blob);
}

namespace {

/// One piece on its way through insert_late: what of it has been put back, and what is still open.
struct Sweep {
  Piece piece;
  uint64_t open_from = 0;
  Version open_died = kNever;
  bool open = false;
};

}  // namespace

void Array::insert_late(Store& store, Blob* blob, uint64_t start, uint64_t end) {
  const Version version = blob->version();
  oldest_piece = std::min(oldest_piece, version);
  std::vector<Piece> pieces;
  take_out(start, end, pieces);
  std::vector<uint64_t> cuts{start, end};
  std::vector<Sweep> sweeps;
  for (const Piece& piece : pieces) {
    cuts.push_back(piece.start);
    cuts.push_back(piece.end);
    sweeps.push_back({.piece = piece});
  }
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  std::sort(sweeps.begin(), sweeps.end(), [](const Sweep& a, const Sweep& b) {
    return a.piece.start != b.piece.start ? a.piece.start < b.piece.start : a.piece.born() < b.piece.born();
  });

  std::vector<Piece> result;  // each with a reference of its own
  const auto flush = [&](Sweep& sweep, uint64_t until) {
    if (!sweep.open) return;
    result.push_back(
        {.start = sweep.open_from, .end = until, .died = sweep.open_died, .blob = sweep.piece.blob->share()});
    sweep.open = false;
  };
  Sweep mine{.piece = {.start = start, .end = end, .blob = blob}};
  std::vector<Sweep*> active;
  size_t next = 0;
  for (size_t cut = 0; cut + 1 < cuts.size(); cut++) {
    const uint64_t from = cuts[cut];
    std::erase_if(active, [&](Sweep* sweep) {
      if (sweep->piece.end > from) return false;
      flush(*sweep, from);
      return true;
    });
    while (next < sweeps.size() && sweeps[next].piece.start == from) active.push_back(&sweeps[next++]);
    Version died = kNever;  // of the new piece here: when the next one is born, or the one that it divides dies
    for (const Sweep* sweep : active) {
      if (sweep->piece.born() > version)
        died = std::min(died, sweep->piece.born());
      else if (sweep->piece.died > version)
        died = std::min(died, sweep->piece.died);
    }
    const auto carry = [&](Sweep& sweep, Version until) {
      if (sweep.open && sweep.open_died != until) flush(sweep, from);
      if (!sweep.open) sweep.open_from = from;
      sweep.open = true;
      sweep.open_died = until;
    };
    for (Sweep* sweep : active) {
      if (sweep->piece.born() == version) {  // the same update again: the later part of it counts
        flush(*sweep, from);
        continue;
      }
      const bool divided = sweep->piece.born() < version && sweep->piece.died > version;
      carry(*sweep, divided ? version : sweep->piece.died);
    }
    carry(mine, died);
  }
  for (Sweep* sweep : active) flush(*sweep, end);
  flush(mine, end);
  for (const Piece& piece : result) place(piece);
  for (const Piece& piece : pieces) Blob::release(store, piece.blob);
  Blob::release(store, blob);
}

journal::Position Array::read(uint64_t start, uint64_t end, const View& view, std::vector<Seen>& out) const {
  journal::Position newest_seen;
  std::vector<Piece> found;
  const auto emit = [&](const Piece& piece) {
    newest_seen = std::max(newest_seen, piece.blob->position());
    if (piece.blob->removes()) return;
    const uint64_t from = std::max(start, piece.start);
    const uint64_t until = std::min(end, piece.end);
    if (!out.empty() && out.back().blob == piece.blob && out.back().end == from) {
      out.back().end = until;
    } else {
      out.push_back({.start = from, .end = until, .blob = piece.blob});
    }
  };
  const bool latest = view.epoch >= newest_piece.epoch;
  auto now = current.upper_bound(start);
  if (now != current.begin() && std::prev(now)->second.end > start) --now;
  for (; now != current.end() && now->first < end; ++now) {
    const Piece piece{.start = now->first, .end = now->second.end, .blob = now->second.blob};
    if (!view.sees(piece)) continue;
    latest ? emit(piece) : found.push_back(piece);
  }
  if (latest) return newest_seen;
  each_past(start, end, [&](const Piece& piece) {
    if (view.sees(piece)) found.push_back(piece);
  });
  std::sort(found.begin(), found.end(), [](const Piece& a, const Piece& b) {
    return a.start != b.start ? a.start < b.start : a.born() < b.born();
  });
  for (const Piece& piece : found) emit(piece);
  return newest_seen;
}

void Array::split(uint64_t at) {
  if (at == 0) return;
  const auto after = current.upper_bound(at);
  if (after != current.begin()) {
    const auto now = std::prev(after);
    if (now->first < at && now->second.end > at) {
      const Current rest = now->second;
      now->second.end = at;
      place_current(at, rest.end, rest.blob->share());
    }
  }
  std::vector<Piece> crossing;
  each_past(at - 1, at, [&](const Piece& piece) {
    if (piece.end > at) crossing.push_back(piece);
  });
  for (const Piece& piece : crossing) {
    past.erase(piece);
    past.insert({.start = piece.start, .end = at, .died = piece.died, .blob = piece.blob});
    past.insert({.start = at, .end = piece.end, .died = piece.died, .blob = piece.blob->share()});
  }
}

bool Array::next_start(uint64_t from, uint64_t& start) const {
  const auto now = current.lower_bound(from);
  bool found = now != current.end();
  if (found) start = now->first;
  for (uint32_t level = 0; level < 64; level++) {
    auto piece = past.lower_bound(PastOrder::Probe{level, from});
    if (piece == past.end()) break;
    if (piece->level() > level) {
      level = piece->level();
      piece = past.lower_bound(PastOrder::Probe{level, from});
    }
    if (piece == past.end() || piece->level() != level) continue;
    if (!found || piece->start < start) start = piece->start;
    found = true;
  }
  return found;
}

bool Array::has_past(uint64_t start, uint64_t end) const {
  bool found = false;
  each_past(start, end, [&](const Piece&) { found = true; });
  return found;
}

uint64_t Array::count_in(uint64_t start, uint64_t end) const {
  uint64_t count = 0;
  auto now = current.upper_bound(start);
  if (now != current.begin() && std::prev(now)->second.end > start) --now;
  for (; now != current.end() && now->first < end; ++now) count++;
  each_past(start, end, [&](const Piece&) { count++; });
  return count;
}

uint64_t Array::window_end(uint64_t from) const {
  uint64_t edge = ~0ull;
  auto now = current.upper_bound(from);
  for (size_t i = 1; i < kWindow && now != current.end(); i++) ++now;
  if (now != current.end()) edge = now->first;
  for (uint32_t level = 0; level < 64; level++) {
    auto piece = past.lower_bound(PastOrder::Probe{level, from + 1});
    if (piece == past.end()) break;
    if (piece->level() > level) {
      level = piece->level();
      piece = past.lower_bound(PastOrder::Probe{level, from + 1});
    }
    for (size_t i = 1; i < kWindow && piece != past.end() && piece->level() == level; i++) ++piece;
    if (piece != past.end() && piece->level() == level) edge = std::min(edge, piece->start);
  }
  return std::max(edge, from + 1);
}

uint64_t Array::window_start(uint64_t from) const {
  uint64_t edge = 0;
  auto now = current.lower_bound(from);
  for (size_t i = 0; i < kWindow && now != current.begin(); i++) --now;
  if (now != current.begin()) edge = now->first;
  for (uint32_t level = 0; level < 64; level++) {
    auto piece = past.lower_bound(PastOrder::Probe{level, from});
    size_t steps = 0;
    for (; steps < kWindow && piece != past.begin() && std::prev(piece)->level() == level; steps++) --piece;
    if (steps == kWindow) edge = std::max(edge, piece->start);
  }
  return std::min(edge, from - 1);
}

bool Array::clear(Store& store, size_t& budget) {
  while (!current.empty()) {
    if (budget == 0) return false;
    budget--;
    const auto last = std::prev(current.end());
    Blob::release(store, last->second.blob);
    current.erase(last);
  }
  while (!past.empty()) {
    if (budget == 0) return false;
    budget--;
    const auto last = std::prev(past.end());
    Blob* blob = last->blob;
    past.erase(last);  // while its version can still be compared
    Blob::release(store, blob);
  }
  births.clear();
  return true;
}

void Array::write(Version version, journal::Position position, const Punches& punches) {
  const Version before = newest;
  if (version >= newest) {
    newest = version;
    newest_position = std::max(newest_position, position);
  }
  // Not the first since its punch?
  const Version hidden = punches.hidden_before(version);
  auto after = std::upper_bound(births.begin(), births.end(), version);
  if (after != births.begin() && *std::prev(after) >= hidden) return;
  Version first = version;
  // A punch that came after younger writes has made one of them the first of its time: they are still there to be
  // asked.
  if (before >= hidden) first = first_written(hidden, version);
  if (std::binary_search(births.begin(), births.end(), first)) return;
  const auto mine = births.insert(std::upper_bound(births.begin(), births.end(), first), first);
  const auto next = std::next(mine);
  if (next != births.end() && *next < punches.first_after(first)) births.erase(next);
}

bool Array::exists_at(uint64_t epoch, const Punches& punches) const {
  const Version hidden = punches.hidden_before(last_of(epoch));
  if (newest == Version{} || newest < hidden) return false;
  if (newest.epoch <= epoch) return true;
  const auto after = std::upper_bound(births.begin(), births.end(), last_of(epoch));
  if (after != births.begin() && *std::prev(after) >= hidden) return true;
  // No first write is noted between that punch and `epoch`. If one is noted later, before the next punch, it was the
  // first; else the punch may have come after younger writes, as above.
  const auto first = std::lower_bound(births.begin(), births.end(), hidden);
  if (first != births.end() && *first < punches.first_after(last_of(epoch))) return false;
  return first_written(hidden, last_of(epoch)) < last_of(epoch);
}

Version Array::first_written(Version from, Version until) const {
  const auto consider = [&](const Blob* blob) {
    if (blob->version() >= from) until = std::min(until, blob->version());
  };
  for (const auto& [start, now] : current) consider(now.blob);
  for (const Piece& piece : past) consider(piece.blob);
  return until;
}

}  // namespace daos::vos
