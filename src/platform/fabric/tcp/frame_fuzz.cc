// Whatever bytes a peer sends, in whatever pieces: no crash, no write outside a landing, no memory for lengths that
// only were claimed. The first byte of the input seeds the sizes of the pieces; the rest is the stream, in which every
// header's crc is made right half of the time, so that the fuzzer gets behind it.
#include <cstring>

#include "platform/base/check.h"
#include "platform/base/hash.h"
#include "platform/fabric/tcp/inbound.h"
#include "platform/runtime/rng.h"

namespace daos::fabric::tcp {
namespace {

class Checker : public FrameSink {
 public:
  Status on_frame(const FrameHeader& header, IoBuf payload) override {
    DX_CHECK(payload.size() == header.payload_bytes, "{} of {}", payload.size(), header.payload_bytes);
    sum_ += crc32c(payload.bytes());
    if (header.kind == FrameKind::kHello) DX_TRY(open_hello(payload.bytes()));
    if (kept_.size() < 16) kept_.push_back(std::move(payload));
    return {};
  }
  Status on_chunk(const FrameHeader& header, std::vector<MutableByteSpan>& landing) override {
    DX_CHECK(header.payload_bytes <= kChunkBytesMax, "{}", header.payload_bytes);
    if (header.key % 3 == 0) return {};  // drained
    memory_.assign(header.payload_bytes + 2, kFence);
    landing.push_back(MutableByteSpan(memory_).subspan(1, header.payload_bytes / 2));
    landing.push_back(MutableByteSpan(memory_).subspan(1 + header.payload_bytes / 2,
                                                       header.payload_bytes - header.payload_bytes / 2));
    return {};
  }
  Status on_chunk_end(const FrameHeader& header) override {
    if (memory_.empty()) return {};
    DX_CHECK(memory_.front() == kFence, "written before the landing");
    DX_CHECK(memory_.back() == kFence, "written behind the landing");
    return {};
  }

 private:
  static constexpr std::byte kFence{0xfe};
  std::vector<std::byte> memory_;
  std::vector<IoBuf> kept_;
  uint32_t sum_ = 0;
};

}  // namespace
}  // namespace daos::fabric::tcp

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace daos;
  using namespace daos::fabric::tcp;
  if (size == 0) return 0;
  runtime::Rng rng(data[0]);
  std::vector<std::byte> stream(reinterpret_cast<const std::byte*>(data) + 1,
                                reinterpret_cast<const std::byte*>(data) + size);
  for (size_t at = 0; stream.size() - at >= kHeaderBytes && rng.below(8) != 0;) {
    const uint32_t crc = crc32c(ByteSpan(stream).subspan(at + 4, kHeaderBytes - 4));
    std::memcpy(stream.data() + at, &crc, sizeof crc);
    uint32_t payload_bytes;
    std::memcpy(&payload_bytes, stream.data() + at + 4, sizeof payload_bytes);
    at += kHeaderBytes;
    at += std::min<size_t>(payload_bytes, stream.size() - at);
  }
  ReceiveBuffer buffer;
  Checker checker;
  Inbound in(buffer, checker);
  ByteSpan rest = stream;
  while (!rest.empty()) {
    iovec pieces[Inbound::kPiecesMax];
    const auto count = in.prepare(pieces, rng.below(2) == 0);
    if (!count.ok()) break;
    const size_t n = *count;
    const size_t most = rng.between(1, 1u << rng.between(1, 17));
    size_t moved = 0;
    for (size_t i = 0; i < n; i++) {
      const size_t part = std::min({pieces[i].iov_len, most - moved, rest.size()});
      std::memcpy(pieces[i].iov_base, rest.data(), part);
      rest = rest.subspan(part);
      moved += part;
    }
    if (!in.arrived(moved).ok()) break;
    if (rng.below(16) == 0) in.abandon_landing();
  }
  return 0;
}
