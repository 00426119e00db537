// One connection: a socket, its two halves, its hello, and the bulk operations that this side began on it. Dies once,
// of the first error; who owns it is told, and destroys it later from the top of a turn. Thread-safety: the endpoint's
// thread.
#pragma once

#include <absl/container/btree_map.h>

#include <string>

#include "platform/fabric/tcp/doors.h"
#include "platform/fabric/tcp/inbound.h"
#include "platform/fabric/tcp/outbound.h"
#include "platform/fabric/tcp/socket.h"
#include "platform/runtime/epoll_poller.h"
#include "platform/runtime/sync.h"

namespace daos::fabric::tcp {

class Connection;

/// A get or put that somebody awaits. Lives in that coroutine's frame; unregisters itself when the frame ends.
class Operation {
 public:
  struct Outcome {
    Status status;
  };
  explicit Operation(runtime::Reactor& reactor) : done(reactor) {}
  Operation(const Operation&) = delete;
  ~Operation();

  runtime::Completion<Outcome> done;
  Connection* connection = nullptr;  // null once it ended
  uint32_t id = 0;
  MutableByteSpan into;  // of a get; empty: a put
  uint64_t arrived = 0;  // bytes of a get; chunks come in order
};

/// What a connection uses of its endpoint.
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;
  virtual runtime::Reactor& reactor() = 0;
  virtual runtime::EpollPoller& poller() = 0;
  virtual ReceiveBuffer& receive_buffer() = 0;
  virtual SendBuffer& send_buffer() = 0;
  virtual LentMemory& lent_memory() = 0;
  /// Null: there are none.
  virtual Doors* doors() = 0;
  virtual const Identity& identity() const = 0;
  virtual uint64_t endpoint_nonce() const = 0;
  /// The hello is done. For an incoming connection this gives it its peer id.
  virtual void on_open(Connection& connection) = 0;
  virtual void on_message(Connection& connection, IoBuf message) = 0;
  /// It has something to receive, or a connection attempt has ended: wants process() in this turn.
  virtual void on_ready(Connection& connection) = 0;
  /// It has something to send: wants flush() at the end of this turn.
  virtual void on_dirty(Connection& connection) = 0;
  virtual void on_dead(Connection& connection) = 0;
};

class Connection : public FrameSink, public runtime::FdHandler, public Outbound::Observer {
 public:
  /// Of an attempt to connect, and of the first frame after it.
  static constexpr Duration kHelloLimit = std::chrono::seconds(5);
  /// What one side holds for a peer that does not take it; beyond that the peer is taken for broken.
  static constexpr size_t kHeldBytesMax = 2 * IoBuf::kMaxBytes;  // more than the longest put

  /// Will connect once `begin` is due; what is sent before waits.
  Connection(ConnectionHost& host, uint64_t serial, PeerId peer, const SocketAddress& to, Time begin);
  /// Was accepted, or came in by a door; has no peer id before its hello.
  Connection(ConnectionHost& host, uint64_t serial, int fd, const SocketAddress& from);
  ~Connection() override;

  uint64_t serial() const { return serial_; }
  PeerId peer() const { return peer_; }
  void set_peer(PeerId peer) { peer_ = peer; }
  bool dead() const { return state_ == State::kDead; }
  bool open() const { return state_ == State::kOpen; }
  /// Its hello went well once.
  bool was_open() const { return was_open_; }
  bool outgoing() const { return outgoing_; }
  const Hello& remote() const { return remote_; }
  const Status& why() const { return why_; }
  std::string name() const;

  void send(ByteSpan head, IoBuf payload);
  void get(Operation& operation, RemoteMemory from);
  void put(Operation& operation, RemoteMemory to, IoBuf from);
  /// Nobody waits for it any more: its memory is not touched again.
  void give_up(Operation& operation);
  /// Gives up every pointer into that lent memory.
  void forget(MemoryKey key);

  /// Receives and delivers what has come. True if anything had.
  bool process();
  /// Sends what is queued, as far as the socket takes it and one turn's share allows.
  void flush();
  /// Ends it; operations fail at once, the socket closes at once.
  void die(Status why);
  void close_after_fork();

  // Marks of the host's lists, so that a connection is on each at most once.
  bool listed_ready = false;
  bool listed_dirty = false;
  Time hot_until;  // received lately: worth a look without being asked to

 private:
  enum class State : uint8_t { kWaiting, kConnecting, kHello, kOpen, kDead };

  void begin_connect();
  Result<int> begin_socket();
  bool end_connect();
  void on_timer();
  void queue_hello(FrameKind kind, uint16_t version);
  Status on_hello(const FrameHeader& header, const IoBuf& payload);
  Status on_get(const FrameHeader& header, const IoBuf& payload);
  void mark_dirty();
  void watch_output(bool wanted);
  Operation* operation(uint32_t id);
  Operation* take_operation(uint32_t id);
  uint32_t add_operation(Operation& operation);

  void on_ready(uint32_t events) override;
  Status on_frame(const FrameHeader& header, IoBuf payload) override;
  Status on_chunk(const FrameHeader& header, std::vector<MutableByteSpan>& landing) override;
  Status on_get_chunk(const FrameHeader& header, std::vector<MutableByteSpan>& landing);
  Status on_put_chunk(const FrameHeader& header, std::vector<MutableByteSpan>& landing);
  Status on_chunk_end(const FrameHeader& header) override;
  void on_put_committed(uint32_t operation) override;

  // Constant after construction.
  ConnectionHost& host_;
  const uint64_t serial_;
  const bool outgoing_;
  const SocketAddress address_;

  PeerId peer_;
  int fd_ = -1;
  State state_;
  bool was_open_ = false;
  bool connect_ended_ = false;   // reported by the poller, not yet looked at
  bool output_watched_ = false;  // the socket is full: its next room is reported
  bool more_chunks_ = false;     // the last chunk of a put said that another follows
  Status why_;
  Hello remote_;
  runtime::Timer timer_;  // kWaiting: when to begin; until kOpen: when to give up
  IoBuf hello_;           // what is left of our own hello to send
  Inbound in_;
  Outbound out_;
  absl::btree_map<uint32_t, Operation*> operations_;
  size_t gets_ = 0;  // of them
  uint32_t last_operation_ = 0;
};

}  // namespace daos::fabric::tcp
