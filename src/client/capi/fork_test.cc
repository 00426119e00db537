// Goal: a forked child can do nothing with the library until daos_reinit, then everything, and harms its parent in no
// way, whatever the parent's threads were doing at that moment.
#include <daos.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <latch>
#include <thread>

#include "client/capi/api_call.h"
#include "platform/runtime/sync.h"

namespace daos::capi {
namespace {

using namespace std::chrono_literals;
using runtime::Task;

runtime::SystemClock machine_clock;

int start_timer(daos_event_t* ev, Duration delay) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    return [](core::Lane& lane, runtime::StopToken stop, Duration d) -> Task<Status> {
      Status slept = co_await runtime::sleep(lane.reactor(), lane.reactor().within(d, stop));
      co_return slept;
    }(call.lane, call.stop, delay);
  });
}

/// Runs `body` in a forked child; the number of the first of its checks that failed, 0 for none, -1 for a crash.
int in_child(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

size_t open_descriptors() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) count++;
  return count;
}

class ForkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Library::set_world_for_test({.clock = &machine_clock});
    before_ = open_descriptors();
    ASSERT_EQ(daos_init(), 0);
    ASSERT_EQ(daos_eq_create(&eq_), 0);
    ASSERT_EQ(daos_event_init(&event_, eq_, nullptr), 0);
  }
  void TearDown() override {
    EXPECT_EQ(daos_event_fini(&event_), 0);
    EXPECT_EQ(daos_eq_destroy(eq_, 0), 0);
    EXPECT_EQ(daos_fini(), 0);
    EXPECT_EQ(open_descriptors(), before_);
  }
  /// The parent is as it was: its running operation ends, its event comes.
  void expect_parent_works() {
    daos_event_t* got = nullptr;
    EXPECT_EQ(start_timer(&event_, 100us), 0);
    EXPECT_EQ(daos_eq_poll(eq_, 1, DAOS_EQ_WAIT, 1, &got), 1);
    EXPECT_EQ(event_.ev_error, 0);
    EXPECT_EQ(start_timer(nullptr, 10us), 0);
  }
  /// What a child that has called daos_reinit can do.
  static int use_library() {
    daos_handle_t eq;
    daos_event_t ev;
    daos_event_t* got = nullptr;
    if (daos_eq_create(&eq) != 0) return 101;
    if (daos_event_init(&ev, eq, nullptr) != 0) return 102;
    if (start_timer(&ev, 100us) != 0) return 103;
    if (daos_eq_poll(eq, 1, DAOS_EQ_WAIT, 1, &got) != 1) return 104;
    if (daos_event_fini(&ev) != 0) return 105;
    if (daos_eq_destroy(eq, 0) != 0) return 106;
    if (start_timer(nullptr, 10us) != 0) return 107;
    return 0;
  }

  size_t before_ = 0;
  daos_handle_t eq_ = DAOS_HDL_INVAL;
  daos_event_t event_;
};

TEST_F(ForkTest, TheChildIsShutOutUntilReinit) {
  const Uuid parent_id = Library::current()->client().id();
  ASSERT_EQ(start_timer(&event_, 24h), 0);  // in flight over the fork
  const size_t descriptors = before_;
  EXPECT_EQ(in_child([&] {
              daos_handle_t eq;
              daos_event_t* got = nullptr;
              if (open_descriptors() != descriptors) return 1;
              if (daos_init() != -DER_UNINIT) return 2;
              if (daos_fini() != -DER_UNINIT) return 3;
              if (daos_eq_create(&eq) != -DER_UNINIT) return 4;
              if (daos_eq_poll(eq_, 0, DAOS_EQ_WAIT, 1, &got) != -DER_UNINIT) return 5;
              if (start_timer(nullptr, 1us) != -DER_UNINIT) return 6;
              if (daos_reinit() != 0) return 7;
              if (Library::current()->client().id() == parent_id) return 8;
              if (daos_eq_poll(eq_, 0, DAOS_EQ_WAIT, 1, &got) != -DER_NONEXIST) return 9;  // queues do not survive
              if (daos_init() != 0 || daos_fini() != 0) return 10;
              if (const int failed = use_library(); failed != 0) return failed;
              return daos_fini() == 0 ? 0 : 11;
            }),
            0);
  EXPECT_EQ(daos_eq_destroy(eq_, DAOS_EQ_DESTROY_FORCE), 0);
  EXPECT_EQ(event_.ev_error, -DER_CANCELED);
  ASSERT_EQ(daos_eq_create(&eq_), 0);
  ASSERT_EQ(daos_event_init(&event_, eq_, nullptr), 0);
  expect_parent_works();
}

TEST_F(ForkTest, AChildThatNeverReinitsHarmsNobody) {
  EXPECT_EQ(in_child([] { return 0; }), 0);
  expect_parent_works();
}

TEST_F(ForkTest, AGrandchildWorksToo) {
  EXPECT_EQ(in_child([] {
              if (daos_reinit() != 0) return 1;
              const int grandchild = in_child([] {
                if (start_timer(nullptr, 1us) != -DER_UNINIT) return 2;
                if (daos_reinit() != 0) return 3;
                return use_library();
              });
              if (grandchild != 0) return grandchild < 0 ? 99 : grandchild;
              return use_library();
            }),
            0);
  expect_parent_works();
}

TEST_F(ForkTest, ForkingWhileOtherThreadsUseTheLibrary) {
  std::atomic<bool> stop{false};
  std::latch busy(3);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; t++) {
      threads.emplace_back([&, t] {
        for (bool first = true; !stop; first = false) {
          daos_handle_t eq;
          ASSERT_EQ(t == 0 ? start_timer(nullptr, 20us) : daos_eq_create(&eq), 0);
          if (t != 0) {
            ASSERT_EQ(daos_eq_destroy(eq, 0), 0);
          }
          if (first) busy.count_down();
        }
      });
    }
    busy.wait();
    for (int i = 0; i < 20; i++) {
      EXPECT_EQ(in_child([] { return daos_reinit() == 0 ? use_library() : 1; }), 0);
    }
    stop = true;
  }
  expect_parent_works();
}

}  // namespace
}  // namespace daos::capi
