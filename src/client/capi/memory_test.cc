// Allocation macros, text buffers and scatter lists, used as programs use them.
#include <gtest/gtest.h>
#include <gurt/common.h>

#include <cstring>
#include <string>

namespace {

TEST(Memory, AllocationIsZeroedAndFreeingClearsThePointer) {
  int* numbers = nullptr;
  D_ALLOC_ARRAY(numbers, 100);
  ASSERT_NE(numbers, nullptr);
  for (int i = 0; i < 100; i++) EXPECT_EQ(numbers[i], 0);
  D_FREE(numbers);
  EXPECT_EQ(numbers, nullptr);
  D_FREE(numbers);
}

TEST(Memory, GrowingZeroesTheNewPartAndTakesTheOldPointer) {
  auto* old = static_cast<uint32_t*>(d_malloc(2 * sizeof(uint32_t)));
  old[0] = 7;
  old[1] = 8;
  uint32_t* grown = nullptr;
  D_REALLOC_ARRAY(grown, old, 2, 1000);
  ASSERT_NE(grown, nullptr);
  EXPECT_EQ(old, nullptr);
  EXPECT_EQ(grown[0], 7u);
  EXPECT_EQ(grown[1], 8u);
  for (int i = 2; i < 1000; i++) EXPECT_EQ(grown[i], 0u);
  D_FREE(grown);
}

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)  // they end the process instead
TEST(Memory, AFailedGrowthLeavesTheOldPointer) {
  char* old = d_strndup("kept", 4);
  char* grown = old;
  volatile size_t too_much = SIZE_MAX / 2;
  D_REALLOC(grown, old, 5, too_much);
  EXPECT_EQ(grown, nullptr);
  ASSERT_NE(old, nullptr);
  EXPECT_STREQ(old, "kept");
  D_FREE(old);
}
#endif

TEST(Memory, TextIsCopiedCutAndPrinted) {
  char* text = nullptr;
  D_STRNDUP(text, "abcdef", 3);
  EXPECT_STREQ(text, "abc");
  D_FREE(text);
  D_ASPRINTF(text, "%s-%d", "x", 12);
  EXPECT_STREQ(text, "x-12");
  D_FREE(text);
  D_REALPATH(text, "/usr/../usr/./bin");
  EXPECT_NE(text, nullptr);
  D_FREE(text);
}

TEST(Memory, AlignedMemoryIsAlignedAndZero) {
  char* page = nullptr;
  D_ALIGNED_ALLOC(page, 4096, 100);
  ASSERT_NE(page, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(page) % 4096, 0u);
  for (int i = 0; i < 100; i++) EXPECT_EQ(page[i], 0);
  D_FREE(page);
  D_ALIGNED_ALLOC(page, 3, 100);  // not a power of two
  EXPECT_EQ(page, nullptr);
}

TEST(StringBuffer, GrowsAndKeepsWhatWasThere) {
  d_string_buffer_t buffer{};
  std::string want;
  for (int i = 0; i < 500; i++) {
    ASSERT_EQ(d_write_string_buffer(&buffer, "%d,", i), 0);
    want += std::to_string(i) + ",";
  }
  EXPECT_EQ(buffer.str, want);
  EXPECT_EQ(buffer.str_size, want.size());
  EXPECT_GT(buffer.buf_size, buffer.str_size);
  d_free_string(&buffer);
  EXPECT_EQ(buffer.str, nullptr);
  ASSERT_EQ(d_write_string_buffer(&buffer, "again"), 0);
  EXPECT_STREQ(buffer.str, "again");
  d_free_string(&buffer);
}

TEST(StringBuffer, TheFirstErrorStays) {
  d_string_buffer_t buffer{};
  buffer.status = -DER_NOMEM;
  EXPECT_EQ(d_write_string_buffer(&buffer, "x"), -DER_NOMEM);
  EXPECT_EQ(buffer.str, nullptr);
  EXPECT_EQ(d_write_string_buffer(nullptr, "x"), -DER_INVAL);
}

TEST(ScatterList, LifeOfOne) {
  d_sg_list_t sgl;
  ASSERT_EQ(d_sgl_init(&sgl, 3), 0);
  EXPECT_EQ(sgl.sg_nr, 3u);
  EXPECT_EQ(sgl.sg_nr_out, 0u);
  for (uint32_t i = 0; i < 3; i++) {
    EXPECT_EQ(sgl.sg_iovs[i].iov_buf, nullptr);
    d_iov_set(&sgl.sg_iovs[i], d_calloc(1, 10 + i), 10 + i);
  }
  EXPECT_EQ(d_sgl_buf_size(&sgl), 33u);
  std::memcpy(sgl.sg_iovs[2].iov_buf, "hello", 5);
  d_sg_list_t copy;
  ASSERT_EQ(d_sgl_init(&copy, 3), 0);
  char room[3][16] = {};
  for (uint32_t i = 0; i < 3; i++) d_iov_set(&copy.sg_iovs[i], room[i], sizeof room[i]);
  d_sgl_buf_copy(&copy, &sgl);
  EXPECT_STREQ(room[2], "hello");
  d_sgl_fini(&copy, false);
  d_sgl_fini(&sgl, true);
  EXPECT_EQ(sgl.sg_nr, 0u);
  d_sgl_fini(nullptr, true);
  ASSERT_EQ(d_sgl_init(&sgl, 0), 0);
  EXPECT_EQ(sgl.sg_iovs, nullptr);
}

TEST(ScatterListDeathTest, CopyIntoASmallerBufferIsRefused) {
  char small[2];
  char large[4] = {};
  d_iov_t from;
  d_iov_t to;
  d_iov_set(&from, large, sizeof large);
  d_iov_set(&to, small, sizeof small);
  d_sg_list_t src = {1, 0, &from};
  d_sg_list_t dst = {1, 0, &to};
  EXPECT_DEATH(d_sgl_buf_copy(&dst, &src), "iov_buf_len");
}

TEST(Random, IsReproducibleAndSpread) {
  d_srand(5);
  const long first = d_rand();
  const long second = d_rand();
  EXPECT_NE(first, second);
  d_srand(5);
  EXPECT_EQ(d_rand(), first);
  EXPECT_EQ(d_rand(), second);
  double sum = 0;
  for (int i = 0; i < 10000; i++) {
    const double x = d_randd();
    ASSERT_GE(x, 0);
    ASSERT_LT(x, 1);
    sum += x;
    const long n = d_rand();
    ASSERT_GE(n, 0);
    ASSERT_LE(n, D_RAND_MAX);
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.02);
}

}  // namespace
