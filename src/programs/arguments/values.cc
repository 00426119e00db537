#include "programs/arguments/values.h"

#include <algorithm>
#include <charconv>

#include "platform/base/uuid.h"

namespace daos::arguments {
namespace {

constexpr size_t kLabelBytesMax = 127;
constexpr uint32_t kRanksMax = 1u << 20;

bool label_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._:-").contains(c);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

/// Insertions, removals, replacements and swaps of neighbours that turn one word into the other.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); i++) {
    for (size_t j = 0; j <= b.size(); j++) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const size_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

bool parse_number(std::string_view text, uint32_t& value) {
  const auto [end, err] = std::from_chars(text.data(), text.data() + text.size(), value);
  return err == std::errc() && end == text.data() + text.size();
}

}  // namespace

Status check_label(std::string_view label) {
  if (label.empty()) return Status(Code::kInvalid, "a label has at least one character");
  if (label.size() > kLabelBytesMax) {
    return error(Code::kInvalid, "invalid label \"{}...\": {} characters, at most {} are allowed", label.substr(0, 20),
                 label.size(), kLabelBytesMax);
  }
  if (Uuid::parse(label)) return error(Code::kInvalid, "invalid label \"{}\": it would be taken for a uuid", label);
  if (!std::ranges::all_of(label, label_character)) {
    return error(Code::kInvalid, "invalid label \"{}\": letters, digits and . _ : - are allowed", label);
  }
  return {};
}

Status check_label_or_uuid(std::string_view name) {
  if (Uuid::parse(name)) return {};
  return check_label(name);
}

bool is_path(std::string_view pool) {
  return pool.starts_with('/') || pool.starts_with("./") || pool.starts_with("../");
}

Status check_pool(std::string_view pool) { return is_path(pool) ? Status() : check_label_or_uuid(pool); }

Result<KeyValues> parse_key_values(std::string_view text, std::string_view what) {
  KeyValues entries;
  for (const std::string_view entry : split(text, ',')) {
    const size_t colon = entry.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == entry.size()) {
      return error(Code::kInvalid, "{}: \"{}\" is not of the form key:value", what, entry);
    }
    entries.emplace_back(entry.substr(0, colon), entry.substr(colon + 1));
  }
  return entries;
}

namespace {

/// An entry of a quoted list: what stands before its first bare ':', and behind it if there is one.
struct Entry {
  std::string key;
  std::string value;
  bool has_value = false;
};

Result<std::vector<Entry>> parse_entries(std::string_view text, std::string_view what) {
  std::vector<Entry> entries(1);
  char quote = 0;
  for (size_t at = 0; at < text.size(); at++) {
    Entry& entry = entries.back();
    std::string& into = entry.has_value ? entry.value : entry.key;
    const char c = text[at];
    if (c == '\\') {
      if (++at == text.size()) return error(Code::kInvalid, "{}: nothing stands behind the last \\", what);
      into += text[at];
    } else if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        into += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == ',') {
      entries.emplace_back();
    } else if (c == ':' && !entry.has_value) {
      entry.has_value = true;
    } else {
      into += c;
    }
  }
  if (quote != 0) return error(Code::kInvalid, "{}: the quote {} is not closed", what, quote);
  return entries;
}

}  // namespace

Result<KeyValues> parse_quoted_key_values(std::string_view text, std::string_view what) {
  KeyValues pairs;
  for (Entry& entry : DX_TRY(parse_entries(text, what))) {
    if (!entry.has_value || entry.key.empty() || entry.value.empty()) {
      return error(Code::kInvalid, "{}: \"{}{}{}\" is not of the form key:value", what, entry.key,
                   entry.has_value ? ":" : "", entry.value);
    }
    pairs.emplace_back(std::move(entry.key), std::move(entry.value));
  }
  return pairs;
}

Result<std::vector<std::string>> parse_names(std::string_view text, std::string_view what) {
  std::vector<std::string> names;
  for (const Entry& entry : DX_TRY(parse_entries(text, what))) {
    std::string name = entry.has_value ? entry.key + ":" + entry.value : entry.key;
    if (name.empty()) return error(Code::kInvalid, "{}: a name in \"{}\" is empty", what, text);
    names.push_back(std::move(name));
  }
  return names;
}

Result<std::vector<uint32_t>> parse_ranks(std::string_view text) {
  const std::string_view whole = text;
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  std::vector<uint32_t> ranks;
  for (const std::string_view part : split(text, ',')) {
    const size_t dash = part.find('-');
    uint32_t first = 0;
    uint32_t last = 0;
    bool good = parse_number(part.substr(0, dash), first);
    last = first;
    if (good && dash != std::string_view::npos) good = parse_number(part.substr(dash + 1), last);
    if (!good || last < first || last >= kRanksMax) {
      return error(Code::kInvalid, "\"{}\" is not a set of ranks, such as 0-3,5", whole);
    }
    for (uint32_t rank = first; rank <= last; rank++) ranks.push_back(rank);
  }
  std::ranges::sort(ranks);
  ranks.erase(std::ranges::unique(ranks).begin(), ranks.end());
  return ranks;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string* best = nullptr;
  size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;  // a third of the letters may be wrong
  for (const std::string& candidate : candidates) {
    const size_t d = distance(word, candidate);
    if (d < best_distance) {
      best_distance = d;
      best = &candidate;
    }
  }
  return best == nullptr ? std::string() : fmt::format("; did you mean \"{}\"?", *best);
}

}  // namespace daos::arguments
