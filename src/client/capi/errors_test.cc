#include <daos/common.h>
#include <daos_errno.h>
#include <gtest/gtest.h>

#include <climits>
#include <set>
#include <string>
#include <thread>

#include "platform/base/status.h"

namespace {

TEST(Errors, EachNumberHasItsNameAndADescription) {
  std::set<std::string> names;
#define CHECK_ERROR(name, text)         \
  EXPECT_STREQ(d_errstr(-name), #name); \
  EXPECT_STREQ(d_errdesc(-name), text); \
  EXPECT_TRUE(names.insert(#name).second);
  D_FOREACH_GURT_ERR(CHECK_ERROR)
  D_FOREACH_DAOS_ERR(CHECK_ERROR)
#undef CHECK_ERROR
  EXPECT_EQ(names.size(), 98u);
  EXPECT_EQ(DER_QUOTA_LIMIT, 1046);
  EXPECT_EQ(DER_IGNORE, 2052);
}

TEST(Errors, SuccessAndUnknownNumbers) {
  EXPECT_STREQ(d_errstr(0), "DER_SUCCESS");
  EXPECT_STREQ(d_errdesc(0), "Success");
  EXPECT_STREQ(d_errdesc(-DER_UNKNOWN), "Unknown error");
  for (const int number :
       {int{DER_NONEXIST}, 1, -1, -1000, -1047, -1500, -2000, -int{DER_LAST_VALID}, INT_MIN, INT_MAX}) {
    EXPECT_STREQ(d_errstr(number), "DER_UNKNOWN") << number;
    EXPECT_EQ(d_errdesc(number), "Unknown error code " + std::to_string(number));
  }
}

TEST(Errors, UnknownNumbersOfTwoThreadsDoNotMix) {
  const std::string here = d_errdesc(-1500);
  const char* kept = d_errdesc(-1500);
  std::thread([] { EXPECT_STREQ(d_errdesc(-1501), "Unknown error code -1501"); }).join();
  EXPECT_EQ(kept, here);
}

TEST(Errors, NumbersAndNamesAgreeWithTheProductsOwnTable) {
#define DX_ERROR(enumerator, name, number, retry, err, text) \
  if (number < 3000) EXPECT_STREQ(d_errstr(-(number)), name);
#include "platform/base/errors.def"
#undef DX_ERROR
}

TEST(Errors, FormatMacrosPrintAllThree) {
  char text[128];
  std::snprintf(text, sizeof text, "failed: " DF_RC, DP_RC(-DER_BUSY));
  EXPECT_STREQ(text, "failed: DER_BUSY(-1012): 'It is in use'");
}

TEST(Errors, ErrnoBecomesAnErrorAndBack) {
  EXPECT_EQ(d_errno2der(0), 0);
  EXPECT_EQ(d_errno2der(EACCES), -DER_NO_PERM);
  EXPECT_EQ(d_errno2der(EDQUOT), -DER_NOSPACE);
  EXPECT_EQ(d_errno2der(EINVAL), -DER_MISC);
  EXPECT_EQ(daos_errno2der(EINVAL), -DER_INVAL);
  EXPECT_EQ(daos_errno2der(-1), -DER_UNKNOWN);
  EXPECT_EQ(daos_errno2der(EXDEV), -DER_MISC);
  EXPECT_EQ(daos_der2errno(-DER_TX_RESTART), ERESTART);
  EXPECT_EQ(daos_der2errno(-DER_CSUM), EIO);
  EXPECT_EQ(daos_der2errno(DER_CSUM), EINVAL);
  for (const int err : {EPERM, ENOMEM, ENOSPC, EEXIST, ENOENT, ECANCELED, EBUSY, EOVERFLOW, ETIMEDOUT, EAGAIN, EPROTO,
                        EINVAL, ENOTDIR, EIO, ENOTSUP}) {
    EXPECT_EQ(daos_der2errno(daos_errno2der(err)), err);
  }
}

TEST(Errors, LayoutNamesGoBothWays) {
  char text[16];
  for (daos_cont_layout_t layout = 1; layout < DAOS_PROP_CO_LAYOUT_MAX; layout++) {
    daos_cont_layout_t parsed = 0;
    daos_unparse_ctype(layout, text);
    daos_parse_ctype(text, &parsed);
    EXPECT_EQ(parsed, layout);
  }
  daos_cont_layout_t parsed = 77;
  daos_parse_ctype("posix", &parsed);
  EXPECT_EQ(parsed, DAOS_PROP_CO_LAYOUT_POSIX);
  daos_parse_ctype("tape", &parsed);
  EXPECT_EQ(parsed, DAOS_PROP_CO_LAYOUT_UNKNOWN);
  daos_unparse_ctype(99, text);
  EXPECT_STREQ(text, "unknown");
}

}  // namespace
