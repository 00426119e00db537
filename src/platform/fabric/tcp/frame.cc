#include "platform/fabric/tcp/frame.h"

#include <bit>
#include <cstring>
#include <span>

#include "platform/base/check.h"
#include "platform/base/codec.h"
#include "platform/base/hash.h"

namespace daos::fabric::tcp {
namespace {

struct PayloadRange {
  uint32_t least;
  uint32_t most;
};

/// {1, 0} is a range that nothing fits.
PayloadRange payload_range(FrameKind kind) {
  switch (kind) {
    case FrameKind::kHello:
    case FrameKind::kHelloAnswer:
      return {kHelloBytes, kHelloBytes};
    case FrameKind::kMessage:
      return {0, kMessageBytesMax};
    case FrameKind::kGet:
      return {sizeof(uint64_t), sizeof(uint64_t)};
    case FrameKind::kGetData:
    case FrameKind::kPutData:
      return {1, kChunkBytesMax};
    case FrameKind::kGetFailed:
    case FrameKind::kGetCancel:
    case FrameKind::kPutFailed:
      return {0, 0};
  }
  return {1, 0};
}

#if defined(__x86_64__)
/// The same crc from values that are in registers: the library's one has to read back, as vectors, what was just
/// written as fields, and that stall is half of what sealing a header costs.
__attribute__((target("sse4.2"))) uint32_t crc_by_instruction(const FrameHeader& header) {
  uint64_t crc = __builtin_ia32_crc32si(0xffffffff, header.payload_bytes);
  const uint64_t kind = header.version | static_cast<uint64_t>(header.kind) << 8 |
                        static_cast<uint64_t>(header.flags) << 16 | static_cast<uint64_t>(header.reserved) << 24;
  crc = __builtin_ia32_crc32di(crc, kind | static_cast<uint64_t>(header.operation) << 32);
  crc = __builtin_ia32_crc32di(crc, header.key);
  crc = __builtin_ia32_crc32di(crc, header.offset);
  return ~static_cast<uint32_t>(crc);
}
#endif

uint32_t crc_of(const FrameHeader& header) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return crc_by_instruction(header);
#endif
  return crc32c(std::as_bytes(std::span(&header, 1)).subspan(sizeof header.crc32c));
}

}  // namespace

uint32_t payload_bytes_max(FrameKind kind) { return payload_range(kind).most; }

std::array<std::byte, kHeaderBytes> seal(FrameHeader header) {
  header.crc32c = crc_of(header);
  return std::bit_cast<std::array<std::byte, kHeaderBytes>>(header);
}

Result<FrameHeader> open_header(ByteSpan bytes) {
  FrameHeader header;
  std::memcpy(&header, bytes.data(), kHeaderBytes);
  if (crc_of(header) != header.crc32c) {
    return error(Code::kCorrupt, "a frame header with a wrong crc");
  }
  // Hello frames are the same in every version: they are how a version is agreed upon.
  const bool hello = header.kind == FrameKind::kHello || header.kind == FrameKind::kHelloAnswer;
  if (header.version != kWireVersion && !hello) {
    return error(Code::kProtocol, "a frame of version {}, this build speaks {}", header.version, kWireVersion);
  }
  const PayloadRange range = payload_range(header.kind);
  if (range.least > range.most) {
    return error(Code::kProtocol, "a frame of the unknown kind {}", static_cast<unsigned>(header.kind));
  }
  if (header.payload_bytes < range.least || header.payload_bytes > range.most) {
    return error(Code::kProtocol, "a frame of kind {} with {} bytes of payload, allowed are {} to {}",
                 static_cast<unsigned>(header.kind), header.payload_bytes, range.least, range.most);
  }
  const uint8_t flags_known = header.kind == FrameKind::kPutData ? kFlagMore : 0;
  if ((header.flags & ~flags_known) != 0 || header.reserved != 0) {
    return error(Code::kProtocol, "a frame of kind {} with unknown flags", static_cast<unsigned>(header.kind));
  }
  return header;
}

IoBuf hello_frame(FrameKind kind, const Hello& hello) {
  const ByteVector payload = encode(hello);
  DX_CHECK(payload.size() == kHelloBytes, "{}", payload.size());
  const auto header = seal({.payload_bytes = kHelloBytes, .kind = kind});
  ByteVector frame(header.begin(), header.end());
  frame.insert(frame.end(), payload.begin(), payload.end());
  return IoBuf::copy_of(frame);
}

Result<Hello> open_hello(ByteSpan payload) {
  Hello hello = DX_TRY(decode<Hello>(payload, "hello"));
  if (hello.magic != Hello::kMagic) return error(Code::kProtocol, "whoever is there does not speak this protocol");
  if (hello.identity.role != Role::kClient && hello.identity.role != Role::kEngine) {
    return error(Code::kProtocol, "a hello with the unknown role {}", static_cast<unsigned>(hello.identity.role));
  }
  return hello;
}

}  // namespace daos::fabric::tcp
