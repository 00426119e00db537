// Building and checking of pipelines: local. A filter is an expression in prefix order; the check walks it as the tree
// that it stands for.
#include <daos_pipeline.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>

#include "client/capi/pipeline_parts.h"

using namespace daos::capi;  // NOLINT: a file of C entry points

namespace {

constexpr std::string_view kCondition = "DAOS_FILTER_CONDITION";
constexpr std::string_view kAggregation = "DAOS_FILTER_AGGREGATION";
constexpr uint32_t kDepthMax = 256;  // deeper trees are refused, so that no filter overflows the stack

bool is_logical(Kind kind) { return kind <= Kind::kAndOr; }
bool is_function_of_numbers(Kind kind) { return kind == Kind::kArithmetic || kind == Kind::kBits; }
bool is_key(Kind kind) { return kind == Kind::kDkey || kind == Kind::kAkey; }
bool is_value(Kind kind) { return is_key(kind) || kind == Kind::kConst || is_function_of_numbers(kind); }

bool operand_count_fits(Kind kind, uint32_t count) {
  switch (kind) {
    case Kind::kCompare:
    case Kind::kIn:
    case Kind::kLike:
    case Kind::kArithmetic:
    case Kind::kBits:
      return count == 2;
    case Kind::kIsNull:
    case Kind::kNot:
    case Kind::kAggregate:
      return count == 1;
    case Kind::kAndOr:
      return count >= 2;
    case Kind::kDkey:
    case Kind::kAkey:
    case Kind::kConst:
      return count == 0;
  }
  return false;
}

int check_constants(const daos_filter_part_t& part, const DataType& type) {
  if (part.num_constants == 0 || part.constant == nullptr) return -DER_INVAL;
  for (const d_iov_t& constant : std::span(part.constant, part.num_constants)) {
    if (constant.iov_buf == nullptr || constant.iov_len < type.bytes) return -DER_INVAL;
    if (type.name == kCString && std::memchr(constant.iov_buf, '\0', constant.iov_len) == nullptr) return -DER_INVAL;
    if (type.name == kString) {
      uint64_t length = 0;
      if (constant.iov_len < sizeof length) return -DER_INVAL;
      std::memcpy(&length, constant.iov_buf, sizeof length);
      if (length > constant.iov_len - sizeof length) return -DER_INVAL;
    }
  }
  return 0;
}

// What a checked subtree is, as its parent sees it.
struct Subtree {
  Kind kind = Kind::kConst;
  Family family = Family::kText;  // of values
  size_t constants = 0;           // of a constant part
};

class Checker {
 public:
  Checker(const daos_filter_t& filter, bool aggregation) : filter_(filter), aggregation_(aggregation) {}

  int check() {
    if (filter_.num_parts == 0 || filter_.parts == nullptr) return -DER_INVAL;
    Subtree root;
    const int rc = subtree(0, &root);
    if (rc != 0) return rc;
    if (at_ != filter_.num_parts) return -DER_INVAL;  // parts behind the tree
    return aggregation_ || is_logical(root.kind) ? 0 : -DER_INVAL;
  }

 private:
  int subtree(uint32_t depth, Subtree* tree) {
    if (at_ == filter_.num_parts || depth == kDepthMax) return -DER_INVAL;
    const bool root = at_ == 0;
    const daos_filter_part_t* part = filter_.parts[at_++];
    if (part == nullptr) return -DER_INVAL;
    const PartType* type = find_part_type(*part);
    if (type == nullptr || !may_stand(type->kind, root)) return -DER_NOSYS;
    tree->kind = type->kind;
    if (!operand_count_fits(type->kind, part->num_operands)) return -DER_INVAL;
    if (is_key(type->kind) || type->kind == Kind::kConst) return leaf(*part, tree);
    Subtree left;
    for (uint32_t i = 0; i < part->num_operands; i++) {
      Subtree operand;
      const int rc = subtree(depth + 1, &operand);
      if (rc != 0) return rc;
      const bool last = i + 1 == part->num_operands;
      if (!operand_fits(type->kind, operand, i == 0 ? nullptr : &left, last)) return -DER_INVAL;
      if (i == 0) left = operand;
    }
    tree->family = left.family;
    return 0;
  }

  // Aggregations stand at the root of their filters and nowhere else, logic only in conditions.
  bool may_stand(Kind kind, bool root) const {
    if (aggregation_) return root ? kind == Kind::kAggregate : is_value(kind);
    return kind != Kind::kAggregate;
  }

  int leaf(const daos_filter_part_t& part, Subtree* tree) {
    const std::string_view name = text_of(part.data_type);
    if (name.empty()) return -DER_INVAL;
    const DataType* type = find_data_type(part);
    if (type == nullptr) return -DER_NOSYS;
    tree->family = type->family;
    if (tree->kind == Kind::kAkey && part.akey.iov_buf == nullptr) return -DER_INVAL;
    if (tree->kind != Kind::kConst) return 0;
    tree->constants = part.num_constants;
    return check_constants(part, *type);
  }

  // `left` is null for the first operand.
  static bool operand_fits(Kind parent, const Subtree& operand, const Subtree* left, bool last) {
    const bool same_family = left == nullptr || left->family == operand.family;
    const bool one = operand.kind != Kind::kConst || operand.constants == 1;
    switch (parent) {
      case Kind::kCompare:
        return is_value(operand.kind) && same_family && (one || last);
      case Kind::kIn:
        return left == nullptr ? is_value(operand.kind) && one : operand.kind == Kind::kConst && same_family;
      case Kind::kLike:
        if (operand.family != Family::kText) return false;
        return left == nullptr ? is_key(operand.kind) : operand.kind == Kind::kConst && one;
      case Kind::kIsNull:
        return operand.kind == Kind::kAkey;
      case Kind::kNot:
      case Kind::kAndOr:
        return is_logical(operand.kind);
      case Kind::kArithmetic:
      case Kind::kAggregate:
        return is_value(operand.kind) && operand.family != Family::kText && same_family && one;
      case Kind::kBits:
        return is_value(operand.kind) && operand.family <= Family::kSigned && same_family && one;
      case Kind::kDkey:
      case Kind::kAkey:
      case Kind::kConst:
        break;
    }
    return false;
  }

  const daos_filter_t& filter_;
  const bool aggregation_;
  uint32_t at_ = 0;
};

int check_list(daos_filter_t** filters, uint32_t count, std::string_view type) {
  if (count > 0 && filters == nullptr) return -DER_INVAL;
  for (const daos_filter_t* filter : std::span(filters, count)) {
    if (filter == nullptr || text_of(filter->filter_type) != type) return -DER_INVAL;
    const int rc = Checker(*filter, type == kAggregation).check();
    if (rc != 0) return rc;
  }
  return 0;
}

// Appends a pointer to an array of pointers.
template <class T>
int append(T*** array, uint32_t* count, T* item) {
  if (*count == UINT32_MAX) return -DER_INVAL;
  auto** grown = static_cast<T**>(std::realloc(*array, (size_t{*count} + 1) * sizeof(T*)));
  if (grown == nullptr) return -DER_NOMEM;
  grown[(*count)++] = item;
  *array = grown;
  return 0;
}

void free_parts(daos_filter_t** filters, uint32_t count) {
  for (daos_filter_t* filter : std::span(filters, count)) {
    if (filter == nullptr) continue;
    std::free(filter->parts);
    filter->parts = nullptr;
    filter->num_parts = 0;
  }
}

}  // namespace

void daos_pipeline_init(daos_pipeline_t* pipeline) {
  if (pipeline == nullptr) return;
  *pipeline = {};
  pipeline->version = kPipelineVersion;
}

void daos_filter_init(daos_filter_t* filter) {
  if (filter != nullptr) *filter = {};
}

int daos_pipeline_add(daos_pipeline_t* pipeline, daos_filter_t* filter) {
  if (pipeline == nullptr || filter == nullptr) return -DER_INVAL;
  const std::string_view type = text_of(filter->filter_type);
  if (type == kCondition) return append(&pipeline->filters, &pipeline->num_filters, filter);
  if (type == kAggregation) return append(&pipeline->aggr_filters, &pipeline->num_aggr_filters, filter);
  return -DER_INVAL;
}

int daos_filter_add(daos_filter_t* filter, daos_filter_part_t* part) {
  if (filter == nullptr || part == nullptr) return -DER_INVAL;
  return append(&filter->parts, &filter->num_parts, part);
}

int daos_pipeline_check(daos_pipeline_t* pipeline) {
  if (pipeline == nullptr) return -DER_INVAL;
  const int rc = check_list(pipeline->filters, pipeline->num_filters, kCondition);
  return rc != 0 ? rc : check_list(pipeline->aggr_filters, pipeline->num_aggr_filters, kAggregation);
}

int daos_pipeline_free(daos_pipeline_t* pipeline) {
  if (pipeline == nullptr || (pipeline->num_filters > 0 && pipeline->filters == nullptr) ||
      (pipeline->num_aggr_filters > 0 && pipeline->aggr_filters == nullptr)) {
    return -DER_INVAL;
  }
  free_parts(pipeline->filters, pipeline->num_filters);
  free_parts(pipeline->aggr_filters, pipeline->num_aggr_filters);
  std::free(pipeline->filters);
  std::free(pipeline->aggr_filters);
  daos_pipeline_init(pipeline);
  return 0;
}
