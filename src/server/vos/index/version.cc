#include "server/vos/index/version.h"

#include <algorithm>

namespace daos::vos {
namespace {

bool after(Version version, const Marker& marker) { return version < marker.version; }

}  // namespace

bool Markers::add(Memory& memory, Marker marker) {
  if (list_ == nullptr) list_ = make_counted<List>(memory, Counted<Marker>(memory));
  const auto place = std::upper_bound(list_->begin(), list_->end(), marker.version, after);
  if (place != list_->begin() && std::prev(place)->version == marker.version) return false;
  list_->insert(place, marker);
  return true;
}

const Marker* Markers::find_last(Version version) const {
  if (list_->back().version <= version) return &list_->back();
  const auto place = std::upper_bound(list_->begin(), list_->end(), version, after);
  return place == list_->begin() ? nullptr : &*std::prev(place);
}

const Marker* Markers::first_after(Version version) const {
  if (list_ == nullptr) return nullptr;
  const auto place = std::upper_bound(list_->begin(), list_->end(), version, after);
  return place == list_->end() ? nullptr : &*place;
}

}  // namespace daos::vos
