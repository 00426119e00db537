#include "platform/base/stamp.h"

#include <algorithm>

#include "platform/base/check.h"
#include "platform/base/hash.h"

namespace daos {
namespace {

struct Header {
  char magic[8] = {};
  uint32_t version = 0;
  uint32_t body_bytes = 0;
  uint32_t body_crc = 0;
  char build[kStampBuildBytes] = {};
  uint32_t header_crc = 0;

  uint32_t crc() const { return crc32c(std::as_bytes(std::span(this, 1)).first(offsetof(Header, header_crc))); }
};
static_assert(sizeof(Header) == kStampBytes);

}  // namespace

std::string_view build_string() { return DX_VERSION; }

ByteVector stamp(const Stamp& stamp, ByteSpan body, std::string_view build) {
  DX_CHECK(stamp.magic.size() == sizeof(Header::magic), "magic '{}'", stamp.magic);
  Header header{.version = stamp.version, .body_bytes = static_cast<uint32_t>(body.size()), .body_crc = crc32c(body)};
  stamp.magic.copy(header.magic, sizeof header.magic);
  build.copy(header.build, sizeof header.build - 1);
  header.header_crc = header.crc();
  ByteVector file(sizeof header);
  std::memcpy(file.data(), &header, sizeof header);
  file.insert(file.end(), body.begin(), body.end());
  return file;
}

uint32_t stamped_version(ByteSpan file) {
  Header header;
  if (file.size() < sizeof header) return 0;
  std::memcpy(&header, file.data(), sizeof header);
  return header.version;
}

Result<ByteSpan> unstamp(const Stamp& expected, ByteSpan file, std::string_view what) {
  Header header;
  if (file.size() < sizeof header) {
    return error(Code::kFormatInvalid, "{}: {} bytes are too few for a header", what, file.size());
  }
  std::memcpy(&header, file.data(), sizeof header);
  if (std::string_view(header.magic, sizeof header.magic) != expected.magic) {
    return error(Code::kFormatInvalid, "{}: not a file of this kind (no '{}' at its start)", what, expected.magic);
  }
  if (header.crc() != header.header_crc) return error(Code::kFormatInvalid, "{}: the header is damaged", what);
  if (header.version != expected.version) {
    header.build[sizeof header.build - 1] = 0;
    return error(Code::kFormatVersion,
                 "{}: format {} was written by build {}; this build ({}) reads format {}. Use build {}", what,
                 header.version, header.build, build_string(), expected.version, header.build);
  }
  const ByteSpan body = file.subspan(sizeof header);
  if (body.size() != header.body_bytes) {
    return error(Code::kFormatInvalid, "{}: {} bytes where {} were written", what, body.size(), header.body_bytes);
  }
  if (crc32c(body) != header.body_crc) return error(Code::kFormatInvalid, "{}: the content is damaged", what);
  return body;
}

}  // namespace daos
