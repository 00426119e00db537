// Goal: calls of the API run as tasks on a real system: in the order of their dependencies, many at a time, with
// several threads making progress, and a failed one keeps the later ones from running. Run by with-system, with a pool
// "tank".
#include <daos.h>
#include <daos_task.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Value {
  std::string key;
  uint64_t value = 0;
  daos_key_t dkey{};
  daos_iod_t iod{};
  d_iov_t iov{};
  d_sg_list_t sgl{};

  explicit Value(uint64_t number) : key("key " + std::to_string(number)) {
    d_iov_set(&dkey, key.data(), key.size());
    d_iov_set(&iod.iod_name, const_cast<char*>("a"), 1);
    iod.iod_type = DAOS_IOD_SINGLE;
    iod.iod_nr = 1;
    iod.iod_size = sizeof value;
    d_iov_set(&iov, &value, sizeof value);
    sgl = {1, 0, &iov};
  }
};

class Tasks : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(daos_init(), 0);
    ASSERT_EQ(tse_sched_init(&sched_, nullptr, nullptr), 0);
    auto* connect = arguments<daos_pool_connect_t>(make(DAOS_OPC_POOL_CONNECT));
    connect->pool = "tank";
    connect->flags = DAOS_PC_RW;
    connect->poh = &pool_;
    ASSERT_EQ(run(), 0);
    auto* create = arguments<daos_cont_create_t>(make(DAOS_OPC_CONT_CREATE));
    create->poh = pool_;
    create->cuuid = &uuid_;
    ASSERT_EQ(run(), 0);
    auto* open = arguments<daos_cont_open_t>(make(DAOS_OPC_CONT_OPEN));
    open->poh = pool_;
    uuid_copy(open->uuid, uuid_);
    open->flags = DAOS_COO_RW;
    open->coh = &container_;
    ASSERT_EQ(run(), 0);
  }
  void TearDown() override {
    arguments<daos_cont_close_t>(make(DAOS_OPC_CONT_CLOSE))->coh = container_;
    EXPECT_EQ(run(), 0);
    auto* destroy = arguments<daos_cont_destroy_t>(make(DAOS_OPC_CONT_DESTROY));
    destroy->poh = pool_;
    uuid_copy(destroy->uuid, uuid_);
    EXPECT_EQ(run(), 0);
    arguments<daos_pool_disconnect_t>(make(DAOS_OPC_POOL_DISCONNECT))->poh = pool_;
    EXPECT_EQ(run(), 0);
    tse_sched_fini(&sched_);
    EXPECT_EQ(daos_fini(), 0);
  }

  tse_task_t* make(daos_opc_t opcode, std::vector<tse_task_t*> after = {}) {
    tse_task_t* task = nullptr;
    EXPECT_EQ(daos_task_create(opcode, &sched_, static_cast<unsigned>(after.size()),
                               after.empty() ? nullptr : after.data(), &task),
              0);
    tse_task_addref(task);
    made_.push_back(task);
    return task;
  }
  template <class Arguments>
  static Arguments* arguments(tse_task_t* task) {
    return static_cast<Arguments*>(daos_task_get_args(task));
  }
  /// Schedules what was made, the last one first, and drives until all of it is complete; the first result that is not
  /// 0.
  int run() {
    for (auto task = made_.rbegin(); task != made_.rend(); ++task) EXPECT_EQ(tse_task_schedule(*task, false), 0);
    bool empty = false;
    EXPECT_EQ(daos_progress(&sched_, -1, &empty), 0);
    EXPECT_TRUE(empty);
    return take_results();
  }
  int take_results() {
    int first = 0;
    for (tse_task_t* task : made_) {
      if (first == 0) first = task->dt_result;
      tse_task_decref(task);
    }
    made_.clear();
    return first;
  }
  daos_handle_t open_object() {
    daos_handle_t object = DAOS_HDL_INVAL;
    auto* open = arguments<daos_obj_open_t>(make(DAOS_OPC_OBJ_OPEN));
    open->coh = container_;
    open->oid.lo = next_++;
    EXPECT_EQ(daos_obj_generate_oid(container_, &open->oid, DAOS_OT_MULTI_HASHED, OC_SX, 0, 0), 0);
    open->mode = DAOS_OO_RW;
    open->oh = &object;
    EXPECT_EQ(run(), 0);
    return object;
  }
  void close_object(daos_handle_t object) {
    arguments<daos_obj_close_t>(make(DAOS_OPC_OBJ_CLOSE))->oh = object;
    EXPECT_EQ(run(), 0);
  }
  tse_task_t* make_io(daos_opc_t opcode, daos_handle_t object, Value& value, std::vector<tse_task_t*> after = {}) {
    tse_task_t* task = make(opcode, std::move(after));
    auto* io = arguments<daos_obj_rw_t>(task);
    io->oh = object;
    io->th = DAOS_TX_NONE;
    io->dkey = &value.dkey;
    io->nr = 1;
    io->iods = &value.iod;
    io->sgls = &value.sgl;
    return task;
  }

  tse_sched_t sched_;
  daos_handle_t pool_ = DAOS_HDL_INVAL, container_ = DAOS_HDL_INVAL;
  uuid_t uuid_;
  uint64_t next_ = 1;
  std::vector<tse_task_t*> made_;
};

TEST_F(Tasks, AFetchSeesTheUpdatesBeforeIt) {
  const daos_handle_t object = open_object();
  std::deque<Value> values;
  // Update, fetch, update again, fetch again: of one key, in that order.
  for (int i = 0; i < 4; i++) values.emplace_back(1);
  values[0].value = 17;
  values[2].value = 18;
  tse_task_t* previous = nullptr;
  for (size_t i = 0; i < 4; i++) {
    previous = make_io(i % 2 == 0 ? DAOS_OPC_OBJ_UPDATE : DAOS_OPC_OBJ_FETCH, object, values[i],
                       previous != nullptr ? std::vector{previous} : std::vector<tse_task_t*>{});
  }
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(values[1].value, 17u);
  EXPECT_EQ(values[3].value, 18u);
  close_object(object);
}

TEST_F(Tasks, ManyAreUnderWayWithSeveralThreads) {
  constexpr uint64_t kValues = 500;
  const daos_handle_t object = open_object();
  std::deque<Value> written, read;
  for (uint64_t i = 0; i < kValues; i++) {
    written.emplace_back(i).value = i * 3 + 1;
    read.emplace_back(i);
    tse_task_t* update = make_io(DAOS_OPC_OBJ_UPDATE, object, written[i]);
    make_io(DAOS_OPC_OBJ_FETCH, object, read[i], {update});
  }
  for (tse_task_t* task : made_) EXPECT_EQ(tse_task_schedule(task, false), 0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; i++) {
    threads.emplace_back([this] {
      bool empty = false;
      EXPECT_EQ(daos_progress(&sched_, -1, &empty), 0);
      EXPECT_TRUE(empty);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(take_results(), 0);
  for (uint64_t i = 0; i < kValues; i++) EXPECT_EQ(read[i].value, i * 3 + 1) << i;
  close_object(object);
}

TEST_F(Tasks, AFailureKeepsLaterCallsFromRunning) {
  const daos_handle_t object = open_object();
  Value value(1), other(2);
  value.value = other.value = 5;
  tse_task_t* refused = make_io(DAOS_OPC_OBJ_UPDATE, DAOS_HDL_INVAL, value);
  tse_task_t* after = make_io(DAOS_OPC_OBJ_UPDATE, object, other, {refused});
  EXPECT_EQ(run(), -DER_NO_HDL);
  (void)after;
  Value back(2);
  back.iod.iod_size = DAOS_REC_ANY;
  make_io(DAOS_OPC_OBJ_FETCH, object, back);
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(back.iod.iod_size, 0u);  // nothing there
  close_object(object);
}

TEST_F(Tasks, AKeyQueryTellsTheNewestEpochToo) {
  daos_obj_id_t oid = {77, 0};
  daos_handle_t object;
  ASSERT_EQ(daos_obj_generate_oid(container_, &oid, DAOS_OT_MULTI_UINT64, OC_SX, 0, 0), 0);
  ASSERT_EQ(daos_obj_open(container_, oid, DAOS_OO_RW, &object, nullptr), 0);
  uint64_t number = 5, asked = 0;
  daos_key_t key{&number, 8, 8}, dkey{&asked, 8, 8};
  daos_iod_t iod{};
  iod.iod_name = key;
  iod.iod_type = DAOS_IOD_SINGLE;
  iod.iod_size = 8;
  iod.iod_nr = 1;
  d_iov_t iov = key;
  d_sg_list_t sgl{1, 0, &iov};
  ASSERT_EQ(daos_obj_update(object, DAOS_TX_NONE, 0, &key, 1, &iod, &sgl, nullptr), 0);
  daos_epoch_t newest = 0, expected = 0;
  ASSERT_EQ(daos_obj_query_max_epoch(object, DAOS_TX_NONE, &expected, nullptr), 0);
  for (const uint64_t flags : {uint64_t{DAOS_GET_MAX | DAOS_GET_DKEY}, uint64_t{0}}) {
    auto* query = arguments<daos_obj_query_key_t>(make(DAOS_OPC_OBJ_QUERY_KEY));
    query->oh = object;
    query->flags = flags;
    query->dkey = &dkey;
    query->max_epoch = &newest;
    newest = 0;
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(newest, expected);
  }
  EXPECT_EQ(asked, 5u);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Tasks, QueriesAndEventsBesideTasks) {
  daos_pool_info_t pool_info{};
  daos_cont_info_t cont_info{};
  auto* pool = arguments<daos_pool_query_t>(make(DAOS_OPC_POOL_QUERY));
  pool->poh = pool_;
  pool->info = &pool_info;
  auto* cont = arguments<daos_cont_query_t>(make(DAOS_OPC_CONT_QUERY));
  cont->coh = container_;
  cont->info = &cont_info;
  for (tse_task_t* task : made_) EXPECT_EQ(tse_task_schedule(task, true), 0);
  daos_event_t event;
  daos_cont_info_t again{};
  ASSERT_EQ(daos_event_init(&event, DAOS_HDL_INVAL, nullptr), 0);
  EXPECT_EQ(daos_cont_query(container_, &again, nullptr, &event), 0);
  tse_sched_complete(&sched_, 0, false);
  EXPECT_EQ(take_results(), 0);
  bool done = false;
  EXPECT_EQ(daos_event_test(&event, DAOS_EQ_WAIT, &done), 0);
  EXPECT_TRUE(done);
  EXPECT_EQ(event.ev_error, 0);
  EXPECT_EQ(daos_event_fini(&event), 0);
  EXPECT_GT(pool_info.pi_ntargets, 0u);
  EXPECT_EQ(uuid_compare(cont_info.ci_uuid, uuid_), 0);
  EXPECT_EQ(uuid_compare(again.ci_uuid, uuid_), 0);
}

TEST_F(Tasks, CancelWaitsForWhatIsUnderWay) {
  const daos_handle_t object = open_object();
  Value first(1), second(2);
  first.value = second.value = 9;
  tse_task_t* update = make_io(DAOS_OPC_OBJ_UPDATE, object, first);
  tse_task_t* later = make_io(DAOS_OPC_OBJ_UPDATE, object, second, {update});
  EXPECT_EQ(tse_task_schedule(update, true), 0);
  EXPECT_EQ(tse_task_schedule(later, false), 0);
  tse_sched_complete(&sched_, -DER_CANCELED, true);
  EXPECT_EQ(update->dt_result, 0);
  EXPECT_EQ(later->dt_result, -DER_CANCELED);
  EXPECT_EQ(take_results(), -DER_CANCELED);
  tse_sched_fini(&sched_);
  ASSERT_EQ(tse_sched_init(&sched_, nullptr, nullptr), 0);
  close_object(object);
}

}  // namespace
