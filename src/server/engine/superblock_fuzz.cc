// Any bytes, and any body behind a true header, are read or refused without a crash; what is read is written the same
// again.
#include "platform/base/check.h"
#include "platform/base/stamp.h"
#include "server/engine/superblock.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t bytes) {
  using namespace daos;
  const ByteSpan input = std::as_bytes(std::span(data, bytes));
  engine::decode_superblock(input, "fuzz").ignore("any outcome will do");
  const ByteVector file = stamp({.magic = "DXENGINE", .version = engine::kSuperblockVersion}, input);
  const Result<engine::Superblock> read = engine::decode_superblock(file, "fuzz");
  if (read.ok()) DX_CHECK(engine::encode_superblock(*read) == file);
  return 0;
}
