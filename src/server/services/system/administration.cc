// What an administrator changes about pools, as far as the system itself is concerned: their labels.
#include "server/services/container/container_properties.h"
#include "server/services/system/system_service.h"

namespace daos::services {

runtime::Task<Result<messages::Nothing>> SystemService::change_pool(messages::PoolChangeRequest request) {
  const std::shared_ptr<PoolService> service = DX_CO_TRY(pool(request.pool));
  messages::Properties properties = DX_CO_TRY(checked_pool_change(std::move(request.properties)));
  // The label first: it is the only change that can still be refused, and then none of the others happens.
  if (const messages::Property* label = messages::find_property(properties, messages::kPoolLabel)) {
    DX_CO_TRY(co_await propose(request.operation, PoolRename{.pool = request.pool, .label = label->text}));
  }
  DX_CO_TRY(co_await service->change(request.operation, std::move(properties)));
  co_return messages::Nothing{};
}

runtime::Task<Status> SystemService::finish_rename(std::shared_ptr<PoolService> service, std::string label) {
  if (service->state().label() == label) co_return Status();
  Status told = co_await service->change(node_.reactor().rng().uuid(),
                                         {{.type = messages::kPoolLabel, .text = std::move(label)}});
  co_return told;
}

}  // namespace daos::services
