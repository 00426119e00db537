// The memory that values take on their way between clients and a target's store: bounded, and shared out fairly. Who
// has to wait gets its turn session by session, so that one client with many long values does not keep the others
// away; within a session, in order of asking. Thread-safety: the target's reactor.
#pragma once

#include <deque>
#include <map>

#include "platform/rpc/slots.h"
#include "platform/runtime/sync.h"

namespace daos::target {

class BulkBuffers {
 public:
  BulkBuffers(runtime::Reactor& reactor, uint64_t bytes_max)
      : reactor_(reactor), bytes_max_(bytes_max), free_(bytes_max) {}
  BulkBuffers(const BulkBuffers&) = delete;

  /// What one operation holds, until it ends.
  class Hold {
   public:
    Hold() = default;
    Hold(BulkBuffers& owner, uint64_t bytes) : owner_(&owner), bytes_(bytes) {}
    Hold(Hold&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), bytes_(other.bytes_) {}
    Hold& operator=(Hold&& other) noexcept {
      std::swap(owner_, other.owner_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Hold() {
      if (owner_ != nullptr) owner_->give_back(bytes_);
    }

   private:
    BulkBuffers* owner_ = nullptr;
    uint64_t bytes_ = 0;
  };

  /// Waits for `bytes`; more than there are altogether is taken for all of them. kTimedOut, kCancelled: by the context.
  runtime::Task<Result<Hold>> acquire(rpc::EndpointId session, uint64_t bytes, runtime::CallContext context);
  uint64_t bytes_max() const { return bytes_max_; }
  uint64_t free_bytes() const { return free_; }
  size_t waiting() const { return waiting_; }

 private:
  struct Request {
    explicit Request(runtime::Reactor& reactor, uint64_t wanted) : granted(reactor), bytes(wanted) {}
    runtime::Event granted;
    uint64_t bytes;
  };
  using Queues = std::map<rpc::EndpointId, std::deque<Request*>>;

  void give_back(uint64_t bytes) {
    free_ += bytes;
    hand_out();
  }
  void hand_out();
  void leave(const rpc::EndpointId& session, Request& request);

  runtime::Reactor& reactor_;
  const uint64_t bytes_max_;
  uint64_t free_;
  Queues queues_;         // none empty
  rpc::EndpointId last_;  // whose turn it was
  size_t waiting_ = 0;
};

}  // namespace daos::target
