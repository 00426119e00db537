// Reads a shard as a recovery would, without changing anything, and goes on where a recovery would give up: what can be
// read is in the index, what cannot is in the report.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "platform/runtime/reactor.h"
#include "platform/runtime/task.h"
#include "platform/storage/storage.h"
#include "server/vos/index/index.h"
#include "server/vos/offline/report.h"
#include "server/vos/shard_file.h"
#include "server/vos/transaction_table.h"

namespace daos::vos {

struct ShardSurvey {
  Report report;
  std::optional<ShardSuperblock> superblock;  // unless it cannot be read
  Index index;
  uint64_t sessions = 0;  // slots that have been used
  TransactionTable transactions;
};

/// `directory` of `disk` (best a storage::ReadOnlyDisk). In `engine` are the links to the engine's devices. kBusy while
/// a process has the shard; kNonexistent when there is none.
runtime::Task<Result<std::unique_ptr<ShardSurvey>>> survey_shard(runtime::Reactor& reactor, storage::Disk& disk,
                                                                 std::string directory, std::string engine);

}  // namespace daos::vos
