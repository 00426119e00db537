// Between a client process and the agent's unix socket ($DAOS_AGENT_DRPC_DIR/daos_agent.sock): one request, one answer;
// the process keeps the socket open, and its end is the process's end. Each message is a u32 length, then the encoded
// struct.
#pragma once

#include "model/messages/common.h"

namespace daos::messages {

inline constexpr std::string_view kAgentSocketName = "daos_agent.sock";
inline constexpr std::string_view kControlSocketName = "daos_control.sock";
inline constexpr uint32_t kAttachBytesMax = 1u << 20;

struct AttachRequest {
  uint8_t version = 1;
  Uuid client;
  uint32_t pid = 0;
  bool resume = false;  // the client was attached before: the agent restarted, or the socket dropped
  static void visit(auto&& visitor, auto& self) { visitor(self.version, self.client, self.pid, self.resume); }
};
struct AttachAnswer {
  uint8_t version = 1;
  int32_t code = 0;  // Code's number; then `message` says why
  std::string message;
  Uuid system;
  std::string system_name;
  std::string provider;                        // "ofi+tcp"
  std::vector<std::string> service_addresses;  // "tcp://127.0.0.1:20000", rank 0 first
  Credential credential;
  uint64_t agent_incarnation = 0;
  std::vector<std::string> environment;  // NAME=value, for the client to take where it has none
  static void visit(auto&& visitor, auto& self) {
    visitor(self.version, self.code, self.message, self.system, self.system_name, self.provider, self.service_addresses,
            self.credential, self.agent_incarnation, self.environment);
  }
};

}  // namespace daos::messages
