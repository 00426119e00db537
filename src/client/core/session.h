// A slot of the session with one pool's part of one target, held by one update through all its attempts
// (platform/rpc/slots.h). However the update ends, the slot is given back in a state in which nothing late can be
// executed under it any more, or stays out of use until that is so. Belongs to the operation.
#pragma once

#include "client/core/pool.h"
#include "model/messages/object.h"

namespace daos::core {

/// "tcp://host:port" by that map.
std::string address_of(const PoolView& view, const map::Target& target);
/// The same as a peer of this lane; asked by every operation, so it is remembered until the map changes.
Result<fabric::PeerId> peer_of(Lane& lane, const Uuid& pool, const PoolView& view, const map::Target& target);

class SlotLease {
 public:
  /// Waits its turn among the operations of this lane at that target.
  static runtime::Task<Result<SlotLease>> acquire(Lane& lane, PoolRef pool, map::TargetId target, fabric::PeerId peer,
                                                  runtime::CallContext context);
  SlotLease(SlotLease&& other) noexcept = default;
  ~SlotLease() { DX_DCHECK(pool_ == nullptr, "a slot was not given back"); }

  map::TargetId target() const { return target_; }
  rpc::SlotRef ref() const { return ref_; }
  /// Where the target is by the map of the newest attempt.
  void set_peer(fabric::PeerId peer) { peer_ = peer; }
  void count_attempt() { attempts_++; }

  /// The outcome is known, and no other attempt is under way.
  void release();
  /// Ends an update that failed with `why`. Sent once and answered: that is it. Otherwise the slot is closed first:
  /// success if the update had been executed after all, `why` if it never will be, kOutcomeUnknown if that could not be
  /// learnt.
  runtime::Task<Status> give_up(Status why);
  /// As give_up, in the background, by somebody who does not care for the outcome.
  void abandon();

 private:
  SlotLease(Lane& lane, PoolRef pool, map::TargetId target, fabric::PeerId peer, rpc::SlotRef ref)
      : lane_(&lane), pool_(std::move(pool)), target_(target), peer_(peer), ref_(ref) {}
  rpc::SlotPool& session() { return lane_->session(pool_->id(), target_); }

  Lane* lane_;
  PoolRef pool_;  // null once given back
  map::TargetId target_;
  fabric::PeerId peer_;
  rpc::SlotRef ref_;
  int attempts_ = 0;
};

}  // namespace daos::core
