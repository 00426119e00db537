// Goal: the grammar that users of the reference commands type, and one helpful line for each kind of mistake.
#include <gtest/gtest.h>

#include "programs/arguments/program.h"
#include "programs/arguments/values.h"

namespace daos::arguments {
namespace {

TEST(Values, LabelsFollowTheRule) {
  EXPECT_TRUE(check_label("tank.1_a:b-c").ok());
  EXPECT_TRUE(check_label(std::string(127, 'a')).ok());
  EXPECT_EQ(check_label(std::string(128, 'a')).code(), Code::kInvalid);
  EXPECT_EQ(check_label("").code(), Code::kInvalid);
  EXPECT_EQ(check_label("a b").message(), "invalid label \"a b\": letters, digits and . _ : - are allowed");
  const std::string uuid = "01234567-89ab-cdef-0123-456789abcdef";
  EXPECT_FALSE(check_label(uuid).ok());
  EXPECT_TRUE(check_label_or_uuid(uuid).ok());
}

TEST(Values, APoolMayBeAnEmbeddedStoresDirectory) {
  for (const char* path : {"/tmp/store", "./store", "../store", "/"}) {
    EXPECT_TRUE(check_pool(path).ok()) << path;
    EXPECT_FALSE(check_label_or_uuid(path).ok()) << path;
  }
  EXPECT_TRUE(check_pool("tank").ok());
  EXPECT_FALSE(check_pool("store/").ok());
  EXPECT_FALSE(check_pool(".").ok() && is_path("."));
}

TEST(Values, KeyValuesSplitAtTheFirstColon) {
  const Result<KeyValues> parsed = parse_key_values("rd_fac:0,label:a:b", "properties");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(*parsed, (KeyValues{{"rd_fac", "0"}, {"label", "a:b"}}));
  for (const char* bad : {"", "a", "a:", ":b", "a:b,", "a:b,,c:d"}) {
    EXPECT_EQ(parse_key_values(bad, "properties").code(), Code::kInvalid) << bad;
  }
}

TEST(Values, QuotedKeyValuesMayHoldSeparators) {
  EXPECT_EQ(*parse_quoted_key_values(R"(a:b:c,"x,y":'1:2',e\,f:\"g)", "attributes"),
            (KeyValues{{"a", "b:c"}, {"x,y", "1:2"}, {"e,f", "\"g"}}));
  for (const char* bad : {"", "a", "a:", ":b", "a:b,", "\"a:b", "a:b\\"}) {
    EXPECT_EQ(parse_quoted_key_values(bad, "attributes").code(), Code::kInvalid) << bad;
  }
  EXPECT_EQ(*parse_names("a,b:c,'d,e'", "attributes"), (std::vector<std::string>{"a", "b:c", "d,e"}));
  EXPECT_EQ(parse_names("a,,b", "attributes").code(), Code::kInvalid);
}

TEST(Values, RankSets) {
  EXPECT_EQ(*parse_ranks("5,0-2,1"), (std::vector<uint32_t>{0, 1, 2, 5}));
  EXPECT_EQ(*parse_ranks("[3]"), (std::vector<uint32_t>{3}));
  for (const char* bad : {"", "a", "3-1", "1-", "-1", "1,,2", "0-4294967295"}) {
    EXPECT_EQ(parse_ranks(bad).code(), Code::kInvalid) << bad;
  }
}

TEST(Values, SuggestsOnlyWhatIsNear) {
  const std::vector<std::string> verbs = {"create", "destroy", "list", "query"};
  EXPECT_EQ(did_you_mean("crate", verbs), "; did you mean \"create\"?");
  EXPECT_EQ(did_you_mean("lsit", verbs), "; did you mean \"list\"?");
  EXPECT_EQ(did_you_mean("frobnicate", verbs), "");
}

struct Command {
  std::string label;
  std::string cont;
  std::string size;
  int count = 0;
  bool verbose = false;
  bool ran = false;
};

class ProgramTest : public testing::Test {
 protected:
  struct Ended {
    int code;
    std::string out;
    std::string err;
  };
  Ended run(std::vector<const char*> words) {
    Program program("dmg", "Administers a DAOS system.");
    CLI::App& pool = program.noun(program.app(), "pool", {"pl"}, "Pools");
    program.noun(program.app(), "system", {}, "The system").add_subcommand("query");
    CLI::App& create = program.verb(pool, "create", {"new"}, "Creates", [this]() -> Result<output::Answer> {
      command_.ran = true;
      return output::Answer{.text = "created\n", .json = {{"n", command_.count}}};
    });
    create.add_option("LABEL", command_.label, "the pool's name")->required();
    create.add_option("CONT", command_.cont);
    create.add_option("-z,--size", command_.size, "Size");
    create.add_option("-k,--nranks", command_.count, "Engines");
    create.add_flag("-v,--verbose", command_.verbose, "More");
    program.missing_verb(pool, "scrub", "pools are not scrubbed yet");
    words.insert(words.begin(), "dmg");
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = program.run(static_cast<int>(words.size()), words.data());
    std::fflush(nullptr);
    std::string out = testing::internal::GetCapturedStdout();
    return {code, std::move(out), testing::internal::GetCapturedStderr()};
  }
  Command command_;
};

TEST_F(ProgramTest, TakesOptionsInEveryForm) {
  for (const std::vector<const char*>& words :
       std::vector<std::vector<const char*>>{{"pool", "create", "tank", "--size", "1GiB", "-k", "3", "-v"},
                                             {"pool", "create", "--size=1GiB", "-k3", "tank", "-v"},
                                             {"-j", "pool", "new", "-vz1GiB", "--nranks=3", "--", "tank"},
                                             {"pl", "create", "-vj", "tank", "-z", "9", "-z", "1GiB", "-k", "3"}}) {
    command_ = {};
    const Ended ended = run(words);
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_TRUE(command_.ran);
    EXPECT_TRUE(command_.verbose);
    EXPECT_EQ(command_.label, "tank");
    EXPECT_EQ(command_.size, "1GiB");
    EXPECT_EQ(command_.count, 3);
  }
}

TEST_F(ProgramTest, APositionalMayBeTheNameOfANoun) {
  EXPECT_EQ(run({"pool", "create", "pool", "system"}).code, 0);
  EXPECT_EQ(command_.label, "pool");
  EXPECT_EQ(command_.cont, "system");
}

TEST_F(ProgramTest, JsonMayStandAnywhere) {
  EXPECT_NE(run({"pool", "create", "tank", "-j"}).out.find("\"response\""), std::string::npos);
  EXPECT_NE(run({"--json", "pool", "create", "tank"}).out.find("\"response\""), std::string::npos);
  EXPECT_NE(run({"pool", "scrub", "tank", "--hard", "--json"}).out.find("\"response\": null"), std::string::npos);
}

TEST_F(ProgramTest, MistakesAreNamedWithASuggestion) {
  const auto err = [this](std::vector<const char*> words) {
    const Ended ended = run(std::move(words));
    EXPECT_EQ(ended.code, 1);
    EXPECT_EQ(ended.out, "");
    EXPECT_EQ(std::ranges::count(ended.err, '\n'), 1) << ended.err;
    return ended.err;
  };
  EXPECT_EQ(err({"pool", "crate", "tank"}),
            "ERROR: dmg: unknown command \"crate\"; did you mean \"create\"? (there are: create)\n");
  EXPECT_EQ(err({"poool", "create"}),
            "ERROR: dmg: unknown command \"poool\"; did you mean \"pool\"? (there are: pool, system)\n");
  EXPECT_EQ(
      err({"pool", "create", "tank", "--sise=1"}),
      "ERROR: dmg: unknown option \"--sise=1\"; did you mean \"--size\"? (\"dmg pool create --help\" lists them)\n");
  EXPECT_EQ(err({"pool", "create"}),
            "ERROR: dmg: LABEL is required (\"dmg pool create --help\" shows what is expected)\n");
  EXPECT_EQ(err({"pool", "create", "a", "b", "c"}),
            "ERROR: dmg: unexpected argument \"c\" (\"dmg pool create --help\" shows what is expected)\n");
  EXPECT_EQ(err({}), "ERROR: dmg: dmg: which command? One of: pool, system\n");
  EXPECT_EQ(err({"pool", "scrub", "tank", "--hard"}), "ERROR: dmg: pools are not scrubbed yet\n");
  EXPECT_NE(err({"pool", "create", "tank", "-k", "many"}).find("--nranks"), std::string::npos);
}

TEST_F(ProgramTest, HelpIsThereAtEveryLevel) {
  EXPECT_NE(run({"-h"}).out.find("pool"), std::string::npos);
  EXPECT_NE(run({"pool", "--help"}).out.find("create"), std::string::npos);
  const Ended verb = run({"pool", "create", "-h"});
  EXPECT_EQ(verb.code, 0);
  EXPECT_NE(verb.out.find("--size"), std::string::npos);
  EXPECT_NE(verb.out.find("Usage: dmg pool create "), std::string::npos) << verb.out;
  EXPECT_NE(run({"-h"}).out.find("Usage: dmg ["), std::string::npos);
}

}  // namespace
}  // namespace daos::arguments
