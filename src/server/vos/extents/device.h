// A device of an engine: a block device, or a file of fixed size, that its targets share (docs/formats/device.md). One
// header, written when the system is formatted and never again; then pieces, which each target gives to pools out of
// the region that is its own. Which piece is whose stands in the superblocks of the shards, nowhere else.
//
//   off   size field
//     0     96 stamp    magic "DXDEVICE", version 1 (platform/base/stamp.h)
//    96      . body     DeviceHeader in codec form; then zeros up to 4096
//  1 MiB       pieces   back to back
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/base/codec.h"
#include "platform/base/units.h"
#include "platform/base/uuid.h"
#include "platform/storage/storage.h"

namespace daos::vos {

inline constexpr uint32_t kDeviceVersion = 1;
inline constexpr size_t kDeviceHeaderBytes = 4096;
/// Pieces begin here. What others write to mark a device as theirs (partition tables, file systems) lies before it.
inline constexpr uint64_t kDevicePiecesAt = 1 * kMiB;
inline constexpr uint64_t kDevicePieceBytes = 64 * kMiB;

struct DeviceHeader {
  Uuid id;  // of this device, for ever
  Uuid system;
  std::string system_name;
  Uuid engine;
  uint32_t rank = 0;
  uint32_t number = 0;   // among the engine's devices
  uint32_t regions = 0;  // targets that share it
  uint64_t bytes = 0;    // of the device when it was formatted
  uint64_t piece_bytes = 0;
  bool operator==(const DeviceHeader&) const = default;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.id, self.system, self.system_name, self.engine, self.rank, self.number, self.regions, self.bytes,
            self.piece_bytes);
  }
  uint32_t pieces() const;
};

/// Pieces [first, first + count) of a device.
struct PieceRange {
  uint32_t first = 0;
  uint32_t count = 0;
  uint32_t end() const { return first + count; }
  bool operator==(const PieceRange&) const = default;
};
/// What of the device is one target's. Regions differ by at most one piece.
PieceRange region_of(const DeviceHeader& header, uint32_t region);
uint32_t pieces_for(uint64_t bytes, uint64_t piece_bytes);

/// The header's block.
ByteVector encode_device_header(const DeviceHeader& header);
/// kFormatInvalid: not a device of ours, or damaged. kFormatVersion: of another build, which it names.
Result<DeviceHeader> decode_device_header(ByteSpan block, std::string_view path);

/// The device that an engine knows: what its superblock says of it.
struct DeviceRef {
  uint32_t number = 0;
  Uuid id;
  std::string path;  // on the engine's disk: a link to the device
  std::string name;  // what its owner called it: "/dev/nvme0n1"
  uint64_t bytes = 0;
  std::string in_words() const;
};
/// Below the engine's folder.
std::string device_link_name(uint32_t number);

struct OpenDevice {
  std::unique_ptr<storage::File> file;
  DeviceHeader header;
};
/// Opens the device, locks it if that is asked for, and makes sure that it is the one: kFormatInvalid when it is
/// another one, shorter than it was, or none of ours; kNonexistent when it is not there. The error says the way out.
runtime::Task<Result<OpenDevice>> open_device(storage::Disk& disk, DeviceRef device,
                                              std::optional<storage::LockKind> lock);

/// What a device holds that is to be formatted.
struct DeviceContent {
  uint64_t bytes = 0;
  bool empty = false;             // zeros where others mark what is theirs
  bool empty_but_header = false;  // the same, the header's block aside
  Result<DeviceHeader> header = Status(Code::kFormatInvalid);
};
runtime::Task<Result<DeviceContent>> look_at_device(storage::Disk& disk, std::string path);
/// Durably. What else is on the device stays where it is until pieces are written.
runtime::Task<Status> write_device_header(storage::Disk& disk, std::string path, DeviceHeader header);

}  // namespace daos::vos
