// The fabric's promises on top of a Carrier: peers, reconnection with back-off, batches per turn, lent memory. Shared
// by the transports of one process (../in_process, ../sim), which differ in their carrier only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "platform/fabric/fabric.h"
#include "platform/fabric/frames/frame.h"
#include "platform/fabric/frames/inbox.h"
#include "platform/runtime/sync.h"

namespace daos::fabric {

class FrameEndpoint : public Endpoint, private runtime::PollSource {
 public:
  /// Chunks of one transfer under way at a time: two keep a pipe busy, and a revoked key stops the rest.
  static constexpr size_t kChunksUnderWayMax = 2;
  static constexpr Duration kBackOffMin = std::chrono::milliseconds(10);
  static constexpr Duration kBackOffMax = std::chrono::seconds(1);

  FrameEndpoint(runtime::Reactor& reactor, EndpointOptions options, Receiver& receiver);
  ~FrameEndpoint() override;

  std::string address() const override { return address_; }
  Result<PeerId> peer(const std::string& address) override;
  void send(PeerId to, ByteSpan head, IoBuf payload) override;
  void drop(PeerId peer, const Status& why) override;
  MemoryKey lend(Access access, std::vector<MutableByteSpan> memory) override;
  void revoke(MemoryKey key) override;
  runtime::Task<Status> get(PeerId from, RemoteMemory memory, IoBuf into, runtime::CallContext context) override;
  runtime::Task<Status> put(PeerId to, RemoteMemory memory, IoBuf from, runtime::CallContext context) override;

  // --- for the transport that made it
  const std::shared_ptr<Inbox>& inbox() const { return inbox_; }
  void start(std::string address, std::unique_ptr<Carrier> carrier);
  Carrier& carrier() { return *carrier_; }

  // --- told by the carrier, inside a turn
  void link_accepted(LinkId link);
  void link_up(LinkId link);
  void link_frames(LinkId link, std::vector<Frame> frames);
  void link_down(LinkId link, const Status& why);

 private:
  struct Peer {
    PeerId id;
    std::string address;  // empty: incoming
    LinkId link;          // 0: none
    bool up = false;      // the link is established
    bool greeted = false;
    std::vector<Frame> queue;  // leaves at the end of the turn, or once the link is up
    bool dirty = false;
    uint32_t failures = 0;  // since the last greeting
    Time not_before;        // the next attempt
    runtime::Timer retry;
    FrameEndpoint* owner = nullptr;
  };
  struct Lent {
    Access access;
    std::vector<MutableByteSpan> memory;
    uint64_t bytes = 0;
  };
  /// A get or put of ours under way.
  struct Transfer {
    explicit Transfer(runtime::Reactor& reactor) : ended(reactor), room(reactor, kChunksUnderWayMax) {}
    PeerId peer;
    IoBuf into;
    uint64_t got = 0;
    runtime::Completion<std::monostate> ended;
    runtime::Semaphore room;
    Status failed;  // why, once it has ended
  };
  /// A peer's get from memory lent here.
  struct Serving {
    MemoryKey key;
    uint64_t offset = 0;
    uint64_t bytes = 0;
    uint64_t sent = 0;
  };
  using ServingKey = std::pair<PeerId, uint64_t>;

  bool poll() override { return false; }
  void flush() override;

  Peer* find(PeerId id);
  void enqueue(Peer& peer, Frame frame);
  void connect(Peer& peer);
  void greet(Peer& peer);
  void handle(Peer& peer, Frame frame);
  void serve_get(Peer& peer, const Frame& frame);
  void send_chunk(Peer& peer, uint64_t transfer, Serving& serving);
  void take_get_chunk(Peer& peer, const Frame& frame);
  void take_put_chunk(Peer& peer, const Frame& frame);
  void refuse(Peer& peer, uint64_t transfer, Status why);
  void end_transfer(uint64_t id, Status status);
  void fail_transfers(PeerId peer, const Status& why);
  Status check_access(RemoteMemory memory, uint64_t bytes, Access wanted) const;

  runtime::Reactor& reactor_;
  Identity identity_;
  Receiver& receiver_;
  std::string address_;
  std::shared_ptr<Inbox> inbox_;
  std::unique_ptr<Carrier> carrier_;
  uint64_t next_peer_ = 1;
  uint64_t next_transfer_ = 1;
  std::map<PeerId, Peer> peers_;
  std::map<std::string, PeerId> by_address_;
  std::map<LinkId, PeerId> by_link_;
  std::vector<PeerId> dirty_;  // in order of their first frame of this turn
  runtime::Timer flush_soon_;  // for what is sent behind this turn's flush, or outside of a turn
  std::map<MemoryKey, Lent> lent_;
  std::map<uint64_t, std::shared_ptr<Transfer>> transfers_;
  std::map<ServingKey, Serving> serving_;
};

}  // namespace daos::fabric
