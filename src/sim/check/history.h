// What clients did and saw: every operation with the virtual times at which it was asked and answered. The checkers
// read it afterwards and believe nothing else.
//
// A register is what the checker judges by: one key (object, dkey) whose akeys are always updated together. Every
// update writes a value of its own, so a fetch names the update that it saw.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/base/hash.h"
#include "platform/base/units.h"

namespace daos::sim {

using ValueId = uint64_t;
inline constexpr ValueId kAbsent = 0;            // nothing was there
inline constexpr ValueId kMixture = UINT64_MAX;  // akeys of different updates, or bytes that nobody wrote

enum class OperationKind : uint8_t { kUpdate, kFetch };

enum class Outcome : uint8_t {
  kOk,
  kNotExecuted,  // of an update: promised never to take effect; of a fetch: an error
  kUnknown,      // of an update: may take effect at any time, or never. Also what its client did not live to see
};

struct Operation {
  uint32_t client = 0;
  uint32_t key = 0;
  OperationKind kind = OperationKind::kUpdate;
  ValueId value = kAbsent;  // written, or seen
  Outcome outcome = Outcome::kUnknown;
  Time asked;
  Time answered = Time::never();
  std::string error;  // in words, where there was one
};

class History {
 public:
  using Index = size_t;
  Index ask(uint32_t client, uint32_t key, OperationKind kind, ValueId value, Time now) {
    operations_.push_back({.client = client, .key = key, .kind = kind, .value = value, .asked = now});
    return operations_.size() - 1;
  }
  void answer(Index index, Outcome outcome, ValueId value, Time now, std::string error = {}) {
    Operation& operation = operations_[index];
    operation.outcome = outcome;
    operation.value = value;
    operation.answered = now;
    operation.error = std::move(error);
  }
  void add(Operation operation) { operations_.push_back(std::move(operation)); }
  const std::vector<Operation>& operations() const { return operations_; }
  /// Different for whatever is different about two histories.
  uint64_t digest() const {
    TraceHash hash;
    for (const Operation& o : operations_) {
      hash.add(uint64_t{o.client} << 32 | o.key);
      hash.add(static_cast<uint64_t>(o.kind) << 8 | static_cast<uint64_t>(o.outcome));
      hash.add(o.value);
      hash.add(static_cast<uint64_t>(o.asked.ns));
      hash.add(static_cast<uint64_t>(o.answered.ns));
    }
    return hash.value();
  }

 private:
  std::vector<Operation> operations_;
};

/// One line: "client 2 update k3 = #17: ok, 12.000345 .. 12.001234 s"
std::string to_string(const Operation& operation);

}  // namespace daos::sim
