// What a replica has on its disk, read without changing anything, and the state that it adds up to: for checks of a
// system that does not run.
#pragma once

#include "platform/consensus/replica.h"
#include "platform/journal/survey.h"

namespace daos::consensus {

struct ReplicaSurvey {
  std::string snapshot_path;
  bool has_snapshot = false;
  Status snapshot;  // why it cannot be used
  journal::Position snapshot_position;
  journal::Survey log;    // among its damage: commands that the machine does not take
  uint64_t commands = 0;  // applied
};

/// `machine` is empty; afterwards it holds what could be read. kBusy while a process has the log.
runtime::Task<Result<ReplicaSurvey>> survey_replica(runtime::Reactor& reactor, storage::Disk& disk,
                                                    std::string directory, StateMachine& machine);

}  // namespace daos::consensus
