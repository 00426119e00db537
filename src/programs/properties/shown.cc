#include "programs/properties/shown.h"

#include <algorithm>
#include <cstring>

#include "model/messages/property_numbers.h"
#include "programs/output/sizes.h"
#include "programs/output/table.h"
#include "programs/properties/container_properties.h"

namespace daos::properties {
namespace {

using messages::Property;

std::string choice_text(const Known& known, uint64_t number) {
  for (const Choice& choice : known.choices) {
    if (choice.number == number) return std::string(choice.text);
  }
  return std::to_string(number);
}

/// Object ids that are set, of the stored form: pairs of little-endian numbers.
std::vector<std::string> root_ids(const std::string& bytes) {
  std::vector<std::string> ids;
  for (size_t at = 0; at + 16 <= bytes.size(); at += 16) {
    uint64_t lo = 0;
    uint64_t hi = 0;
    std::memcpy(&lo, bytes.data() + at, sizeof lo);
    std::memcpy(&hi, bytes.data() + at + 8, sizeof hi);
    if (lo != 0 || hi != 0) ids.push_back(fmt::format("{}.{}", hi, lo));
  }
  return ids;
}

std::vector<uint32_t> ranks_of(const std::string& bytes) {
  std::vector<uint32_t> ranks(bytes.size() / sizeof(uint32_t));
  if (!ranks.empty()) std::memcpy(ranks.data(), bytes.data(), ranks.size() * sizeof(uint32_t));
  return ranks;
}

void show_list(Shown& row, const std::vector<std::string>& items) {
  row.text = fmt::format("{}", fmt::join(items, ", "));
  row.value = items;
}

Shown show_one(const Known& known, const Property& property, const AclEntries& acl) {
  Shown row{.key = std::string(known.key),
            .alias = std::string(known.alias),
            .description = std::string(known.description),
            .text = std::to_string(property.number),
            .value = property.number};
  switch (known.kind) {
    case Kind::kNumber:
      break;
    case Kind::kSize:
      row.text = output::binary_size(property.number);
      break;
    case Kind::kPercent:
      row.text += '%';
      break;
    case Kind::kChoice:
      row.value = row.text = choice_text(known, property.number);
      break;
    case Kind::kText:
      row.value = row.text = property.text;
      break;
    case Kind::kLayout:
      row.value = layout_name(property.number);
      row.text = fmt::format("{} ({})", layout_name(property.number), property.number);
      break;
    case Kind::kStatus:
      row.text = (property.number >> 32 & 0xffff) == messages::kStatusHealthy ? "HEALTHY" : "UNCLEAN";
      row.value = row.text;
      break;
    case Kind::kAcl:
      show_list(row, acl(property.text));
      break;
    case Kind::kRoots:
      show_list(row, root_ids(property.text));
      break;
    case Kind::kRanks:
      row.text = output::rank_set(ranks_of(property.text));
      row.value = ranks_of(property.text);
      break;
  }
  return row;
}

}  // namespace

std::vector<Shown> show(std::span<const Known> table, const messages::Properties& properties, const AclEntries& acl) {
  std::vector<Shown> rows;
  for (const Known& known : table) {
    const Property* property = messages::find_property(properties, known.type);
    if (property != nullptr) rows.push_back(show_one(known, *property, acl));
  }
  return rows;
}

std::vector<Shown> by_key(std::vector<Shown> rows) {
  std::ranges::sort(rows, {}, &Shown::key);
  return rows;
}

Result<std::vector<Shown>> pick(std::vector<Shown> rows, const std::string& keys) {
  if (keys.empty()) return rows;
  std::vector<Shown> picked;
  size_t begin = 0;
  while (begin <= keys.size()) {
    const size_t end = std::min(keys.find(',', begin), keys.size());
    const std::string key = keys.substr(begin, end - begin);
    begin = end + 1;
    const auto found = std::ranges::find_if(
        rows, [&](const Shown& row) { return row.key == key || (!row.alias.empty() && row.alias == key); });
    if (found == rows.end()) {
      std::vector<std::string> valid;
      for (const Shown& row : rows) valid.push_back(row.key);
      return error(Code::kInvalid, "unknown property \"{}\" (valid: {})", key, fmt::join(valid, ","));
    }
    picked.push_back(*found);
  }
  return picked;
}

std::string shown_text(const std::vector<Shown>& rows) {
  std::vector<output::Row> cells;
  for (const Shown& row : rows) cells.push_back({fmt::format("{} ({})", row.description, row.key), row.text});
  return output::table({"Name", "Value"}, cells);
}

output::Json shown_json(const std::vector<Shown>& rows) {
  output::Json json = output::Json::array();
  for (const Shown& row : rows) {
    json.push_back({{"value", row.value}, {"name", row.key}, {"description", row.description}});
  }
  return json;
}

}  // namespace daos::properties
