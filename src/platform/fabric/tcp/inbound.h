// The receiving half of a connection, without its socket: says where the next bytes are to be received, and turns what
// has arrived into frames. Small frames are parsed in batches out of a buffer that all connections of an endpoint
// share; chunks of bulk are received into their destination behind their header; long messages into a buffer of their
// own. Thread-safety: the endpoint's thread.
#pragma once

#include <sys/uio.h>

#include <vector>

#include "platform/fabric/tcp/frame.h"

namespace daos::fabric::tcp {

/// Who takes the frames. Every call may end the connection by returning an error; nothing more is then delivered.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  /// Any frame but chunks of bulk. `payload` may be kept; it pins the buffer that it shares.
  virtual Status on_frame(const FrameHeader& header, IoBuf payload) = 0;
  /// A chunk of bulk follows. `landing` comes empty; pieces of header.payload_bytes in total put there are written to
  /// until on_chunk_end or Inbound::abandon_landing(); left empty, the chunk is drained.
  virtual Status on_chunk(const FrameHeader& header, std::vector<MutableByteSpan>& landing) = 0;
  virtual Status on_chunk_end(const FrameHeader& header) = 0;
};

/// The buffer shared by the connections of one endpoint. Slices of it are handed up; a block still referenced by some
/// is set aside, and used again when they are gone.
class ReceiveBuffer {
 public:
  static constexpr size_t kBlockBytes = 256u << 10;
  static constexpr size_t kKeptMax = 8;  // blocks set aside; beyond that they are simply freed with their last slice

  /// Makes room for `bytes` in one piece behind the used part. kNoMemory.
  Status make_room(size_t bytes);
  std::byte* free_space() { return block_.data() + used_; }
  IoBuf slice(size_t offset, size_t bytes) const { return block_.slice(offset, bytes); }
  const std::byte* at(size_t offset) const { return block_.data() + offset; }
  size_t used() const { return used_; }
  void use(size_t bytes) { used_ += bytes; }

 private:
  IoBuf block_;
  size_t used_ = 0;
  std::vector<IoBuf> kept_;
};

class Inbound {
 public:
  /// Payload of at most this arrives in the shared buffer, a longer message in a buffer of its own (no copy).
  static constexpr size_t kSharedPayloadMax = 16u << 10;
  /// One receive takes at most this into the shared buffer...
  static constexpr size_t kReceiveBytes = 64u << 10;
  /// ...and this while bulk is expected, because what of a chunk lands there must be copied.
  static constexpr size_t kReceiveBytesBeforeBulk = 4u << 10;
  static constexpr size_t kPiecesMax = 16;

  Inbound(ReceiveBuffer& shared, FrameSink& sink) : shared_(shared), sink_(sink) {}
  Inbound(const Inbound&) = delete;

  /// Where to receive next: fills `pieces` (kPiecesMax of them) and returns how many. `bulk_expected`: chunks are due.
  Result<size_t> prepare(iovec* pieces, bool bulk_expected);
  /// `bytes` were received there. No other connection of the endpoint may receive in between. An error ends the
  /// connection.
  Status arrived(size_t bytes);
  /// The memory that a chunk is landing in is taken back: what is missing of the chunk is drained. No-op without a
  /// chunk.
  void abandon_landing();
  /// The header of the chunk under way, or null.
  const FrameHeader* chunk() const { return mode_ == Mode::kChunk ? &header_ : nullptr; }
  /// How much of a frame under way is missing or stashed; for diagnostics.
  bool in_frame() const { return mode_ != Mode::kFrames || !stash_.empty(); }

 private:
  enum class Mode : uint8_t { kFrames, kMessage, kChunk };

  Status parse(size_t offset, size_t end);
  Status begin_chunk(ByteSpan& rest);
  Status begin_message(ByteSpan& rest);
  void land(ByteSpan bytes);
  Status landed();

  ReceiveBuffer& shared_;
  FrameSink& sink_;
  Mode mode_ = Mode::kFrames;
  FrameHeader header_;                    // of the chunk or message under way
  size_t missing_ = 0;                    // of its payload
  std::vector<MutableByteSpan> landing_;  // what is left of its destination; empty: drained
  size_t landing_at_ = 0;                 // first piece of it that has room
  IoBuf message_;                         // a long message under way
  size_t landing_offered_ = 0;            // how much of the last prepare() lies in the landing
  std::vector<std::byte> stash_;          // the beginning of a small frame whose rest has not come
};

}  // namespace daos::fabric::tcp
