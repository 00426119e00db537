// What a small message costs apart from the system calls: put together, taken apart, handed up.
#include <benchmark/benchmark.h>

#include <cstring>

#include "platform/base/codec.h"
#include "platform/fabric/tcp/inbound.h"
#include "platform/fabric/tcp/outbound.h"

namespace daos::fabric::tcp {
namespace {

class Sink : public FrameSink, public Outbound::Observer {
 public:
  Status on_frame(const FrameHeader& header, IoBuf payload) override {
    bytes += payload.size();
    return {};
  }
  Status on_chunk(const FrameHeader&, std::vector<MutableByteSpan>&) override { return {}; }
  Status on_chunk_end(const FrameHeader&) override { return {}; }
  void on_put_committed(uint32_t) override {}
  size_t bytes = 0;
};

void BM_Seal(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(seal({.payload_bytes = 64}));
}
BENCHMARK(BM_Seal);

void BM_OpenHeader(benchmark::State& state) {
  const auto sealed = seal({.payload_bytes = 64});
  for (auto _ : state) benchmark::DoNotOptimize(open_header(sealed).ok());
}
BENCHMARK(BM_OpenHeader);

void BM_SendMessages(benchmark::State& state) {
  SendBuffer buffer;
  Sink sink;
  Outbound out(buffer, sink);
  const ByteVector head(64);
  for (auto _ : state) {
    for (int i = 0; i < 64; i++) out.message(head, {});
    iovec pieces[64];
    out.gather(pieces, 64);
    out.sent(64 * (64 + kHeaderBytes));
  }
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(BM_SendMessages);

void BM_ReceiveMessages(benchmark::State& state) {
  ByteVector stream;
  for (int i = 0; i < 64; i++) {
    const auto sealed = seal({.payload_bytes = 64});
    stream.insert(stream.end(), sealed.begin(), sealed.end());
    stream.resize(stream.size() + 64);
  }
  ReceiveBuffer buffer;
  Sink sink;
  Inbound in(buffer, sink);
  for (auto _ : state) {
    iovec pieces[Inbound::kPiecesMax];
    if (!in.prepare(pieces, false).ok()) std::abort();
    std::memcpy(pieces[0].iov_base, stream.data(), stream.size());
    if (!in.arrived(stream.size()).ok()) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * 64);
  benchmark::DoNotOptimize(sink.bytes);
}
BENCHMARK(BM_ReceiveMessages);

}  // namespace
}  // namespace daos::fabric::tcp
