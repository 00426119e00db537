#include "server/object/ops/access.h"
#include "server/object/ops/ops.h"

namespace daos::object {

runtime::Task<Result<messages::ExtentListReply>> list_extents(target::Target& target,
                                                              messages::ExtentListRequest request, rpc::Caller caller) {
  const Access access = DX_CO_TRY(
      co_await object::access(target, request.pool, request.handle, request.map_version, Need::kRead, caller.context));
  const vos::ListExtentsResult listed =
      DX_CO_TRY(co_await access.shard().list_extents({.container = access.container,
                                                      .object = request.object,
                                                      .epoch = epoch_or_latest(request.epoch),
                                                      .dkey = std::move(request.dkey),
                                                      .akey = std::move(request.akey),
                                                      .from = request.from,
                                                      .upwards = request.upwards,
                                                      .extents_max = request.extents_max}));
  DX_CO_TRY(vos::all_decided(listed.in_doubt));
  messages::ExtentListReply reply{.map_version = access.map_version(), .end = listed.end};
  for (const vos::ExtentView& extent : listed.extents) {
    reply.record_bytes = extent.record_bytes;
    reply.extents.push_back({.extent = to_message(extent.extent), .epoch = extent.epoch});
  }
  co_return reply;
}

}  // namespace daos::object
