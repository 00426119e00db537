// Engines by rank: where they are, and calls to one or to all of a pool.
#pragma once

#include <map>
#include <vector>

#include "model/messages/engine.h"
#include "model/messages/system.h"
#include "platform/rpc/node.h"
#include "platform/runtime/scope.h"

namespace daos::services {

class EngineDirectory {
 public:
  explicit EngineDirectory(rpc::Node& node) : node_(node) {}
  rpc::Node& node() { return node_; }
  void set(map::Rank rank, const messages::EngineAddress& address) { addresses_[rank.value()] = address; }

  /// One call; kUnreachable for a rank that never joined.
  template <class Request>
  runtime::Task<Result<typename Request::Reply>> call(map::Rank rank, Request request, runtime::CallContext context) {
    const auto found = addresses_.find(rank.value());
    if (found == addresses_.end()) co_return error(Code::kUnreachable, "rank {} has not joined the system", rank);
    const fabric::PeerId peer =
        DX_CO_TRY(node_.endpoint().peer(fmt::format("tcp://{}:{}", found->second.host, found->second.system_port)));
    Result<typename Request::Reply> reply = co_await node_.call(peer, request, context);
    if (!reply.ok()) co_return std::move(reply).status().within(fmt::format("rank {}", rank));
    co_return reply;
  }

  /// The same request to all ranks at once; the replies in order of `ranks`, or the first error once all have answered.
  template <class Request>
  runtime::Task<Result<std::vector<typename Request::Reply>>> call_all(std::vector<map::Rank> ranks, Request request,
                                                                       runtime::CallContext context) {
    std::vector<typename Request::Reply> replies(ranks.size());
    runtime::Scope scope(node_.reactor(), context.stop);
    for (size_t i = 0; i < ranks.size(); i++) scope.spawn(call_into(ranks[i], request, context, replies[i]));
    DX_CO_TRY(co_await scope.join());
    co_return replies;
  }

 private:
  template <class Request>
  runtime::Task<Status> call_into(map::Rank rank, Request request, runtime::CallContext context,
                                  typename Request::Reply& reply) {
    reply = DX_CO_TRY(co_await call(rank, std::move(request), context));
    co_return Status();
  }

  rpc::Node& node_;
  std::map<uint32_t, messages::EngineAddress> addresses_;
};

}  // namespace daos::services
