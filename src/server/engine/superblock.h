// What an engine knows of itself before it has spoken to anybody: DIR/engine-R/superblock. Written by daos_server when
// it formats and when an address changes, always while the engine does not run; read by the engine at start. The
// folder's layout and the file's bytes: docs/formats/superblock.md. Thread-safety: plain data and pure functions.
#pragma once

#include <string>
#include <vector>

#include "model/messages/system.h"
#include "platform/base/codec.h"
#include "platform/base/uuid.h"
#include "server/vos/extents/device.h"

namespace daos::engine {

inline constexpr uint32_t kSuperblockVersion = 2;  // newest; 1 is written for an engine without devices
inline constexpr size_t kSuperblockBytesMax = 64u << 10;
/// Relative to the engine's folder.
inline constexpr std::string_view kSuperblockName = "superblock";

/// A device of the engine, as it was when it was formatted.
struct Device {
  Uuid id;
  std::string name;  // what its owner called it
  uint64_t bytes = 0;
  bool operator==(const Device&) const = default;
  static void visit(auto&& visitor, auto& self) { visitor(self.id, self.name, self.bytes); }
};

struct Superblock {
  Uuid system;
  std::string system_name;
  Uuid engine;
  map::Rank rank;
  uint32_t targets = 0;
  messages::EngineAddress address;             // where this engine listens: its system listener, then each target
  std::vector<std::string> service_addresses;  // of the system service: "tcp://127.0.0.1:20000", rank 0 first
  uint64_t memory_bytes = 0;                   // for tier 0, over all pools
  uint64_t disk_bytes = 0;                     // for logs and tier 1, over all pools; with devices, what these have
  std::vector<Device> devices;                 // of version 2: where tier 1 lies, if not in files

  bool operator==(const Superblock&) const = default;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.system, self.system_name, self.engine, self.rank, self.targets, self.address, self.service_addresses,
            self.memory_bytes, self.disk_bytes);
  }
};

/// As the targets know them, `directory` being the engine's folder on their disks.
std::vector<vos::DeviceRef> devices_of(const Superblock& superblock, std::string_view directory = {});

/// How many of an engine's targets use the device of that number: target T uses device T modulo their count.
uint32_t targets_on(uint32_t device, uint32_t devices, uint32_t targets);
/// What an engine's devices have for pools, of which every target gets as much as the others.
uint64_t device_space(const std::vector<vos::DeviceHeader>& devices, uint32_t targets);

ByteVector encode_superblock(const Superblock& superblock);
/// `path` names the file in errors. kFormatVersion names the build that wrote it; kFormatInvalid for damage, and for a
/// content that no engine could serve (no targets, ports that do not match them).
Result<Superblock> decode_superblock(ByteSpan file, std::string_view path);

/// "tcp://127.0.0.1:20000"
std::string tcp_address(const std::string& host, uint16_t port);

}  // namespace daos::engine
