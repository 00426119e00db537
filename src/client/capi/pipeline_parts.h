// The words of pipelines: what a part of a filter may be, and what its values are.
#pragma once

#include <daos_pipeline.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace daos::capi {

inline constexpr uint64_t kPipelineVersion = 1;

// What a part yields, and so where it may stand.
enum class Kind : uint8_t {
  kCompare,
  kIn,
  kLike,
  kIsNull,
  kNot,
  kAndOr,
  kArithmetic,
  kBits,
  kAggregate,
  kDkey,
  kAkey,
  kConst
};

struct PartType {
  std::string_view name;
  Kind kind;
};
inline constexpr PartType kPartTypes[] = {
    {"DAOS_FILTER_FUNC_EQ", Kind::kCompare},     {"DAOS_FILTER_FUNC_NE", Kind::kCompare},
    {"DAOS_FILTER_FUNC_LT", Kind::kCompare},     {"DAOS_FILTER_FUNC_LE", Kind::kCompare},
    {"DAOS_FILTER_FUNC_GE", Kind::kCompare},     {"DAOS_FILTER_FUNC_GT", Kind::kCompare},
    {"DAOS_FILTER_FUNC_IN", Kind::kIn},          {"DAOS_FILTER_FUNC_LIKE", Kind::kLike},
    {"DAOS_FILTER_FUNC_ISNULL", Kind::kIsNull},  {"DAOS_FILTER_FUNC_ISNOTNULL", Kind::kIsNull},
    {"DAOS_FILTER_FUNC_NOT", Kind::kNot},        {"DAOS_FILTER_FUNC_AND", Kind::kAndOr},
    {"DAOS_FILTER_FUNC_OR", Kind::kAndOr},       {"DAOS_FILTER_FUNC_ADD", Kind::kArithmetic},
    {"DAOS_FILTER_FUNC_SUB", Kind::kArithmetic}, {"DAOS_FILTER_FUNC_MUL", Kind::kArithmetic},
    {"DAOS_FILTER_FUNC_DIV", Kind::kArithmetic}, {"DAOS_FILTER_FUNC_BITAND", Kind::kBits},
    {"DAOS_FILTER_FUNC_SUM", Kind::kAggregate},  {"DAOS_FILTER_FUNC_MIN", Kind::kAggregate},
    {"DAOS_FILTER_FUNC_MAX", Kind::kAggregate},  {"DAOS_FILTER_FUNC_AVG", Kind::kAggregate},
    {"DAOS_FILTER_DKEY", Kind::kDkey},           {"DAOS_FILTER_AKEY", Kind::kAkey},
    {"DAOS_FILTER_CONST", Kind::kConst},
};

// Values of one family can be compared and calculated with.
enum class Family : uint8_t { kUnsigned, kSigned, kReal, kText };

struct DataType {
  std::string_view name;
  Family family;
  size_t bytes;  // of a constant; 0 for text
};
inline constexpr std::string_view kCString = "DAOS_FILTER_TYPE_CSTRING";
inline constexpr std::string_view kString = "DAOS_FILTER_TYPE_STRING";
inline constexpr DataType kDataTypes[] = {
    {"DAOS_FILTER_TYPE_BINARY", Family::kText, 0},
    {kString, Family::kText, 0},
    {kCString, Family::kText, 0},
    {"DAOS_FILTER_TYPE_UINTEGER1", Family::kUnsigned, 1},
    {"DAOS_FILTER_TYPE_UINTEGER2", Family::kUnsigned, 2},
    {"DAOS_FILTER_TYPE_UINTEGER4", Family::kUnsigned, 4},
    {"DAOS_FILTER_TYPE_UINTEGER8", Family::kUnsigned, 8},
    {"DAOS_FILTER_TYPE_INTEGER1", Family::kSigned, 1},
    {"DAOS_FILTER_TYPE_INTEGER2", Family::kSigned, 2},
    {"DAOS_FILTER_TYPE_INTEGER4", Family::kSigned, 4},
    {"DAOS_FILTER_TYPE_INTEGER8", Family::kSigned, 8},
    {"DAOS_FILTER_TYPE_REAL4", Family::kReal, 4},
    {"DAOS_FILTER_TYPE_REAL8", Family::kReal, 8},
};

inline std::string_view text_of(const d_iov_t& iov) {
  return iov.iov_buf == nullptr ? std::string_view()
                                : std::string_view(static_cast<const char*>(iov.iov_buf), iov.iov_len);
}

/// Null for a word that is none.
inline const PartType* find_part_type(const daos_filter_part_t& part) {
  const auto* row = std::ranges::find(kPartTypes, text_of(part.part_type), &PartType::name);
  return row == std::end(kPartTypes) ? nullptr : row;
}
inline const DataType* find_data_type(const daos_filter_part_t& part) {
  const auto* row = std::ranges::find(kDataTypes, text_of(part.data_type), &DataType::name);
  return row == std::end(kDataTypes) ? nullptr : row;
}

}  // namespace daos::capi
