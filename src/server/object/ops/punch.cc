#include "server/object/ops/access.h"
#include "server/object/ops/ops.h"

namespace daos::object {

runtime::Task<Result<messages::UpdateReply>> punch(target::Target& target, messages::PunchRequest request,
                                                   rpc::Caller caller) {
  const Access access = DX_CO_TRY(
      co_await object::access(target, request.pool, request.handle, request.map_version, Need::kWrite, caller.context));
  const uint64_t epoch = DX_CO_TRY(co_await access.shard().punch({.container = access.container,
                                                                  .object = request.object,
                                                                  .id = op_id(caller, request.slot),
                                                                  .conditions = request.conditions,
                                                                  .level = static_cast<vos::PunchLevel>(request.level),
                                                                  .dkey = std::move(request.dkey),
                                                                  .akeys = std::move(request.akeys)}));
  co_return messages::UpdateReply{.epoch = epoch, .map_version = access.map_version()};
}

}  // namespace daos::object
