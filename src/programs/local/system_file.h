// DIR/system: what a directory holds. Written last when it is formatted, so that its presence means "formatted".
// docs/formats/superblock.md has the bytes. Thread-safety: plain data and pure functions.
#pragma once

#include <string>

#include "platform/base/codec.h"
#include "platform/base/uuid.h"

namespace daos::local {

inline constexpr uint32_t kSystemFileVersion = 1;
inline constexpr size_t kSystemFileBytesMax = 64u << 10;
inline constexpr std::string_view kSystemFileName = "system";
inline constexpr uint32_t kEnginesMax = 256;
inline constexpr uint32_t kTargetsMax = 64;

/// How many engines, and how many targets each.
struct Shape {
  uint32_t engines = 0;
  uint32_t targets = 0;
  bool operator==(const Shape&) const = default;
  std::string to_string() const;  // "4 engines x 2 targets"
};

struct SystemFile {
  Uuid system;
  std::string name;
  Shape shape;
  bool operator==(const SystemFile&) const = default;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.system, self.name, self.shape.engines, self.shape.targets);
  }
};

ByteVector encode_system_file(const SystemFile& system);
/// kFormatVersion names the build that wrote it; kFormatInvalid for damage and impossible shapes.
Result<SystemFile> decode_system_file(ByteSpan file, std::string_view path);

}  // namespace daos::local
