// Goal: a handle that is closed, evicted or whose process has ended is refused by every target, in every process: at
// once where somebody has asked for it, within a second where a process just ended. Run by with-system, with SYSTEM_DIR
// set and a pool "tank"; the other processes are this program again.
#include <daos.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <gurt/common.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>

#include "api_fixture.h"
#include "engine_processes.h"
#include "other_process.h"

namespace api_test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kKeys = 32;  // enough to meet every target
constexpr std::chrono::seconds kPatience{60};

std::string key_name(int i) { return "key " + std::to_string(i); }

/// The object that all processes use, over all targets.
daos_handle_t open_wide(daos_handle_t container) {
  daos_obj_id_t oid = {7, 0};
  daos_handle_t object = DAOS_HDL_INVAL;
  EXPECT_EQ(daos_obj_generate_oid(container, &oid, DAOS_OT_MULTI_HASHED, OC_SX, 0, 0), 0);
  EXPECT_EQ(daos_obj_open(container, oid, DAOS_OO_RW, &object, nullptr), 0);
  return object;
}
/// How many of the keys can be written.
int writable(daos_handle_t object) {
  int count = 0;
  for (int i = 0; i < kKeys; i++) {
    const int rc = put(object, key_name(i), "a", "value");
    if (rc != 0 && rc != -DER_NO_HDL) return -1;
    count += rc == 0;
  }
  return count;
}
bool all_refused(daos_handle_t object) {
  for (int i = 0; i < kKeys; i++) {
    if (put(object, key_name(i), "a", "value") != -DER_NO_HDL) return false;
    if (get(object, key_name(i), "a") != "rc " + std::to_string(-DER_NO_HDL)) return false;
  }
  std::vector<std::string> found;
  daos_anchor_t anchor{};
  return list_once(object, nullptr, &anchor, {}, found) == -DER_NO_HDL;
}

/// What another process handed over.
struct Guest {
  daos_handle_t pool = DAOS_HDL_INVAL, container = DAOS_HDL_INVAL, object = DAOS_HDL_INVAL;
  Guest(std::vector<char> pool_bytes, std::vector<char> container_bytes) {
    EXPECT_EQ(daos_pool_global2local(as_iov(pool_bytes), &pool), 0);
    EXPECT_EQ(daos_cont_global2local(pool, as_iov(container_bytes), &container), 0);
    object = open_wide(container);
  }
  ~Guest() {
    EXPECT_EQ(daos_obj_close(object, nullptr), 0);
    EXPECT_EQ(daos_cont_close(container, nullptr), 0);
    EXPECT_EQ(daos_pool_disconnect(pool, nullptr), 0);
  }
  Guest(const Guest&) = delete;
};

// ------------------------------------------------------------------------------------------------------- roles

/// Opens the container, hands it over, and ends as `end` says.
int be_the_owner(const char* name, const std::string& end) {
  daos_handle_t pool, container;
  NEED(daos_init() == 0);
  NEED(daos_pool_connect("tank", nullptr, DAOS_PC_RW, &pool, nullptr, nullptr) == 0);
  NEED(daos_cont_open(pool, name, DAOS_COO_RW, &container, nullptr, nullptr) == 0);
  const std::vector<char> pool_bytes = exported(daos_pool_local2global, pool);
  const std::vector<char> container_bytes = exported(daos_cont_local2global, container);
  NEED(say_bytes(pool_bytes.data(), static_cast<uint32_t>(pool_bytes.size())));
  NEED(say_bytes(container_bytes.data(), static_cast<uint32_t>(container_bytes.size())));
  NEED(hear());
  if (end == "exit") _exit(0);            // nothing is closed
  if (end == "fini") return daos_fini();  // neither, but the library is left in order
  if (end == "exec") execl("/bin/true", "true", nullptr);
  pause();
  return 0;
}

/// Uses what it is given on every target, then is refused by every one of them.
int be_a_guest() {
  std::vector<char> pool = hear_bytes(), container = hear_bytes();
  NEED(daos_init() == 0);
  {
    Guest guest(std::move(pool), std::move(container));
    NEED(writable(guest.object) == kKeys);
    NEED(say() && hear());
    NEED(all_refused(guest.object));
    daos_cont_info_t info;
    NEED(daos_cont_query(guest.container, &info, nullptr, nullptr) == -DER_NO_HDL);
  }
  return daos_fini() == 0 ? 0 : 1;
}

/// Writes ever higher numbers until it is refused, and tells the last one that was acknowledged.
int be_a_writer() {
  std::vector<char> pool = hear_bytes(), container = hear_bytes();
  NEED(daos_init() == 0);
  {
    Guest guest(std::move(pool), std::move(container));
    uint64_t acknowledged = 0;
    for (;;) {
      const uint64_t number = acknowledged + 1;
      const int rc =
          put(guest.object, "number", "a", std::string(reinterpret_cast<const char*>(&number), sizeof number));
      NEED(rc == 0 || rc == -DER_NO_HDL);
      if (rc != 0) break;  // it may be the eleventh: what was said is not said again
      acknowledged = number;
      if (acknowledged == 10) NEED(say());
    }
    NEED(say_bytes(&acknowledged, sizeof acknowledged));
  }
  return daos_fini() == 0 ? 0 : 1;
}

// ------------------------------------------------------------------------------------------------------- tests

class Handles : public ApiTest {
 protected:
  void SetUp() override {
    signal(SIGPIPE, SIG_IGN);
    ApiTest::SetUp();
  }
  void TearDown() override {
    if (daos_handle_is_inval(container_)) {
      ASSERT_EQ(daos_cont_open(pool_, name_, DAOS_COO_RW, &container_, nullptr, nullptr), 0);
    }
    ApiTest::TearDown();
  }
  uint32_t count() {
    daos_cont_info_t info{};
    EXPECT_EQ(daos_cont_query(container_, &info, nullptr, nullptr), 0);
    return info.ci_nhandles;
  }
  void hand_over(Other& other) {
    other.send(exported(daos_pool_local2global, pool_));
    other.send(exported(daos_cont_local2global, container_));
  }
};

TEST_F(Handles, OfAnEndedProcessAreGoneWithinASecond) {
  for (const char* end : {"kill", "kill", "segv", "exit", "fini", "exec"}) {
    Clock::duration fastest = kPatience;
    // A machine that has no time for us is not what this is about: one of three must be in time, and how long the
    // writes take with which we look does not count.
    for (int attempt = 0; attempt < 3 && fastest > std::chrono::seconds(1); attempt++) {
      Other owner("@owner", (std::string(name_) + " " + end).c_str());
      std::vector<char> pool = owner.receive(), container = owner.receive();
      Guest guest(std::move(pool), std::move(container));
      const Clock::time_point before = Clock::now();
      EXPECT_EQ(writable(guest.object), kKeys);
      const Clock::duration look = Clock::now() - before;
      EXPECT_EQ(count(), 2u);
      const Clock::time_point begun = Clock::now();
      if (std::strcmp(end, "kill") == 0) {
        owner.end_by_force();
      } else if (std::strcmp(end, "segv") == 0) {
        owner.end_by_force(SIGSEGV);
      } else {
        owner.go_on();
      }
      while (writable(guest.object) != 0 && Clock::now() - begun < kPatience) usleep(5'000);
      fastest = std::min(fastest, Clock::now() - begun - 3 * look);
      EXPECT_TRUE(all_refused(guest.object)) << end;
      EXPECT_EQ(count(), 1u) << end;
      if (std::strcmp(end, "kill") != 0 && std::strcmp(end, "segv") != 0) EXPECT_EQ(owner.result(), 0) << end;
    }
    EXPECT_LE(std::chrono::duration_cast<std::chrono::milliseconds>(fastest).count(), 1000) << end;
  }
}

TEST_F(Handles, AreRefusedByEveryTargetWhenTheCallReturns) {
  {  // closed
    Other guest("@guest", "");
    hand_over(guest);
    guest.wait_for_it();
    ASSERT_EQ(daos_cont_close(container_, nullptr), 0);
    container_ = DAOS_HDL_INVAL;
    guest.go_on();
    EXPECT_EQ(guest.result(), 0) << "close";
  }
  {  // evicted
    ASSERT_EQ(daos_cont_open(pool_, name_, DAOS_COO_RW, &container_, nullptr, nullptr), 0);
    Other guest("@guest", "");
    hand_over(guest);
    guest.wait_for_it();
    daos_handle_t evictor;
    ASSERT_EQ(daos_cont_open(pool_, name_, DAOS_COO_EX | DAOS_COO_EVICT_ALL, &evictor, nullptr, nullptr), 0);
    guest.go_on();
    EXPECT_EQ(guest.result(), 0) << "evict";
    EXPECT_EQ(daos_cont_close(evictor, nullptr), 0);
    EXPECT_EQ(daos_cont_close(container_, nullptr), 0) << "an evicted handle closes";
  }
  {  // destroyed by force
    ASSERT_EQ(daos_cont_open(pool_, name_, DAOS_COO_RW, &container_, nullptr, nullptr), 0);
    Other guest("@guest", "");
    hand_over(guest);
    guest.wait_for_it();
    ASSERT_EQ(daos_cont_destroy(pool_, name_, 1, nullptr), 0);
    guest.go_on();
    EXPECT_EQ(guest.result(), 0) << "destroy";
    EXPECT_EQ(daos_cont_close(container_, nullptr), 0);
  }
  uuid_t uuid;
  ASSERT_EQ(daos_cont_create(pool_, &uuid, nullptr, nullptr), 0);
  uuid_unparse_lower(uuid, name_);
  container_ = DAOS_HDL_INVAL;
}

TEST_F(Handles, NothingIsAcknowledgedThroughThemAfterTheCloseReturns) {
  for (int round = 0; round < 5; round++) {
    if (daos_handle_is_inval(container_)) {
      ASSERT_EQ(daos_cont_open(pool_, name_, DAOS_COO_RW, &container_, nullptr, nullptr), 0);
    }
    Other writer("@writer", "");
    hand_over(writer);
    writer.wait_for_it();
    ASSERT_EQ(daos_cont_close(container_, nullptr), 0);
    ASSERT_EQ(daos_cont_open(pool_, name_, DAOS_COO_RW, &container_, nullptr, nullptr), 0);
    const daos_handle_t object = open_wide(container_);
    const std::string seen = get(object, "number", "a");
    ASSERT_EQ(seen.size(), 8u);
    uint64_t stored = 0, acknowledged = 0;
    std::memcpy(&stored, seen.data(), 8);
    const std::vector<char> told = writer.receive();
    ASSERT_EQ(told.size(), 8u);
    std::memcpy(&acknowledged, told.data(), 8);
    EXPECT_LE(acknowledged, stored) << "a write came through after the close";
    EXPECT_EQ(writer.result(), 0);
    EXPECT_EQ(daos_obj_close(object, nullptr), 0);
    EXPECT_EQ(daos_cont_close(container_, nullptr), 0);
    container_ = DAOS_HDL_INVAL;
  }
}

TEST_F(Handles, AreRefusedByAnEngineThatWasDeadWhenTheyWereClosed) {
  Other owner("@owner", (std::string(name_) + " kill").c_str());
  std::vector<char> pool = owner.receive(), container = owner.receive();
  Guest guest(std::move(pool), std::move(container));
  EXPECT_EQ(writable(guest.object), kKeys);
  for (const pid_t engine : engines()) EXPECT_EQ(kill(engine, SIGKILL), 0);
  owner.end_by_force();
  const Clock::time_point begun = Clock::now();
  while (writable(guest.object) != 0 && Clock::now() - begun < kPatience) usleep(5'000);
  EXPECT_TRUE(all_refused(guest.object));
  EXPECT_EQ(count(), 1u);
}

TEST_F(Handles, AreRefusedByAnEngineThatCouldNotBeToldOfTheClose) {
  std::vector<char> pool = exported(daos_pool_local2global, pool_);
  std::vector<char> container = exported(daos_cont_local2global, container_);
  Guest guest(std::move(pool), std::move(container));
  EXPECT_EQ(writable(guest.object), kKeys) << "every target knows the handle";
  const std::vector<pid_t> frozen = engines("engine-1");
  ASSERT_EQ(frozen.size(), 1u);
  ASSERT_EQ(kill(frozen[0], SIGSTOP), 0);
  const Clock::time_point begun = Clock::now();
  EXPECT_EQ(daos_cont_close(container_, nullptr), 0);
  const auto took = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - begun);
  container_ = DAOS_HDL_INVAL;
  ASSERT_EQ(kill(frozen[0], SIGCONT), 0);
  EXPECT_TRUE(all_refused(guest.object)) << "at once, by both engines";
  EXPECT_LT(took, kPatience);
}

TEST_F(Handles, AreAskedForAgainWithoutAnybodyNoticing) {
  const daos_handle_t object = open_wide(container_);
  const Clock::time_point until = Clock::now() + std::chrono::seconds(6);  // longer than an answer is trusted
  while (Clock::now() < until) ASSERT_EQ(put(object, "key", "a", "value"), 0);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

}  // namespace
}  // namespace api_test

int main(int argc, char** argv) {
  using namespace api_test;  // NOLINT: its roles
  if (argc > 2 && std::strcmp(argv[1], "@owner") == 0) {
    const std::string words = argv[2];
    const size_t space = words.find(' ');
    return be_the_owner(words.substr(0, space).c_str(), words.substr(space + 1));
  }
  if (argc > 2 && std::strcmp(argv[1], "@guest") == 0) return be_a_guest();
  if (argc > 2 && std::strcmp(argv[1], "@writer") == 0) return be_a_writer();
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
