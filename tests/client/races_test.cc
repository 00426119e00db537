// Goal: threads may do anything at the same time: close what others use, end queues with operations under way, poll one
// queue together, open and close the same container. Each call gives its result or says that the handle is gone;
// nothing hangs, nothing is touched afterwards. Run by with-system, with a pool "tank", also under the sanitizers.
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "api_fixture.h"

namespace api_test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLength{1500};

class Races : public ApiTest {
 protected:
  /// Runs each of the functions in threads of its own again and again.
  static void together(std::vector<std::function<void()>> functions, int threads_each) {
    const Clock::time_point until = Clock::now() + kLength;
    std::vector<std::jthread> threads;
    for (const auto& function : functions) {
      for (int i = 0; i < threads_each; i++) {
        threads.emplace_back([&function, until] {
          while (Clock::now() < until) function();
        });
      }
    }
  }
};

bool fine(int rc) { return rc == 0 || rc == -DER_NO_HDL; }

TEST_F(Races, ObjectsAreClosedWhileOthersUseThem) {
  std::atomic<uint64_t> cookie{new_object().cookie};
  std::atomic<int> wrong{0}, done{0};
  const daos_obj_id_t oid = new_id(DAOS_OT_MULTI_HASHED);
  together({[&] {
              const daos_handle_t object{cookie};
              const int rc = put(object, "d", "a", "value");
              wrong += !fine(rc);
              done += rc == 0;
              std::vector<std::string> found;
              daos_anchor_t anchor{};
              wrong += !fine(list_once(object, nullptr, &anchor, {}, found));
            },
            [&] {
              daos_handle_t fresh;
              wrong += daos_obj_open(container_, oid, DAOS_OO_RW, &fresh, nullptr) != 0;
              const daos_handle_t old{cookie.exchange(fresh.cookie)};
              wrong += daos_obj_close(old, nullptr) != 0;
            }},
           2);
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(done, 0);
  EXPECT_EQ(daos_obj_close({cookie}, nullptr), 0);
}

TEST_F(Races, ContainersAreClosedWhileOthersUseThem) {
  daos_handle_t first;
  ASSERT_EQ(daos_cont_open(pool_, name_, DAOS_COO_RW, &first, nullptr, nullptr), 0);
  std::atomic<uint64_t> cookie{first.cookie};
  std::atomic<int> wrong{0}, done{0};
  const daos_obj_id_t oid = new_id(DAOS_OT_MULTI_HASHED);
  together({[&] {
              daos_handle_t object;
              int rc = daos_obj_open({cookie}, oid, DAOS_OO_RW, &object, nullptr);
              wrong += !fine(rc);
              if (rc != 0) return;
              rc = put(object, "d", "a", "value");
              wrong += !fine(rc);
              done += rc == 0;
              wrong += daos_obj_close(object, nullptr) != 0;
            },
            [&] {
              daos_cont_info_t info;
              wrong += !fine(daos_cont_query({cookie}, &info, nullptr, nullptr));
            },
            [&] {
              daos_handle_t fresh;
              wrong += daos_cont_open(pool_, name_, DAOS_COO_RW, &fresh, nullptr, nullptr) != 0;
              const daos_handle_t old{cookie.exchange(fresh.cookie)};
              wrong += daos_cont_close(old, nullptr) != 0;
            }},
           2);
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(done, 0);
  EXPECT_EQ(daos_cont_close({cookie}, nullptr), 0);
  daos_cont_info_t info{};
  EXPECT_EQ(daos_cont_query(container_, &info, nullptr, nullptr), 0);
  EXPECT_EQ(info.ci_nhandles, 1u) << "every close was counted";
}

TEST_F(Races, QueuesEndWithOperationsUnderWay) {
  const daos_handle_t object = new_object();
  std::atomic<int> wrong{0}, done{0};
  together({[&] {
             daos_handle_t queue;
             wrong += daos_eq_create(&queue) != 0;
             constexpr int kEvents = 20;
             daos_event_t events[kEvents];
             daos_epoch_t epochs[kEvents];
             for (int i = 0; i < kEvents; i++) {
               wrong += daos_event_init(&events[i], queue, nullptr) != 0;
               wrong += daos_obj_query_max_epoch(object, DAOS_TX_NONE, &epochs[i], &events[i]) != 0;
             }
             daos_event_t* polled[1];
             done += daos_eq_poll(queue, 1, DAOS_EQ_WAIT, 1, polled);  // the others may be under way
             wrong += daos_eq_destroy(queue, DAOS_EQ_DESTROY_FORCE) != 0;
             std::memset(epochs, 0x77, sizeof epochs);  // ours again: nothing may write into it any more
             for (daos_event_t& event : events) wrong += daos_event_fini(&event) != -DER_NONEXIST;
             for (const daos_epoch_t epoch : epochs) wrong += epoch != 0x7777777777777777u;
           }},
           4);
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(done, 0);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Races, SeveralThreadsPollAndTestOneQueue) {
  const daos_handle_t object = new_object();
  daos_handle_t queue;
  ASSERT_EQ(daos_eq_create(&queue), 0);
  std::atomic<int> wrong{0}, started{0}, delivered{0};
  together({[&] {
              if (started - delivered > 500) return;  // the pollers have not caught up
              auto* event = new daos_event_t;
              auto* epoch = new daos_epoch_t;
              wrong += daos_event_init(event, queue, nullptr) != 0;
              wrong += daos_event_register_comp_cb(
                           event,
                           [](void* memory, daos_event_t*, int) {
                             delete static_cast<daos_epoch_t*>(memory);
                             return 0;
                           },
                           epoch) != 0;
              started++;
              wrong += daos_obj_query_max_epoch(object, DAOS_TX_NONE, epoch, event) != 0;
            },
            [&] {
              daos_event_t* events[8];
              const int count = daos_eq_poll(queue, 1, 1000, 8, events);
              wrong += count < 0;
              for (int i = 0; i < count; i++) {
                wrong += events[i]->ev_error != 0 || daos_event_fini(events[i]) != 0;
                delete events[i];
                delivered++;
              }
            }},
           2);
  while (delivered < started) {
    daos_event_t* event = nullptr;
    ASSERT_EQ(daos_eq_poll(queue, 1, DAOS_EQ_WAIT, 1, &event), 1);
    EXPECT_EQ(daos_event_fini(event), 0);
    delete event;
    delivered++;
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(daos_eq_destroy(queue, 0), 0);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Races, TheLibraryIsStartedAndEndedByManyAtOnce) {
  std::atomic<int> wrong{0};
  together({[&] {
             wrong += daos_init() != 0;
             daos_handle_t pool;
             wrong += daos_pool_connect("tank", nullptr, DAOS_PC_RO, &pool, nullptr, nullptr) != 0;
             wrong += daos_pool_disconnect(pool, nullptr) != 0;
             wrong += daos_fini() != 0;
           }},
           4);
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace api_test
