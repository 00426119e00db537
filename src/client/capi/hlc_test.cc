#include <daos_api.h>
#include <gtest/gtest.h>
#include <gurt/common.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace {

constexpr time_t kOrigin = 1609459200;  // 2021-01-01
constexpr uint64_t kSecond = 16'000'000'000;

TEST(Hlc, ValuesRiseInOneThreadAndAreUniqueInMany) {
  uint64_t last = d_hlc_get();
  for (int i = 0; i < 10000; i++) {
    const uint64_t next = d_hlc_get();
    ASSERT_GT(next, last);
    last = next;
  }
  std::vector<uint64_t> all(4000);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; t++) {
    threads.emplace_back([&all, t] {
      for (size_t i = 0; i < 1000; i++) all[t * 1000 + i] = d_hlc_get();
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

TEST(Hlc, DurationsConvert) {
  EXPECT_EQ(d_hlc2nsec(1600), 100u);
  EXPECT_EQ(d_nsec2hlc(100), 1600u);
  EXPECT_EQ(d_sec2hlc(3), 3 * kSecond);
  EXPECT_EQ(d_hlc2msec(d_msec2hlc(12)), 12u);
  EXPECT_EQ(d_hlc2usec(d_usec2hlc(12)), 12u);
}

TEST(Hlc, PointsInTimeConvert) {
  timespec ts{};
  time_t t = 0;
  EXPECT_EQ(daos_hlc2timespec(0, &ts), 0);
  EXPECT_EQ(ts.tv_sec, kOrigin);
  EXPECT_EQ(ts.tv_nsec, 0);
  EXPECT_EQ(daos_hlc2timestamp(86400 * kSecond + kSecond / 2, &t), 0);
  EXPECT_EQ(t, kOrigin + 86400);
  EXPECT_EQ(daos_hlc2timespec(86400 * kSecond + kSecond / 2, &ts), 0);
  EXPECT_EQ(ts.tv_nsec, 500'000'000);
  uint64_t hlc = 0;
  EXPECT_EQ(d_timespec2hlc(ts, &hlc), 0);
  EXPECT_EQ(hlc, 86400 * kSecond + kSecond / 2);
  EXPECT_EQ(daos_hlc2timespec(1, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_hlc2timestamp(1, nullptr), -DER_INVAL);
  EXPECT_EQ(d_timespec2hlc(ts, nullptr), -DER_INVAL);
}

TEST(Hlc, TimesThatDoNotFitAreZero) {
  const uint64_t origin_ns = static_cast<uint64_t>(kOrigin) * 1'000'000'000;
  EXPECT_EQ(d_unixnsec2hlc(1000), 0u);
  EXPECT_EQ(d_unixnsec2hlc(origin_ns - 1), 0u);
  EXPECT_EQ(d_unixnsec2hlc(origin_ns + 1), 16u);
  EXPECT_EQ(d_unixnsec2hlc(origin_ns + UINT64_MAX / 16), UINT64_MAX / 16 * 16);
  EXPECT_EQ(d_unixnsec2hlc(origin_ns + UINT64_MAX / 16 + 1), 0u);
  EXPECT_EQ(d_hlc2unixnsec(UINT64_MAX), origin_ns + UINT64_MAX / 16);
}

TEST(Hlc, ReceivedValuesCarryTheClockForwardUpToTheBound) {
  const uint64_t now = d_hlc_get();
  uint64_t out = 0;
  uint64_t offset = 0;
  EXPECT_EQ(d_hlc_get_msg(now + kSecond / 2, &out, &offset), 0);
  EXPECT_GT(out, now + kSecond / 2);
  EXPECT_LE(offset, kSecond);
  EXPECT_GT(d_hlc_get(), now + kSecond / 2);
  EXPECT_EQ(d_hlc_get_msg(now + 1000 * kSecond, &out, &offset), -DER_HLC_SYNC);
  EXPECT_GT(offset, 900 * kSecond);
  EXPECT_LT(d_hlc_get(), now + 1000 * kSecond);
}

TEST(Hlc, AgeIsWholeSecondsAlsoWhenTheClockRunsAheadOfTime) {
  uint64_t now = 0;
  for (int i = 0; i < 10000; i++) now = d_hlc_get();
  EXPECT_EQ(d_hlc_age2sec(now + 1000 * kSecond), 0u);
  const uint64_t age = d_hlc_age2sec(now - 100 * kSecond);
  EXPECT_GE(age, 100u);
  EXPECT_LE(age, 160u);
}

TEST(Hlc, TheBoundIsRoundedUp) {
  const uint64_t before = d_hlc_epsilon_get();
  EXPECT_GE(before, kSecond);
  d_hlc_epsilon_set(1);
  EXPECT_EQ(d_hlc_epsilon_get(), 1u << 18);
  EXPECT_EQ(d_hlc_epsilon_get_bound(0), (1u << 19) - 1);
  d_hlc_epsilon_set(before);
  EXPECT_EQ(d_hlc_epsilon_get(), before);
}

}  // namespace
