// dfs_mount, dfs_umount, dfs_query.
#include <daos/common.h>
#include <daos_fs.h>

#include <cstring>

#include "client/capi/api_call.h"
#include "client/capi/dfs_place.h"
#include "client/dfs/file_system.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

namespace {

constexpr int kMountFlags = O_ACCMODE | DFS_BALANCED;

Task<Status> mount(core::Lane& lane, std::shared_ptr<ContainerHandle> container, int flags, dfs_t** out,
                   runtime::StopToken stop) {
  const messages::ContainerInfo info =
      DX_CO_TRY(co_await core::query_container(lane, container->core, {.properties = true}, stop));
  const messages::Property* layout = messages::find_property(info.properties, DAOS_PROP_CO_LAYOUT_TYPE);
  if (layout == nullptr || layout->number != DAOS_PROP_CO_LAYOUT_POSIX) {
    co_return error(Code::kInvalid, "container {} is not of type POSIX", info.container);
  }
  const messages::Property* property = messages::find_property(info.properties, DAOS_PROP_CO_ROOTS);
  const daos::dfs::Roots roots = DX_CO_TRY(daos::dfs::Roots::parse(property != nullptr ? property->text : ""));
  const daos::dfs::Place place = DX_CO_TRY(place_of(*container->pool, info.properties));
  daos::dfs::FileSystem found = DX_CO_TRY(co_await daos::dfs::read_file_system(lane, container->core, roots, stop));
  const bool balanced = found.superblock.mode == daos::dfs::Mode::kBalanced;
  if (balanced && (flags & DFS_BALANCED) == 0) {
    co_return error(Code::kNoPerm, "container {} is balanced: mount it with DFS_BALANCED", info.container);
  }
  *out = new ::dfs{.container = container->core,
                   .superblock = std::move(found.superblock),
                   .roots = roots,
                   .place = place,
                   .flags = flags};
  co_return Status();
}

}  // namespace

int dfs_mount(daos_handle_t poh, daos_handle_t coh, int flags, dfs_t** dfs) {
  const int access = flags & O_ACCMODE;
  if (dfs == nullptr || (flags & ~kMountFlags) != 0 || (access != O_RDONLY && access != O_RDWR)) return EINVAL;
  return daos_der2errno(api_call(nullptr, [&](Call& call) -> Result<Task<Status>> {
    std::shared_ptr<ContainerHandle> container = call.library.handles().find<ContainerHandle>(coh);
    const bool pool = call.library.handles().find<PoolHandle>(poh) != nullptr;
    if (container == nullptr || !pool) return Status(Code::kNoHandle);
    if (access == O_RDWR && !container->core->may_write()) return Status(Code::kNoPerm);
    return mount(call.lane, std::move(container), flags, dfs, call.stop);
  }));
}

int dfs_umount(dfs_t* dfs) {
  if (dfs == nullptr) return EINVAL;
  return guarded([dfs] {
    delete dfs;
    return 0;
  });
}

int dfs_query(dfs_t* dfs, dfs_attr_t* attr) {
  if (dfs == nullptr || attr == nullptr) return EINVAL;
  return daos_der2errno(guarded([&]() -> int {
    const daos::dfs::Superblock& superblock = dfs->superblock;
    const Result<classes::ClassId> directory = daos::dfs::default_directory_class(superblock, dfs->place);
    const Result<classes::ClassId> file = daos::dfs::default_file_class(superblock, dfs->place);
    if (!directory.ok()) return report(directory.status());
    if (!file.ok()) return report(file.status());
    *attr = {.da_id = 0,
             .da_chunk_size = superblock.chunk_bytes,
             .da_oclass_id = superblock.object_class.value(),
             .da_props = nullptr,
             .da_mode = static_cast<uint32_t>(superblock.mode),
             .da_dir_oclass_id = directory->value(),
             .da_file_oclass_id = file->value(),
             .da_hints = {}};
    std::memcpy(attr->da_hints, superblock.hints.c_str(), superblock.hints.size() + 1);
    return 0;
  }));
}
