// For each key, the newest write that was sent and the newest that was acknowledged. Kept in shared memory, of a file
// if there is one: a client's process may be killed at any instruction and the ledger still tells the truth, because
// "sent" is noted before the call and "acknowledged" after it. Thread-safety: a key belongs to one client.
//
// The file: a header {magic, version, clients, keys, value bytes, kind, object, class}, then {sent, acknowledged} for
// each key, client by client, in the machine's byte order (it does not travel).
#pragma once

#include <cstdint>
#include <string>

#include "programs/daos_perf/options.h"

namespace daos::perf {

class Ledger {
 public:
  struct Entry {
    uint64_t sent = 0;
    uint64_t acknowledged = 0;
  };

  /// The plan's file, made when it is not there; one of another shape is refused. Without a file: memory that child
  /// processes share.
  static Result<Ledger> open(const Plan& plan);
  Ledger(Ledger&& other) noexcept;
  ~Ledger();

  Entry& entry(uint32_t client, uint64_t index) { return entries_[client * keys_ + index]; }

 private:
  Ledger(void* memory, uint64_t bytes, uint64_t keys);
  void* memory_;
  uint64_t bytes_;
  uint64_t keys_;
  Entry* entries_;
};

/// What a read of a key may have found: from the newest acknowledged write to the newest that was sent. 0: no value.
Status check_sequence(const Ledger::Entry& entry, uint64_t key, uint64_t found);

}  // namespace daos::perf
