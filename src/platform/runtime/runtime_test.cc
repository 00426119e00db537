// Goal: coroutines, scopes, waits and timers do what their headers promise, under virtual time.
#include <gtest/gtest.h>

#include <algorithm>

#include "platform/runtime/virtual_time.h"

namespace daos::runtime {
namespace {

using namespace std::chrono_literals;

struct World {
  Timeline timeline;
  VirtualClock clock{timeline};
  VirtualReactor node{timeline, {.clock = &clock, .seed = 1}};
  Reactor& reactor = node.reactor();
};

Task<Result<int>> add_later(Reactor& reactor, int a, int b) {
  DX_CO_TRY(co_await sleep(reactor, reactor.within(5ms)));
  co_return a + b;
}
Task<Result<int>> twice(Reactor& reactor) {
  const int once = DX_CO_TRY(co_await add_later(reactor, 1, 2));
  const int again = DX_CO_TRY(co_await add_later(reactor, once, once));
  co_return again;
}

TEST(Task, AwaitsInSequenceAndTimePasses) {
  World world;
  const Time before = world.timeline.now();
  EXPECT_EQ(*run(world.timeline, world.reactor, twice(world.reactor)), 6);
  EXPECT_EQ(world.timeline.now() - before, Duration(10ms));
}

struct FrameAddress {
  void*& address;
  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> handle) const {
    address = handle.address();
    return false;
  }
  void await_resume() const {}
};
Task<Status> say_where(void*& address) {
  co_await FrameAddress{address};
  co_return Status();
}
TEST(Task, FramesComeFromThePool) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "under a sanitizer every frame has a life of its own";
#endif
#endif
  // One free frame of each size: the coroutine must get one of them.
  std::vector<void*> frames;
  for (size_t bytes = 64; bytes <= 4096; bytes += 64) frames.push_back(allocate_frame(bytes));
  for (size_t i = 0; i < frames.size(); i++) free_frame(frames[i], 64 * (i + 1));
  World world;
  void* address = nullptr;
  EXPECT_TRUE(run(world.timeline, world.reactor, say_where(address)).ok());
  EXPECT_NE(std::find(frames.begin(), frames.end(), address), frames.end());
}

Task<Status> count_down(int depth) {
  if (depth == 0) co_return Status();
  Status status = co_await count_down(depth - 1);
  co_return status;
}
TEST(Task, DeepRecursionDoesNotGrowTheStack) {
  World world;
  EXPECT_TRUE(run(world.timeline, world.reactor, count_down(100'000)).ok());
}

Task<Status> wait_for(Completion<int>& completion, CallContext context, int& got) {
  got = DX_CO_TRY(co_await completion.wait(context));
  co_return Status();
}

TEST(Completion, DeliversTimesOutAndIsCancelled) {
  World world;
  int got = 0;
  {
    Completion<int> completion(world.reactor);
    world.timeline.after(1ms, [&] {
      completion.set(42);
      world.node.wake();
    });
    EXPECT_TRUE(run(world.timeline, world.reactor, wait_for(completion, world.reactor.within(2ms), got)).ok());
    EXPECT_EQ(got, 42);
  }
  {
    Completion<int> completion(world.reactor);
    EXPECT_EQ(run(world.timeline, world.reactor, wait_for(completion, world.reactor.within(2ms), got)).code(),
              Code::kTimedOut);
  }
  {
    Completion<int> completion(world.reactor);
    StopSource stop;
    world.timeline.after(1ms, [&] {
      stop.request_stop();
      world.node.wake();
    });
    EXPECT_EQ(run(world.timeline, world.reactor, wait_for(completion, {Time::never(), stop.token()}, got)).code(),
              Code::kCancelled);
  }
}

Task<Status> hold(Semaphore& semaphore, Reactor& reactor, std::vector<int>& order, int id) {
  DX_CO_TRY(co_await semaphore.acquire({}));
  order.push_back(id);
  Status slept = co_await sleep(reactor, reactor.within(1ms));
  semaphore.release();
  co_return slept;
}
Task<Status> contend(Reactor& reactor, std::vector<int>& order) {
  Semaphore semaphore(reactor, 2);
  Scope scope(reactor);
  for (int i = 0; i < 6; i++) scope.spawn(hold(semaphore, reactor, order, i));
  Status status = co_await scope.join();
  co_return status;
}
TEST(Semaphore, ServesInOrder) {
  World world;
  std::vector<int> order;
  EXPECT_TRUE(run(world.timeline, world.reactor, contend(world.reactor, order)).ok());
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5}));
}

Task<Status> fail_after(Reactor& reactor, Duration delay, Code code) {
  DX_CO_TRY(co_await sleep(reactor, reactor.within(delay)));
  co_return Status(code);
}
Task<Status> two_failures(Reactor& reactor) {
  Scope scope(reactor);
  scope.spawn(fail_after(reactor, 2ms, Code::kIo));
  scope.spawn(fail_after(reactor, 1ms, Code::kBusy));
  Status status = co_await scope.join();
  co_return status;
}
TEST(Scope, JoinGivesTheFirstErrorAfterAllHaveEnded) {
  World world;
  EXPECT_EQ(run(world.timeline, world.reactor, two_failures(world.reactor)).code(), Code::kBusy);
}

Task<Status> out_of_memory() {
  throw std::bad_alloc();
  co_return Status();
}
TEST(Task, OutOfMemoryBecomesAnError) {
  World world;
  EXPECT_EQ(run(world.timeline, world.reactor, out_of_memory()).code(), Code::kNoMemory);
}

TEST(Hlc, NeverRunsBackwardsWhenTheWallClockIsStepped) {
  World world;
  HlcClock hlc(world.clock);
  uint64_t last = hlc.next();
  for (int i = 0; i < 100; i++) {
    world.timeline.run_until(world.timeline.now() + 100ms);
    if (i == 30) world.clock.step_wall_clock(-1h);
    if (i == 60) world.clock.step_wall_clock(3h);
    const uint64_t next = hlc.next();
    EXPECT_GT(next, last);
    EXPECT_LT(next - last, hlc_duration(101ms));  // nor does a step forward make it jump
    last = next;
  }
  EXPECT_EQ(hlc.observe_engine(last + hlc_duration(1s), 0, 100ms).code(), Code::kInvalid);
  EXPECT_TRUE(hlc.observe_engine(last + hlc_duration(50ms), 0, 100ms).ok());
  EXPECT_GT(hlc.next(), last + hlc_duration(50ms));
}

TEST(Hlc, AnEngineThatRestartedAheadOfItsClockIsNotRefused) {
  World world;
  HlcClock restarted(world.clock), other(world.clock);
  restarted.raise_to(restarted.next() + hlc_duration(2s));
  const uint64_t value = restarted.next();
  EXPECT_TRUE(other.observe_engine(value, restarted.lead_ms(), 100ms).ok());
  EXPECT_GT(other.next(), value);
}

TEST(Timer, FiresByDeadlineThenByOrderOfArming) {
  World world;
  std::vector<int> fired;
  struct Shot {
    std::vector<int>& fired;
    int id;
    Timer timer;
    void arm(Reactor& reactor, Time at) {
      timer.arm(
          reactor, at,
          [](void* self) {
            auto* shot = static_cast<Shot*>(self);
            shot->fired.push_back(shot->id);
          },
          this);
    }
  };
  Shot a{fired, 1, {}}, b{fired, 2, {}}, c{fired, 3, {}}, d{fired, 4, {}};
  const Time t = world.timeline.now();
  a.arm(world.reactor, t + 2ms);
  b.arm(world.reactor, t + 1ms);
  c.arm(world.reactor, t + 1ms);
  d.arm(world.reactor, t + 1ms);
  d.timer.cancel();
  world.node.wake();
  world.timeline.run_until(t + 3ms);
  EXPECT_EQ(fired, (std::vector<int>{2, 3, 1}));
}

}  // namespace
}  // namespace daos::runtime
