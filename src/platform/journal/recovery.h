// Finds where a log ends and hands its records to the caller. Reads only.
//
// Two passes: the first reads every block to learn the end, what was flushed and what was trimmed; the second replays.
// The flag that says whether a record is settled depends on the log's last block, so one pass cannot do.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "platform/journal/journal.h"
#include "platform/journal/segments.h"

namespace daos::journal {

/// Everything that opening a log must know to go on with it.
struct Tail {
  uint64_t end = 0;      // blocks before this are the log; where the next block goes unless `jump`
  uint64_t highest = 0;  // behind the last byte of any block of this log, however it got there
  uint64_t flushed = 0;  // by the blocks' own word
  uint64_t trimmed = 0;
  uint64_t last_record = 0;  // behind the newest record; at least `trimmed`
  uint32_t generation = 0;   // highest found
  uint64_t records = 0;
  bool jump = false;  // go on in a new segment above `highest`, and say there that the log ended at `end`
  bool power_lost = false;
};

/// A place in a log whose content cannot be trusted.
struct Damage {
  std::string path;
  uint64_t offset = 0;
  std::string what;
  uint64_t from = 0, to = 0;  // positions of the records that are lost with it; equal: unknown
};

class Recoverer {
 public:
  Recoverer(runtime::Reactor& reactor, const Segments& segments, Durability durability, const Replay& replay,
            const Prepare& prepare)
      : reactor_(reactor), segments_(segments), durability_(durability), replay_(replay), prepare_(prepare) {}
  runtime::Task<Result<Tail>> run();

  /// What was found in each segment.
  struct Counts {
    uint64_t blocks = 0;
    uint64_t records = 0;  // that end here
  };
  /// A record behind the damage, or what is whole of a damaged block: it was not replayed, but says what is affected.
  using Lost = std::function<void(uint64_t position, ByteSpan record)>;
  /// For a look at a log that may be damaged: as run(), but what is wrong is told instead of ending it, and everything
  /// before it is replayed. A record that `replay` refuses is told and left out.
  runtime::Task<Result<Tail>> look(std::vector<Damage>& found, const Lost& lost);
  const std::map<uint64_t, Counts>& counts() const { return counts_; }

 private:
  struct Reassembly {
    ByteVector bytes;
    uint32_t parts = 0;  // none: no record is open
    uint32_t generation = 0;
    uint64_t start = 0;  // position of the first part
  };
  struct Held {
    uint64_t start = 0, end = 0;
    ByteVector bytes;
  };
  /// Up to where each segment's content counts: its end, or where a later segment says that the log had ended.
  void find_limits();
  Status check_chain();
  runtime::Task<Result<IoBuf>> load(uint64_t sequence);
  runtime::Task<Status> find_end();
  void scan(const SegmentHeader& header, ByteSpan bytes);
  Status judge_end();
  runtime::Task<Status> replay();
  Status replay_segment(const SegmentHeader& header, ByteSpan bytes);
  Status take_part(const Part& part, const BlockHeader& block);
  Status replay_one(const Held& record, Settled settled);
  runtime::Task<Status> replay_held();
  Status corrupt(uint64_t position, std::string_view what);
  Status missing(uint64_t sequence, uint64_t from, uint64_t to);
  void tell(const Status& why);
  void keep_whole_parts(ByteSpan block, uint64_t log, uint64_t position, uint32_t alignment);

  runtime::Reactor& reactor_;
  const Segments& segments_;
  const Durability durability_;
  const Replay& replay_;
  const Prepare& prepare_;

  std::map<uint64_t, uint64_t> limits_;  // by sequence
  uint64_t vouched_ = 0;                 // an earlier recovery has accepted everything up to here
  std::optional<uint64_t> mismatch_;     // position of the first block that is not there
  uint32_t chain_generation_ = 0;        // of the last block that counts; never decreases along the log
  Tail tail_;
  Reassembly open_;
  std::vector<Held> held_;  // records that are not settled: the last ones, of a few commits

  std::map<uint64_t, Counts> counts_;     // by sequence
  Damage damage_;                         // of the last error
  std::vector<Damage>* found_ = nullptr;  // of look()
  struct Kept {
    uint64_t position = 0;
    ByteVector bytes;
  };
  std::vector<Kept> kept_;  // whole records at or behind the first block that is not
};

}  // namespace daos::journal
