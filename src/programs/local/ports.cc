#include "programs/local/ports.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace daos::local {
namespace {
constexpr uint16_t kLowest = 20'000;        // below stand services that people know by number
constexpr uint16_t kNotEphemeral = 32'768;  // Linux's own default
constexpr int kAttempts = 4096;
}  // namespace

bool port_is_free(uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const int one = 1;  // as the transport does: connections that linger are no obstacle, listeners are
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  const bool free =
      ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(fd, 1) == 0;
  ::close(fd);
  return free;
}

uint16_t first_ephemeral_port() {
  std::ifstream file("/proc/sys/net/ipv4/ip_local_port_range");
  unsigned first = 0;
  if (!(file >> first) || first < 1024 || first > 65535) return kNotEphemeral;
  return static_cast<uint16_t>(first);
}

Result<uint16_t> PortChooser::choose() {
  const uint16_t end = std::max<uint16_t>(first_ephemeral_port(), 2048);
  const uint16_t begin = end > kLowest + 1000 ? kLowest : 1024;
  for (int attempt = 0; attempt < kAttempts; attempt++) {
    const auto port = static_cast<uint16_t>(begin + rng_.below(static_cast<uint64_t>(end - begin)));
    if (!taken_.contains(port) && port_is_free(port)) {
      taken_.insert(port);
      return port;
    }
  }
  return error(Code::kNoSpace, "no free port on {} between {} and {}", kLoopback, begin, end - 1);
}

Result<messages::EngineAddress> PortChooser::choose_address(uint32_t targets) {
  messages::EngineAddress address;
  address.host = std::string(kLoopback);
  address.system_port = DX_TRY(choose());
  for (uint32_t target = 0; target < targets; target++) address.target_ports.push_back(DX_TRY(choose()));
  return address;
}

std::vector<uint16_t> taken_ports(const messages::EngineAddress& address) {
  std::vector<uint16_t> taken;
  if (!port_is_free(address.system_port)) taken.push_back(address.system_port);
  for (const uint16_t port : address.target_ports) {
    if (!port_is_free(port)) taken.push_back(port);
  }
  return taken;
}

}  // namespace daos::local
