#include "programs/properties/pool_properties.h"

#include "programs/properties/property_table.h"

namespace daos::properties {
namespace {

constexpr uint32_t kRedundancyFactor = 11;

constexpr Choice kReclaim[] = {{"disabled", 0}, {"lazy", 1}, {"time", 4}};
constexpr Choice kSelfHeal[] = {{"none", 0},          {"exclude", 1},         {"rebuild", 2},
                                {"delay_rebuild", 4}, {"exclude;rebuild", 3}, {"exclude;delay_rebuild", 5}};
constexpr Choice kPerfDomain[] = {{"root", 255}, {"group", 200}};
constexpr Choice kScrub[] = {{"off", 0}, {"lazy", 1}, {"timed", 2}};
constexpr Choice kCheckpoint[] = {{"disabled", 0}, {"timed", 1}, {"lazy", 2}};
constexpr Choice kReintegration[] = {{"data_sync", 0}, {"no_data_sync", 1}, {"incremental", 2}};

constexpr Known kKnown[] = {
    {.key = "space_rb", .type = 3, .kind = Kind::kPercent, .most = 100},
    {.key = "self_heal", .type = 4, .kind = Kind::kChoice, .choices = kSelfHeal},
    {.key = "reclaim", .type = 5, .kind = Kind::kChoice, .choices = kReclaim},
    {.key = "ec_cell_sz", .type = 9, .kind = Kind::kSize, .least = 4096, .most = 1u << 20, .multiple = 32},
    {.key = "data_thresh", .type = 10, .kind = Kind::kSize},
    {.key = "rd_fac", .alias = "rf", .type = kRedundancyFactor, .kind = Kind::kNumber, .most = 4},
    {.key = "ec_pda", .type = 12, .kind = Kind::kNumber, .least = 1, .most = UINT32_MAX},
    {.key = "rp_pda", .type = 13, .kind = Kind::kNumber, .least = 1, .most = UINT32_MAX},
    {.key = "scrub", .type = 16, .kind = Kind::kChoice, .choices = kScrub},
    {.key = "scrub_freq", .type = 17, .kind = Kind::kNumber},
    {.key = "scrub_thresh", .type = 18, .kind = Kind::kNumber},
    {.key = "svc_rf", .type = 19, .kind = Kind::kNumber, .most = 4},
    {.key = "perf_domain", .type = 21, .kind = Kind::kChoice, .choices = kPerfDomain},
    {.key = "checkpoint", .type = 22, .kind = Kind::kChoice, .choices = kCheckpoint},
    {.key = "checkpoint_freq", .type = 23, .kind = Kind::kNumber, .least = 1, .most = 1u << 20},
    {.key = "checkpoint_thresh", .type = 24, .kind = Kind::kPercent, .least = 10, .most = 75},
    {.key = "reintegration", .type = 25, .kind = Kind::kChoice, .choices = kReintegration},
    {.key = "svc_ops_enabled", .type = 26, .kind = Kind::kNumber, .most = 1},
    {.key = "svc_ops_entry_age", .type = 27, .kind = Kind::kNumber, .least = 60, .most = 600},
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

}  // namespace daos::properties
