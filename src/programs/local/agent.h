// Answers attach requests on the agent's socket, and reports clients that are gone to the system service. A client
// keeps its socket open; its end is the client's end. Belongs to one reactor.
//
// Over a restart of the agent: who was attached stands in a file. A client notices that its socket closed, and attaches
// again with its id; what has not come back 10 s after the agent did is reported as gone, a process that no longer
// exists at once.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "model/messages/attach.h"
#include "platform/fabric/local_socket.h"
#include "platform/runtime/scope.h"
#include "programs/local/clients_file.h"
#include "programs/local/service_client.h"

namespace daos::local {

struct AgentOptions {
  std::string socket_path;
  std::string clients_file;
  Uuid system;
  std::string system_name;
  std::string provider = "ofi+tcp";
  uint64_t incarnation = 0;
  Duration resume_limit = std::chrono::seconds(10);
};

/// Who runs as these numbers, by name where they have one: "alice@", "1234@".
messages::Credential credential_of(const fabric::PeerCredentials& who);

class Agent : public fabric::LocalServer::Handler {
 public:
  Agent(runtime::EpollPoller& poller, ServiceClient& services, AgentOptions options)
      : poller_(poller),
        services_(services),
        options_(std::move(options)),
        scope_(services.reactor()),
        file_(options_.clients_file, services.reactor().log()) {}

  Status open();
  /// Ends all connections without reporting anybody: after the restart they come back.
  runtime::Task<void> close();
  size_t attached() const { return clients_.size(); }

  void on_request(fabric::LocalServer::ConnectionId from, const fabric::PeerCredentials& who,
                  ByteSpan request) override;
  void on_end(fabric::LocalServer::ConnectionId connection) override;

 private:
  struct Client {
    uint32_t pid = 0;
    uint32_t uid = 0;
    uint64_t connection = 0;  // 0: attached before this agent started, has not come back yet
  };
  messages::AttachAnswer attach(fabric::LocalServer::ConnectionId from, const fabric::PeerCredentials& who,
                                ByteSpan request);
  void end_client(Uuid client);
  runtime::Task<void> report(Uuid client);
  runtime::Task<void> evict_absent();

  runtime::EpollPoller& poller_;
  ServiceClient& services_;
  AgentOptions options_;
  runtime::Scope scope_;
  std::unique_ptr<fabric::LocalServer> server_;
  std::map<Uuid, Client> clients_;
  std::map<uint64_t, Uuid> by_connection_;
  std::set<Uuid> reporting_;  // gone, but the system service does not know yet
  ClientsFile file_;
};

}  // namespace daos::local
