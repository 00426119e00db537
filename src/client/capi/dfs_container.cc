// dfs_cont_*: containers of type POSIX.
#include <daos/common.h>
#include <daos_fs.h>
#include <unistd.h>

#include <cstring>
#include <optional>

#include "client/capi/api_call.h"
#include "client/capi/dfs_place.h"
#include "client/capi/prop_lists.h"
#include "client/capi/properties.h"
#include "client/dfs/file_system.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

static_assert(static_cast<uint32_t>(daos::dfs::Mode::kBalanced) == DFS_BALANCED);
static_assert(daos::dfs::kHintsBytesMax + 1 == DAOS_CONT_HINT_MAX_LEN);
static_assert(daos::dfs::kChunkBytesDefault == DFS_DEFAULT_CHUNK_SIZE);
static_assert(daos::dfs::Roots::kBytes == sizeof(daos_prop_co_roots));

Result<daos::dfs::Place> capi::place_of(const PoolHandle& pool, const messages::Properties& container) {
  const core::PoolViewRef view = pool.core->view();
  if (view == nullptr) return Status(Code::kAgain);
  const auto number = [&container](uint32_t type) {
    const messages::Property* property = messages::find_property(container, type);
    return property != nullptr ? property->number : 0;
  };
  const bool by_rank = number(DAOS_PROP_CO_REDUN_LVL) == DAOS_PROP_CO_REDUN_RANK;
  return daos::dfs::Place{.fit = {.domains = view->map->domain_count(by_rank ? map::Level::kEngine : map::Level::kNode),
                                  .targets = static_cast<uint32_t>(view->map->targets().size()),
                                  .redundancy_factor = static_cast<uint32_t>(number(DAOS_PROP_CO_REDUN_FAC)),
                                  .reserve = {}},
                          .cell_bytes = number(DAOS_PROP_CO_EC_CELL_SZ)};
}

namespace {

Result<daos::dfs::Wanted> wanted_of(const dfs_attr_t* attr) {
  if (attr == nullptr) return daos::dfs::Wanted();
  if (::strnlen(attr->da_hints, sizeof attr->da_hints) == sizeof attr->da_hints) {
    return error(Code::kInvalid, "hints without a NUL");
  }
  return daos::dfs::Wanted{.chunk_bytes = attr->da_chunk_size,
                           .object_class = classes::ClassId(attr->da_oclass_id),
                           .directory_class = classes::ClassId(attr->da_dir_oclass_id),
                           .file_class = classes::ClassId(attr->da_file_oclass_id),
                           .mode = static_cast<daos::dfs::Mode>(attr->da_mode),
                           .hints = attr->da_hints};
}

struct Creation {
  std::shared_ptr<PoolHandle> pool;
  messages::Properties properties;
  daos::dfs::Plan plan;
  daos::dfs::Place place;
  uuid_t* uuid;
  daos_handle_t* coh;
  dfs_t** mount;
};

/// Writes superblock and root; the container stays open.
Task<Result<core::ContainerRef>> open_and_format(core::Lane& lane, core::PoolRef pool, messages::ContainerId id,
                                                 daos::dfs::Plan plan, runtime::StopToken stop) {
  const core::OpenedContainer opened =
      DX_CO_TRY(co_await core::open_container(lane, std::move(pool), id.to_string(), DAOS_COO_RW, stop));
  Status made = co_await daos::dfs::format(lane, opened.container, std::move(plan),
                                           {.uid = ::geteuid(), .gid = ::getegid()}, stop);
  if (made.ok()) co_return opened.container;
  Status closed = co_await core::close_container(lane, opened.container, stop);
  closed.ignore("the first error counts");
  co_return made;
}

Task<Status> create(Library& library, core::Lane& lane, Creation creation, runtime::StopToken stop) {
  const core::PoolRef pool = creation.pool->core;
  const Uuid id = lane.reactor().rng().uuid();
  DX_CO_TRY(co_await core::create_container(lane, pool, id, std::move(creation.properties), stop));
  Result<core::ContainerRef> container = co_await open_and_format(lane, pool, id, creation.plan, stop);
  if (!container.ok()) {
    if (container.code() != Code::kExists) {
      Status destroyed = co_await core::destroy_container(lane, pool, id.to_string(), true, stop);
      destroyed.ignore("the first error counts");
    }
    co_return std::move(container).status();
  }
  if (creation.uuid != nullptr) std::memcpy(*creation.uuid, id.bytes.data(), sizeof(uuid_t));
  if (creation.coh == nullptr) {
    Status closed = co_await core::close_container(lane, *container, stop);
    co_return closed;
  }
  if (creation.mount != nullptr) {
    *creation.mount = new ::dfs{.container = *container,
                                .superblock = std::move(creation.plan.superblock),
                                .roots = creation.plan.roots,
                                .place = creation.place,
                                .flags = O_RDWR | static_cast<int>(creation.plan.superblock.mode)};
  }
  creation.pool->containers++;
  *creation.coh =
      library.handles().add(std::make_shared<ContainerHandle>(std::move(*container), std::move(creation.pool), false));
  co_return Status();
}

int start_create(daos_handle_t poh, const char* label, dfs_attr_t* attr, uuid_t* uuid, daos_handle_t* coh,
                 dfs_t** mount) {
  daos_prop_t* given = attr != nullptr ? attr->da_props : nullptr;
  if (mount != nullptr && coh == nullptr) return EINVAL;
  if (given != nullptr && validate_props(given, PropsOf::kContainer, PropUse::kInput) != 0) return EINVAL;
  return daos_der2errno(api_call(nullptr, [&](Call& call) -> Result<Task<Status>> {
    std::shared_ptr<PoolHandle> pool = call.library.handles().find<PoolHandle>(poh);
    if (pool == nullptr) return Status(Code::kNoHandle);
    daos::dfs::Wanted wanted = DX_TRY(wanted_of(attr));
    messages::Properties properties = to_messages(given);
    messages::set_property(properties, {.type = DAOS_PROP_CO_LAYOUT_TYPE, .number = DAOS_PROP_CO_LAYOUT_POSIX});
    properties = DX_TRY(complete_container(std::move(properties), *pool, label));
    const daos::dfs::Place place = DX_TRY(place_of(*pool, properties));
    daos::dfs::Plan plan = DX_TRY(daos::dfs::plan(std::move(wanted), place));
    messages::set_property(properties, {.type = DAOS_PROP_CO_ROOTS, .text = plan.roots.bytes()});
    return create(call.library, call.lane,
                  {std::move(pool), std::move(properties), std::move(plan), place, uuid, coh, mount}, call.stop);
  }));
}

/// Of a principal that is given: the number that stands for it here.
Result<std::optional<uint32_t>> account_of(const char* name, uint32_t number, int (*look_up)(const char*, uint32_t*)) {
  if (name == nullptr) return std::optional<uint32_t>();
  if (!daos_acl_principal_is_valid(name)) return error(Code::kInvalid, "\"{}\" is not a principal", name);
  if (number != static_cast<uint32_t>(-1)) return std::optional(number);
  const int rc = look_up(name, &number);
  if (rc != 0) return Status(code_from_number(-rc));
  return std::optional(number);
}

Task<Status> set_owner(core::Lane& lane, core::ContainerRef container, messages::Properties owners,
                       daos::dfs::NewOwner owner, runtime::StopToken stop) {
  const messages::ContainerInfo info =
      DX_CO_TRY(co_await core::query_container(lane, container, {.properties = true}, stop));
  const messages::Property* layout = messages::find_property(info.properties, DAOS_PROP_CO_LAYOUT_TYPE);
  if (layout == nullptr || layout->number != DAOS_PROP_CO_LAYOUT_POSIX) co_return Status(Code::kInvalid);
  const messages::Property* property = messages::find_property(info.properties, DAOS_PROP_CO_ROOTS);
  const daos::dfs::Roots roots = DX_CO_TRY(daos::dfs::Roots::parse(property != nullptr ? property->text : ""));
  DX_CO_TRY(co_await daos::dfs::change_root_owner(lane, container, roots, owner, stop));
  Status changed = co_await core::change_container(lane, container, std::move(owners), stop);
  co_return changed;
}

}  // namespace

int dfs_cont_create(daos_handle_t poh, uuid_t* uuid, dfs_attr_t* attr, daos_handle_t* coh, dfs_t** dfs) {
  if (uuid == nullptr) return EINVAL;
  return start_create(poh, nullptr, attr, uuid, coh, dfs);
}

int dfs_cont_create_with_label(daos_handle_t poh, const char* label, dfs_attr_t* attr, uuid_t* uuid, daos_handle_t* coh,
                               dfs_t** dfs) {
  if (!daos_label_is_valid(label) || std::strcmp(label, DAOS_PROP_NO_CO_LABEL) == 0) return EINVAL;
  return start_create(poh, label, attr, uuid, coh, dfs);
}

int dfs_cont_set_owner(daos_handle_t coh, d_string_t user, uid_t uid, d_string_t group, gid_t gid) {
  return daos_der2errno(api_call(nullptr, [&](Call& call) -> Result<Task<Status>> {
    const std::shared_ptr<ContainerHandle> container = call.library.handles().find<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    if (user == nullptr && group == nullptr) return Status(Code::kInvalid);
    const daos::dfs::NewOwner owner{.uid = DX_TRY(account_of(user, uid, daos_acl_principal_to_uid)),
                                    .gid = DX_TRY(account_of(group, gid, daos_acl_principal_to_gid))};
    messages::Properties owners;
    if (user != nullptr) owners.push_back({.type = DAOS_PROP_CO_OWNER, .text = user});
    if (group != nullptr) owners.push_back({.type = DAOS_PROP_CO_OWNER_GROUP, .text = group});
    return set_owner(call.lane, container->core, std::move(owners), owner, call.stop);
  }));
}
