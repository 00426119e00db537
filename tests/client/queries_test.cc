// Goal: queries of keys, epochs and layouts behave as documented, over several groups and beside what is removed. Run
// by with-system, with a pool "tank".
#include <daos/kv.h>
#include <daos/object.h>

#include <map>
#include <set>

#include "api_fixture.h"

namespace api_test {
namespace {

class Queries : public ApiTest {};

struct Asked {
  int rc = 0;
  uint64_t dkey = 0, akey = 0;
  bool found_dkey = false, found_akey = false;
  daos_recx_t recx{};
};
Asked query(daos_handle_t object, uint64_t flags, uint64_t dkey, uint64_t akey) {
  Asked asked{.dkey = dkey, .akey = akey, .recx = {7, 7}};
  daos_key_t d = key_of(asked.dkey), a = key_of(asked.akey);
  asked.rc = daos_obj_query_key(object, DAOS_TX_NONE, flags, &d, &a, &asked.recx, nullptr);
  asked.found_dkey = d.iov_len == 8;
  asked.found_akey = a.iov_len == 8;
  return asked;
}

TEST_F(Queries, TheHighestAndLowestOfEverything) {
  const daos_handle_t object = new_object(DAOS_OT_MULTI_UINT64);
  // dkey -> akey -> extents
  std::map<uint64_t, std::map<uint64_t, Ranges>> model;
  uint64_t state = 1;
  const auto random = [&state](uint64_t n) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (state >> 33) % n;
  };
  for (int i = 0; i < 120; i++) {
    const uint64_t dkey = random(40) * 3 + 1, akey = random(5) + 1, start = random(1000) * 10, count = random(9) + 1;
    model[dkey][akey].emplace_back(start, count);
    ASSERT_EQ(write_at(object, key_of(dkey), key_of(akey), start, std::string(count, 'x')), 0);
  }
  const uint64_t dk = DAOS_GET_DKEY, ak = DAOS_GET_AKEY, rx = DAOS_GET_RECX;
  const auto last = [](const Ranges& ranges) { return merged(ranges).back(); };
  const auto first = [](const Ranges& ranges) { return merged(ranges).front(); };

  const Asked highest = query(object, DAOS_GET_MAX | dk | ak | rx, 0, 0);
  const auto& [d, akeys] = *model.rbegin();
  ASSERT_EQ(highest.rc, 0);
  EXPECT_EQ(highest.dkey, d);
  EXPECT_EQ(highest.akey, akeys.rbegin()->first);
  EXPECT_EQ(highest.recx.rx_idx + highest.recx.rx_nr,
            last(akeys.rbegin()->second).first + last(akeys.rbegin()->second).second);
  const Asked lowest = query(object, DAOS_GET_MIN | dk | ak | rx, 0, 0);
  const auto& [ld, lakeys] = *model.begin();
  EXPECT_EQ(lowest.dkey, ld);
  EXPECT_EQ(lowest.akey, lakeys.begin()->first);
  EXPECT_EQ(lowest.recx.rx_idx, first(lakeys.begin()->second).first);

  for (uint64_t akey = 1; akey <= 6; akey++) {  // dkeys without that akey are skipped; 6 is nowhere
    const Asked asked = query(object, DAOS_GET_MAX | dk | rx, 0, akey);
    ASSERT_EQ(asked.rc, 0);
    uint64_t expected = 0;
    for (const auto& [dkey, of] : model) expected = of.contains(akey) ? dkey : expected;
    EXPECT_EQ(asked.found_dkey, expected != 0);
    if (expected == 0) {
      EXPECT_EQ(asked.dkey, 0u) << "untouched";
      EXPECT_EQ(asked.recx.rx_idx + asked.recx.rx_nr, 0u);
      continue;
    }
    EXPECT_EQ(asked.dkey, expected);
    EXPECT_EQ(asked.recx.rx_idx + asked.recx.rx_nr,
              last(model[expected][akey]).first + last(model[expected][akey]).second);
  }
  for (const auto& [dkey, of] : model) {
    const Asked max = query(object, DAOS_GET_MAX | ak, dkey, 0), min = query(object, DAOS_GET_MIN | ak | rx, dkey, 0);
    EXPECT_EQ(max.akey, of.rbegin()->first);
    EXPECT_EQ(min.akey, of.begin()->first);
    EXPECT_EQ(min.recx.rx_idx, first(of.begin()->second).first);
    const Asked end = query(object, DAOS_GET_MAX | rx, dkey, of.begin()->first);
    EXPECT_EQ(end.recx.rx_idx + end.recx.rx_nr, last(of.begin()->second).first + last(of.begin()->second).second);
  }
  // Records that are removed, and keys that are punched, do not count.
  ASSERT_EQ(remove_at(object, key_of(d), key_of(akeys.rbegin()->first), 0, 1ull << 40), 0);
  daos_key_t low = key_of(ld);
  ASSERT_EQ(daos_obj_punch_dkeys(object, DAOS_TX_NONE, 0, 1, &low, nullptr), 0);
  EXPECT_EQ(query(object, DAOS_GET_MIN | dk | ak | rx, 0, 0).dkey, std::next(model.begin())->first);
  const Asked after = query(object, DAOS_GET_MAX | dk | ak | rx, 0, 0);
  EXPECT_GT(after.recx.rx_nr, 0u);
  EXPECT_TRUE(after.dkey < d || after.akey < akeys.rbegin()->first);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Queries, NothingFoundIsNoError) {
  const daos_handle_t object = new_object(DAOS_OT_MULTI_UINT64);
  const Asked asked = query(object, DAOS_GET_MAX | DAOS_GET_DKEY | DAOS_GET_AKEY | DAOS_GET_RECX, 5, 6);
  EXPECT_EQ(asked.rc, 0);
  EXPECT_FALSE(asked.found_dkey || asked.found_akey);
  EXPECT_EQ(asked.dkey, 5u) << "buffers stay as they were";
  EXPECT_EQ(asked.akey, 6u);
  EXPECT_EQ(asked.recx.rx_idx + asked.recx.rx_nr, 0u);
  const Asked nothing = query(object, 0, 5, 6);
  EXPECT_EQ(nothing.rc, 0) << "nothing asked, nothing told";
  const uint64_t number = 3;
  ASSERT_EQ(put(object, key_of(number), key_of(number), "single"), 0);
  const Asked single = query(object, DAOS_GET_MAX | DAOS_GET_DKEY | DAOS_GET_RECX, 0, 3);
  EXPECT_EQ(single.rc, 0);
  EXPECT_EQ(single.recx.rx_nr, 0u) << "a single value has no records";
  EXPECT_EQ(query(object, DAOS_GET_MAX | DAOS_GET_DKEY | DAOS_GET_AKEY, 0, 0).akey, 3u);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Queries, TheArgumentsAreChecked) {
  const daos_handle_t numbers = new_object(DAOS_OT_MULTI_UINT64), hashed = new_object();
  const uint64_t dk = DAOS_GET_DKEY, ak = DAOS_GET_AKEY, rx = DAOS_GET_RECX;
  for (const uint64_t flags :
       {uint64_t{DAOS_GET_MAX}, dk, DAOS_GET_MAX | DAOS_GET_MIN | dk, uint64_t{1 << 10} | DAOS_GET_MAX | dk}) {
    EXPECT_EQ(query(numbers, flags, 1, 1).rc, -DER_INVAL) << flags;
  }
  for (const uint64_t flags : {DAOS_GET_MAX | dk, DAOS_GET_MAX | ak})
    EXPECT_EQ(query(hashed, flags, 1, 1).rc, -DER_INVAL);
  EXPECT_EQ(query(hashed, DAOS_GET_MAX | rx, 1, 1).rc, 0);
  uint64_t number = 0;
  daos_key_t key = key_of(number), small{&number, 4, 4};
  daos_recx_t recx;
  EXPECT_EQ(daos_obj_query_key(numbers, DAOS_TX_NONE, DAOS_GET_MAX | dk, nullptr, &key, &recx, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_query_key(numbers, DAOS_TX_NONE, DAOS_GET_MAX | ak, &key, nullptr, &recx, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_query_key(numbers, DAOS_TX_NONE, DAOS_GET_MAX | rx, &key, nullptr, &recx, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_query_key(numbers, DAOS_TX_NONE, DAOS_GET_MAX | rx, &key, &key, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_query_key(numbers, DAOS_TX_NONE, DAOS_GET_MAX | dk, &small, &key, &recx, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_query_key(numbers, DAOS_TX_NONE, DAOS_GET_MAX | dk, &key, nullptr, nullptr, nullptr), 0)
      << "only what is asked for is needed";
  EXPECT_EQ(daos_obj_close(numbers, nullptr), 0);
  EXPECT_EQ(daos_obj_close(hashed, nullptr), 0);
}

TEST_F(Queries, TheHighestEpochGrowsWithEveryChange) {
  const daos_handle_t object = new_object();
  daos_epoch_t before = 99, after = 0;
  ASSERT_EQ(daos_obj_query_max_epoch(object, DAOS_TX_NONE, &before, nullptr), 0);
  EXPECT_EQ(before, 0u);
  const auto grows = [&](int rc) {
    EXPECT_EQ(rc, 0);
    EXPECT_EQ(daos_obj_query_max_epoch(object, DAOS_TX_NONE, &after, nullptr), 0);
    const bool grown = after > before;
    before = after;
    return grown;
  };
  EXPECT_TRUE(grows(put(object, "d", "a", "1")));
  EXPECT_TRUE(grows(put(object, "e", "a", "1")));
  EXPECT_TRUE(grows(punch_akeys(object, "d", {"a"})));
  EXPECT_TRUE(grows(put(object, "d", "a", "1")));
  EXPECT_TRUE(grows(punch_dkey(object, "d")));
  EXPECT_TRUE(grows(daos_obj_punch(object, DAOS_TX_NONE, 0, nullptr)));
  EXPECT_EQ(daos_obj_query_max_epoch(object, DAOS_TX_NONE, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_query_max_epoch({0x12345}, DAOS_TX_NONE, &after, nullptr), -DER_NO_HDL);
  timespec when{};
  EXPECT_EQ(daos_hlc2timespec(before, &when), 0);
  EXPECT_LT(std::abs(when.tv_sec - time(nullptr)), 600) << "an epoch is a time";
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Queries, LayoutsNameEveryTargetOnce) {
  for (const daos_oclass_id_t cid : {OC_S1, OC_SX}) {
    const daos_obj_id_t oid = new_id(DAOS_OT_MULTI_HASHED, cid);
    daos_obj_layout *layout = nullptr, *again = nullptr;
    ASSERT_EQ(daos_obj_layout_get(container_, oid, &layout), 0);
    ASSERT_EQ(daos_obj_layout_get(container_, oid, &again), 0);
    EXPECT_EQ(layout->ol_nr, daos_obj_id2grp_nr(oid));
    EXPECT_EQ(layout->ol_class, daos_obj_id2class(oid));
    EXPECT_GT(layout->ol_version, 0u);
    std::set<std::pair<uint32_t, uint32_t>> seen;
    for (uint32_t group = 0; group < layout->ol_nr; group++) {
      ASSERT_EQ(layout->ol_groups[group]->og_nr, 1u);
      const daos_obj_place at = layout->ol_groups[group]->og_places[0];
      EXPECT_LT(at.op_rank, 2u);
      EXPECT_LT(at.op_target, 2u);
      seen.emplace(at.op_rank, at.op_target);
      EXPECT_EQ(std::memcmp(&at, again->ol_groups[group]->og_places, sizeof at), 0) << "it is computed";
    }
    EXPECT_EQ(seen.size(), layout->ol_nr);
    EXPECT_EQ(daos_obj_layout_free(layout), 0);
    EXPECT_EQ(daos_obj_layout_free(again), 0);
  }
  daos_obj_layout* none = nullptr;
  EXPECT_EQ(daos_obj_layout_get({0x12345}, new_id(DAOS_OT_MULTI_HASHED), &none), -DER_NO_HDL);
  EXPECT_EQ(daos_obj_layout_get(container_, {1, 0}, &none), -DER_INVAL) << "no id that was made";
  EXPECT_EQ(daos_obj_layout_get(container_, new_id(DAOS_OT_MULTI_HASHED), nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_layout_free(nullptr), 0);
}

TEST_F(Queries, IdsWithoutAContainerAreTheSame) {
  for (const daos_oclass_id_t cid : {OC_S1, OC_SX, OC_UNKNOWN}) {
    daos_obj_id_t in = {9, 9}, before = {9, 9};
    ASSERT_EQ(daos_obj_generate_oid(container_, &in, DAOS_OT_ARRAY_BYTE, cid, 0, 0), 0);
    ASSERT_EQ(daos_obj_generate_oid_by_rf(pool_, 0, &before, DAOS_OT_ARRAY_BYTE, cid, 0, 0, DAOS_PROP_CO_REDUN_NODE),
              0);
    EXPECT_EQ(in.hi, before.hi);
    EXPECT_EQ(in.lo, before.lo);
    if (cid != OC_UNKNOWN) continue;
    daos_oclass_id_t chosen = 0;
    ASSERT_EQ(daos_obj_get_oclass(container_, DAOS_OT_ARRAY_BYTE, 0, 0, &chosen), 0);
    EXPECT_EQ(chosen, daos_obj_id2class(in));
  }
  daos_obj_id_t oid{};
  EXPECT_EQ(
      daos_obj_generate_oid_by_rf(container_, 0, &oid, DAOS_OT_MULTI_HASHED, OC_S1, 0, 0, DAOS_PROP_CO_REDUN_NODE),
      -DER_NO_HDL);
  EXPECT_EQ(daos_obj_generate_oid_by_rf(pool_, 9, &oid, DAOS_OT_MULTI_HASHED, OC_S1, 0, 0, DAOS_PROP_CO_REDUN_NODE),
            -DER_INVAL);
  EXPECT_EQ(daos_obj_generate_oid_by_rf(pool_, 0, nullptr, DAOS_OT_MULTI_HASHED, OC_S1, 0, 0, DAOS_PROP_CO_REDUN_NODE),
            -DER_INVAL);
  EXPECT_EQ(daos_obj_generate_oid_by_rf(pool_, 0, &oid, DAOS_OT_MULTI_HASHED, OC_S1, 0, 0, 99), -DER_INVAL);
  EXPECT_EQ(daos_obj_get_oclass(container_, DAOS_OT_MULTI_HASHED, 0, 0, nullptr), -DER_INVAL);
}

TEST_F(Queries, AKeyValueStoreIsAnObject) {
  daos_handle_t kv;
  ASSERT_EQ(daos_kv_open(container_, new_id(DAOS_OT_KV_HASHED), DAOS_OO_RW, &kv, nullptr), 0);
  const daos_handle_t object = daos_kv2objhandle(kv);
  ASSERT_TRUE(daos_handle_is_valid(object));
  EXPECT_EQ(daos_kv2objhandle(kv).cookie, object.cookie);
  ASSERT_EQ(daos_kv_put(kv, DAOS_TX_NONE, 0, "key", 5, "value", nullptr), 0);
  EXPECT_EQ(get(object, "key", "0"), "value");
  EXPECT_EQ(daos_kv_close(kv, nullptr), 0);
  EXPECT_EQ(get(object, "key", "0"), "rc " + std::to_string(-DER_NO_HDL)) << "closed together";
  EXPECT_TRUE(daos_handle_is_inval(daos_kv2objhandle(kv)));
  EXPECT_TRUE(daos_handle_is_inval(daos_kv2objhandle(container_)));
}

TEST_F(Queries, OneCopyAlwaysAgrees) {
  const daos_obj_id_t oid = new_id(DAOS_OT_MULTI_HASHED);
  EXPECT_EQ(daos_obj_verify(container_, oid, DAOS_EPOCH_MAX), 0);
  const daos_handle_t object = open(oid);
  ASSERT_EQ(put(object, "d", "a", "1"), 0);
  EXPECT_EQ(daos_obj_verify(container_, oid, DAOS_EPOCH_MAX), 0);
  EXPECT_EQ(daos_obj_verify({0x12345}, oid, DAOS_EPOCH_MAX), -DER_NO_HDL);
  d_rank_list_t ranks{};
  daos_obj_attr attr{};
  EXPECT_EQ(daos_obj_query(object, &attr, &ranks, nullptr), -DER_NOSYS) << "not offered, by contract";
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

}  // namespace
}  // namespace api_test
