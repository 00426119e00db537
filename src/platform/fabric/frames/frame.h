// What endpoints that live in one process say to each other. Frames never leave the process, so they are plain structs:
// the formats that cross a wire belong to ../tcp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/fabric/fabric.h"

namespace daos::fabric {

struct Frame {
  enum class Kind : uint8_t {
    kHello,     // identity; the first frame in each direction
    kMessage,   // payload: head and payload of the message, back to back
    kGet,       // transfer, memory, bytes: please send the chunks
    kGetChunk,  // transfer, offset (within the transfer), payload
    kPutChunk,  // transfer, memory (of this chunk), payload
    kGetTaken,  // transfer: one chunk has arrived, the next may leave
    kPutTaken,  // the same, of the other direction
    kDone,      // transfer, code, text: it ended with an error
    kAbort,     // transfer: whoever asked has given up
  };
  Kind kind = Kind::kMessage;
  uint64_t transfer = 0;
  RemoteMemory memory;
  uint64_t offset = 0;
  uint64_t bytes = 0;
  Code code = Code::kOk;
  std::string text;
  Identity identity;
  IoBuf payload;
};

/// What it would take on a wire, for whoever models one.
inline uint64_t wire_bytes(const Frame& frame) { return 64 + frame.payload.size(); }

/// One end of a connection. The two ends of one connection differ in the lowest bit, the even one being who connected.
using LinkId = StrongId<struct LinkTag>;
constexpr LinkId other_end(LinkId link) { return LinkId(link.value() ^ 1); }

/// Carries batches of frames between two FrameEndpoints, each batch whole, in order or not at all. One per endpoint,
/// which owns it; used from its thread. Everything is told to the endpoint by FrameEndpoint's link_* functions, from
/// inside a turn and never from inside a call to the carrier.
class Carrier {
 public:
  virtual ~Carrier() = default;
  /// link_up or link_down follows.
  virtual LinkId connect(const std::string& address) = 0;
  virtual void transmit(LinkId link, std::vector<Frame> frames) = 0;
  /// Ends the link at this end; the other end's link_down follows there, none here.
  virtual void close(LinkId link) = 0;
};

}  // namespace daos::fabric
