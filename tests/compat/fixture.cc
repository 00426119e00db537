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

ByteVector fixture_bytes(std::string_view name) {
  ByteVector bytes;
  std::string digits;
  for (const std::string& line : fixture_lines(name)) {
    for (const char c : line) {
      if (c == ' ') continue;
      digits += c;
      if (digits.size() < 2) continue;
      size_t used = 0;
      bytes.push_back(static_cast<std::byte>(std::stoul(digits, &used, 16)));
      EXPECT_EQ(used, 2u) << name << ": " << digits;
      digits.clear();
    }
  }
  EXPECT_TRUE(digits.empty()) << name << ": odd number of digits";
  return bytes;
}

}  // namespace daos::compat
