// Keys in words, for people.
#pragma once

#include <string>

#include "model/classes/object_id.h"
#include "platform/base/bytes.h"

namespace daos::classes {

/// "name" when every byte can be printed, a number for an integer key, else 0x and hex digits. At most about 80
/// characters.
std::string key_in_words(KeyKind kind, ByteSpan key);

}  // namespace daos::classes
