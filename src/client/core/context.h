// A context: a reactor with an endpoint (a lane) that has no thread of its own. Whoever waits for something drives it;
// the others sleep and inherit the role. Operations are coroutines on it; their completions run from the loop, never
// inside a resume, in the thread that drives.
//
// Thread-safety: launch, run, drive from any thread. A completion may launch on any context; it may not drive this one
// (drive returns at once then, and run is refused with kBusy): a synchronous call in a callback uses another context.
#pragma once

#include <absl/functional/function_ref.h>

#include <atomic>
#include <boost/intrusive/list.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "client/core/client_clock.h"
#include "client/core/lane.h"
#include "platform/runtime/driver.h"

namespace daos::core {

class Context {
 public:
  struct Options {
    runtime::Clock* clock = nullptr;  // the machine's (CLOCK_MONOTONIC); outlives the context
    uint64_t seed = 0;
    Logger log;
    Client* client = nullptr;  // outlives the context
    uint32_t number = 0;       // of the endpoint, unique within the client
    /// Makes the transport; empty: no network (tests).
    std::function<Result<std::unique_ptr<fabric::Transport>>(runtime::EpollPoller&)> transport;
  };
  static Result<std::unique_ptr<Context>> create(Options options);
  ~Context();
  Context(const Context&) = delete;

  Lane& lane() { return lane_; }
  runtime::EpollPoller& poller() { return *poller_; }

  using Completion = std::move_only_function<void(Status)>;
  /// Starts `task`: at once if nobody drives, else as soon as the driving thread comes by. `done` is called exactly
  /// once, from the loop, perhaps before this returns. Throws bad_alloc, and then nothing was started.
  void launch(runtime::Task<Status> task, Completion done);
  /// As launch, of an operation whose outcome is known already.
  void deliver(Status outcome, Completion done);
  /// Starts `task` and drives until it has ended.
  Status run(runtime::Task<Status> task);

  static constexpr Duration kForever = Duration::max();
  /// Waits until `ready()`, driving whenever nobody else does; 0: one round. False when the limit passed first. `ready`
  /// is called from any thread that drives, with the context's lock held or not, and may take no lock under which
  /// launch, drive or nudge is called.
  bool drive(absl::FunctionRef<bool()> ready, Duration limit);
  /// Something other than an operation of this context may have made a waiter ready.
  void nudge();
  /// Whether the calling thread is inside this context's loop: in a completion.
  bool driven_by_me() const;
  /// Whether the calling thread is inside any context's loop.
  static bool inside_any();

  /// Asks everything to end, drives until it has, closes the endpoint. Not from a completion.
  void close();
  /// In a forked child: closes this process's copies of descriptors and touches nothing else. The context is then only
  /// good for being forgotten: not even destroyed.
  void abandon_after_fork();

 private:
  // Up to this many operations in flight each is sent as it is launched; beyond, sixteen leave together. A program that
  // has just been handed some completions is about to launch as many again, so these leave together too, with the last
  // of them or with the next wait: sent one by one, each would cost both sides a system call of its own.
  static constexpr size_t kSentAtOnce = 16;
  static constexpr Duration kSleepMax = std::chrono::seconds(10);

  struct Operation : boost::intrusive::list_base_hook<> {
    Completion done;
    Status outcome;
  };
  struct Waiter : boost::intrusive::list_base_hook<> {
    explicit Waiter(absl::FunctionRef<bool()> r) : ready(r) {}
    absl::FunctionRef<bool()> ready;
    std::condition_variable woken;
  };
  struct Started;  // the frame of a running operation
  class Role;      // the right to drive, as a scope

  explicit Context(Options options, std::unique_ptr<runtime::EpollPoller> poller);
  Started run_operation(Operation* operation, runtime::Task<Status> task);
  void begin(Operation* operation, runtime::Task<Status> task);
  void post(std::unique_lock<std::mutex>& lock, std::move_only_function<void()> function);
  void end(Operation* operation);
  void turn();
  void step(Duration sleep_max);
  void complete_finished();
  void send_started();
  void wait(std::unique_lock<std::mutex>& lock, Waiter& waiter, Time until);
  void hand_over();

  // constant after construction
  runtime::Clock& real_;
  std::unique_ptr<runtime::EpollPoller> poller_;

  // owned by whoever drives
  ClientClock clock_;
  runtime::Reactor reactor_;
  runtime::Driver driver_;
  std::unique_ptr<fabric::Transport> transport_;
  Lane lane_;
  boost::intrusive::list<Operation> finished_;
  size_t running_ = 0;         // started, not finished
  size_t started_unsent_ = 0;  // since the last turn
  size_t expected_ = 0;        // completions of the last wait that no launch has taken the place of

  std::atomic<size_t> pending_{0};  // launched, not completed; release/acquire: close() must see what completions wrote

  std::mutex mutex_;
  bool driven_ = false;                     // guarded by mutex_
  boost::intrusive::list<Waiter> waiters_;  // guarded by mutex_
};

}  // namespace daos::core
