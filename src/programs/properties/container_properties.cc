#include "programs/properties/container_properties.h"

#include <cctype>

#include "model/messages/property_numbers.h"
#include "programs/properties/property_table.h"

namespace daos::properties {
namespace {

constexpr uint32_t kBase = 0x1000;
constexpr uint32_t kRedundancyFactor = kBase + 7;
constexpr uint32_t kLabel = kBase + 1;
constexpr uint32_t kStatus = kBase + 18;

constexpr Choice kChecksum[] = {{"off", 0},   {"adler32", 7}, {"crc16", 1},  {"crc32", 2},
                                {"crc64", 3}, {"sha1", 4},    {"sha256", 5}, {"sha512", 6}};
constexpr Choice kOnOff[] = {{"off", 0}, {"on", 1}};
constexpr Choice kDedup[] = {{"off", 0}, {"memcmp", 1}, {"hash", 2}};
constexpr Choice kCompression[] = {{"off", 0},      {"lz4", 1},      {"deflate", 2}, {"deflate1", 3},
                                   {"deflate2", 4}, {"deflate3", 5}, {"deflate4", 6}};
constexpr Choice kEncryption[] = {{"off", 0},        {"aes-xts128", 1}, {"aes-xts256", 2}, {"aes-cbc128", 3},
                                  {"aes-cbc192", 4}, {"aes-cbc256", 5}, {"aes-gcm128", 6}, {"aes-gcm256", 7}};
constexpr Choice kRedundancyLevel[] = {{"rank", 1}, {"1", 1}, {"node", 2}, {"2", 2}};
constexpr Choice kPerfDomain[] = {{"root", 255}, {"group", 200}};

constexpr Known kKnown[] = {
    {.key = "cksum", .type = kBase + 4, .kind = Kind::kChoice, .description = "Checksum", .choices = kChecksum},
    {.key = "cksum_size",
     .type = kBase + 5,
     .kind = Kind::kSize,
     .description = "Checksum Chunk Size",
     .least = 1,
     .most = UINT32_MAX},
    {.key = "srv_cksum",
     .type = kBase + 6,
     .kind = Kind::kChoice,
     .description = "Server Checksumming",
     .choices = kOnOff},
    {.key = "dedup", .type = kBase + 15, .kind = Kind::kChoice, .description = "Deduplication", .choices = kDedup},
    {.key = "dedup_threshold",
     .type = kBase + 16,
     .kind = Kind::kSize,
     .description = "Dedupe Threshold",
     .least = 4096,
     .most = UINT32_MAX},
    {.key = "compression",
     .type = kBase + 11,
     .kind = Kind::kChoice,
     .description = "Compression",
     .choices = kCompression},
    {.key = "encryption",
     .type = kBase + 12,
     .kind = Kind::kChoice,
     .description = "Encryption",
     .choices = kEncryption},
    {.key = "rd_fac",
     .alias = "rf",
     .type = kRedundancyFactor,
     .kind = Kind::kNumber,
     .description = "Redundancy Factor (0-4)",
     .most = 4},
    {.key = "rd_lvl",
     .alias = "rf_lvl",
     .type = kBase + 8,
     .kind = Kind::kChoice,
     .description = "Redundancy Level (rank=1, node=2)",
     .choices = kRedundancyLevel},
    {.key = "ec_cell_sz",
     .type = kBase + 20,
     .kind = Kind::kSize,
     .description = "EC Cell Size",
     .least = 4096,
     .most = 1u << 20,
     .multiple = 32},
    {.key = "ec_pda",
     .type = kBase + 21,
     .kind = Kind::kNumber,
     .description = "Performance domain affinity level of EC",
     .least = 1,
     .most = UINT32_MAX},
    {.key = "rp_pda",
     .type = kBase + 22,
     .kind = Kind::kNumber,
     .description = "Performance domain affinity level of RP",
     .least = 1,
     .most = UINT32_MAX},
    {.key = "perf_domain",
     .type = kBase + 26,
     .kind = Kind::kChoice,
     .description = "Performance domain level",
     .choices = kPerfDomain},
};

/// Shown, but not given when a container is made.
constexpr Known kReadOnly[] = {
    {.key = "label", .type = kBase + 1, .kind = Kind::kText, .description = "Label"},
    {.key = "layout_type", .type = kBase + 2, .kind = Kind::kLayout, .description = "Layout Type"},
    {.key = "layout_version", .type = kBase + 3, .kind = Kind::kNumber, .description = "Layout Version"},
    {.key = "max_snapshot", .type = kBase + 9, .kind = Kind::kNumber, .description = "Max Snapshot"},
    {.key = "acl", .type = kBase + 10, .kind = Kind::kAcl, .description = "Access Control List"},
    {.key = "owner", .type = kBase + 13, .kind = Kind::kText, .description = "Owner"},
    {.key = "group", .type = kBase + 14, .kind = Kind::kText, .description = "Group"},
    {.key = "root_oids", .type = kBase + 17, .kind = Kind::kRoots, .description = "Root OIDs"},
    {.key = "status", .type = kStatus, .kind = Kind::kStatus, .description = "Health"},
    {.key = "alloc_oid", .type = kBase + 19, .kind = Kind::kNumber, .description = "Highest Allocated OID"},
    {.key = "global_version", .type = kBase + 23, .kind = Kind::kNumber, .description = "Global Version"},
    {.key = "scrub_disabled", .type = kBase + 24, .kind = Kind::kNumber, .description = "Scrubber Disabled"},
    {.key = "obj_version", .type = kBase + 25, .kind = Kind::kNumber, .description = "Object Version"},
};

/// Properties whose promise is not kept yet when they are on: refused rather than forgotten.
constexpr std::string_view kNotThereYet[] = {"rd_fac", "dedup", "compression", "encryption"};

constexpr std::string_view kLayouts[] = {"unknown",  "POSIX", "HDF5",    "PYTHON", "SPARK",
                                         "DATABASE", "ROOT",  "SEISMIC", "METEO"};

bool same_letters(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); i++) {
    if (std::tolower(static_cast<unsigned char>(a[i])) != std::tolower(static_cast<unsigned char>(b[i]))) return false;
  }
  return true;
}

}  // namespace

Result<ContainerSettings> parse_container_properties(const std::vector<std::pair<std::string, std::string>>& given,
                                                     const std::string& pool, const std::string& container) {
  ContainerSettings settings;
  for (const auto& [key, value] : given) {
    if (key == "label") {
      settings.label = value;
      continue;
    }
    if (key == "status") {
      if (value != "healthy") return bad_choice(key, value, {"healthy"});
      continue;  // a new container is healthy
    }
    const Known* known = find(kKnown, key);
    if (known == nullptr) {
      return error(Code::kInvalid, "properties: unknown property \"{}\" (valid: label,{},status)", key, keys(kKnown));
    }
    const uint64_t number = DX_TRY(value_of(*known, value));
    for (const std::string_view missing : kNotThereYet) {
      if (known->key == missing && number > 0) {
        return error(Code::kNotSupported,
                     "{}:{} is not there yet; this works today: daos container create {} {} --properties {}:{}",
                     known->key, value, pool, container, known->key, known->kind == Kind::kNumber ? "0" : "off");
      }
    }
    messages::set_property(settings.properties, {.type = known->type, .number = number});
  }
  return settings;
}

Result<messages::Properties> parse_container_change(const std::vector<std::pair<std::string, std::string>>& given) {
  messages::Properties changes;
  for (const auto& [key, value] : given) {
    if (key == "label") {
      messages::set_property(changes, {.type = kLabel, .text = value});
    } else if (key == "status") {
      if (value != "healthy") return bad_choice(key, value, {"healthy"});
      messages::set_property(
          changes,
          {.type = kStatus, .number = messages::container_status(messages::kStatusHealthy, messages::kStatusClear, 0)});
    } else {
      return error(Code::kInvalid, "\"{}\" is not a settable property (valid: label,status)", key);
    }
  }
  return changes;
}

std::vector<Shown> show_container(const messages::Properties& properties, const AclEntries& acl) {
  std::vector<Shown> rows = show(kKnown, properties, acl);
  for (Shown& row : show(kReadOnly, properties, acl)) rows.push_back(std::move(row));
  return by_key(std::move(rows));
}

Result<uint64_t> parse_layout(const std::string& text) {
  for (uint64_t layout = 0; layout < std::size(kLayouts); layout++) {
    if (same_letters(kLayouts[layout], text)) return layout;
  }
  return error(Code::kInvalid, "unknown container layout \"{}\"", text);
}

std::string layout_name(uint64_t layout) {
  return std::string(layout < std::size(kLayouts) ? kLayouts[layout] : kLayouts[0]);
}

}  // namespace daos::properties
