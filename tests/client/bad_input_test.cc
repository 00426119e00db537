// Goal: whatever a program passes, the answer is the documented error, and the process lives. Every argument of every
// function in turn is wrong: NULL, a handle that is closed, of another kind, or was never given, zero, huge, unknown
// flags. docs/api-status.md says which functions there are, and none may be left out. The trials are in
// bad_input_*_test.cc. Run by with-system, with a pool "tank".
#include <fstream>
#include <regex>

#include "bad_input_fixture.h"

namespace api_test {
namespace {

// What has no argument that could be wrong.
const std::set<std::string> kWithoutArguments = {"daos_init", "daos_fini", "daos_reinit"};

/// Behind all tests.
class NoFunctionIsLeftOut : public ::testing::Environment {
  void TearDown() override {
    if (::testing::GTEST_FLAG(filter) != "*") return;  // a part of the tests tries a part of the functions
    std::ifstream table(API_STATUS);
    ASSERT_TRUE(table.is_open()) << API_STATUS;
    const std::regex row("\\| `(\\w+)` \\| works \\|.*");
    size_t functions = 0;
    for (std::string line; std::getline(table, line);) {
      std::smatch match;
      if (!std::regex_match(line, match, row)) continue;
      functions++;
      EXPECT_TRUE(tried().contains(match[1]) || kWithoutArguments.contains(match[1])) << match[1] << " is not tried";
    }
    EXPECT_GT(functions, 200u);
  }
};
const ::testing::Environment* const kCheck = ::testing::AddGlobalTestEnvironment(new NoFunctionIsLeftOut);

}  // namespace
}  // namespace api_test
