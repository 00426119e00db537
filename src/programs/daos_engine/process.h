// A process that is an engine and nothing else: its log, its readiness, its end on a signal.
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

/// Serves until one of the (blocked) signals comes. An error says why the engine could not start, or not end in order.
Status run_engine(const EngineArguments& arguments, const sigset_t& signals);

}  // namespace daos::program
