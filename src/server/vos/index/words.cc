#include "server/vos/index/words.h"

#include <algorithm>
#include <cstring>

namespace daos::vos {
namespace {

constexpr size_t kShownBytes = 40;

}  // namespace

std::string key_in_words(classes::KeyKind kind, ByteSpan key) {
  if (kind == classes::KeyKind::kUint64 && key.size() == 8) {
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

std::string place_in_words(const Place& place) {
  std::string words = fmt::format("container {}, object {}", place.container, place.object);
  if (place.level >= Place::Level::kDkey)
    words += fmt::format(", dkey {}", key_in_words(classes::dkey_kind(place.object.type()), as_bytes(place.dkey)));
  if (place.level >= Place::Level::kAkey)
    words += fmt::format(", akey {}", key_in_words(classes::akey_kind(place.object.type()), as_bytes(place.akey)));
  if (place.level == Place::Level::kVersion) words += fmt::format(", epoch {:#x}", place.version.epoch);
  if (place.level == Place::Level::kExtent) words += fmt::format(", record {}", place.start);
  return words;
}

std::string range_in_words(std::string_view first, std::string_view next) {
  const std::optional<Place> from = place_of(first);
  const std::optional<Place> to = place_of(next);
  if (!from && !to) return "everything in it";
  return fmt::format("everything from {} up to {}", from ? place_in_words(*from) : "the first object",
                     to ? place_in_words(*to) : "the last object");
}

}  // namespace daos::vos
