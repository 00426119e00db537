// Whatever the bytes of a log say, reading them ends with records or an error: as header, block and parts on their own,
// and as a segment that a whole recovery reads. Blocks that the input spoils are given a valid crc first, so that the
// checks behind the crc are reached too.
#include <algorithm>
#include <cstring>

#include "platform/base/hash.h"
#include "platform/journal/format.h"
#include "platform/journal/journal_world.h"

namespace {

using namespace daos;           // NOLINT(google-build-using-namespace): a program of its own
using namespace daos::journal;  // NOLINT(google-build-using-namespace)

constexpr uint64_t kLog = 0x1122334455667788;

void decode_pieces(ByteSpan input) {
  ByteVector area(kHeaderArea);
  std::copy_n(input.begin(), std::min(input.size(), area.size()), area.begin());
  decode_segment_header(area).ignore("either is fine");

  ByteVector block(4096);
  std::copy_n(input.begin(), std::min(input.size(), block.size()), block.begin());
  const uint32_t block_bytes = 4096;
  const uint64_t position = 1 << 20;
  std::memcpy(block.data() + 4, "DXLB", 4);
  std::memcpy(block.data() + 8, &kLog, sizeof kLog);
  std::memcpy(block.data() + 16, &position, sizeof position);
  std::memcpy(block.data() + 40, &block_bytes, sizeof block_bytes);
  const uint32_t crc = crc32c(ByteSpan(block).subspan(4));
  std::memcpy(block.data(), &crc, sizeof crc);
  const std::optional<BlockHeader> header = decode_block(block, kLog, position, 64);
  if (!header) return;
  uint64_t seen = 0;
  for_each_part(block, *header, [&](const Part& part) {
    seen += part.payload.size();
    return Status();
  }).ignore("either is fine");
  DX_CHECK(seen <= block.size(), "{}", seen);
}

/// A log of two records with the input laid over its blocks.
void recover(ByteSpan input) {
  JournalWorld world(1);
  const Options options{.durability = Durability::kProcess, .segment_bytes = 16 * kKiB, .segments_max = 4};
  DX_CHECK(world.open(options).ok());
  for (uint64_t i = 0; i < 2; i++) DX_CHECK(world.wait(*world.append(world.record(i, 100))).ok());
  DX_CHECK(world.close().ok());
  const std::string path = "log/" + segment_name(0);
  world.medium->overwrite(path, kHeaderArea + 64, input.first(std::min<size_t>(input.size(), 8 * kKiB)));
  const Status opened = world.open(options);
  if (!opened.ok()) return;
  for (const auto& record : world.replayed) {
    DX_CHECK(std::find(world.appended.begin(), world.appended.end(), record) != world.appended.end());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t bytes) {
  const ByteSpan input(reinterpret_cast<const std::byte*>(data), bytes);
  decode_pieces(input);
  recover(input);
  return 0;
}
