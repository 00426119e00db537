// What people write on a command line, understood or refused with a reason. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/base/status.h"

namespace daos::arguments {

/// 1 to 127 letters, digits or one of . _ : - and not a uuid: the API's rule for labels.
Status check_label(std::string_view label);
/// A label or a uuid, as pools and containers are named.
Status check_label_or_uuid(std::string_view name);
/// The directory of an embedded store: it starts with /, ./ or ../, which no label does.
bool is_path(std::string_view pool);
/// A pool: its label or uuid, or a path.
Status check_pool(std::string_view pool);

using KeyValues = std::vector<std::pair<std::string, std::string>>;
/// "k:v,k:v". Only the first ':' of an entry splits it.
Result<KeyValues> parse_key_values(std::string_view text, std::string_view what);

/// As above, where a key or value that holds ',' or ':' stands in quotes ('"' or '\'') or has '\\' before it.
Result<KeyValues> parse_quoted_key_values(std::string_view text, std::string_view what);
/// "name,name", quoted in the same way.
Result<std::vector<std::string>> parse_names(std::string_view text, std::string_view what);

/// "0-3,5", in brackets or not: sorted and distinct.
Result<std::vector<uint32_t>> parse_ranks(std::string_view text);

/// "; did you mean "list"?" when one of the candidates is near enough, else "".
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace daos::arguments
