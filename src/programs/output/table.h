// Tables and entities: how every command shows rows, and one thing's fields. Pure functions that give text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daos::output {

using Row = std::vector<std::string>;

/// Columns left-aligned and padded to the widest cell and one space; dashes under each title; an empty or missing cell
/// reads "None". `indent` spaces before every line.
std::string table(const Row& titles, const std::vector<Row>& rows, size_t indent = 0);

using Fields = std::vector<std::pair<std::string, std::string>>;

/// "  Key   : Value" for each field; with a title, the title and a line of dashes under it first.
std::string entity(std::string_view title, const Fields& fields);

/// "[0-3,5]" of sorted, distinct numbers; "" of none. With `plain_single`, one number alone has no brackets.
std::string rank_set(const std::vector<uint32_t>& ranks, bool plain_single = false);

}  // namespace daos::output
