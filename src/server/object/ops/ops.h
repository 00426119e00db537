// The object operations of a target. Each is one file here.
#pragma once

#include "model/messages/object.h"
#include "server/target/target.h"

namespace daos::object {

/// Registers all of them with the target's node.
void serve(target::Target& target);

#define DX_OPERATION(name, Request)                                                                       \
  runtime::Task<Result<messages::Request::Reply>> name(target::Target& target, messages::Request request, \
                                                       rpc::Caller caller)
DX_OPERATION(update, UpdateRequest);
DX_OPERATION(punch, PunchRequest);
DX_OPERATION(fetch, FetchRequest);
DX_OPERATION(list_keys, KeyListRequest);
DX_OPERATION(list_extents, ExtentListRequest);
DX_OPERATION(query_key, KeyQueryRequest);
DX_OPERATION(close_slot, SlotCloseRequest);
#undef DX_OPERATION

}  // namespace daos::object
