#include "server/object/ops/access.h"
#include "server/object/ops/ops.h"

namespace daos::object {

runtime::Task<Result<messages::KeyQueryReply>> query_key(target::Target& target, messages::KeyQueryRequest request,
                                                         rpc::Caller caller) {
  const Access access = DX_CO_TRY(
      co_await object::access(target, request.pool, request.handle, request.map_version, Need::kRead, caller.context));
  messages::KeyQueryReply reply{.map_version = access.map_version()};
  const vos::Shard::HighestEpoch highest =
      DX_CO_TRY(co_await access.shard().highest_epoch(access.container, request.object));
  DX_CO_TRY(vos::all_decided(highest.in_doubt));
  reply.highest_epoch = highest.epoch;
  if (request.parts == 0) co_return reply;
  const vos::Index::QueryResult found = DX_CO_TRY(
      co_await access.shard().query(access.container, request.object, std::move(request.dkey), std::move(request.akey),
                                    {.max = (request.parts & messages::kQueryMax) != 0,
                                     .dkey = (request.parts & messages::kQueryDkey) != 0,
                                     .akey = (request.parts & messages::kQueryAkey) != 0,
                                     .recx = (request.parts & messages::kQueryExtent) != 0},
                                    epoch_or_latest(request.epoch)));
  DX_CO_TRY(vos::all_decided(found.in_doubt));
  reply.found = found.found;
  reply.dkey = found.dkey;
  reply.akey = found.akey;
  reply.extent = to_message(found.recx);
  co_return reply;
}

}  // namespace daos::object
