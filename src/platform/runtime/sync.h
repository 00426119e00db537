// Waiting within one reactor, always with a CallContext: Completion (one value, one waiter), Event (many waiters),
// Semaphore (first come, first served), and sleep. Waiters are resumed through the reactor's queue, never from inside
// the call that ends their wait.
#pragma once

#include <boost/intrusive/list.hpp>
#include <coroutine>
#include <optional>

#include "platform/base/check.h"
#include "platform/base/status.h"
#include "platform/runtime/reactor.h"
#include "platform/runtime/task.h"

namespace daos::runtime {

/// One suspended coroutine that a wake, its deadline or its stop token resumes, whichever comes first.
class Waiter : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Waiter(Reactor& reactor, CallContext context)
      : reactor_(reactor),
        context_(context),
        on_stop_(context.stop, [](void* self) { static_cast<Waiter*>(self)->end(Code::kCancelled); }, this) {}
  Waiter(const Waiter&) = delete;

  /// Why not to suspend at all: already stopped, or already late.
  Code refused() const {
    if (context_.stop.stop_requested()) return Code::kCancelled;
    if (context_.deadline <= reactor_.now()) return Code::kTimedOut;
    return Code::kOk;
  }
  void suspend(std::coroutine_handle<> handle) {
    handle_ = handle;
    if (context_.deadline != Time::never()) {
      timer_.arm(
          reactor_, context_.deadline, [](void* self) { static_cast<Waiter*>(self)->end(Code::kTimedOut); }, this);
    }
  }
  void end(Code outcome) {
    if (!handle_) return;
    unlink();
    timer_.cancel();
    outcome_ = outcome;
    reactor_.ready(std::exchange(handle_, nullptr));
  }
  Code outcome() const { return outcome_; }

 private:
  Reactor& reactor_;
  CallContext context_;
  StopCallback on_stop_;
  Timer timer_;
  std::coroutine_handle<> handle_;
  Code outcome_ = Code::kOk;
};
using WaiterList = boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>>;

/// co_await sleep(reactor, {deadline, stop}): kTimedOut is the success of a sleep and becomes ok; kCancelled when
/// stopped.
inline Task<Status> sleep(Reactor& reactor, CallContext context) {
  struct Awaiter {
    Waiter waiter;
    bool await_ready() const { return waiter.refused() != Code::kOk; }
    void await_suspend(std::coroutine_handle<> handle) { waiter.suspend(handle); }
    Code await_resume() const {
      const Code refused = waiter.refused();
      return refused != Code::kOk ? refused : waiter.outcome();
    }
  };
  const Code code = co_await Awaiter{Waiter(reactor, context)};
  co_return code == Code::kTimedOut || code == Code::kOk ? Status() : Status(code);
}

/// Lets everything else that is ready run first.
inline auto yield(Reactor& reactor) {
  struct Awaiter {
    Reactor& reactor;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) { reactor.ready(handle); }
    void await_resume() const {}
  };
  return Awaiter{reactor};
}

/// One value from one producer to one waiter. The first set() wins; a set() after the wait gave up is dropped.
template <class T>
class Completion {
 public:
  explicit Completion(Reactor& reactor) : reactor_(reactor) {}
  Completion(const Completion&) = delete;

  void set(T value) {
    if (value_) return;
    value_.emplace(std::move(value));
    if (waiter_ != nullptr) waiter_->end(Code::kOk);
  }
  bool is_set() const { return value_.has_value(); }

  /// The value; kTimedOut or kCancelled when the context ends first. Awaited at most once.
  auto wait(CallContext context) {
    struct Awaiter {
      Completion& owner;
      Waiter waiter;
      Code refused = Code::kOk;
      Awaiter(Completion& c, CallContext context) : owner(c), waiter(c.reactor_, context) {}
      Awaiter(const Awaiter&) = delete;
      ~Awaiter() { owner.waiter_ = nullptr; }
      bool await_ready() {
        if (owner.value_) return true;
        refused = waiter.refused();
        return refused != Code::kOk;
      }
      void await_suspend(std::coroutine_handle<> handle) {
        owner.waiter_ = &waiter;
        waiter.suspend(handle);
      }
      Result<T> await_resume() {
        if (owner.value_) return std::move(*owner.value_);  // a value that came in the same turn beats the time-out
        return Status(refused != Code::kOk ? refused : waiter.outcome());
      }
    };
    return Awaiter(*this, context);
  }

 private:
  Reactor& reactor_;
  Waiter* waiter_ = nullptr;
  std::optional<T> value_;
};

/// Something that happens, once or again after reset(); any number of waiters.
class Event {
 public:
  explicit Event(Reactor& reactor) : reactor_(reactor) {}
  void set() {
    set_ = true;
    while (!waiters_.empty()) waiters_.front().end(Code::kOk);
  }
  void reset() { set_ = false; }
  bool is_set() const { return set_; }

  auto wait(CallContext context) {
    struct Awaiter {
      Event& owner;
      Waiter waiter;
      Code refused = Code::kOk;
      Awaiter(Event& e, CallContext context) : owner(e), waiter(e.reactor_, context) {}
      bool await_ready() {
        if (owner.set_) return true;
        refused = waiter.refused();
        return refused != Code::kOk;
      }
      void await_suspend(std::coroutine_handle<> handle) {
        waiter.suspend(handle);
        owner.waiters_.push_back(waiter);
      }
      Status await_resume() {
        const Code code = refused != Code::kOk ? refused : waiter.outcome();
        return code == Code::kOk ? Status() : Status(code);
      }
    };
    return Awaiter(*this, context);
  }

 private:
  Reactor& reactor_;
  WaiterList waiters_;
  bool set_ = false;
};

/// Credits, handed out in order of asking.
class Semaphore {
 public:
  Semaphore(Reactor& reactor, uint64_t credits) : reactor_(reactor), credits_(credits) {}
  void release(uint64_t n = 1) {
    credits_ += n;
    hand_out();
  }
  uint64_t available() const { return credits_; }

  auto acquire(CallContext context, uint64_t n = 1) {
    struct Awaiter : Request {
      Semaphore& owner;
      Code refused = Code::kOk;
      Awaiter(Semaphore& s, CallContext context, uint64_t n) : Request(s.reactor_, context, n), owner(s) {}
      ~Awaiter() {
        if (!this->granted) owner.hand_out();  // one that gave up at the front may have held the others back
      }
      bool await_ready() {
        if (owner.waiters_.empty() && owner.credits_ >= this->wanted) {
          owner.credits_ -= this->wanted;
          this->granted = true;
          return true;
        }
        refused = this->refused_code();
        return refused != Code::kOk;
      }
      void await_suspend(std::coroutine_handle<> handle) {
        this->suspend(handle);
        owner.waiters_.push_back(*this);
      }
      Status await_resume() {
        if (this->granted) return {};
        return Status(refused != Code::kOk ? refused : this->outcome());
      }
    };
    return Awaiter(*this, context, n);
  }

 private:
  struct Request : Waiter {
    Request(Reactor& reactor, CallContext context, uint64_t n) : Waiter(reactor, context), wanted(n) {}
    Code refused_code() const { return Waiter::refused(); }
    uint64_t wanted;
    bool granted = false;
  };
  void hand_out() {
    while (!waiters_.empty()) {
      auto& front = static_cast<Request&>(waiters_.front());
      if (front.wanted > credits_) return;
      credits_ -= front.wanted;
      front.granted = true;
      front.end(Code::kOk);
    }
  }

  Reactor& reactor_;
  uint64_t credits_;
  WaiterList waiters_;
};

}  // namespace daos::runtime
