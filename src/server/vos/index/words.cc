#include "server/vos/index/words.h"

namespace daos::vos {

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
