#include "server/vos/index/boundary.h"

#include <bit>
#include <cstring>

#include "server/vos/index/keys.h"

namespace daos::vos {
namespace {

constexpr char kBelow = '\x01';  // a key of the next level, or a version
constexpr char kExtents = '\x02';
constexpr size_t kObjectBytes = 32;

template <class Number>
void append_number(std::string& out, Number number) {
  const Number big = std::byteswap(number);
  out.append(reinterpret_cast<const char*>(&big), sizeof big);
}
template <class Number>
bool take_number(std::string_view& rest, Number& number) {
  if (rest.size() < sizeof number) return false;
  std::memcpy(&number, rest.data(), sizeof number);
  number = std::byteswap(number);
  rest.remove_prefix(sizeof number);
  return true;
}

}  // namespace

std::string object_boundary(const Uuid& container, const classes::ObjectId& object) {
  std::string out(reinterpret_cast<const char*>(container.bytes.data()), container.bytes.size());
  append_number(out, object.hi);
  append_number(out, object.lo);
  return out;
}

std::string dkey_boundary(const Uuid& container, const classes::ObjectId& object, ByteSpan dkey) {
  std::string out = object_boundary(container, object);
  out.push_back(kBelow);
  append_order(out, classes::dkey_kind(object.type()), dkey);
  return out;
}

std::string akey_boundary(const Uuid& container, const classes::ObjectId& object, ByteSpan dkey, ByteSpan akey) {
  std::string out = dkey_boundary(container, object, dkey);
  out.push_back(kBelow);
  append_order(out, classes::akey_kind(object.type()), akey);
  return out;
}

std::string version_boundary(std::string_view akey, Version version) {
  std::string out(akey);
  out.push_back(kBelow);
  append_number(out, version.epoch);
  append_number(out, version.minor);
  return out;
}

std::string extent_boundary(std::string_view akey, uint64_t start) {
  std::string out(akey);
  out.push_back(kExtents);
  append_number(out, start);
  return out;
}

std::optional<uint64_t> extent_cut(std::string_view akey, std::string_view boundary) {
  if (!boundary.starts_with(akey)) return {};
  boundary.remove_prefix(akey.size());
  uint64_t start = 0;
  if (boundary.empty() || boundary.front() != kExtents) return {};
  boundary.remove_prefix(1);
  if (!take_number(boundary, start)) return {};
  return start;
}

std::string boundary_of(const Place& place) {
  const ByteSpan dkey = as_bytes(place.dkey);
  const ByteSpan akey = as_bytes(place.akey);
  switch (place.level) {
    case Place::Level::kObject:
      return object_boundary(place.container, place.object);
    case Place::Level::kDkey:
      return dkey_boundary(place.container, place.object, dkey);
    case Place::Level::kAkey:
      return akey_boundary(place.container, place.object, dkey, akey);
    case Place::Level::kVersion:
      return version_boundary(akey_boundary(place.container, place.object, dkey, akey), place.version);
    case Place::Level::kExtent:
      return extent_boundary(akey_boundary(place.container, place.object, dkey, akey), place.start);
  }
  return {};
}

std::optional<Place> place_of(std::string_view boundary) {
  Place place;
  if (boundary.size() < kObjectBytes) return {};
  std::memcpy(place.container.bytes.data(), boundary.data(), place.container.bytes.size());
  boundary.remove_prefix(place.container.bytes.size());
  take_number(boundary, place.object.hi);
  take_number(boundary, place.object.lo);
  if (boundary.empty()) return place;

  place.level = Place::Level::kDkey;
  if (boundary.front() != kBelow) return {};
  boundary.remove_prefix(1);
  if (!take_order(boundary, classes::dkey_kind(place.object.type()), place.dkey)) return {};
  if (boundary.empty()) return place;

  place.level = Place::Level::kAkey;
  if (boundary.front() != kBelow) return {};
  boundary.remove_prefix(1);
  if (!take_order(boundary, classes::akey_kind(place.object.type()), place.akey)) return {};
  if (boundary.empty()) return place;

  const char kind = boundary.front();
  boundary.remove_prefix(1);
  bool whole = false;
  if (kind == kBelow) {
    place.level = Place::Level::kVersion;
    whole = take_number(boundary, place.version.epoch) && take_number(boundary, place.version.minor);
  } else if (kind == kExtents) {
    place.level = Place::Level::kExtent;
    whole = take_number(boundary, place.start);
  }
  if (!whole || !boundary.empty()) return {};
  return place;
}

}  // namespace daos::vos
