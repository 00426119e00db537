#include "client/core/context.h"

#include <pthread.h>

#include <algorithm>

namespace daos::core {
namespace {

/// The loops that a thread is inside of: one, or two when a completion makes a synchronous call.
struct Inside {
  const Context* context;
  Inside* outer;
};
thread_local Inside* innermost = nullptr;

}  // namespace

/// Taken with the lock held, which it releases; given back on every way out, a thrown failed check included.
class Context::Role {
 public:
  Role(Context& context, std::unique_lock<std::mutex>& lock)
      : context_(context), lock_(lock), inside_{&context, innermost} {
    context_.driven_ = true;
    lock_.unlock();
    innermost = &inside_;
    context_.clock_.resume();
    context_.lane_.learn_clock();
  }
  ~Role() {
    context_.clock_.pause();
    innermost = inside_.outer;
    lock_.lock();
    context_.driven_ = false;
    context_.hand_over();
  }
  Role(const Role&) = delete;

 private:
  Context& context_;
  std::unique_lock<std::mutex>& lock_;
  Inside inside_;
};

/// Owns a running operation's coroutine; destroys itself when it ends. Without memory for it the operation ends with
/// kNoMemory (begin).
struct Context::Started {
  bool has_frame = true;
  struct promise_type {
    static void* operator new(size_t bytes) noexcept { return runtime::allocate_frame(bytes); }  // see runtime/task.h
    static void operator delete(void* frame, size_t bytes) noexcept { runtime::free_frame(frame, bytes); }
    static Started get_return_object_on_allocation_failure() noexcept { return {false}; }
    Started get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }  // a task answers bad_alloc and failed checks itself
  };
};

Result<std::unique_ptr<Context>> Context::create(Options options) {
  std::unique_ptr<runtime::EpollPoller> poller = DX_TRY(runtime::EpollPoller::create());
  const auto make_transport = std::move(options.transport);
  const fabric::Identity identity{
      .client = options.client->id(), .context = options.number, .role = fabric::Role::kClient};
  std::unique_ptr<Context> context(new Context(std::move(options), std::move(poller)));
  if (make_transport) {
    context->transport_ = DX_TRY(make_transport(*context->poller_));
    DX_TRY(context->lane_.open(*context->transport_, identity));
  }
  return context;
}

Context::Context(Options options, std::unique_ptr<runtime::EpollPoller> poller)
    : real_(*options.clock),
      poller_(std::move(poller)),
      clock_(real_),
      reactor_({.clock = &clock_, .seed = options.seed, .log = options.log}),
      driver_(reactor_, *poller_),
      lane_(reactor_, *options.client) {}

Context::~Context() = default;

bool Context::driven_by_me() const {
  for (const Inside* inside = innermost; inside != nullptr; inside = inside->outer) {
    if (inside->context == this) return true;
  }
  return false;
}

bool Context::inside_any() { return innermost != nullptr; }

Context::Started Context::run_operation(Operation* operation, runtime::Task<Status> task) {
  operation->outcome = co_await std::move(task);
  end(operation);
}

void Context::begin(Operation* operation, runtime::Task<Status> task) {
  running_++;
  started_unsent_++;
  if (!run_operation(operation, std::move(task)).has_frame) {
    operation->outcome = Status(Code::kNoMemory);
    end(operation);
  }
}

void Context::end(Operation* operation) {
  running_--;
  finished_.push_back(*operation);
}

void Context::launch(runtime::Task<Status> task, Completion done) {
  auto operation = std::make_unique<Operation>();
  operation->done = std::move(done);
  pending_.fetch_add(1, std::memory_order_relaxed);
  if (driven_by_me()) {  // in a completion: the loop sends it before it gives up the role
    begin(operation.release(), std::move(task));
    return;
  }
  std::unique_lock lock(mutex_);
  if (driven_) {
    post(lock, [this, o = operation.release(), t = std::move(task)]() mutable { begin(o, std::move(t)); });
    return;
  }
  Role role(*this, lock);
  begin(operation.release(), std::move(task));
  if (expected_ > 0) expected_--;
  const bool send_now = running_ <= kSentAtOnce && expected_ == 0;
  if (send_now || started_unsent_ >= kSentAtOnce) turn();
  complete_finished();
  if (send_now) send_started();
}

/// To the thread that drives. Should it give up the role meanwhile without noticing, this thread goes round once.
void Context::post(std::unique_lock<std::mutex>& lock, std::move_only_function<void()> function) {
  lock.unlock();
  try {
    reactor_.post(std::move(function));
  } catch (...) {
    pending_.fetch_sub(1, std::memory_order_relaxed);
    throw;
  }
  lock.lock();
  if (driven_) return;
  Role role(*this, lock);
  turn();
  complete_finished();
}

void Context::deliver(Status outcome, Completion done) {
  auto operation = std::make_unique<Operation>();
  operation->done = std::move(done);
  operation->outcome = std::move(outcome);
  pending_.fetch_add(1, std::memory_order_relaxed);
  if (driven_by_me()) {
    finished_.push_back(*operation.release());
    return;
  }
  std::unique_lock lock(mutex_);
  if (driven_) {
    post(lock, [this, o = operation.release()] { finished_.push_back(*o); });
    return;
  }
  Role role(*this, lock);
  finished_.push_back(*operation.release());
  complete_finished();
  send_started();
}

Status Context::run(runtime::Task<Status> task) {
  if (driven_by_me()) return error(Code::kBusy, "a synchronous call inside a completion of its own context");
  struct Outcome {
    std::atomic<bool> known{false};  // release/acquire: publishes status
    Status status;
  };
  // Shared, because a failed check may unwind this frame while the operation is still under way.
  const auto outcome = std::make_shared<Outcome>();
  launch(std::move(task), [outcome](Status status) {
    outcome->status = std::move(status);
    outcome->known.store(true, std::memory_order_release);
  });
  drive([&] { return outcome->known.load(std::memory_order_acquire); }, kForever);
  return std::move(outcome->status);
}

void Context::turn() {
  started_unsent_ = 0;
  reactor_.turn();
}

void Context::step(Duration sleep_max) {
  started_unsent_ = 0;
  driver_.step(finished_.empty() ? sleep_max : Duration(0));
  complete_finished();
}

/// Completions may launch more, which may finish at once: bounded, so that the waiter gets its turn.
void Context::complete_finished() {
  if (finished_.empty()) return;
  lane_.tell_clock();
  expected_ += finished_.size();
  for (size_t n = finished_.size(); n > 0; n--) {
    std::unique_ptr<Operation> operation(&finished_.front());
    finished_.pop_front();
    operation->done(std::move(operation->outcome));
    operation.reset();
    pending_.fetch_sub(1, std::memory_order_release);
  }
  std::lock_guard lock(mutex_);
  for (Waiter& waiter : waiters_) {
    if (waiter.ready()) waiter.woken.notify_one();
  }
}

/// What completions have launched leaves before the role does.
void Context::send_started() {
  for (int rounds = 0; rounds < 4 && (started_unsent_ > 0 || !finished_.empty()); rounds++) {
    turn();
    complete_finished();
  }
}

bool Context::drive(absl::FunctionRef<bool()> ready, Duration limit) {
  if (driven_by_me()) return ready();
  const Time until = limit == kForever ? Time::never() : real_.now() + limit;
  if (limit > Duration(0) && ready()) return true;
  std::unique_lock lock(mutex_);
  for (;;) {
    if (!driven_) {
      bool is_ready;
      {
        Role role(*this, lock);
        expected_ = 0;
        do {
          const Duration left = until == Time::never() ? kSleepMax : until - real_.now();
          step(std::clamp(left, Duration(0), kSleepMax));
          is_ready = ready();
        } while (!is_ready && real_.now() < until);
        send_started();
      }
      return is_ready;
    }
    if (limit == Duration(0)) return ready();
    Waiter waiter(ready);
    if (!ready()) wait(lock, waiter, until);
    const bool is_ready = ready();
    if (is_ready || real_.now() >= until) {
      hand_over();  // the role may have been offered to this thread
      return is_ready;
    }
  }
}

/// Until woken or late. Wakes that mean nothing are fine: the caller looks again.
void Context::wait(std::unique_lock<std::mutex>& lock, Waiter& waiter, Time until) {
  waiters_.push_back(waiter);
  if (until == Time::never()) {
    waiter.woken.wait(lock);
  } else {
    // The injected clock's time; std::condition_variable would read a clock of its own choice.
    const timespec when{.tv_sec = until.ns / 1'000'000'000, .tv_nsec = until.ns % 1'000'000'000};
    pthread_cond_clockwait(waiter.woken.native_handle(), mutex_.native_handle(), CLOCK_MONOTONIC, &when);
  }
  waiters_.erase(waiters_.iterator_to(waiter));
}

/// With the lock held and nobody driving: the next waiter takes the role.
void Context::hand_over() {
  if (!driven_ && !waiters_.empty()) waiters_.front().woken.notify_one();
}

void Context::nudge() {
  {
    std::lock_guard lock(mutex_);
    for (Waiter& waiter : waiters_) {
      if (waiter.ready()) waiter.woken.notify_one();
    }
  }
  reactor_.post([] {});  // ends the driver's sleep: it looks again after each step
}

void Context::close() {
  std::atomic<bool> closed{false};
  reactor_.post([this, &closed] {
    lane_.background().spawn([](Lane& lane, std::atomic<bool>& end) -> runtime::Task<void> {
      lane.background().stop();
      end.store(true, std::memory_order_release);
      co_return;
    }(lane_, closed));
  });
  // Operations first, then the lane: an operation that gives up still needs its endpoint to close its slot.
  drive([&] { return closed.load(std::memory_order_acquire) && pending_.load(std::memory_order_acquire) == 0; },
        kForever);
  closed.store(false, std::memory_order_relaxed);
  std::optional<runtime::Scope> scope;
  reactor_.post([&] {
    scope.emplace(reactor_);
    scope->spawn([](Lane& lane, std::atomic<bool>& end) -> runtime::Task<void> {
      co_await lane.close();
      end.store(true, std::memory_order_release);
    }(lane_, closed));
  });
  drive([&] { return closed.load(std::memory_order_acquire) && scope->running() == 0; }, kForever);
}

void Context::abandon_after_fork() {
  poller_->abandon_after_fork();
  lane_.node().abandon_after_fork();
}

}  // namespace daos::core
