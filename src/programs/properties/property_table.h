// The words in which people write properties, and the numbers that the API has for them. Pure functions over tables of
// constants.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/status.h"

namespace daos::properties {

struct Choice {
  std::string_view text;
  uint64_t number;
};
enum class Kind : uint8_t {
  kChoice,
  kNumber,
  kSize,
  kPercent,
  // only shown, never read from text by value_of()
  kText,
  kLayout,
  kStatus,
  kAcl,
  kRoots,
  kRanks,
};

struct Known {
  std::string_view key;
  std::string_view alias;
  uint32_t type;  // the API's number
  Kind kind;
  std::string_view description = {};  // as get-prop shows it
  std::span<const Choice> choices = {};
  uint64_t least = 0;
  uint64_t most = UINT64_MAX;
  uint64_t multiple = 1;
};

const Known* find(std::span<const Known> table, std::string_view key);
/// "a,b,c": the keys of a table, for an error message.
std::string keys(std::span<const Known> table);
/// The number for that text; kInvalid says what would be valid.
Result<uint64_t> value_of(const Known& known, const std::string& text);

/// "properties: invalid choice "x" for key (valid: a,b)"
Status bad_choice(std::string_view key, std::string_view value, const std::vector<std::string>& valid);

}  // namespace daos::properties
