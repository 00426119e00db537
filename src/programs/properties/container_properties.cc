#include "programs/properties/container_properties.h"

#include <cctype>

#include "programs/properties/property_table.h"

namespace daos::properties {
namespace {

constexpr uint32_t kBase = 0x1000;
constexpr uint32_t kRedundancyFactor = kBase + 7;

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
    {.key = "cksum", .type = kBase + 4, .kind = Kind::kChoice, .choices = kChecksum},
    {.key = "cksum_size", .type = kBase + 5, .kind = Kind::kSize, .least = 1, .most = UINT32_MAX},
    {.key = "srv_cksum", .type = kBase + 6, .kind = Kind::kChoice, .choices = kOnOff},
    {.key = "dedup", .type = kBase + 15, .kind = Kind::kChoice, .choices = kDedup},
    {.key = "dedup_threshold", .type = kBase + 16, .kind = Kind::kSize, .least = 4096, .most = UINT32_MAX},
    {.key = "compression", .type = kBase + 11, .kind = Kind::kChoice, .choices = kCompression},
    {.key = "encryption", .type = kBase + 12, .kind = Kind::kChoice, .choices = kEncryption},
    {.key = "rd_fac", .alias = "rf", .type = kRedundancyFactor, .kind = Kind::kNumber, .most = 4},
    {.key = "rd_lvl", .alias = "rf_lvl", .type = kBase + 8, .kind = Kind::kChoice, .choices = kRedundancyLevel},
    {.key = "ec_cell_sz", .type = kBase + 20, .kind = Kind::kSize, .least = 4096, .most = 1u << 20, .multiple = 32},
    {.key = "ec_pda", .type = kBase + 21, .kind = Kind::kNumber, .least = 1, .most = UINT32_MAX},
    {.key = "rp_pda", .type = kBase + 22, .kind = Kind::kNumber, .least = 1, .most = UINT32_MAX},
    {.key = "perf_domain", .type = kBase + 26, .kind = Kind::kChoice, .choices = kPerfDomain},
};

/// Properties whose promise is not kept yet when they are on: refused rather than forgotten.
constexpr std::string_view kNotThereYet[] = {"rd_fac", "cksum", "dedup", "compression", "encryption"};

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
