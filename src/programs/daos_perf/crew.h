// All clients of a run: starts one process for each, prints progress, waits, and gathers what they found.
// Thread-safety: one thread, in a process that has not touched the library (a client initialises it in its own
// process).
#pragma once

#include <vector>

#include "programs/daos_perf/client.h"
#include "programs/daos_perf/options.h"

namespace daos::perf {

struct Outcome {
  Latencies writes;
  Latencies reads;
  uint64_t verified = 0;
  uint64_t absent = 0;
  double seconds = 0;        // from the first client's begin to the last one's end
  double cpu_seconds = 0;    // of all clients, from begin to end
  double connect_ms = 0;     // the slowest client's way from daos_init to an open object
  double slowest_share = 1;  // the slowest client's rate, as a share of the mean
};

/// The first client's error, if one failed; the others are ended.
Result<Outcome> run_clients(const Plan& plan);

}  // namespace daos::perf
