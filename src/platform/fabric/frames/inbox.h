// The way to an endpoint from elsewhere: safe from any thread, and after the endpoint is gone.
#pragma once

#include <memory>
#include <mutex>

#include "platform/runtime/reactor.h"

namespace daos::fabric {

class FrameEndpoint;

class Inbox : public std::enable_shared_from_this<Inbox> {
 public:
  Inbox(runtime::Reactor& reactor, FrameEndpoint& endpoint) : reactor_(&reactor), endpoint_(&endpoint) {}

  /// Runs `what` in a later turn of the endpoint's reactor, in order of posting, unless the endpoint is gone by then.
  /// False if it is gone already.
  template <class F>
  bool post(F what) {
    std::lock_guard lock(mutex_);  // held over the post, so that close() is not overtaken and the reactor lives
    if (reactor_ == nullptr) return false;
    reactor_->post([self = shared_from_this(), what = std::move(what)]() mutable {
      if (self->endpoint_ != nullptr) what(*self->endpoint_);
    });
    return true;
  }
  /// From the endpoint's thread.
  void close() {
    std::lock_guard lock(mutex_);
    reactor_ = nullptr;
    endpoint_ = nullptr;
  }

 private:
  std::mutex mutex_;
  runtime::Reactor* reactor_;  // guarded by mutex_
  FrameEndpoint* endpoint_;    // touched on the endpoint's thread only
};

}  // namespace daos::fabric
