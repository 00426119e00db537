// What is in a log, read without changing anything: for checks of a system that does not run. Damage does not end it:
// everything that can be read is, and what cannot is listed.
#pragma once

#include <vector>

#include "platform/journal/recovery.h"

namespace daos::journal {

struct SegmentSurvey {
  std::string path;
  uint64_t blocks = 0;
  uint64_t records = 0;  // that end in it and were replayed
};

struct Survey {
  Durability durability = Durability::kPower;
  std::vector<SegmentSurvey> segments;  // by position
  std::vector<std::string> spares;      // paths of files that hold nothing
  std::vector<Damage> damage;
  Tail tail;
};

/// The log in `directory` of `disk`. `replay` gets the records that a recovery would replay, up to the damage if there
/// is any, `lost` those at and behind it that are whole. kBusy when a process has the log; no segments: there is no
/// log.
runtime::Task<Result<Survey>> survey(runtime::Reactor& reactor, storage::Disk& disk, std::string directory,
                                     Replay replay, Recoverer::Lost lost, Prepare prepare = {});

}  // namespace daos::journal
