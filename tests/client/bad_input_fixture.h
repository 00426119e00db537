// An open handle of each kind, and one of each that was closed, for tests that pass what is wrong.
#pragma once

#include <daos/tse.h>
#include <daos_pipeline.h>
#include <daos_task.h>

#include <string>

#include "api_fixture.h"
#include "bad_input.h"

namespace api_test {

inline constexpr uint64_t kHuge = ~0ull;
inline constexpr uint64_t kUnknownFlag = 1ull << 40;

class BadInput : public ApiTest {
 protected:
  void SetUp() override {
    setenv("DAOS_PIPELINE", "1", 1);
    ApiTest::SetUp();
    object_id_ = new_id(DAOS_OT_MULTI_HASHED);
    numbers_id_ = new_id(DAOS_OT_MULTI_UINT64);
    kv_id_ = new_id(DAOS_OT_KV_HASHED);
    array_id_ = new_id(DAOS_OT_ARRAY);
    bytes_id_ = new_id(DAOS_OT_ARRAY_BYTE);
    object_ = open(object_id_);
    numbers_ = open(numbers_id_);
    ASSERT_EQ(daos_kv_open(container_, kv_id_, DAOS_OO_RW, &kv_, nullptr), 0);
    ASSERT_EQ(daos_array_create(container_, array_id_, DAOS_TX_NONE, 1, 8, &array_, nullptr), 0);
    ASSERT_EQ(daos_eq_create(&queue_), 0);
    ASSERT_EQ(put(object_, "d", "a", "value"), 0);
    // One of each kind that is closed already.
    daos_handle_t closed[4];
    closed[0] = open(object_id_);
    ASSERT_EQ(daos_obj_close(closed[0], nullptr), 0);
    ASSERT_EQ(daos_kv_open(container_, kv_id_, DAOS_OO_RW, &closed[1], nullptr), 0);
    ASSERT_EQ(daos_kv_close(closed[1], nullptr), 0);
    ASSERT_EQ(daos_cont_open(pool_, name_, DAOS_COO_RO, &closed[2], nullptr, nullptr), 0);
    ASSERT_EQ(daos_cont_close(closed[2], nullptr), 0);
    ASSERT_EQ(daos_pool_connect("tank", nullptr, DAOS_PC_RO, &closed[3], nullptr, nullptr), 0);
    ASSERT_EQ(daos_pool_disconnect(closed[3], nullptr), 0);
    other_handles() = {pool_, container_, object_, kv_, array_, queue_};
    other_handles().insert(other_handles().end(), std::begin(closed), std::end(closed));
    closed_container_ = closed[2];
    closed_pool_ = closed[3];
    closed_object_ = closed[0];
  }
  void TearDown() override {
    EXPECT_EQ(daos_obj_close(object_, nullptr), 0);
    EXPECT_EQ(daos_obj_close(numbers_, nullptr), 0);
    EXPECT_EQ(daos_kv_close(kv_, nullptr), 0);
    EXPECT_EQ(daos_array_close(array_, nullptr), 0);
    EXPECT_EQ(daos_eq_destroy(queue_, 0), 0);
    other_handles().clear();
    ApiTest::TearDown();
  }
  Argument<daos_handle_t> pool() { return with_closed(handle(pool_), closed_pool_); }
  Argument<daos_handle_t> container() { return with_closed(handle(container_), closed_container_); }
  Argument<daos_handle_t> object() { return with_closed(handle(object_), closed_object_); }
  static Argument<daos_handle_t> with_closed(Argument<daos_handle_t> argument, daos_handle_t closed) {
    argument.wrong.push_back({closed, -DER_NO_HDL});
    return argument;
  }
  static Argument<daos_event_t*> event() { return fixed<daos_event_t*>(nullptr); }
  static Argument<daos_key_t*> key(daos_key_t* right) {
    static daos_key_t empty = {const_cast<char*>("x"), 1, 0}, null = {nullptr, 1, 1};
    return {right, {{nullptr, -DER_INVAL}, {&empty, -DER_INVAL}, {&null, -DER_INVAL}}};
  }

  daos_obj_id_t object_id_, numbers_id_, kv_id_, array_id_, bytes_id_;
  daos_handle_t object_, numbers_, kv_, array_, queue_;
  daos_handle_t closed_container_, closed_pool_, closed_object_;
};

}  // namespace api_test
