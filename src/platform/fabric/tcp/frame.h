// What travels on a connection: frames, each a 32-byte header and its payload. docs/formats/wire.md describes every
// byte. Thread-safety: values and pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "platform/base/bytes.h"
#include "platform/fabric/fabric.h"

namespace daos::fabric::tcp {

/// Numbers are never reused.
enum class FrameKind : uint8_t {
  kHello = 1,        // who connects, and which versions it speaks; the first frame from there
  kHelloAnswer = 2,  // who was reached, and the version chosen; the first frame back
  kMessage = 3,
  kGet = 4,        // send me this part of what you lent under `key`; payload: le64 bytes wanted
  kGetData = 5,    // a chunk of the answer; `offset` counts from the start of the operation
  kGetFailed = 6,  // the rest will not come; `offset` is the error's number
  kGetCancel = 7,  // nobody waits for the rest any more
  kPutData = 8,    // a chunk for what you lent under `key`, at `offset` of it
  kPutFailed = 9,  // those chunks went nowhere; `offset` is the error's number
};

inline constexpr uint8_t kWireVersion = 1;
inline constexpr uint8_t kFlagMore = 1;  // kPutData: another chunk of the operation follows

/// Little-endian, 32 bytes, before every payload.
///
///   off size field
///     0    4 crc32c         over bytes [4, 32); the payload has none (checksums end to end are the container's
///     business) 4    4 payload_bytes  at most what the kind allows, tested before anything is done with it 8    1
///     version        kWireVersion 9    1 kind           FrameKind; an unknown one ends the connection
///    10    1 flags          kFlagMore or 0
///    11    1 reserved       zero when written, checked when read
///    12    4 operation      bulk: numbered by whoever began the operation, unique among those it has under way; else 0
///    16    8 key            of the lent memory (kGet, kPutData); else 0
///    24    8 offset         see FrameKind; else 0
struct FrameHeader {
  uint32_t crc32c = 0;
  uint32_t payload_bytes = 0;
  uint8_t version = kWireVersion;
  FrameKind kind = FrameKind::kMessage;
  uint8_t flags = 0;
  uint8_t reserved = 0;
  uint32_t operation = 0;
  uint64_t key = 0;
  uint64_t offset = 0;
};
static_assert(sizeof(FrameHeader) == 32 && std::has_unique_object_representations_v<FrameHeader>);
inline constexpr size_t kHeaderBytes = sizeof(FrameHeader);

/// Payload of kHello and kHelloAnswer.
///
///   off size field
///     0    4 magic          "DXF1"
///     4    2 version_least  answer: both are the version chosen, or 0 when there is none in common
///     6    2 version_most
///     8   16 client         of the identity, as are context, role and incarnation
///    24    4 context
///    28    1 role
///    29    3 reserved       zero
///    32    8 incarnation
///    40    8 endpoint       random, drawn when the endpoint was opened: who connects again, and who only looks the
///    same
struct Hello {
  static constexpr uint32_t kMagic = 0x31465844;
  uint32_t magic = kMagic;
  uint16_t version_least = kWireVersion;
  uint16_t version_most = kWireVersion;
  Identity identity;
  uint64_t endpoint = 0;
  uint8_t reserved8 = 0;
  uint16_t reserved16 = 0;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.magic, self.version_least, self.version_most, self.identity.client, self.identity.context,
            self.identity.role, self.reserved8, self.reserved16, self.identity.incarnation, self.endpoint);
  }
};
inline constexpr size_t kHelloBytes = 48;
/// The whole frame.
IoBuf hello_frame(FrameKind kind, const Hello& hello);
/// Every field checked but the versions, which are the caller's to judge.
Result<Hello> open_hello(ByteSpan payload);

/// The most that a frame of this kind may carry; 0 too for a kind that does not exist.
uint32_t payload_bytes_max(FrameKind kind);

/// Fills in the crc and yields the bytes to send.
std::array<std::byte, kHeaderBytes> seal(FrameHeader header);
/// The header in the first kHeaderBytes of `bytes`, every field checked; kCorrupt or kProtocol says what is wrong with
/// it.
Result<FrameHeader> open_header(ByteSpan bytes);

}  // namespace daos::fabric::tcp
