// Clients that update and fetch a few keys at random, and write down what they saw.
#pragma once

#include <vector>

#include "sim/check/history.h"
#include "sim/world/world.h"

namespace daos::sim {

inline constexpr size_t kLongValue = 64 * kKiB;       // and more: lent rather than sent
inline constexpr size_t kValueBytesMax = 300 * kKiB;  // of one akey

/// One register as it is stored: a few akeys of one dkey, always updated together, every value carrying its id.
size_t akeys_of(uint32_t key);
std::vector<IoBuf> make_values(uint32_t key, ValueId id);
/// The id that all of them carry; kAbsent when none is there; kMixture for anything else.
ValueId read_values(uint32_t key, const std::vector<IoBuf>& values);

struct Answer {
  Outcome outcome = Outcome::kUnknown;
  ValueId value = kAbsent;  // of a fetch
  std::string error;
};

/// How a client reaches the system under test.
class RegisterClient {
 public:
  virtual ~RegisterClient() = default;
  virtual runtime::Task<Answer> update(uint32_t key, ValueId value) = 0;
  virtual runtime::Task<Answer> fetch(uint32_t key) = 0;
};

struct Workload {
  uint32_t keys = 4;
  uint32_t lanes = 2;  // operations of one client at a time
  Duration think_max = std::chrono::milliseconds(10);
  uint32_t updates_percent = 50;

  History history;
  ValueId next_value = 1;
  uint32_t next_client = 1;
  bool over = false;  // no new operations
};

/// Operations one after the other until the workload is over, `stop` is asked for, or the life crashes.
runtime::Task<void> run_lane(Life& life, RegisterClient& client, Workload& workload, uint32_t number, runtime::Rng rng,
                             runtime::StopToken stop);
/// One fetch of each key, until it succeeds. Part of the history like everything else.
runtime::Task<void> read_all(Life& life, RegisterClient& client, Workload& workload, uint32_t number,
                             runtime::StopToken stop);

}  // namespace daos::sim
