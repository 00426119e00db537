// What an engine knows of itself before it has spoken to anybody: DIR/engine-R/superblock. Written by daos_server when
// it formats and when an address changes, always while the engine does not run; read by the engine at start. The
// folder's layout and the file's bytes: docs/formats/superblock.md. Thread-safety: plain data and pure functions.
#pragma once

#include <string>
#include <vector>

#include "model/messages/system.h"
#include "platform/base/codec.h"
#include "platform/base/uuid.h"

namespace daos::engine {

inline constexpr uint32_t kSuperblockVersion = 1;
inline constexpr size_t kSuperblockBytesMax = 64u << 10;
/// Relative to the engine's folder.
inline constexpr std::string_view kSuperblockName = "superblock";

struct Superblock {
  Uuid system;
  std::string system_name;
  Uuid engine;
  map::Rank rank;
  uint32_t targets = 0;
  messages::EngineAddress address;             // where this engine listens: its system listener, then each target
  std::vector<std::string> service_addresses;  // of the system service: "tcp://127.0.0.1:20000", rank 0 first
  uint64_t memory_bytes = 0;                   // for tier 0, over all pools
  uint64_t disk_bytes = 0;                     // for logs and tier 1, over all pools

  bool operator==(const Superblock&) const = default;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.system, self.system_name, self.engine, self.rank, self.targets, self.address, self.service_addresses,
            self.memory_bytes, self.disk_bytes);
  }
};

ByteVector encode_superblock(const Superblock& superblock);
/// `path` names the file in errors. kFormatVersion names the build that wrote it; kFormatInvalid for damage, and for a
/// content that no engine could serve (no targets, ports that do not match them).
Result<Superblock> decode_superblock(ByteSpan file, std::string_view path);

/// "tcp://127.0.0.1:20000"
std::string tcp_address(const std::string& host, uint16_t port);

}  // namespace daos::engine
