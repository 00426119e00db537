// Reading the fixtures of this folder.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/codec.h"

namespace daos::compat {

/// Lines of a file of this folder, without comments (# to the end of the line) and empty ones. Fails the test if it
/// cannot be read.
std::vector<std::string> fixture_lines(std::string_view name);
/// The bytes that a .hex file spells, two digits each, spaces ignored.
ByteVector fixture_bytes(std::string_view name);
/// Of a file with lines of a name and bytes as hex text.
std::map<std::string, ByteVector> fixture_entries(std::string_view name);
std::string hex(ByteSpan bytes);

}  // namespace daos::compat
