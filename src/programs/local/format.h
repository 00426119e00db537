// Makes a directory into a system, once. Runs on the reactor, through the disk seam.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "platform/runtime/task.h"
#include "platform/storage/storage.h"
#include "programs/local/machine.h"
#include "programs/local/system_file.h"
#include "server/engine/superblock.h"

namespace daos::local {

/// Makes the link in the engine's folder that names the device, durably.
using DeviceLinker = std::function<Status(uint32_t rank, const std::string& link, const std::string& device)>;

struct FormatOptions {
  std::string name;
  Shape shape;
  Limits limits;
  std::vector<std::string> devices;  // rank 0's first; as many for each engine
  bool format_used = false;          // devices that are not empty, too
  uint64_t piece_bytes = vos::kDevicePieceBytes;
  DeviceLinker link;
};

/// Everything that stands in files about a system.
struct Installed {
  SystemFile system;
  std::vector<engine::Superblock> engines;  // by rank
};

/// Where an engine of that system, with so many targets, is to listen.
using AddressChooser = std::function<Result<messages::EngineAddress>(const Uuid& system, uint32_t targets)>;

/// Writes engine-R/superblock for each engine, and the headers of its devices, then the system file. kExists, and
/// nothing is touched, when an engine's folder holds more than a superblock: data whose system file was lost is not
/// formatted over; or when a device holds something.
runtime::Task<Result<Installed>> format(storage::Disk& disk, FormatOptions options, AddressChooser choose,
                                        runtime::Rng& rng);

/// Reads and checks what format() wrote. `root` names the directory in errors.
runtime::Task<Result<Installed>> read_installed(storage::Disk& disk, std::string root);

/// A system has these devices, under whatever names they have now: links and superblocks follow. What is installed
/// then.
runtime::Task<Result<Installed>> find_devices(storage::Disk& disk, Installed installed,
                                              std::vector<std::string> devices, DeviceLinker link);
/// Each engine's devices are there, and the right ones.
runtime::Task<Status> check_installed_devices(storage::Disk& disk, const Installed& installed);

/// Replaces one engine's superblock. Only while that engine does not read it, which it does at start.
runtime::Task<Status> write_superblock(storage::Disk& disk, engine::Superblock superblock);

}  // namespace daos::local
