// Goal: pipelines find what a program would find by listing and fetching everything itself, in every buffer, and tell
// when they are not offered. Run by with-system, with a pool "tank".
#include <daos_pipeline.h>

#include <cmath>
#include <map>

#include "api_fixture.h"

namespace api_test {
namespace {

daos_filter_part_t part(const char* type, uint32_t operands, const char* data = nullptr) {
  daos_filter_part_t made{};
  made.part_type = {const_cast<char*>(type), std::strlen(type), std::strlen(type)};
  made.num_operands = operands;
  if (data != nullptr) made.data_type = {const_cast<char*>(data), std::strlen(data), std::strlen(data)};
  return made;
}
constexpr const char* kNumber = "DAOS_FILTER_TYPE_UINTEGER8";

/// Cars by name: their age, and the wheels that they have.
class Pipelines : public ApiTest {
 protected:
  void SetUp() override {
    setenv("DAOS_PIPELINE", "1", 1);
    ApiTest::SetUp();
    object_ = new_object();
    for (uint64_t i = 0; i < 100; i++) {
      const std::string name = "car " + std::to_string(i);
      const uint64_t age = i % 20;
      ASSERT_EQ(put(object_, key_of(name), key_of("age"), std::string(reinterpret_cast<const char*>(&age), 8)), 0);
      if (i % 3 == 0) ASSERT_EQ(write_at(object_, name, "wheels", 0, std::string(1 + i % 4, 'w')), 0);
      ages_[name] = age;
    }
    // age > 15
    older_[0] = part("DAOS_FILTER_FUNC_GT", 2);
    older_[1] = part("DAOS_FILTER_AKEY", 0, kNumber);
    older_[1].akey = key_of("age");
    older_[2] = part("DAOS_FILTER_CONST", 0, kNumber);
    limit_ = key_of(limit_value_);
    older_[2].constant = &limit_;
    older_[2].num_constants = 1;
    daos_filter_init(&condition_);
    condition_.filter_type = key_of("DAOS_FILTER_CONDITION");
    for (daos_filter_part_t& p : older_) ASSERT_EQ(daos_filter_add(&condition_, &p), 0);
    daos_pipeline_init(&pipeline_);
    iods_[0].iod_name = key_of("age");
    iods_[0].iod_type = DAOS_IOD_SINGLE;
    iods_[0].iod_size = 8;
    iods_[0].iod_nr = 1;
    iods_[1].iod_name = key_of("wheels");
    iods_[1].iod_type = DAOS_IOD_ARRAY;
    iods_[1].iod_size = 1;
    iods_[1].iod_nr = 1;
    iods_[1].iod_recxs = &four_;
  }
  void TearDown() override {
    EXPECT_EQ(daos_pipeline_free(&pipeline_), 0);
    EXPECT_EQ(daos_obj_close(object_, nullptr), 0);
    ApiTest::TearDown();
  }
  /// Runs to the end with room for `keys` in each call; name to age.
  std::map<std::string, uint64_t> run(uint32_t keys, size_t piece = 4096) {
    std::map<std::string, uint64_t> found;
    daos_anchor_t anchor{};
    daos_pipeline_stats_t stats{};
    while (!daos_anchor_is_eof(&anchor)) {
      std::vector<daos_key_desc_t> kds(keys);
      std::vector<daos_size_t> sizes(keys * 2);
      std::vector<char> names(piece * 2), values(8192);
      d_iov_t name_iovs[] = {{names.data(), piece, 0}, {names.data() + piece, piece, 0}},
              value_iov{values.data(), values.size(), 0};
      d_sg_list_t name_list{2, 0, name_iovs}, value_list{1, 0, &value_iov};
      uint32_t nr_iods = 2, nr_kds = keys;
      const int rc =
          daos_pipeline_run(container_, object_, &pipeline_, DAOS_TX_NONE, 0, nullptr, &nr_iods, iods_, &anchor,
                            &nr_kds, kds.data(), &name_list, &value_list, sizes.data(), nullptr, &stats, nullptr);
      EXPECT_EQ(rc, 0);
      if (rc != 0 || nr_kds > keys) break;
      EXPECT_EQ(nr_iods, nr_kds * 2);
      std::string packed(names.data(), name_iovs[0].iov_len);
      packed.append(names.data() + piece, name_iovs[1].iov_len);
      size_t at = 0, value_at = 0;
      for (uint32_t i = 0; i < nr_kds; i++) {
        const std::string name = packed.substr(at, kds[i].kd_key_len);
        at += kds[i].kd_key_len;
        EXPECT_EQ(sizes[2 * i], 8u);
        uint64_t age = 0;
        std::memcpy(&age, values.data() + value_at, 8);
        EXPECT_TRUE(found.emplace(name, age).second) << name << " came twice";
        value_at += sizes[2 * i] + sizes[2 * i + 1];
      }
      EXPECT_EQ(value_at, value_iov.iov_len);
    }
    EXPECT_EQ(stats.nr_dkeys, 100u);
    return found;
  }

  daos_handle_t object_;
  std::map<std::string, uint64_t> ages_;
  const uint64_t limit_value_ = 15;
  d_iov_t limit_;
  daos_filter_part_t older_[3];
  daos_filter_t condition_;
  daos_pipeline_t pipeline_;
  daos_recx_t four_{0, 4};
  daos_iod_t iods_[2] = {};
};

TEST_F(Pipelines, WithoutFiltersEverythingIsReturned) {
  EXPECT_EQ(run(1000), ages_);
  EXPECT_EQ(run(1), ages_);
  EXPECT_EQ(run(7, 40), ages_);
}

TEST_F(Pipelines, ConditionsChoose) {
  ASSERT_EQ(daos_pipeline_add(&pipeline_, &condition_), 0);
  std::map<std::string, uint64_t> expected;
  for (const auto& [name, age] : ages_) {
    if (age > 15) expected[name] = age;
  }
  ASSERT_EQ(expected.size(), 20u);
  EXPECT_EQ(run(64), expected);
  EXPECT_EQ(run(3), expected);
}

TEST_F(Pipelines, AggregationsSeeAllThatMatch) {
  ASSERT_EQ(daos_pipeline_add(&pipeline_, &condition_), 0);
  daos_filter_t filters[4];
  daos_filter_part_t parts[4][2];
  const char* functions[] = {"DAOS_FILTER_FUNC_SUM", "DAOS_FILTER_FUNC_MIN", "DAOS_FILTER_FUNC_MAX",
                             "DAOS_FILTER_FUNC_AVG"};
  double results[4] = {};
  d_iov_t iovs[4];
  for (int i = 0; i < 4; i++) {
    daos_filter_init(&filters[i]);
    filters[i].filter_type = key_of("DAOS_FILTER_AGGREGATION");
    parts[i][0] = part(functions[i], 1);
    parts[i][1] = older_[1];
    for (daos_filter_part_t& p : parts[i]) ASSERT_EQ(daos_filter_add(&filters[i], &p), 0);
    ASSERT_EQ(daos_pipeline_add(&pipeline_, &filters[i]), 0);
    iovs[i] = {&results[i], sizeof(double), 0};
  }
  d_sg_list_t aggregates{4, 0, iovs}, short_list{3, 0, iovs};
  daos_anchor_t anchor{};
  uint32_t nr_iods = 2, nr_kds = 1;
  daos_key_desc_t kd{};
  char name[32], values[64];
  d_iov_t name_iov{name, sizeof name, 0}, value_iov{values, sizeof values, 0};
  d_sg_list_t name_list{1, 0, &name_iov}, value_list{1, 0, &value_iov};
  const auto once = [&](d_sg_list_t* list) {
    return daos_pipeline_run(container_, object_, &pipeline_, DAOS_TX_NONE, 0, nullptr, &nr_iods, iods_, &anchor,
                             &nr_kds, &kd, &name_list, &value_list, nullptr, list, nullptr, nullptr);
  };
  EXPECT_EQ(once(&short_list), -DER_INVAL);
  EXPECT_EQ(once(nullptr), -DER_INVAL);
  while (!daos_anchor_is_eof(&anchor)) ASSERT_EQ(once(&aggregates), 0);
  EXPECT_EQ(results[0], 5 * (16 + 17 + 18 + 19));
  EXPECT_EQ(results[1], 16);
  EXPECT_EQ(results[2], 19);
  EXPECT_EQ(results[3], 17.5);
  EXPECT_EQ(nr_kds, 1u) << "one key stands for all";
  EXPECT_GT(ages_[std::string(name, kd.kd_key_len)], 15u);
  for (daos_filter_t& filter : filters) EXPECT_EQ(iovs[&filter - filters].iov_len, sizeof(double));
}

TEST_F(Pipelines, RefusesWhatItCannotDo) {
  daos_anchor_t anchor{};
  uint32_t nr_iods = 2, nr_kds = 50;
  std::vector<daos_key_desc_t> kds(50);
  char small[20];
  d_iov_t iov{small, sizeof small, 0};
  d_sg_list_t list{1, 0, &iov};
  const auto once = [&](daos_handle_t object, daos_key_t* dkey, daos_event_t* ev) {
    return daos_pipeline_run(container_, object, &pipeline_, DAOS_TX_NONE, 0, dkey, &nr_iods, iods_, &anchor, &nr_kds,
                             kds.data(), &list, &list, nullptr, nullptr, nullptr, ev);
  };
  EXPECT_EQ(once(object_, nullptr, nullptr), -DER_REC2BIG);
  EXPECT_EQ(once({0x12345}, nullptr, nullptr), -DER_NO_HDL);
  daos_key_t dkey = key_of("car 1");
  EXPECT_EQ(once(object_, &dkey, nullptr), -DER_NOSYS);
  pipeline_.version = 2;
  EXPECT_EQ(once(object_, nullptr, nullptr), -DER_MISMATCH);
  pipeline_.version = 1;
  nr_iods = 0;
  EXPECT_EQ(once(object_, nullptr, nullptr), 0);
  EXPECT_EQ(nr_kds, 0u);
  EXPECT_TRUE(daos_anchor_is_eof(&anchor)) << "nothing to read, nothing to come back for";
  const daos_handle_t absent = new_object();
  anchor = {};
  nr_iods = 2;
  nr_kds = 50;
  while (!daos_anchor_is_eof(&anchor)) {
    ASSERT_EQ(once(absent, nullptr, nullptr), 0);
    EXPECT_EQ(nr_kds, 0u);
    nr_iods = 2;
    nr_kds = 50;
  }
  EXPECT_EQ(daos_obj_close(absent, nullptr), 0);
}

TEST(PipelinesOff, AreRefusedWithoutTheVariable) {
  unsetenv("DAOS_PIPELINE");
  ASSERT_EQ(daos_init(), 0);
  daos_pipeline_t pipeline;
  daos_pipeline_init(&pipeline);
  uint32_t nr = 1;
  daos_anchor_t anchor{};
  EXPECT_EQ(daos_pipeline_run({5}, {7}, &pipeline, DAOS_TX_NONE, 0, nullptr, &nr, nullptr, &anchor, &nr, nullptr,
                              nullptr, nullptr, nullptr, nullptr, nullptr, nullptr),
            -DER_UNREG);
  EXPECT_EQ(daos_pipeline_run({5}, {7}, nullptr, DAOS_TX_NONE, 0, nullptr, &nr, nullptr, &anchor, &nr, nullptr, nullptr,
                              nullptr, nullptr, nullptr, nullptr, nullptr),
            -DER_INVAL);
  EXPECT_EQ(daos_fini(), 0);
}

}  // namespace
}  // namespace api_test
