// An endpoint on sockets: a listener, its connections, its outgoing peers (which outlive their connections) and the
// memory it has lent. A poll source of its reactor: receives at the start of a turn, sends at its end. Thread-safety:
// the reactor's thread.
#pragma once

#include <absl/container/btree_map.h>
#include <absl/container/flat_hash_map.h>

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "platform/fabric/tcp/connection.h"

namespace daos::fabric::tcp {

class TcpEndpoint : public Endpoint, public runtime::PollSource, public runtime::FdHandler, public ConnectionHost {
 public:
  /// After a failed attempt, or a connection that died before its hello: how long the next attempt waits.
  static constexpr Duration kBackoffLeast = std::chrono::milliseconds(1);
  static constexpr Duration kBackoffMost = std::chrono::seconds(1);
  /// Without a free descriptor, connections wait in the kernel's queue for this long before they are tried again.
  static constexpr Duration kAcceptPause = std::chrono::milliseconds(100);
  static constexpr int kAcceptsPerTurnMax = 64;
  /// A connection that received this lately is tried in each turn, whether or not the poller named it; at most so many.
  static constexpr Duration kHot = std::chrono::microseconds(50);
  static constexpr size_t kHotMax = 4;

  static Result<std::unique_ptr<TcpEndpoint>> open(runtime::Reactor& reactor, runtime::EpollPoller& poller,
                                                   Doors* doors, EndpointOptions options, Receiver& receiver);
  ~TcpEndpoint() override;

  std::string address() const override { return address_; }
  Result<PeerId> peer(const std::string& address) override;
  void send(PeerId to, ByteSpan head, IoBuf payload) override;
  void drop(PeerId peer, const Status& why) override;
  MemoryKey lend(Access access, std::vector<MutableByteSpan> memory) override;
  void revoke(MemoryKey key) override;
  runtime::Task<Status> get(PeerId from, RemoteMemory memory, IoBuf into, runtime::CallContext context) override;
  runtime::Task<Status> put(PeerId to, RemoteMemory memory, IoBuf from, runtime::CallContext context) override;
  void abandon_after_fork() override;

  bool poll() override;
  void flush() override;

 private:
  struct Peer {
    Connection* connection = nullptr;
    bool outgoing = false;
    SocketAddress address;  // outgoing
    Duration backoff{0};    // outgoing: since the last hello that went well
    Time not_before;        // outgoing: of the next attempt
  };

  TcpEndpoint(runtime::Reactor& reactor, runtime::EpollPoller& poller, Doors* doors, EndpointOptions options,
              Receiver& receiver);
  Status listen();
  /// The next connection that waits, or -1.
  Result<int> next_incoming(SocketAddress& from);
  void accept();
  void resume_accepting();
  /// The peer's connection, begun if need be. Null for an incoming peer that is gone, or an id that never was.
  Connection* connection_of(PeerId id);
  bool bury();
  static Status gone(PeerId peer);
  static std::tuple<Uuid, uint32_t, uint64_t> who(const Hello& hello);

  runtime::Reactor& reactor() override { return reactor_; }
  runtime::EpollPoller& poller() override { return poller_; }
  ReceiveBuffer& receive_buffer() override { return receive_buffer_; }
  SendBuffer& send_buffer() override { return send_buffer_; }
  LentMemory& lent_memory() override { return lent_; }
  Doors* doors() override { return doors_; }
  const Identity& identity() const override { return identity_; }
  uint64_t endpoint_nonce() const override { return nonce_; }
  void on_open(Connection& connection) override;
  void on_message(Connection& connection, IoBuf message) override;
  void on_ready(Connection& connection) override;
  void on_dirty(Connection& connection) override;
  void on_dead(Connection& connection) override;
  void on_ready(uint32_t events) override { accept_ready_ = true; }

  // Constant after construction.
  runtime::Reactor& reactor_;
  runtime::EpollPoller& poller_;
  Doors* const doors_;
  const Identity identity_;
  const uint64_t nonce_;
  const std::string listen_;
  Receiver& receiver_;

  int listener_ = -1;
  bool listens_at_door_ = false;
  std::string address_;
  bool accept_ready_ = false;
  runtime::Timer accept_timer_;

  ReceiveBuffer receive_buffer_;
  SendBuffer send_buffer_;
  LentMemory lent_;
  absl::flat_hash_map<uint64_t, Peer> peers_;                               // by PeerId; never iterated
  absl::btree_map<std::string, PeerId> outgoing_;                           // by normalised address
  absl::btree_map<std::tuple<Uuid, uint32_t, uint64_t>, PeerId> incoming_;  // by who connected
  absl::btree_map<uint64_t, std::unique_ptr<Connection>> connections_;      // by serial number
  uint64_t last_peer_ = 0;
  uint64_t last_serial_ = 0;
  std::vector<Connection*> ready_;
  std::vector<Connection*> processing_;
  std::vector<Connection*> dirty_;
  std::vector<Connection*> flushing_;
  std::vector<Connection*> hot_;
  std::vector<Connection*> dead_;
};

}  // namespace daos::fabric::tcp
