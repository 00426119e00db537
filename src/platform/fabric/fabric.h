// The network seam: messages between endpoints, and memory lent by key. Transports behind it: tcp/, in_process/, sim/;
// RDMA later is one more folder. An endpoint belongs to one reactor and is used from its thread only.
//
// What a transport promises
// - Messages to one peer arrive whole and in order, or not at all; after on_peer_down nothing sent before arrives.
// - send() never blocks and never fails: a peer that is gone is told by on_peer_down, and a deadline above decides.
// Bounds
//   are the caller's (credits of the rpc layer).
// - Everything sent to one peer within a reactor turn leaves in one write at its end.
// - A put followed by a message to the same peer: the message arrives behind the data.
// - After revoke() returns nobody reads or writes the lent memory, whatever is under way; the peer's get or put then
// ends with
//   kKeyRevoked, and nothing else on the connection notices.
// - An outgoing peer is reached again after its death by the next send(), with back-off, without anybody's doing. An
// incoming
//   peer ends with its connection.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "platform/base/bytes.h"
#include "platform/base/status.h"
#include "platform/base/strong_id.h"
#include "platform/base/uuid.h"
#include "platform/runtime/reactor.h"
#include "platform/runtime/task.h"

namespace daos::fabric {

/// Of one endpoint; never reused. Outgoing: one per address. Incoming: one per connection.
using PeerId = StrongId<struct PeerTag>;
/// 64 random bits, valid for one attempt of one operation; 0 is none.
using MemoryKey = StrongId<struct MemoryKeyTag>;

/// A message, with its payload, may not be longer; a frame that claims to be ends the connection.
inline constexpr size_t kMessageBytesMax = 4u << 20;
/// Bulk payload travels in chunks of at most this, each behind a header.
inline constexpr size_t kChunkBytesMax = 256u << 10;

enum class Role : uint8_t { kClient = 0, kEngine = 1 };

/// Who an endpoint is, told to each peer before anything else.
struct Identity {
  Uuid client;               // a client's id, or an engine's uuid
  uint32_t context = 0;      // which context (client) or target (engine)
  uint64_t incarnation = 0;  // differs after each restart
  Role role = Role::kClient;
  static void visit(auto&& visitor, auto& self) { visitor(self.client, self.context, self.incarnation, self.role); }
};

enum class Access : uint8_t {
  kPeerReads = 1,   // the peer may get()
  kPeerWrites = 2,  // the peer may put()
};

struct RemoteMemory {
  MemoryKey key;
  uint64_t offset = 0;  // bytes from the start of what was lent
  static void visit(auto&& visitor, auto& self) { visitor(self.key, self.offset); }
};

/// Who an endpoint tells. Called from inside the reactor's poll; may send, must not destroy the endpoint.
class Receiver {
 public:
  virtual ~Receiver() = default;
  /// `message` may be kept: it shares the receive buffer.
  virtual void on_message(PeerId from, IoBuf message) = 0;
  /// The peer said who it is: before its first message; for an outgoing peer again after each reconnection.
  virtual void on_peer_up(PeerId peer, const Identity& identity) {}
  /// The connection is gone: what was under way is lost or of unknown fate. An outgoing PeerId stays usable.
  virtual void on_peer_down(PeerId peer, const Status& why) = 0;
};

class Endpoint {
 public:
  virtual ~Endpoint() = default;

  /// Where it listens ("tcp://127.0.0.1:20011"); empty when it only connects.
  virtual std::string address() const = 0;
  /// The peer at that address; connects with the first send. The same address gives the same id.
  virtual Result<PeerId> peer(const std::string& address) = 0;
  /// `head` is copied, `payload` (may be empty) is sent from where it is; the peer receives them as one message.
  virtual void send(PeerId to, ByteSpan head, IoBuf payload = {}) = 0;
  /// Ends a connection on purpose (a peer that breaks the protocol). on_peer_down follows.
  virtual void drop(PeerId peer, const Status& why) = 0;

  /// Lends memory that stays the caller's: the pieces are one range of bytes for the peer.
  virtual MemoryKey lend(Access access, std::vector<MutableByteSpan> memory) = 0;
  virtual void revoke(MemoryKey key) = 0;
  /// Reads into.size() bytes of what the peer lent. Ends with kKeyRevoked, kConnectionLost, or the context's end; the
  /// buffer's bytes are undefined then.
  virtual runtime::Task<Status> get(PeerId from, RemoteMemory memory, IoBuf into, runtime::CallContext context) = 0;
  /// Writes from.size() bytes into what the peer lent. Success means "ahead of the next message to that peer".
  virtual runtime::Task<Status> put(PeerId to, RemoteMemory memory, IoBuf from, runtime::CallContext context) = 0;

  /// In a forked child: closes this process's copies of descriptors and touches nothing else.
  virtual void abandon_after_fork() {}
};

struct EndpointOptions {
  std::string listen;  // empty: only connects. Port 0: any free one; address() tells which.
  Identity identity;
};

class Transport {
 public:
  virtual ~Transport() = default;
  /// `receiver` outlives the endpoint. A port in use is kBusy, naming it.
  virtual Result<std::unique_ptr<Endpoint>> open(runtime::Reactor& reactor, EndpointOptions options,
                                                 Receiver& receiver) = 0;
};

}  // namespace daos::fabric
