// Goal: what conditions and aggregations say about rows that are there, partly there, or of odd sizes. The filters are
// those that daos_pipeline_check lets through.
#include "client/capi/pipeline_evaluate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <list>
#include <string>

#include "platform/base/bytes.h"

namespace daos::capi {
namespace {

template <class T>
std::string bytes_of(T number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof number);
}

/// A filter and the memory that it points into.
class Filter {
 public:
  explicit Filter(const char* type = "DAOS_FILTER_CONDITION") {
    daos_filter_init(&filter_);
    filter_.filter_type = keep(type);
  }
  ~Filter() { std::free(filter_.parts); }
  Filter(const Filter&) = delete;

  Filter& function(const char* name, uint32_t operands) {
    part(std::string("DAOS_FILTER_FUNC_") + name).num_operands = operands;
    return *this;
  }
  Filter& dkey(const char* type, size_t offset = 0, size_t length = 0) {
    return key("DAOS_FILTER_DKEY", "", type, offset, length);
  }
  Filter& akey(const std::string& name, const char* type, size_t offset = 0, size_t length = 0) {
    return key("DAOS_FILTER_AKEY", name, type, offset, length);
  }
  Filter& constants(const char* type, const std::vector<std::string>& values) {
    daos_filter_part_t& added = part("DAOS_FILTER_CONST");
    added.data_type = keep(std::string("DAOS_FILTER_TYPE_") + type);
    iovs_.emplace_back();
    for (const std::string& value : values) iovs_.back().push_back(keep(value));
    added.constant = iovs_.back().data();
    added.num_constants = values.size();
    return *this;
  }
  daos_filter_t* get() { return &filter_; }

 private:
  d_iov_t keep(std::string text) {
    texts_.push_back(std::move(text));
    return {texts_.back().data(), texts_.back().size(), texts_.back().size()};
  }
  daos_filter_part_t& part(const std::string& type) {
    parts_.emplace_back();
    parts_.back().part_type = keep(type);
    EXPECT_EQ(daos_filter_add(&filter_, &parts_.back()), 0);
    return parts_.back();
  }
  Filter& key(const char* part_type, const std::string& name, const char* type, size_t offset, size_t length) {
    daos_filter_part_t& added = part(part_type);
    added.data_type = keep(std::string("DAOS_FILTER_TYPE_") + type);
    if (!name.empty()) added.akey = keep(name);
    added.data_offset = offset;
    added.data_len = length;
    return *this;
  }

  daos_filter_t filter_;
  std::list<std::string> texts_;
  std::list<daos_filter_part_t> parts_;
  std::list<std::vector<d_iov_t>> iovs_;
};

/// A row and its memory.
class Row {
 public:
  explicit Row(std::string dkey) : dkey_(std::move(dkey)) { row_.dkey = as_bytes(dkey_); }
  Row(const Row&) = delete;
  Row& single(const char* akey, std::string value) { return add(akey, std::move(value), 0, {}); }
  Row& array(const char* akey, std::string value, uint64_t record, std::vector<daos_recx_t> records) {
    return add(akey, std::move(value), record, std::move(records));
  }
  Row& absent(const char* akey) {
    row_.values.push_back({.akey = as_bytes(std::string_view(akey)), .there = false, .bytes = {}, .records = {}});
    return *this;
  }
  const PipelineRow& get() const { return row_; }

 private:
  Row& add(const char* akey, std::string value, uint64_t record, std::vector<daos_recx_t> records) {
    values_.push_back(std::move(value));
    row_.values.push_back({.akey = as_bytes(std::string_view(akey)),
                           .there = true,
                           .bytes = as_bytes(values_.back()),
                           .record_bytes = record,
                           .records = std::move(records)});
    return *this;
  }
  std::string dkey_;
  std::list<std::string> values_;
  PipelineRow row_;
};

Result<bool> ask(Filter& filter, const PipelineRow& row) {
  daos_pipeline_t pipeline;
  daos_pipeline_init(&pipeline);
  EXPECT_EQ(daos_pipeline_add(&pipeline, filter.get()), 0);
  EXPECT_EQ(daos_pipeline_check(&pipeline), 0);
  Result<bool> result = matches(pipeline, row);
  std::free(pipeline.filters);
  return result;
}
bool holds(Filter& filter, const PipelineRow& row) {
  const Result<bool> result = ask(filter, row);
  EXPECT_TRUE(result.ok());
  return result.ok() && *result;
}

TEST(PipelineEvaluate, ComparesInEveryFamily) {
  Row row("key");
  row.single("u1", bytes_of<uint8_t>(200)).single("i2", bytes_of<int16_t>(-5)).single("r4", bytes_of<float>(1.5f));
  struct Case {
    const char *function, *akey, *type;
    std::string constant;
    const char* constant_type;
    bool expected;
  };
  for (const Case& c : {Case{"EQ", "u1", "UINTEGER1", bytes_of<uint64_t>(200), "UINTEGER8", true},
                        Case{"GT", "u1", "UINTEGER1", bytes_of<uint16_t>(199), "UINTEGER2", true},
                        Case{"LT", "u1", "UINTEGER1", bytes_of<uint16_t>(200), "UINTEGER2", false},
                        Case{"LT", "i2", "INTEGER2", bytes_of<int64_t>(0), "INTEGER8", true},
                        Case{"LE", "i2", "INTEGER2", bytes_of<int8_t>(-5), "INTEGER1", true},
                        Case{"NE", "i2", "INTEGER2", bytes_of<int32_t>(-5), "INTEGER4", false},
                        Case{"GE", "r4", "REAL4", bytes_of<double>(1.5), "REAL8", true},
                        Case{"GT", "r4", "REAL4", bytes_of<double>(1.5), "REAL8", false},
                        Case{"EQ", "none", "REAL4", bytes_of<double>(0), "REAL8", false},
                        Case{"NE", "none", "REAL4", bytes_of<double>(1), "REAL8", false},
                        Case{"EQ", "u1", "UINTEGER4", bytes_of<uint32_t>(200), "UINTEGER4", false}}) {  // too short
    Filter filter;
    filter.function(c.function, 2).akey(c.akey, c.type).constants(c.constant_type, {c.constant});
    EXPECT_EQ(holds(filter, row.get()), c.expected) << c.function << " " << c.akey;
  }
}

TEST(PipelineEvaluate, ComparesTexts) {
  Row row("abcdef");
  const std::string counted = bytes_of<uint64_t>(3) + "xyz";
  row.single("c", std::string("text\0rest", 9)).single("s", counted);
  const auto check = [&](const char* function, bool expected, auto build) {
    Filter filter;
    build(filter.function(function, 2));
    EXPECT_EQ(holds(filter, row.get()), expected) << function;
  };
  check("EQ", true, [](Filter& f) { f.dkey("BINARY").constants("BINARY", {"abcdef"}); });
  check("EQ", false, [](Filter& f) { f.dkey("BINARY").constants("BINARY", {"abc"}); });
  check("EQ", true, [](Filter& f) { f.dkey("BINARY", 2, 3).constants("BINARY", {"cde"}); });
  check("EQ", false, [](Filter& f) { f.dkey("BINARY", 7).constants("BINARY", {"x"}); });
  check("LE", true, [](Filter& f) { f.dkey("BINARY").constants("BINARY", {"abc"}); });  // of the common prefix
  check("LT", false, [](Filter& f) { f.dkey("BINARY").constants("BINARY", {"abc"}); });
  check("LT", true, [](Filter& f) { f.dkey("BINARY").constants("BINARY", {"abd"}); });
  check("EQ", true, [](Filter& f) { f.akey("c", "CSTRING").constants("CSTRING", {std::string("text\0", 5)}); });
  check("EQ", true, [&](Filter& f) { f.akey("s", "STRING").constants("STRING", {counted}); });
  check("EQ", true, [&](Filter& f) { f.akey("s", "STRING").constants("BINARY", {"xyz"}); });
}

TEST(PipelineEvaluate, OneOfSeveralConstantsIsEnough) {
  Row row(bytes_of<uint64_t>(7));
  Filter in, compared, none;
  in.function("IN", 2).dkey("UINTEGER8").constants("UINTEGER8", {bytes_of<uint64_t>(1), bytes_of<uint64_t>(7)});
  compared.function("GT", 2).dkey("UINTEGER8").constants("UINTEGER8", {bytes_of<uint64_t>(9), bytes_of<uint64_t>(6)});
  none.function("IN", 2).dkey("UINTEGER8").constants("UINTEGER8", {bytes_of<uint64_t>(1), bytes_of<uint64_t>(2)});
  EXPECT_TRUE(holds(in, row.get()));
  EXPECT_TRUE(holds(compared, row.get()));
  EXPECT_FALSE(holds(none, row.get()));
}

TEST(PipelineEvaluate, LikeHasWildcards) {
  struct Case {
    const char *subject, *pattern;
    bool expected;
  };
  for (const Case& c :
       {Case{"abc", "abc", true}, Case{"abc", "a%", true}, Case{"abc", "%c", true}, Case{"abc", "%b%", true},
        Case{"abc", "a_c", true}, Case{"abc", "a_", false}, Case{"abc", "%", true}, Case{"abc", "abcd", false},
        Case{"a%c", "a\\%c", true}, Case{"abc", "a\\%c", false}, Case{"a_c", "a\\_c", true},
        Case{"abc", "a\\_c", false}, Case{"aaab", "%ab", true}, Case{"mississippi", "%iss%pi", true},
        Case{"mississippi", "%iss%pp", false}, Case{"x", "%%%x%%", true}, Case{"x\\", "x\\", true}}) {
    Row row(c.subject);
    Filter filter;
    filter.function("LIKE", 2).dkey("BINARY").constants("BINARY", {c.pattern});
    EXPECT_EQ(holds(filter, row.get()), c.expected) << c.subject << " like " << c.pattern;
  }
}

TEST(PipelineEvaluate, LogicWalksEveryOperand) {
  Row row("k");
  row.single("a", "x").absent("b");
  const auto is_null = [](Filter& f, const char* akey) -> Filter& {
    return f.function("ISNULL", 1).akey(akey, "BINARY");
  };
  Filter both, either, negated, deep;
  is_null(is_null(both.function("AND", 2), "a"), "b");
  is_null(is_null(either.function("OR", 2), "a"), "b");
  is_null(negated.function("NOT", 1), "a");
  is_null(is_null(deep.function("AND", 2).function("OR", 2), "b")
              .function("ISNOTNULL", 1)
              .akey("b", "BINARY")
              .function("NOT", 1),
          "a");
  EXPECT_FALSE(holds(both, row.get()));
  EXPECT_TRUE(holds(either, row.get()));
  EXPECT_TRUE(holds(negated, row.get()));
  EXPECT_TRUE(holds(deep, row.get()));
}

TEST(PipelineEvaluate, Calculates) {
  Row row("k");
  row.single("i", bytes_of<int64_t>(INT64_MIN))
      .single("u", bytes_of<uint64_t>(12))
      .single("zero", bytes_of<uint64_t>(0));
  const auto equals = [&](const char* function, const char* a, const char* b, const char* type,
                          const std::string& constant) {
    Filter filter;
    filter.function("EQ", 2).function(function, 2).akey(a, type).akey(b, type).constants(type, {constant});
    return ask(filter, row.get());
  };
  EXPECT_TRUE(*equals("ADD", "u", "u", "UINTEGER8", bytes_of<uint64_t>(24)));
  EXPECT_TRUE(*equals("SUB", "zero", "u", "UINTEGER8", bytes_of<uint64_t>(0ull - 12)));
  EXPECT_TRUE(*equals("MUL", "u", "u", "UINTEGER8", bytes_of<uint64_t>(144)));
  EXPECT_TRUE(*equals("DIV", "u", "u", "UINTEGER8", bytes_of<uint64_t>(1)));
  EXPECT_TRUE(*equals("BITAND", "u", "u", "UINTEGER8", bytes_of<uint64_t>(12)));
  EXPECT_FALSE(*equals("ADD", "u", "absent", "UINTEGER8", bytes_of<uint64_t>(12)));
  EXPECT_EQ(equals("DIV", "u", "zero", "UINTEGER8", bytes_of<uint64_t>(1)).code(), kDivisionByZero);
  Filter overflow;  // the lowest number by minus one
  overflow.function("EQ", 2).function("DIV", 2).akey("i", "INTEGER8").constants("INTEGER8", {bytes_of<int64_t>(-1)});
  overflow.akey("i", "INTEGER8");
  EXPECT_TRUE(holds(overflow, row.get()));
}

TEST(PipelineEvaluate, ArraysAreReadFromARecordOn) {
  Row row("k");
  row.array("a", bytes_of<uint32_t>(1) + bytes_of<uint32_t>(2) + bytes_of<uint32_t>(30), 4, {{0, 2}, {10, 1}});
  const auto record_is = [&](size_t index, uint32_t expected) {
    Filter filter;
    filter.function("EQ", 2).akey("a", "UINTEGER4", index, 1).constants("UINTEGER4", {bytes_of(expected)});
    return holds(filter, row.get());
  };
  EXPECT_TRUE(record_is(0, 1));
  EXPECT_TRUE(record_is(1, 2));
  EXPECT_TRUE(record_is(10, 30));
  EXPECT_FALSE(record_is(2, 30)) << "not among what was read";
}

TEST(PipelineEvaluate, AggregatesWhatIsThere) {
  struct Case {
    const char* function;
    double nothing, expected;
  };
  for (const Case& c : {Case{"SUM", 0, 9}, Case{"MIN", INFINITY, -2}, Case{"MAX", -INFINITY, 8}, Case{"AVG", 0, 3}}) {
    Filter filter("DAOS_FILTER_AGGREGATION");
    filter.function(c.function, 1).akey("n", "INTEGER4");
    Aggregate aggregate(*filter.get());
    EXPECT_EQ(aggregate.result(), c.nothing) << c.function;
    for (const int32_t number : {3, -2, 8}) {
      Row row("k");
      row.single("n", bytes_of(number));
      EXPECT_TRUE(aggregate.add(row.get()).ok());
    }
    Row without("k");
    EXPECT_TRUE(aggregate.add(without.absent("n").get()).ok());
    EXPECT_EQ(aggregate.result(), c.expected) << c.function;
  }
}

}  // namespace
}  // namespace daos::capi
