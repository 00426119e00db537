// Any bytes as an entry of a service's log and as its snapshot: read or refused without a crash; what is read is
// written the same again.
#include "platform/base/check.h"
#include "platform/base/hash.h"
#include "platform/consensus/format.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace daos;
  const ByteSpan input = std::as_bytes(std::span(data, size));
  const auto entry = consensus::decode_entry(input);
  if (entry.ok()) DX_CHECK(encode(*entry) == ByteVector(input.begin(), input.end()), "{}", size);
  consensus::decode_snapshot(input, "fuzz").ignore("any outcome will do");
  ByteVector file(8);
  std::memcpy(file.data(), "DAOSSNAP", 8);
  encode_into(file, crc32c(input));
  file.insert(file.end(), input.begin(), input.end());
  const auto snapshot = consensus::decode_snapshot(file, "fuzz");
  if (snapshot.ok()) DX_CHECK(consensus::encode_snapshot(*snapshot) == file, "{}", size);
  return 0;
}
