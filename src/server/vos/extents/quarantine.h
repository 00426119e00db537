// Runs that nothing refers to any more and that may not be overwritten yet. Two things hold them back:
// - the log: until a block on the medium says that the record which freed a run is flushed, a recovery may find an
// older
//   record that is not settled, read its run and take it for lost, and cut acknowledged records;
// - readers: a fetch that found a run in the index before it was freed may still be reading it.
#pragma once

#include <deque>
#include <set>

#include "platform/journal/journal.h"
#include "server/vos/block_space.h"

namespace daos::vos {

class Quarantine {
 public:
  /// A fetch that may be reading: what is put in while it lives stays in until it ends.
  class Reader {
   public:
    explicit Reader(Quarantine& quarantine)
        : quarantine_(quarantine), number_(quarantine.readers_begun_++), place_(quarantine.readers_.end()) {
      place_ = quarantine.readers_.insert(number_).first;
    }
    Reader(const Reader&) = delete;
    ~Reader() { quarantine_.readers_.erase(place_); }

   private:
    Quarantine& quarantine_;
    uint64_t number_;
    std::set<uint64_t>::iterator place_;
  };

  /// `freed_at`: the newest record of the log then; never less than in the call before.
  void put(BlockRun run, journal::Position freed_at) {
    held_.push_back({.run = run, .freed_at = freed_at, .readers_begun = readers_begun_});
    blocks_ += run.blocks;
  }
  /// Takes out the oldest run if it may be overwritten now.
  std::optional<BlockRun> take(journal::Position flushed) {
    if (held_.empty()) return std::nullopt;
    if (!readers_.empty() && *readers_.begin() < held_.front().readers_begun) return std::nullopt;
    return take_despite_readers(flushed);
  }
  /// Whoever still reads it: what a planted bug does.
  std::optional<BlockRun> take_despite_readers(journal::Position flushed) {
    if (held_.empty() || held_.front().freed_at > flushed) return std::nullopt;
    const BlockRun run = held_.front().run;
    held_.pop_front();
    blocks_ -= run.blocks;
    return run;
  }
  uint64_t blocks() const { return blocks_; }
  bool empty() const { return held_.empty(); }

 private:
  struct Held {
    BlockRun run;
    journal::Position freed_at;
    uint64_t readers_begun;  // readers from this number on came later and cannot know the run
  };

  std::deque<Held> held_;
  std::set<uint64_t> readers_;  // under way
  uint64_t readers_begun_ = 0;
  uint64_t blocks_ = 0;
};

}  // namespace daos::vos
