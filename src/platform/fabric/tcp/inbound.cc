#include "platform/fabric/tcp/inbound.h"

#include <algorithm>
#include <cstring>

#include "platform/base/check.h"

namespace daos::fabric::tcp {

// A small frame and whatever was received behind it must fit into one block.
static_assert(kHeaderBytes + Inbound::kSharedPayloadMax + Inbound::kReceiveBytes <= ReceiveBuffer::kBlockBytes);

Status ReceiveBuffer::make_room(size_t bytes) {
  DX_DCHECK(bytes <= kBlockBytes, "{}", bytes);
  if (block_.unique()) {
    used_ = 0;  // no slice is left: begin again where the cache is warm
    return {};
  }
  if (used_ + bytes <= block_.size()) return {};
  if (!block_.empty() && kept_.size() < kKeptMax) kept_.push_back(std::move(block_));
  used_ = 0;
  for (IoBuf& kept : kept_) {
    if (!kept.unique()) continue;
    block_ = std::move(kept);
    kept = std::move(kept_.back());
    kept_.pop_back();
    return {};
  }
  block_ = DX_TRY(IoBuf::allocate(kBlockBytes));
  return {};
}

Result<size_t> Inbound::prepare(iovec* pieces, bool bulk_expected) {
  size_t count = 0;
  landing_offered_ = 0;
  if (mode_ == Mode::kFrames) {
    const size_t wanted = bulk_expected ? kReceiveBytesBeforeBulk : kReceiveBytes;
    DX_TRY(shared_.make_room(stash_.size() + wanted));
    pieces[count++] = {shared_.free_space() + stash_.size(), wanted};
    return count;
  }
  if (landing_.empty()) {  // drained: into the shared buffer's free space, of which nothing is kept
    DX_TRY(shared_.make_room(kReceiveBytes));
    landing_offered_ = std::min(missing_, kReceiveBytes);
    pieces[count++] = {shared_.free_space(), landing_offered_};
    return count;
  }
  for (size_t i = landing_at_; i < landing_.size() && count < kPiecesMax - 1; i++) {
    if (landing_[i].empty()) continue;
    pieces[count++] = {landing_[i].data(), landing_[i].size()};
    landing_offered_ += landing_[i].size();
  }
  // The next header with it: what follows a chunk is mostly another one, and more of that would have to be copied.
  if (landing_offered_ == missing_) {
    DX_TRY(shared_.make_room(kHeaderBytes));
    pieces[count++] = {shared_.free_space(), kHeaderBytes};
  }
  return count;
}

Status Inbound::arrived(size_t bytes) {
  if (mode_ != Mode::kFrames) {
    const size_t landed_bytes = std::min(bytes, landing_offered_);
    size_t left = landed_bytes;
    for (; left > 0 && landing_at_ < landing_.size(); landing_at_++) {
      MutableByteSpan& piece = landing_[landing_at_];
      const size_t part = std::min(left, piece.size());
      piece = piece.subspan(part);
      left -= part;
      if (!piece.empty()) break;
    }
    missing_ -= landed_bytes;
    bytes -= landed_bytes;
    if (missing_ > 0) return {};
    DX_TRY(landed());
  }
  if (bytes == 0) return {};
  const size_t begin = shared_.used();
  std::copy(stash_.begin(), stash_.end(), shared_.free_space());
  shared_.use(stash_.size() + bytes);
  stash_.clear();
  return parse(begin, shared_.used());
}

Status Inbound::parse(size_t offset, size_t end) {
  while (end - offset >= kHeaderBytes) {
    const FrameHeader header = DX_TRY(open_header({shared_.at(offset), kHeaderBytes}));
    const size_t here = end - offset - kHeaderBytes;
    const bool chunk = header.kind == FrameKind::kGetData || header.kind == FrameKind::kPutData;
    if (chunk || (here < header.payload_bytes && header.payload_bytes > kSharedPayloadMax)) {
      header_ = header;
      missing_ = header.payload_bytes;
      ByteSpan rest{shared_.at(offset + kHeaderBytes), here};
      DX_TRY(chunk ? begin_chunk(rest) : begin_message(rest));
      offset = end - rest.size();
      if (missing_ > 0) return {};
      DX_TRY(landed());
      continue;
    }
    if (here < header.payload_bytes) break;
    IoBuf payload;
    if (header.payload_bytes > 0) payload = shared_.slice(offset + kHeaderBytes, header.payload_bytes);
    offset += kHeaderBytes + header.payload_bytes;
    DX_TRY(sink_.on_frame(header, std::move(payload)));
  }
  stash_.assign(shared_.at(offset), shared_.at(end));
  return {};
}

Status Inbound::begin_chunk(ByteSpan& rest) {
  mode_ = Mode::kChunk;
  landing_.clear();
  landing_at_ = 0;
  DX_TRY(sink_.on_chunk(header_, landing_));
  land(rest.first(std::min(rest.size(), missing_)));
  rest = rest.subspan(std::min<size_t>(rest.size(), header_.payload_bytes));
  return {};
}

Status Inbound::begin_message(ByteSpan& rest) {
  mode_ = Mode::kMessage;
  message_ = DX_TRY(IoBuf::allocate(header_.payload_bytes));
  landing_.assign(1, message_.writable());
  landing_at_ = 0;
  land(rest);
  rest = {};
  return {};
}

/// Copies what of a chunk or long message arrived with its header.
void Inbound::land(ByteSpan bytes) {
  missing_ -= bytes.size();
  for (; !bytes.empty() && landing_at_ < landing_.size(); landing_at_++) {
    MutableByteSpan& piece = landing_[landing_at_];
    const size_t part = std::min(bytes.size(), piece.size());
    std::memcpy(piece.data(), bytes.data(), part);
    piece = piece.subspan(part);
    bytes = bytes.subspan(part);
    if (!piece.empty()) break;
  }
}

Status Inbound::landed() {
  const bool chunk = mode_ == Mode::kChunk;
  mode_ = Mode::kFrames;
  landing_.clear();
  return chunk ? sink_.on_chunk_end(header_) : sink_.on_frame(header_, std::move(message_));
}

void Inbound::abandon_landing() {
  if (mode_ == Mode::kChunk) landing_.clear();
}

}  // namespace daos::fabric::tcp
