// Thousands of operations from one thread: an event queue, a fixed number of events, and a loop that starts a new
// operation whenever one completes.
//
//   many_in_flight [POOL [COUNT]]     without POOL: an embedded store, in ./daos-example
#include <daos.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

void check(int rc, const char* what) {
  if (rc == 0) return;
  std::fprintf(stderr, "%s: %s (%s)\n", what, d_errstr(rc), d_errdesc(rc));
  std::exit(1);
}

// What one operation points to must stay where it is until its event completes, so it lives beside the event.
struct Operation {
  daos_event_t event;
  std::string key;
  uint64_t value = 0;
  daos_key_t dkey{};
  daos_iod_t iod{};
  d_iov_t iov{};
  d_sg_list_t sgl{};

  void prepare(uint64_t number) {
    key = "item " + std::to_string(number);
    d_iov_set(&dkey, key.data(), key.size());
    iod.iod_type = DAOS_IOD_SINGLE;
    iod.iod_nr = 1;
    iod.iod_size = sizeof value;
    d_iov_set(&iod.iod_name, const_cast<char*>("n"), 1);
    d_iov_set(&iov, &value, sizeof value);
    sgl.sg_nr = 1;
    sgl.sg_iovs = &iov;
  }
};

enum class Does { kUpdate, kFetch };

// Keeps all of `operations` busy until `count` have been done; how many values were right.
uint64_t run(Does what, daos_handle_t queue, daos_handle_t object, std::vector<Operation>& operations, uint64_t count) {
  std::vector<Operation*> idle;
  for (Operation& operation : operations) idle.push_back(&operation);
  std::vector<daos_event_t*> done(operations.size());
  std::vector<uint64_t> numbers(operations.size());
  uint64_t started = 0, ended = 0, right = 0;
  while (ended < count) {
    while (!idle.empty() && started < count) {
      Operation& operation = *idle.back();
      idle.pop_back();
      numbers[static_cast<size_t>(&operation - operations.data())] = started;
      operation.prepare(started);
      operation.value = what == Does::kUpdate ? started * started : 0;
      check(what == Does::kUpdate ? daos_obj_update(object, DAOS_TX_NONE, 0, &operation.dkey, 1, &operation.iod,
                                                    &operation.sgl, &operation.event)
                                  : daos_obj_fetch(object, DAOS_TX_NONE, 0, &operation.dkey, 1, &operation.iod,
                                                   &operation.sgl, nullptr, &operation.event),
            "start");
      started++;
    }
    const int n = daos_eq_poll(queue, 1, DAOS_EQ_WAIT, static_cast<unsigned>(done.size()), done.data());
    if (n < 0) check(n, "daos_eq_poll");
    for (int i = 0; i < n; i++) {
      auto* operation = reinterpret_cast<Operation*>(done[static_cast<size_t>(i)]);  // the event is its first member
      check(operation->event.ev_error, "operation");  // errors of the operation arrive here
      const uint64_t number = numbers[static_cast<size_t>(operation - operations.data())];
      right += operation->value == number * number;
      idle.push_back(operation);
    }
    ended += static_cast<uint64_t>(n);
  }
  return right;
}

}  // namespace

int main(int argc, char** argv) {
  const char* pool_name = argc > 1 ? argv[1] : "./daos-example";
  const uint64_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 5000;
  daos_handle_t pool, container, object, queue;
  uuid_t uuid;
  char name[DAOS_UUID_STR_SIZE];
  check(daos_init(), "daos_init");
  check(daos_pool_connect(pool_name, nullptr, DAOS_PC_RW, &pool, nullptr, nullptr), pool_name);
  check(daos_cont_create(pool, &uuid, nullptr, nullptr), "daos_cont_create");
  uuid_unparse_lower(uuid, name);
  check(daos_cont_open(pool, name, DAOS_COO_RW, &container, nullptr, nullptr), "daos_cont_open");
  daos_obj_id_t oid = {1, 0};
  check(daos_obj_generate_oid(container, &oid, DAOS_OT_MULTI_HASHED, OC_SX, 0, 0), "daos_obj_generate_oid");
  check(daos_obj_open(container, oid, DAOS_OO_RW, &object, nullptr), "daos_obj_open");

  check(daos_eq_create(&queue), "daos_eq_create");
  std::vector<Operation> operations(1000);  // in flight at a time
  for (Operation& operation : operations) check(daos_event_init(&operation.event, queue, nullptr), "daos_event_init");
  const uint64_t stored = run(Does::kUpdate, queue, object, operations, count);
  const uint64_t right = run(Does::kFetch, queue, object, operations, count);
  std::printf("%llu values stored, %llu read back right\n", static_cast<unsigned long long>(stored),
              static_cast<unsigned long long>(right));
  for (Operation& operation : operations) check(daos_event_fini(&operation.event), "daos_event_fini");
  check(daos_eq_destroy(queue, 0), "daos_eq_destroy");

  check(daos_obj_close(object, nullptr), "daos_obj_close");
  check(daos_cont_close(container, nullptr), "daos_cont_close");
  check(daos_cont_destroy(pool, name, 0, nullptr), "daos_cont_destroy");
  check(daos_pool_disconnect(pool, nullptr), "daos_pool_disconnect");
  check(daos_fini(), "daos_fini");
  return right == count ? 0 : 1;
}
