// Goal: handles, rights and attributes hold between processes: what one process hands over another can use, until the
// first closes it; what is evicted is refused everywhere; who has no right is told so. Run by with-system, with a pool
// "tank"; the other processes are this program again, with a role for an argument.
#include <daos.h>
#include <gtest/gtest.h>
#include <gurt/common.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "api_fixture.h"
#include "other_process.h"

namespace {

using namespace api_test;  // NOLINT: of a test

int put(daos_handle_t object, uint64_t value) {
  daos_key_t dkey;
  daos_iod_t iod{};
  d_iov_t iov;
  d_sg_list_t sgl{1, 0, &iov};
  d_iov_set(&dkey, const_cast<char*>("d"), 1);
  d_iov_set(&iod.iod_name, const_cast<char*>("a"), 1);
  d_iov_set(&iov, &value, sizeof value);
  iod.iod_type = DAOS_IOD_SINGLE;
  iod.iod_nr = 1;
  iod.iod_size = sizeof value;
  return daos_obj_update(object, DAOS_TX_NONE, 0, &dkey, 1, &iod, &sgl, nullptr);
}

int get(daos_handle_t object, uint64_t* value) {
  daos_key_t dkey;
  daos_iod_t iod{};
  d_iov_t iov;
  d_sg_list_t sgl{1, 0, &iov};
  d_iov_set(&dkey, const_cast<char*>("d"), 1);
  d_iov_set(&iod.iod_name, const_cast<char*>("a"), 1);
  d_iov_set(&iov, value, sizeof *value);
  iod.iod_type = DAOS_IOD_SINGLE;
  iod.iod_nr = 1;
  iod.iod_size = DAOS_REC_ANY;
  return daos_obj_fetch(object, DAOS_TX_NONE, 0, &dkey, 1, &iod, &sgl, nullptr, nullptr);
}

int open_object(daos_handle_t container, daos_handle_t* object) {
  daos_obj_id_t oid = {7, 0};
  const int rc = daos_obj_generate_oid(container, &oid, DAOS_OT_MULTI_HASHED, OC_S1, 0, 0);
  return rc != 0 ? rc : daos_obj_open(container, oid, DAOS_OO_RW, object, nullptr);
}

// ------------------------------------------------------------------------------------------------------- roles

/// Uses what another process opened, until that one has closed it.
int use_shared() {
  std::vector<char> pool_bytes = hear_bytes();
  std::vector<char> container_bytes = hear_bytes();
  daos_handle_t pool, container, object;
  NEED(daos_init() == 0);
  NEED(daos_pool_global2local(as_iov(pool_bytes), &pool) == 0);
  NEED(daos_cont_global2local(pool, as_iov(container_bytes), &container) == 0);
  daos_handle_t other;
  NEED(daos_pool_connect("tank", nullptr, DAOS_PC_RW, &other, nullptr, nullptr) == 0);
  daos_handle_t none;
  NEED(daos_cont_global2local(other, as_iov(container_bytes), &none) == -DER_INVAL);  // of another connection
  NEED(daos_pool_disconnect(other, nullptr) == 0);
  NEED(open_object(container, &object) == 0);
  uint64_t value = 0;
  NEED(get(object, &value) == 0 && value == 1);
  NEED(put(object, 2) == 0);
  daos_cont_info_t info = {};
  NEED(daos_cont_query(container, &info, nullptr, nullptr) == 0 && info.ci_nhandles == 1);
  daos_handle_t again;  // closing one is local, whatever else uses the same
  NEED(daos_cont_global2local(pool, as_iov(container_bytes), &again) == 0);
  NEED(daos_cont_close(again, nullptr) == 0);
  NEED(put(object, 3) == 0);
  NEED(daos_pool_disconnect(pool, nullptr) == -DER_BUSY);
  NEED(say() && hear());  // it is closed now
  NEED(put(object, 4) == -DER_NO_HDL);
  NEED(get(object, &value) == -DER_NO_HDL);
  NEED(daos_cont_query(container, &info, nullptr, nullptr) == -DER_NO_HDL);
  NEED(daos_obj_close(object, nullptr) == 0);
  NEED(daos_cont_close(container, nullptr) == 0);
  NEED(daos_pool_disconnect(pool, nullptr) == 0);
  return daos_fini() == 0 ? 0 : 1;
}

/// Holds a container open while others evict it.
int hold(const char* name) {
  daos_handle_t pool, container, object;
  NEED(daos_init() == 0);
  NEED(daos_pool_connect("tank", nullptr, DAOS_PC_RW, &pool, nullptr, nullptr) == 0);
  NEED(daos_cont_open(pool, name, DAOS_COO_RW, &container, nullptr, nullptr) == 0);
  NEED(open_object(container, &object) == 0);
  NEED(put(object, 1) == 0);
  NEED(say() && hear());  // evicted now
  uint64_t value = 0;
  NEED(put(object, 2) == -DER_NO_HDL);
  NEED(get(object, &value) == -DER_NO_HDL);
  uint64_t first = 0;
  NEED(daos_cont_alloc_oids(container, 1, &first, nullptr) == -DER_NO_HDL);
  NEED(daos_obj_close(object, nullptr) == 0);
  NEED(daos_cont_close(container, nullptr) == 0);
  NEED(daos_pool_disconnect(pool, nullptr) == 0);
  return daos_fini() == 0 ? 0 : 1;
}

/// Another user, whom the pool's list does not name, and whom the container "shared" gives reading.
int be_a_stranger(const char* expected) {
  const passwd* daemon = getpwnam("daemon");
  NEED(daemon != nullptr && setgid(daemon->pw_gid) == 0 && setuid(daemon->pw_uid) == 0);
  daos_handle_t pool = DAOS_HDL_INVAL;
  NEED(daos_init() == 0);
  NEED(std::string(expected) == "nothing");
  NEED(daos_pool_connect("tank", nullptr, DAOS_PC_RO, &pool, nullptr, nullptr) == -DER_NO_PERM);
  NEED(daos_pool_connect("tank", nullptr, DAOS_PC_RW, &pool, nullptr, nullptr) == -DER_NO_PERM);
  daos_size_t pools = 9;
  NEED(daos_mgmt_list_pools(nullptr, &pools, nullptr, nullptr) == 0 && pools == 0);
  return daos_fini() == 0 ? 0 : 1;
}

int play(const std::string& role, const char* argument) {
  if (role == "@shared") return use_shared();
  if (role == "@hold") return hold(argument);
  if (role == "@stranger") return be_a_stranger(argument);
  return 255;
}

// ------------------------------------------------------------------------------------------------------- tests

class Pools : public api_test::ApiTest {
 protected:
  void SetUp() override {
    signal(SIGPIPE, SIG_IGN);
    ApiTest::SetUp();
  }
  uint32_t handles() {
    daos_cont_info_t info = {};
    EXPECT_EQ(daos_cont_query(container_, &info, nullptr, nullptr), 0);
    return info.ci_nhandles;
  }
};

TEST_F(Pools, AnotherProcessUsesAHandleUntilItsOwnerClosesIt) {
  daos_handle_t object;
  ASSERT_EQ(open_object(container_, &object), 0);
  ASSERT_EQ(put(object, 1), 0);
  Other other("@shared", "");
  other.send(exported(daos_pool_local2global, pool_));
  other.send(exported(daos_cont_local2global, container_));
  other.wait_for_it();
  uint64_t value = 0;
  EXPECT_EQ(get(object, &value), 0);
  EXPECT_EQ(value, 3u) << "what the other wrote through our handle";
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
  EXPECT_EQ(daos_cont_close(container_, nullptr), 0);
  container_ = DAOS_HDL_INVAL;
  other.go_on();
  EXPECT_EQ(other.result(), 0);
}

TEST_F(Pools, BytesThatAreNoHandleAreRefused) {
  daos_handle_t handle;
  std::vector<char> pool = exported(daos_pool_local2global, pool_);
  std::vector<char> container = exported(daos_cont_local2global, container_);
  EXPECT_EQ(daos_pool_global2local(as_iov(container), &handle), -DER_INVAL);
  EXPECT_EQ(daos_cont_global2local(pool_, as_iov(pool), &handle), -DER_INVAL);
  d_iov_t cut = as_iov(container);
  cut.iov_len--;
  EXPECT_EQ(daos_cont_global2local(pool_, cut, &handle), -DER_INVAL);
  cut = as_iov(container);
  cut.iov_buf_len--;
  EXPECT_EQ(daos_cont_global2local(pool_, cut, &handle), -DER_INVAL);
  EXPECT_EQ(daos_cont_global2local(pool_, d_iov_t{}, &handle), -DER_INVAL);
  EXPECT_EQ(daos_cont_global2local(pool_, as_iov(container), nullptr), -DER_INVAL);
  EXPECT_EQ(daos_cont_global2local({0x12345}, as_iov(container), &handle), -DER_NO_HDL);
  std::vector<char> turned = container;  // as a machine of the other byte order would write its first field
  std::swap(turned[0], turned[3]);
  std::swap(turned[1], turned[2]);
  EXPECT_NE(daos_cont_global2local(pool_, as_iov(turned), &handle), 0) << "its counts were not turned";
  turned[0] ^= 0x40;
  EXPECT_EQ(daos_cont_global2local(pool_, as_iov(turned), &handle), -DER_INVAL);
  pool[10] ^= 1;  // another pool's uuid
  EXPECT_EQ(daos_pool_global2local(as_iov(pool), &handle), -DER_NONEXIST);
  pool[10] ^= 1;
  pool[30] ^= 1;  // a handle that nobody opened
  EXPECT_EQ(daos_pool_global2local(as_iov(pool), &handle), -DER_NO_HDL);

  d_iov_t glob{};
  EXPECT_EQ(daos_cont_local2global(container_, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_cont_local2global({0x12345}, &glob), -DER_NO_HDL);
  char small[8];
  glob = {small, sizeof small, 0};
  EXPECT_EQ(daos_cont_local2global(container_, &glob), -DER_TRUNC);
  EXPECT_EQ(glob.iov_buf_len, container.size());
  glob = {small, 0, 0};
  EXPECT_EQ(daos_cont_local2global(container_, &glob), -DER_INVAL);
  glob = {small, 4, 8};
  EXPECT_EQ(daos_pool_local2global(pool_, &glob), -DER_INVAL);
}

TEST_F(Pools, EvictionIsSeenByTheOtherProcess) {
  ASSERT_EQ(daos_cont_close(container_, nullptr), 0);
  struct Case {
    unsigned flags;
    int before;
  };
  for (const Case& c : {Case{DAOS_COO_EX | DAOS_COO_EVICT_ALL, DAOS_COO_EX}, Case{DAOS_COO_RW | DAOS_COO_EVICT, 0}}) {
    Other other("@hold", name_);
    other.wait_for_it();
    if (c.before != 0) {
      EXPECT_EQ(daos_cont_open(pool_, name_, static_cast<unsigned>(c.before), &container_, nullptr, nullptr),
                -DER_BUSY);
    }
    daos_cont_info_t info = {};
    ASSERT_EQ(daos_cont_open(pool_, name_, c.flags, &container_, &info, nullptr), 0);
    EXPECT_EQ(info.ci_nhandles, 1u);
    other.go_on();
    EXPECT_EQ(other.result(), 0) << c.flags;
    ASSERT_EQ(daos_cont_close(container_, nullptr), 0);
  }
  container_ = DAOS_HDL_INVAL;
  Other other("@hold", name_);  // destroyed by force while it is open
  other.wait_for_it();
  EXPECT_EQ(daos_cont_destroy(pool_, name_, 0, nullptr), -DER_BUSY);
  EXPECT_EQ(daos_cont_destroy(pool_, name_, 1, nullptr), 0);
  other.go_on();
  EXPECT_EQ(other.result(), 0);
  uuid_t uuid;
  ASSERT_EQ(daos_cont_create(pool_, &uuid, nullptr, nullptr), 0);
  uuid_unparse_lower(uuid, name_);
}

TEST_F(Pools, WhatAKilledProcessHeldIsFree) {
  Other other("@hold", name_);
  other.wait_for_it();
  EXPECT_EQ(handles(), 2u);
  other.end_by_force();
  for (int i = 0; i < 400 && handles() != 1; i++) usleep(25'000);
  EXPECT_EQ(handles(), 1u);
}

TEST_F(Pools, AStrangerIsToldNo) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to become somebody else";
  const std::filesystem::path system = std::getenv("SYSTEM_DIR");
  ASSERT_EQ(chmod(system.parent_path().c_str(), 0755), 0);  // so that the other user finds the agent's socket
  Other other("@stranger", "nothing");
  EXPECT_EQ(other.result(), 0);
}

TEST_F(Pools, WithoutDataRightsAHandleOpensAndDoesNotReadOrWrite) {
  struct daos_acl* acl = nullptr;
  const char* only_list[] = {"A::OWNER@:"};
  ASSERT_EQ(daos_acl_from_strs(only_list, 1, &acl), 0);
  ASSERT_EQ(daos_cont_overwrite_acl(container_, acl, nullptr), 0);
  daos_acl_free(acl);
  daos_handle_t bare, object;
  ASSERT_EQ(daos_cont_open(pool_, name_, DAOS_COO_RW, &bare, nullptr, nullptr), 0) << "the owner reaches the list";
  ASSERT_EQ(open_object(bare, &object), 0);
  uint64_t value = 0;
  EXPECT_EQ(put(object, 1), -DER_NO_PERM);
  EXPECT_EQ(get(object, &value), -DER_NO_PERM);
  EXPECT_EQ(daos_cont_alloc_oids(bare, 1, &value, nullptr), -DER_NO_PERM);
  daos_prop_t* prop = daos_prop_alloc(0);
  EXPECT_EQ(daos_cont_query(bare, nullptr, prop, nullptr), -DER_NO_PERM);
  daos_prop_free(prop);
  prop = nullptr;
  EXPECT_EQ(daos_cont_get_acl(bare, &prop, nullptr), 0);
  daos_prop_free(prop);
  EXPECT_EQ(daos_cont_status_clear(bare, nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_cont_set_owner(bare, nullptr, const_cast<char*>("daemon@"), nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
  EXPECT_EQ(daos_cont_close(bare, nullptr), 0);
}

TEST_F(Pools, ARightGoneToAnotherOwnerIsGone) {
  ASSERT_EQ(daos_cont_set_owner_no_check(container_, const_cast<char*>("nobody.like.this@"),
                                         const_cast<char*>("no.such.group@"), nullptr),
            0);
  daos_handle_t again;
  EXPECT_EQ(daos_cont_open(pool_, name_, DAOS_COO_RO, &again, nullptr, nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_cont_open(pool_, name_, DAOS_COO_EX, &again, nullptr, nullptr), -DER_NO_PERM);
}

TEST_F(Pools, AttributesOfAPool) {
  daos_handle_t reader;
  ASSERT_EQ(daos_pool_connect("tank", nullptr, DAOS_PC_RO, &reader, nullptr, nullptr), 0);
  const char* names[] = {"one", "two"};
  const void* values[] = {"1", "22"};
  const size_t sizes[] = {1, 2};
  EXPECT_EQ(daos_pool_set_attr(reader, 2, names, values, sizes, nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_pool_set_attr(pool_, 2, names, values, sizes, nullptr), 0);
  char list[16];
  size_t bytes = sizeof list;
  EXPECT_EQ(daos_pool_list_attr(reader, list, &bytes, nullptr), 0);
  EXPECT_EQ(std::string(list, bytes), std::string("one\0two\0", 8));
  char value[8] = "";
  void* buffers[] = {value, nullptr};
  size_t room[] = {sizeof value, 0};
  EXPECT_EQ(daos_pool_get_attr(reader, 2, names, buffers, room, nullptr), 0);
  EXPECT_EQ(room[0], 1u);
  EXPECT_EQ(room[1], 2u);
  EXPECT_EQ(value[0], '1');
  size_t total = 0;
  EXPECT_EQ(daos_cont_list_attr(container_, nullptr, &total, nullptr), 0);
  EXPECT_EQ(total, 0u) << "a container's are others";
  EXPECT_EQ(daos_pool_del_attr(reader, 2, names, nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_pool_del_attr(pool_, 2, names, nullptr), 0);
  EXPECT_EQ(daos_pool_disconnect(reader, nullptr), 0);

  std::vector<char> large(2u << 20, 'x');  // with its name more than one call carries
  const char* name = "large";
  const void* data = large.data();
  size_t size = large.size();
  EXPECT_EQ(daos_cont_set_attr(container_, 1, &name, &data, &size, nullptr), -DER_NOSPACE);
  size = 1u << 20;
  EXPECT_EQ(daos_cont_set_attr(container_, 1, &name, &data, &size, nullptr), 0);
  std::vector<char> back(size);
  void* buffer = back.data();
  EXPECT_EQ(daos_cont_get_attr(container_, 1, &name, &buffer, &size, nullptr), 0);
  EXPECT_EQ(size, back.size());
  EXPECT_TRUE(std::equal(back.begin(), back.end(), large.begin()));
}

TEST_F(Pools, CallsWithAnEventDeliverWhatTheOperationFinds) {
  daos_handle_t queue;
  daos_event_t event;
  ASSERT_EQ(daos_eq_create(&queue), 0);
  ASSERT_EQ(daos_event_init(&event, queue, nullptr), 0);
  const auto outcome = [&](int rc) {
    daos_event_t* done = nullptr;
    EXPECT_EQ(rc, 0) << "accepted";
    EXPECT_EQ(daos_eq_poll(queue, 1, DAOS_EQ_WAIT, 1, &done), 1);
    return event.ev_error;
  };
  const daos_handle_t none = {0x12345};
  const char* name = "n";
  const void* value = "v";
  size_t size = 1;
  uint64_t first = 99;
  daos_prop_t* prop = nullptr;
  char buffer = 0;
  void* out = &buffer;
  EXPECT_EQ(outcome(daos_cont_set_attr(container_, 1, &name, &value, &size, &event)), 0);
  EXPECT_EQ(outcome(daos_cont_get_attr(container_, 1, &name, &out, &size, &event)), 0);
  EXPECT_EQ(buffer, 'v');
  EXPECT_EQ(outcome(daos_cont_alloc_oids(container_, 3, &first, &event)), 0);
  EXPECT_EQ(first, 0u);
  EXPECT_EQ(outcome(daos_cont_get_acl(container_, &prop, &event)), 0);
  EXPECT_NE(daos_prop_entry_get(prop, DAOS_PROP_CO_ACL), nullptr);
  daos_prop_free(prop);
  EXPECT_EQ(outcome(daos_cont_status_clear(container_, &event)), 0);
  EXPECT_EQ(outcome(daos_cont_aggregate(container_, 1, &event)), 0);
  EXPECT_EQ(outcome(daos_cont_set_attr(none, 1, &name, &value, &size, &event)), -DER_NO_HDL);
  EXPECT_EQ(outcome(daos_pool_list_attr(none, nullptr, &size, &event)), -DER_NO_HDL);
  EXPECT_EQ(outcome(daos_cont_alloc_oids(none, 1, &first, &event)), -DER_NO_HDL);
  EXPECT_EQ(outcome(daos_cont_alloc_oids(container_, 0, &first, &event)), -DER_INVAL);
  EXPECT_EQ(outcome(daos_cont_delete_acl(container_, DAOS_ACL_EVERYONE, nullptr, &event)), -DER_NONEXIST);
  EXPECT_EQ(outcome(daos_cont_aggregate(container_, DAOS_EPOCH_MAX, &event)), -DER_INVAL);
  EXPECT_EQ(daos_cont_set_prop(container_, nullptr, &event), -DER_INVAL) << "directly";
  EXPECT_EQ(daos_event_fini(&event), 0);
  EXPECT_EQ(daos_eq_destroy(queue, 0), 0);
}

TEST_F(Pools, TargetsOfAPool) {
  daos_target_info_t info = {};
  ASSERT_EQ(daos_pool_query_target(pool_, 1, 1, &info, nullptr), 0);
  EXPECT_EQ(info.ta_state, DAOS_TS_UP_IN);
  EXPECT_GT(info.ta_space.s_total[DAOS_MEDIA_SCM], 0u);
  EXPECT_GE(info.ta_space.s_total[DAOS_MEDIA_SCM], info.ta_space.s_free[DAOS_MEDIA_SCM]);
  EXPECT_EQ(daos_pool_query_target(pool_, 2, 1, &info, nullptr), -DER_NONEXIST);
  EXPECT_EQ(daos_pool_query_target(pool_, 0, 2, &info, nullptr), -DER_NONEXIST);
  EXPECT_EQ(daos_pool_query_target(pool_, 0, 0, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_pool_query_target({0x12345}, 0, 0, &info, nullptr), -DER_NO_HDL);
}

TEST_F(Pools, ContainersAreFiltered) {
  daos_handle_t second;
  ASSERT_EQ(daos_cont_open(pool_, name_, DAOS_COO_RO, &second, nullptr, nullptr), 0);
  ASSERT_EQ(daos_cont_create_with_label(pool_, "shut", nullptr, nullptr, nullptr), 0);
  const auto count = [&](std::vector<daos_pool_cont_filter_part_t> parts, uint32_t combine) {
    daos_pool_cont_filter_t filter;
    EXPECT_EQ(daos_pool_cont_filter_init(&filter, combine), 0);
    for (auto& part : parts) EXPECT_EQ(daos_pool_cont_filter_add(&filter, &part), 0);
    daos_size_t found = 99;
    EXPECT_EQ(daos_pool_filter_cont(pool_, &filter, &found, nullptr, nullptr), 0);
    daos_pool_cont_filter_fini(&filter);
    return found;
  };
  const auto part = [](uint32_t func, uint32_t key, uint64_t value) {
    daos_pool_cont_filter_part_t p{};
    p.pcfp_func = func;
    p.pcfp_key = key;
    p.pcfp_val64 = value;
    return p;
  };
  EXPECT_EQ(count({}, PCF_COMBINE_LOGICAL_AND), 2u);
  EXPECT_EQ(count({}, PCF_COMBINE_LOGICAL_OR), 2u);
  EXPECT_EQ(count({part(PCF_FUNC_EQ, PCF_KEY_NUM_HANDLES, 2)}, PCF_COMBINE_LOGICAL_AND), 1u);
  EXPECT_EQ(count({part(PCF_FUNC_NE, PCF_KEY_NUM_HANDLES, 2)}, PCF_COMBINE_LOGICAL_AND), 1u);
  EXPECT_EQ(count({part(PCF_FUNC_LT, PCF_KEY_NUM_HANDLES, 0)}, PCF_COMBINE_LOGICAL_AND), 0u);
  EXPECT_EQ(count({part(PCF_FUNC_LE, PCF_KEY_NUM_HANDLES, 2)}, PCF_COMBINE_LOGICAL_AND), 2u);
  EXPECT_EQ(count({part(PCF_FUNC_GT, PCF_KEY_MD_OTIME, 0), part(PCF_FUNC_GE, PCF_KEY_NUM_HANDLES, 2)},
                  PCF_COMBINE_LOGICAL_AND),
            1u);
  EXPECT_EQ(count({part(PCF_FUNC_EQ, PCF_KEY_NUM_SNAPSHOTS, 5), part(PCF_FUNC_EQ, PCF_KEY_NUM_HANDLES, 0)},
                  PCF_COMBINE_LOGICAL_OR),
            1u);
  daos_pool_cont_info2 found[2];
  daos_size_t room = 2;
  ASSERT_EQ(daos_pool_filter_cont(pool_, nullptr, &room, found, nullptr), 0);
  ASSERT_EQ(room, 2u);
  const auto& shut = std::strcmp(found[0].pci_id.pci_label, "shut") == 0 ? found[0] : found[1];
  EXPECT_STREQ(shut.pci_id.pci_label, "shut");
  EXPECT_EQ(shut.pci_cinfo.ci_nhandles, 0u);
  EXPECT_NE(shut.pci_cinfo.ci_md_otime, 0u);
  room = 1;
  EXPECT_EQ(daos_pool_filter_cont(pool_, nullptr, &room, found, nullptr), -DER_TRUNC);
  EXPECT_EQ(room, 2u);
  daos_pool_cont_filter_t wrong{};
  wrong.pcf_nparts = DAOS_POOL_CONT_FILTER_MAX_NPARTS + 1;
  EXPECT_EQ(daos_pool_filter_cont(pool_, &wrong, &room, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_pool_filter_cont(pool_, nullptr, nullptr, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_cont_close(second, nullptr), 0);
  EXPECT_EQ(daos_cont_destroy(pool_, "shut", 0, nullptr), 0);
}

TEST_F(Pools, TheSystemIsDescribed) {
  daos_sys_info* info = nullptr;
  ASSERT_EQ(daos_mgmt_get_sys_info(nullptr, &info), 0);
  EXPECT_STREQ(info->dsi_system_name, "daos_server");
  EXPECT_STREQ(info->dsi_fabric_provider, "ofi+tcp");
  EXPECT_TRUE(std::filesystem::exists(info->dsi_agent_path)) << info->dsi_agent_path;
  ASSERT_EQ(info->dsi_nr_ranks, 2u);
  for (uint32_t i = 0; i < 2; i++) {
    EXPECT_EQ(info->dsi_ranks[i].dru_rank, i);
    EXPECT_EQ(std::string(info->dsi_ranks[i].dru_uri).rfind("ofi+tcp://127.0.0.1:", 0), 0u)
        << info->dsi_ranks[i].dru_uri;
  }
  ASSERT_EQ(info->dsi_nr_ms_ranks, 1u);
  EXPECT_EQ(info->dsi_ms_ranks[0], 0u);
  daos_mgmt_put_sys_info(info);
  EXPECT_EQ(daos_mgmt_get_sys_info(nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_mgmt_get_sys_info("elsewhere", &info), -DER_NONEXIST);

  uint32_t major = 99, minor = 99, patch = 99;
  char* tag = nullptr;
  ASSERT_EQ(dc_mgmt_srv_version(&major, &minor, &patch, &tag), 0);
  EXPECT_LT(major, 99u);
  EXPECT_NE(tag, nullptr);
  std::free(tag);
  EXPECT_EQ(dc_mgmt_srv_version(&major, &minor, &patch, nullptr), -DER_INVAL);

  uuid_t uuid = {};
  int state = 0;
  EXPECT_EQ(daos_mgmt_get_bs_state(nullptr, uuid, &state, nullptr), -DER_INVAL);
  uuid[0] = 1;
  EXPECT_EQ(daos_mgmt_get_bs_state(nullptr, uuid, &state, nullptr), -DER_NONEXIST);

  EXPECT_EQ(daos_pool_stop_svc(pool_, nullptr), 0);
  EXPECT_EQ(handles(), 1u) << "the service goes on";
  EXPECT_EQ(daos_pool_stop_svc({0x12345}, nullptr), -DER_NO_HDL);
}

TEST(PoolsAlone, ServersHaveNoVersionBeforeAPoolIsConnected) {
  ASSERT_EQ(daos_init(), 0);
  uint32_t number;
  char* tag;
  EXPECT_EQ(dc_mgmt_srv_version(&number, &number, &number, &tag), -DER_UNINIT);
  EXPECT_EQ(daos_fini(), 0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 2 && argv[1][0] == '@') return play(argv[1], argv[2]);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
