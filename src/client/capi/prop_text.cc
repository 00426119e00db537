// Container properties from text: "label:abc;rd_fac:2".
#include <daos_prop.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace {

struct Word {
  std::string_view text;
  uint64_t value;
};

enum class Form : uint8_t { kText, kNumber, kWord };

struct Name {
  std::string_view name;
  uint32_t type;
  Form form;
  std::span<const Word> words = {};
};

constexpr Word kChecksums[] = {
    {"off", DAOS_PROP_CO_CSUM_OFF},       {"crc16", DAOS_PROP_CO_CSUM_CRC16},     {"crc32", DAOS_PROP_CO_CSUM_CRC32},
    {"crc64", DAOS_PROP_CO_CSUM_CRC64},   {"sha1", DAOS_PROP_CO_CSUM_SHA1},       {"sha256", DAOS_PROP_CO_CSUM_SHA256},
    {"sha512", DAOS_PROP_CO_CSUM_SHA512}, {"adler32", DAOS_PROP_CO_CSUM_ADLER32},
};
constexpr Word kOnOff[] = {{"off", DAOS_PROP_CO_CSUM_SV_OFF}, {"on", DAOS_PROP_CO_CSUM_SV_ON}};
constexpr Word kDedups[] = {
    {"off", DAOS_PROP_CO_DEDUP_OFF}, {"memcmp", DAOS_PROP_CO_DEDUP_MEMCMP}, {"hash", DAOS_PROP_CO_DEDUP_HASH}};
constexpr Word kCompressions[] = {
    {"off", DAOS_PROP_CO_COMPRESS_OFF},           {"lz4", DAOS_PROP_CO_COMPRESS_LZ4},
    {"deflate", DAOS_PROP_CO_COMPRESS_DEFLATE},   {"deflate1", DAOS_PROP_CO_COMPRESS_DEFLATE1},
    {"deflate2", DAOS_PROP_CO_COMPRESS_DEFLATE2}, {"deflate3", DAOS_PROP_CO_COMPRESS_DEFLATE3},
    {"deflate4", DAOS_PROP_CO_COMPRESS_DEFLATE4},
};
constexpr Word kEncryptions[] = {
    {"off", DAOS_PROP_CO_ENCRYPT_OFF},
    {"aes-xts128", DAOS_PROP_CO_ENCRYPT_AES_XTS128},
    {"aes-xts256", DAOS_PROP_CO_ENCRYPT_AES_XTS256},
    {"aes-cbc128", DAOS_PROP_CO_ENCRYPT_AES_CBC128},
    {"aes-cbc192", DAOS_PROP_CO_ENCRYPT_AES_CBC192},
    {"aes-cbc256", DAOS_PROP_CO_ENCRYPT_AES_CBC256},
    {"aes-gcm128", DAOS_PROP_CO_ENCRYPT_AES_GCM128},
    {"aes-gcm256", DAOS_PROP_CO_ENCRYPT_AES_GCM256},
};
constexpr Word kFactors[] = {{"0", 0}, {"1", 1}, {"2", 2}, {"3", 3}, {"4", 4}};

// Names that are missing here, such as those of read-only properties, are refused.
constexpr Name kNames[] = {
    {"label", DAOS_PROP_CO_LABEL, Form::kText},
    {"cksum", DAOS_PROP_CO_CSUM, Form::kWord, kChecksums},
    {"cksum_size", DAOS_PROP_CO_CSUM_CHUNK_SIZE, Form::kNumber},
    {"srv_cksum", DAOS_PROP_CO_CSUM_SERVER_VERIFY, Form::kWord, kOnOff},
    {"dedup", DAOS_PROP_CO_DEDUP, Form::kWord, kDedups},
    {"dedup_threshold", DAOS_PROP_CO_DEDUP_THRESHOLD, Form::kNumber},
    {"compression", DAOS_PROP_CO_COMPRESS, Form::kWord, kCompressions},
    {"encryption", DAOS_PROP_CO_ENCRYPT, Form::kWord, kEncryptions},
    {"rd_fac", DAOS_PROP_CO_REDUN_FAC, Form::kWord, kFactors},
    {"rf", DAOS_PROP_CO_REDUN_FAC, Form::kWord, kFactors},  // its old name
    {"ec_cell_sz", DAOS_PROP_CO_EC_CELL_SZ, Form::kNumber},
    {"ec_pda", DAOS_PROP_CO_EC_PDA, Form::kNumber},
    {"rp_pda", DAOS_PROP_CO_RP_PDA, Form::kNumber},
    {"perf_domain", DAOS_PROP_CO_PERF_DOMAIN, Form::kNumber},
};

// Decimal, 0x hexadecimal or 0 octal, and nothing behind it.
std::optional<uint64_t> parse_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

int parse_entry(std::string_view text, daos_prop_entry* entry) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return -DER_INVAL;
  const std::string_view value = text.substr(colon + 1);
  for (const Name& name : kNames) {
    if (name.name != text.substr(0, colon)) continue;
    entry->dpe_type = name.type;
    switch (name.form) {
      case Form::kText:
        return daos_prop_entry_set_str(entry, value.data(), value.size());
      case Form::kNumber: {
        const std::optional<uint64_t> number = parse_number(value);
        entry->dpe_val = number.value_or(0);
        return number.has_value() ? 0 : -DER_INVAL;
      }
      case Form::kWord:
        for (const Word& word : name.words) {
          if (word.text != value) continue;
          entry->dpe_val = word.value;
          return 0;
        }
        return -DER_INVAL;
    }
  }
  return -DER_INVAL;
}

// Calls visit(text) for each part between semicolons that is not empty, until it returns an error.
template <class Visit>
int each_part(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    const int rc = end == 0 ? 0 : visit(text.substr(0, end));
    if (rc != 0) return rc;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return 0;
}

}  // namespace

int daos_prop_from_str(const char* str, daos_size_t len, daos_prop_t** prop) {
  if (str == nullptr || len == 0 || prop == nullptr) return -DER_INVAL;
  const std::string_view text(str, ::strnlen(str, len));
  uint32_t count = 0;
  each_part(text, [&](std::string_view) { return ++count > DAOS_PROP_ENTRIES_MAX_NR ? -DER_INVAL : 0; });
  if (count == 0 || count > DAOS_PROP_ENTRIES_MAX_NR) return -DER_INVAL;
  daos_prop_t* parsed = daos_prop_alloc(count);
  if (parsed == nullptr) return -DER_NOMEM;
  daos_prop_entry* next = parsed->dpp_entries;
  const int rc = each_part(text, [&](std::string_view part) { return parse_entry(part, next++); });
  if (rc != 0) {
    daos_prop_free(parsed);
  } else {
    *prop = parsed;
  }
  return rc;
}
