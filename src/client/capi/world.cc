// The library's surroundings in a real process: clocks, sockets, the agent, the environment.
#include <unistd.h>

#include <gurt/common.h>

#include "client/capi/library.h"
#include "client/core/attach.h"
#include "platform/fabric/tcp/tcp.h"

namespace daos::capi {
namespace {

constinit runtime::SystemClock clock;
constexpr const char* kAgentDirectoryDefault = "/var/run/daos_agent";

/// Empty where it is not set.
std::string variable(const char* name) {
  char* text = nullptr;
  if (d_agetenv_str(&text, name) != 0) return {};
  std::string value(text);
  d_freeenv_str(&text);
  return value;
}

std::string agent_directory() {
  std::string directory = variable("DAOS_AGENT_DRPC_DIR");
  return directory.empty() ? kAgentDirectoryDefault : directory;
}

}  // namespace

World default_world() {
  World world{.clock = &clock};
  world.transport = [doors = world.doors](runtime::EpollPoller& poller) -> Result<std::unique_ptr<fabric::Transport>> {
    return std::unique_ptr<fabric::Transport>(std::make_unique<fabric::tcp::TcpTransport>(poller, doors.get()));
  };
  world.embedded = variable("DAOS_EMBEDDED");
  world.embedded_settings = {.targets = variable("DAOS_EMBEDDED_TARGETS"),
                             .pool_size = variable("DAOS_EMBEDDED_SIZE"),
                             .durability = variable("DAOS_EMBEDDED_DURABILITY")};
  world.system = [](const Uuid& client) -> std::unique_ptr<core::SystemSource> {
    return std::make_unique<core::Agent>(agent_directory(), client, static_cast<uint32_t>(getpid()));
  };
  unsigned seconds = 0;
  if (d_getenv_uint("DAOS_CLIENT_TIMEOUT", &seconds) == 0 && seconds > 0) {
    world.patience.total = std::chrono::seconds(seconds);
  }
  d_getenv_bool("DAOS_PIPELINE", &world.pipelines);
  return world;
}

}  // namespace daos::capi
