// Goal: a context moves only by those who wait on it, whoever they are, and loses nothing: no operation, no wake-up, no
// time. Real threads and clocks, operations made of timers; no assumption about how long anything takes.
#include "client/core/context.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

namespace daos::core {
namespace {

using namespace std::chrono_literals;
using runtime::Task;

/// The machine's clock, plus what a test adds to it.
class ShiftedClock : public runtime::Clock {
 public:
  Time now() override { return system_.now() + Duration(shift_.load()); }
  int64_t unix_ns() override { return system_.unix_ns(); }
  void jump(Duration by) { shift_ += by.count(); }

 private:
  runtime::SystemClock system_;
  std::atomic<int64_t> shift_{0};
};

class ContextTest : public ::testing::Test {
 protected:
  ContextTest() {
    auto made = Context::create({.clock = &clock_, .seed = 1, .client = &client_, .number = 0, .transport = {}});
    EXPECT_TRUE(made.ok());
    context_ = std::move(*made);
  }
  ~ContextTest() override { context_->close(); }

  static Task<Status> ends_with(Code code) { co_return code == Code::kOk ? Status() : Status(code); }
  static Task<Status> after(Lane& lane, Duration delay, Code code = Code::kOk) {
    const Status slept = co_await runtime::sleep(lane.reactor(), lane.reactor().within(delay, lane.stop()));
    if (!slept.ok()) co_return slept;
    co_return code == Code::kOk ? Status() : Status(code);
  }

  ShiftedClock clock_;
  Client client_{{.id = Uuid::from_random(1, 2)}};
  std::unique_ptr<Context> context_;
};

TEST_F(ContextTest, RunsToTheEndInTheCallingThread) {
  EXPECT_TRUE(context_->run(ends_with(Code::kOk)).ok());
  EXPECT_EQ(context_->run(ends_with(Code::kNoSpace)).code(), Code::kNoSpace);
  EXPECT_EQ(context_->run(after(context_->lane(), 1ms, Code::kBusy)).code(), Code::kBusy);
}

TEST_F(ContextTest, LaunchedOperationsMoveOnlyWhenDriven) {
  bool done = false;
  // More than a gap may count for, so that no delay of this thread makes it due by itself.
  context_->launch(after(context_->lane(), 2 * ClientClock::kGapMax), [&](Status) { done = true; });
  clock_.jump(1s);
  EXPECT_FALSE(done);
  EXPECT_TRUE(context_->drive([&] { return done; }, Context::kForever));
  EXPECT_TRUE(done);
}

TEST_F(ContextTest, WhatEndsAtOnceIsCompletedBeforeLaunchReturns) {
  std::vector<int> order;
  context_->launch(ends_with(Code::kOk), [&](Status) { order.push_back(1); });
  context_->deliver(Status(Code::kNoHandle), [&](Status status) {
    EXPECT_EQ(status.code(), Code::kNoHandle);
    order.push_back(2);
  });
  EXPECT_EQ(order, (std::vector{1, 2}));
}

TEST_F(ContextTest, ThousandsInFlightFromOneThread) {
  constexpr int kOperations = 10'000;
  int ended = 0;
  for (int i = 0; i < kOperations; i++) {
    context_->launch(after(context_->lane(), std::chrono::microseconds(i % 100)), [&](Status status) {
      EXPECT_TRUE(status.ok());
      ended++;
    });
  }
  EXPECT_TRUE(context_->drive([&] { return ended == kOperations; }, Context::kForever));
}

TEST_F(ContextTest, CompletionsLaunchMore) {
  int left = 1000;
  std::function<void(Status)> again = [&](Status) {
    if (--left > 0) context_->launch(after(context_->lane(), left % 2 == 0 ? 0us : 1us), again);
  };
  context_->launch(ends_with(Code::kOk), again);
  EXPECT_TRUE(context_->drive([&] { return left == 0; }, Context::kForever));
}

TEST_F(ContextTest, ASynchronousCallInACompletionUsesAnotherContext) {
  auto other = Context::create({.clock = &clock_, .seed = 2, .client = &client_, .number = 1, .transport = {}});
  ASSERT_TRUE(other.ok());
  bool done = false;
  context_->launch(after(context_->lane(), 1us), [&](Status) {
    EXPECT_TRUE(context_->driven_by_me());
    EXPECT_FALSE((*other)->driven_by_me());
    EXPECT_TRUE(Context::inside_any());
    EXPECT_EQ(context_->run(ends_with(Code::kOk)).code(), Code::kBusy);
    EXPECT_TRUE((*other)->run(after((*other)->lane(), 1us)).ok());
    done = true;
  });
  EXPECT_FALSE(Context::inside_any());
  EXPECT_TRUE(context_->drive([&] { return done; }, Context::kForever));
  (*other)->close();
}

TEST_F(ContextTest, ThreadsTakeTurnsAtDriving) {
  constexpr int kThreads = 8;
  constexpr int kCalls = 200;
  std::atomic<int> ok{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; t++) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kCalls; i++) {
          if (context_->run(after(context_->lane(), std::chrono::microseconds((i * 7 + t) % 40))).ok()) ok++;
        }
      });
    }
  }
  EXPECT_EQ(ok, kThreads * kCalls);
}

TEST_F(ContextTest, LaunchFromOtherThreadsReachesTheOneThatDrives) {
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  std::atomic<int> ended{0};
  std::latch start(kThreads + 1);
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; t++) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      for (int i = 0; i < kEach; i++) context_->launch(after(context_->lane(), 1us), [&](Status) { ended++; });
    });
  }
  start.arrive_and_wait();
  EXPECT_TRUE(context_->drive([&] { return ended == kThreads * kEach; }, Context::kForever));
}

TEST_F(ContextTest, ASleepingDriverIsWokenByANudge) {
  std::atomic<bool> flag{false};
  std::latch driving(1);
  std::jthread waiter([&] {
    driving.count_down();
    EXPECT_TRUE(context_->drive([&] { return flag.load(); }, Context::kForever));
  });
  driving.wait();
  flag = true;
  context_->nudge();
}

TEST_F(ContextTest, ALimitedWaitEnds) {
  EXPECT_FALSE(context_->drive([] { return false; }, Duration(0)));
  EXPECT_FALSE(context_->drive([] { return false; }, 2ms));
  // and beside a thread that drives for ever
  std::atomic<bool> stop{false};
  std::latch driving(1);
  std::jthread driver([&] {
    context_->drive([&] { return driving.try_wait() ? stop.load() : (driving.count_down(), false); },
                    Context::kForever);
  });
  driving.wait();
  EXPECT_FALSE(context_->drive([] { return false; }, 2ms));
  stop = true;
  context_->nudge();
}

TEST_F(ContextTest, TimeInWhichNobodyDrivesIsNotCounted) {
  bool done = false;
  Status outcome;
  // Waits for something that never comes, with a deadline; the program "computes" for an hour in between.
  context_->launch(
      [](Lane& lane) -> Task<Status> {
        runtime::Event never(lane.reactor());
        const Time begun = lane.reactor().now();
        const Status waited = co_await never.wait(lane.reactor().within(1h, lane.stop()));
        EXPECT_EQ(waited.code(), Code::kCancelled);
        EXPECT_LT(lane.reactor().now() - begun, Duration(30min));
        co_return waited;
      }(context_->lane()),
      [&](Status) { done = true; });
  for (int i = 0; i < 100; i++) {
    clock_.jump(59min);
    context_->drive([&] { return done; }, Duration(0));
    EXPECT_FALSE(done);
  }
  context_->close();
  EXPECT_TRUE(done);
}

TEST_F(ContextTest, ShortGapsCountInFull) {
  ClientClock clock(clock_);
  const Time begun = clock.now();
  for (int i = 0; i < 100; i++) {
    clock.resume();
    clock.pause();
    clock_.jump(50ms);
  }
  clock.resume();
  EXPECT_GE(clock.now() - begun, Duration(5s));
}

TEST_F(ContextTest, CloseEndsWhatNeverWould) {
  std::vector<Code> codes;
  for (int i = 0; i < 100; i++) {
    context_->launch(after(context_->lane(), 24h), [&](Status status) { codes.push_back(status.code()); });
  }
  context_->close();
  EXPECT_EQ(codes, std::vector<Code>(100, Code::kCancelled));
}

TEST_F(ContextTest, LanesShareTheHighestClock) {
  auto other = Context::create({.clock = &clock_, .seed = 2, .client = &client_, .number = 1, .transport = {}});
  ASSERT_TRUE(other.ok());
  EXPECT_TRUE(context_
                  ->run([](Lane& lane) -> Task<Status> {
                    EXPECT_EQ(lane.reactor().hlc().last(), 0u);
                    lane.reactor().hlc().observe(12345);
                    co_return Status();
                  }(context_->lane()))
                  .ok());
  EXPECT_TRUE((*other)
                  ->run([](Lane& lane) -> Task<Status> {
                    EXPECT_EQ(lane.reactor().hlc().last(), 12345u);
                    co_return Status();
                  }((*other)->lane()))
                  .ok());
  (*other)->close();
}

}  // namespace
}  // namespace daos::core
