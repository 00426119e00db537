// Goal: libdaos keeps its promises on a real system: an engine killed in the middle costs nothing, errors name the way
// out, what is not there is refused and never downgraded. Run by with-system, with SYSTEM_DIR set and a pool "tank".
#include <daos.h>
#include <gtest/gtest.h>
#include <gurt/common.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "api_fixture.h"
#include "engine_processes.h"

namespace {

using api_test::engines;

class Api : public api_test::ApiTest {
 protected:
  daos_handle_t open_object(daos_oclass_id_t cid) { return new_object(DAOS_OT_MULTI_HASHED, cid); }
};

/// One value on its way; stays where it is until its event completes.
struct Operation {
  daos_event_t event;
  std::string key;
  uint64_t value = 0;
  daos_key_t dkey{};
  daos_iod_t iod{};
  d_iov_t iov{};
  d_sg_list_t sgl{};

  Operation(daos_handle_t queue, uint64_t number) : key("key " + std::to_string(number)) {
    EXPECT_EQ(daos_event_init(&event, queue, nullptr), 0);
    d_iov_set(&dkey, key.data(), key.size());
    d_iov_set(&iod.iod_name, const_cast<char*>("a"), 1);
    iod.iod_type = DAOS_IOD_SINGLE;
    iod.iod_nr = 1;
    d_iov_set(&iov, &value, sizeof value);
    sgl = {1, 0, &iov};
  }
  int update(daos_handle_t object, uint64_t v) {
    value = v;
    iod.iod_size = sizeof value;
    return daos_obj_update(object, DAOS_TX_NONE, 0, &dkey, 1, &iod, &sgl, &event);
  }
  int fetch(daos_handle_t object) {
    value = 0;
    iod.iod_size = DAOS_REC_ANY;
    return daos_obj_fetch(object, DAOS_TX_NONE, 0, &dkey, 1, &iod, &sgl, nullptr, &event);
  }
};

int poll_all(daos_handle_t queue, size_t count) {
  std::vector<daos_event_t*> done(count);
  int failed = 0;
  for (size_t ended = 0; ended < count;) {
    const int n = daos_eq_poll(queue, 1, DAOS_EQ_WAIT, static_cast<unsigned>(count), done.data());
    if (n <= 0) return -1;
    for (int i = 0; i < n; i++) {
      const int rc = done[static_cast<size_t>(i)]->ev_error;
      if (rc != 0 && failed++ == 0) ADD_FAILURE() << "an operation ended with " << d_errstr(rc);
    }
    ended += static_cast<size_t>(n);
  }
  return failed;
}

/// Runs `body` in a child that never had the library; its exit code, and what it said on stderr.
std::pair<int, std::string> in_child(int (*body)()) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    _exit(body());
  }
  close(ends[1]);
  std::string said;
  char buffer[4096];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;) said.append(buffer, static_cast<size_t>(n));
  close(ends[0]);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, said};
}

TEST(ApiWithoutSystem, NoAgentIsNamedWithTheWayOut) {
  const auto [code, said] = in_child([] {
    setenv("DAOS_AGENT_DRPC_DIR", "/nowhere/at/all", 1);
    daos_handle_t pool;
    if (daos_init() != 0) return 1;  // needs no agent
    if (daos_pool_connect("tank", nullptr, DAOS_PC_RO, &pool, nullptr, nullptr) != -DER_AGENT_COMM) return 2;
    daos_size_t count = 0;
    if (daos_mgmt_list_pools(nullptr, &count, nullptr, nullptr) != -DER_AGENT_COMM) return 3;
    return daos_fini() == 0 ? 0 : 4;
  });
  EXPECT_EQ(code, 0) << said;
  EXPECT_NE(said.find("/nowhere/at/all/daos_agent.sock"), std::string::npos) << said;
  EXPECT_NE(said.find("daos_server local"), std::string::npos) << said;
}

TEST_F(Api, AKilledEngineCostsNothingButTime) {
  const daos_handle_t object = open_object(OC_SX);
  daos_handle_t queue;
  ASSERT_EQ(daos_eq_create(&queue), 0);
  constexpr size_t kOperations = 2000;
  std::vector<std::unique_ptr<Operation>> operations;
  for (size_t i = 0; i < kOperations; i++) operations.push_back(std::make_unique<Operation>(queue, i));
  for (int round = 0; round < 2; round++) {
    for (size_t i = 0; i < kOperations; i++) ASSERT_EQ(operations[i]->update(object, i * 10 + round), 0);
    const std::vector<pid_t> processes = engines();
    ASSERT_EQ(processes.size(), 2u);
    ASSERT_EQ(kill(processes[static_cast<size_t>(round)], SIGKILL), 0);  // the second time it is another one
    EXPECT_EQ(poll_all(queue, kOperations), 0);
  }
  for (size_t i = 0; i < kOperations; i++) ASSERT_EQ(operations[i]->fetch(object), 0);
  EXPECT_EQ(poll_all(queue, kOperations), 0);
  size_t right = 0;
  for (size_t i = 0; i < kOperations; i++) right += operations[i]->value == i * 10 + 1;
  EXPECT_EQ(right, kOperations);
  for (auto& operation : operations) EXPECT_EQ(daos_event_fini(&operation->event), 0);
  EXPECT_EQ(daos_eq_destroy(queue, 0), 0);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Api, ThreadsWithQueuesOfTheirOwnAndSynchronousCalls) {
  const daos_handle_t object = open_object(OC_SX);
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (uint64_t t = 0; t < 6; t++) {
      threads.emplace_back([&, t] {
        daos_handle_t queue;
        if (daos_eq_create(&queue) != 0) {
          wrong++;
          return;
        }
        for (uint64_t i = 0; i < 100; i++) {
          Operation operation(queue, t * 1000 + i);
          daos_event_t* done = nullptr;
          wrong += operation.update(object, i) != 0 || daos_eq_poll(queue, 1, DAOS_EQ_WAIT, 1, &done) != 1 ||
                   done->ev_error != 0;
          operation.value = 0;
          operation.iod.iod_size = DAOS_REC_ANY;
          wrong += daos_obj_fetch(object, DAOS_TX_NONE, 0, &operation.dkey, 1, &operation.iod, &operation.sgl, nullptr,
                                  nullptr) != 0;
          wrong += operation.value != i;
          wrong += daos_event_fini(&operation.event) != 0;
        }
        wrong += daos_eq_destroy(queue, 0) != 0;
      });
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Api, WhatIsNotThereYetIsRefused) {
  daos_obj_id_t oid = {99, 0};
  daos_handle_t object;
  ASSERT_EQ(daos_obj_generate_oid(container_, &oid, DAOS_OT_MULTI_HASHED, OC_RP_2G1, 0, 0), 0);
  EXPECT_EQ(daos_obj_open(container_, oid, DAOS_OO_RW, &object, nullptr), -DER_NOTSUPPORTED);

  daos_prop_t* prop = daos_prop_alloc(1);
  prop->dpp_entries[0].dpe_type = DAOS_PROP_CO_REDUN_FAC;
  prop->dpp_entries[0].dpe_val = DAOS_PROP_CO_REDUN_RF1;
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(daos_cont_create_with_label(pool_, "redundant", prop, nullptr, nullptr), -DER_NOTSUPPORTED);
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("rd_fac:1"), std::string::npos) << said;
  EXPECT_NE(said.find("daos container create"), std::string::npos) << said;
  daos_prop_free(prop);

  object = open_object(OC_S1);
  for (const size_t bytes : {65537u, 2u << 20, (2u << 20) + 1}) {
    std::vector<char> value(bytes, 'x');
    Operation operation(DAOS_HDL_INVAL, 1);
    d_iov_set(&operation.iov, value.data(), value.size());
    operation.iod.iod_size = bytes;
    EXPECT_EQ(daos_obj_update(object, DAOS_TX_NONE, 0, &operation.dkey, 1, &operation.iod, &operation.sgl, nullptr), 0);
    EXPECT_EQ(daos_event_fini(&operation.event), 0);
  }
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Api, HandleErrorsArriveInTheEvent) {
  daos_handle_t queue;
  daos_event_t event;
  daos_event_t* done = nullptr;
  ASSERT_EQ(daos_eq_create(&queue), 0);
  ASSERT_EQ(daos_event_init(&event, queue, nullptr), 0);
  EXPECT_EQ(daos_cont_create({0xdeadbeef5}, nullptr, nullptr, &event), 0);
  EXPECT_EQ(daos_eq_poll(queue, 1, DAOS_EQ_WAIT, 1, &done), 1);
  EXPECT_EQ(event.ev_error, -DER_NO_HDL);
  EXPECT_EQ(daos_pool_list_cont(pool_, nullptr, nullptr, &event), -DER_INVAL) << "directly";
  daos_size_t count = 0;
  EXPECT_EQ(daos_pool_list_cont(pool_, &count, nullptr, &event), 0);
  EXPECT_EQ(daos_eq_poll(queue, 1, DAOS_EQ_WAIT, 1, &done), 1);
  EXPECT_EQ(event.ev_error, 0);
  EXPECT_EQ(count, 1u);
  EXPECT_EQ(daos_pool_disconnect(pool_, &event), 0);
  EXPECT_EQ(daos_eq_poll(queue, 1, DAOS_EQ_WAIT, 1, &done), 1);
  EXPECT_EQ(event.ev_error, -DER_BUSY) << "a container is open";
  EXPECT_EQ(daos_event_fini(&event), 0);
  EXPECT_EQ(daos_eq_destroy(queue, 0), 0);
}

TEST_F(Api, PoolsAndContainersAreListedAndQueried) {
  daos_size_t count = 0;
  ASSERT_EQ(daos_mgmt_list_pools(nullptr, &count, nullptr, nullptr), 0);
  ASSERT_EQ(count, 1u);
  daos_mgmt_pool_info_t listed = {};
  ASSERT_EQ(daos_mgmt_list_pools(nullptr, &count, &listed, nullptr), 0);
  EXPECT_STREQ(listed.mgpi_label, "tank");
  std::free(listed.mgpi_label);
  d_rank_list_free(listed.mgpi_svc);

  daos_pool_info_t info = {};
  info.pi_bits = DPI_SPACE | DPI_ENGINES_ENABLED;
  d_rank_list_t* ranks = nullptr;
  daos_prop_t* prop = daos_prop_alloc(0);
  ASSERT_EQ(daos_pool_query(pool_, &ranks, &info, prop, nullptr), 0);
  EXPECT_EQ(info.pi_ntargets, 4u);
  EXPECT_EQ(info.pi_nnodes, 2u);
  EXPECT_GT(info.pi_space.ps_space.s_total[DAOS_MEDIA_SCM], 0u);
  EXPECT_EQ(ranks->rl_nr, 2u);
  ASSERT_NE(daos_prop_entry_get(prop, DAOS_PROP_PO_LABEL), nullptr);
  EXPECT_STREQ(daos_prop_entry_get(prop, DAOS_PROP_PO_LABEL)->dpe_str, "tank");
  EXPECT_EQ(daos_prop_entry_get(prop, DAOS_PROP_PO_REDUN_FAC)->dpe_val, 0u);
  daos_prop_free(prop);
  d_rank_list_free(ranks);

  daos_pool_cont_info found[4];
  count = 4;
  ASSERT_EQ(daos_pool_list_cont(pool_, &count, found, nullptr), 0);
  ASSERT_EQ(count, 1u);
  char text[DAOS_UUID_STR_SIZE];
  uuid_unparse_lower(found[0].pci_uuid, text);
  EXPECT_STREQ(text, name_);
}

}  // namespace
