// The object operations of a target. Each is one file here.
#pragma once

#include "model/messages/object.h"
#include "server/target/target.h"

namespace daos::object {

/// Registers all of them with the target's node.
void serve(target::Target& target);

runtime::Task<Result<messages::UpdateReply>> update(target::Target& target, messages::UpdateRequest request,
                                                    rpc::Caller caller);
runtime::Task<Result<messages::FetchReply>> fetch(target::Target& target, messages::FetchRequest request,
                                                  rpc::Caller caller);
runtime::Task<Result<messages::SlotCloseReply>> close_slot(target::Target& target, messages::SlotCloseRequest request,
                                                           rpc::Caller caller);

/// kStale when the caller's map is older than this target's: it must fetch the map and ask whoever that names.
Status check_map(const target::PoolShard& shard, map::MapVersion callers);

}  // namespace daos::object
