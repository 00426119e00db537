// The system service as a client sees it.
#pragma once

#include <vector>

#include "client/core/attempts.h"
#include "model/messages/system.h"

namespace daos::core {

/// Those that this process may connect to.
runtime::Task<Result<std::vector<messages::PoolSummary>>> list_pools(Lane& lane, runtime::StopToken stop);
runtime::Task<Result<messages::SystemQueryReply>> query_system(Lane& lane, runtime::StopToken stop);
/// By label or uuid. kNonexistent.
runtime::Task<Result<messages::PoolResolveReply>> resolve_pool(Lane& lane, SystemSource& source, std::string pool,
                                                               Attempts& attempts);

/// One attempt at each of a service's addresses in turn, until one answers.
template <class Request>
runtime::Task<Result<typename Request::Reply>> ask_any(Lane& lane, std::vector<std::string> addresses, Request request,
                                                       Attempts& attempts) {
  Status last = error(Code::kUnreachable, "the service has no address");
  for (const std::string& address : addresses) {
    const fabric::PeerId peer = DX_CO_TRY(lane.node().endpoint().peer(address));
    Result<typename Request::Reply> reply = co_await lane.node().call(peer, request, attempts.next());
    if (reply.ok() || !is_transient(reply.code()) || attempts.over()) co_return reply;
    last = std::move(reply).status().within(address);
  }
  co_return last;
}

/// The same to the system service, wherever the source says that it is, again and again until it answers or patience
/// ends.
template <class Request>
runtime::Task<Result<typename Request::Reply>> ask_system(Lane& lane, SystemSource& source, Request request,
                                                          Attempts& attempts) {
  for (;;) {
    const SystemRef system = DX_CO_TRY(co_await source.find(lane));
    Result<typename Request::Reply> reply = co_await ask_any(lane, system->service_addresses, request, attempts);
    if (reply.ok() || !is_transient(reply.code())) co_return reply;
    if (attempts.over()) co_return attempts.given_up(reply.status());
    if (attempts.time_to_warn()) {
      lane.client().log().warn("the service of system {} has not answered for {} s ({}); still trying", system->name,
                               attempts.seconds(), reply.status().message());
    }
    co_await attempts.pause(reply.code());
  }
}
/// To the client's own system.
template <class Request>
runtime::Task<Result<typename Request::Reply>> ask_system(Lane& lane, Request request, Attempts& attempts) {
  return ask_system(lane, *lane.client().system(), std::move(request), attempts);
}

}  // namespace daos::core
