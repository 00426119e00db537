// Any bytes, and any body behind a true header, are read or refused without a crash; what is read is written the same
// again.
#include "platform/base/check.h"
#include "platform/base/stamp.h"
#include "programs/local/system_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t bytes) {
  using namespace daos;
  const ByteSpan input = std::as_bytes(std::span(data, bytes));
  local::decode_system_file(input, "fuzz").ignore("any outcome will do");
  const ByteVector file = stamp({.magic = "DXSYSTEM", .version = local::kSystemFileVersion}, input);
  const Result<local::SystemFile> read = local::decode_system_file(file, "fuzz");
  if (read.ok()) DX_CHECK(local::encode_system_file(*read) == file);
  return 0;
}
