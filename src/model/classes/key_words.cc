#include "model/classes/key_words.h"

#include <algorithm>
#include <cstring>

namespace daos::classes {
namespace {

constexpr size_t kShownBytes = 40;

}  // namespace

std::string key_in_words(KeyKind kind, ByteSpan key) {
  if (kind == KeyKind::kUint64 && key.size() == 8) {
    uint64_t number = 0;
    std::memcpy(&number, key.data(), sizeof number);
    return std::to_string(number);
  }
  const std::string_view text = as_text(key);
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
  if (printable) {
    return key.size() <= 2 * kShownBytes
               ? fmt::format("\"{}\"", text)
               : fmt::format("\"{}...\" ({} bytes)", text.substr(0, 2 * kShownBytes), text.size());
  }
  std::string hex = "0x";
  for (const std::byte byte : key.first(std::min(key.size(), kShownBytes)))
    hex += fmt::format("{:02x}", static_cast<uint8_t>(byte));
  if (key.size() > kShownBytes) hex += fmt::format("... ({} bytes)", key.size());
  return hex;
}

}  // namespace daos::classes
