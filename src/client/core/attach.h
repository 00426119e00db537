// The agent's unix socket: where a process learns what its system is. Asked at first use; the socket then stays open
// for the process's life, because its end is how the system learns that the process has ended. When the agent restarts,
// the client attaches again under the same id, so that its handles live on.
//
// Thread-safety: any thread. The exchange blocks (for at most kAskMax), under a lock: who comes meanwhile waits for its
// result.
#pragma once

#include <mutex>
#include <optional>

#include "client/core/client.h"
#include "platform/fabric/local_socket.h"

namespace daos::core {

class Agent : public SystemSource {
 public:
  static constexpr Duration kAskMax = std::chrono::seconds(3);
  static constexpr Duration kLookEvery = std::chrono::seconds(1);

  /// `directory`: $DAOS_AGENT_DRPC_DIR.
  Agent(const std::string& directory, Uuid client, uint32_t pid);

  /// kAgentComm, naming the socket and the way out, when nobody has ever answered. Once attached, the last answer is
  /// good enough while the agent is away.
  runtime::Task<Result<SystemRef>> find(Lane& lane) override;
  runtime::Task<void> keep(Lane& lane) override;
  void abandon_after_fork() override;

 private:
  Status attach();
  Result<SystemRef> ask();

  const std::string path_;
  const Uuid client_;
  const uint32_t pid_;
  std::mutex mutex_;  // guards what follows
  std::optional<fabric::LocalSocket> socket_;
  SystemRef view_;
};

}  // namespace daos::core
