#include "programs/local/format.h"

namespace daos::local {
namespace {

std::string folder_of(uint32_t rank) { return fmt::format("engine-{}", rank); }
std::string superblock_path(uint32_t rank) { return fmt::format("{}/{}", folder_of(rank), engine::kSuperblockName); }

/// Formatting was interrupted here before, or never begun.
Status check_unused(storage::Disk& disk, uint32_t rank) {
  if (!disk.exists(folder_of(rank))) return {};
  for (const std::string& name : DX_TRY(disk.list(folder_of(rank)))) {
    if (!name.starts_with(engine::kSuperblockName)) {
      return error(
          Code::kExists,
          "{} holds data ({}), but the system file beside it is missing: restore it, or choose another directory",
          folder_of(rank), name);
    }
  }
  return {};
}

}  // namespace

runtime::Task<Status> write_superblock(storage::Disk& disk, engine::Superblock superblock) {
  const IoBuf content = IoBuf::copy_of(engine::encode_superblock(superblock));
  co_return co_await storage::replace_file(disk, superblock_path(superblock.rank.value()), content);
}

runtime::Task<Result<Installed>> format(storage::Disk& disk, FormatOptions options, AddressChooser choose,
                                        runtime::Rng& rng) {
  for (uint32_t rank = 0; rank < options.shape.engines; rank++) DX_CO_TRY(check_unused(disk, rank));

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
    DX_CO_TRY(co_await disk.make_directory(folder_of(rank)));
    DX_CO_TRY(co_await write_superblock(disk, superblock));
    made.engines.push_back(std::move(superblock));
  }
  const IoBuf content = IoBuf::copy_of(encode_system_file(made.system));
  DX_CO_TRY(co_await storage::replace_file(disk, std::string(kSystemFileName), content));
  co_return made;
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
