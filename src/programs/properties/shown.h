// Properties of pools and containers as get-prop shows them. Pure functions.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/messages/common.h"
#include "programs/output/outcome.h"
#include "programs/properties/property_table.h"

namespace daos::properties {

/// One property for people.
struct Shown {
  std::string key;
  std::string alias;
  std::string description;
  std::string text;
  output::Json value;  // a number where it is one
};

/// The entries of an access-control list, of its stored bytes.
using AclEntries = std::function<std::vector<std::string>(std::string_view bytes)>;

/// Rows for what is set, in the order of the table.
std::vector<Shown> show(std::span<const Known> table, const messages::Properties& properties, const AclEntries& acl);
std::vector<Shown> by_key(std::vector<Shown> rows);
/// Those that "key,key" names, in that order; all for "". kInvalid: an unknown key.
Result<std::vector<Shown>> pick(std::vector<Shown> rows, const std::string& keys);

/// A table of "Description (key)" and value.
std::string shown_text(const std::vector<Shown>& rows);
output::Json shown_json(const std::vector<Shown>& rows);

}  // namespace daos::properties
