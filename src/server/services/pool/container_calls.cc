// Calls of the pool's service about containers.
#include "server/services/pool/pool_service.h"

namespace daos::services {

runtime::Task<Result<messages::Nothing>> PoolService::create_container(messages::ContainerCreateRequest request) {
  DX_CO_TRY(co_await propose(request.container, ContainerCreate{.pool_handle = request.pool_handle,
                                                                .container = request.container,
                                                                .properties = std::move(request.properties),
                                                                .now = now()}));
  co_return messages::Nothing{};
}

runtime::Task<Result<messages::ContainerInfo>> PoolService::open_container(messages::ContainerOpenRequest request) {
  Containers::Opened opened =
      DX_CO_TRY(co_await propose(request.handle, ContainerOpen{.pool_handle = request.pool_handle,
                                                               .handle = request.handle,
                                                               .container = std::move(request.container),
                                                               .flags = request.flags,
                                                               .now = now()}));
  if (!opened.evicted.handles.empty()) co_await revoke(std::move(opened.evicted.handles));
  co_return std::move(opened.info);
}

runtime::Task<Result<messages::Nothing>> PoolService::close_container(messages::ContainerCloseRequest request) {
  DX_CO_TRY(co_await propose(new_operation(), ContainerClose{.handle = request.handle, .now = now()}));
  // Also for a handle that is not known (any more): this may be the repetition of a close that was cut short.
  co_await revoke({request.handle});
  co_return messages::Nothing{};
}

runtime::Task<Result<messages::Nothing>> PoolService::destroy_container(messages::ContainerDestroyRequest request) {
  const Containers::Destroyed destroyed =
      DX_CO_TRY(co_await propose(request.operation, ContainerDestroy{.pool_handle = request.pool_handle,
                                                                     .container = std::move(request.container),
                                                                     .force = request.force}));
  if (!destroyed.evicted.handles.empty()) co_await revoke(destroyed.evicted.handles);
  DX_CO_TRY(co_await wipe(destroyed.container, state_.ranks()));
  co_return messages::Nothing{};
}

Result<messages::ContainerListReply> PoolService::list_containers(const messages::ContainerListRequest& request) const {
  DX_TRY(state_.handle(request.pool_handle));
  return messages::ContainerListReply{.containers = state_.containers().list()};
}

runtime::Task<Result<messages::ContainerInfo>> PoolService::query_container(messages::ContainerQueryRequest request) {
  DX_CO_TRY(co_await replica_->read_barrier());
  co_return state_.containers().query(request, state_.map());
}

runtime::Task<Result<messages::Nothing>> PoolService::change_container(messages::ContainerChangeRequest request) {
  DX_CO_TRY(co_await propose(
      request.operation,
      ContainerChange{.handle = request.handle, .properties = std::move(request.properties), .now = now()}));
  co_return messages::Nothing{};
}

runtime::Task<Result<messages::Nothing>> PoolService::change_acl(messages::ContainerAclRequest request) {
  DX_CO_TRY(co_await propose(
      request.operation,
      ContainerAclChange{.handle = request.handle, .change = std::move(request.change), .now = now()}));
  co_return messages::Nothing{};
}

runtime::Task<Result<messages::ObjectIdsReply>> PoolService::allocate_object_ids(messages::ObjectIdsRequest request) {
  Result<messages::ObjectIdsReply> reply =
      co_await propose(request.operation, ObjectIds{.handle = request.handle, .count = request.count});
  co_return reply;
}

}  // namespace daos::services
