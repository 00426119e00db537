// Counts of rare things that happened, by name; the proof that a seed did something.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "platform/base/probe.h"

namespace daos::sim {

class Probes : public ProbeSink {
 public:
  void hit(std::string_view name) override { add(name, 1); }
  void add(std::string_view name, uint64_t n) {
    if (n == 0) return;
    const auto it = counts_.find(name);
    if (it == counts_.end()) {
      counts_.emplace(name, n);
    } else {
      it->second += n;
    }
  }
  void add(const Probes& other) {
    for (const auto& [name, n] : other.counts_) add(name, n);
  }
  uint64_t count(std::string_view name) const {
    const auto it = counts_.find(name);
    return it == counts_.end() ? 0 : it->second;
  }
  const std::map<std::string, uint64_t, std::less<>>& counts() const { return counts_; }

 private:
  std::map<std::string, uint64_t, std::less<>> counts_;
};

/// Makes `sink` the thread's for as long as this lives.
class ProbeScope {
 public:
  explicit ProbeScope(ProbeSink& sink) : before_(std::exchange(probe_sink, &sink)) {}
  ~ProbeScope() { probe_sink = before_; }
  ProbeScope(const ProbeScope&) = delete;

 private:
  ProbeSink* before_;
};

}  // namespace daos::sim
