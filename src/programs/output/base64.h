// Bytes in JSON: base64 with padding (RFC 4648). A pure function.
#pragma once

#include <string>
#include <string_view>

namespace daos::output {

std::string base64(std::string_view bytes);

}  // namespace daos::output
