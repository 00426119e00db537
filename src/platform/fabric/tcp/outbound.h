// The sending half of a connection, without its socket: what is to leave, in which order, and from which memory.
//
// Everything that leaves passes through the wire: a row of segments whose order is final. Small frames are copied into
// a buffer shared by the endpoint's connections, so that a turn's worth of them is one piece of one write; payloads are
// sent from where they are. Bulk enters the wire chunk by chunk, and only while little is waiting there, so that
// messages overtake the answers to get() and so that taking memory back finds little of it committed. Messages and puts
// keep their order among themselves; answers to get() do not take part in it. Thread-safety: the endpoint's thread.
#pragma once

#include <sys/uio.h>

#include <deque>
#include <vector>

#include "platform/fabric/tcp/frame.h"
#include "platform/fabric/tcp/lent_memory.h"

namespace daos::fabric::tcp {

/// Where the small frames of all connections of an endpoint are put together.
class SendBuffer {
 public:
  static constexpr size_t kBlockBytes = 64u << 10;
  /// A place for `bytes` in one piece. Out of memory is a failed check: the caller cannot fail, and there is little to
  /// send.
  std::byte* reserve(size_t bytes);
  const IoBuf& block() const { return block_; }

 private:
  IoBuf block_;
  size_t used_ = 0;
};

class Outbound {
 public:
  static constexpr size_t kCopiedMax = 2048;              // longer payloads are sent from where they are
  static constexpr size_t kCommitBelow = kChunkBytesMax;  // bulk enters the wire while less than this waits there
  static constexpr size_t kAnswersMax = 4096;             // gets of one peer under way; more is a broken peer

  /// Told when the last chunk of a put has entered the wire: ahead of every later message.
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void on_put_committed(uint32_t operation) = 0;
  };

  Outbound(SendBuffer& shared, Observer& observer) : shared_(shared), observer_(observer) {}
  Outbound(const Outbound&) = delete;

  void message(ByteSpan head, IoBuf payload);
  /// A frame of the protocol's own; not ordered with puts that still wait.
  void control(const FrameHeader& header, ByteSpan payload = {});
  void put(uint32_t operation, RemoteMemory to, IoBuf from);
  /// Answers a get with [offset, offset + bytes) of `lent`, whose key is `key`. False when kAnswersMax are under way.
  bool answer(uint32_t operation, MemoryKey key, const Lent& lent, uint64_t offset, uint64_t bytes);
  /// No more chunks of it than those committed.
  void cancel_put(uint32_t operation);
  void cancel_answer(uint32_t operation);
  /// Gives up every pointer into that memory: what is committed goes on from a copy, and each unfinished answer ends
  /// with kGetFailed.
  void forget(MemoryKey key);

  /// Fills `pieces` with what is to leave next and returns how many; 0: nothing.
  size_t gather(iovec* pieces, size_t pieces_max);
  /// That many of the gathered bytes have left.
  void sent(size_t bytes);
  bool empty() const { return wire_.empty() && queue_.empty() && answers_.empty(); }
  /// What this side holds on to for the peer (answers hold nothing: their memory belongs to whoever lent it).
  size_t bytes_held() const { return wire_bytes_ + queued_bytes_; }

 private:
  struct Segment {
    const std::byte* data;
    size_t size;
    IoBuf owner;    // empty: lent memory
    uint64_t lent;  // its key, else 0
  };
  struct Queued {  // a message (operation 0) behind a put, or a put
    uint32_t operation = 0;
    RemoteMemory to;
    IoBuf head;
    IoBuf payload;
  };
  struct Answer {
    uint32_t operation;
    MemoryKey key;
    const Lent* lent;
    uint64_t offset;  // of the next chunk, in the lent range
    uint64_t done;
    uint64_t bytes;
  };

  void append_copy(ByteSpan first, ByteSpan second, ByteSpan third = {});
  void append(IoBuf payload);
  void commit_message(ByteSpan head, IoBuf payload);
  void commit_from_queue();
  void commit_answer();

  SendBuffer& shared_;
  Observer& observer_;
  std::deque<Segment> wire_;
  size_t wire_bytes_ = 0;
  std::deque<Queued> queue_;
  size_t queued_bytes_ = 0;
  std::deque<Answer> answers_;  // a chunk of each in turn
  std::vector<MutableByteSpan> cut_;
};

}  // namespace daos::fabric::tcp
