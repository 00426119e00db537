#include <daos_api.h>
#include <gtest/gtest.h>
#include <gurt/common.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace {

struct FreeList {
  void operator()(d_rank_list_t* list) const { d_rank_list_free(list); }
};
using List = std::unique_ptr<d_rank_list_t, FreeList>;

List make(const std::vector<d_rank_t>& ranks) {
  return List(uint32_array_to_rank_list(const_cast<uint32_t*>(ranks.data()), ranks.size()));
}
std::vector<d_rank_t> content(const d_rank_list_t* list) { return {list->rl_ranks, list->rl_ranks + list->rl_nr}; }
using Ranks = std::vector<d_rank_t>;

TEST(RankList, ParsesNumbersBetweenSeparators) {
  EXPECT_EQ(content(List(daos_rank_list_parse("3:1:2", ":")).get()), Ranks({3, 1, 2}));
  EXPECT_EQ(content(List(daos_rank_list_parse(",4,;5;", ",;")).get()), Ranks({4, 5}));
  EXPECT_EQ(daos_rank_list_parse("", ":"), nullptr);
  EXPECT_EQ(daos_rank_list_parse("::", ":"), nullptr);
  EXPECT_EQ(daos_rank_list_parse(nullptr, ":"), nullptr);
}

TEST(RankList, AllocationCountsUp) {
  EXPECT_EQ(content(List(d_rank_list_alloc(4)).get()), Ranks({0, 1, 2, 3}));
  const List empty(d_rank_list_alloc(0));
  EXPECT_EQ(empty->rl_nr, 0u);
  EXPECT_EQ(empty->rl_ranks, nullptr);
}

TEST(RankList, ResizeZeroFillsAndCuts) {
  const List list = make({5, 6});
  EXPECT_EQ(d_rank_list_resize(list.get(), 4), 0);
  EXPECT_EQ(content(list.get()), Ranks({5, 6, 0, 0}));
  EXPECT_EQ(d_rank_list_resize(list.get(), 1), 0);
  EXPECT_EQ(content(list.get()), Ranks({5}));
  EXPECT_EQ(d_rank_list_resize(list.get(), 0), 0);
  EXPECT_EQ(list->rl_ranks, nullptr);
  EXPECT_EQ(d_rank_list_resize(nullptr, 1), -DER_INVAL);
}

TEST(RankList, Copies) {
  const List list = make({3, 1, 3, 2});
  d_rank_list_t* copy = nullptr;
  ASSERT_EQ(d_rank_list_dup(&copy, list.get()), 0);
  EXPECT_EQ(content(copy), content(list.get()));
  EXPECT_NE(copy->rl_ranks, list->rl_ranks);
  d_rank_list_free(copy);
  ASSERT_EQ(d_rank_list_dup_sort_uniq(&copy, list.get()), 0);
  EXPECT_EQ(content(copy), Ranks({1, 2, 3}));
  EXPECT_EQ(d_rank_list_copy(copy, list.get()), 0);
  EXPECT_EQ(content(copy), content(list.get()));
  d_rank_list_free(copy);
  EXPECT_EQ(d_rank_list_dup(&copy, nullptr), 0);
  EXPECT_EQ(copy, nullptr);
  EXPECT_EQ(d_rank_list_dup(nullptr, list.get()), -DER_INVAL);
  EXPECT_EQ(d_rank_list_copy(nullptr, list.get()), -DER_INVAL);
}

TEST(RankList, SetOperations) {
  const List some = make({2, 3});
  const List kept = make({1, 2, 3, 4, 2});
  d_rank_list_filter(some.get(), kept.get(), false);
  EXPECT_EQ(content(kept.get()), Ranks({2, 3, 2}));
  const List left = make({1, 2, 3, 4, 2});
  d_rank_list_filter(some.get(), left.get(), true);
  EXPECT_EQ(content(left.get()), Ranks({1, 4}));
  EXPECT_EQ(d_rank_list_merge(left.get(), some.get()), 0);
  EXPECT_EQ(content(left.get()), Ranks({1, 4, 2, 3}));
  EXPECT_EQ(d_rank_list_merge(left.get(), some.get()), 0);
  EXPECT_EQ(left->rl_nr, 4u);
  EXPECT_EQ(d_rank_list_append(left.get(), 9), 0);
  EXPECT_EQ(d_rank_list_del(left.get(), 4), 0);
  EXPECT_EQ(d_rank_list_del(left.get(), 77), 0);
  EXPECT_EQ(content(left.get()), Ranks({1, 2, 3, 9}));
  d_rank_list_del_at(left.get(), 0);
  d_rank_list_del_at(left.get(), 50);
  EXPECT_EQ(content(left.get()), Ranks({2, 3, 9}));
  EXPECT_EQ(d_rank_list_del(nullptr, 1), -DER_INVAL);
}

TEST(RankList, Finds) {
  const List list = make({2, 4, 6, 8});
  int index = -1;
  uint32_t position = 0;
  EXPECT_TRUE(d_rank_list_find(list.get(), 6, &index));
  EXPECT_EQ(index, 2);
  EXPECT_TRUE(d_rank_list_bsearch(list.get(), 8, &index));
  EXPECT_EQ(index, 3);
  EXPECT_FALSE(d_rank_list_bsearch(list.get(), 5, &index));
  EXPECT_FALSE(d_rank_list_find(nullptr, 5, nullptr));
  EXPECT_TRUE(d_rank_in_rank_list(list.get(), 2));
  EXPECT_EQ(d_idx_in_rank_list(list.get(), 4, &position), 0);
  EXPECT_EQ(position, 1u);
  EXPECT_EQ(d_idx_in_rank_list(list.get(), 5, &position), -DER_NONEXIST);
  EXPECT_EQ(d_idx_in_rank_list(nullptr, 5, &position), -DER_INVAL);
}

TEST(RankList, IdenticalSortsTheFirst) {
  const List a = make({3, 1, 2});
  const List b = make({1, 2, 3});
  EXPECT_TRUE(d_rank_list_identical(a.get(), b.get()));
  EXPECT_TRUE(d_rank_list_identical(nullptr, nullptr));
  EXPECT_FALSE(d_rank_list_identical(a.get(), nullptr));
  EXPECT_FALSE(d_rank_list_identical(a.get(), make({1, 2}).get()));
  EXPECT_FALSE(d_rank_list_identical(a.get(), make({1, 2, 4}).get()));
}

TEST(RankList, ShuffleKeepsTheRanks) {
  const List list(d_rank_list_alloc(100));
  d_rank_list_shuffle(list.get());
  EXPECT_NE(content(list.get()), content(List(d_rank_list_alloc(100)).get()));
  d_rank_list_sort(list.get());
  EXPECT_EQ(content(list.get()), content(List(d_rank_list_alloc(100)).get()));
  d_rank_list_shuffle(nullptr);
  d_rank_list_sort(nullptr);
}

std::string text_of(const Ranks& ranks) {
  char* text = nullptr;
  EXPECT_EQ(d_rank_list_to_str(make(ranks).get(), &text), 0);
  const std::string copy = text;
  D_FREE(text);
  return copy;
}

TEST(RankList, TextHasRanges) {
  EXPECT_EQ(text_of({}), "[]");
  EXPECT_EQ(text_of({7}), "[7]");
  EXPECT_EQ(text_of({0, 1, 2, 3, 7}), "[0-3,7]");
  EXPECT_EQ(text_of({1, 3, 4}), "[1,3-4]");
  char* text = nullptr;
  EXPECT_EQ(d_rank_list_to_str(nullptr, &text), 0);
  EXPECT_EQ(text, nullptr);
}

TEST(RankList, RangesGoThereAndBack) {
  d_rank_range_list_t* ranges = d_rank_range_list_create_from_ranks(make({0, 1, 2, 5, 7, 8}).get());
  ASSERT_EQ(ranges->rrl_nr, 3u);
  EXPECT_EQ(ranges->rrl_ranges[2].lo, 7u);
  EXPECT_EQ(ranges->rrl_ranges[2].hi, 8u);
  char* text = nullptr;
  EXPECT_EQ(d_rank_range_list_str(ranges, &text), 0);
  EXPECT_STREQ(text, "[0-2,5,7-8]");
  D_FREE(text);
  ASSERT_EQ(d_rank_range_list_realloc(ranges, 4), ranges);
  EXPECT_EQ(ranges->rrl_ranges[3].hi, 0u);
  d_rank_range_list_free(ranges);
  d_rank_range_list_free(nullptr);
  EXPECT_EQ(d_rank_range_list_str(nullptr, &text), -DER_INVAL);
}

TEST(RankList, ArraysGoThereAndBack) {
  uint32_t* ints = nullptr;
  size_t count = 0;
  EXPECT_EQ(rank_list_to_uint32_array(make({4, 2}).get(), &ints, &count), 0);
  EXPECT_EQ(count, 2u);
  EXPECT_EQ(ints[0], 4u);
  D_FREE(ints);
  EXPECT_EQ(rank_list_to_uint32_array(make({}).get(), &ints, &count), 0);
  EXPECT_EQ(count, 0u);
  D_FREE(ints);
}

}  // namespace
