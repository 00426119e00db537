// 128-bit identifiers. The bytes are the identity; the text form is that of libuuid (lower case, 8-4-4-4-12).
#pragma once

#include <fmt/format.h>

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace daos {

struct Uuid {
  std::array<uint8_t, 16> bytes{};
  auto operator<=>(const Uuid&) const = default;
  bool is_nil() const { return *this == Uuid{}; }
  std::string to_string() const;
  static std::optional<Uuid> parse(std::string_view text);
  /// A version-4 identifier made of 128 random bits.
  static Uuid from_random(uint64_t high, uint64_t low);

  static void visit(auto&& visitor, auto& self) { visitor.fixed(self.bytes.data(), self.bytes.size()); }
};

}  // namespace daos

template <>
struct std::hash<daos::Uuid> {
  size_t operator()(const daos::Uuid& uuid) const {
    uint64_t half[2];
    std::memcpy(half, uuid.bytes.data(), sizeof half);
    return half[0] ^ (half[1] * 0x9e3779b97f4a7c15ULL);
  }
};
template <>
struct fmt::formatter<daos::Uuid> : fmt::formatter<std::string_view> {
  auto format(const daos::Uuid& uuid, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format(uuid.to_string(), context);
  }
};
