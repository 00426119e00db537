// One client: a process of its own with its own connection, that keeps `depth` operations in flight through an event
// queue until its keys or its time are over. Thread-safety: one thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "programs/daos_perf/latency.h"
#include "programs/daos_perf/ledger.h"
#include "programs/daos_perf/options.h"

namespace daos::perf {

/// What a client tells the process that started it, in memory that both see. The counter is read while the client runs
/// (relaxed: it is for people); the rest after its end, which orders it.
struct ClientResult {
  std::atomic<uint64_t> ended{0};
  Latencies writes;
  Latencies reads;
  uint64_t verified = 0;
  uint64_t absent = 0;    // reads that found no value
  uint64_t begin_ns = 0;  // of the same clock in all processes of a machine
  uint64_t end_ns = 0;
  uint64_t connect_ns = 0;  // daos_init to an open object
  uint64_t cpu_ns = 0;
  int32_t error = 0;  // of Code; 0 for a good end
  char message[512] = {};
};

/// Held by all clients until everybody is connected, so that none measures another's start.
struct StartLine {
  std::atomic<uint32_t> waiting{0};
  std::atomic<uint32_t> open{0};
};

Status run_client(const Plan& plan, uint32_t client, Ledger& ledger, StartLine& line, ClientResult& result);

}  // namespace daos::perf
