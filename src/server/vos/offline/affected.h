// Which containers, objects and keys records of a log touch, in words.
#pragma once

#include <set>
#include <string>

#include "platform/base/bytes.h"

namespace daos::vos {

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
