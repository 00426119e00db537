#include "programs/properties/property_table.h"

#include <charconv>
#include <optional>

#include "programs/output/sizes.h"

namespace daos::properties {
namespace {

constexpr uint64_t kListedMax = 4;  // a range of at most this many steps is listed, not described

std::optional<uint64_t> whole_number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, err] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (err != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Status out_of_range(const Known& known, const std::string& text) {
  if (known.most - known.least <= kListedMax) {
    std::vector<std::string> valid;
    for (uint64_t n = known.least; n <= known.most; n++) valid.push_back(std::to_string(n));
    return bad_choice(known.key, text, valid);
  }
  if (known.key == "ec_cell_sz") return error(Code::kInvalid, "invalid EC Cell size \"{}\"", text);
  if (known.kind == Kind::kSize) return error(Code::kInvalid, "invalid {} \"{}\" (try N<unit>)", known.key, text);
  if (known.most == UINT64_MAX)
    return error(Code::kInvalid, "properties: \"{}\" is not a number for {}", text, known.key);
  return error(Code::kInvalid, "properties: \"{}\" is not a number from {} to {} for {}", text, known.least, known.most,
               known.key);
}

}  // namespace

const Known* find(std::span<const Known> table, std::string_view key) {
  for (const Known& known : table) {
    if (known.key == key || (!known.alias.empty() && known.alias == key)) return &known;
  }
  return nullptr;
}

std::string keys(std::span<const Known> table) {
  std::string text;
  for (const Known& known : table) text += fmt::format("{}{}", text.empty() ? "" : ",", known.key);
  return text;
}

Status bad_choice(std::string_view key, std::string_view value, const std::vector<std::string>& valid) {
  return error(Code::kInvalid, "properties: invalid choice \"{}\" for {} (valid: {})", value, key,
               fmt::join(valid, ","));
}

Result<uint64_t> value_of(const Known& known, const std::string& text) {
  std::optional<uint64_t> number;
  switch (known.kind) {
    case Kind::kChoice: {
      std::vector<std::string> valid;
      for (const Choice& choice : known.choices) {
        if (choice.text == text) return choice.number;
        valid.emplace_back(choice.text);
      }
      return bad_choice(known.key, text, valid);
    }
    case Kind::kSize:
      if (const Result<uint64_t> bytes = output::parse_size(text); bytes.ok()) number = *bytes;
      break;
    case Kind::kPercent:
      number = whole_number(text.ends_with('%') ? text.substr(0, text.size() - 1) : text);
      break;
    case Kind::kNumber:
      number = whole_number(text);
      break;
    default:
      return error(Code::kInvalid, "properties: {} cannot be set", known.key);
  }
  if (!number || *number < known.least || *number > known.most || *number % known.multiple != 0) {
    return out_of_range(known, text);
  }
  return *number;
}

}  // namespace daos::properties
