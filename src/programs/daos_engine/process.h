// What an engine needs around it in a process: a lock, its superblock, threads with disks and transports, signals.
#pragma once

#include <signal.h>

#include <string>

#include "platform/base/status.h"

namespace daos::program {

struct EngineArguments {
  std::string directory;
  std::string log;
  int ready_fd = -1;
};

/// Held for as long as the process lives: two engines on one folder would write over each other. kBusy when another
/// process has it.
Status lock_folder(const std::string& directory);

/// Serves until one of the (blocked) signals comes. An error says why the engine could not start, or not end in order.
Status run_engine(const EngineArguments& arguments, const sigset_t& signals);

}  // namespace daos::program
