// Structured lifetime: background work belongs to a Scope, which cannot die before it. Task starts inside spawn(), up
// to its first wait.
#pragma once

#include "platform/runtime/sync.h"

namespace daos::runtime {

class Scope {
 public:
  explicit Scope(Reactor& reactor, StopToken parent = {}) : reactor_(reactor), stop_(parent), idle_(reactor) {
    idle_.set();
  }
  Scope(const Scope&) = delete;
  ~Scope() { DX_CHECK(running_ == 0, "a scope with {} running tasks was destroyed before join()", running_); }

  Reactor& reactor() { return reactor_; }
  StopToken token() { return stop_.token(); }
  size_t running() const { return running_; }

  /// Starts `task`. Its error, if it is the first, is what join() returns; tasks of void cannot fail.
  void spawn(Task<Status> task) {
    begin();
    run(std::move(task));
  }
  void spawn(Task<void> task) {
    begin();
    run(std::move(task));
  }
  /// Asks everything in this scope to end.
  void stop() { stop_.request_stop(); }
  /// Waits until nothing runs. The first error of a spawned task. May be called again after more spawns.
  Task<Status> join() {
    const Status done = co_await idle_.wait({});
    DX_CHECK(done.ok(), "{}", done);
    co_return std::exchange(first_error_, Status());
  }

 private:
  /// The frame that owns a spawned task; destroys itself when it ends.
  struct Runner {
    struct promise_type {
      static void* operator new(size_t bytes) {
        void* frame = allocate_frame(bytes);
        DX_CHECK(frame != nullptr, "no memory for a task");
        return frame;
      }
      static void operator delete(void* frame, size_t bytes) noexcept { free_frame(frame, bytes); }
      Runner get_return_object() { return {}; }
      std::suspend_never initial_suspend() noexcept { return {}; }
      std::suspend_never final_suspend() noexcept { return {}; }
      void return_void() {}
      void unhandled_exception() { std::terminate(); }
    };
  };
  Runner run(Task<Status> task) {
    Status status = co_await std::move(task);
    if (!status.ok() && first_error_.ok()) first_error_ = std::move(status);
    end();
  }
  Runner run(Task<void> task) {
    co_await std::move(task);
    end();
  }
  void begin() {
    if (running_++ == 0) idle_.reset();
  }
  void end() {
    if (--running_ == 0) idle_.set();
  }

  Reactor& reactor_;
  StopSource stop_;
  Event idle_;
  size_t running_ = 0;
  Status first_error_;
};

}  // namespace daos::runtime
