#include "client/capi/tse_scheduler.h"

#include <daos_errno.h>
#include <pthread.h>

#include <algorithm>
#include <new>
#include <utility>

namespace daos::capi {
namespace {

constinit runtime::SystemClock machine_clock;
constinit std::atomic<runtime::Clock*> test_clock{nullptr};
constexpr Duration kForever = Duration::max();

/// Schedulers whose instant tasks this thread is running. A task that becomes ready inside is left to the loop that is
/// already there, so that a chain of any length needs no more stack than one.
struct Inside {
  const Scheduler* scheduler;
  Inside* outer;
};
thread_local Inside* innermost = nullptr;

bool is_inside(const Scheduler* scheduler) {
  for (const Inside* inside = innermost; inside != nullptr; inside = inside->outer) {
    if (inside->scheduler == scheduler) return true;
  }
  return false;
}

TaskState* pop(d_list_t& list) {
  if (d_list_empty(&list)) return nullptr;
  TaskState& task = TaskState::of_queue(list.next);
  d_list_del_init(&task.queue);
  return &task;
}

}  // namespace

runtime::Clock& Scheduler::clock() {
  runtime::Clock* clock = test_clock.load(std::memory_order_acquire);
  return clock != nullptr ? *clock : machine_clock;
}
void Scheduler::set_clock_for_test(runtime::Clock* clock) { test_clock.store(clock, std::memory_order_release); }

Scheduler* Scheduler::make(tse_sched_t* sched) { return new (std::nothrow) Scheduler(sched); }

Scheduler* Scheduler::of(tse_sched_t* sched) {
  if (sched == nullptr) return nullptr;
  const auto* space = reinterpret_cast<const Space*>(sched->ds_private.ds_space);
  return space->magic == Space::kMagic ? space->scheduler : nullptr;
}

Scheduler::Scheduler(tse_sched_t* sched) : sched_(sched) {
  for (d_list_t* list : {&ready_, &next_, &waiting_, &sleeping_, &instants_, &settled_, &completed_}) {
    D_INIT_LIST_HEAD(list);
  }
}

Scheduler::~Scheduler() {
  while (callbacks_ != nullptr) delete std::exchange(callbacks_, callbacks_->next);
}

void Scheduler::drop_reference() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

void Scheduler::drop_use() {
  if (uses_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  *reinterpret_cast<Space*>(sched_->ds_private.ds_space) = {};
  finish();
  drop_reference();
}

// ------------------------------------------------------------------------------------------------------- queues

void Scheduler::enqueue_ready(TaskState& task) {
  // What is scheduled while progress() runs is for the next one: a task that always starts itself again does not hold
  // it.
  d_list_t& list = task.instant ? instants_ : task.round == round_ ? next_ : ready_;
  d_list_add_tail(&task.queue, &list);
}

void Scheduler::enqueue(TaskState& task, Duration delay) {
  task.phase = Phase::kScheduled;
  task.round = round_;
  if (delay > Duration(0)) {
    sleep(task, delay);
  } else if (task.dependencies > 0) {
    d_list_add_tail(&task.queue, &waiting_);
  } else {
    enqueue_ready(task);
  }
}

void Scheduler::sleep(TaskState& task, Duration delay) {
  task.sleeping = true;
  const int64_t now = now_ns();
  task.due_ns = delay.count() < INT64_MAX - now ? now + delay.count() : INT64_MAX;
  d_list_t* after = sleeping_.prev;
  while (after != &sleeping_ && TaskState::of_queue(after).due_ns > task.due_ns) after = after->prev;
  d_list_add(&task.queue, after);
  changes_++;
}

void Scheduler::wake_sleepers() {
  if (d_list_empty(&sleeping_)) return;
  const int64_t now = now_ns();
  while (!d_list_empty(&sleeping_)) {
    TaskState& task = TaskState::of_queue(sleeping_.next);
    if (task.due_ns > now) return;
    d_list_del_init(&task.queue);
    task.sleeping = false;
    if (task.dependencies > 0) {
      d_list_add_tail(&task.queue, &waiting_);
    } else {
      enqueue_ready(task);
    }
  }
}

void Scheduler::schedule(TaskState& task, bool instant, Duration delay) {
  Lock lock(mutex_);
  if (task.phase != Phase::kInit) return;
  if (closed_) {
    lock.unlock();
    complete(task, -DER_CANCELED);
    return;
  }
  active_++;
  task.instant = instant;
  if (instant && task.dependencies == 0) {
    task.round = round_;
    add_reference();
    run(task, lock);  // it may be gone afterwards, and all the others too
    changed();
    drop_reference();
  } else {
    enqueue(task, delay);
    lock.unlock();
    changed();
  }
}

// ------------------------------------------------------------------------------------------------------ running

/// False: the task's fate was decided meanwhile.
bool Scheduler::run_preparations(TaskState& task, uint32_t turn, Lock& lock) {
  while (TaskCallback* callback = task.preparations) {
    task.preparations = callback->next;
    lock.unlock();
    const int result = callback->function(task.task(), callback->argument);
    TaskCallback::free(callback);
    lock.lock();
    if (task.turn != turn) return false;
    if (result != 0 && task.task()->dt_result == 0) task.task()->dt_result = result;
  }
  if (task.dependencies == 0) {
    task.waits = false;
    return true;
  }
  // They have given it something to wait for.
  task.in_body = false;
  task.turn++;
  task.phase = Phase::kScheduled;
  d_list_add_tail(&task.queue, &waiting_);
  return false;
}

/// The task is on no queue. Comes with the lock held, leaves without.
void Scheduler::run(TaskState& task, Lock& lock) {
  task.add_reference();
  task.phase = Phase::kRunning;
  task.in_body = true;
  task.waits = false;
  const uint32_t turn = ++task.turn;
  bool settled = false;
  uint32_t completion = 0;
  if (run_preparations(task, turn, lock)) {
    if (task.body != nullptr) {
      const tse_task_func_t body = task.body;
      lock.unlock();
      body(task.task());
      lock.lock();
    }
    if (task.turn == turn) {
      task.in_body = false;
      settled = task.waits && task.dependencies == 0;
      if (settled) completion = begin_completion(task, 0);
    }
  }
  lock.unlock();
  if (settled) run_completions(task, completion);
  task.drop_reference();
}

/// Instant tasks that became ready, and tasks that have waited for others and are done with them.
void Scheduler::run_instants() {
  Inside inside{this, innermost};
  innermost = &inside;
  for (;;) {
    Lock lock(mutex_);
    if (TaskState* done = pop(settled_)) {
      done->add_reference();
      const uint32_t turn = begin_completion(*done, 0);
      lock.unlock();
      run_completions(*done, turn);
      done->drop_reference();
    } else if (TaskState* instant = pop(instants_)) {
      run(*instant, lock);
    } else {
      break;
    }
  }
  innermost = inside.outer;
}

void Scheduler::run_instants_once() {
  if (!is_inside(this)) run_instants();
}

void Scheduler::progress() {
  {
    Lock lock(mutex_);
    round_++;
    d_list_splice_init(&next_, ready_.prev);
    wake_sleepers();
  }
  complete_ended();
  run_instants();
  for (;;) {
    Lock lock(mutex_);
    TaskState* task = pop(ready_);
    if (task == nullptr) break;
    run(*task, lock);
  }
  drop_completed();
}

/// A completed task stays until here, so that whoever completed it may still look at its result.
void Scheduler::drop_completed() {
  for (;;) {
    Lock lock(mutex_);
    TaskState* task = pop(completed_);
    if (task == nullptr) return;
    task->scheduler_references = false;
    lock.unlock();
    task->drop_reference();
  }
}

// -------------------------------------------------------------------------------------------------------- calls

bool Scheduler::call_started(TaskState& task, CallDriver& driver) {
  driver_.store(&driver, std::memory_order_release);
  {
    Lock lock(mutex_);
    if (task.call_running) return false;
    task.call_running = true;
    task.call_turn = task.turn;
    task.add_reference();
    calls_++;
    changes_++;
  }
  changed();
  return true;
}

void Scheduler::ended(TaskState& task, int result) {
  add_reference();
  bool closed;
  {
    Lock lock(mutex_);
    task.call_result = result;
    task.next_ended = nullptr;
    (first_ended_ != nullptr ? last_ended_->next_ended : first_ended_) = &task;
    last_ended_ = &task;
    closed = closed_;
  }
  if (closed) complete_ended();  // nobody makes progress any more
  changed();
  drop_reference();
}

void Scheduler::complete_ended() {
  for (;;) {
    Lock lock(mutex_);
    TaskState* task = first_ended_;
    if (task == nullptr) return;
    first_ended_ = task->next_ended;
    task->call_running = false;
    calls_--;
    const bool mine = task->turn == task->call_turn;
    const uint32_t turn = mine ? begin_completion(*task, task->call_result) : 0;
    lock.unlock();
    if (mine) run_completions(*task, turn);
    changed();
    task->drop_reference();  // the call's
  }
}

// ------------------------------------------------------------------------------------------------------ waiting

bool Scheduler::has_work() {
  return is_empty() || first_ended_ != nullptr || !d_list_empty(&ready_) || !d_list_empty(&next_) ||
         !d_list_empty(&instants_) || !d_list_empty(&settled_) ||
         (!d_list_empty(&sleeping_) && TaskState::of_queue(sleeping_.next).due_ns <= now_ns());
}

/// A waiter counts itself before it takes the lock and looks. So either it sees what was changed under the lock before,
/// or this sees the waiter.
void Scheduler::changed() {
  if (waiters_.load(std::memory_order_relaxed) == 0) return;
  {
    Lock lock(mutex_);
    changes_++;
    work_.notify_all();
  }
  if (CallDriver* driver = driver_.load(std::memory_order_acquire)) driver->nudge();
}

bool Scheduler::wait(Duration limit, CallDriver* driver) {
  if (driver != nullptr) driver_.store(driver, std::memory_order_release);
  const int64_t now = now_ns();
  const int64_t until = limit.count() < INT64_MAX - now ? now + limit.count() : INT64_MAX;
  waiters_.fetch_add(1, std::memory_order_relaxed);
  Lock lock(mutex_);
  bool worth = has_work();
  while (!worth && now_ns() < until) {
    const int64_t wake = d_list_empty(&sleeping_) ? until : std::min(until, TaskState::of_queue(sleeping_.next).due_ns);
    if (calls_ > 0 || driver != nullptr) {
      const uint32_t seen = changes_;
      const bool with_calls = calls_ > 0;
      lock.unlock();
      const Duration left = wake == INT64_MAX ? kForever : Duration(std::max<int64_t>(wake - now_ns(), 0));
      driver_.load(std::memory_order_acquire)
          ->wait(
              [&] {
                Lock inner(mutex_);
                return has_work() || (with_calls && calls_ == 0) || changes_ != seen;
              },
              left);
      lock.lock();
    } else if (wake == INT64_MAX) {
      work_.wait(lock);
    } else {
      // The clock's own time; std::condition_variable would read a clock of its own choice.
      const timespec when{.tv_sec = wake / 1'000'000'000, .tv_nsec = wake % 1'000'000'000};
      pthread_cond_clockwait(work_.native_handle(), mutex_.native_handle(), CLOCK_MONOTONIC, &when);
    }
    worth = has_work();
  }
  waiters_.fetch_sub(1, std::memory_order_relaxed);
  return worth;
}

// ---------------------------------------------------------------------------------------------------- the whole

bool Scheduler::check_complete() {
  Lock lock(mutex_);
  return is_empty();
}

int Scheduler::register_callback(tse_sched_comp_cb_t function, void* argument) {
  auto* callback = new (std::nothrow) Callback{nullptr, function, argument};
  if (callback == nullptr) return -DER_NOMEM;
  Lock lock(mutex_);
  Callback** end = &callbacks_;
  while (*end != nullptr) end = &(*end)->next;
  *end = callback;
  return 0;
}

void Scheduler::run_callbacks() {
  for (;;) {
    Lock lock(mutex_);
    Callback* callback = callbacks_;
    if (callback == nullptr) return;
    callbacks_ = callback->next;
    const int result = sched_->ds_result;
    lock.unlock();
    const int returned = callback->function(callback->argument, result);
    delete callback;
    lock.lock();
    if (sched_->ds_result == 0) sched_->ds_result = returned;
  }
}

/// Bodies of queued tasks never run; their callbacks do.
void Scheduler::cancel_queued() {
  for (;;) {
    Lock lock(mutex_);
    TaskState* task = nullptr;
    for (d_list_t* list : {&instants_, &ready_, &next_, &sleeping_, &waiting_}) {
      if ((task = pop(*list)) != nullptr) break;
    }
    if (task == nullptr) return;
    task->add_reference();
    const uint32_t turn = begin_completion(*task, -DER_CANCELED);
    lock.unlock();
    run_completions(*task, turn);
    task->drop_reference();
  }
}

void Scheduler::complete(int result, bool cancel) {
  add_reference();
  if (cancel) {
    {
      Lock lock(mutex_);
      closed_ = true;
    }
    // What has been started elsewhere writes into the program's memory, and is waited for.
    for (;;) {
      cancel_queued();
      complete_ended();
      run_instants();
      {
        Lock lock(mutex_);
        if (calls_ == 0) break;
      }
      wait(kForever);
    }
    cancel_queued();
    changed();
  } else {
    for (progress(); !check_complete(); progress()) wait(kForever);
  }
  drop_completed();
  {
    Lock lock(mutex_);
    if (sched_->ds_result == 0) sched_->ds_result = result;
  }
  run_callbacks();
  drop_reference();
}

void Scheduler::finish() {
  {
    Lock lock(mutex_);
    closed_ = true;
  }
  cancel_queued();
  drop_completed();
}

}  // namespace daos::capi
