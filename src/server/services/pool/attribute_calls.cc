// Calls of the pool's service about user attributes, of the pool and of its containers.
#include "server/services/pool/pool_service.h"

namespace daos::services {

runtime::Task<Result<messages::AttributeListReply>> PoolService::list_attributes(
    messages::AttributeListRequest request) {
  DX_CO_TRY(co_await replica_->read_barrier());
  const Attributes* attributes = DX_CO_TRY(state_.attributes(request.of, request.handle));
  co_return messages::AttributeListReply{.names = attributes->names()};
}

runtime::Task<Result<messages::AttributeGetReply>> PoolService::get_attributes(messages::AttributeGetRequest request) {
  DX_CO_TRY(co_await replica_->read_barrier());
  const Attributes* attributes = DX_CO_TRY(state_.attributes(request.of, request.handle));
  co_return look_up(*attributes, request.wanted);
}

runtime::Task<Result<messages::Nothing>> PoolService::set_attributes(messages::AttributeSetRequest request) {
  DX_CO_TRY(check_attributes(request.values));  // before the log takes it
  DX_CO_TRY(co_await propose(
      request.operation,
      AttributesSet{.of = request.of, .handle = request.handle, .values = std::move(request.values), .now = now()}));
  co_return messages::Nothing{};
}

runtime::Task<Result<messages::Nothing>> PoolService::delete_attributes(messages::AttributeDeleteRequest request) {
  DX_CO_TRY(co_await propose(
      request.operation,
      AttributesDelete{.of = request.of, .handle = request.handle, .names = std::move(request.names), .now = now()}));
  co_return messages::Nothing{};
}

}  // namespace daos::services
