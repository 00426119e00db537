#include "fixture.h"

#include <gtest/gtest.h>

#include <fstream>

namespace daos::compat {

std::vector<std::string> fixture_lines(std::string_view name) {
  std::ifstream file(std::string(DX_FIXTURE_FOLDER) + "/" + std::string(name));
  EXPECT_TRUE(file.is_open()) << name;
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    line.resize(std::min(line.size(), line.find('#')));
    while (!line.empty() && line.back() == ' ') line.pop_back();
    if (!line.empty()) lines.push_back(line);
  }
  EXPECT_FALSE(lines.empty()) << name;
  return lines;
}

namespace {

/// Appends the bytes that `text` spells; an odd digit at its end stays in `digits` for the next line.
void parse_hex(std::string_view text, std::string& digits, ByteVector& bytes) {
  for (const char c : text) {
    if (c == ' ') continue;
    digits += c;
    if (digits.size() < 2) continue;
    size_t used = 0;
    bytes.push_back(static_cast<std::byte>(std::stoul(digits, &used, 16)));
    EXPECT_EQ(used, 2u) << digits;
    digits.clear();
  }
}

}  // namespace

ByteVector fixture_bytes(std::string_view name) {
  ByteVector bytes;
  std::string digits;
  for (const std::string& line : fixture_lines(name)) parse_hex(line, digits, bytes);
  EXPECT_TRUE(digits.empty()) << name << ": odd number of digits";
  return bytes;
}

std::map<std::string, ByteVector> fixture_entries(std::string_view name) {
  std::map<std::string, ByteVector> entries;
  for (const std::string& line : fixture_lines(name)) {
    const size_t space = line.find(' ');
    std::string digits;
    const auto [entry, fresh] = entries.try_emplace(line.substr(0, space));
    EXPECT_TRUE(fresh) << name << ": " << entry->first << " twice";
    if (space != std::string::npos) parse_hex(std::string_view(line).substr(space), digits, entry->second);
    EXPECT_TRUE(digits.empty()) << name << ": " << entry->first << ": odd number of digits";
  }
  return entries;
}

std::string hex(ByteSpan bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", std::to_integer<int>(byte));
  return text;
}

}  // namespace daos::compat
