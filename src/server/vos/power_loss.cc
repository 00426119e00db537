#include "server/vos/power_loss.h"

#include "platform/base/stamp.h"

namespace daos::vos {
namespace {

constexpr Stamp kStamp{.magic = "DAOSLOSS", .version = kPowerLossFileVersion};

}  // namespace

ByteVector encode_power_loss(const PowerLoss& loss) { return stamp(kStamp, encode(loss)); }

Result<PowerLoss> decode_power_loss(ByteSpan file, std::string_view path) {
  const ByteSpan body = DX_TRY(unstamp(kStamp, file, path));
  Result<PowerLoss> loss = decode<PowerLoss>(body, path);
  if (!loss.ok()) return error(Code::kFormatInvalid, "{}", loss.status().message());
  return loss;
}

}  // namespace daos::vos
