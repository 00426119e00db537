// Goal: keys behave as documented: what punches take and leave, what enumerations return in every buffer. Run by
// with-system, with a pool "tank".
#include <algorithm>
#include <set>

#include "api_fixture.h"

namespace api_test {
namespace {

using Strings = std::vector<std::string>;

Strings sorted(Strings strings) {
  std::ranges::sort(strings);
  return strings;
}

class Punches : public ApiTest {};
class Lists : public ApiTest {};

// ------------------------------------------------------------------------------------------------------- punches

TEST_F(Punches, WhatIsNotThereIsPunchedUnlessItMustBeThere) {
  const daos_handle_t object = new_object();
  EXPECT_EQ(daos_obj_punch(object, DAOS_TX_NONE, 0, nullptr), 0);
  EXPECT_EQ(daos_obj_punch(object, DAOS_TX_NONE, DAOS_COND_PUNCH, nullptr), 0) << "conditions do not count";
  EXPECT_EQ(punch_dkey(object, "d"), 0);
  EXPECT_EQ(punch_dkey(object, "d", DAOS_COND_PUNCH), -DER_NONEXIST);
  EXPECT_EQ(punch_akeys(object, "d", {"a", "b"}), 0);
  EXPECT_EQ(punch_akeys(object, "d", {"a"}, DAOS_COND_PUNCH), -DER_NONEXIST);
  EXPECT_TRUE(list_dkeys(object).empty()) << "a punch makes nothing";
  ASSERT_EQ(put(object, "d", "a", "1"), 0);
  EXPECT_EQ(punch_akeys(object, "d", {"a", "b"}, DAOS_COND_PUNCH), -DER_NONEXIST);
  EXPECT_EQ(get(object, "d", "a"), "1") << "of several none is punched";
  EXPECT_EQ(punch_akeys(object, "d", {"a"}, DAOS_COND_PUNCH), 0);
  EXPECT_EQ(punch_akeys(object, "d", {"a"}, DAOS_COND_PUNCH), -DER_NONEXIST);
  ASSERT_EQ(put(object, "d", "a", ""), 0);
  EXPECT_EQ(punch_dkey(object, "d", DAOS_COND_PUNCH), 0) << "an empty value is there";
  EXPECT_EQ(punch_dkey(object, "d", DAOS_COND_PUNCH), -DER_NONEXIST);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Punches, EachLevelTakesWhatIsBeneath) {
  const daos_handle_t object = new_object();
  const auto fill = [&] {
    for (const char* dkey : {"d1", "d2"}) {
      ASSERT_EQ(put(object, dkey, "single", "value"), 0);
      ASSERT_EQ(write_at(object, dkey, "array", 10, "records"), 0);
    }
  };
  fill();
  ASSERT_EQ(punch_akeys(object, "d1", {"single"}), 0);
  EXPECT_EQ(list_akeys(object, "d1"), Strings{"array"});
  ASSERT_EQ(punch_akeys(object, "d1", {"array"}), 0);
  EXPECT_EQ(list_dkeys(object), Strings{"d2"}) << "the last akey took the dkey along";
  EXPECT_EQ(put(object, "d1", "new", "1", DAOS_COND_DKEY_UPDATE), -DER_NONEXIST);
  fill();
  ASSERT_EQ(punch_dkey(object, "d2"), 0);
  EXPECT_EQ(list_dkeys(object), Strings{"d1"});
  EXPECT_EQ(get(object, "d2", "single"), "");
  EXPECT_EQ(get(object, "d2", "single", DAOS_COND_AKEY_FETCH), "rc " + std::to_string(-DER_NONEXIST));
  ASSERT_EQ(put(object, "d2", "later", "2"), 0);
  EXPECT_EQ(list_akeys(object, "d2"), Strings{"later"}) << "made again, it is empty";
  ASSERT_EQ(daos_obj_punch(object, DAOS_TX_NONE, 0, nullptr), 0);
  EXPECT_TRUE(list_dkeys(object).empty());
  EXPECT_EQ(put(object, "d1", "single", "x", DAOS_COND_DKEY_INSERT), 0);
  EXPECT_EQ(list_dkeys(object), Strings{"d1"});
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Punches, TheArgumentsAreChecked) {
  const daos_obj_id_t oid = new_id(DAOS_OT_MULTI_UINT64);
  const daos_handle_t object = open(oid), reader = open(oid, DAOS_OO_RO);
  const uint64_t number = 5;
  daos_key_t right = key_of(number), wrong = key_of("five");
  EXPECT_EQ(daos_obj_punch_dkeys(object, DAOS_TX_NONE, 0, 1, &wrong, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_punch_dkeys(object, DAOS_TX_NONE, 0, 0, &right, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_punch_dkeys(object, DAOS_TX_NONE, 0, 2, &right, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_punch_dkeys(object, DAOS_TX_NONE, 0, 1, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_punch_dkeys(object, DAOS_TX_NONE, DAOS_COND_DKEY_INSERT, 1, &right, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_punch_akeys(object, DAOS_TX_NONE, 0, &right, 0, &right, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_punch_akeys(object, DAOS_TX_NONE, 0, &right, 1, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_punch_akeys(object, DAOS_TX_NONE, 0, &right, 1, &wrong, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_punch(reader, DAOS_TX_NONE, 0, nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_obj_punch_dkeys(reader, DAOS_TX_NONE, 0, 1, &right, nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_obj_punch_akeys(reader, DAOS_TX_NONE, 0, &right, 1, &right, nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
  EXPECT_EQ(daos_obj_close(reader, nullptr), 0);
  EXPECT_EQ(daos_obj_punch(object, DAOS_TX_NONE, 0, nullptr), -DER_NO_HDL);
}

// ------------------------------------------------------------------------------------------------------- enumeration

TEST_F(Lists, EveryKeyOnceInEveryBuffer) {
  const daos_handle_t object = new_object();
  Strings keys;
  for (int i = 0; i < 300; i++)
    keys.push_back("key " + std::to_string(i) + std::string(static_cast<size_t>(i % 20), 'x'));
  for (const std::string& key : keys) ASSERT_EQ(put(object, key, "a", "1"), 0);
  keys = sorted(keys);
  for (const Room& room : {Room{.keys = 1}, Room{.keys = 7, .iovs = {64}}, Room{.keys = 1000, .iovs = {1u << 20}},
                           Room{.keys = 40, .iovs = {10, 0, 13, 1, 40}}, Room{.keys = 300, .iovs = {28}}}) {
    EXPECT_EQ(sorted(list_dkeys(object, room)), keys) << room.keys;
  }
  EXPECT_EQ(list_dkeys(object), list_dkeys(object, {.keys = 3})) << "the order does not depend on the buffer";
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Lists, TheFirstKeyThatDoesNotFitIsMeasured) {
  const daos_handle_t object = new_object();
  const std::string large(1000, 'L');
  ASSERT_EQ(put(object, "small", "a", "1"), 0);
  ASSERT_EQ(put(object, large, "a", "1"), 0);
  ASSERT_EQ(put(object, "small", large, "1"), 0);
  daos_anchor_t anchor{};
  Strings found;
  int measured = 0;
  while (!daos_anchor_is_eof(&anchor)) {
    const daos_anchor_t before = anchor;
    const int rc = list_once(object, nullptr, &anchor, {.keys = 5, .iovs = {100}}, found);
    ASSERT_GE(rc, 0);
    if (rc == 0) continue;
    measured = rc;
    EXPECT_EQ(std::memcmp(&before, &anchor, sizeof anchor), 0) << "the anchor stays";
    ASSERT_EQ(list_once(object, nullptr, &anchor, {.keys = 5, .iovs = {static_cast<size_t>(rc)}}, found), 0);
  }
  EXPECT_EQ(measured, 1000);
  EXPECT_EQ(sorted(found), sorted({large, "small"}));
  EXPECT_EQ(sorted(list_akeys(object, "small")), sorted({large, "a"}));
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Lists, NothingThereIsTheEndAtOnce) {
  const daos_handle_t object = new_object();
  daos_anchor_t anchor{};
  Strings found;
  ASSERT_EQ(list_once(object, nullptr, &anchor, {}, found), 0);
  EXPECT_TRUE(daos_anchor_is_eof(&anchor));
  EXPECT_EQ(list_once(object, nullptr, &anchor, {}, found), 0) << "behind the end there is nothing";
  const std::string dkey = "nowhere";
  anchor = {};
  ASSERT_EQ(list_once(object, &dkey, &anchor, {}, found), 0);
  EXPECT_TRUE(daos_anchor_is_eof(&anchor));
  EXPECT_TRUE(found.empty());
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Lists, OrderedTypesAreOrderedInAGroup) {
  const daos_handle_t lexical = new_object(DAOS_OT_MULTI_LEXICAL, OC_S1);
  Strings words = {"b",
                   "a",
                   "ab",
                   "",
                   "aa",
                   "abc",
                   "z",
                   "Z",
                   "\xff",
                   std::string("a\0b", 3),
                   std::string(78, 'a'),
                   std::string(79, 'a')};
  std::erase(words, "");
  for (const std::string& word : words) {
    ASSERT_EQ(put(lexical, word, "x", "1"), 0);
    ASSERT_EQ(put(lexical, "a", word, "1"), 0);
  }
  EXPECT_EQ(list_dkeys(lexical, {.keys = 2}), sorted(words));
  Strings akeys = words;
  akeys.push_back("x");
  EXPECT_EQ(list_akeys(lexical, "a", {.keys = 1}), sorted(akeys));

  const daos_handle_t numbers = new_object(DAOS_OT_MULTI_UINT64, OC_S1);
  const std::set<uint64_t> values = {0, 1, 255, 256, 65536, 1ull << 40, ~0ull};
  for (auto it = values.rbegin(); it != values.rend(); ++it) {
    ASSERT_EQ(put(numbers, key_of(*it), key_of(*it), "1"), 0);
  }
  std::vector<uint64_t> seen;
  for (const std::string& key : list_dkeys(numbers, {.keys = 3})) {
    ASSERT_EQ(key.size(), 8u);
    std::memcpy(&seen.emplace_back(), key.data(), 8);
  }
  EXPECT_EQ(seen, std::vector<uint64_t>(values.begin(), values.end()));
  EXPECT_EQ(daos_obj_close(lexical, nullptr), 0);
  EXPECT_EQ(daos_obj_close(numbers, nullptr), 0);
}

TEST_F(Lists, SplitAnchorsPartTheKeys) {
  const daos_handle_t object = new_object();
  Strings keys;
  for (int i = 0; i < 100; i++) keys.push_back("k" + std::to_string(i));
  for (const std::string& key : keys) ASSERT_EQ(put(object, key, "a", "1"), 0);
  uint32_t groups = 0;
  EXPECT_EQ(daos_obj_anchor_split(object, nullptr, nullptr), -DER_INVAL);
  ASSERT_EQ(daos_obj_anchor_split(object, &groups, nullptr), 0);
  ASSERT_GT(groups, 1u);
  uint32_t other = groups + 1;
  EXPECT_EQ(daos_obj_anchor_split(object, &other, nullptr), -DER_INVAL);
  std::vector<daos_anchor_t> anchors(groups, daos_anchor_t{.da_type = 9, .da_shard = 9, .da_flags = 9});
  ASSERT_EQ(daos_obj_anchor_split(object, &groups, anchors.data()), 0);
  Strings all;
  for (uint32_t i = 0; i < groups; i++) {
    const Strings part = list_from(object, nullptr, anchors[i], {.keys = 3});
    daos_anchor_t one{};
    ASSERT_EQ(daos_obj_anchor_set(object, i, &one), 0);
    EXPECT_EQ(list_from(object, nullptr, one), part);
    all.insert(all.end(), part.begin(), part.end());
  }
  EXPECT_EQ(sorted(all), sorted(keys));
  daos_anchor_t none{};
  EXPECT_EQ(daos_obj_anchor_set(object, groups, &none), -DER_INVAL);
  EXPECT_EQ(daos_obj_anchor_set({0x12345}, 0, &none), -DER_NO_HDL);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Lists, AnAnchorAtAKeyBeginsThere) {
  const daos_handle_t object = new_object();
  for (int i = 0; i < 50; i++) {
    ASSERT_EQ(put(object, "k" + std::to_string(i), "a", "1"), 0);
    ASSERT_EQ(put(object, "k0", "a" + std::to_string(i), "1"), 0);
  }
  const Strings dkeys = list_dkeys(object);
  for (const size_t at : {size_t{0}, size_t{20}, dkeys.size() - 1}) {
    daos_anchor_t anchor{};
    daos_key_t key = key_of(dkeys[at]);
    ASSERT_EQ(daos_obj_key2anchor(object, DAOS_TX_NONE, &key, nullptr, &anchor, nullptr), 0);
    EXPECT_EQ(list_from(object, nullptr, anchor, {.keys = 4}),
              Strings(dkeys.begin() + static_cast<ptrdiff_t>(at), dkeys.end()));
  }
  const std::string first = "k0";
  const Strings akeys = list_akeys(object, first);
  daos_anchor_t anchor{};
  daos_key_t dkey = key_of(first), akey = key_of(akeys[30]);
  ASSERT_EQ(daos_obj_key2anchor(object, DAOS_TX_NONE, &dkey, &akey, &anchor, nullptr), 0);
  EXPECT_EQ(list_from(object, &first, anchor), Strings(akeys.begin() + 30, akeys.end()));

  const daos_handle_t absent = new_object();
  anchor = {};
  EXPECT_EQ(daos_obj_key2anchor(absent, DAOS_TX_NONE, &dkey, nullptr, &anchor, nullptr), 0);
  EXPECT_TRUE(daos_anchor_is_eof(&anchor));
  EXPECT_EQ(daos_obj_key2anchor(object, DAOS_TX_NONE, nullptr, nullptr, &anchor, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_key2anchor(object, DAOS_TX_NONE, &dkey, nullptr, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
  EXPECT_EQ(daos_obj_close(absent, nullptr), 0);
}

TEST_F(Lists, AnEnumerationSeesWhatStaysWhileKeysComeAndGo) {
  const daos_handle_t object = new_object();
  std::set<std::string> staying;
  for (int i = 0; i < 100; i++) {
    staying.insert("stay" + std::to_string(i));
    ASSERT_EQ(put(object, "stay" + std::to_string(i), "a", "1"), 0);
    ASSERT_EQ(put(object, "go" + std::to_string(i), "a", "1"), 0);
  }
  daos_anchor_t anchor{};
  Strings found;
  for (int round = 0; !daos_anchor_is_eof(&anchor); round++) {
    ASSERT_EQ(list_once(object, nullptr, &anchor, {.keys = 5}, found), 0);
    if (round < 100) ASSERT_EQ(punch_dkey(object, "go" + std::to_string(round)), 0);
    ASSERT_EQ(put(object, "new" + std::to_string(round), "a", "1"), 0);
    if (!found.empty() && found.back().starts_with("go")) ASSERT_EQ(punch_dkey(object, found.back()), 0);
  }
  const std::set<std::string> seen(found.begin(), found.end());
  EXPECT_EQ(seen.size(), found.size()) << "no key twice";
  EXPECT_TRUE(std::ranges::includes(seen, staying));
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Lists, TheArgumentsAreChecked) {
  const daos_handle_t object = new_object();
  daos_anchor_t anchor{};
  daos_key_desc_t kds[2];
  char memory[64];
  d_iov_t iov{memory, sizeof memory, 0};
  d_sg_list_t sgl{1, 0, &iov};
  uint32_t nr = 0;
  daos_key_t dkey = key_of("d"), nothing{};
  daos_recx_t recxs[2];
  daos_size_t size = 0;
  EXPECT_EQ(daos_obj_list_dkey(object, DAOS_TX_NONE, &nr, kds, &sgl, &anchor, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_list_dkey(object, DAOS_TX_NONE, nullptr, kds, &sgl, &anchor, nullptr), -DER_INVAL);
  nr = 2;
  EXPECT_EQ(daos_obj_list_dkey({0x12345}, DAOS_TX_NONE, &nr, kds, &sgl, &anchor, nullptr), -DER_NO_HDL);
  EXPECT_EQ(daos_obj_list_akey(object, DAOS_TX_NONE, nullptr, &nr, kds, &sgl, &anchor, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_obj_list_akey(object, DAOS_TX_NONE, &nothing, &nr, kds, &sgl, &anchor, nullptr), -DER_INVAL);
  EXPECT_EQ(
      daos_obj_list_recx(object, DAOS_TX_NONE, nullptr, &dkey, &size, &nr, recxs, nullptr, &anchor, true, nullptr),
      -DER_INVAL);
  EXPECT_EQ(
      daos_obj_list_recx(object, DAOS_TX_NONE, &dkey, nullptr, &size, &nr, recxs, nullptr, &anchor, true, nullptr),
      -DER_INVAL);
  EXPECT_EQ(
      daos_obj_list_recx(object, DAOS_TX_NONE, &dkey, &dkey, &size, nullptr, recxs, nullptr, &anchor, true, nullptr),
      -DER_INVAL);
  nr = 0;
  EXPECT_EQ(daos_obj_list_recx(object, DAOS_TX_NONE, &dkey, &dkey, &size, &nr, recxs, nullptr, &anchor, true, nullptr),
            -DER_INVAL);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

Ranges list_records(daos_handle_t object, bool upwards, uint32_t room, daos_size_t* size) {
  daos_key_t dkey = key_of("d"), akey = key_of("a");
  daos_anchor_t anchor{};
  Ranges found;
  uint64_t epoch_seen = 0;
  while (!daos_anchor_is_eof(&anchor)) {
    std::vector<daos_recx_t> recxs(room);
    std::vector<daos_epoch_range_t> eprs(room);
    uint32_t nr = room;
    daos_size_t bytes = 77;
    const int rc = daos_obj_list_recx(object, DAOS_TX_NONE, &dkey, &akey, &bytes, &nr, recxs.data(), eprs.data(),
                                      &anchor, upwards, nullptr);
    EXPECT_EQ(rc, 0);
    if (rc != 0 || nr > room) break;
    if (nr > 0) *size = bytes;
    for (uint32_t i = 0; i < nr; i++) {
      EXPECT_GT(eprs[i].epr_lo, 0u);
      epoch_seen = std::max(epoch_seen, eprs[i].epr_hi);
      found.emplace_back(recxs[i].rx_idx, recxs[i].rx_nr);
    }
  }
  return found;
}

TEST_F(Lists, RecordsUpwardsAndDownwards) {
  const daos_handle_t object = new_object();
  daos_size_t size = 0;
  EXPECT_TRUE(list_records(object, true, 4, &size).empty());
  const std::string d = "d", a = "a";
  for (uint64_t i = 0; i < 20; i++) ASSERT_EQ(write_at(object, d, a, i * 10, std::string(5 * 4, 'x'), 4), 0);
  ASSERT_EQ(write_at(object, d, a, 3, std::string(30 * 4, 'y'), 4), 0);
  ASSERT_EQ(remove_at(object, key_of(d), key_of(a), 100, 53), 0);
  ASSERT_EQ(write_at(object, d, a, (1ull << 62), std::string(4, 'z'), 4), 0);
  Ranges expected = {{0, 35}};
  for (const uint64_t i : {4, 5, 6, 7, 8, 9}) expected.emplace_back(i * 10, 5);
  expected.emplace_back(153, 2);
  for (const uint64_t i : {16, 17, 18, 19}) expected.emplace_back(i * 10, 5);
  expected.emplace_back(1ull << 62, 1);
  for (const uint32_t room : {1u, 2u, 5u, 100u}) {
    const Ranges up = list_records(object, true, room, &size);
    EXPECT_EQ(size, 4u);
    EXPECT_TRUE(std::ranges::is_sorted(up));
    EXPECT_EQ(merged(up), expected) << room;
    const Ranges down = list_records(object, false, room, &size);
    EXPECT_TRUE(std::ranges::is_sorted(down, std::greater<>()));
    EXPECT_EQ(merged(down), expected) << room;
  }
  daos_key_t dkey = key_of(d), akey = key_of(a);
  daos_anchor_t anchor{};
  uint32_t nr = 100;
  size = 0;
  EXPECT_EQ(
      daos_obj_list_recx(object, DAOS_TX_NONE, &dkey, &akey, &size, &nr, nullptr, nullptr, &anchor, true, nullptr), 0);
  EXPECT_GT(nr, 0u);
  EXPECT_EQ(size, 4u);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Lists, ASingleValueHasNoRecords) {
  const daos_handle_t object = new_object();
  ASSERT_EQ(put(object, "d", "a", "value"), 0);
  daos_key_t dkey = key_of("d"), akey = key_of("a");
  daos_anchor_t anchor{};
  daos_recx_t recx;
  daos_size_t size = 9;
  uint32_t nr = 1;
  EXPECT_EQ(daos_obj_list_recx(object, DAOS_TX_NONE, &dkey, &akey, &size, &nr, &recx, nullptr, &anchor, true, nullptr),
            0);
  EXPECT_EQ(nr, 0u);
  EXPECT_EQ(size, 0u);
  EXPECT_TRUE(daos_anchor_is_eof(&anchor));
  EXPECT_EQ(write_at(object, "d", "a", 0, "x"), -DER_NO_PERM) << "one akey holds one kind";
  ASSERT_EQ(write_at(object, "d", "array", 0, "x"), 0);
  EXPECT_EQ(put(object, "d", "array", "x"), -DER_NO_PERM);
  EXPECT_EQ(get(object, "d", "array"), "") << "read as the other kind it has no value";
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

}  // namespace
}  // namespace api_test
