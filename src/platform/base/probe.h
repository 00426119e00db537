// Coverage probes: product code says that something rare happened, and a simulation counts it, so that a seed shows
// that it did something. Without a simulation a probe costs one load of a thread's own pointer.
#pragma once

#include <string_view>

namespace daos {

class ProbeSink {
 public:
  virtual ~ProbeSink() = default;
  virtual void hit(std::string_view name) = 0;
};

/// Of the simulation that this thread runs; null everywhere else.
inline constinit thread_local ProbeSink* probe_sink = nullptr;

}  // namespace daos

/// DX_PROBE("slot: duplicate recognised")
#define DX_PROBE(name)                              \
  do {                                              \
    if (::daos::probe_sink != nullptr) [[unlikely]] \
      ::daos::probe_sink->hit(name);                \
  } while (0)
