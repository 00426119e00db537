// Wrong arguments of what needs no server: events, tasks, properties, access lists, texts, pipelines. See
// bad_input_test.cc.
#include "bad_input_fixture.h"

namespace api_test {
namespace {

TEST_F(BadInput, Events) {
  daos_handle_t out;
  TRY(daos_eq_create).with(needed(&out));
  EXPECT_EQ(daos_eq_destroy(out, 0), 0);
  const auto queue = [&] {
    auto argument = handle(queue_, -DER_NONEXIST);
    argument.wrong.push_back({out, -DER_NONEXIST});
    return argument;
  };
  TRY(daos_eq_destroy).only_wrong(queue(), fixed(0));
  daos_event_t* events[2];
  TRY(daos_eq_poll)
      .with(queue(), fixed(1), fixed<int64_t>(0), value<unsigned>(2, {{0, -DER_INVAL}}),
            needed<daos_event_t**>(events));
  TRY(daos_eq_query)
      .with(queue(), fixed<daos_eq_query_t>(DAOS_EQR_ALL), fixed<unsigned>(2), optional<daos_event_t**>(events));

  daos_event_t parent, event, zeros{}, noise;
  std::memset(&noise, 0x5a, sizeof noise);
  ASSERT_EQ(daos_event_init(&parent, queue_, nullptr), 0);
  auto queues = queue();
  queues.wrong[0].second = 0;  // none is the common one
  EXPECT_EQ(daos_event_init(nullptr, queue_, nullptr), -DER_INVAL);
  for (const auto& [wrong, error] : queues.wrong) {
    EXPECT_EQ(daos_event_init(&event, wrong, nullptr), error);
    EXPECT_EQ(daos_event_fini(&event), error == 0 ? 0 : -DER_INVAL) << "what was not set up is no event";
  }
  EXPECT_EQ(daos_event_init(&event, DAOS_HDL_INVAL, &noise), -DER_INVAL);
  EXPECT_EQ(daos_event_init(&event, DAOS_HDL_INVAL, &zeros), -DER_INVAL);
  tried().insert("daos_event_init");
  bool done = false;
  const auto no_events = [&] {
    return value<daos_event_t*>(&parent, {{nullptr, -DER_INVAL}, {&zeros, -DER_INVAL}, {&noise, -DER_INVAL}});
  };
  // These take an event that is there, not one to complete.
  for (daos_event_t* wrong : {static_cast<daos_event_t*>(nullptr), &zeros, &noise}) {
    EXPECT_EQ(daos_event_fini(wrong), -DER_INVAL);
    EXPECT_EQ(daos_event_abort(wrong), -DER_INVAL);
    EXPECT_EQ(daos_event_parent_barrier(wrong), -DER_INVAL);
    EXPECT_EQ(daos_event_next(wrong, nullptr), nullptr);
    EXPECT_EQ(daos_event_next(&parent, wrong), nullptr);
  }
  EXPECT_EQ(daos_event_abort(&parent), -DER_NO_PERM);
  EXPECT_EQ(daos_event_parent_barrier(&parent), -DER_INVAL);
  for (const char* name : {"daos_event_fini", "daos_event_abort", "daos_event_parent_barrier", "daos_event_next"})
    tried().insert(name);
  TRY(daos_event_test).with(no_events(), fixed<int64_t>(0), needed(&done));
  const auto callback = [](void*, daos_event_t*, int) { return 0; };
  void* nothing = nullptr;
  TRY(daos_event_register_comp_cb).with(no_events(), needed<daos_event_comp_cb_t>(callback), fixed(nothing));
  EXPECT_EQ(daos_event_fini(&parent), 0);
}

TEST_F(BadInput, Tasks) {
  tse_sched_t scheduler, zeros{};
  ASSERT_EQ(tse_sched_init(nullptr, nullptr, nullptr), -DER_INVAL);
  ASSERT_EQ(tse_sched_init(&scheduler, nullptr, nullptr), 0);
  tse_task_t *task = nullptr, *dependencies[1] = {nullptr};
  TRY(daos_task_create)
      .with(value<daos_opc_t>(DAOS_OPC_OBJ_OPEN, {{DAOS_OPC_INVALID, -DER_NOSYS},
                                                  {DAOS_OPC_MAX, -DER_NOSYS},
                                                  {static_cast<daos_opc_t>(0), -DER_NOSYS},
                                                  {static_cast<daos_opc_t>(1 << 20), -DER_NOSYS}}),
            value<tse_sched_t*>(&scheduler, {{nullptr, -DER_INVAL}, {&zeros, -DER_INVAL}}),
            value<unsigned>(0, {{1, -DER_INVAL}, {~0u, -DER_INVAL}}),
            value<tse_task_t**>(nullptr, {{dependencies, -DER_INVAL}}), needed(&task));
  EXPECT_EQ(daos_task_create(DAOS_OPC_OBJ_OPEN, &scheduler, 1, dependencies, &task), -DER_INVAL)
      << "the dependency is missing";
  TRY(daos_task_reset)
      .only_wrong(value<tse_task_t*>(task, {{nullptr, -DER_INVAL}}),
                  value<daos_opc_t>(DAOS_OPC_OBJ_OPEN, {{DAOS_OPC_INVALID, -DER_NOSYS}, {DAOS_OPC_MAX, -DER_NOSYS}}));
  EXPECT_EQ(daos_task_get_args(nullptr), nullptr);
  EXPECT_EQ(daos_task_get_priv(nullptr), nullptr);
  EXPECT_EQ(daos_task_set_priv(nullptr, &task), nullptr);
  for (const char* name : {"daos_task_get_args", "daos_task_get_priv", "daos_task_set_priv"}) tried().insert(name);

  // Every operation with arguments that are all zero: refused, and nothing else.
  for (int opcode = 0; opcode < DAOS_OPC_MAX; opcode++) {
    tse_task_t* empty = nullptr;
    if (daos_task_create(static_cast<daos_opc_t>(opcode), &scheduler, 0, nullptr, &empty) != 0) continue;
    tse_task_addref(empty);
    EXPECT_EQ(tse_task_schedule(empty, true), 0);
    bool is_empty = false;
    while (!is_empty) ASSERT_EQ(daos_progress(&scheduler, 1'000'000, &is_empty) == -DER_INVAL, false);
    const bool may_succeed = opcode == DAOS_OPC_CONT_AGGREGATE;
    EXPECT_TRUE(empty->dt_result < 0 || may_succeed) << "operation " << opcode << ": " << empty->dt_result;
    tse_task_decref(empty);
  }
  tse_task_complete(task, 0);
  bool is_empty = false;
  TRY(daos_progress)
      .with(value<tse_sched_t*>(&scheduler, {{nullptr, -DER_INVAL}, {&zeros, -DER_INVAL}}), fixed<int64_t>(0),
            optional(&is_empty));

  const auto body = [](tse_task_t* t) {
    tse_task_complete(t, 0);
    return 0;
  };
  const auto callback = [](tse_task_t*, void*) { return 0; };
  void* nothing = nullptr;
  size_t none = 0;
  TRY(tse_sched_init).with(needed(&zeros), optional<tse_sched_comp_cb_t>(nullptr), fixed(nothing));
  tse_sched_fini(&zeros);
  zeros = {};
  const auto schedulers = [&] {
    return value<tse_sched_t*>(&scheduler, {{nullptr, -DER_INVAL}, {&zeros, -DER_INVAL}});
  };
  TRY(tse_task_create).with(optional<tse_task_func_t>(body), schedulers(), fixed(nothing), needed(&task));
  TRY(tse_sched_register_comp_cb)
      .with(schedulers(), needed<tse_sched_comp_cb_t>([](void*, int) { return 0; }), fixed(nothing));
  const auto tasks = [&] { return needed(task); };
  TRY(tse_task_register_comp_cb).with(tasks(), needed<tse_task_cb_t>(callback), fixed(nothing), fixed(none));
  TRY(tse_task_register_cbs)
      .with(tasks(), optional<tse_task_cb_t>(callback), fixed(nothing), fixed(none), optional<tse_task_cb_t>(callback),
            fixed(nothing), fixed(none));
  EXPECT_EQ(tse_task_register_cbs(task, nullptr, nullptr, 0, nullptr, nullptr, 0), -DER_INVAL);
  TRY(tse_task_register_deps).with(tasks(), value<int>(0, {{-1, -DER_INVAL}}), value<tse_task_t**>(dependencies, {}));
  EXPECT_EQ(tse_task_register_deps(task, 1, nullptr), -DER_INVAL);
  EXPECT_EQ(tse_task_register_deps(task, 1, dependencies), -DER_INVAL);
  TRY(tse_task_reinit).with_outcome(-DER_NO_PERM, needed(task));
  TRY(tse_task_reinit_with_delay).with_outcome(-DER_NO_PERM, needed(task), fixed<uint64_t>(1));
  TRY(tse_task_register_comp_cb_and_reinit)
      .with_outcome(-DER_NO_PERM, needed(task), fixed<tse_task_cb_t>(callback), fixed(nothing), fixed(none),
                    fixed<uint64_t>(0));
  TRY(tse_task_reset).with_outcome(-DER_NO_PERM, needed(task), fixed<tse_task_func_t>(body), fixed(nothing));
  d_list_t head;
  D_INIT_LIST_HEAD(&head);
  TRY(tse_task_list_add).only_wrong(needed(task), needed(&head));
  TRY(tse_task_list_depend).with(needed(&head), needed(task));
  TRY(tse_task_depend_list).with(needed(task), needed(&head));
  TRY(tse_task_list_traverse).with(needed(&head), needed<tse_task_cb_t>(callback), fixed(nothing));
  TRY(tse_task_list_traverse_adv).with(needed(&head), needed<tse_task_cb_t>(callback), fixed(nothing));
  EXPECT_EQ(tse_task_list_first(nullptr), nullptr);
  EXPECT_EQ(tse_task_list_first(&head), nullptr);
  tse_task_list_sched(nullptr, false);
  tse_task_list_abort(nullptr, 0);
  tse_task_list_del(nullptr);
  EXPECT_EQ(tse_task_get_priv(nullptr), nullptr);
  EXPECT_EQ(tse_task_set_priv(nullptr, nullptr), nullptr);
  EXPECT_EQ(tse_task_buf_embedded(nullptr, 8), nullptr);
  EXPECT_EQ(tse_task_buf_embedded(task, -1), nullptr);
  EXPECT_EQ(tse_task_buf_embedded(task, 1 << 20), nullptr);
  EXPECT_EQ(tse_task2sched(nullptr), nullptr);
  EXPECT_EQ(tse_task2arg(nullptr), nullptr);
  tse_task_complete(nullptr, 0);
  tse_task_addref(nullptr);
  tse_task_decref(nullptr);
  tse_disable_propagate(nullptr);
  for (tse_sched_t* wrong : {static_cast<tse_sched_t*>(nullptr), &zeros}) {
    tse_sched_fini(wrong);
    tse_sched_addref(wrong);
    tse_sched_decref(wrong);
    tse_sched_progress(wrong);
    tse_sched_complete(wrong, 0, false);
    EXPECT_TRUE(tse_sched_check_complete(wrong));
  }
  TRY(tse_task_schedule_with_delay).only_wrong(needed(task), fixed(false), fixed<uint64_t>(1));
  EXPECT_EQ(tse_task_schedule_with_delay(task, true, 1), -DER_INVAL);
  TRY(tse_task_schedule).with(needed(task), fixed(true));
  for (const char* name :
       {"tse_task_list_first", "tse_task_list_sched", "tse_task_list_abort", "tse_task_list_del", "tse_task_get_priv",
        "tse_task_set_priv", "tse_task_buf_embedded", "tse_task2sched", "tse_task2arg", "tse_task_complete",
        "tse_task_addref", "tse_task_decref", "tse_disable_propagate", "tse_sched_fini", "tse_sched_addref",
        "tse_sched_decref", "tse_sched_progress", "tse_sched_complete", "tse_sched_check_complete"}) {
    tried().insert(name);
  }
  tse_sched_complete(&scheduler, 0, false);
  tse_sched_fini(&scheduler);
}

// functions

TEST_F(BadInput, Properties) {
  EXPECT_EQ(daos_prop_alloc(DAOS_PROP_ENTRIES_MAX_NR + 1), nullptr);
  EXPECT_EQ(daos_prop_alloc(~0u), nullptr);
  daos_prop_free(nullptr);
  daos_prop_fini(nullptr);
  daos_prop_t *list = daos_prop_alloc(3), *merged = nullptr, *parsed = nullptr;
  list->dpp_entries[0].dpe_type = DAOS_PROP_CO_LABEL;
  list->dpp_entries[1].dpe_type = DAOS_PROP_CO_ROOTS;
  list->dpp_entries[2].dpe_type = DAOS_PROP_CO_CSUM;
  daos_prop_entry *label = &list->dpp_entries[0], *roots = &list->dpp_entries[1], *number = &list->dpp_entries[2],
                  other{};
  TRY(daos_prop_merge2).with(needed(list), needed(list), needed(&merged));
  daos_prop_free(merged);
  EXPECT_EQ(daos_prop_merge(nullptr, list), nullptr);
  EXPECT_EQ(daos_prop_merge(list, nullptr), nullptr);
  EXPECT_EQ(daos_prop_entry_get(nullptr, DAOS_PROP_CO_LABEL), nullptr);
  TRY(daos_prop_from_str)
      .with(
          value<const char*>(
              "cksum:crc32",
              {{nullptr, -DER_INVAL}, {"cksum:nothing", -DER_INVAL}, {"cksum", -DER_INVAL}, {"status:1", -DER_INVAL}}),
          value<daos_size_t>(11, {{0, -DER_INVAL}}), needed(&parsed));
  daos_prop_free(parsed);
  const void* data = "0123456789012345678901234567890123456789012345678901234567890123";
  TRY(daos_prop_entry_set_str)
      .with(value<daos_prop_entry*>(label, {{nullptr, -DER_INVAL}, {number, -DER_INVAL}}),
            optional<const char*>("text"), fixed<daos_size_t>(4));
  TRY(daos_prop_set_str)
      .with(value<daos_prop_t*>(list, {{nullptr, -DER_NONEXIST}}),
            value<uint32_t>(DAOS_PROP_CO_LABEL, {{DAOS_PROP_CO_CSUM, -DER_INVAL}, {DAOS_PROP_CO_OWNER, -DER_NONEXIST}}),
            optional<const char*>("text"), fixed<daos_size_t>(4));
  TRY(daos_prop_entry_set_ptr)
      .with(value<daos_prop_entry*>(roots, {{nullptr, -DER_INVAL}, {number, -DER_INVAL}}), optional(data),
            fixed<daos_size_t>(64));
  TRY(daos_prop_set_ptr)
      .with(value<daos_prop_t*>(list, {{nullptr, -DER_NONEXIST}}),
            value<uint32_t>(DAOS_PROP_CO_ROOTS, {{DAOS_PROP_CO_CSUM, -DER_INVAL}, {DAOS_PROP_CO_ACL, -DER_NONEXIST}}),
            optional(data), fixed<daos_size_t>(64));
  TRY(daos_prop_entry_dup_ptr)
      .only_wrong(needed(&other), value<daos_prop_entry*>(roots, {{nullptr, -DER_INVAL}, {number, -DER_INVAL}}),
                  fixed<size_t>(64));
  TRY(daos_prop_entry_dup_co_roots).with(needed(&other), needed(roots));
  std::free(other.dpe_val_ptr);
  TRY(daos_prop_entry_cmp_acl).with_outcome(-DER_INVAL, needed(label), needed(label));
  TRY(daos_prop_set_byteval)
      .with_outcome(-DER_INVAL, needed(list), fixed<uint32_t>(DAOS_PROP_CO_LABEL), fixed(data), fixed<size_t>(1));
  TRY(daos_prop_entry_set_byteval).with_outcome(-DER_INVAL, needed(label), fixed(data), fixed<size_t>(1));
  TRY(daos_prop_entry_dup_byteval).with_outcome(-DER_INVAL, needed(label), needed(label));
  EXPECT_FALSE(daos_prop_has_str(nullptr) || daos_prop_has_ptr(nullptr) || daos_prop_has_byteval(nullptr));
  daos_prop_free(list);
  for (const char* name : {"daos_prop_alloc", "daos_prop_free", "daos_prop_fini", "daos_prop_merge",
                           "daos_prop_entry_get", "daos_prop_has_str", "daos_prop_has_ptr", "daos_prop_has_byteval"}) {
    tried().insert(name);
  }
}

TEST_F(BadInput, AccessLists) {
  const char* texts[] = {"A::OWNER@:rw", nullptr};
  const char *broken[] = {"A::OWNER@"}, *null_text[] = {nullptr};
  daos_acl *acl = nullptr, *invalid = daos_acl_create(nullptr, 0);
  invalid->dal_ver = 9;
  TRY(daos_acl_from_strs)
      .with(value<const char**>(texts, {{nullptr, -DER_INVAL}, {broken, -DER_INVAL}, {null_text, -DER_INVAL}}),
            fixed<size_t>(1), needed(&acl));
  daos_ace* ace = nullptr;
  TRY(daos_acl_get_ace_for_principal)
      .with(needed(acl),
            value<daos_acl_principal_type>(
                DAOS_ACL_OWNER,
                {{NUM_DAOS_ACL_TYPES, -DER_INVAL}, {DAOS_ACL_USER, -DER_INVAL}, {DAOS_ACL_EVERYONE, -DER_NONEXIST}}),
            optional<const char*>(nullptr), needed(&ace));
  daos_ace *entry = daos_ace_create(DAOS_ACL_EVERYONE, nullptr),
           *incomplete = daos_ace_create(DAOS_ACL_EVERYONE, nullptr);
  entry->dae_access_types = DAOS_ACL_ACCESS_ALLOW;
  daos_acl* null = nullptr;
  TRY(daos_acl_add_ace)
      .with(value<daos_acl**>(&acl, {{nullptr, -DER_INVAL}, {&null, -DER_INVAL}, {&invalid, -DER_INVAL}}),
            value<daos_ace*>(entry, {{nullptr, -DER_INVAL}, {incomplete, -DER_INVAL}}));
  TRY(daos_acl_remove_ace)
      .with(value<daos_acl**>(&acl, {{nullptr, -DER_INVAL}, {&null, -DER_INVAL}, {&invalid, -DER_INVAL}}),
            value<daos_acl_principal_type>(DAOS_ACL_EVERYONE,
                                           {{NUM_DAOS_ACL_TYPES, -DER_INVAL}, {DAOS_ACL_GROUP, -DER_INVAL}}),
            fixed<const char*>(nullptr));
  TRY(daos_acl_validate).with(value<daos_acl*>(acl, {{nullptr, -DER_INVAL}, {invalid, -DER_INVAL}}));
  EXPECT_EQ(daos_acl_create(nullptr, 1), nullptr);
  EXPECT_EQ(daos_acl_dup(nullptr), nullptr);
  daos_acl_free(nullptr);
  daos_ace_free(nullptr);
  EXPECT_EQ(daos_acl_get_size(nullptr), -DER_INVAL);
  EXPECT_EQ(daos_ace_get_size(nullptr), -DER_INVAL);
  EXPECT_EQ(daos_acl_get_next_ace(nullptr, nullptr), nullptr);
  EXPECT_EQ(daos_acl_get_next_ace(acl, entry), nullptr) << "an entry of elsewhere";
  EXPECT_EQ(daos_ace_create(NUM_DAOS_ACL_TYPES, nullptr), nullptr);
  EXPECT_EQ(daos_ace_create(DAOS_ACL_USER, nullptr), nullptr);
  EXPECT_EQ(daos_ace_create(DAOS_ACL_USER, "no at"), nullptr);
  EXPECT_FALSE(daos_ace_is_valid(nullptr) || daos_acl_principal_is_valid(nullptr) || daos_acl_principal_is_valid(""));
  EXPECT_EQ(daos_ace_get_principal_str(nullptr), nullptr);
  char buffer[64];
  TRY(daos_ace_to_str)
      .with(needed(entry), needed<char*>(buffer), value<size_t>(sizeof buffer, {{0, -DER_INVAL}, {3, -DER_TRUNC}}));
  TRY(daos_ace_str_get_verbose)
      .with(value<const char*>("A::OWNER@:rw", {{nullptr, -DER_INVAL}, {"", -DER_INVAL}, {"A", -DER_INVAL}}),
            needed<char*>(buffer), value<size_t>(sizeof buffer, {{0, -DER_INVAL}, {3, -DER_TRUNC}}));
  daos_ace* parsed = nullptr;
  TRY(daos_ace_from_str)
      .with(value<const char*>("A::OWNER@:rw", {{nullptr, -DER_INVAL}, {"", -DER_INVAL}, {"A::OWNER@:!", -DER_INVAL}}),
            needed(&parsed));
  daos_ace_free(parsed);
  char** strings = nullptr;
  size_t count = 0;
  TRY(daos_acl_to_strs)
      .with(value<daos_acl*>(acl, {{nullptr, -DER_INVAL}, {invalid, -DER_INVAL}}), needed(&strings), needed(&count));
  for (size_t i = 0; i < count; i++) std::free(strings[i]);
  std::free(strings);
  daos_acl_principal_type type;
  char* name = nullptr;
  TRY(daos_acl_principal_from_str)
      .with(value<const char*>("OWNER@", {{nullptr, -DER_INVAL}, {"", -DER_INVAL}, {"x:y", -DER_INVAL}}), needed(&type),
            needed(&name));
  TRY(daos_acl_uid_to_principal).with(value<uid_t>(0, {{987'654'321u, -DER_NONEXIST}}), needed(&name));
  std::free(name);
  TRY(daos_acl_gid_to_principal).with(value<gid_t>(0, {{987'654'321u, -DER_NONEXIST}}), needed(&name));
  std::free(name);
  uid_t id;
  TRY(daos_acl_principal_to_uid)
      .with(value<const char*>("root@",
                               {{nullptr, -DER_INVAL}, {"root", -DER_INVAL}, {"no.such.account@", -DER_NONEXIST}}),
            needed(&id));
  TRY(daos_acl_principal_to_gid)
      .with(value<const char*>("root@",
                               {{nullptr, -DER_INVAL}, {"root", -DER_INVAL}, {"no.such.account@", -DER_NONEXIST}}),
            needed(&id));
  FILE* sink = std::fopen("/dev/null", "w");
  TRY(daos_acl_to_stream).with(needed(sink), value<daos_acl*>(acl, {{nullptr, 0}}), fixed(true));
  std::fclose(sink);
  ::testing::internal::CaptureStdout();
  daos_acl_dump(nullptr);
  daos_acl_dump(invalid);
  daos_ace_dump(nullptr, 0);
  std::fflush(stdout);
  ::testing::internal::GetCapturedStdout();
  daos_ace_free(entry);
  daos_ace_free(incomplete);
  daos_acl_free(acl);
  daos_acl_free(invalid);
  for (const char* each :
       {"daos_acl_create", "daos_acl_dup", "daos_acl_free", "daos_ace_free", "daos_acl_get_size", "daos_ace_get_size",
        "daos_acl_get_next_ace", "daos_ace_create", "daos_ace_is_valid", "daos_acl_principal_is_valid",
        "daos_ace_get_principal_str", "daos_acl_dump", "daos_ace_dump"}) {
    tried().insert(each);
  }
}

TEST_F(BadInput, ClassesTimesAndTexts) {
  EXPECT_EQ(daos_oclass_name2id(nullptr), OC_UNKNOWN);
  EXPECT_EQ(daos_oclass_name2id(std::string(1000, 'S').c_str()), OC_UNKNOWN);
  char name[MAX_OBJ_CLASS_NAME_LEN + 1];
  EXPECT_EQ(daos_oclass_id2name(OC_S1, nullptr), -1);
  EXPECT_EQ(daos_oclass_id2name(~0u, name), -1);
  EXPECT_EQ(daos_oclass_names_list(0, name), -DER_INVAL);
  EXPECT_EQ(daos_oclass_names_list(10, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_oclass_names_list(10, name), -DER_OVERFLOW);
  EXPECT_GT(daos_oclass_nr(-1), 0);
  timespec when;
  time_t seconds;
  TRY(daos_hlc2timespec).with(value<uint64_t>(0, {{kHuge, 0}}), needed(&when));
  TRY(daos_hlc2timestamp).with(value<uint64_t>(0, {{kHuge, 0}}), needed(&seconds));
  EXPECT_EQ(daos_rank_list_parse(nullptr, ":"), nullptr);
  EXPECT_EQ(daos_rank_list_parse("1:2", nullptr), nullptr);
  EXPECT_EQ(daos_rank_list_parse("", ":"), nullptr);
  EXPECT_STREQ(d_errstr(INT32_MIN), "DER_UNKNOWN");
  EXPECT_NE(d_errdesc(INT32_MIN), nullptr);
  for (const char* each : {"daos_oclass_name2id", "daos_oclass_id2name", "daos_oclass_names_list", "daos_oclass_nr",
                           "daos_rank_list_parse", "d_errstr", "d_errdesc"}) {
    tried().insert(each);
  }
}

TEST_F(BadInput, Pipelines) {
  daos_pipeline_t pipeline{}, no_filters{.num_filters = 1};
  daos_filter_t filter{}, no_type{};
  daos_filter_part_t part{};
  daos_pipeline_init(nullptr);
  daos_filter_init(nullptr);
  daos_pipeline_init(&pipeline);
  const char* condition = "DAOS_FILTER_CONDITION";
  d_iov_set(&filter.filter_type, const_cast<char*>(condition), std::strlen(condition));
  TRY(daos_filter_add).with(needed(&filter), needed(&part));
  TRY(daos_pipeline_add)
      .with(needed(&pipeline), value<daos_filter_t*>(&filter, {{nullptr, -DER_INVAL}, {&no_type, -DER_INVAL}}));
  TRY(daos_pipeline_check)
      .with_outcome(-DER_NOSYS, value<daos_pipeline_t*>(&pipeline, {{nullptr, -DER_INVAL}, {&no_filters, -DER_INVAL}}));
  TRY(daos_pipeline_free).with(value<daos_pipeline_t*>(&pipeline, {{nullptr, -DER_INVAL}, {&no_filters, -DER_INVAL}}));
  tried().insert({"daos_pipeline_init", "daos_filter_init"});

  daos_pipeline_t future;
  daos_pipeline_init(&future);
  future.version = 9;
  daos_pipeline_init(&pipeline);
  daos_key_t dkey = key_of("d");
  daos_iod_t right{}, no_name{}, no_type_iod{};
  right.iod_name = key_of("a");
  right.iod_type = DAOS_IOD_SINGLE;
  right.iod_size = 8;
  right.iod_nr = 1;
  no_name = no_type_iod = right;
  no_name.iod_name = {};
  no_type_iod.iod_type = DAOS_IOD_NONE;
  uint32_t nr_iods = 1, nr_kds = 1, none = 0;
  daos_key_desc_t kd;
  daos_anchor_t anchor{};
  char memory[64];
  d_iov_t iov{memory, sizeof memory, 0}, null{nullptr, 8, 0};
  d_sg_list_t sgl{1, 0, &iov}, null_buffer{1, 0, &null};
  const auto lists = [&] { return value<d_sg_list_t*>(&sgl, {{nullptr, -DER_INVAL}, {&null_buffer, -DER_INVAL}}); };
  TRY(daos_pipeline_run)
      .with(fixed(container_), object(),
            value<daos_pipeline_t*>(&pipeline,
                                    {{nullptr, -DER_INVAL}, {&no_filters, -DER_INVAL}, {&future, -DER_MISMATCH}}),
            fixed(DAOS_TX_NONE), fixed<uint64_t>(0), value<daos_key_t*>(nullptr, {{&dkey, -DER_NOSYS}}),
            needed(&nr_iods),
            value<daos_iod_t*>(&right, {{nullptr, -DER_INVAL}, {&no_name, -DER_INVAL}, {&no_type_iod, -DER_INVAL}}),
            needed(&anchor), value<uint32_t*>(&nr_kds, {{nullptr, -DER_INVAL}, {&none, -DER_INVAL}}), needed(&kd),
            lists(), lists(), fixed<daos_size_t*>(nullptr), fixed<d_sg_list_t*>(nullptr),
            fixed<daos_pipeline_stats_t*>(nullptr), event());
}

}  // namespace
}  // namespace api_test
