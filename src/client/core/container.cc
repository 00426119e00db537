#include "client/core/container.h"

#include <daos_cont.h>

namespace daos::core {
namespace {

uint64_t number_of(const messages::Properties& properties, uint32_t type, uint64_t otherwise) {
  const messages::Property* property = messages::find_property(properties, type);
  return property != nullptr ? property->number : otherwise;
}

messages::Properties numbers_of(messages::Properties properties) {
  std::erase_if(properties, [](const messages::Property& property) { return !property.text.empty(); });
  return properties;
}

/// Of types that this library does not know nothing is made and nothing verified.
stripe::ChecksumSpec checksums_of(const messages::Properties& properties) {
  stripe::ChecksumSpec spec;
  const uint64_t type = number_of(properties, DAOS_PROP_CO_CSUM, DAOS_PROP_CO_CSUM_OFF);
  const uint64_t chunk = number_of(properties, DAOS_PROP_CO_CSUM_CHUNK_SIZE, 0);
  if (type <= stripe::kChecksumTypeMax) spec.type = static_cast<stripe::ChecksumType>(type);
  if (chunk > 0 && chunk <= UINT32_MAX) spec.chunk_bytes = static_cast<uint32_t>(chunk);
  return spec;
}

}  // namespace

Container::Container(PoolRef pool, messages::HandleId handle, messages::ContainerInfo info, uint32_t flags)
    : pool_(std::move(pool)),
      id_(info.container),
      handle_(handle),
      flags_(flags),
      numbers_(numbers_of(info.properties)),
      checksums_(checksums_of(info.properties)),
      redundancy_factor_(static_cast<uint32_t>(number_of(info.properties, DAOS_PROP_CO_REDUN_FAC, 0))),
      redundancy_level_(number_of(info.properties, DAOS_PROP_CO_REDUN_LVL, DAOS_PROP_CO_REDUN_NODE) ==
                                DAOS_PROP_CO_REDUN_RANK
                            ? map::Level::kEngine
                            : map::Level::kNode) {}

Container::Container(PoolRef pool, const Container& other)
    : pool_(std::move(pool)),
      id_(other.id_),
      handle_(other.handle_),
      flags_(other.flags_),
      numbers_(other.numbers_),
      checksums_(other.checksums_),
      redundancy_factor_(other.redundancy_factor_),
      redundancy_level_(other.redundancy_level_),
      open_(other.open()) {}

bool Container::may_write() const { return (flags_ & (DAOS_COO_RW | DAOS_COO_EX)) != 0; }

std::shared_ptr<Container> Container::clone_after_fork(PoolRef pool) const {
  return std::shared_ptr<Container>(new Container(std::move(pool), *this));
}

runtime::Task<Status> create_container(Lane& lane, PoolRef pool, messages::ContainerId id,
                                       messages::Properties properties, runtime::StopToken stop) {
  DX_CO_TRY(co_await ask_pool(
      lane, pool,
      messages::ContainerCreateRequest{
          .pool = pool->id(), .pool_handle = pool->handle(), .container = id, .properties = std::move(properties)},
      stop));
  co_return Status();
}

runtime::Task<Result<OpenedContainer>> open_container(Lane& lane, PoolRef pool, std::string name, uint32_t flags,
                                                      runtime::StopToken stop) {
  const messages::HandleId handle = lane.reactor().rng().uuid();
  messages::ContainerInfo info =
      DX_CO_TRY(co_await ask_pool(lane, pool,
                                  messages::ContainerOpenRequest{.pool = pool->id(),
                                                                 .pool_handle = pool->handle(),
                                                                 .handle = handle,
                                                                 .container = std::move(name),
                                                                 .flags = flags},
                                  stop));
  co_return OpenedContainer{std::make_shared<Container>(pool, handle, info, flags), info};
}

runtime::Task<Status> close_container(Lane& lane, ContainerRef container, runtime::StopToken stop) {
  container->mark_closed();
  DX_CO_TRY(co_await ask_pool(
      lane, container->pool(),
      messages::ContainerCloseRequest{.pool = container->pool()->id(), .handle = container->handle()}, stop));
  co_return Status();
}

runtime::Task<Status> destroy_container(Lane& lane, PoolRef pool, std::string name, bool force,
                                        runtime::StopToken stop) {
  const Uuid operation = lane.reactor().rng().uuid();
  DX_CO_TRY(co_await ask_pool(lane, pool,
                              messages::ContainerDestroyRequest{.operation = operation,
                                                                .pool = pool->id(),
                                                                .pool_handle = pool->handle(),
                                                                .container = std::move(name),
                                                                .force = force},
                              stop));
  co_return Status();
}

runtime::Task<Result<std::vector<messages::ContainerInfo>>> list_containers(Lane& lane, PoolRef pool,
                                                                            runtime::StopToken stop) {
  messages::ContainerListReply reply = DX_CO_TRY(co_await ask_pool(
      lane, pool, messages::ContainerListRequest{.pool = pool->id(), .pool_handle = pool->handle()}, stop));
  co_return std::move(reply.containers);
}

runtime::Task<Result<messages::ContainerInfo>> query_container(Lane& lane, ContainerRef container, QueryParts parts,
                                                               runtime::StopToken stop) {
  Result<messages::ContainerInfo> info =
      co_await ask_pool(lane, container->pool(),
                        messages::ContainerQueryRequest{.pool = container->pool()->id(),
                                                        .handle = container->handle(),
                                                        .with_properties = parts.properties,
                                                        .with_acl = parts.acl},
                        stop);
  co_return info;
}

runtime::Task<Status> change_container(Lane& lane, ContainerRef container, messages::Properties properties,
                                       runtime::StopToken stop) {
  const Uuid operation = lane.reactor().rng().uuid();
  DX_CO_TRY(co_await ask_pool(lane, container->pool(),
                              messages::ContainerChangeRequest{.operation = operation,
                                                               .pool = container->pool()->id(),
                                                               .handle = container->handle(),
                                                               .properties = std::move(properties)},
                              stop));
  co_return Status();
}

runtime::Task<Status> change_acl(Lane& lane, ContainerRef container, messages::AclChange change,
                                 runtime::StopToken stop) {
  const Uuid operation = lane.reactor().rng().uuid();
  DX_CO_TRY(co_await ask_pool(lane, container->pool(),
                              messages::ContainerAclRequest{.operation = operation,
                                                            .pool = container->pool()->id(),
                                                            .handle = container->handle(),
                                                            .change = std::move(change)},
                              stop));
  co_return Status();
}

runtime::Task<Result<uint64_t>> allocate_object_ids(Lane& lane, ContainerRef container, uint64_t count,
                                                    runtime::StopToken stop) {
  const Uuid operation = lane.reactor().rng().uuid();
  const messages::ObjectIdsReply reply = DX_CO_TRY(co_await ask_pool(
      lane, container->pool(),
      messages::ObjectIdsRequest{
          .operation = operation, .pool = container->pool()->id(), .handle = container->handle(), .count = count},
      stop));
  co_return reply.first;
}

}  // namespace daos::core
