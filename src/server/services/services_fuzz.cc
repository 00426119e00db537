// Any bytes as commands and snapshots of the services' state machines. The first byte picks machine and use; commands
// follow each other, each behind a byte of length. No crash; a state that was restored is written the same again.
#include "platform/base/check.h"
#include "server/services/pool/pool_state.h"
#include "server/services/system/system_state.h"

namespace {

using namespace daos;

template <class Machine>
void command(ByteSpan input) {
  Machine machine;
  while (!input.empty()) {
    const size_t bytes = std::min<size_t>(std::to_integer<size_t>(input[0]), input.size() - 1);
    machine.apply(input.subspan(1, bytes)).ignore("any outcome will do");
    input = input.subspan(1 + bytes);
  }
  Machine again;
  const Status restored = again.restore(machine.snapshot());
  DX_CHECK(restored.ok(), "{}", restored);
  DX_CHECK(again.snapshot() == machine.snapshot(), "a snapshot differs from what it was made of");
}

template <class Machine>
void restore(ByteSpan input) {
  Machine machine;
  if (!machine.restore(input).ok()) return;
  // Entries of a map may have come in any order; written once, they stay.
  Machine again;
  DX_CHECK(again.restore(machine.snapshot()).ok(), "{} bytes", input.size());
  DX_CHECK(again.snapshot() == machine.snapshot(), "{} bytes", input.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ByteSpan input = std::as_bytes(std::span(data + 1, size - 1));
  switch (data[0] % 4) {
    case 0:
      command<services::PoolState>(input);
      break;
    case 1:
      command<services::SystemState>(input);
      break;
    case 2:
      restore<services::PoolState>(input);
      break;
    case 3:
      restore<services::SystemState>(input);
      break;
  }
  return 0;
}
