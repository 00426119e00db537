// DIR/engine-R/target-T/POOL/power-loss: power was lost under durability `process`, and acknowledged updates with it.
// Written before the log is cut, because afterwards nothing tells any more; stays for ever, because what extents were
// lost is seen only when they are read. A stamped file (docs/formats/superblock.md has the header), magic "DAOSLOSS";
// body:
//
//   type field     meaning
//   u64  from      log position behind the newest record that was left
//   u64  to        position that is known to have been acknowledged
//   bool reported  the pool's service knows, durably
#pragma once

#include "platform/base/codec.h"
#include "platform/journal/journal.h"

namespace daos::vos {

inline constexpr uint32_t kPowerLossFileVersion = 1;
inline constexpr size_t kPowerLossFileBytesMax = 4096;
inline constexpr std::string_view kPowerLossFileName = "power-loss";

struct PowerLoss {
  journal::Position from, to;
  bool reported = false;
  bool operator==(const PowerLoss&) const = default;
  static void visit(auto&& visitor, auto& self) { visitor(self.from, self.to, self.reported); }
};

ByteVector encode_power_loss(const PowerLoss& loss);
/// kFormatVersion names the build that wrote it; kFormatInvalid for damage.
Result<PowerLoss> decode_power_loss(ByteSpan file, std::string_view path);

}  // namespace daos::vos
