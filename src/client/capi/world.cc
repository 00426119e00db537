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

std::string agent_directory() {
  char* text = nullptr;
  if (d_agetenv_str(&text, "DAOS_AGENT_DRPC_DIR") != 0) return kAgentDirectoryDefault;
  std::string directory(text);
  d_freeenv_str(&text);
  return directory.empty() ? kAgentDirectoryDefault : directory;
}

}  // namespace

World default_world() {
  World world{.clock = &clock};
  world.transport = [](runtime::EpollPoller& poller) -> Result<std::unique_ptr<fabric::Transport>> {
    return std::unique_ptr<fabric::Transport>(std::make_unique<fabric::tcp::TcpTransport>(poller));
  };
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
