#include "server/object/ops/ops.h"

namespace daos::object {

void serve(target::Target& target) {
  target.node().serve<messages::UpdateRequest>([&target](messages::UpdateRequest request, rpc::Caller caller) {
    return update(target, std::move(request), std::move(caller));
  });
  target.node().serve<messages::FetchRequest>([&target](messages::FetchRequest request, rpc::Caller caller) {
    return fetch(target, std::move(request), std::move(caller));
  });
  target.node().serve<messages::SlotCloseRequest>([&target](messages::SlotCloseRequest request, rpc::Caller caller) {
    return close_slot(target, std::move(request), std::move(caller));
  });
}

Status check_map(const target::PoolShard& shard, map::MapVersion callers) {
  if (callers >= shard.map()->version()) return {};
  return error(Code::kStale, "the caller's pool map has version {}, the target's {}", callers, shard.map()->version());
}

}  // namespace daos::object
