// The half of FrameEndpoint that moves bulk data. Lent memory is touched here only, so on its owner's thread only: once
// revoke() has erased a key, no frame that is still under way can reach the memory.
#include <algorithm>

#include "platform/base/check.h"
#include "platform/fabric/frames/frame_endpoint.h"

namespace daos::fabric {

using runtime::CallContext;
using runtime::Task;

namespace {

/// Calls `copy(piece)` for each piece of [offset, offset + bytes) of the lent range, in order.
template <class Copy>
void for_each_piece(const std::vector<MutableByteSpan>& memory, uint64_t offset, uint64_t bytes, Copy copy) {
  for (const MutableByteSpan piece : memory) {
    if (bytes == 0) return;
    if (offset >= piece.size()) {
      offset -= piece.size();
      continue;
    }
    const size_t part = std::min<uint64_t>(piece.size() - offset, bytes);
    copy(piece.subspan(offset, part));
    bytes -= part;
    offset = 0;
  }
}

}  // namespace

MemoryKey FrameEndpoint::lend(Access access, std::vector<MutableByteSpan> memory) {
  MemoryKey key;
  while (key == MemoryKey() || lent_.contains(key)) key = MemoryKey(reactor_.rng().next());
  Lent lent{access, std::move(memory)};
  for (const MutableByteSpan piece : lent.memory) lent.bytes += piece.size();
  lent_.emplace(key, std::move(lent));
  return key;
}

void FrameEndpoint::revoke(MemoryKey key) {
  if (lent_.erase(key) == 0) return;
  for (auto it = serving_.begin(); it != serving_.end();) {
    if (it->second.key != key) {
      ++it;
      continue;
    }
    const ServingKey ended = it->first;
    it = serving_.erase(it);
    refuse(*find(ended.first), ended.second, Status(Code::kKeyRevoked));
  }
}

Status FrameEndpoint::check_access(RemoteMemory memory, uint64_t bytes, Access wanted) const {
  const auto it = lent_.find(memory.key);
  if (it == lent_.end()) return Status(Code::kKeyRevoked);
  const Lent& lent = it->second;
  if (lent.access != wanted) return error(Code::kNoPerm, "the memory was lent for the other direction");
  if (memory.offset > lent.bytes || bytes > lent.bytes - memory.offset) {
    return error(Code::kInvalid, "bytes {}+{} of lent memory of {} bytes", memory.offset, bytes, lent.bytes);
  }
  return {};
}

void FrameEndpoint::refuse(Peer& peer, uint64_t transfer, Status why) {
  enqueue(
      peer,
      Frame{.kind = Frame::Kind::kDone, .transfer = transfer, .code = why.code(), .text = std::string(why.message())});
}

void FrameEndpoint::end_transfer(uint64_t id, Status status) {
  const auto it = transfers_.find(id);
  if (it == transfers_.end()) return;
  const std::shared_ptr<Transfer> transfer = it->second;
  transfers_.erase(it);
  transfer->failed = std::move(status);
  transfer->ended.set({});
  transfer->room.release(kChunksUnderWayMax);
}

void FrameEndpoint::fail_transfers(PeerId peer, const Status& why) {
  std::vector<uint64_t> ended;
  for (const auto& [id, transfer] : transfers_) {
    if (transfer->peer == peer) ended.push_back(id);
  }
  for (const uint64_t id : ended) end_transfer(id, error(Code::kConnectionLost, "{}", why));
  serving_.erase(serving_.lower_bound({peer, 0}), serving_.upper_bound({peer, UINT64_MAX}));
}

Task<Status> FrameEndpoint::get(PeerId from, RemoteMemory memory, IoBuf into, CallContext context) {
  Peer* peer = find(from);
  if (peer == nullptr) co_return error(Code::kConnectionLost, "the peer has gone");
  if (into.empty()) co_return Status();
  const uint64_t id = next_transfer_++;
  const auto transfer = std::make_shared<Transfer>(reactor_);
  transfer->peer = from;
  transfer->into = into;
  transfers_.emplace(id, transfer);
  enqueue(*peer, Frame{.kind = Frame::Kind::kGet, .transfer = id, .memory = memory, .bytes = into.size()});
  Result<std::monostate> ended = co_await transfer->ended.wait(context);
  if (ended.ok()) co_return transfer->failed;
  transfers_.erase(id);  // late chunks find nothing and are dropped
  peer = find(from);
  if (peer != nullptr && peer->up) enqueue(*peer, Frame{.kind = Frame::Kind::kAbort, .transfer = id});
  co_return std::move(ended).status().within("get");
}

void FrameEndpoint::serve_get(Peer& peer, const Frame& frame) {
  Status allowed = check_access(frame.memory, frame.bytes, Access::kPeerReads);
  if (!allowed.ok()) return refuse(peer, frame.transfer, std::move(allowed));
  Serving& serving = serving_[{peer.id, frame.transfer}];
  serving = {frame.memory.key, frame.memory.offset, frame.bytes, 0};
  for (size_t i = 0; i < kChunksUnderWayMax; i++) {
    const auto it = serving_.find({peer.id, frame.transfer});
    if (it == serving_.end()) return;
    send_chunk(peer, frame.transfer, it->second);
  }
}

void FrameEndpoint::send_chunk(Peer& peer, uint64_t transfer, Serving& serving) {
  const uint64_t bytes = std::min<uint64_t>(kChunkBytesMax, serving.bytes - serving.sent);
  Result<IoBuf> chunk = IoBuf::allocate(bytes);
  if (!chunk.ok()) {
    serving_.erase({peer.id, transfer});
    return refuse(peer, transfer, std::move(chunk).status());
  }
  size_t filled = 0;
  for_each_piece(lent_.at(serving.key).memory, serving.offset + serving.sent, bytes, [&](MutableByteSpan piece) {
    std::memcpy(chunk->data() + filled, piece.data(), piece.size());
    filled += piece.size();
  });
  enqueue(peer, Frame{.kind = Frame::Kind::kGetChunk,
                      .transfer = transfer,
                      .offset = serving.sent,
                      .payload = std::move(chunk).take()});
  serving.sent += bytes;
  if (serving.sent == serving.bytes) serving_.erase({peer.id, transfer});
}

void FrameEndpoint::take_get_chunk(Peer& peer, const Frame& frame) {
  const auto it = transfers_.find(frame.transfer);
  if (it == transfers_.end()) return;
  Transfer& transfer = *it->second;
  std::memcpy(transfer.into.data() + frame.offset, frame.payload.data(), frame.payload.size());
  transfer.got += frame.payload.size();
  if (transfer.got == transfer.into.size()) return end_transfer(frame.transfer, Status());
  enqueue(peer, Frame{.kind = Frame::Kind::kGetTaken, .transfer = frame.transfer});
}

Task<Status> FrameEndpoint::put(PeerId to, RemoteMemory memory, IoBuf from, CallContext context) {
  if (find(to) == nullptr) co_return error(Code::kConnectionLost, "the peer has gone");
  const uint64_t id = next_transfer_++;
  const auto transfer = std::make_shared<Transfer>(reactor_);
  transfer->peer = to;
  transfers_.emplace(id, transfer);
  Status status;
  for (uint64_t sent = 0; sent < from.size() && status.ok();) {
    status = co_await transfer->room.acquire(context);
    if (!transfer->failed.ok()) co_return transfer->failed;  // ended by the peer, or with it: nothing left to take down
    if (!status.ok()) break;
    const uint64_t bytes = std::min<uint64_t>(kChunkBytesMax, from.size() - sent);
    enqueue(*find(to), Frame{.kind = Frame::Kind::kPutChunk,
                             .transfer = id,
                             .memory = {memory.key, memory.offset + sent},
                             .payload = from.slice(sent, bytes)});
    sent += bytes;
  }
  transfers_.erase(id);
  co_return std::move(status).within("put");
}

void FrameEndpoint::take_put_chunk(Peer& peer, const Frame& frame) {
  Status allowed = check_access(frame.memory, frame.payload.size(), Access::kPeerWrites);
  if (!allowed.ok()) return refuse(peer, frame.transfer, std::move(allowed));
  size_t taken = 0;
  for_each_piece(lent_.at(frame.memory.key).memory, frame.memory.offset, frame.payload.size(),
                 [&](MutableByteSpan piece) {
                   std::memcpy(piece.data(), frame.payload.data() + taken, piece.size());
                   taken += piece.size();
                 });
  enqueue(peer, Frame{.kind = Frame::Kind::kPutTaken, .transfer = frame.transfer});
}

}  // namespace daos::fabric
