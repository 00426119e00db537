// A scheduler of tasks (daos/tse.h): which tasks wait, which are ready, and who runs them. Purely local: whoever starts
// something elsewhere (task_call.cc) reports its end with `ended`.
//
//   scheduled --> waiting_ (dependencies) or sleeping_ (a delay) --> instants_ (run by whoever made them ready)
//                                                                \-> next_ (scheduled since progress() began) -> ready_
//   running, completing: on no list, or on settled_ when the dependencies that it waits for are done
//   completed: completed_, until progress drops the scheduler's reference
//
// Lives on the heap, counted by the program's references, its tasks and whoever is inside: the thread that finishes the
// last task may still be here while another one ends the scheduler and frees the memory of its tse_sched_t.
//
// Thread-safety: any thread. Bodies and callbacks run without the lock and may call anything here.
#pragma once

#include <absl/functional/function_ref.h>
#include <daos/tse.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "client/capi/tse_task.h"
#include "platform/runtime/clock.h"

namespace daos::capi {

/// Waits, for schedulers with calls under way, until `ready()`, making progress of what ends calls. `ready` may be
/// called by other threads. `nudge` wakes those who wait.
class CallDriver {
 public:
  virtual bool wait(absl::FunctionRef<bool()> ready, Duration limit) = 0;
  virtual void nudge() = 0;

 protected:
  ~CallDriver() = default;
};

class Scheduler {
 public:
  /// What is in a tse_sched_t's private space.
  struct Space {
    static constexpr uint64_t kMagic = 0x6c756465686373;
    uint64_t magic;
    Scheduler* scheduler;
  };
  static_assert(sizeof(Space) <= sizeof(tse_sched_t::ds_private));

  static Scheduler* make(tse_sched_t* sched);  // null without memory; one reference
  /// Null: `sched` is null, was not initialised or has ended.
  static Scheduler* of(tse_sched_t* sched);
  tse_sched_t* sched() { return sched_; }

  void add_reference() { references_.fetch_add(1, std::memory_order_relaxed); }
  void drop_reference();
  /// The program's: all together are one reference. With the last one the tse_sched_t is no longer looked at.
  void add_use() { uses_.fetch_add(1, std::memory_order_relaxed); }
  void drop_use();

  // --- the whole
  void progress();
  bool check_complete();
  int register_callback(tse_sched_comp_cb_t function, void* argument);
  void complete(int result, bool cancel);
  /// No task runs any more.
  void finish();
  /// Until there is something for progress() to do, or nothing is left; false when the limit passed first. With a
  /// driver progress is made of what it drives, even while no call is under way.
  bool wait(Duration limit, CallDriver* driver = nullptr);

  // --- tasks
  void schedule(TaskState& task, bool instant, Duration delay);
  void complete(TaskState& task, int result);
  int reinit(TaskState& task, Duration delay, TaskCallback* completion);
  int reset(TaskState& task, tse_task_func_t body, void* user_pointer);
  /// Each may be null. The callbacks are taken over only on success.
  int register_callbacks(TaskState& task, TaskCallback* preparation, TaskCallback* completion);
  void stop_propagation(TaskState& task);

  // --- dependencies
  int depend(TaskState& task, int count, tse_task_t* const* on);
  /// Tells those who wait for a task that is done, or that will never be.
  static void release_all(DependencyRecord* records, int result);

  // --- calls
  /// A task's body starts something that ends with `ended`, called once, by any thread; that completes the task. False:
  /// an earlier one has not ended yet.
  bool call_started(TaskState& task, CallDriver& driver);
  void ended(TaskState& task, int result);

  static runtime::Clock& clock();
  static void set_clock_for_test(runtime::Clock* clock);

 private:
  using Phase = TaskState::Phase;
  using Lock = std::unique_lock<std::mutex>;
  struct Callback {
    Callback* next;
    tse_sched_comp_cb_t function;
    void* argument;
  };
  explicit Scheduler(tse_sched_t* sched);
  ~Scheduler();

  // With the lock held.
  void enqueue(TaskState& task, Duration delay);
  void enqueue_ready(TaskState& task);
  void sleep(TaskState& task, Duration delay);
  void wake_sleepers();
  bool has_work();
  /// Of a cancelled scheduler, tasks that run are no longer its own.
  bool is_empty() const { return calls_ == 0 && (active_ == 0 || closed_); }
  /// The turn of the completion; the caller goes on with run_completions.
  uint32_t begin_completion(TaskState& task, int result);

  // They take the lock, and release it for bodies and callbacks.
  void run(TaskState& task, Lock& lock);
  bool run_preparations(TaskState& task, uint32_t turn, Lock& lock);
  void run_instants();
  void run_instants_once();
  void run_completions(TaskState& task, uint32_t turn);
  void complete_ended();
  void drop_completed();
  void cancel_queued();
  void run_callbacks();
  bool add_record(TaskState& task, DependencyRecord* record);
  void release(TaskState& task, int result);
  /// Something that a waiter looks for may have happened. Without the lock.
  void changed();
  static int64_t now_ns() { return clock().now().ns; }

  tse_sched_t* const sched_;
  std::atomic<uint32_t> references_{1};
  std::atomic<uint32_t> uses_{1};
  std::atomic<uint32_t> waiters_{0};          // relaxed: see changed()
  std::atomic<CallDriver*> driver_{nullptr};  // release/acquire; the process's one, set by the first call

  std::mutex mutex_;  // guards everything below and the state of the tasks
  std::condition_variable work_;
  d_list_t ready_, next_, waiting_, sleeping_, instants_, settled_, completed_;
  TaskState* first_ended_ = nullptr;  // whose calls have ended, in that order
  TaskState* last_ended_ = nullptr;
  size_t active_ = 0;     // scheduled, running or completing
  size_t calls_ = 0;      // under way, or ended and not completed
  uint32_t round_ = 0;    // of progress
  uint32_t changes_ = 0;  // of what a waiter waits for
  bool closed_ = false;   // cancelled or ended: nothing is scheduled any more
  Callback* callbacks_ = nullptr;
};

}  // namespace daos::capi
