// Places of the index in words, for people: which containers, objects and keys something touches.
#pragma once

#include <set>
#include <string>

#include "server/vos/index/boundary.h"

namespace daos::vos {

/// "name" when every byte can be printed, a number for an integer key, else 0x and hex digits. At most about 80
/// characters.
std::string key_in_words(classes::KeyKind kind, ByteSpan key);
/// container C, object O, dkey D ...
std::string place_in_words(const Place& place);
/// What the bucket from `first` up to `next` (empty: the end) holds.
std::string range_in_words(std::string_view first, std::string_view next);

/// Collects the dkeys that records touch.
class Affected {
 public:
  /// A record of the log; bytes that are none count for nothing.
  void add(ByteSpan record);
  /// "container C, object O, dkey D; ..."; empty when nothing is known.
  std::string in_words() const;

 private:
  std::set<std::string> places_;  // in words, so that a dkey counts once
};

}  // namespace daos::vos
