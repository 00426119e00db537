// Goal: a reactor thread runs what is posted from elsewhere and sleeps otherwise, with real clocks but no timing
// assumption.
#include <gtest/gtest.h>

#include <latch>

#include "platform/runtime/driver.h"
#include "platform/runtime/scope.h"

namespace daos::runtime {
namespace {

using namespace std::chrono_literals;

TEST(ReactorThread, RunsWhatIsPostedInOrder) {
  SystemClock clock;
  auto thread = ReactorThread::start("test", {.clock = &clock, .seed = 1});
  ASSERT_TRUE(thread.ok());
  std::vector<int> order;
  std::latch done(1);
  for (int i = 0; i < 1000; i++) (*thread)->reactor().post([&order, i] { order.push_back(i); });
  (*thread)->reactor().post([&] { done.count_down(); });
  done.wait();
  (*thread)->stop();
  ASSERT_EQ(order.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(ReactorThread, SleepsUntilTimersAreDue) {
  SystemClock clock;
  auto thread = ReactorThread::start("test", {.clock = &clock, .seed = 1});
  ASSERT_TRUE(thread.ok());
  Reactor& reactor = (*thread)->reactor();
  std::optional<Scope> scope;
  std::latch done(1);
  Time armed, woke;
  (*thread)->call([&] {
    scope.emplace(reactor);
    scope->spawn([](Reactor& r, Time& before, Time& after, std::latch& end) -> Task<Status> {
      before = r.now();
      Status status = co_await sleep(r, r.within(20ms));
      after = r.now();
      end.count_down();
      co_return status;
    }(reactor, armed, woke, done));
  });
  done.wait();
  EXPECT_GE(woke - armed, Duration(20ms));
  (*thread)->call([&] { scope.reset(); });
}

TEST(ReactorThread, NoPostIsLostAroundSleeping) {
  SystemClock clock;
  auto a = ReactorThread::start("a", {.clock = &clock, .seed = 1});
  auto b = ReactorThread::start("b", {.clock = &clock, .seed = 2});
  ASSERT_TRUE(a.ok());
  ASSERT_TRUE(b.ok());
  std::latch done(1);
  int rounds = 2000;
  std::function<void()> ping, pong;
  ping = [&] { (*b)->reactor().post([&] { pong(); }); };
  pong = [&] {
    if (--rounds == 0) return done.count_down();
    (*a)->reactor().post([&] { ping(); });
  };
  (*a)->reactor().post([&] { ping(); });
  done.wait();
  (*a)->stop();
  (*b)->stop();
}

}  // namespace
}  // namespace daos::runtime
