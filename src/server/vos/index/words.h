// Places of the index in words, for people: in errors, and for what looks at a store offline.
#pragma once

#include <string>

#include "model/classes/key_words.h"
#include "server/vos/index/boundary.h"

namespace daos::vos {

/// container C, object O, dkey D ...
std::string place_in_words(const Place& place);
/// What is between two boundaries; empty ones are the beginning and the end.
std::string range_in_words(std::string_view first, std::string_view next);

}  // namespace daos::vos
