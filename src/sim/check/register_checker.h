// Judges a history: is there, for every key, one order of its operations that respects real time and in which each
// fetch sees the update just before it? That is linearizability of a register; it covers durability (an acknowledged
// update that a crash lost is one that later fetches do not see), exactly-once (a duplicate applied is an old value
// that comes back), and atomicity (a mixture was written by nobody).
//
// Method (Gibbons and Korach, 1997): since every value is written once, an update and the fetches that saw it form a
// cluster. With low = the earliest answer and high = the latest asking in the cluster, the value was certainly there
// over [low, high] if low < high (a forward zone), and otherwise certainly at some point of [high, low] (a backward
// zone). An order exists if and only if no two forward zones overlap and no backward zone lies within a forward one.
// O(n log n).
//
// An update of unknown outcome that nobody saw is left out; one that somebody saw is taken as answered never, since it
// may take effect long after its client gave up.
#pragma once

#include <string>
#include <vector>

#include "sim/check/history.h"

namespace daos::sim {

struct Violation {
  uint32_t key = 0;
  std::string what;                   // one sentence
  std::vector<Operation> operations;  // that prove it, by time of asking
  std::string to_string() const;
};

/// Every key's first violation, by key.
std::vector<Violation> check_registers(const History& history);

}  // namespace daos::sim
