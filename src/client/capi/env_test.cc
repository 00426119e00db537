#include <gtest/gtest.h>
#include <gurt/common.h>

namespace {

class Env : public ::testing::Test {
 protected:
  static constexpr const char* kName = "DX_ENV_TEST";
  ~Env() override { d_unsetenv(kName); }
  void set(const char* value) { ASSERT_EQ(d_setenv(kName, value, 1), 0); }
};

TEST_F(Env, MissingLeavesTheOutputAlone) {
  bool b = true;
  unsigned int u = 7;
  uint64_t u64 = 8;
  char text[4] = "abc";
  char* copy = text;
  EXPECT_EQ(d_getenv_bool(kName, &b), -DER_NONEXIST);
  EXPECT_EQ(d_getenv_uint(kName, &u), -DER_NONEXIST);
  EXPECT_EQ(d_getenv_uint64_t(kName, &u64), -DER_NONEXIST);
  EXPECT_EQ(d_getenv_str(text, sizeof text, kName), -DER_NONEXIST);
  EXPECT_EQ(d_agetenv_str(&copy, kName), -DER_NONEXIST);
  EXPECT_TRUE(b && u == 7 && u64 == 8 && copy == text);
  EXPECT_STREQ(text, "abc");
  EXPECT_FALSE(d_isenv_def(kName));
}

TEST_F(Env, OnlyADecimalZeroIsFalse) {
  for (const char* value : {"1", "yes", "false", "", "0x0", "-0"}) {
    bool b = false;
    set(value);
    EXPECT_EQ(d_getenv_bool(kName, &b), 0);
    EXPECT_TRUE(b) << value;
  }
  for (const char* value : {"0", "00", " 0"}) {
    bool b = true;
    set(value);
    EXPECT_EQ(d_getenv_bool(kName, &b), 0);
    EXPECT_FALSE(b) << value;
  }
}

TEST_F(Env, NumbersAreWholeAndInRange) {
  uint32_t u32 = 1;
  uint64_t u64 = 1;
  set("4294967295");
  EXPECT_EQ(d_getenv_uint32_t(kName, &u32), 0);
  EXPECT_EQ(u32, UINT32_MAX);
  set("4294967296");
  EXPECT_EQ(d_getenv_uint32_t(kName, &u32), -DER_INVAL);
  EXPECT_EQ(u32, UINT32_MAX);
  EXPECT_EQ(d_getenv_uint64_t(kName, &u64), 0);
  EXPECT_EQ(u64, 4294967296u);
  for (const char* value : {"", "-1", "12x", "x", "18446744073709551616", "1.5"}) {
    set(value);
    EXPECT_EQ(d_getenv_uint64_t(kName, &u64), -DER_INVAL) << value;
    EXPECT_EQ(u64, 4294967296u);
  }
}

TEST_F(Env, TextIsCutWithAnError) {
  set("abcdef");
  char exact[7];
  EXPECT_EQ(d_getenv_str(exact, sizeof exact, kName), 0);
  EXPECT_STREQ(exact, "abcdef");
  char small[4];
  EXPECT_EQ(d_getenv_str(small, sizeof small, kName), -DER_TRUNC);
  EXPECT_STREQ(small, "abc");
  char* copy = nullptr;
  EXPECT_EQ(d_agetenv_str(&copy, kName), 0);
  EXPECT_STREQ(copy, "abcdef");
  d_freeenv_str(&copy);
  EXPECT_EQ(copy, nullptr);
}

TEST_F(Env, OneCharacter) {
  char c = 'z';
  set("ab");
  EXPECT_EQ(d_getenv_char(kName, &c), -DER_INVAL);
  EXPECT_EQ(c, 'z');
  set("a");
  EXPECT_EQ(d_getenv_char(kName, &c), 0);
  EXPECT_EQ(c, 'a');
}

TEST_F(Env, SettingAndRemoving) {
  set("1");
  EXPECT_EQ(d_setenv(kName, "2", 0), 0);  // keeps what is there
  unsigned int u = 0;
  EXPECT_EQ(d_getenv_uint(kName, &u), 0);
  EXPECT_EQ(u, 1u);
  EXPECT_TRUE(d_isenv_def(kName));
  EXPECT_EQ(d_unsetenv(kName), 0);
  EXPECT_FALSE(d_isenv_def(kName));
  EXPECT_NE(d_setenv("", "1", 1), 0);
}

}  // namespace
