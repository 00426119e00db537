// Goal: connections to pools and their containers behave as documented: exclusive and read-only ones, what queries fill
// and leave alone, lists that are too short, events that outlive their queue. Run by with-system, with a pool "tank".
#include <algorithm>
#include <cctype>

#include "api_fixture.h"

namespace api_test {
namespace {

class PoolRules : public ApiTest {};
class EventRules : public ApiTest {};

TEST_F(PoolRules, AnExclusiveConnectionIsAlone) {
  daos_handle_t exclusive, other;
  EXPECT_EQ(daos_pool_connect("tank", nullptr, DAOS_PC_EX, &exclusive, nullptr, nullptr), -DER_BUSY)
      << "somebody is there";
  ASSERT_EQ(daos_cont_close(container_, nullptr), 0);
  ASSERT_EQ(daos_pool_disconnect(pool_, nullptr), 0);
  ASSERT_EQ(daos_pool_connect("tank", nullptr, DAOS_PC_EX, &exclusive, nullptr, nullptr), 0);
  for (const unsigned flags : {DAOS_PC_RO, DAOS_PC_RW, DAOS_PC_EX}) {
    EXPECT_EQ(daos_pool_connect("tank", nullptr, flags, &other, nullptr, nullptr), -DER_BUSY) << flags;
  }
  ASSERT_EQ(daos_cont_open(exclusive, name_, DAOS_COO_RW, &container_, nullptr, nullptr), 0) << "it may write";
  ASSERT_EQ(daos_cont_close(container_, nullptr), 0);
  ASSERT_EQ(daos_pool_disconnect(exclusive, nullptr), 0);
  ASSERT_EQ(daos_pool_connect("tank", nullptr, DAOS_PC_RW, &pool_, nullptr, nullptr), 0);
  ASSERT_EQ(daos_cont_open(pool_, name_, DAOS_COO_RW, &container_, nullptr, nullptr), 0);
}

TEST_F(PoolRules, AnExclusiveContainerIsAlone) {
  daos_handle_t exclusive, other;
  EXPECT_EQ(daos_cont_open(pool_, name_, DAOS_COO_EX, &exclusive, nullptr, nullptr), -DER_BUSY);
  ASSERT_EQ(daos_cont_close(container_, nullptr), 0);
  ASSERT_EQ(daos_cont_open(pool_, name_, DAOS_COO_EX, &exclusive, nullptr, nullptr), 0);
  for (const unsigned flags : {DAOS_COO_RO, DAOS_COO_RW, DAOS_COO_EX}) {
    EXPECT_EQ(daos_cont_open(pool_, name_, flags, &other, nullptr, nullptr), -DER_BUSY) << flags;
  }
  EXPECT_EQ(daos_cont_destroy(pool_, name_, 0, nullptr), -DER_BUSY);
  ASSERT_EQ(daos_cont_close(exclusive, nullptr), 0);
  ASSERT_EQ(daos_cont_open(pool_, name_, DAOS_COO_RW, &container_, nullptr, nullptr), 0);
}

TEST_F(PoolRules, AReadOnlyConnectionWritesIntoContainersAndMakesNone) {
  daos_handle_t reader, container;
  ASSERT_EQ(daos_pool_connect("tank", nullptr, DAOS_PC_RO, &reader, nullptr, nullptr), 0);
  EXPECT_EQ(daos_cont_create_with_label(reader, "none", nullptr, nullptr, nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_cont_destroy(reader, name_, 1, nullptr), -DER_NO_PERM);
  ASSERT_EQ(daos_cont_open(reader, name_, DAOS_COO_RW, &container, nullptr, nullptr), 0);
  daos_handle_t object;
  ASSERT_EQ(daos_obj_open(container, new_id(DAOS_OT_MULTI_HASHED), DAOS_OO_RW, &object, nullptr), 0);
  EXPECT_EQ(put(object, "d", "a", "1"), 0) << "the container's list decides";
  EXPECT_EQ(daos_pool_disconnect(reader, nullptr), -DER_BUSY);
  EXPECT_EQ(daos_cont_close(container, nullptr), 0) << "with an object open";
  EXPECT_EQ(put(object, "d", "a", "2"), -DER_NO_HDL);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
  EXPECT_EQ(daos_pool_disconnect(reader, nullptr), 0);
  EXPECT_EQ(daos_pool_disconnect(reader, nullptr), -DER_NO_HDL);
}

TEST_F(PoolRules, AQueryFillsWhatItIsAskedForAndNothingElse) {
  daos_pool_info_t info;
  std::memset(&info, 0x5a, sizeof info);
  info.pi_bits = 0;
  daos_pool_info_t before = info;
  d_rank_list_t* ranks = nullptr;
  ASSERT_EQ(daos_pool_query(pool_, &ranks, &info, nullptr, nullptr), 0);
  ASSERT_NE(ranks, nullptr);
  EXPECT_EQ(ranks->rl_nr, 0u) << "no engine is disabled";
  d_rank_list_free(ranks);
  EXPECT_EQ(std::memcmp(&before.pi_space, &info.pi_space, sizeof info.pi_space), 0);
  EXPECT_EQ(std::memcmp(&before.pi_rebuild_st, &info.pi_rebuild_st, sizeof info.pi_rebuild_st), 0);
  EXPECT_EQ(info.pi_ntargets, 4u);
  EXPECT_EQ(info.pi_nnodes, 2u);
  EXPECT_EQ(info.pi_ndisabled, 0u);
  EXPECT_GT(info.pi_map_ver, 0u);
  EXPECT_EQ(info.pi_leader, 0u);

  info = {};
  info.pi_bits = DPI_ALL;
  ASSERT_EQ(daos_pool_query(pool_, &ranks, &info, nullptr, nullptr), 0);
  EXPECT_EQ(ranks->rl_nr, 2u);
  d_rank_list_free(ranks);
  EXPECT_EQ(info.pi_space.ps_ntargets, 4u);
  EXPECT_GE(info.pi_space.ps_free_max[DAOS_MEDIA_SCM], info.pi_space.ps_free_min[DAOS_MEDIA_SCM]);
  EXPECT_GE(info.pi_space.ps_free_max[DAOS_MEDIA_SCM], info.pi_space.ps_free_mean[DAOS_MEDIA_SCM]);
  EXPECT_LE(info.pi_space.ps_free_min[DAOS_MEDIA_SCM], info.pi_space.ps_free_mean[DAOS_MEDIA_SCM]);
  EXPECT_EQ(info.pi_rebuild_st.rs_state, DRS_NOT_STARTED);
  EXPECT_EQ(info.pi_rebuild_st.rs_errno, 0);
  info = {};
  info.pi_bits = DPI_ENGINES_DISABLED;
  ASSERT_EQ(daos_pool_query(pool_, &ranks, &info, nullptr, nullptr), 0);
  EXPECT_EQ(ranks->rl_nr, 0u);
  d_rank_list_free(ranks);

  daos_prop_t* some = daos_prop_alloc(3);
  some->dpp_entries[0].dpe_type = DAOS_PROP_PO_LABEL;
  some->dpp_entries[1].dpe_type = DAOS_PROP_PO_ACL;
  some->dpp_entries[2].dpe_type = DAOS_PROP_PO_SVC_LIST;
  ASSERT_EQ(daos_pool_query(pool_, nullptr, nullptr, some, nullptr), 0);
  EXPECT_STREQ(some->dpp_entries[0].dpe_str, "tank");
  EXPECT_EQ(daos_acl_validate(static_cast<daos_acl*>(some->dpp_entries[1].dpe_val_ptr)), 0);
  EXPECT_EQ(static_cast<d_rank_list_t*>(some->dpp_entries[2].dpe_val_ptr)->rl_nr, 1u);
  daos_prop_free(some);
  daos_prop_t* all = daos_prop_alloc(0);
  ASSERT_EQ(daos_pool_query(pool_, nullptr, nullptr, all, nullptr), 0);
  EXPECT_EQ(all->dpp_nr, uint32_t{DAOS_PROP_PO_NUM});
  for (uint32_t type = DAOS_PROP_PO_MIN + 1; type < DAOS_PROP_PO_MAX; type++) {
    EXPECT_NE(daos_prop_entry_get(all, type), nullptr) << type;
  }
  daos_prop_free(all);
}

TEST_F(PoolRules, PoolsAndContainersAreFoundByEveryName) {
  daos_pool_info_t info{};
  ASSERT_EQ(daos_pool_query(pool_, nullptr, &info, nullptr, nullptr), 0);
  char text[DAOS_UUID_STR_SIZE];
  uuid_unparse_upper(info.pi_uuid, text);
  daos_handle_t again;
  daos_pool_info_t found{};
  ASSERT_EQ(daos_pool_connect(text, nullptr, DAOS_PC_RO, &again, &found, nullptr), 0);
  EXPECT_EQ(uuid_compare(found.pi_uuid, info.pi_uuid), 0);
  EXPECT_EQ(daos_pool_disconnect(again, nullptr), 0);
  ASSERT_EQ(daos_pool_connect("tank", "daos_server", DAOS_PC_RO, &again, nullptr, nullptr), 0);
  EXPECT_EQ(daos_pool_disconnect(again, nullptr), 0);
  std::string upper = name_;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  daos_handle_t container;
  ASSERT_EQ(daos_cont_open(pool_, upper.c_str(), DAOS_COO_RO, &container, nullptr, nullptr), 0);
  EXPECT_EQ(daos_cont_close(container, nullptr), 0);
}

TEST_F(PoolRules, ListsThatAreTooShortTellTheNumber) {
  ASSERT_EQ(daos_cont_create_with_label(pool_, "second", nullptr, nullptr, nullptr), 0);
  daos_pool_cont_info one[1], three[3];
  daos_size_t count = 99;
  EXPECT_EQ(daos_pool_list_cont(pool_, &count, nullptr, nullptr), 0);
  EXPECT_EQ(count, 2u);
  count = 0;
  EXPECT_EQ(daos_pool_list_cont(pool_, &count, one, nullptr), 0);
  EXPECT_EQ(count, 2u);
  count = 1;
  EXPECT_EQ(daos_pool_list_cont(pool_, &count, one, nullptr), -DER_TRUNC);
  EXPECT_EQ(count, 2u);
  count = 3;
  ASSERT_EQ(daos_pool_list_cont(pool_, &count, three, nullptr), 0);
  EXPECT_EQ(count, 2u);
  EXPECT_EQ(std::string(three[0].pci_label) + three[1].pci_label, "second") << "the other has none";
  EXPECT_EQ(daos_cont_destroy(pool_, "second", 0, nullptr), 0);
  EXPECT_EQ(daos_cont_destroy(pool_, "second", 0, nullptr), -DER_NONEXIST);
}

TEST_F(PoolRules, NumbersForObjectsNeverComeTwice) {
  daos_handle_t again;
  ASSERT_EQ(daos_cont_open(pool_, name_, DAOS_COO_RW, &again, nullptr, nullptr), 0);
  std::vector<std::pair<uint64_t, uint64_t>> given;
  for (const uint64_t count : {1, 5, 1000, 1, 1 << 30}) {
    for (const daos_handle_t handle : {container_, again}) {
      uint64_t first = 0;
      ASSERT_EQ(daos_cont_alloc_oids(handle, count, &first, nullptr), 0);
      given.emplace_back(first, first + count);
    }
  }
  std::ranges::sort(given);
  for (size_t i = 1; i < given.size(); i++) EXPECT_LE(given[i - 1].second, given[i].first);
  uint64_t first = 0;
  EXPECT_NE(daos_cont_alloc_oids(container_, ~0ull, &first, nullptr), 0) << "there are not so many left";
  EXPECT_EQ(daos_cont_alloc_oids(container_, 1, &first, nullptr), 0) << "and nothing is lost by asking";
  EXPECT_EQ(daos_cont_close(again, nullptr), 0);
  daos_handle_t reader;
  ASSERT_EQ(daos_cont_open(pool_, name_, DAOS_COO_RO, &reader, nullptr, nullptr), 0);
  EXPECT_EQ(daos_cont_alloc_oids(reader, 1, &first, nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_cont_close(reader, nullptr), 0);
}

// ------------------------------------------------------------------------------------------------------- events

TEST_F(EventRules, LocalCallsCompleteTheirEventsToo) {
  daos_handle_t queue, object;
  daos_event_t event, *done = nullptr;
  ASSERT_EQ(daos_eq_create(&queue), 0);
  ASSERT_EQ(daos_event_init(&event, queue, nullptr), 0);
  const auto outcome = [&](int rc) {
    EXPECT_EQ(rc, 0);
    EXPECT_EQ(daos_eq_query(queue, DAOS_EQR_ALL, 0, nullptr), 1);
    EXPECT_EQ(daos_eq_poll(queue, 1, DAOS_EQ_WAIT, 1, &done), 1);
    EXPECT_EQ(done, &event);
    return event.ev_error;
  };
  EXPECT_EQ(outcome(daos_obj_open(container_, new_id(DAOS_OT_MULTI_HASHED), DAOS_OO_RW, &object, &event)), 0);
  EXPECT_EQ(outcome(daos_obj_close(object, &event)), 0);
  EXPECT_EQ(outcome(daos_obj_close(object, &event)), -DER_NO_HDL);
  EXPECT_EQ(outcome(daos_kv_open(container_, new_id(DAOS_OT_KV_HASHED), DAOS_OO_RW, &object, &event)), 0);
  EXPECT_EQ(outcome(daos_kv_close(object, &event)), 0);
  EXPECT_EQ(daos_eq_query(queue, DAOS_EQR_ALL, 0, nullptr), 0);
  EXPECT_EQ(daos_event_fini(&event), 0);
  EXPECT_EQ(daos_eq_destroy(queue, 0), 0);
}

TEST_F(EventRules, AForcedDestroyEndsAQueueWithWhatIsInIt) {
  daos_handle_t queue;
  ASSERT_EQ(daos_eq_create(&queue), 0);
  daos_cont_info_t infos[8];
  daos_event_t events[8];
  for (int i = 0; i < 8; i++) {
    ASSERT_EQ(daos_event_init(&events[i], queue, nullptr), 0);
    ASSERT_EQ(daos_cont_query(container_, &infos[i], nullptr, &events[i]), 0);
  }
  EXPECT_EQ(daos_event_fini(&events[0]), -DER_BUSY) << "it is running, or completed already";
  EXPECT_EQ(daos_eq_destroy(queue, 0), -DER_BUSY);
  EXPECT_EQ(daos_eq_destroy(queue, DAOS_EQ_DESTROY_FORCE), 0);
  EXPECT_EQ(daos_eq_destroy(queue, DAOS_EQ_DESTROY_FORCE), -DER_NONEXIST);
  for (daos_event_t& event : events) EXPECT_EQ(daos_event_fini(&event), -DER_NONEXIST) << "harmless";
  daos_event_t late;
  EXPECT_EQ(daos_event_init(&late, queue, nullptr), -DER_NONEXIST);
}

TEST_F(EventRules, ARunningEventIsNotStartedAgain) {
  daos_handle_t queue;
  daos_event_t event, *done = nullptr;
  daos_cont_info_t info;
  ASSERT_EQ(daos_eq_create(&queue), 0);
  ASSERT_EQ(daos_event_init(&event, queue, nullptr), 0);
  ASSERT_EQ(daos_cont_query(container_, &info, nullptr, &event), 0);
  EXPECT_EQ(daos_cont_query(container_, &info, nullptr, &event), -DER_NO_PERM);
  EXPECT_EQ(daos_event_abort(&event), 0) << "without effect";
  EXPECT_EQ(daos_eq_poll(queue, 1, DAOS_EQ_WAIT, 1, &done), 1);
  EXPECT_EQ(event.ev_error, 0);
  EXPECT_EQ(daos_event_abort(&event), -DER_NO_PERM);
  EXPECT_EQ(daos_eq_poll(queue, 1, DAOS_EQ_WAIT, 1, &done), 0) << "nothing runs";
  EXPECT_EQ(daos_eq_poll(queue, 0, 1000, 1, &done), 0);
  EXPECT_EQ(daos_event_fini(&event), 0);
  EXPECT_EQ(daos_eq_destroy(queue, 0), 0);
}

TEST_F(EventRules, ChildrenAreReadThroughTheirParent) {
  daos_handle_t queue;
  ASSERT_EQ(daos_eq_create(&queue), 0);
  daos_event_t parent, children[3], grandchild, *done = nullptr;
  ASSERT_EQ(daos_event_init(&parent, queue, nullptr), 0);
  EXPECT_EQ(daos_event_parent_barrier(&parent), -DER_INVAL) << "no children";
  daos_cont_info_t infos[3];
  for (daos_event_t& child : children) ASSERT_EQ(daos_event_init(&child, DAOS_HDL_INVAL, &parent), 0);
  EXPECT_EQ(daos_event_init(&grandchild, DAOS_HDL_INVAL, &children[0]), -DER_NO_PERM);
  EXPECT_EQ(daos_event_next(&parent, nullptr), &children[0]);
  EXPECT_EQ(daos_event_next(&parent, &children[1]), &children[2]);
  EXPECT_EQ(daos_event_next(&parent, &children[2]), nullptr);
  EXPECT_EQ(daos_event_parent_barrier(&parent), -DER_NO_PERM) << "not all are started";
  ASSERT_EQ(daos_cont_query(container_, &infos[0], nullptr, &children[0]), 0);
  ASSERT_EQ(daos_cont_query({0x12345}, &infos[1], nullptr, &children[1]), 0);
  ASSERT_EQ(daos_cont_query(container_, &infos[2], nullptr, &children[2]), 0);
  bool over = true;
  EXPECT_EQ(daos_event_test(&children[0], DAOS_EQ_NOWAIT, &over), -DER_NO_PERM);
  ASSERT_EQ(daos_event_parent_barrier(&parent), 0);
  EXPECT_EQ(daos_event_init(&grandchild, DAOS_HDL_INVAL, &parent), -DER_INVAL) << "it is not idle";
  EXPECT_EQ(daos_eq_poll(queue, 1, DAOS_EQ_WAIT, 1, &done), 1);
  EXPECT_EQ(done, &parent);
  EXPECT_EQ(parent.ev_error, -DER_NO_HDL) << "the first child's error";
  EXPECT_EQ(children[0].ev_error, 0);
  EXPECT_EQ(children[1].ev_error, -DER_NO_HDL);
  EXPECT_EQ(daos_event_fini(&children[1]), 0);
  EXPECT_EQ(daos_event_next(&parent, &children[0]), &children[2]);
  EXPECT_EQ(daos_event_fini(&parent), 0) << "with the children that are left";
  EXPECT_EQ(daos_eq_destroy(queue, 0), 0);
}

}  // namespace
}  // namespace api_test
