// A slot of the session with one pool's part of one target, held by one update through all its attempts
// (platform/rpc/slots.h). However the update ends, the slot is given back in a state in which nothing late can be
// executed under it any more, or stays out of use until that is so. Belongs to the operation.
#pragma once

#include "client/core/pool.h"
#include "model/messages/object.h"

namespace daos::core {

class SlotLease {
 public:
  /// Waits its turn among the operations of this lane at that target.
  static runtime::Task<Result<SlotLease>> acquire(Lane& lane, PoolRef pool, map::TargetId target, std::string address,
                                                  runtime::CallContext context);
  SlotLease(SlotLease&& other) noexcept = default;
  ~SlotLease() { DX_DCHECK(pool_ == nullptr, "a slot was not given back"); }

  map::TargetId target() const { return target_; }
  rpc::SlotRef ref() const { return ref_; }
  void set_address(const std::string& address) { address_ = address; }
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
  SlotLease(Lane& lane, PoolRef pool, map::TargetId target, std::string address, rpc::SlotRef ref)
      : lane_(&lane), pool_(std::move(pool)), target_(target), address_(std::move(address)), ref_(ref) {}
  rpc::SlotPool& session() { return lane_->session(pool_->id(), target_); }

  Lane* lane_;
  PoolRef pool_;  // null once given back
  map::TargetId target_;
  std::string address_;
  rpc::SlotRef ref_;
  int attempts_ = 0;
};

}  // namespace daos::core
