#include "server/object/ops/ops.h"

namespace daos::object {
namespace {

template <class Request, class Operation>
void serve_one(target::Target& target, Operation operation) {
  target.node().serve<Request>([&target, operation](Request request, rpc::Caller caller) {
    return operation(target, std::move(request), std::move(caller));
  });
}

}  // namespace

void serve(target::Target& target) {
  serve_one<messages::UpdateRequest>(target, update);
  serve_one<messages::PunchRequest>(target, punch);
  serve_one<messages::FetchRequest>(target, fetch);
  serve_one<messages::KeyListRequest>(target, list_keys);
  serve_one<messages::ExtentListRequest>(target, list_extents);
  serve_one<messages::KeyQueryRequest>(target, query_key);
  serve_one<messages::SlotCloseRequest>(target, close_slot);
}

}  // namespace daos::object
