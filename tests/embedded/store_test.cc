// Goal: with DAOS_EMBEDDED, or a path as a pool's name, the whole API works inside this process, durably, and one
// process at a time has the store; whoever else comes is told who has it. Method: the public API only; other processes
// are this program in a role (roles.cc).
#include <daos_mgmt.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "tests/embedded/store_fixture.h"

namespace embedded {
namespace {

std::vector<std::string> pool_labels() {
  daos_mgmt_pool_info_t pools[8];
  daos_size_t count = 8;
  EXPECT_EQ(daos_mgmt_list_pools(nullptr, &count, pools, nullptr), 0);
  std::vector<std::string> labels;
  for (daos_size_t i = 0; i < count; i++) {
    labels.emplace_back(pools[i].mgpi_label);
    free(pools[i].mgpi_label);
    d_rank_list_free(pools[i].mgpi_svc);
  }
  return labels;
}

TEST_F(StoreTest, AFreshDirectoryMakesOnePoolOfTheFirstLabelAskedFor) {
  use(store_);
  ASSERT_EQ(daos_init(), 0);
  EXPECT_TRUE(pool_labels().empty());
  daos_handle_t pool;
  EXPECT_EQ(daos_pool_connect("11111111-2222-3333-4444-555555555555", nullptr, DAOS_PC_RW, &pool, nullptr, nullptr),
            -DER_NONEXIST);
  EXPECT_TRUE(pool_labels().empty());
  daos_pool_info_t info{.pi_bits = DPI_SPACE};
  ASSERT_EQ(daos_pool_connect("tank", "daos_server", DAOS_PC_RW, &pool, &info, nullptr), 0);
  EXPECT_EQ(info.pi_ntargets, 2u);
  EXPECT_EQ(info.pi_nnodes, 1u);
  EXPECT_EQ(pool_labels(), std::vector<std::string>{"tank"});
  EXPECT_EQ(daos_pool_disconnect(pool, nullptr), 0);
  EXPECT_EQ(daos_pool_connect("other", nullptr, DAOS_PC_RW, &pool, nullptr, nullptr), -DER_NONEXIST);
  EXPECT_EQ(pool_labels(), std::vector<std::string>{"tank"});
  EXPECT_EQ(daos_fini(), 0);

  // The layout of a system's engine.
  char uuid[DAOS_UUID_STR_SIZE];
  uuid_unparse_lower(info.pi_uuid, uuid);
  for (const char* target : {"target-0", "target-1"}) {
    EXPECT_TRUE(fs::is_directory(store_ + "/engine-0/" + target + "/" + uuid)) << target;
  }
  ASSERT_EQ(daos_init(), 0);
  EXPECT_EQ(pool_labels(), std::vector<std::string>{"tank"});
  EXPECT_EQ(daos_fini(), 0);
}

TEST_F(StoreTest, WhatIsStoredIsThereAgain) {
  use(store_);
  for (int round = 0; round < 3; round++) {
    ASSERT_EQ(daos_init(), 0);
    Numbers numbers;
    ASSERT_EQ(numbers.open("tank"), 0);
    expect_numbers(numbers, static_cast<uint64_t>(round) * 100);
    for (uint64_t key = 0; key < 100; key++) {
      const uint64_t next = static_cast<uint64_t>(round) * 100 + key;
      ASSERT_EQ(numbers.put(next, number_of(next), key % 10 == 0 ? 100'000 : 8), 0);
    }
    ASSERT_EQ(numbers.close(), 0);
    ASSERT_EQ(daos_fini(), 0);
  }
}

TEST_F(StoreTest, SettingsDecideOnAStoreThatIsMade) {
  use(store_);
  setenv("DAOS_EMBEDDED_TARGETS", "3", 1);
  setenv("DAOS_EMBEDDED_SIZE", "96MiB", 1);
  setenv("DAOS_EMBEDDED_DURABILITY", "process", 1);
  for (int round = 0; round < 2; round++) {
    ASSERT_EQ(daos_init(), 0);
    daos_handle_t pool;
    daos_pool_info_t info{.pi_bits = DPI_SPACE};
    ASSERT_EQ(daos_pool_connect("tank", nullptr, DAOS_PC_RW, &pool, &info, nullptr), 0);
    EXPECT_EQ(info.pi_ntargets, 3u);
    EXPECT_EQ(info.pi_space.ps_space.s_total[0], 96u << 20);
    EXPECT_EQ(daos_pool_disconnect(pool, nullptr), 0);
    ASSERT_EQ(daos_fini(), 0);
    setenv("DAOS_EMBEDDED_TARGETS", "5", 1);  // of a store that is made: this one is
  }
}

TEST_F(StoreTest, SettingsThatMeanNothingAreNamed) {
  use(store_);
  for (const auto& [name, value] : {std::pair("DAOS_EMBEDDED_TARGETS", "none"), std::pair("DAOS_EMBEDDED_TARGETS", "0"),
                                    std::pair("DAOS_EMBEDDED_SIZE", "big"), std::pair("DAOS_EMBEDDED_SIZE", "0"),
                                    std::pair("DAOS_EMBEDDED_DURABILITY", "eternal")}) {
    setenv(name, value, 1);
    std::string said;
    EXPECT_EQ(init(said), -DER_INVAL) << name << value;
    EXPECT_NE(said.find(name), std::string::npos) << said;
    unsetenv(name);
  }
  EXPECT_FALSE(fs::exists(store_));
}

TEST_F(StoreTest, ASecondProcessIsRefusedByName) {
  use(store_);
  Process other({"hold", store_});
  ASSERT_EQ(other.line(), "open");
  std::string said;
  EXPECT_EQ(init(said), -DER_BUSY);
  EXPECT_NE(said.find(store_), std::string::npos) << said;
  EXPECT_NE(said.find("process " + std::to_string(other.pid())), std::string::npos) << said;
  EXPECT_NE(said.find("another directory"), std::string::npos) << said;
  EXPECT_EQ(other.finish(), 0);
  EXPECT_EQ(daos_init(), 0);
  Process third({"hold", store_});
  EXPECT_EQ(third.line().find("libdaos: error: "), 0u);
  EXPECT_NE(third.rest().find("DER_BUSY"), std::string::npos);
  EXPECT_EQ(third.finish(), 1);
  EXPECT_EQ(daos_fini(), 0);
}

TEST_F(StoreTest, WhatWasAcknowledgedSurvivesKillingTheProcess) {
  uint64_t acknowledged = 0;  // numbers below are
  for (int round = 0; round < 8; round++) {
    Process writer({"write", store_, std::to_string(acknowledged)});
    for (int lines = 0; lines < 20 + 37 * round; lines++) {
      const std::string line = writer.line();
      ASSERT_EQ(line, std::to_string(acknowledged)) << writer.rest();
      acknowledged++;
    }
    writer.kill(SIGKILL);
    std::string more = writer.rest();  // said before it died
    acknowledged += static_cast<uint64_t>(std::ranges::count(more, '\n'));
    EXPECT_EQ(writer.finish(), -1);

    ASSERT_EQ(daos_init(), 0);
    Numbers numbers;
    ASSERT_EQ(numbers.open(store_.c_str()), 0);
    expect_numbers(numbers, acknowledged);
    // The handles of the one that was killed are gone: nobody else has the container open.
    EXPECT_EQ(numbers.close(), 0);
    daos_handle_t pool;
    ASSERT_EQ(daos_pool_connect(store_.c_str(), nullptr, DAOS_PC_RW, &pool, nullptr, nullptr), 0);
    daos_pool_info_t info{};
    EXPECT_EQ(daos_pool_query(pool, nullptr, &info, nullptr, nullptr), 0);
    if (round == 7) {
      EXPECT_EQ(daos_cont_destroy(pool, "numbers", 0, nullptr), 0);
    }
    EXPECT_EQ(daos_pool_disconnect(pool, nullptr), 0);
    ASSERT_EQ(daos_fini(), 0);
  }
}

// ------------------------------------------------------------------------------------------------------------- fork

TEST_F(StoreTest, AForkedChildIsShutOutAndRefusedByName) {
  const size_t before = descriptors();
  use(store_);
  ASSERT_EQ(daos_init(), 0);
  Numbers numbers;
  ASSERT_EQ(numbers.open("tank"), 0);
  ASSERT_EQ(numbers.put(0, number_of(0)), 0);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) {
    if (descriptors() != before) _exit(1);
    uint64_t number = 0;
    if (numbers.get(0, number) != -DER_UNINIT) _exit(2);
    if (daos_init() != -DER_UNINIT) _exit(3);
    for (int attempt = 0; attempt < 2; attempt++) {
      testing::internal::CaptureStderr();
      if (daos_reinit() != -DER_BUSY) _exit(4);
      const std::string said = testing::internal::GetCapturedStderr();
      if (said.find("process " + std::to_string(parent)) == std::string::npos) _exit(5);
    }
    if (numbers.get(0, number) != -DER_UNINIT) _exit(6);
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
  ASSERT_EQ(numbers.put(1, number_of(1)), 0);
  expect_numbers(numbers, 2);
  EXPECT_EQ(numbers.close(), 0);
  EXPECT_EQ(daos_fini(), 0);
}

TEST_F(StoreTest, AForkedChildIsRefusedAStoreThatAPathNamed) {
  ASSERT_EQ(daos_init(), 0);
  Numbers numbers;
  ASSERT_EQ(numbers.open(store_.c_str()), 0);
  const pid_t child = fork();
  if (child == 0) {
    testing::internal::CaptureStderr();
    if (daos_reinit() != -DER_BUSY) _exit(1);
    if (daos_init() != -DER_UNINIT) _exit(2);
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
  EXPECT_EQ(numbers.put(0, number_of(0)), 0);
  EXPECT_EQ(numbers.close(), 0);
  EXPECT_EQ(daos_fini(), 0);
}

TEST_F(StoreTest, AChildThatOutlivesItsParentKeepsNobodyOutAndMayTakeOver) {
  Process parent({"outlive", store_});
  ASSERT_EQ(parent.line(), "forked");
  parent.kill(SIGKILL);
  ASSERT_EQ(parent.line(), "shut out");  // the child, whose parent is dead
  // It lives, and has not taken over: the store is free.
  use(store_);
  ASSERT_EQ(daos_init(), 0);
  EXPECT_EQ(daos_fini(), 0);
  parent.finish();
  const std::string rest = parent.rest();
  EXPECT_EQ(rest, "old handles ended\ntook over\n");
  ASSERT_EQ(daos_init(), 0);
  Numbers numbers;
  ASSERT_EQ(numbers.open("tank"), 0);
  expect_numbers(numbers, 1);
  EXPECT_EQ(numbers.close(), 0);
  EXPECT_EQ(daos_fini(), 0);
}

TEST_F(StoreTest, ForkingWhileOthersWorkHarmsNobody) {
  use(store_);
  setenv("DAOS_EMBEDDED_DURABILITY", "process", 1);
  const size_t before = descriptors();
  ASSERT_EQ(daos_init(), 0);
  Numbers numbers;
  ASSERT_EQ(numbers.open("tank"), 0);
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> done{0};
  {
    std::jthread worker([&] {
      for (uint64_t key = 0; !stop; key++, done++) {
        ASSERT_EQ(numbers.put(key % 1000, number_of(key % 1000)), 0);
      }
    });
    for (int i = 0; i < 20; i++) {
      const uint64_t at = done;
      while (done < at + 5) std::this_thread::yield();
      const pid_t child = fork();
      if (child == 0) _exit(descriptors() == before ? 0 : 1);
      int status = 0;
      ASSERT_EQ(waitpid(child, &status, 0), child);
      EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0) << i;
    }
    stop = true;
  }
  EXPECT_EQ(numbers.close(), 0);
  EXPECT_EQ(daos_fini(), 0);
}

// ------------------------------------------------------------------------------------------------------------ paths

TEST_F(StoreTest, APathAsAPoolsNameOpensAStoreUntilItsLastConnectionEnds) {
  ASSERT_EQ(daos_init(), 0);
  const size_t before = threads();
  Numbers one, two;
  ASSERT_EQ(one.open(store_.c_str()), 0);
  ASSERT_EQ(two.open((top_ + "/./store/").c_str()), 0);  // the same
  EXPECT_GT(threads(), before);
  ASSERT_EQ(one.put(0, number_of(0)), 0);
  expect_numbers(two, 1);
  ASSERT_EQ(one.close(), 0);
  {
    Process other({"hold", store_});
    EXPECT_NE((other.line() + other.rest()).find("process " + std::to_string(getpid())), std::string::npos);
  }
  expect_numbers(two, 1);
  ASSERT_EQ(two.close(), 0);
  EXPECT_EQ(threads(), before);
  {
    Process other({"hold", store_});
    EXPECT_EQ(other.line(), "open");
    std::string said;
    testing::internal::CaptureStderr();
    EXPECT_EQ(one.open(store_.c_str()), -DER_BUSY);
    said = testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("process " + std::to_string(other.pid())), std::string::npos) << said;
    EXPECT_EQ(other.finish(), 0);
  }
  // Again in this process; its pool is called as the directory is. What is left open ends with daos_fini.
  ASSERT_EQ(one.open(store_.c_str()), 0);
  daos_prop_t* label = daos_prop_alloc(1);
  label->dpp_entries[0].dpe_type = DAOS_PROP_PO_LABEL;
  EXPECT_EQ(daos_pool_query(one.pool(), nullptr, nullptr, label, nullptr), 0);
  EXPECT_STREQ(label->dpp_entries[0].dpe_str, "store");
  daos_prop_free(label);
  expect_numbers(one, 1);
  EXPECT_EQ(daos_fini(), 0);
  EXPECT_EQ(threads(), before);
}

TEST_F(StoreTest, SeveralStoresAtOnceAreTheirOwn) {
  use(top_ + "/first");
  ASSERT_EQ(daos_init(), 0);
  Numbers first, second, third;
  ASSERT_EQ(first.open("tank"), 0);
  ASSERT_EQ(second.open((top_ + "/second").c_str()), 0);
  ASSERT_EQ(third.open((top_ + "/first").c_str()), 0);  // as the first
  ASSERT_EQ(first.put(0, 1), 0);
  ASSERT_EQ(second.put(0, 2), 0);
  uint64_t number = 0;
  EXPECT_EQ(third.get(0, number), 0);
  EXPECT_EQ(number, 1u);
  EXPECT_EQ(second.get(0, number), 0);
  EXPECT_EQ(number, 2u);
  ASSERT_EQ(third.close(), 0);
  ASSERT_EQ(second.close(), 0);
  EXPECT_EQ(first.get(0, number), 0);
  ASSERT_EQ(first.close(), 0);
  EXPECT_EQ(daos_fini(), 0);
}

TEST_F(StoreTest, ACopyOfAStoreIsAStoreButNotBesideTheFirst) {
  ASSERT_EQ(daos_init(), 0);
  Numbers numbers;
  ASSERT_EQ(numbers.open(store_.c_str()), 0);
  ASSERT_EQ(numbers.put(0, number_of(0)), 0);
  ASSERT_EQ(numbers.close(), 0);
  const std::string copy = top_ + "/copy";
  fs::copy(store_, copy, fs::copy_options::recursive);
  ASSERT_EQ(numbers.open(store_.c_str()), 0);
  Numbers other;
  testing::internal::CaptureStderr();
  EXPECT_EQ(other.open(copy.c_str()), -DER_EXIST);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("is a copy of " + store_), std::string::npos);
  ASSERT_EQ(numbers.put(1, 1), 0);
  ASSERT_EQ(numbers.close(), 0);
  ASSERT_EQ(other.open(copy.c_str()), 0);
  expect_numbers(other, 1);
  uint64_t number = 0;
  EXPECT_EQ(other.get(1, number), -DER_NONEXIST);
  ASSERT_EQ(other.close(), 0);
  EXPECT_EQ(daos_fini(), 0);
}

TEST_F(StoreTest, RelativePathsStayWhereTheyWereNamed) {
  const fs::path before = fs::current_path();
  fs::current_path(top_);
  use("there");
  ASSERT_EQ(daos_init(), 0);
  fs::create_directory("elsewhere");
  fs::current_path("elsewhere");
  Numbers one, two;
  ASSERT_EQ(one.open("tank"), 0);
  ASSERT_EQ(one.put(0, number_of(0)), 0);
  ASSERT_EQ(two.open("../there"), 0);
  expect_numbers(two, 1);
  ASSERT_EQ(two.close(), 0);
  ASSERT_EQ(two.open("./here"), 0);
  ASSERT_EQ(two.close(), 0);
  ASSERT_EQ(one.close(), 0);
  EXPECT_EQ(daos_fini(), 0);
  fs::current_path(before);
  EXPECT_TRUE(fs::is_directory(top_ + "/there/engine-0"));
  EXPECT_TRUE(fs::is_directory(top_ + "/elsewhere/here/engine-0"));
}

// --------------------------------------------------------------------------------------------- what is in the way

TEST_F(StoreTest, NothingIsMadeBesideWhatIsNotOurs) {
  use(store_);
  fs::create_directory(store_);
  std::ofstream(store_ + "/thesis.tex") << "x";
  std::string said;
  EXPECT_EQ(init(said), -DER_EXIST);
  EXPECT_NE(said.find("thesis.tex"), std::string::npos) << said;
  EXPECT_EQ(entries(store_.c_str()), 1u);
  use(store_ + "/thesis.tex");
  EXPECT_NE(init(said), 0);
  EXPECT_NE(said.find("thesis.tex"), std::string::npos) << said;
  use("/proc/self/nothing");
  EXPECT_NE(init(said), 0);
  EXPECT_NE(said.find("/nothing"), std::string::npos) << said;  // below what /proc/self is
  use("/");
  EXPECT_EQ(init(said), -DER_INVAL);
}

TEST_F(StoreTest, DamageIsNamedAndCostsNobodyTheProcess) {
  use(store_);
  ASSERT_EQ(daos_init(), 0);
  Numbers numbers;
  ASSERT_EQ(numbers.open("tank"), 0);
  ASSERT_EQ(numbers.put(0, number_of(0)), 0);
  ASSERT_EQ(numbers.close(), 0);
  ASSERT_EQ(daos_fini(), 0);
  const size_t open_before = descriptors();
  const size_t threads_before = threads();
  for (const std::string name : {"/system", "/engine-0/superblock"}) {
    fs::copy_file(store_ + name, top_ + "/saved");
    std::fstream(store_ + name, std::ios::in | std::ios::out).seekp(40).write("garbage", 7);
    std::string said;
    EXPECT_EQ(init(said), -DER_DF_INVAL) << name;
    EXPECT_NE(said.find(store_ + name), std::string::npos) << said;
    fs::resize_file(store_ + name, 0);
    EXPECT_EQ(init(said), -DER_DF_INVAL) << name;
    fs::remove(store_ + name);
    fs::rename(top_ + "/saved", store_ + name);
  }
  // A store whose system file is lost is not formatted over.
  fs::rename(store_ + "/system", top_ + "/saved");
  std::string said;
  EXPECT_EQ(init(said), -DER_EXIST);
  fs::rename(top_ + "/saved", store_ + "/system");
  // A shard whose superblock is damaged stops the engine in the middle of its start.
  std::string shard;
  for (const auto& entry : fs::recursive_directory_iterator(store_ + "/engine-0/target-1")) {
    if (entry.is_regular_file() && entry.path().filename() == "shard") shard = entry.path();
  }
  ASSERT_NE(shard, "");
  fs::copy_file(shard, top_ + "/saved");
  fs::resize_file(shard, 10);
  EXPECT_NE(init(said), 0);
  EXPECT_NE(said.find("target 1"), std::string::npos) << said;
  fs::rename(top_ + "/saved", shard);
  EXPECT_EQ(descriptors(), open_before);
  EXPECT_EQ(threads(), threads_before);

  ASSERT_EQ(daos_init(), 0);
  ASSERT_EQ(numbers.open("tank"), 0);
  expect_numbers(numbers, 1);
  ASSERT_EQ(numbers.close(), 0);
  ASSERT_EQ(daos_fini(), 0);
}

TEST_F(StoreTest, ADirectoryThatMayNotBeWrittenIsNamed) {
  fs::permissions(top_, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read |
                            fs::perms::others_exec);
  if (geteuid() != 0) fs::permissions(top_, fs::perms::owner_read | fs::perms::owner_exec);
  Process other({"as_nobody", store_});
  const std::string said = other.rest();
  fs::permissions(top_, fs::perms::owner_all);
  ASSERT_EQ(other.finish(), 0) << said;
  EXPECT_NE(said.find(store_), std::string::npos) << said;
  EXPECT_NE(said.find("DER_NO_PERM"), std::string::npos) << said;
}

TEST_F(StoreTest, AFullDiskRefusesAndKeepsWhatItHas) {
  fs::create_directory(store_);
  Process other({"full_disk", store_});
  const std::string said = other.rest();
  const int status = other.finish();
  if (status == 77) GTEST_SKIP() << said;
  EXPECT_EQ(status, 0) << said;
  EXPECT_TRUE(said.ends_with("DER_NOSPACE\nall there\n")) << said;  // perhaps behind a warning: a slow disk took long
}

// ------------------------------------------------------------------------------------------------- life of a process

TEST_F(StoreTest, AnExitWithoutFiniIsClean) {
  for (const char* role : {"leave", "leave_late"}) {
    Process other({role, store_});
    const std::string said = other.rest();
    EXPECT_EQ(other.finish(), 0) << role << said;
    EXPECT_EQ(said, role == std::string("leave") ? "" : "closed\n");
    use(store_);
    ASSERT_EQ(daos_init(), 0);
    Numbers numbers;
    ASSERT_EQ(numbers.open("tank"), 0);
    expect_numbers(numbers, 100);
    ASSERT_EQ(numbers.close(), 0);
    ASSERT_EQ(daos_fini(), 0);
  }
}

TEST_F(StoreTest, OpeningOftenLeaksNothing) {
  use(store_);
  setenv("DAOS_EMBEDDED_DURABILITY", "process", 1);
  size_t open_before = 0, threads_before = 0;
  for (int round = 0; round < 40; round++) {
    ASSERT_EQ(daos_init(), 0);
    Numbers numbers;
    ASSERT_EQ(numbers.open("tank"), 0);
    ASSERT_EQ(numbers.put(0, number_of(0)), 0);
    if (round % 2 == 0) {
      ASSERT_EQ(numbers.close(), 0);
    }
    ASSERT_EQ(daos_fini(), 0);
    if (round == 1) {
      open_before = descriptors();
      threads_before = threads();
    }
  }
  EXPECT_EQ(descriptors(), open_before);
  EXPECT_EQ(threads(), threads_before);
}

TEST_F(StoreTest, SignalsAreLeftToTheProgram) {
  struct sigaction before[NSIG];
  for (int number = 1; number < NSIG; number++) sigaction(number, nullptr, &before[number]);
  sigset_t mask_before, mask_after;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_before);
  use(store_);
  ASSERT_EQ(daos_init(), 0);
  for (int number = 1; number < NSIG; number++) {
    struct sigaction after{};
    if (sigaction(number, nullptr, &after) != 0) continue;
    EXPECT_EQ(after.sa_handler, before[number].sa_handler) << number;
  }
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_after);
  for (int number = 1; number < NSIG; number++) {
    EXPECT_EQ(sigismember(&mask_after, number), sigismember(&mask_before, number)) << number;
  }
  // A signal for the process always finds one of the program's own threads.
  static std::atomic<pid_t> met{0};
  signal(SIGUSR1, [](int) { met = gettid(); });
  for (int i = 0; i < 50; i++) {
    met = 0;
    ::kill(getpid(), SIGUSR1);
    while (met == 0) std::this_thread::yield();
    EXPECT_EQ(met, gettid());
  }
  signal(SIGUSR1, SIG_DFL);
  EXPECT_EQ(daos_fini(), 0);
}

TEST_F(StoreTest, ThreadsShareIt) {
  use(store_);
  ASSERT_EQ(daos_init(), 0);
  Numbers numbers;
  ASSERT_EQ(numbers.open("tank"), 0);
  {
    std::vector<std::jthread> workers;
    for (uint64_t worker = 0; worker < 2; worker++) {
      workers.emplace_back([&numbers, worker] {
        for (uint64_t i = 0; i < 300; i++) {
          const uint64_t key = 2 * i + worker;
          uint64_t number = 0;
          ASSERT_EQ(numbers.put(key, number_of(key)), 0);
          ASSERT_EQ(numbers.get(key, number), 0);
          ASSERT_EQ(number, number_of(key));
        }
      });
    }
  }
  expect_numbers(numbers, 600);
  ASSERT_EQ(numbers.close(), 0);
  ASSERT_EQ(daos_fini(), 0);
}

TEST_F(StoreTest, HandlesGoAroundInsideTheProcess) {
  ASSERT_EQ(daos_init(), 0);
  Numbers numbers;
  ASSERT_EQ(numbers.open(store_.c_str()), 0);
  std::vector<char> bytes(4096);
  d_iov_t global{.iov_buf = bytes.data(), .iov_buf_len = bytes.size(), .iov_len = bytes.size()};
  ASSERT_EQ(daos_pool_local2global(numbers.pool(), &global), 0);
  daos_handle_t again;
  ASSERT_EQ(daos_pool_global2local(global, &again), 0);
  daos_pool_info_t info{};
  EXPECT_EQ(daos_pool_query(again, nullptr, &info, nullptr, nullptr), 0);
  EXPECT_EQ(daos_pool_disconnect(again, nullptr), 0);
  EXPECT_EQ(numbers.put(0, number_of(0)), 0);
  EXPECT_EQ(numbers.close(), 0);
  EXPECT_EQ(daos_fini(), 0);
}

}  // namespace
}  // namespace embedded
