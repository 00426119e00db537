#include "server/engine/superblock.h"

#include <algorithm>

#include "platform/base/stamp.h"

namespace daos::engine {
namespace {

constexpr uint32_t kWithoutDevices = 1;
constexpr Stamp stamp_of(uint32_t version) { return {.magic = "DXENGINE", .version = version}; }

}  // namespace

std::vector<vos::DeviceRef> devices_of(const Superblock& superblock, std::string_view directory) {
  std::vector<vos::DeviceRef> devices;
  for (uint32_t number = 0; number < superblock.devices.size(); number++) {
    const Device& device = superblock.devices[number];
    const std::string link = vos::device_link_name(number);
    devices.push_back({.number = number,
                       .id = device.id,
                       .path = directory.empty() ? link : fmt::format("{}/{}", directory, link),
                       .name = device.name,
                       .bytes = device.bytes});
  }
  return devices;
}

uint32_t targets_on(uint32_t device, uint32_t devices, uint32_t targets) {
  return targets / devices + (device < targets % devices ? 1 : 0);
}

uint64_t device_space(const std::vector<vos::DeviceHeader>& devices, uint32_t targets) {
  uint64_t least = UINT64_MAX;
  for (const vos::DeviceHeader& device : devices) {
    for (uint32_t region = 0; region < device.regions; region++)
      least = std::min(least, vos::region_of(device, region).count * device.piece_bytes);
  }
  return devices.empty() ? 0 : least * targets;
}

ByteVector encode_superblock(const Superblock& superblock) {
  ByteVector body = encode(superblock);
  if (superblock.devices.empty()) return stamp(stamp_of(kWithoutDevices), body);
  encode_into(body, superblock.devices);
  return stamp(stamp_of(kSuperblockVersion), body);
}

Result<Superblock> decode_superblock(ByteSpan file, std::string_view path) {
  const bool with_devices = stamped_version(file) != kWithoutDevices;
  const Stamp expected = stamp_of(with_devices ? kSuperblockVersion : kWithoutDevices);
  Decoder decoder(DX_TRY(unstamp(expected, file, path)));
  Result<Superblock> superblock = Superblock();
  decoder(*superblock);
  if (with_devices) decoder(superblock->devices);
  if (!decoder.ok() || !decoder.rest().empty())
    return error(Code::kFormatInvalid, "{}: its content is malformed", path);
  if (with_devices && (superblock->devices.empty() || superblock->devices.size() > superblock->targets)) {
    return error(Code::kFormatInvalid, "{}: {} devices for {} targets", path, superblock->devices.size(),
                 superblock->targets);
  }
  if (superblock->targets == 0 || superblock->targets > map::kTargetsPerEngineMax) {
    return error(Code::kFormatInvalid, "{}: {} targets", path, superblock->targets);
  }
  if (superblock->address.target_ports.size() != superblock->targets) {
    return error(Code::kFormatInvalid, "{}: {} ports for {} targets", path, superblock->address.target_ports.size(),
                 superblock->targets);
  }
  return superblock;
}

std::string tcp_address(const std::string& host, uint16_t port) { return fmt::format("tcp://{}:{}", host, port); }

}  // namespace daos::engine
