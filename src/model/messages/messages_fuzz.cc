// Any bytes as any message: the first byte picks the struct. No crash, no unbounded memory; what is accepted is written
// the same again, and reads the same when its buffers are shared instead of copied.
#include "model/messages/administration.h"
#include "model/messages/attach.h"
#include "model/messages/attributes.h"
#include "model/messages/container.h"
#include "model/messages/engine.h"
#include "model/messages/object.h"
#include "model/messages/pool.h"
#include "model/messages/system.h"
#include "platform/base/check.h"

namespace {

using namespace daos;

template <class Message>
void try_as(ByteSpan bytes) {
  const Result<Message> copied = decode<Message>(bytes, "fuzz");
  const IoBuf owner = IoBuf::copy_of(bytes);
  const Result<Message> shared = decode_shared<Message>(owner, "fuzz");
  DX_CHECK(copied.ok() == shared.ok(), "{} bytes", bytes.size());
  if (!copied.ok()) return;
  const ByteVector again = encode(*copied);
  const EncodedParts parts = encode_parts(*shared);
  DX_CHECK(parts.head.size() + parts.payload.size() == again.size(), "{} and {} bytes", parts.head.size(),
           parts.payload.size());
  DX_CHECK(again == ByteVector(bytes.begin(), bytes.end()), "{} bytes", bytes.size());
  DX_CHECK(again == encode(*shared), "{} bytes", bytes.size());
}

using Try = void (*)(ByteSpan);
constexpr Try kTries[] = {
#define DX_STRUCT(name) &try_as<messages::name>,
#include "model/messages/structs.def"
#undef DX_STRUCT
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t bytes) {
  if (bytes == 0) return 0;
  kTries[data[0] % std::size(kTries)](std::as_bytes(std::span(data + 1, bytes - 1)));
  return 0;
}
