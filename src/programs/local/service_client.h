// daos_server's own calls to the engines: to the system service and the pools' services, which rank 0 hosts. Every
// request of these can be repeated without harm, so a lost connection is no error until the time is up. Belongs to one
// reactor.
#pragma once

#include <string>
#include <utility>

#include "model/messages/engine.h"
#include "model/messages/pool.h"
#include "model/messages/system.h"
#include "platform/rpc/node.h"

namespace daos::local {

class ServiceClient {
 public:
  ServiceClient(runtime::Reactor& reactor, fabric::Transport& transport)
      : transport_(transport), node_(reactor, {.role = rpc::ClockRole::kClient}) {}
  Status open();
  runtime::Task<void> close() { return node_.close(); }
  /// In a forked child; at the fork the reactor was at rest.
  void abandon_after_fork() { node_.abandon_after_fork(); }
  runtime::Reactor& reactor() { return node_.reactor(); }

  /// Where the services are now; a call under way goes there with its next attempt.
  void set_service(std::string address) { service_ = std::move(address); }
  const std::string& service() const { return service_; }

  /// Asks the services until there is an answer, an error that another attempt would not change, or the context ends.
  template <class Request>
  runtime::Task<Result<typename Request::Reply>> ask(Request request, runtime::CallContext context) {
    for (uint32_t failures = 0;; failures++) {
      Result<typename Request::Reply> reply = co_await ask_at(service_, request, attempt(context));
      if (reply.ok() || !worth_repeating(reply.code())) co_return reply;
      const Status waited = co_await pause(context, failures);
      if (!waited.ok()) co_return std::move(reply);
    }
  }
  /// One attempt, with the engine at that address.
  template <class Request>
  runtime::Task<Result<typename Request::Reply>> ask_at(std::string address, Request request,
                                                        runtime::CallContext context) {
    const fabric::PeerId peer = DX_CO_TRY(node_.endpoint().peer(address));
    co_return co_await node_.call(peer, request, context);
  }

 private:
  static bool worth_repeating(Code code);
  runtime::CallContext attempt(runtime::CallContext context);
  runtime::Task<Status> pause(runtime::CallContext context, uint32_t failures);

  fabric::Transport& transport_;
  rpc::Node node_;
  std::string service_;
};

}  // namespace daos::local
