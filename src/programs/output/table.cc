#include "programs/output/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace daos::output {
namespace {
const std::string kNone = "None";

const std::string& cell(const Row& row, size_t column) {
  return column < row.size() && !row[column].empty() ? row[column] : kNone;
}
}  // namespace

std::string table(const Row& titles, const std::vector<Row>& rows, size_t indent) {
  std::vector<size_t> widths;
  for (size_t column = 0; column < titles.size(); column++) {
    size_t width = titles[column].size();
    for (const Row& row : rows) width = std::max(width, cell(row, column).size());
    widths.push_back(width);
  }
  std::string text;
  const auto line = [&](const auto& of_column) {
    text.append(indent, ' ');
    for (size_t column = 0; column < titles.size(); column++)
      text += fmt::format("{:<{}} ", of_column(column), widths[column]);
    text += '\n';
  };
  line([&](size_t column) { return titles[column]; });
  line([&](size_t column) { return std::string(titles[column].size(), '-'); });
  for (const Row& row : rows) line([&](size_t column) { return cell(row, column); });
  return text;
}

std::string entity(std::string_view title, const Fields& fields) {
  std::string text;
  if (!title.empty()) text = fmt::format("{}\n{}\n", title, std::string(title.size(), '-'));
  size_t width = 0;
  for (const auto& [key, value] : fields) width = std::max(width, key.size());
  for (const auto& [key, value] : fields) text += fmt::format("  {:<{}}: {}\n", key, width, value);
  return text;
}

std::string rank_set(const std::vector<uint32_t>& ranks, bool plain_single) {
  if (ranks.empty()) return "";
  if (ranks.size() == 1 && plain_single) return std::to_string(ranks.front());
  std::string text = "[";
  for (size_t first = 0; first < ranks.size();) {
    size_t last = first;
    while (last + 1 < ranks.size() && ranks[last + 1] == ranks[last] + 1) last++;
    if (first > 0) text += ',';
    text += first == last ? std::to_string(ranks[first]) : fmt::format("{}-{}", ranks[first], ranks[last]);
    first = last + 1;
  }
  return text + ']';
}

}  // namespace daos::output
