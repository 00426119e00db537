// Inline helpers and macros of the public headers: anchors, lists, time, numbers; and version and log.
#include <daos.h>
#include <daos/debug.h>
#include <gtest/gtest.h>
#include <gurt/common.h>
#include <gurt/list.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

extern "C" int daos_version_get(int* major, int* minor, int* fix);

namespace {

TEST(Anchor, StartsAtZeroAndKnowsItsEnd) {
  daos_anchor_t anchor = DAOS_ANCHOR_INIT;
  EXPECT_FALSE(daos_anchor_is_eof(&anchor));
  std::memset(&anchor, 0xff, sizeof anchor);
  EXPECT_EQ(daos_anchor_init(&anchor, 0), 0);
  const daos_anchor_t zero{};
  EXPECT_EQ(std::memcmp(&anchor, &zero, sizeof zero), 0);
  anchor.da_type = DAOS_ANCHOR_TYPE_EOF;
  EXPECT_TRUE(daos_anchor_is_eof(&anchor));
}

struct Item {
  int value;
  d_list_t link;
};
std::vector<int> values(d_list_t* head) {
  std::vector<int> all;
  Item* item;
  d_list_for_each_entry(item, head, link) all.push_back(item->value);
  std::vector<int> backwards;
  d_list_for_each_entry_reverse(item, head, link) backwards.insert(backwards.begin(), item->value);
  EXPECT_EQ(all, backwards);  // both directions are linked alike
  return all;
}

TEST(List, AddMoveSpliceAndPop) {
  Item items[5] = {{0, {}}, {1, {}}, {2, {}}, {3, {}}, {4, {}}};
  D_LIST_HEAD(head);
  EXPECT_TRUE(d_list_empty(&head));
  EXPECT_EQ(d_list_pop_entry(&head, Item, link), nullptr);
  for (int i = 0; i < 3; i++) d_list_add_tail(&items[i].link, &head);
  d_list_add(&items[3].link, &head);
  EXPECT_EQ(values(&head), std::vector<int>({3, 0, 1, 2}));
  d_list_move(&items[2].link, &head);
  d_list_move_tail(&items[3].link, &head);
  EXPECT_EQ(values(&head), std::vector<int>({2, 0, 1, 3}));
  D_LIST_HEAD(other);
  d_list_add(&items[4].link, &other);
  d_list_splice_init(&head, &other);
  EXPECT_TRUE(d_list_empty_careful(&head));
  EXPECT_EQ(values(&other), std::vector<int>({2, 0, 1, 3, 4}));
  d_list_splice(&head, &other);  // an empty one changes nothing
  EXPECT_EQ(d_list_pop_entry(&other, Item, link)->value, 2);
  Item* item;
  Item* next;
  d_list_for_each_entry_safe(item, next, &other, link) {
    if (item->value % 2 == 1) d_list_del_init(&item->link);
  }
  EXPECT_EQ(values(&other), std::vector<int>({0, 4}));
  EXPECT_TRUE(d_list_empty(&items[3].link));
}

struct HashItem {
  int value;
  d_hlist_node_t node;
};

TEST(List, OneWordHeads) {
  HashItem items[3] = {{0, {}}, {1, {}}, {2, {}}};
  D_HLIST_HEAD(head);
  d_hlist_add_head(&items[0].node, &head);
  d_hlist_add_before(&items[1].node, &items[0].node);
  d_hlist_add_after(&items[1].node, &items[2].node);
  HashItem* item;
  d_hlist_node_t* pos;
  d_hlist_node_t* next;
  std::vector<int> all;
  dhlist_for_each_entry(item, pos, &head, node) all.push_back(item->value);
  EXPECT_EQ(all, std::vector<int>({1, 2, 0}));
  dhlist_for_each_entry_safe(item, pos, next, &head, node) d_hlist_del_init(&item->node);
  EXPECT_TRUE(d_hlist_empty(&head));
  EXPECT_TRUE(d_hlist_unhashed(&items[1].node));
}

TEST(Time, Differences) {
  const timespec one = {1, 900'000'000};
  const timespec two = {3, 100'000'000};
  EXPECT_EQ(d_timediff_ns(&one, &two), 1'200'000'000);
  EXPECT_EQ(d_timediff_ns(&two, &one), -1'200'000'000);
  const timespec difference = d_timediff(&one, &two);
  EXPECT_EQ(difference.tv_sec, 1);
  EXPECT_EQ(difference.tv_nsec, 200'000'000);
  EXPECT_TRUE(d_timeless(&one, &two));
  EXPECT_FALSE(d_timeless(&two, &one) || d_timeless(&one, &one));
  timespec t = one;
  d_timeinc_ms(&t, 1200);
  EXPECT_EQ(d_timediff_ns(&t, &two), 0);
  EXPECT_DOUBLE_EQ(d_time2ms(one), 1900);
  timespec now{};
  EXPECT_TRUE(d_timenull(&now));
  EXPECT_EQ(d_gettime(&now), 0);
  EXPECT_FALSE(d_timenull(&now));
  EXPECT_LE(d_timeleft_ns(&now), 0);
}

TEST(Numbers, Macros) {
  EXPECT_EQ(D_ALIGNUP(7, 8), 8);
  EXPECT_EQ(D_ALIGNUP(uint64_t{1} << 40, uint64_t{4096}), uint64_t{1} << 40);
  EXPECT_TRUE(D_BIT_IS_SET(6, 4));
  EXPECT_FALSE(D_BIT_IS_SET(6, 5));
  EXPECT_EQ(min_t(int, -1, 1), -1);
  EXPECT_EQ(max(2, 3), 3);
}

TEST(Version, PackedAndAsked) {
  daos_version_t version{};
  daos_version_pack(&version);
  EXPECT_EQ(version.major, 2);
  EXPECT_EQ(daos_version_get_protocol(&version), 1);
  int major = 0, minor = 0, fix = 0;
  EXPECT_EQ(daos_version_get(&major, &minor, &fix), 0);
  EXPECT_EQ(major, DAOS_API_VERSION_MAJOR);
  EXPECT_EQ(minor, DAOS_API_VERSION_MINOR);
  EXPECT_EQ(daos_version_get(nullptr, &minor, &fix), -DER_INVAL);
}

TEST(SystemInfo, NothingIsReleasedQuietly) {
  daos_mgmt_put_sys_info(nullptr);
  auto* info = static_cast<daos_sys_info*>(std::calloc(1, sizeof(daos_sys_info)));
  info->dsi_nr_ranks = 1;
  info->dsi_ranks = static_cast<daos_rank_uri*>(std::calloc(1, sizeof(daos_rank_uri)));
  info->dsi_ranks[0].dru_uri = ::strdup("tcp://x");
  info->dsi_ms_ranks = static_cast<uint32_t*>(std::calloc(1, sizeof(uint32_t)));
  daos_mgmt_put_sys_info(info);
}

TEST(LogDeathTest, LinesGoToStderrByImportance) {
  // In a process of its own, because the first line decides for all.
  const auto child = [] {
    D_ERROR("disk %d is gone", 7);
    D_INFO("not shown\n");
    DL_ERROR(-DER_IO, "reading");
    std::exit(3);
  };
  d_unsetenv("D_LOG_FILE");
  d_unsetenv("D_LOG_MASK");
  EXPECT_EXIT(child(), ::testing::ExitedWithCode(3),
              "^misc ERR  inlines_test.cc:[0-9]+ operator.* disk 7 is gone\n"
              "misc ERR  .*reading: DER_IO.-2001.: 'Reading or writing storage failed'\n$");
}

TEST(LogDeathTest, AProgramsFileIsUsedUnlessTheEnvironmentNamesOne) {
  const std::string path = ::testing::TempDir() + "/dx_log_test";
  std::remove(path.c_str());
  const auto child = [&path] {
    if (daos_debug_init(const_cast<char*>("/nonexistent/log")) == 0) std::exit(1);
    if (daos_debug_init(const_cast<char*>(path.c_str())) != 0 || daos_debug_init(DAOS_LOG_DEFAULT) != 0) std::exit(2);
    D_ERROR("to the file");
    daos_debug_fini();
    daos_debug_fini();
    daos_debug_fini();
    std::exit(0);
  };
  d_unsetenv("D_LOG_FILE");
  EXPECT_EXIT(child(), ::testing::ExitedWithCode(0), "^$");
  std::FILE* file = std::fopen(path.c_str(), "r");
  ASSERT_NE(file, nullptr);
  char line[256] = "";
  EXPECT_NE(std::fgets(line, sizeof line, file), nullptr);
  EXPECT_NE(std::strstr(line, "to the file"), nullptr) << line;
  std::fclose(file);
  std::remove(path.c_str());
}

TEST(AssertDeathTest, NamesTheCondition) {
  D_ASSERT(1 + 1 == 2);
  EXPECT_DEATH(D_ASSERT(1 + 1 == 3), "1 \\+ 1 == 3");
  EXPECT_DEATH(D_ASSERTF(false, "because %d", 5), "because 5");
}

}  // namespace
