#include "client/capi/pipeline_evaluate.h"

#include <cstring>
#include <limits>
#include <span>
#include <variant>

#include "client/capi/pipeline_parts.h"

namespace daos::capi {
namespace {

/// Nothing: the value is not there.
using Value = std::variant<std::monostate, uint64_t, int64_t, double, std::string_view>;

bool is_there(const Value& value) { return value.index() != 0; }

template <class T>
T read_as(std::string_view bytes) {
  T number;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

Value integer(std::string_view bytes, size_t size, bool is_signed) {
  switch (size) {
    case 1:
      return is_signed ? Value(int64_t{read_as<int8_t>(bytes)}) : Value(uint64_t{read_as<uint8_t>(bytes)});
    case 2:
      return is_signed ? Value(int64_t{read_as<int16_t>(bytes)}) : Value(uint64_t{read_as<uint16_t>(bytes)});
    case 4:
      return is_signed ? Value(int64_t{read_as<int32_t>(bytes)}) : Value(uint64_t{read_as<uint32_t>(bytes)});
    default:
      return is_signed ? Value(read_as<int64_t>(bytes)) : Value(read_as<uint64_t>(bytes));
  }
}

Value text(std::string_view bytes, std::string_view type) {
  if (type == kCString) return bytes.substr(0, bytes.find('\0'));
  if (type != kString) return bytes;
  uint64_t length = 0;
  if (bytes.size() < sizeof length) return {};
  std::memcpy(&length, bytes.data(), sizeof length);
  return bytes.substr(sizeof length, length);
}

/// Too few bytes for the type are no value.
Value decode(std::string_view bytes, const DataType& type) {
  if (type.family == Family::kText) return text(bytes, type.name);
  if (bytes.size() < type.bytes) return {};
  if (type.family != Family::kReal) return integer(bytes, type.bytes, type.family == Family::kSigned);
  return type.bytes == sizeof(float) ? Value(double{read_as<float>(bytes)}) : Value(read_as<double>(bytes));
}

std::string_view as_text(ByteSpan bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// From byte `offset` on, `length` bytes or all of them.
std::optional<std::string_view> part_of(std::string_view bytes, uint64_t offset, uint64_t length) {
  if (offset > bytes.size()) return std::nullopt;
  return bytes.substr(offset, length == 0 ? std::string_view::npos : length);
}

/// The bytes of an array from record `first` on, within the extent that holds it.
std::optional<std::string_view> records_of(const PipelineValue& value, uint64_t first, uint64_t count) {
  uint64_t before = 0;  // records of the extents in front
  for (const daos_recx_t& extent : value.records) {
    if (first >= extent.rx_idx && first - extent.rx_idx < extent.rx_nr) {
      const uint64_t skipped = first - extent.rx_idx;
      const uint64_t left = extent.rx_nr - skipped;
      const uint64_t taken = count == 0 ? left : std::min(count, left);
      return part_of(as_text(value.bytes), (before + skipped) * value.record_bytes, taken * value.record_bytes);
    }
    before += extent.rx_nr;
  }
  return std::nullopt;
}

/// Walks a filter, part by part, as the tree that it stands for.
class Evaluation {
 public:
  Evaluation(const daos_filter_t& filter, const PipelineRow& row) : filter_(filter), row_(row) {}

  Result<bool> condition() {
    const daos_filter_part_t& part = next();
    switch (kind_of(part)) {
      case Kind::kNot:
        return !DX_TRY(condition());
      case Kind::kAndOr:
        return all_or_any(part, text_of(part.part_type) == "DAOS_FILTER_FUNC_AND");
      case Kind::kIsNull:
        return is_there(akey_bytes(next())) == (text_of(part.part_type) == "DAOS_FILTER_FUNC_ISNOTNULL");
      case Kind::kLike:
        return like();
      case Kind::kIn:
        return compare("DAOS_FILTER_FUNC_EQ");
      default:
        return compare(text_of(part.part_type));
    }
  }

  /// Of an expression of keys, constants and arithmetic.
  Result<Value> value() {
    const daos_filter_part_t& part = next();
    switch (kind_of(part)) {
      case Kind::kArithmetic:
      case Kind::kBits: {
        const Value left = DX_TRY(value());
        const Value right = DX_TRY(value());
        return calculate(text_of(part.part_type), left, right);
      }
      case Kind::kConst:
        return decode(text_of(part.constant[0]), *find_data_type(part));
      default:
        return key_value(part);
    }
  }

  void skip_root() { at_++; }

 private:
  static Kind kind_of(const daos_filter_part_t& part) { return find_part_type(part)->kind; }
  const daos_filter_part_t& next() { return *filter_.parts[at_++]; }

  // All operands are walked, so that the parts behind them are found.
  Result<bool> all_or_any(const daos_filter_part_t& part, bool all) {
    bool result = all;
    for (uint32_t i = 0; i < part.num_operands; i++) {
      const bool holds = DX_TRY(condition());
      result = all ? result && holds : result || holds;
    }
    return result;
  }

  const PipelineValue* find_akey(const daos_filter_part_t& part) const {
    for (const PipelineValue& value : row_.values) {
      if (as_text(value.akey) == text_of(part.akey)) return &value;
    }
    return nullptr;
  }
  Value akey_bytes(const daos_filter_part_t& part) const {
    const PipelineValue* found = find_akey(part);
    return found != nullptr && found->there ? Value(as_text(found->bytes)) : Value();
  }
  Value key_value(const daos_filter_part_t& part) const {
    std::optional<std::string_view> bytes;
    if (kind_of(part) == Kind::kDkey) {
      bytes = part_of(as_text(row_.dkey), part.data_offset, part.data_len);
    } else if (const PipelineValue* found = find_akey(part); found != nullptr && found->there) {
      bytes = found->record_bytes > 0 ? records_of(*found, part.data_offset, part.data_len)
                                      : part_of(as_text(found->bytes), part.data_offset, part.data_len);
    }
    return bytes ? decode(*bytes, *find_data_type(part)) : Value();
  }

  // The last operand may be several constants: one that fits is enough.
  Result<bool> compare(std::string_view function) {
    const Value left = DX_TRY(value());
    const daos_filter_part_t& operand = *filter_.parts[at_];
    if (kind_of(operand) != Kind::kConst) {
      const Value right = DX_TRY(value());
      return holds(function, left, right);
    }
    at_++;
    for (const d_iov_t& constant : std::span(operand.constant, operand.num_constants)) {
      if (holds(function, left, decode(text_of(constant), *find_data_type(operand)))) return true;
    }
    return false;
  }

  template <class T>
  static bool holds_between(std::string_view function, const T& left, const T& right) {
    if (function == "DAOS_FILTER_FUNC_EQ") return left == right;
    if (function == "DAOS_FILTER_FUNC_NE") return left != right;
    if (function == "DAOS_FILTER_FUNC_LT") return left < right;
    if (function == "DAOS_FILTER_FUNC_LE") return left <= right;
    return function == "DAOS_FILTER_FUNC_GE" ? left >= right : left > right;
  }
  static bool holds(std::string_view function, const Value& left, const Value& right) {
    if (!is_there(left) || left.index() != right.index()) return false;
    if (const auto* a = std::get_if<uint64_t>(&left)) return holds_between(function, *a, std::get<uint64_t>(right));
    if (const auto* a = std::get_if<int64_t>(&left)) return holds_between(function, *a, std::get<int64_t>(right));
    if (const auto* a = std::get_if<double>(&left)) return holds_between(function, *a, std::get<double>(right));
    std::string_view a = std::get<std::string_view>(left);
    std::string_view b = std::get<std::string_view>(right);
    if (function != "DAOS_FILTER_FUNC_EQ" && function != "DAOS_FILTER_FUNC_NE") {  // order: of the common prefix
      const size_t common = std::min(a.size(), b.size());
      a = a.substr(0, common);
      b = b.substr(0, common);
    }
    return holds_between(function, a, b);
  }

  Result<bool> like() {
    const Value left = DX_TRY(value());
    const Value pattern = DX_TRY(value());
    if (!is_there(left) || !is_there(pattern)) return false;
    return is_like(std::get<std::string_view>(left), std::get<std::string_view>(pattern));
  }
  /// % is any run, _ one character, \ takes what follows as it is. After a failure only the last % is extended, so the
  /// time is bounded by the product of the lengths.
  static bool is_like(std::string_view subject, std::string_view pattern) {
    size_t s = 0, p = 0;
    std::optional<std::pair<size_t, size_t>> retry;  // subject and pattern behind the last %
    for (;;) {
      if (p < pattern.size() && pattern[p] == '%') {
        retry = {s, ++p};
        continue;
      }
      if (p == pattern.size() && s == subject.size()) return true;
      if (p < pattern.size() && s < subject.size()) {
        const bool escaped = pattern[p] == '\\' && p + 1 < pattern.size();
        const char wanted = escaped ? pattern[p + 1] : pattern[p];
        if ((wanted == '_' && !escaped) || wanted == subject[s]) {
          p += escaped ? 2 : 1;
          s++;
          continue;
        }
      }
      if (!retry || retry->first >= subject.size()) return false;
      s = ++retry->first;
      p = retry->second;
    }
  }

  static Result<Value> calculate(std::string_view function, const Value& left, const Value& right) {
    if (!is_there(left) || left.index() != right.index()) return Value();
    if (const auto* a = std::get_if<double>(&left)) return real(function, *a, std::get<double>(right));
    // Two's complement: sums, differences, products and ands of signed numbers have the same bits.
    const bool is_signed = std::holds_alternative<int64_t>(left);
    const auto bits = [](const Value& v) {
      const auto* number = std::get_if<int64_t>(&v);
      return number != nullptr ? static_cast<uint64_t>(*number) : std::get<uint64_t>(v);
    };
    const uint64_t a = bits(left), b = bits(right);
    uint64_t result = 0;
    if (function == "DAOS_FILTER_FUNC_ADD") {
      result = a + b;
    } else if (function == "DAOS_FILTER_FUNC_SUB") {
      result = a - b;
    } else if (function == "DAOS_FILTER_FUNC_MUL") {
      result = a * b;
    } else if (function == "DAOS_FILTER_FUNC_BITAND") {
      result = a & b;
    } else if (b == 0) {
      return Status(kDivisionByZero);
    } else if (!is_signed) {
      result = a / b;
    } else {
      // The lowest number has no positive one: -1 turns the sign, which keeps it as it is.
      result = b == ~uint64_t{0} ? 0 - a : static_cast<uint64_t>(static_cast<int64_t>(a) / static_cast<int64_t>(b));
    }
    return is_signed ? Value(static_cast<int64_t>(result)) : Value(result);
  }
  static Result<Value> real(std::string_view function, double a, double b) {
    if (function == "DAOS_FILTER_FUNC_ADD") return Value(a + b);
    if (function == "DAOS_FILTER_FUNC_SUB") return Value(a - b);
    if (function == "DAOS_FILTER_FUNC_MUL") return Value(a * b);
    if (b == 0) return Status(kDivisionByZero);
    return Value(a / b);
  }

  const daos_filter_t& filter_;
  const PipelineRow& row_;
  uint32_t at_ = 0;
};

}  // namespace

Result<bool> matches(const daos_pipeline_t& pipeline, const PipelineRow& row) {
  for (const daos_filter_t* filter : std::span(pipeline.filters, pipeline.num_filters)) {
    if (!DX_TRY(Evaluation(*filter, row).condition())) return false;
  }
  return true;
}

Aggregate::Aggregate(const daos_filter_t& filter) : filter_(&filter) {
  const std::string_view function = text_of(filter.parts[0]->part_type);
  kind_ = function == "DAOS_FILTER_FUNC_SUM"   ? Kind::kSum
          : function == "DAOS_FILTER_FUNC_MIN" ? Kind::kMin
          : function == "DAOS_FILTER_FUNC_MAX" ? Kind::kMax
                                               : Kind::kAverage;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  value_ = kind_ == Kind::kMin ? kInfinity : kind_ == Kind::kMax ? -kInfinity : 0;
}

Status Aggregate::add(const PipelineRow& row) {
  Evaluation evaluation(*filter_, row);
  evaluation.skip_root();
  const Value value = DX_TRY(evaluation.value());
  double number = 0;
  if (const auto* a = std::get_if<uint64_t>(&value)) {
    number = static_cast<double>(*a);
  } else if (const auto* b = std::get_if<int64_t>(&value)) {
    number = static_cast<double>(*b);
  } else if (const auto* c = std::get_if<double>(&value)) {
    number = *c;
  } else {
    return {};
  }
  count_++;
  if (kind_ == Kind::kMin) {
    value_ = std::min(value_, number);
  } else if (kind_ == Kind::kMax) {
    value_ = std::max(value_, number);
  } else {
    value_ += number;
  }
  return {};
}

double Aggregate::result() const {
  return kind_ == Kind::kAverage && count_ > 0 ? value_ / static_cast<double>(count_) : value_;
}

}  // namespace daos::capi
