// The header of every rpc message, docs/formats/rpc.md.
//
// Message, in front of the body (little-endian, 32 bytes):
//
//   off size field      meaning
//     0    1 version    kRpcVersion; another one is answered kProtocol
//     1    1 kind       1 request, 2 reply
//     2    2 method     model/messages/methods.def; 0 in replies
//     4    4 status     replies: 0, or a code of errors.def, and then the body is its message as text
//     8    8 call       chosen by the caller, returned with the reply
//    16    8 hlc        the sender's clock
//    24    4 limit_ms   requests: how long the caller still waits; the server gives up no later
//    28    4 lead_ms    how far hlc stands ahead of the sender's physical clock: engines judge each other's clocks by
//    it
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

namespace daos::rpc {

inline constexpr uint8_t kRpcVersion = 1;

enum class Kind : uint8_t { kRequest = 1, kReply = 2 };

struct Header {
  uint8_t version = kRpcVersion;
  Kind kind = Kind::kRequest;
  uint16_t method = 0;
  uint32_t status = 0;
  uint64_t call = 0;
  uint64_t hlc = 0;
  uint32_t limit_ms = 0;
  uint32_t lead_ms = 0;
};
// All fields are little-endian integers in their natural places, so the struct is the wire's bytes.
static_assert(std::endian::native == std::endian::little);
static_assert(sizeof(Header) == 32 && std::has_unique_object_representations_v<Header>);

}  // namespace daos::rpc
