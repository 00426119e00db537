#include "programs/properties/pool_properties.h"

#include "programs/properties/property_table.h"

namespace daos::properties {
namespace {

constexpr uint32_t kLabel = 1;
constexpr uint32_t kRedundancyFactor = 11;

constexpr Choice kReclaim[] = {{"disabled", 0}, {"lazy", 1}, {"time", 4}};
constexpr Choice kSelfHeal[] = {{"none", 0},          {"exclude", 1},         {"rebuild", 2},
                                {"delay_rebuild", 4}, {"exclude;rebuild", 3}, {"exclude;delay_rebuild", 5}};
constexpr Choice kPerfDomain[] = {{"root", 255}, {"group", 200}};
constexpr Choice kScrub[] = {{"off", 0}, {"lazy", 1}, {"timed", 2}};
constexpr Choice kCheckpoint[] = {{"disabled", 0}, {"timed", 1}, {"lazy", 2}};
constexpr Choice kReintegration[] = {{"data_sync", 0}, {"no_data_sync", 1}, {"incremental", 2}};

constexpr Known kKnown[] = {
    {.key = "space_rb", .type = 3, .kind = Kind::kPercent, .description = "Rebuild space ratio", .most = 100},
    {.key = "self_heal", .type = 4, .kind = Kind::kChoice, .description = "Self-healing policy", .choices = kSelfHeal},
    {.key = "reclaim", .type = 5, .kind = Kind::kChoice, .description = "Reclaim strategy", .choices = kReclaim},
    {.key = "ec_cell_sz",
     .type = 9,
     .kind = Kind::kSize,
     .description = "EC cell size",
     .least = 4096,
     .most = 1u << 20,
     .multiple = 32},
    {.key = "data_thresh", .type = 10, .kind = Kind::kSize, .description = "Data bdev threshold size"},
    {.key = "rd_fac",
     .alias = "rf",
     .type = kRedundancyFactor,
     .kind = Kind::kNumber,
     .description = "Pool redundancy factor",
     .most = 4},
    {.key = "ec_pda",
     .type = 12,
     .kind = Kind::kNumber,
     .description = "Performance domain affinity level of EC",
     .least = 1,
     .most = UINT32_MAX},
    {.key = "rp_pda",
     .type = 13,
     .kind = Kind::kNumber,
     .description = "Performance domain affinity level of RP",
     .least = 1,
     .most = UINT32_MAX},
    {.key = "scrub", .type = 16, .kind = Kind::kChoice, .description = "Checksum scrubbing mode", .choices = kScrub},
    {.key = "scrub_freq", .type = 17, .kind = Kind::kNumber, .description = "Checksum scrubbing frequency"},
    {.key = "scrub_thresh", .type = 18, .kind = Kind::kNumber, .description = "Checksum scrubbing threshold"},
    {.key = "svc_rf", .type = 19, .kind = Kind::kNumber, .description = "Pool service redundancy factor", .most = 4},
    {.key = "perf_domain",
     .type = 21,
     .kind = Kind::kChoice,
     .description = "Pool performance domain",
     .choices = kPerfDomain},
    {.key = "checkpoint",
     .type = 22,
     .kind = Kind::kChoice,
     .description = "WAL checkpointing behavior",
     .choices = kCheckpoint},
    {.key = "checkpoint_freq",
     .type = 23,
     .kind = Kind::kNumber,
     .description = "WAL checkpointing frequency, in seconds",
     .least = 1,
     .most = 1u << 20},
    {.key = "checkpoint_thresh",
     .type = 24,
     .kind = Kind::kPercent,
     .description = "WAL checkpoint threshold, in percentage",
     .least = 10,
     .most = 75},
    {.key = "reintegration",
     .type = 25,
     .kind = Kind::kChoice,
     .description = "Reintegration mode",
     .choices = kReintegration},
    {.key = "svc_ops_enabled",
     .type = 26,
     .kind = Kind::kNumber,
     .description = "Metadata duplicate operations detection enabled",
     .most = 1},
    {.key = "svc_ops_entry_age",
     .type = 27,
     .kind = Kind::kNumber,
     .description = "Metadata duplicate operations KVS max entry age, in seconds",
     .least = 60,
     .most = 600},
};

/// What the pool's layouts rest on.
constexpr std::pair<std::string_view, std::string_view> kOnlyAtCreation[] = {
    {"perf_domain", "perf_domain"},
    {"ec_pda", "EC performance domain affinity"},
    {"rp_pda", "RP performance domain affinity"},
    {"durability", "durability"},
};

constexpr Choice kUpgrade[] = {{"not started", 0}, {"in progress", 1}, {"completed", 2}, {"failed", 3}};

/// Shown, but not given when a pool is made.
constexpr Known kReadOnly[] = {
    {.key = "label", .type = kLabel, .kind = Kind::kText, .description = "Pool label"},
    {.key = "svc_list", .type = 8, .kind = Kind::kRanks, .description = "Pool service replica list"},
    {.key = "global_version", .type = 14, .kind = Kind::kNumber, .description = "Global Version"},
    {.key = "upgrade_status", .type = 15, .kind = Kind::kChoice, .description = "Upgrade Status", .choices = kUpgrade},
};

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
    const Known* known = find(kKnown, key);
    if (known == nullptr) {
      return error(Code::kInvalid, "properties: unknown property \"{}\" (valid: durability,{})", key, keys(kKnown));
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

Result<messages::Properties> parse_pool_change(const std::map<std::string, std::string>& given) {
  messages::Properties changes;
  for (const auto& [key, value] : given) {
    if (key == "label") {
      messages::set_property(changes, {.type = kLabel, .text = value});
      continue;
    }
    for (const auto& [fixed, what] : kOnlyAtCreation) {
      if (key == fixed) return error(Code::kInvalid, "can't set {} on existing pool.", what);
    }
    const Known* known = find(kKnown, key);
    if (known == nullptr) {
      return error(Code::kInvalid, "\"{}\" is not a settable property (valid: label,{})", key, keys(kKnown));
    }
    const uint64_t number = DX_TRY(value_of(*known, value));
    if (known->type == kRedundancyFactor && number > 0) {
      return error(Code::kNotSupported, "rd_fac:{} needs replicated objects, which are not there yet; 0 works", number);
    }
    messages::set_property(changes, {.type = known->type, .number = number});
  }
  return changes;
}

std::vector<Shown> show_pool(const messages::Properties& properties, const AclEntries& acl) {
  std::vector<Shown> rows = show(kKnown, properties, acl);
  for (Shown& row : show(kReadOnly, properties, acl)) rows.push_back(std::move(row));
  return by_key(std::move(rows));
}

}  // namespace daos::properties
