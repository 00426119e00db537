// Goal: events and queues keep the rules of the API: states, parents, callbacks, barriers, several pollers, where
// errors go. Operations are made of timers and of gates that the test opens; a random walk is compared with a simple
// model.
#include <daos.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <latch>
#include <set>
#include <thread>

#include "client/capi/api_call.h"
#include "platform/runtime/sync.h"

namespace daos::capi {
namespace {

using namespace std::chrono_literals;
using runtime::Task;

runtime::SystemClock machine_clock;

Status status_of(int der) { return der == 0 ? Status() : Status(code_from_number(-der)); }

Task<Status> timer(core::Lane& lane, runtime::StopToken stop, Duration delay, int result) {
  const Status slept = co_await runtime::sleep(lane.reactor(), lane.reactor().within(delay, stop));
  if (!slept.ok()) co_return slept;
  co_return status_of(result);
}
/// An operation that takes that long.
int start_timer(daos_event_t* ev, Duration delay = 0us, int result = 0) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> { return timer(call.lane, call.stop, delay, result); });
}
/// An operation refused while it is prepared: a bad handle, say.
int start_refused(daos_event_t* ev, int result) {
  return api_call(ev, [&](Call&) -> Result<Task<Status>> { return status_of(result); });
}

/// Operations that end when the test says so.
class Gates {
 public:
  int start(daos_event_t* ev, int result = 0) {
    return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
      auto gate = std::make_shared<runtime::Event>(call.lane.reactor());
      gates_[ev] = gate;
      return pass(gate, call.stop, result);
    });
  }
  /// Opens the gate and drives until the event has completed (a child: until it is no longer counted as running).
  void open(daos_event_t* ev) {
    const std::shared_ptr<EventQueue> queue = Library::current()->queue_of(ev);
    const std::shared_ptr<runtime::Event> gate = gates_.at(ev);
    bool ended = false;
    core::Context& context = queue->context();
    EXPECT_TRUE(context
                    .run([](std::shared_ptr<runtime::Event> g) -> Task<Status> {
                      g->set();
                      co_return Status();
                    }(gate))
                    .ok());
    context.drive(
        [&] {
          ended = gate.use_count() == 2;  // the map's and ours: the operation's frame is gone
          return ended;
        },
        core::Context::kForever);
    gates_.erase(ev);
  }

 private:
  static Task<Status> pass(std::shared_ptr<runtime::Event> gate, runtime::StopToken stop, int result) {
    const Status waited = co_await gate->wait({.stop = stop});
    if (!waited.ok()) co_return waited;
    co_return status_of(result);
  }
  std::map<daos_event_t*, std::shared_ptr<runtime::Event>> gates_;
};

class EventTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Library::set_world_for_test({.clock = &machine_clock});
    ASSERT_EQ(daos_init(), 0);
    ASSERT_EQ(daos_eq_create(&eq_), 0);
  }
  void TearDown() override {
    const int rc = daos_eq_destroy(eq_, DAOS_EQ_DESTROY_FORCE);
    EXPECT_TRUE(rc == 0 || rc == -DER_NONEXIST);
    EXPECT_EQ(daos_fini(), 0);
  }
  unsigned running() { return static_cast<unsigned>(daos_eq_query(eq_, DAOS_EQR_WAITING, 0, nullptr)); }
  unsigned completed() { return static_cast<unsigned>(daos_eq_query(eq_, DAOS_EQR_COMPLETED, 0, nullptr)); }

  daos_handle_t eq_ = DAOS_HDL_INVAL;
  Gates gates_;
};

TEST(LibraryTest, CountsItsUsers) {
  Library::set_world_for_test({.clock = &machine_clock});
  daos_handle_t eq;
  daos_event_t ev;
  EXPECT_EQ(daos_fini(), -DER_UNINIT);
  EXPECT_EQ(daos_eq_create(&eq), -DER_UNINIT);
  EXPECT_EQ(daos_event_init(&ev, DAOS_HDL_INVAL, nullptr), -DER_UNINIT);
  EXPECT_EQ(start_timer(nullptr), -DER_UNINIT);
  for (int round = 0; round < 3; round++) {
    EXPECT_EQ(daos_init(), 0);
    EXPECT_EQ(daos_init(), 0);
    EXPECT_EQ(daos_fini(), 0);
    EXPECT_EQ(daos_eq_create(&eq), 0);  // leaked on purpose: fini drops it
    EXPECT_EQ(start_timer(nullptr), 0);
    EXPECT_EQ(daos_reinit(), 0);  // not in a forked child: nothing to do
    EXPECT_EQ(daos_fini(), 0);
    EXPECT_EQ(daos_fini(), -DER_UNINIT);
    EXPECT_EQ(daos_eq_destroy(eq, 0), -DER_UNINIT);
  }
}

TEST_F(EventTest, AnEventGoesRoundAndRound) {
  daos_event_t ev;
  daos_event_t* got = nullptr;
  ASSERT_EQ(daos_event_init(&ev, eq_, nullptr), 0);
  for (int round = 0; round < 3; round++) {
    EXPECT_EQ(daos_eq_poll(eq_, 1, DAOS_EQ_WAIT, 1, &got), 0);  // nothing runs
    EXPECT_EQ(gates_.start(&ev, round == 1 ? -DER_NOSPACE : 0), 0);
    EXPECT_EQ(running(), 1u);
    EXPECT_EQ(daos_eq_poll(eq_, 1, DAOS_EQ_NOWAIT, 1, &got), 0);
    EXPECT_EQ(daos_eq_poll(eq_, 0, 100, 1, &got), 0);
    EXPECT_EQ(daos_event_fini(&ev), -DER_BUSY);
    EXPECT_EQ(start_timer(&ev), -DER_NO_PERM);
    gates_.open(&ev);
    EXPECT_EQ(completed(), 1u);
    EXPECT_EQ(start_timer(&ev), -DER_NO_PERM);
    EXPECT_EQ(daos_eq_poll(eq_, 0, DAOS_EQ_WAIT, 1, &got), 1);
    EXPECT_EQ(got, &ev);
    EXPECT_EQ(ev.ev_error, round == 1 ? -DER_NOSPACE : 0);
    EXPECT_EQ(completed(), 0u);
  }
  EXPECT_EQ(daos_event_fini(&ev), 0);
}

TEST_F(EventTest, ErrorsOfHandlesAreDelivered) {
  daos_event_t ev;
  daos_event_t* got = nullptr;
  ASSERT_EQ(daos_event_init(&ev, eq_, nullptr), 0);
  EXPECT_EQ(start_refused(&ev, -DER_NO_HDL), 0);
  EXPECT_EQ(daos_eq_poll(eq_, 0, DAOS_EQ_NOWAIT, 1, &got), 1);
  EXPECT_EQ(ev.ev_error, -DER_NO_HDL);
  EXPECT_EQ(start_refused(nullptr, -DER_NO_HDL), -DER_NO_HDL);
  EXPECT_EQ(local_call(&ev, [](Library&) { return Status(Code::kBusy); }), 0);
  bool done = false;
  EXPECT_EQ(daos_event_test(&ev, DAOS_EQ_NOWAIT, &done), 0);
  EXPECT_TRUE(done);
  EXPECT_EQ(ev.ev_error, -DER_BUSY);
  EXPECT_EQ(completed(), 0u);
  EXPECT_EQ(daos_event_fini(&ev), 0);
}

TEST_F(EventTest, TestReportsWhatDoesNotRun) {
  daos_event_t ev, lone;
  bool done = false;
  ASSERT_EQ(daos_event_init(&ev, eq_, nullptr), 0);
  ASSERT_EQ(daos_event_init(&lone, DAOS_HDL_INVAL, nullptr), 0);
  EXPECT_EQ(daos_event_test(&ev, DAOS_EQ_WAIT, &done), 0);
  EXPECT_TRUE(done) << "never started";
  EXPECT_EQ(daos_event_test(&ev, DAOS_EQ_WAIT, nullptr), -DER_INVAL);
  for (daos_event_t* e : {&ev, &lone}) {
    EXPECT_EQ(gates_.start(e, -DER_IO), 0);
    EXPECT_EQ(daos_event_test(e, DAOS_EQ_NOWAIT, &done), 0);
    EXPECT_FALSE(done);
    EXPECT_EQ(daos_event_test(e, 100, &done), 0);
    EXPECT_FALSE(done);
    gates_.open(e);
    EXPECT_EQ(daos_event_test(e, DAOS_EQ_NOWAIT, &done), 0);
    EXPECT_TRUE(done);
    EXPECT_EQ(e->ev_error, -DER_IO);
    EXPECT_EQ(start_timer(e), 0);
    EXPECT_EQ(daos_event_test(e, DAOS_EQ_WAIT, &done), 0);
    EXPECT_TRUE(done);
    EXPECT_EQ(e->ev_error, 0);
  }
  EXPECT_EQ(completed(), 0u);
  EXPECT_EQ(daos_event_fini(&lone), 0);
  EXPECT_EQ(daos_event_fini(&ev), 0);
}

TEST_F(EventTest, AbortHasNoEffect) {
  daos_event_t ev;
  daos_event_t* got = nullptr;
  ASSERT_EQ(daos_event_init(&ev, eq_, nullptr), 0);
  EXPECT_EQ(daos_event_abort(&ev), -DER_NO_PERM);
  EXPECT_EQ(gates_.start(&ev), 0);
  EXPECT_EQ(daos_event_abort(&ev), 0);
  EXPECT_EQ(daos_eq_poll(eq_, 1, DAOS_EQ_NOWAIT, 1, &got), 0);
  gates_.open(&ev);
  EXPECT_EQ(daos_event_abort(&ev), -DER_NO_PERM);
  EXPECT_EQ(daos_eq_poll(eq_, 1, DAOS_EQ_WAIT, 1, &got), 1);
  EXPECT_EQ(ev.ev_error, 0);
  EXPECT_EQ(daos_event_fini(&ev), 0);
}

TEST_F(EventTest, WrongHandlesAndArguments) {
  daos_event_t ev;
  daos_event_t* got = nullptr;
  const daos_handle_t junk = {0xdeadbeef1};
  const daos_handle_t other_kind = {eq_.cookie | 0xf};
  EXPECT_EQ(eq_.cookie & 0xf, uint64_t{DAOS_HTYPE_EQ});
  EXPECT_EQ(daos_eq_create(nullptr), -DER_INVAL);
  EXPECT_EQ(daos_eq_destroy(junk, 0), -DER_NONEXIST);
  EXPECT_EQ(daos_eq_poll(eq_, 0, 0, 0, &got), -DER_INVAL);
  EXPECT_EQ(daos_eq_poll(eq_, 0, 0, 1, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_eq_poll(junk, 0, 0, 1, &got), -DER_NONEXIST);
  EXPECT_EQ(daos_eq_poll(other_kind, 0, 0, 1, &got), -DER_NONEXIST);
  EXPECT_EQ(daos_eq_query(junk, DAOS_EQR_ALL, 0, nullptr), -DER_NONEXIST);
  EXPECT_EQ(daos_event_init(nullptr, eq_, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_event_init(&ev, junk, nullptr), -DER_NONEXIST);
  EXPECT_EQ(daos_event_fini(&ev), -DER_INVAL) << "was never set up";
  EXPECT_EQ(start_timer(&ev), -DER_INVAL);
}

TEST_F(EventTest, CallbacksRunInOrderBeforeCompletionShows) {
  struct Seen {
    daos_handle_t queue;
    std::vector<int> order;
    std::vector<int> results;
    unsigned completed_then = 99;
  } seen{eq_, {}, {}};
  const auto callback = [](int number, int returns) { return std::pair(number, returns); };
  struct Argument {
    Seen* seen;
    std::pair<int, int> is;
  };
  Argument arguments[] = {{&seen, callback(1, 0)}, {&seen, callback(2, -DER_EXIST)}, {&seen, callback(3, -DER_BUSY)}};
  const daos_event_comp_cb_t function = [](void* arg, daos_event_t*, int rc) {
    auto* argument = static_cast<Argument*>(arg);
    argument->seen->order.push_back(argument->is.first);
    argument->seen->results.push_back(rc);
    argument->seen->completed_then =
        static_cast<unsigned>(daos_eq_query(argument->seen->queue, DAOS_EQR_COMPLETED, 0, nullptr));
    return argument->is.second;
  };
  daos_event_t ev;
  daos_event_t* got = nullptr;
  ASSERT_EQ(daos_event_init(&ev, eq_, nullptr), 0);
  EXPECT_EQ(daos_event_register_comp_cb(&ev, nullptr, nullptr), -DER_INVAL);
  for (Argument& argument : arguments) EXPECT_EQ(daos_event_register_comp_cb(&ev, function, &argument), 0);
  EXPECT_EQ(start_timer(&ev), 0);
  EXPECT_EQ(daos_eq_poll(eq_, 0, DAOS_EQ_WAIT, 1, &got), 1);
  EXPECT_EQ(seen.order, (std::vector{1, 2, 3}));
  EXPECT_EQ(seen.results, (std::vector{0, 0, 0}));
  EXPECT_EQ(seen.completed_then, 0u);
  EXPECT_EQ(ev.ev_error, -DER_EXIST) << "the first that is not 0 becomes the result";
  // for one operation only
  EXPECT_EQ(start_timer(&ev, 0us, -DER_IO), 0);
  EXPECT_EQ(daos_eq_poll(eq_, 0, DAOS_EQ_WAIT, 1, &got), 1);
  EXPECT_EQ(seen.order.size(), 3u);
  // and an operation's own error stays
  for (Argument& argument : arguments) EXPECT_EQ(daos_event_register_comp_cb(&ev, function, &argument), 0);
  EXPECT_EQ(start_refused(&ev, -DER_NO_HDL), 0);
  EXPECT_EQ(daos_eq_poll(eq_, 0, DAOS_EQ_WAIT, 1, &got), 1);
  EXPECT_EQ(ev.ev_error, -DER_NO_HDL);
  EXPECT_EQ(seen.results.back(), -DER_NO_HDL);
  // registered, never used
  EXPECT_EQ(daos_event_register_comp_cb(&ev, function, &arguments[0]), 0);
  EXPECT_EQ(daos_event_fini(&ev), 0);
}

TEST_F(EventTest, ACallbackMayCallAndLaunch) {
  static daos_event_t ev, more;
  static daos_handle_t queue;
  queue = eq_;
  daos_event_t* got[2] = {};
  ASSERT_EQ(daos_event_init(&ev, eq_, nullptr), 0);
  ASSERT_EQ(daos_event_init(&more, eq_, nullptr), 0);
  ASSERT_EQ(daos_event_register_comp_cb(
                &ev,
                [](void*, daos_event_t*, int) {
                  EXPECT_EQ(start_timer(nullptr, 10us, -DER_EXIST), -DER_EXIST) << "a synchronous call";
                  EXPECT_EQ(start_timer(&more, 10us), 0);
                  daos_event_t* none = nullptr;
                  EXPECT_EQ(daos_eq_poll(queue, 0, DAOS_EQ_WAIT, 1, &none), -DER_BUSY) << "instead of a deadlock";
                  EXPECT_EQ(daos_eq_destroy(queue, DAOS_EQ_DESTROY_FORCE), -DER_BUSY);
                  EXPECT_EQ(daos_fini(), -DER_BUSY);
                  return 0;
                },
                nullptr),
            0);
  ASSERT_EQ(start_timer(&ev, 10us), 0);
  unsigned taken = 0;
  while (taken < 2) {
    const int n = daos_eq_poll(eq_, 1, DAOS_EQ_WAIT, 2, got);
    ASSERT_GT(n, 0);
    taken += static_cast<unsigned>(n);
  }
  EXPECT_EQ(daos_event_fini(&ev), 0);
  EXPECT_EQ(daos_event_fini(&more), 0);
}

TEST_F(EventTest, ABarrierCompletesWithTheLastChild) {
  daos_event_t parent, children[3];
  daos_event_t* got = nullptr;
  bool done = true;
  ASSERT_EQ(daos_event_init(&parent, eq_, nullptr), 0);
  EXPECT_EQ(daos_event_parent_barrier(&parent), -DER_INVAL) << "no children";
  for (daos_event_t& child : children) ASSERT_EQ(daos_event_init(&child, DAOS_HDL_INVAL, &parent), 0);
  daos_event_t grandchild;
  EXPECT_EQ(daos_event_init(&grandchild, DAOS_HDL_INVAL, &children[0]), -DER_NO_PERM);
  EXPECT_EQ(daos_event_next(&parent, nullptr), &children[0]);
  EXPECT_EQ(daos_event_next(&parent, &children[0]), &children[1]);
  EXPECT_EQ(daos_event_next(&parent, &children[2]), nullptr);
  EXPECT_EQ(daos_event_test(&children[0], 0, &done), -DER_NO_PERM);

  EXPECT_EQ(gates_.start(&children[0], -DER_NOSPACE), 0);
  EXPECT_EQ(gates_.start(&children[1], -DER_IO), 0);
  EXPECT_EQ(daos_event_parent_barrier(&parent), -DER_NO_PERM) << "a child was not started";
  EXPECT_EQ(start_timer(&parent), -DER_NO_PERM);
  EXPECT_EQ(gates_.start(&children[2]), 0);
  gates_.open(&children[1]);
  EXPECT_EQ(daos_event_parent_barrier(&parent), 0);
  EXPECT_EQ(daos_event_init(&grandchild, DAOS_HDL_INVAL, &parent), -DER_INVAL) << "the parent is not idle";
  EXPECT_EQ(daos_event_fini(&parent), -DER_BUSY);
  EXPECT_EQ(daos_event_fini(&children[1]), -DER_INVAL);
  EXPECT_EQ(running(), 1u) << "children are not listed";
  gates_.open(&children[0]);
  EXPECT_EQ(daos_event_test(&parent, DAOS_EQ_NOWAIT, &done), 0);
  EXPECT_FALSE(done);
  EXPECT_EQ(daos_eq_poll(eq_, 1, DAOS_EQ_NOWAIT, 1, &got), 0);
  gates_.open(&children[2]);
  EXPECT_EQ(daos_eq_poll(eq_, 1, DAOS_EQ_WAIT, 1, &got), 1);
  EXPECT_EQ(got, &parent);
  EXPECT_EQ(parent.ev_error, -DER_IO) << "the first error of a child";
  EXPECT_EQ(children[0].ev_error, -DER_NOSPACE);
  EXPECT_EQ(children[2].ev_error, 0);
  EXPECT_EQ(daos_event_fini(&children[1]), 0);
  EXPECT_EQ(daos_event_next(&parent, &children[0]), &children[2]);
  EXPECT_EQ(daos_event_fini(&parent), 0) << "with the children that are left";
  EXPECT_EQ(daos_event_fini(&children[0]), -DER_INVAL);
}

TEST_F(EventTest, ABarrierOverFinishedChildrenCompletesAtOnce) {
  daos_event_t parent, child;
  bool done = false;
  ASSERT_EQ(daos_event_init(&parent, DAOS_HDL_INVAL, nullptr), 0);
  ASSERT_EQ(daos_event_init(&child, DAOS_HDL_INVAL, &parent), 0);
  EXPECT_EQ(start_refused(&child, -DER_NO_HDL), 0);
  EXPECT_EQ(daos_event_parent_barrier(&parent), 0);
  EXPECT_EQ(daos_event_test(&parent, DAOS_EQ_WAIT, &done), 0);
  EXPECT_TRUE(done);
  EXPECT_EQ(parent.ev_error, -DER_NO_HDL);
  EXPECT_EQ(daos_event_fini(&parent), 0);
}

TEST_F(EventTest, AParentOperationWaitsForItsChildren) {
  for (const bool parent_first : {true, false}) {
    daos_event_t parent, child;
    daos_event_t* got = nullptr;
    ASSERT_EQ(daos_event_init(&parent, eq_, nullptr), 0);
    ASSERT_EQ(daos_event_init(&child, eq_, &parent), 0);
    EXPECT_EQ(gates_.start(&child), 0);
    EXPECT_EQ(gates_.start(&parent, -DER_EXIST), 0);
    gates_.open(parent_first ? &parent : &child);
    EXPECT_EQ(daos_eq_poll(eq_, 1, DAOS_EQ_NOWAIT, 1, &got), 0);
    gates_.open(parent_first ? &child : &parent);
    EXPECT_EQ(daos_eq_poll(eq_, 1, DAOS_EQ_WAIT, 1, &got), 1);
    EXPECT_EQ(got, &parent);
    EXPECT_EQ(parent.ev_error, -DER_EXIST);
    EXPECT_EQ(daos_event_fini(&parent), 0);
  }
}

TEST_F(EventTest, DestroyRefusesABusyQueueUnlessForced) {
  daos_event_t running_one, polled_not;
  ASSERT_EQ(daos_event_init(&running_one, eq_, nullptr), 0);
  ASSERT_EQ(daos_event_init(&polled_not, eq_, nullptr), 0);
  EXPECT_EQ(start_refused(&polled_not, -DER_NO_HDL), 0);
  EXPECT_EQ(daos_eq_destroy(eq_, 0), -DER_BUSY);
  daos_event_t* got = nullptr;
  EXPECT_EQ(daos_eq_poll(eq_, 0, 0, 1, &got), 1);
  EXPECT_EQ(start_timer(&running_one, 24h), 0);
  EXPECT_EQ(daos_eq_destroy(eq_, 0), -DER_BUSY);
  EXPECT_EQ(start_refused(&polled_not, -DER_NO_HDL), 0);
  EXPECT_EQ(daos_eq_destroy(eq_, DAOS_EQ_DESTROY_FORCE), 0);
  EXPECT_EQ(running_one.ev_error, -DER_CANCELED);
  EXPECT_EQ(daos_event_fini(&running_one), -DER_NONEXIST);
  EXPECT_EQ(daos_event_fini(&polled_not), -DER_NONEXIST);
  EXPECT_EQ(daos_eq_destroy(eq_, 0), -DER_NONEXIST);
  EXPECT_EQ(daos_eq_poll(eq_, 0, 0, 1, &got), -DER_NONEXIST);
}

TEST_F(EventTest, DestroyingAQueueEndsThePollsOnIt) {
  std::latch polling(2);
  std::vector<std::jthread> pollers;
  for (int i = 0; i < 2; i++) {
    pollers.emplace_back([&] {
      polling.count_down();
      daos_event_t* got = nullptr;
      EXPECT_EQ(daos_eq_poll(eq_, 0, DAOS_EQ_WAIT, 1, &got), -DER_NONEXIST);
    });
  }
  polling.wait();
  EXPECT_EQ(daos_eq_destroy(eq_, 0), 0);
}

TEST_F(EventTest, ManyQueuesShareContexts) {
  std::vector<daos_handle_t> queues(40);
  std::vector<daos_event_t> events(queues.size());
  for (size_t i = 0; i < queues.size(); i++) {
    ASSERT_EQ(daos_eq_create(&queues[i]), 0);
    ASSERT_EQ(daos_event_init(&events[i], queues[i], nullptr), 0);
    ASSERT_EQ(start_timer(&events[i], 10us), 0);
  }
  for (size_t i = queues.size(); i-- > 0;) {
    daos_event_t* got = nullptr;
    EXPECT_EQ(daos_eq_poll(queues[i], 1, DAOS_EQ_WAIT, 1, &got), 1);
    EXPECT_EQ(got, &events[i]);
    EXPECT_EQ(daos_event_fini(got), 0);
    EXPECT_EQ(daos_eq_destroy(queues[i], 0), 0);
  }
}

TEST_F(EventTest, ThousandsInFlightFromOneThread) {
  constexpr int kEvents = 5000;
  std::vector<daos_event_t> events(kEvents);
  std::set<daos_event_t*> seen;
  for (int i = 0; i < kEvents; i++) {
    ASSERT_EQ(daos_event_init(&events[i], eq_, nullptr), 0);
    ASSERT_EQ(start_timer(&events[i], std::chrono::microseconds(i % 200)), 0);
  }
  daos_event_t* got[64];
  while (seen.size() < kEvents) {
    const int n = daos_eq_poll(eq_, 1, DAOS_EQ_WAIT, 64, got);
    ASSERT_GT(n, 0);
    for (int i = 0; i < n; i++) EXPECT_TRUE(seen.insert(got[i]).second) << "delivered twice";
  }
  EXPECT_EQ(daos_eq_poll(eq_, 1, DAOS_EQ_WAIT, 64, got), 0);
  for (daos_event_t& event : events) EXPECT_EQ(daos_event_fini(&event), 0);
}

TEST_F(EventTest, SeveralThreadsPollOneQueueAndEachEventIsDeliveredOnce) {
  constexpr int kEvents = 2000;
  constexpr int kThreads = 4;
  std::vector<daos_event_t> events(kEvents);
  std::vector<std::atomic<int>> deliveries(kEvents);
  std::atomic<int> delivered{0};
  for (daos_event_t& event : events) ASSERT_EQ(daos_event_init(&event, eq_, nullptr), 0);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; t++) {
      threads.emplace_back([&] {
        daos_event_t* got[8];
        while (delivered < kEvents) {
          const int n = daos_eq_poll(eq_, 0, 1000, 8, got);
          ASSERT_GE(n, 0);
          for (int i = 0; i < n; i++) deliveries[static_cast<size_t>(got[i] - events.data())]++;
          delivered += n;
        }
      });
    }
    for (int i = 0; i < kEvents; i++) ASSERT_EQ(start_timer(&events[i], std::chrono::microseconds(i % 50)), 0);
  }
  for (const std::atomic<int>& count : deliveries) EXPECT_EQ(count, 1);
}

TEST_F(EventTest, SynchronousCallsOfManyThreadsRunTogether) {
  std::atomic<int> ok{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; t++) {
      threads.emplace_back([&] {
        for (int i = 0; i < 100; i++) ok += start_timer(nullptr, std::chrono::microseconds(i % 30)) == 0;
      });
    }
  }
  EXPECT_EQ(ok, 800);
}

/// The simple model: what state each event is in, and in which order events completed.
TEST_F(EventTest, ARandomWalkAgreesWithTheModel) {
  constexpr int kEvents = 8;
  constexpr int kSteps = 4000;
  enum class Is { kIdle, kRunning, kDone };
  struct Model {
    Is is = Is::kIdle;
    int result = 0;
  } model[kEvents];
  daos_event_t events[kEvents];
  std::vector<int> order;  // done, not taken
  for (daos_event_t& event : events) ASSERT_EQ(daos_event_init(&event, eq_, nullptr), 0);
  runtime::Rng rng(2026);
  for (int step = 0; step < kSteps; step++) {
    SCOPED_TRACE(step);
    const int i = static_cast<int>(rng.below(kEvents));
    Model& m = model[i];
    switch (rng.below(8)) {
      case 0:
      case 1: {
        const int result = rng.below(2) == 0 ? 0 : -DER_NOSPACE;
        ASSERT_EQ(gates_.start(&events[i], result), m.is == Is::kIdle ? 0 : -DER_NO_PERM);
        if (m.is == Is::kIdle) m = {Is::kRunning, result};
        break;
      }
      case 2:
      case 3:
        if (m.is != Is::kRunning) break;
        gates_.open(&events[i]);
        m.is = Is::kDone;
        order.push_back(i);
        break;
      case 4: {
        bool done = false;
        ASSERT_EQ(daos_event_test(&events[i], DAOS_EQ_NOWAIT, &done), 0);
        ASSERT_EQ(done, m.is != Is::kRunning);
        if (m.is == Is::kDone) {
          ASSERT_EQ(events[i].ev_error, m.result);
          m.is = Is::kIdle;
          std::erase(order, i);
        }
        break;
      }
      case 5: {
        daos_event_t* got[3];
        const int n = daos_eq_poll(eq_, static_cast<int>(rng.below(2)), DAOS_EQ_NOWAIT, 3, got);
        ASSERT_EQ(n, static_cast<int>(std::min<size_t>(3, order.size())));
        for (int k = 0; k < n; k++) {
          ASSERT_EQ(got[k], &events[order[static_cast<size_t>(k)]]);
          ASSERT_EQ(got[k]->ev_error, model[order[static_cast<size_t>(k)]].result);
          model[order[static_cast<size_t>(k)]].is = Is::kIdle;
        }
        order.erase(order.begin(), order.begin() + n);
        break;
      }
      case 6: {
        const auto runs = static_cast<unsigned>(std::ranges::count(model, Is::kRunning, &Model::is));
        ASSERT_EQ(running(), runs);
        ASSERT_EQ(completed(), order.size());
        daos_event_t* all[kEvents];
        ASSERT_EQ(daos_eq_query(eq_, DAOS_EQR_ALL, kEvents, all), static_cast<int>(runs + order.size()));
        for (size_t k = 0; k < order.size(); k++) ASSERT_EQ(all[k], &events[order[k]]);
        break;
      }
      case 7:
        ASSERT_EQ(daos_event_fini(&events[i]), m.is == Is::kRunning ? -DER_BUSY : 0);
        if (m.is == Is::kRunning) break;
        std::erase(order, i);
        m.is = Is::kIdle;
        ASSERT_EQ(daos_event_init(&events[i], eq_, nullptr), 0);
        break;
    }
  }
  for (int i = 0; i < kEvents; i++) {
    if (model[i].is == Is::kRunning) gates_.open(&events[i]);
    EXPECT_EQ(daos_event_fini(&events[i]), 0);
  }
}

}  // namespace
}  // namespace daos::capi
