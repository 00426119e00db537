#include "programs/control/pool_properties.h"

#include <charconv>
#include <optional>
#include <span>
#include <vector>

#include "programs/output/sizes.h"

namespace daos::control {
namespace {

struct Choice {
  std::string_view text;
  uint64_t number;
};
enum class Kind : uint8_t { kChoice, kNumber, kSize, kPercent };

struct Known {
  std::string_view key;
  std::string_view alias;
  uint32_t type;  // the API's DAOS_PROP_PO_*
  Kind kind;
  std::span<const Choice> choices;
  uint64_t least = 0;
  uint64_t most = UINT64_MAX;
};

constexpr uint32_t kRedundancyFactor = 11;
constexpr uint64_t kEcCellBytesMin = 4u << 10;
constexpr uint64_t kEcCellBytesMax = 1u << 20;
constexpr uint64_t kEcCellMultiple = 32;
constexpr uint32_t kEcCell = 9;

constexpr Choice kReclaim[] = {{"disabled", 0}, {"lazy", 1}, {"time", 4}};
constexpr Choice kSelfHeal[] = {{"none", 0},          {"exclude", 1},         {"rebuild", 2},
                                {"delay_rebuild", 4}, {"exclude;rebuild", 3}, {"exclude;delay_rebuild", 5}};
constexpr Choice kPerfDomain[] = {{"root", 255}, {"group", 200}};
constexpr Choice kScrub[] = {{"off", 0}, {"lazy", 1}, {"timed", 2}};
constexpr Choice kCheckpoint[] = {{"disabled", 0}, {"timed", 1}, {"lazy", 2}};
constexpr Choice kReintegration[] = {{"data_sync", 0}, {"no_data_sync", 1}, {"incremental", 2}};

constexpr Known kKnown[] = {
    {"space_rb", "", 3, Kind::kPercent, {}, 0, 100},
    {"self_heal", "", 4, Kind::kChoice, kSelfHeal},
    {"reclaim", "", 5, Kind::kChoice, kReclaim},
    {"ec_cell_sz", "", kEcCell, Kind::kSize, {}, kEcCellBytesMin, kEcCellBytesMax},
    {"data_thresh", "", 10, Kind::kSize, {}},
    {"rd_fac", "rf", kRedundancyFactor, Kind::kNumber, {}, 0, 4},
    {"ec_pda", "", 12, Kind::kNumber, {}, 1, UINT32_MAX},
    {"rp_pda", "", 13, Kind::kNumber, {}, 1, UINT32_MAX},
    {"scrub", "", 16, Kind::kChoice, kScrub},
    {"scrub_freq", "", 17, Kind::kNumber, {}},
    {"scrub_thresh", "", 18, Kind::kNumber, {}},
    {"svc_rf", "", 19, Kind::kNumber, {}, 0, 4},
    {"perf_domain", "", 21, Kind::kChoice, kPerfDomain},
    {"checkpoint", "", 22, Kind::kChoice, kCheckpoint},
    {"checkpoint_freq", "", 23, Kind::kNumber, {}, 1, 1u << 20},
    {"checkpoint_thresh", "", 24, Kind::kPercent, {}, 10, 75},
    {"reintegration", "", 25, Kind::kChoice, kReintegration},
    {"svc_ops_enabled", "", 26, Kind::kNumber, {}, 0, 1},
    {"svc_ops_entry_age", "", 27, Kind::kNumber, {}, 60, 600},
};

const Known* find(std::string_view key) {
  for (const Known& known : kKnown) {
    if (known.key == key || (!known.alias.empty() && known.alias == key)) return &known;
  }
  return nullptr;
}

std::string valid_keys() {
  std::string keys = "durability";
  for (const Known& known : kKnown) keys += fmt::format(",{}", known.key);
  return keys;
}

Status bad_choice(std::string_view key, std::string_view value, const std::vector<std::string>& choices) {
  return error(Code::kInvalid, "properties: invalid choice \"{}\" for {} (valid: {})", value, key,
               fmt::join(choices, ","));
}

std::optional<uint64_t> whole_number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, err] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (err != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<uint64_t> value_of(const Known& known, const std::string& text) {
  std::optional<uint64_t> number;
  switch (known.kind) {
    case Kind::kChoice: {
      std::vector<std::string> choices;
      for (const Choice& choice : known.choices) {
        if (choice.text == text) return choice.number;
        choices.emplace_back(choice.text);
      }
      return bad_choice(known.key, text, choices);
    }
    case Kind::kSize: {
      const Result<uint64_t> bytes = output::parse_size(text);
      if (!bytes.ok()) return error(Code::kInvalid, "properties: invalid {} \"{}\" (try N<unit>)", known.key, text);
      number = *bytes;
      break;
    }
    case Kind::kPercent:
      number = whole_number(text.ends_with('%') ? text.substr(0, text.size() - 1) : text);
      break;
    case Kind::kNumber:
      number = whole_number(text);
      break;
  }
  const bool cell_fits = known.type != kEcCell || !number || *number % kEcCellMultiple == 0;
  if (number && *number >= known.least && *number <= known.most && cell_fits) return *number;
  if (known.most - known.least <= 4) {
    std::vector<std::string> choices;
    for (uint64_t n = known.least; n <= known.most; n++) choices.push_back(std::to_string(n));
    return bad_choice(known.key, text, choices);
  }
  if (known.type == kEcCell) return error(Code::kInvalid, "invalid EC Cell size \"{}\"", text);
  if (known.most == UINT64_MAX)
    return error(Code::kInvalid, "properties: \"{}\" is not a number for {}", text, known.key);
  return error(Code::kInvalid, "properties: \"{}\" is not a number from {} to {} for {}", text, known.least, known.most,
               known.key);
}

}  // namespace

Result<PoolSettings> parse_pool_properties(const std::map<std::string, std::string>& given, const std::string& label) {
  PoolSettings settings;
  messages::set_property(settings.properties, {.type = kRedundancyFactor, .number = 0});
  for (const auto& [key, value] : given) {
    if (key == "label") return Status(Code::kInvalid, "can't set label property with label argument");
    if (key == "durability") {
      if (value != "power" && value != "process") return bad_choice(key, value, {"power", "process"});
      settings.durability = value == "process" ? 1 : 0;
      continue;
    }
    const Known* known = find(key);
    if (known == nullptr) {
      return error(Code::kInvalid, "properties: unknown property \"{}\" (valid: {})", key, valid_keys());
    }
    const uint64_t number = DX_TRY(value_of(*known, value));
    if (known->type == kRedundancyFactor && number > 0) {
      return error(Code::kNotSupported,
                   "rd_fac:{} needs replicated objects, which are not there yet; this works today: "
                   "dmg pool create {} --size SIZE --properties rd_fac:0",
                   number, label);
    }
    messages::set_property(settings.properties, {.type = known->type, .number = number});
  }
  return settings;
}

}  // namespace daos::control
