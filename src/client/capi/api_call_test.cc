// Goal: nothing that goes wrong inside the library ends the user's process: no memory becomes -DER_NOMEM, a failed
// check poisons the client. In children, because poison is for good.
#include "client/capi/api_call.h"

#include <daos.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/base/check.h"
#include "platform/runtime/sync.h"

namespace daos::capi {
namespace {

using runtime::Task;

runtime::SystemClock machine_clock;

enum class Fails { kNot, kInTask, kAfterAWait, kWhilePrepared };
enum class With { kNoMemory, kCheck };

void fail(With how) {
  if (how == With::kNoMemory) throw std::bad_alloc();
  DX_CHECK(false, "planted by a test");
}

Task<Status> operation(core::Lane& lane, Fails when, With how) {
  if (when == Fails::kInTask) fail(how);
  const Status slept = co_await runtime::sleep(lane.reactor(), lane.reactor().within(std::chrono::microseconds(10)));
  if (!slept.ok()) co_return slept;
  if (when == Fails::kAfterAWait) fail(how);
  co_return Status();
}
int start(daos_event_t* ev, Fails when, With how) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    if (when == Fails::kWhilePrepared) fail(how);
    return operation(call.lane, when, how);
  });
}

int in_child(int (*body)()) {
  const pid_t child = fork();
  if (child == 0) {
    Library::set_world_for_test({.clock = &machine_clock});
    _exit(daos_init() == 0 ? body() : 99);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ApiCall, NoMemoryIsAnErrorNumber) {
  EXPECT_EQ(in_child([] {
              for (const Fails when : {Fails::kInTask, Fails::kAfterAWait, Fails::kWhilePrepared}) {
                if (start(nullptr, when, With::kNoMemory) != -DER_NOMEM) return 1;
              }
              daos_handle_t queue;
              daos_event_t event;
              daos_event_t* done = nullptr;
              if (daos_eq_create(&queue) != 0 || daos_event_init(&event, queue, nullptr) != 0) return 2;
              if (start(&event, Fails::kAfterAWait, With::kNoMemory) != 0) return 3;
              if (daos_eq_poll(queue, 1, DAOS_EQ_WAIT, 1, &done) != 1 || event.ev_error != -DER_NOMEM) return 4;
              // before it has started: returned by the call, and the event is as it was
              if (start(&event, Fails::kWhilePrepared, With::kNoMemory) != -DER_NOMEM) return 5;
              if (daos_eq_query(queue, DAOS_EQR_ALL, 0, nullptr) != 0) return 6;
              if (start(&event, Fails::kNot, With::kCheck) != 0) return 7;
              if (daos_eq_poll(queue, 1, DAOS_EQ_WAIT, 1, &done) != 1 || event.ev_error != 0) return 8;
              if (daos_event_fini(&event) != 0 || daos_eq_destroy(queue, 0) != 0) return 9;
              return daos_fini() == 0 ? 0 : 10;
            }),
            0);
}

template <Fails kWhen>
int poisoned() {
  if (start(nullptr, Fails::kNot, With::kCheck) != 0) return 1;
  if (start(nullptr, kWhen, With::kCheck) != -DER_MISC) return 2;
  daos_handle_t queue;
  if (start(nullptr, Fails::kNot, With::kCheck) != -DER_MISC) return 3;
  if (daos_eq_create(&queue) != -DER_MISC) return 4;
  return daos_fini() == -DER_MISC ? 0 : 5;
}
TEST(ApiCall, AFailedCheckPoisonsTheClient) {
  EXPECT_EQ(in_child(poisoned<Fails::kInTask>), 0);
  EXPECT_EQ(in_child(poisoned<Fails::kAfterAWait>), 0);
  EXPECT_EQ(in_child(poisoned<Fails::kWhilePrepared>), 0);
}

}  // namespace
}  // namespace daos::capi
