#include <algorithm>

#include "client/core/object_call.h"

namespace daos::core {
namespace {

/// Whether `a` is what was asked for rather than `b`.
bool is_better(const messages::KeyQueryReply& a, const messages::KeyQueryReply& b, bool max) {
  if (!a.found || !b.found) return a.found;
  return max ? a.dkey > b.dkey : a.dkey < b.dkey;
}

runtime::Task<Status> query_group(Lane& lane, ObjectRef object, classes::GroupIndex group,
                                  messages::KeyQueryRequest request, messages::KeyQueryReply& best,
                                  runtime::StopToken stop) {
  const bool max = (request.parts & messages::kQueryMax) != 0;
  const messages::KeyQueryReply reply =
      DX_CO_TRY(co_await read_group(lane, std::move(object), group, std::move(request), "a query", stop));
  const uint64_t highest = std::max(best.highest_epoch, reply.highest_epoch);
  if (is_better(reply, best, max)) best = reply;
  best.highest_epoch = highest;
  co_return Status();
}

}  // namespace

runtime::Task<Result<messages::KeyQueryReply>> query_key(Lane& lane, ObjectRef object, KeyQuery query,
                                                         runtime::StopToken stop) {
  auto request = request_on<messages::KeyQueryRequest>(*object);
  request.parts = query.parts;
  request.dkey = std::move(query.dkey);
  request.akey = std::move(query.akey);
  messages::KeyQueryReply best;
  const bool everywhere = query.parts == 0 || (query.parts & messages::kQueryDkey) != 0;
  if (everywhere) {
    const auto ask = [&](classes::GroupIndex group) { return query_group(lane, object, group, request, best, stop); };
    DX_CO_TRY(co_await every_group(lane, object, ask));
  } else {
    const classes::GroupIndex group = object->group_of(request.dkey.bytes());
    DX_CO_TRY(co_await query_group(lane, object, group, std::move(request), best, stop));
  }
  co_return best;
}

runtime::Task<Result<uint64_t>> query_highest_epoch(Lane& lane, ObjectRef object, runtime::StopToken stop) {
  const messages::KeyQueryReply reply = DX_CO_TRY(co_await query_key(lane, std::move(object), {}, stop));
  co_return reply.highest_epoch;
}

}  // namespace daos::core
