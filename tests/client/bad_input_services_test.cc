// Wrong arguments of what asks a service: pools, containers, attributes, rights, the system. See bad_input_test.cc.
#include "bad_input_fixture.h"

namespace api_test {
namespace {

TEST_F(BadInput, Pools) {
  daos_handle_t out = DAOS_HDL_INVAL;
  daos_pool_info_t info{};
  const char* names[] = {"", "no spaces in labels", "an.unknown.pool"};
  TRY(daos_pool_connect)
      .with(value<const char*>(
                "tank",
                {{nullptr, -DER_INVAL}, {names[0], -DER_INVAL}, {names[1], -DER_INVAL}, {names[2], -DER_NONEXIST}}),
            value<const char*>(nullptr, {{"another_system", -DER_NONEXIST}}),
            value<unsigned>(DAOS_PC_RW,
                            {{0, -DER_INVAL}, {3, -DER_INVAL}, {7, -DER_INVAL}, {8, -DER_INVAL}, {~0u, -DER_INVAL}}),
            needed(&out), fixed(&info), event());
  EXPECT_EQ(daos_pool_disconnect(out, nullptr), 0);
  TRY(daos_pool_disconnect).only_wrong(pool(), event());
  EXPECT_EQ(daos_pool_disconnect(pool_, nullptr), -DER_BUSY);

  d_rank_list_t* ranks = nullptr;
  daos_prop_t wrong_count{.dpp_nr = 3}, too_many{.dpp_nr = DAOS_PROP_ENTRIES_MAX_NR + 1};
  daos_prop_entry entries[2] = {}, of_container[1] = {}, twice[2] = {};
  entries[0].dpe_type = DAOS_PROP_PO_RECLAIM;
  of_container[0].dpe_type = DAOS_PROP_CO_LABEL;
  twice[0].dpe_type = twice[1].dpe_type = DAOS_PROP_PO_RECLAIM;
  daos_prop_t right{1, 0, entries}, unknown{1, 0, &entries[1]}, other{1, 0, of_container}, double_{2, 0, twice},
      none{0, 0, entries};
  TRY(daos_pool_query)
      .with(pool(), value<d_rank_list_t**>(nullptr, {}), optional(&info),
            value<daos_prop_t*>(&right, {{&wrong_count, -DER_INVAL},
                                         {&too_many, -DER_INVAL},
                                         {&unknown, -DER_INVAL},
                                         {&other, -DER_INVAL},
                                         {&double_, -DER_INVAL},
                                         {&none, -DER_INVAL}}),
            event());
  EXPECT_EQ(daos_pool_query(pool_, &ranks, nullptr, nullptr, nullptr), 0);
  d_rank_list_free(ranks);
  daos_target_info_t target{};
  TRY(daos_pool_query_target)
      .with(pool(), value<uint32_t>(0, {{99, -DER_NONEXIST}, {~0u, -DER_NONEXIST}}),
            value<d_rank_t>(0, {{99, -DER_NONEXIST}, {~0u, -DER_NONEXIST}}), needed(&target), event());

  daos_size_t count = 0;
  daos_pool_cont_info listed[4];
  daos_pool_cont_info2 listed2[4];
  TRY(daos_pool_list_cont).with(pool(), needed(&count), optional<daos_pool_cont_info*>(nullptr), event());
  count = 4;
  EXPECT_EQ(daos_pool_list_cont(pool_, &count, listed, nullptr), 0);
  daos_pool_cont_filter_t filter{}, bad_combine{.pcf_combine_func = 9}, bad_parts{.pcf_nparts = 2},
      bad_count{.pcf_nparts = 9};
  TRY(daos_pool_filter_cont)
      .with(
          pool(),
          value<daos_pool_cont_filter_t*>(
              &filter, {{nullptr, 0}, {&bad_combine, -DER_INVAL}, {&bad_parts, -DER_INVAL}, {&bad_count, -DER_INVAL}}),
          needed(&count), optional<daos_pool_cont_info2*>(listed2), event());
  TRY(daos_pool_cont_filter_init)
      .with(needed(&filter), value<uint32_t>(0, {{2, -DER_INVAL}, {5, -DER_INVAL}, {~0u, -DER_INVAL}}));
  daos_pool_cont_filter_part_t part{}, bad_func{.pcfp_func = PCF_FUNC_MAX}, bad_key{.pcfp_key = PCF_KEY_MAX};
  TRY(daos_pool_cont_filter_add)
      .with(needed(&filter), value<daos_pool_cont_filter_part_t*>(
                                 &part, {{nullptr, -DER_INVAL}, {&bad_func, -DER_INVAL}, {&bad_key, -DER_INVAL}}));
  daos_pool_cont_filter_fini(nullptr);
  daos_pool_cont_filter_fini(&filter);
  tried().insert("daos_pool_cont_filter_fini");

  daos_handle_t read_only;
  ASSERT_EQ(daos_pool_connect("tank", nullptr, DAOS_PC_RO, &read_only, nullptr, nullptr), 0);
  EXPECT_EQ(daos_pool_stop_svc(read_only, nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_cont_create(read_only, nullptr, nullptr, nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_cont_destroy(read_only, name_, 1, nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_pool_disconnect(read_only, nullptr), 0);
  TRY(daos_pool_stop_svc).with(pool(), event());
}

TEST_F(BadInput, System) {
  daos_size_t count = 0;
  TRY(daos_mgmt_list_pools)
      .with(value<const char*>(nullptr, {{"another_system", -DER_NONEXIST}}), needed(&count),
            optional<daos_mgmt_pool_info_t*>(nullptr), event());
  daos_mgmt_pool_info_t one{};
  count = 0;
  EXPECT_EQ(daos_mgmt_list_pools(nullptr, &count, &one, nullptr), -DER_OVERFLOW);
  daos_sys_info* system = nullptr;
  TRY(daos_mgmt_get_sys_info).with(value<const char*>(nullptr, {{"another_system", -DER_NONEXIST}}), needed(&system));
  daos_mgmt_put_sys_info(system);
  daos_mgmt_put_sys_info(nullptr);
  tried().insert("daos_mgmt_put_sys_info");
  uint32_t n[3];
  char* tag = nullptr;
  TRY(dc_mgmt_srv_version).with(needed(&n[0]), needed(&n[1]), needed(&n[2]), needed(&tag));
  std::free(tag);
  unsigned char blobs[16] = {1}, nil[16] = {};
  int state = 0;
  TRY(daos_mgmt_get_bs_state)
      .with_outcome(-DER_NONEXIST, fixed<const char*>(nullptr),
                    value<unsigned char*>(blobs, {{nullptr, -DER_INVAL}, {nil, -DER_INVAL}}), needed(&state), event());
  TRY(daos_debug_set_params)
      .with_outcome(-DER_NOSYS, fixed<const char*>(nullptr), fixed<d_rank_t>(0), fixed(0u), fixed<uint64_t>(0),
                    fixed<uint64_t>(0), event());
  TRY(daos_debug_add_mark).with_outcome(-DER_NOSYS, value<const char*>("mark", {{nullptr, -DER_NOSYS}}));
}

TEST_F(BadInput, AttributesOfPoolsAndContainers) {
  const std::string longest(DAOS_ATTR_NAME_MAX, 'n'), too_long(DAOS_ATTR_NAME_MAX + 1, 'n');
  const char* right[] = {longest.c_str()};
  const char *null[] = {nullptr}, *empty[] = {""}, *large[] = {too_long.c_str()};
  const void* data[] = {"v"};
  const void* no_data[] = {nullptr};
  const size_t one[] = {1}, zero[] = {0};
  char buffer[600];
  void* buffers[] = {buffer};
  using Names = const char* const*;
  const auto names = [&] {
    return value<Names>(right, {{nullptr, -DER_INVAL}, {null, -DER_INVAL}, {empty, -DER_INVAL}, {large, -DER_INVAL}});
  };
  const auto counts = [] { return value<int>(1, {{0, -DER_INVAL}, {-1, -DER_INVAL}, {INT32_MIN, -DER_INVAL}}); };
  const auto values = [&] { return value<const void* const*>(data, {{nullptr, -DER_INVAL}, {no_data, -DER_INVAL}}); };
  const auto sizes = [&] { return value<const size_t*>(one, {{nullptr, -DER_INVAL}, {zero, -DER_INVAL}}); };
  size_t room[] = {1}, listed = sizeof buffer;
  const char* absent[] = {"absent"};

  TRY(daos_pool_set_attr).with(pool(), counts(), names(), values(), sizes(), event());
  TRY(daos_pool_get_attr)
      .with(pool(), counts(), names(), optional<void* const*>(buffers), needed<size_t*>(room), event());
  TRY(daos_pool_list_attr).with(pool(), value<char*>(buffer, {{nullptr, -DER_INVAL}}), needed(&listed), event());
  EXPECT_EQ(daos_pool_get_attr(pool_, 1, absent, nullptr, room, nullptr), -DER_NONEXIST);
  EXPECT_EQ(daos_pool_del_attr(pool_, 1, absent, nullptr), 0) << "what is not there is gone";
  TRY(daos_pool_del_attr).with(pool(), counts(), names(), event());

  room[0] = 1;
  listed = sizeof buffer;
  TRY(daos_cont_set_attr).with(container(), counts(), names(), values(), sizes(), event());
  TRY(daos_cont_get_attr)
      .with(container(), counts(), names(), optional<void* const*>(buffers), needed<size_t*>(room), event());
  TRY(daos_cont_list_attr).with(container(), value<char*>(buffer, {{nullptr, -DER_INVAL}}), needed(&listed), event());
  TRY(daos_cont_del_attr).with(container(), counts(), names(), event());
  const size_t huge[] = {kHuge};
  EXPECT_EQ(daos_cont_set_attr(container_, 1, right, data, huge, nullptr), -DER_NOSPACE);
}

TEST_F(BadInput, HandlesAsBytes) {
  char memory[4096], garbage[4096];
  std::memset(garbage, 0x5a, sizeof garbage);
  d_iov_t right{memory, sizeof memory, 0}, empty{memory, 0, 0}, lying{memory, 8, 16}, small{memory, 8, 0};
  const auto glob = [&] {
    right.iov_len = 0;
    small.iov_buf_len = 8;
    return value<d_iov_t*>(&right, {{nullptr, -DER_INVAL}, {&empty, -DER_INVAL}, {&lying, -DER_INVAL}});
  };
  daos_handle_t out;
  const auto wrong_bytes = [&](const d_iov_t& good) {
    d_iov_t null{nullptr, good.iov_buf_len, good.iov_len}, cut = good, more = good,
                                                           noise{garbage, sizeof garbage, good.iov_len};
    cut.iov_len--;
    more.iov_len = more.iov_buf_len + 1;
    return value<d_iov_t>(
        good,
        {{null, -DER_INVAL}, {cut, -DER_INVAL}, {more, -DER_INVAL}, {noise, -DER_INVAL}, {d_iov_t{}, -DER_INVAL}});
  };
  TRY(daos_pool_local2global).with(pool(), glob());
  EXPECT_EQ(daos_pool_local2global(pool_, &small), -DER_TRUNC);
  EXPECT_GT(small.iov_buf_len, 8u);
  TRY(daos_pool_global2local).with(wrong_bytes(right), needed(&out));
  EXPECT_EQ(daos_pool_disconnect(out, nullptr), 0);
  TRY(daos_cont_local2global).with(container(), glob());
  TRY(daos_cont_global2local).with(pool(), wrong_bytes(right), needed(&out));
  EXPECT_EQ(daos_cont_close(out, nullptr), 0);
  TRY(daos_array_local2global).with(handle(array_), glob());
  TRY(daos_array_global2local).with(container(), wrong_bytes(right), fixed(0u), needed(&out));
  EXPECT_EQ(daos_array_close(out, nullptr), 0);
}

TEST_F(BadInput, Containers) {
  daos_prop_entry entries[3] = {};
  entries[0].dpe_type = 99'999;
  entries[1].dpe_type = DAOS_PROP_CO_STATUS;
  entries[2].dpe_type = DAOS_PROP_CO_LABEL;  // without a value
  daos_prop_t unknown{1, 0, &entries[0]}, status{1, 0, &entries[1]}, no_label{1, 0, &entries[2]},
      no_entries{2, 0, nullptr};
  const auto props = [&] {
    return value<daos_prop_t*>(
        nullptr, {{&unknown, -DER_INVAL}, {&status, -DER_INVAL}, {&no_label, -DER_INVAL}, {&no_entries, -DER_INVAL}});
  };
  uuid_t uuid;
  TRY(daos_cont_create).only_wrong(pool(), fixed(&uuid), props(), event());
  const std::string too_long(DAOS_PROP_LABEL_MAX_LEN + 1, 'l');
  TRY(daos_cont_create_with_label)
      .with(pool(),
            value<const char*>("of-bad-input", {{nullptr, -DER_INVAL},
                                                {"", -DER_INVAL},
                                                {"a b", -DER_INVAL},
                                                {too_long.c_str(), -DER_INVAL},
                                                {"container_label_not_set", -DER_INVAL},
                                                {"12345678-1234-1234-1234-123456789abc", -DER_INVAL}}),
            props(), fixed(&uuid), event());
  EXPECT_EQ(daos_cont_create_with_label(pool_, "of-bad-input", nullptr, nullptr, nullptr), -DER_EXIST);
  daos_handle_t out;
  daos_cont_info_t info{};
  const auto wrong_names = [](const char* right) {
    return value<const char*>(right, {{nullptr, -DER_INVAL},
                                      {"", -DER_INVAL},
                                      {"a b", -DER_INVAL},
                                      {"absent", -DER_NONEXIST},
                                      {"12345678-1234-1234-1234-123456789abc", -DER_NONEXIST}});
  };
  TRY(daos_cont_open)
      .with(pool(), wrong_names("of-bad-input"),
            value<unsigned>(DAOS_COO_RW, {{0, -DER_INVAL},
                                          {DAOS_COO_RO | DAOS_COO_RW, -DER_INVAL},
                                          {DAOS_COO_EX | DAOS_COO_RW, -DER_INVAL},
                                          {DAOS_COO_RW | 1u << 30, -DER_INVAL},
                                          {~0u, -DER_INVAL},
                                          {DAOS_COO_RW | DAOS_COO_EVICT_ALL, -DER_INVAL},
                                          {DAOS_COO_EX | DAOS_COO_EVICT, -DER_INVAL},
                                          {DAOS_COO_EX | DAOS_COO_EVICT | DAOS_COO_EVICT_ALL, -DER_INVAL}}),
            needed(&out), fixed(&info), event());
  TRY(daos_cont_destroy).only_wrong(pool(), wrong_names("of-bad-input"), fixed(0), event());
  EXPECT_EQ(daos_cont_destroy(pool_, "of-bad-input", 0, nullptr), -DER_BUSY);
  EXPECT_EQ(daos_cont_destroy(pool_, "of-bad-input", 1, nullptr), 0);
  EXPECT_EQ(daos_cont_close(out, nullptr), 0) << "evicted, and still to be closed";
  TRY(daos_cont_close).only_wrong(container(), event());

  daos_prop_entry asked[2] = {};
  asked[0].dpe_type = DAOS_PROP_CO_CSUM;
  asked[1].dpe_type = DAOS_PROP_PO_LABEL;
  daos_prop_t right{1, 0, asked}, of_pool{1, 0, &asked[1]};
  TRY(daos_cont_query)
      .with(container(), optional(&info),
            value<daos_prop_t*>(&right, {{&unknown, -DER_INVAL}, {&no_entries, -DER_INVAL}, {&of_pool, -DER_INVAL}}),
            event());
  daos_prop_entry settable[1] = {}, fixed_size[1] = {}, version[1] = {};
  settable[0].dpe_type = DAOS_PROP_CO_SNAPSHOT_MAX;
  fixed_size[0].dpe_type = DAOS_PROP_CO_EC_CELL_SZ;
  fixed_size[0].dpe_val = 65536;
  version[0].dpe_type = DAOS_PROP_CO_GLOBAL_VERSION;
  daos_prop_t snaps{1, 0, settable}, cells{1, 0, fixed_size}, versions{1, 0, version}, empty{};
  TRY(daos_cont_set_prop)
      .with(container(),
            value<daos_prop_t*>(&snaps, {{nullptr, -DER_INVAL},
                                         {&unknown, -DER_INVAL},
                                         {&no_label, -DER_INVAL},
                                         {&no_entries, -DER_INVAL},
                                         {&empty, -DER_INVAL},
                                         {&cells, -DER_NO_PERM},
                                         {&versions, -DER_INVAL}}),
            event());
  TRY(daos_cont_status_clear).with(container(), event());
  uint64_t first = 0;
  TRY(daos_cont_alloc_oids).with(container(), value<daos_size_t>(1, {{0, -DER_INVAL}}), needed(&first), event());
  TRY(daos_cont_aggregate).with(container(), value<daos_epoch_t>(1, {{DAOS_EPOCH_MAX, -DER_INVAL}}), event());
  daos_epoch_t epoch = 1;
  TRY(daos_cont_rollback).with_outcome(-DER_NOSYS, fixed(container_), fixed(epoch), event());
  TRY(daos_cont_subscribe).with_outcome(-DER_NOSYS, fixed(container_), fixed(&epoch), event());
}

TEST_F(BadInput, RightsOfContainers) {
  daos_prop_t* list = nullptr;
  TRY(daos_cont_get_acl).with(container(), needed(&list), event());
  daos_prop_free(list);
  const char* entries[] = {"A::OWNER@:rwdtTaAo"};
  daos_acl *right = nullptr, *versions = nullptr, *lengths = nullptr;
  for (daos_acl** acl : {&right, &versions, &lengths}) ASSERT_EQ(daos_acl_from_strs(entries, 1, acl), 0);
  versions->dal_ver = 9;
  lengths->dal_len -= 8;
  const auto acls = [&] {
    return value<daos_acl*>(right, {{nullptr, -DER_INVAL}, {versions, -DER_INVAL}, {lengths, -DER_INVAL}});
  };
  TRY(daos_cont_update_acl).with(container(), acls(), event());
  TRY(daos_cont_overwrite_acl).with(container(), acls(), event());
  TRY(daos_cont_delete_acl)
      .with_outcome(
          -DER_NONEXIST, container(),
          value<daos_acl_principal_type>(DAOS_ACL_USER, {{NUM_DAOS_ACL_TYPES, -DER_INVAL},
                                                         {static_cast<daos_acl_principal_type>(-1), -DER_INVAL}}),
          value<char*>(
              const_cast<char*>("somebody@"),
              {{nullptr, -DER_INVAL}, {const_cast<char*>("no at"), -DER_INVAL}, {const_cast<char*>(""), -DER_INVAL}}),
          event());
  char root[] = "root@", malformed[] = "root", unknown[] = "no.such.account@", group[] = "root@";
  TRY(daos_cont_set_owner)
      .with(container(), value<char*>(root, {{malformed, -DER_INVAL}, {unknown, -DER_NONEXIST}}),
            value<char*>(group, {{malformed, -DER_INVAL}, {unknown, -DER_NONEXIST}}), event());
  EXPECT_EQ(daos_cont_set_owner(container_, nullptr, nullptr, nullptr), -DER_INVAL);
  TRY(daos_cont_set_owner_no_check)
      .with(container(), value<char*>(root, {{malformed, -DER_INVAL}}), value<char*>(group, {{malformed, -DER_INVAL}}),
            event());
  EXPECT_EQ(daos_cont_set_owner_no_check(container_, nullptr, nullptr, nullptr), -DER_INVAL);
  for (daos_acl* acl : {right, versions, lengths}) daos_acl_free(acl);

  daos_prop_t* all = daos_prop_alloc(0);
  daos_prop_t none{};
  ASSERT_EQ(daos_cont_query(container_, nullptr, all, nullptr), 0);
  uint64_t perms = 0;
  gid_t gids[] = {0};
  TRY(daos_cont_get_perms)
      .with(value<daos_prop_t*>(all, {{nullptr, -DER_INVAL}, {&none, -DER_INVAL}}),
            value<uid_t>(0, {{987'654'321u, -DER_NONEXIST}}), needed<gid_t*>(gids), fixed<size_t>(1), needed(&perms));
  EXPECT_EQ(daos_pool_get_perms(all, 0, gids, 1, &perms), -DER_INVAL) << "not a pool's";
  daos_prop_free(all);
  all = daos_prop_alloc(0);
  ASSERT_EQ(daos_pool_query(pool_, nullptr, nullptr, all, nullptr), 0);
  TRY(daos_pool_get_perms)
      .with(value<daos_prop_t*>(all, {{nullptr, -DER_INVAL}, {&none, -DER_INVAL}}),
            value<uid_t>(0, {{987'654'321u, -DER_NONEXIST}}), needed<gid_t*>(gids), fixed<size_t>(1), needed(&perms));
  daos_prop_free(all);
}

}  // namespace
}  // namespace api_test
