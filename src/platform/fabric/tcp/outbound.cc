#include "platform/fabric/tcp/outbound.h"

#include <algorithm>
#include <cstring>

#include "platform/base/check.h"

namespace daos::fabric::tcp {

std::byte* SendBuffer::reserve(size_t bytes) {
  if (block_.unique()) used_ = 0;
  if (used_ + bytes > block_.size()) {
    Result<IoBuf> block = IoBuf::allocate(std::max(bytes, kBlockBytes));
    DX_CHECK(block.ok(), "{}", block.status());
    block_ = std::move(block).take();
    used_ = 0;
  }
  std::byte* place = block_.data() + used_;
  used_ += bytes;
  return place;
}

void Outbound::append_copy(ByteSpan first, ByteSpan second, ByteSpan third) {
  const size_t bytes = first.size() + second.size() + third.size();
  std::byte* place = shared_.reserve(bytes);
  std::byte* at = std::copy(first.begin(), first.end(), place);
  at = std::copy(second.begin(), second.end(), at);
  std::copy(third.begin(), third.end(), at);
  wire_bytes_ += bytes;
  // Adjacent memory is the same block: two blocks are never adjacent, their counts lie in between.
  if (!wire_.empty() && wire_.back().lent == 0 && wire_.back().data + wire_.back().size == place) {
    wire_.back().size += bytes;
    return;
  }
  wire_.push_back({place, bytes, shared_.block(), 0});
}

void Outbound::append(IoBuf payload) {
  const std::byte* data = payload.data();
  const size_t bytes = payload.size();
  wire_bytes_ += bytes;
  wire_.push_back({data, bytes, std::move(payload), 0});
}

void Outbound::commit_message(ByteSpan head, IoBuf payload) {
  const auto header = seal({.payload_bytes = static_cast<uint32_t>(head.size() + payload.size())});
  if (payload.size() <= kCopiedMax) {
    append_copy(header, head, payload.bytes());
  } else {
    append_copy(header, head);
    append(std::move(payload));
  }
}

void Outbound::message(ByteSpan head, IoBuf payload) {
  DX_CHECK(head.size() + payload.size() <= kMessageBytesMax, "a message of {} bytes", head.size() + payload.size());
  if (queue_.empty()) return commit_message(head, std::move(payload));
  queued_bytes_ += head.size() + payload.size();
  queue_.push_back({.head = IoBuf::copy_of(head), .payload = std::move(payload)});
}

void Outbound::control(const FrameHeader& header, ByteSpan payload) { append_copy(seal(header), payload); }

void Outbound::put(uint32_t operation, RemoteMemory to, IoBuf from) {
  queued_bytes_ += from.size();
  queue_.push_back({.operation = operation, .to = to, .payload = std::move(from)});
  while (!queue_.empty() && wire_bytes_ < kCommitBelow) commit_from_queue();
}

void Outbound::commit_from_queue() {
  Queued& next = queue_.front();
  if (next.operation == 0) {
    queued_bytes_ -= next.head.size() + next.payload.size();
    const Queued message = std::move(next);
    queue_.pop_front();
    return commit_message(message.head.bytes(), message.payload.share());
  }
  const size_t bytes = std::min(next.payload.size(), kChunkBytesMax);
  const bool more = bytes < next.payload.size();
  append_copy(seal({.payload_bytes = static_cast<uint32_t>(bytes),
                    .kind = FrameKind::kPutData,
                    .flags = more ? kFlagMore : uint8_t{0},
                    .operation = next.operation,
                    .key = next.to.key.value(),
                    .offset = next.to.offset}),
              {});
  append(next.payload.slice(0, bytes));
  queued_bytes_ -= bytes;
  if (more) {
    next.payload = next.payload.slice(bytes, next.payload.size() - bytes);
    next.to.offset += bytes;
    return;
  }
  const uint32_t operation = next.operation;
  queue_.pop_front();
  observer_.on_put_committed(operation);
}

bool Outbound::answer(uint32_t operation, MemoryKey key, const Lent& lent, uint64_t offset, uint64_t bytes) {
  if (answers_.size() >= kAnswersMax) return false;
  answers_.push_back({operation, key, &lent, offset, 0, bytes});
  return true;
}

void Outbound::commit_answer() {
  Answer next = answers_.front();
  answers_.pop_front();
  const uint64_t bytes = std::min<uint64_t>(next.bytes - next.done, kChunkBytesMax);
  append_copy(seal({.payload_bytes = static_cast<uint32_t>(bytes),
                    .kind = FrameKind::kGetData,
                    .operation = next.operation,
                    .offset = next.done}),
              {});
  cut_.clear();
  next.lent->cut(next.offset, bytes, cut_);
  for (const MutableByteSpan piece : cut_) wire_.push_back({piece.data(), piece.size(), {}, next.key.value()});
  wire_bytes_ += bytes;
  next.offset += bytes;
  next.done += bytes;
  if (next.done < next.bytes) answers_.push_back(next);
}

void Outbound::cancel_put(uint32_t operation) {
  for (auto i = queue_.begin(); i != queue_.end(); ++i) {
    if (i->operation != operation) continue;
    queued_bytes_ -= i->payload.size();
    queue_.erase(i);
    return;
  }
}

void Outbound::cancel_answer(uint32_t operation) {
  std::erase_if(answers_, [&](const Answer& answer) { return answer.operation == operation; });
}

void Outbound::forget(MemoryKey key) {
  for (Segment& segment : wire_) {
    if (segment.lent != key.value()) continue;
    segment.owner = IoBuf::copy_of({segment.data, segment.size});
    segment.data = segment.owner.data();
    segment.lent = 0;
  }
  for (size_t i = answers_.size(); i > 0; i--) {
    const Answer answer = answers_.front();
    answers_.pop_front();
    if (answer.key != key) {
      answers_.push_back(answer);  // all go once around, so their order stays
      continue;
    }
    control({.kind = FrameKind::kGetFailed,
             .operation = answer.operation,
             .offset = static_cast<uint64_t>(Code::kKeyRevoked)});
  }
}

size_t Outbound::gather(iovec* pieces, size_t pieces_max) {
  while (wire_bytes_ < kCommitBelow) {
    if (queue_.empty() && answers_.empty()) break;
    if (!queue_.empty()) commit_from_queue();
    if (!answers_.empty()) commit_answer();
  }
  size_t count = 0;
  for (const Segment& segment : wire_) {
    if (count == pieces_max) break;
    pieces[count++] = {const_cast<std::byte*>(segment.data), segment.size};
  }
  return count;
}

void Outbound::sent(size_t bytes) {
  wire_bytes_ -= bytes;
  while (bytes > 0) {
    Segment& first = wire_.front();
    const size_t part = std::min(bytes, first.size);
    first.data += part;
    first.size -= part;
    bytes -= part;
    if (first.size == 0) wire_.pop_front();
  }
}

}  // namespace daos::fabric::tcp
