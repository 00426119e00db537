#include "programs/local/format.h"

#include <map>
#include <utility>

#include "programs/output/sizes.h"

namespace daos::local {
namespace {

std::string folder_of(uint32_t rank) { return fmt::format("engine-{}", rank); }
std::string superblock_path(uint32_t rank) { return fmt::format("{}/{}", folder_of(rank), engine::kSuperblockName); }

/// Formatting was interrupted here before, or never begun.
Status check_unused(storage::Disk& disk, uint32_t rank) {
  if (!disk.exists(folder_of(rank))) return {};
  for (const std::string& name : DX_TRY(disk.list(folder_of(rank)))) {
    if (!name.starts_with(engine::kSuperblockName) && !name.starts_with("device-")) {
      return error(
          Code::kExists,
          "{} holds data ({}), but the system file beside it is missing: restore it, or choose another directory",
          folder_of(rank), name);
    }
  }
  return {};
}

std::string link_path(uint32_t rank, uint32_t number) {
  return fmt::format("{}/{}", folder_of(rank), vos::device_link_name(number));
}

/// Of the engine's devices, by the names that they were given.
using Given = std::vector<std::string>;

Result<std::vector<Given>> deal_out(const std::vector<std::string>& devices, const Shape& shape) {
  std::vector<Given> engines(shape.engines);
  if (devices.size() % shape.engines != 0 || devices.size() > size_t{shape.engines} * shape.targets) {
    return error(Code::kInvalid,
                 "--nvme-device: {} devices for {} engines of {} targets: each engine needs as many as the others, at "
                 "least one and not more than it has targets. A large device can be divided into partitions",
                 devices.size(), shape.engines, shape.targets);
  }
  const size_t each = devices.size() / shape.engines;
  for (size_t i = 0; i < devices.size(); i++) engines[i / each].push_back(devices[i]);
  return engines;
}

vos::DeviceHeader header_of(const engine::Superblock& engine, uint32_t number, uint32_t devices, uint64_t bytes,
                            uint64_t piece_bytes, Uuid id) {
  return {.id = id,
          .system = engine.system,
          .system_name = engine.system_name,
          .engine = engine.engine,
          .rank = engine.rank.value(),
          .number = number,
          .regions = engine::targets_on(number, devices, engine.targets),
          .bytes = bytes,
          .piece_bytes = piece_bytes};
}

/// What formatting that was interrupted had written, if it was.
runtime::Task<std::optional<engine::Superblock>> left_superblock(storage::Disk& disk, uint32_t rank) {
  const Result<IoBuf> bytes = co_await storage::read_file(disk, superblock_path(rank), engine::kSuperblockBytesMax);
  if (!bytes.ok()) co_return std::nullopt;
  Result<engine::Superblock> left = engine::decode_superblock(bytes->bytes(), superblock_path(rank));
  if (!left.ok()) co_return std::nullopt;
  co_return std::move(left).take();
}

/// Links one device, and makes sure that it may be formatted; its size.
runtime::Task<Result<uint64_t>> take_device(storage::Disk& disk, FormatOptions options, uint32_t rank, uint32_t number,
                                            std::string device, std::optional<engine::Superblock> left) {
  DX_CO_TRY(options.link(rank, vos::device_link_name(number), device));
  const vos::DeviceContent found = DX_CO_TRY(co_await vos::look_at_device(disk, link_path(rank, number)));
  const bool was_ours = left && number < left->devices.size() && left->devices[number].name == device &&
                        (found.empty_but_header || (found.header.ok() && found.header->id == left->devices[number].id));
  if (found.empty || was_ours || options.format_used) co_return found.bytes;
  if (found.header.ok()) {
    co_return error(Code::kExists,
                    "{} belongs to rank {} of system {} ({}): to lose all that this system has there, say "
                    "--force-format",
                    device, found.header->rank, found.header->system_name, found.header->system);
  }
  co_return error(
      Code::kExists,
      "{} is not empty: another file system or partition table may be there. To lose all that it holds, say "
      "--force-format",
      device);
}

}  // namespace

runtime::Task<Status> write_superblock(storage::Disk& disk, engine::Superblock superblock) {
  const IoBuf content = IoBuf::copy_of(engine::encode_superblock(superblock));
  co_return co_await storage::replace_file(disk, superblock_path(superblock.rank.value()), content);
}

runtime::Task<Result<Installed>> format(storage::Disk& disk, FormatOptions options, AddressChooser choose,
                                        runtime::Rng& rng) {
  for (uint32_t rank = 0; rank < options.shape.engines; rank++) DX_CO_TRY(check_unused(disk, rank));
  const std::vector<Given> devices = DX_CO_TRY(deal_out(options.devices, options.shape));
  std::vector<std::vector<uint64_t>> bytes(devices.size());
  for (uint32_t rank = 0; rank < devices.size(); rank++) {
    DX_CO_TRY(co_await disk.make_directory(folder_of(rank)));
    const std::optional<engine::Superblock> left = co_await left_superblock(disk, rank);
    for (uint32_t number = 0; number < devices[rank].size(); number++) {
      bytes[rank].push_back(DX_CO_TRY(co_await take_device(disk, options, rank, number, devices[rank][number], left)));
    }
  }

  Installed made{.system = {.system = rng.uuid(), .name = options.name, .shape = options.shape}};
  std::string service;
  for (uint32_t rank = 0; rank < options.shape.engines; rank++) {
    engine::Superblock superblock{.system = made.system.system,
                                  .system_name = options.name,
                                  .engine = rng.uuid(),
                                  .rank = map::Rank(rank),
                                  .targets = options.shape.targets,
                                  .address = DX_CO_TRY(choose(made.system.system, options.shape.targets)),
                                  .memory_bytes = options.limits.memory_bytes,
                                  .disk_bytes = options.limits.disk_bytes};
    if (rank == 0) service = engine::tcp_address(superblock.address.host, superblock.address.system_port);
    superblock.service_addresses = {service};
    std::vector<vos::DeviceHeader> headers;
    for (uint32_t number = 0; number < devices[rank].size(); number++) {
      headers.push_back(header_of(superblock, number, static_cast<uint32_t>(devices[rank].size()), bytes[rank][number],
                                  options.piece_bytes, rng.uuid()));
      if (headers.back().bytes < vos::kDevicePiecesAt + headers.back().regions * options.piece_bytes) {
        co_return error(Code::kInvalid, "{} has {}, and needs {} for its {} targets: a piece of {} for each",
                        devices[rank][number], output::binary_size(bytes[rank][number]),
                        output::binary_size(vos::kDevicePiecesAt + headers.back().regions * options.piece_bytes),
                        headers.back().regions, output::binary_size(options.piece_bytes));
      }
      superblock.devices.push_back(
          {.id = headers.back().id, .name = devices[rank][number], .bytes = bytes[rank][number]});
    }
    if (!headers.empty()) superblock.disk_bytes = engine::device_space(headers, superblock.targets);
    // Before the headers: if this is interrupted, whoever formats next knows them for its own.
    DX_CO_TRY(co_await write_superblock(disk, superblock));
    for (const vos::DeviceHeader& header : headers)
      DX_CO_TRY(co_await vos::write_device_header(disk, link_path(rank, header.number), header));
    made.engines.push_back(std::move(superblock));
  }
  const IoBuf content = IoBuf::copy_of(encode_system_file(made.system));
  DX_CO_TRY(co_await storage::replace_file(disk, std::string(kSystemFileName), content));
  co_return made;
}

runtime::Task<Result<Installed>> find_devices(storage::Disk& disk, Installed installed,
                                              std::vector<std::string> devices, DeviceLinker link) {
  // Each is linked where an engine has a device, and what it says of itself decides where it belongs. A probe's name:
  // the links that are in use stay until all are known.
  constexpr std::string_view kProbe = "device-found";
  struct Place {
    uint32_t rank, number;
  };
  std::map<Uuid, Place> wanted;
  for (const engine::Superblock& superblock : installed.engines) {
    for (uint32_t number = 0; number < superblock.devices.size(); number++)
      wanted[superblock.devices[number].id] = {superblock.rank.value(), number};
  }
  if (wanted.empty()) {
    co_return error(
        Code::kExists,
        "the system was formatted without devices and keeps its pools in files: leave --nvme-device out, or "
        "choose another directory");
  }
  std::map<Uuid, std::string> found;
  for (const std::string& device : devices) {
    DX_CO_TRY(link(0, std::string(kProbe), device));
    const std::string path = fmt::format("{}/{}", folder_of(0), kProbe);
    const Result<vos::DeviceContent> content = co_await vos::look_at_device(disk, path);
    DX_CO_TRY(co_await disk.remove(path));
    if (!content.ok()) co_return content.status();
    if (!content->header.ok()) {
      co_return error(Code::kExists, "{} is none of the system's devices, and a system keeps its devices: {}", device,
                      content->header.status().message());
    }
    if (!wanted.contains(content->header->id)) {
      co_return error(Code::kExists,
                      "{} is none of the system's devices, and a system keeps its devices: it belongs to rank {} of "
                      "system {} ({})",
                      device, content->header->rank, content->header->system_name, content->header->system);
    }
    found[content->header->id] = device;
  }
  for (const auto& [id, device] : found) {
    const Place& place = wanted[id];
    DX_CO_TRY(link(place.rank, vos::device_link_name(place.number), device));
    engine::Superblock& superblock = installed.engines[place.rank];
    if (std::exchange(superblock.devices[place.number].name, device) == device) continue;
    DX_CO_TRY(co_await write_superblock(disk, superblock));
  }
  co_return installed;
}

runtime::Task<Status> check_installed_devices(storage::Disk& disk, const Installed& installed) {
  for (const engine::Superblock& superblock : installed.engines) {
    for (const vos::DeviceRef& device : engine::devices_of(superblock, folder_of(superblock.rank.value()))) {
      // Not locked: an engine of a daos_server that was killed may still be ending.
      const Result<vos::OpenDevice> open = co_await vos::open_device(disk, device, std::nullopt);
      if (!open.ok()) co_return open.status();
    }
  }
  co_return Status();
}

runtime::Task<Result<Installed>> read_installed(storage::Disk& disk, std::string root) {
  Installed found;
  const IoBuf file = DX_CO_TRY(co_await storage::read_file(disk, std::string(kSystemFileName), kSystemFileBytesMax));
  found.system = DX_CO_TRY(decode_system_file(file.bytes(), fmt::format("{}/{}", root, kSystemFileName)));
  for (uint32_t rank = 0; rank < found.system.shape.engines; rank++) {
    const std::string path = superblock_path(rank);
    Result<IoBuf> bytes = co_await storage::read_file(disk, path, engine::kSuperblockBytesMax);
    if (!bytes.ok()) co_return std::move(bytes).status().within(root);
    engine::Superblock superblock =
        DX_CO_TRY(engine::decode_superblock(bytes->bytes(), fmt::format("{}/{}", root, path)));
    const bool belongs = superblock.system == found.system.system && superblock.rank.value() == rank;
    if (!belongs || superblock.targets != found.system.shape.targets) {
      co_return error(Code::kFormatInvalid, "{}/{} belongs to another system or rank: was it copied?", root, path);
    }
    found.engines.push_back(std::move(superblock));
  }
  co_return found;
}

}  // namespace daos::local
