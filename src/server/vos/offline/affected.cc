#include "server/vos/offline/affected.h"

#include "server/vos/index/keys.h"

namespace daos::vos {
namespace {

constexpr size_t kShownBytes = 40;
constexpr size_t kShownPlaces = 8;

class Places : public RecordVisitor {
 public:
  explicit Places(std::set<std::string>& places) : places_(places) {}
  Status on(UpdateRecord record) override { return add(record.container, record.object, record.dkey); }
  Status on(PunchRecord record) override { return add(record.container, record.object, record.dkey); }
  Status on(SlotClosedRecord record) override { return sessions(record.endpoint.client); }
  Status on(ClientEndedRecord record) override { return sessions(record.client); }
  Status on(ClockReservedRecord) override { return {}; }
  Status on(ContainerDestroyedRecord record) override {
    places_.insert(fmt::format("container {} (its destruction)", record.container));
    return {};
  }

 private:
  Status add(const Uuid& container, const classes::ObjectId& object, const IoBuf& dkey) {
    Place place{.level = dkey.empty() ? Place::Level::kObject : Place::Level::kDkey,
                .container = container,
                .object = object,
                .dkey = std::string(as_text(dkey.bytes()))};
    places_.insert(place_in_words(place));
    return {};
  }
  Status sessions(const Uuid& client) {
    places_.insert(fmt::format("sessions of client {}", client));
    return {};
  }

  std::set<std::string>& places_;
};

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

void Affected::add(ByteSpan record) {
  Places places(places_);
  decode_record(record, places).ignore("bytes that are no record tell nothing");
}

std::string Affected::in_words() const {
  std::string words;
  size_t shown = 0;
  for (const std::string& place : places_) {
    if (shown++ == kShownPlaces) return words + fmt::format("; {} more", places_.size() - kShownPlaces);
    if (!words.empty()) words += "; ";
    words += place;
  }
  return words;
}

}  // namespace daos::vos
