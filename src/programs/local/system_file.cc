#include "programs/local/system_file.h"

#include "platform/base/stamp.h"

namespace daos::local {
namespace {
constexpr Stamp kStamp{.magic = "DXSYSTEM", .version = kSystemFileVersion};

std::string counted(uint32_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}
}  // namespace

std::string Shape::to_string() const { return counted(engines, "engine") + " x " + counted(targets, "target"); }

ByteVector encode_system_file(const SystemFile& system) { return stamp(kStamp, encode(system)); }

Result<SystemFile> decode_system_file(ByteSpan file, std::string_view path) {
  const ByteSpan body = DX_TRY(unstamp(kStamp, file, path));
  Result<SystemFile> system = decode<SystemFile>(body, path);
  if (!system.ok()) return error(Code::kFormatInvalid, "{}", system.status().message());
  const Shape shape = system->shape;
  if (shape.engines == 0 || shape.engines > kEnginesMax || shape.targets == 0 || shape.targets > kTargetsMax) {
    return error(Code::kFormatInvalid, "{}: {} engines with {} targets", path, shape.engines, shape.targets);
  }
  return system;
}

}  // namespace daos::local
