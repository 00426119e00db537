// Expressions written as text: "FUNC_EQ AKEY:UINTEGER4 CONST:UINTEGER4". The number of operands is the usual one of
// each function unless it is given: "FUNC_AND/3".
#include <daos_pipeline.h>
#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <sstream>
#include <string>

namespace {

class Pipeline : public ::testing::Test {
 protected:
  Pipeline() { daos_pipeline_init(&pipeline_); }
  ~Pipeline() override { EXPECT_EQ(daos_pipeline_free(&pipeline_), 0); }

  d_iov_t text(const std::string& word) {
    words_.push_back(word);
    d_iov_t iov;
    d_iov_set(&iov, words_.back().data(), word.size());
    return iov;
  }

  void add(const std::string& type, const std::string& expression) {
    filters_.emplace_back();
    daos_filter_init(&filters_.back());
    filters_.back().filter_type = text("DAOS_FILTER_" + type);
    std::istringstream in(expression);
    for (std::string word; in >> word;) add_part(word);
    ASSERT_EQ(daos_pipeline_add(&pipeline_, &filters_.back()), 0);
  }
  int check(const std::string& expression, const std::string& type = "CONDITION") {
    EXPECT_EQ(daos_pipeline_free(&pipeline_), 0);
    add(type, expression);
    return daos_pipeline_check(&pipeline_);
  }

  daos_pipeline_t pipeline_;
  std::deque<daos_filter_t> filters_;
  std::deque<daos_filter_part_t> parts_;
  std::deque<d_iov_t> constants_;

 private:
  void add_part(std::string word) {
    daos_filter_part_t part = {};
    const size_t colon = word.find(':');
    if (colon != std::string::npos) {
      part.data_type = text("DAOS_FILTER_TYPE_" + word.substr(colon + 1));
      word.resize(colon);
    }
    const size_t slash = word.find('/');
    if (slash != std::string::npos) {
      part.num_operands = static_cast<uint32_t>(std::stoul(word.substr(slash + 1)));
      word.resize(slash);
    } else if (word.starts_with("FUNC_")) {
      const bool one = word == "FUNC_NOT" || word.starts_with("FUNC_IS") || word == "FUNC_SUM" || word == "FUNC_MAX";
      part.num_operands = one ? 1 : 2;
    }
    part.part_type = text("DAOS_FILTER_" + word);
    part.akey = text("a");
    if (word == "CONST") {
      constants_.push_back(text(std::string(16, '\0')));
      part.constant = &constants_.back();
      part.num_constants = 1;
    }
    parts_.push_back(part);
    ASSERT_EQ(daos_filter_add(&filters_.back(), &parts_.back()), 0);
  }
  std::deque<std::string> words_;
};

TEST_F(Pipeline, IsBuiltByAddress) {
  EXPECT_EQ(pipeline_.version, 1u);
  EXPECT_EQ(daos_pipeline_check(&pipeline_), 0);  // an empty one is valid
  add("CONDITION", "FUNC_EQ DKEY:BINARY CONST:BINARY");
  add("AGGREGATION", "FUNC_SUM AKEY:REAL8");
  EXPECT_EQ(pipeline_.num_filters, 1u);
  EXPECT_EQ(pipeline_.num_aggr_filters, 1u);
  EXPECT_EQ(pipeline_.filters[0], &filters_[0]);
  EXPECT_EQ(pipeline_.filters[0]->parts[2], &parts_[2]);
  EXPECT_EQ(daos_pipeline_check(&pipeline_), 0);
  std::swap(pipeline_.filters, pipeline_.aggr_filters);
  EXPECT_EQ(daos_pipeline_check(&pipeline_), -DER_INVAL);  // in the wrong lists
  std::swap(pipeline_.filters, pipeline_.aggr_filters);
  EXPECT_EQ(daos_pipeline_free(&pipeline_), 0);
  EXPECT_EQ(pipeline_.num_filters, 0u);
  EXPECT_EQ(filters_[0].parts, nullptr);
}

TEST_F(Pipeline, WrongArguments) {
  daos_filter_t filter;
  daos_filter_init(&filter);
  filter.filter_type = text("DAOS_FILTER_CONDITIONS");
  EXPECT_EQ(daos_pipeline_add(&pipeline_, &filter), -DER_INVAL);
  EXPECT_EQ(daos_pipeline_add(&pipeline_, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_filter_add(nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_pipeline_check(nullptr), -DER_INVAL);
  EXPECT_EQ(daos_pipeline_free(nullptr), -DER_INVAL);
  pipeline_.num_filters = 1;
  EXPECT_EQ(daos_pipeline_free(&pipeline_), -DER_INVAL);
  EXPECT_EQ(daos_pipeline_check(&pipeline_), -DER_INVAL);
  pipeline_.num_filters = 0;
}

TEST_F(Pipeline, GoodExpressions) {
  for (const char* expression : {
           "FUNC_EQ AKEY:UINTEGER4 CONST:UINTEGER8",
           "FUNC_LT FUNC_ADD AKEY:INTEGER4 CONST:INTEGER4 FUNC_MUL AKEY:INTEGER8 AKEY:INTEGER1",
           "FUNC_NE FUNC_BITAND AKEY:UINTEGER4 CONST:UINTEGER4 CONST:UINTEGER4",
           "FUNC_IN DKEY:CSTRING CONST:STRING",
           "FUNC_LIKE AKEY:CSTRING CONST:CSTRING",
           "FUNC_AND/3 FUNC_ISNULL AKEY:BINARY FUNC_NOT FUNC_EQ AKEY:REAL4 CONST:REAL8 FUNC_OR FUNC_IN DKEY:BINARY "
           "CONST:BINARY FUNC_ISNOTNULL AKEY:BINARY",
       }) {
    EXPECT_EQ(check(expression), 0) << expression;
  }
  EXPECT_EQ(check("FUNC_MAX FUNC_DIV AKEY:REAL8 CONST:REAL8", "AGGREGATION"), 0);
}

TEST_F(Pipeline, PartsThatAreUnknownOrMisplaced) {
  for (const char* expression :
       {"FUNC_EQUAL AKEY:UINTEGER4 CONST:UINTEGER4", "FUNC_SUM AKEY:REAL8", "FUNC_EQ FUNC_SUM AKEY:REAL8 CONST:REAL8",
        "FUNC_EQ OID:BINARY CONST:BINARY", "FUNC_EQ AKEY:UINTEGER3 CONST:UINTEGER4"}) {
    EXPECT_EQ(check(expression), -DER_NOSYS) << expression;
  }
  EXPECT_EQ(check("FUNC_EQ AKEY:REAL8 CONST:REAL8", "AGGREGATION"), -DER_NOSYS);
  EXPECT_EQ(check("FUNC_SUM FUNC_MAX AKEY:REAL8", "AGGREGATION"), -DER_NOSYS);
  EXPECT_EQ(check("AKEY:REAL8", "AGGREGATION"), -DER_NOSYS);
}

TEST_F(Pipeline, TreesThatDoNotFit) {
  for (const char* expression : {
           "", "FUNC_EQ AKEY:UINTEGER4",                                  // too few parts
           "FUNC_EQ AKEY:UINTEGER4 CONST:UINTEGER4 CONST:UINTEGER4",      // one too many
           "FUNC_EQ/3 AKEY:UINTEGER4 CONST:UINTEGER4 CONST:UINTEGER4",    // wrong number of operands
           "FUNC_AND/1 FUNC_ISNULL AKEY:BINARY", "FUNC_NOT AKEY:BINARY",  // wrong kind of operand
           "FUNC_EQ AKEY CONST:UINTEGER4",                                // no data type
           "FUNC_EQ AKEY:UINTEGER4 CONST:INTEGER4",                       // families differ
           "FUNC_LIKE AKEY:UINTEGER4 CONST:UINTEGER4", "FUNC_LIKE CONST:CSTRING AKEY:CSTRING",
           "FUNC_EQ FUNC_ADD AKEY:CSTRING CONST:CSTRING CONST:CSTRING",  // arithmetic on text
           "FUNC_EQ FUNC_BITAND AKEY:REAL8 CONST:REAL8 CONST:REAL8",     // bits of a real
           "FUNC_IN AKEY:BINARY DKEY:BINARY", "FUNC_ISNULL DKEY:BINARY", "AKEY:UINTEGER4",
           "FUNC_ADD AKEY:UINTEGER4 CONST:UINTEGER4",  // a condition that is a number
       }) {
    EXPECT_EQ(check(expression), -DER_INVAL) << expression;
  }
  EXPECT_EQ(check("FUNC_SUM AKEY:CSTRING", "AGGREGATION"), -DER_INVAL);
}

TEST_F(Pipeline, ConstantsThatDoNotFit) {
  ASSERT_EQ(check("FUNC_EQ AKEY:CSTRING CONST:CSTRING"), 0);
  std::memset(constants_.back().iov_buf, 'x', 16);  // no NUL
  EXPECT_EQ(daos_pipeline_check(&pipeline_), -DER_INVAL);
  ASSERT_EQ(check("FUNC_EQ AKEY:STRING CONST:STRING"), 0);
  const uint64_t length = 9;  // only 8 bytes follow
  std::memcpy(constants_.back().iov_buf, &length, sizeof length);
  EXPECT_EQ(daos_pipeline_check(&pipeline_), -DER_INVAL);
  ASSERT_EQ(check("FUNC_EQ AKEY:UINTEGER8 CONST:UINTEGER8"), 0);
  constants_.back().iov_len = 7;
  EXPECT_EQ(daos_pipeline_check(&pipeline_), -DER_INVAL);
  parts_.back().num_constants = 0;
  EXPECT_EQ(daos_pipeline_check(&pipeline_), -DER_INVAL);
}

TEST_F(Pipeline, SeveralConstantsStandLastInAComparison) {
  const auto twice = [this](daos_filter_part_t& part) {
    constants_.push_back(constants_.back());
    constants_.push_back(constants_.back());
    static d_iov_t pair[2];
    pair[0] = pair[1] = constants_.back();
    part.constant = pair;
    part.num_constants = 2;
  };
  ASSERT_EQ(check("FUNC_EQ AKEY:CSTRING CONST:CSTRING"), 0);
  twice(parts_.back());
  EXPECT_EQ(daos_pipeline_check(&pipeline_), 0);
  ASSERT_EQ(check("FUNC_LIKE AKEY:CSTRING CONST:CSTRING"), 0);
  twice(parts_.back());
  EXPECT_EQ(daos_pipeline_check(&pipeline_), -DER_INVAL);
  ASSERT_EQ(check("FUNC_EQ CONST:CSTRING AKEY:CSTRING"), 0);
  twice(parts_[parts_.size() - 2]);
  EXPECT_EQ(daos_pipeline_check(&pipeline_), -DER_INVAL);
}

TEST_F(Pipeline, DeepTreesAreRefusedNotRun) {
  std::string expression;
  for (int i = 0; i < 100000; i++) expression += "FUNC_NOT ";
  EXPECT_EQ(check(expression + "FUNC_ISNULL AKEY:BINARY"), -DER_INVAL);
  EXPECT_EQ(check("FUNC_NOT FUNC_NOT FUNC_NOT FUNC_ISNULL AKEY:BINARY"), 0);
}

}  // namespace
