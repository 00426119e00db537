// Ports on the loopback interface, below those that the system hands out by itself, so that no outgoing connection of
// anybody takes one while its engine is down. Thread-safety: one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/messages/system.h"
#include "platform/base/status.h"
#include "platform/runtime/rng.h"

namespace daos::local {

inline constexpr std::string_view kLoopback = "127.0.0.1";

/// Whether a listener could be opened there now.
bool port_is_free(uint16_t port);
/// The first port that the system hands out by itself.
uint16_t first_ephemeral_port();

class PortChooser {
 public:
  explicit PortChooser(uint64_t seed) : rng_(seed) {}
  /// Keeps a port for somebody who has it already, free or not.
  void reserve(uint16_t port) { taken_.insert(port); }
  /// One that is free now and that nobody here was given. kNoSpace when there is none.
  Result<uint16_t> choose();
  /// A whole new address for an engine with that many targets.
  Result<messages::EngineAddress> choose_address(uint32_t targets);

 private:
  runtime::Rng rng_;
  std::set<uint16_t> taken_;
};

/// The address's ports that cannot be listened on now.
std::vector<uint16_t> taken_ports(const messages::EngineAddress& address);

}  // namespace daos::local
