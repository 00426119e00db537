// Calls and their answers over one endpoint. A Node belongs to one reactor.
//
// What goes in front of each message: header.h.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "platform/base/codec.h"
#include "platform/fabric/fabric.h"
#include "platform/rpc/header.h"
#include "platform/runtime/scope.h"

namespace daos::rpc {

using Method = StrongId<struct MethodTag, uint16_t>;

/// Who asks: valid for the duration of the handler.
struct Caller {
  fabric::PeerId peer;
  fabric::Identity identity;     // what it said in its hello
  runtime::CallContext context;  // ends when the caller no longer waits, or the node closes
};

/// What a handler answers: `head` is copied behind the header, `payload` follows from where it is.
struct Answer {
  ByteVector head;
  IoBuf payload;
};

enum class ClockRole : uint8_t {
  kEngine,  // merges clocks, and refuses engines that are too far ahead
  kClient,  // carries the highest engine clock that it has seen, never its own
};

struct NodeOptions {
  ClockRole role = ClockRole::kEngine;
  Duration clock_skew_max = std::chrono::milliseconds(100);
  /// kClient: the highest engine clock seen, shared by all contexts of one client process. Null: the node keeps its
  /// own.
  std::atomic<uint64_t>* seen_clock = nullptr;
  /// Requests being handled at once; more are answered kBusy at once (a peer that ignores its credits).
  size_t requests_max = 65'536;
};

/// kProtocol when `body` does not begin with the format that this build speaks.
Status check_request_format(ByteSpan body, uint8_t format, std::string_view name);

/// The request in `body`. Of another format its fields are not even looked at: what they mean is that format's.
template <class Request>
Result<Request> open_request(const IoBuf& body) {
  if constexpr (requires { Request{}.format; }) {
    DX_TRY(check_request_format(body.bytes(), Request{}.format, Request::kName));
  }
  return decode_shared<Request>(body, Request::kName);
}

class Node : public fabric::Receiver {
 public:
  Node(runtime::Reactor& reactor, NodeOptions options);
  ~Node() override;

  Status open(fabric::Transport& transport, fabric::EndpointOptions options);
  fabric::Endpoint& endpoint() { return *endpoint_; }
  runtime::Reactor& reactor() { return reactor_; }
  /// Asks all handlers to stop, fails all calls, waits for both, closes the endpoint.
  runtime::Task<void> close();
  /// In a forked child.
  void abandon_after_fork() {
    if (endpoint_) endpoint_->abandon_after_fork();
  }

  /// A call as bytes. The reply's body shares the receive buffer.
  runtime::Task<Result<IoBuf>> call_bytes(fabric::PeerId peer, Method method, ByteVector body, IoBuf payload,
                                          runtime::CallContext context);

  /// A call by struct: Request has kMethod and Reply, see model/messages.
  template <class Request>
  runtime::Task<Result<typename Request::Reply>> call(fabric::PeerId peer, const Request& request,
                                                      runtime::CallContext context) {
    return typed_call<Request>(peer, encode_parts(request), context);  // encoded here: `request` need not outlive this
  }

  using Handler = std::move_only_function<runtime::Task<Result<Answer>>(IoBuf body, Caller caller)>;
  void serve_bytes(Method method, Handler handler) { handlers_[method.value()] = std::move(handler); }

  /// `function(Request, Caller)` gives a Task<Result<Request::Reply>>. It is copied into every call's frame.
  template <class Request, class Function>
  void serve(Function function) {
    serve_bytes(Method(Request::kMethod), [function](IoBuf body, Caller caller) {
      return typed_serve<Request>(function, std::move(body), caller);
    });
  }

  /// Told when a peer's connection ends; for whoever keeps state per peer.
  void on_peer_end(std::function<void(fabric::PeerId, const fabric::Identity&)> observer) {
    peer_end_ = std::move(observer);
  }

  void on_message(fabric::PeerId from, IoBuf message) override;
  void on_peer_up(fabric::PeerId peer, const fabric::Identity& identity) override;
  void on_peer_down(fabric::PeerId peer, const Status& why) override;

 private:
  struct Call;  // lives in the caller's frame

  template <class Request>
  runtime::Task<Result<typename Request::Reply>> typed_call(fabric::PeerId peer, EncodedParts request,
                                                            runtime::CallContext context) {
    const IoBuf reply = DX_CO_TRY(co_await call_bytes(peer, Method(Request::kMethod), std::move(request.head),
                                                      std::move(request.payload), context));
    co_return decode_shared<typename Request::Reply>(reply, Request::kName);
  }
  template <class Request, class Function>
  static runtime::Task<Result<Answer>> typed_serve(Function function, IoBuf body, Caller caller) {
    Request request = DX_CO_TRY(open_request<Request>(body));
    const typename Request::Reply reply = DX_CO_TRY(co_await function(std::move(request), std::move(caller)));
    EncodedParts parts = encode_parts(reply);
    co_return Answer{.head = std::move(parts.head), .payload = std::move(parts.payload)};
  }

  runtime::Task<void> handle(fabric::PeerId from, Header header, IoBuf body);
  void reply(fabric::PeerId to, const Header& request, const Result<Answer>& answer);
  void finish(const Header& header, IoBuf body, fabric::PeerId from);
  void stamp(Header& header);
  Status learn_clock(const Header& header, fabric::PeerId from);

  runtime::Reactor& reactor_;
  NodeOptions options_;
  std::unique_ptr<fabric::Endpoint> endpoint_;
  runtime::Scope handlers_scope_;
  runtime::Event no_calls_;
  std::map<uint16_t, Handler> handlers_;
  std::map<uint64_t, fabric::Identity> peers_;  // by PeerId; who has said hello
  // Calls under way. An index is used again with a new generation, so a late reply finds nothing.
  std::vector<Call*> calls_;
  std::vector<uint32_t> generations_;
  std::vector<uint32_t> free_;
  std::function<void(fabric::PeerId, const fabric::Identity&)> peer_end_;
  std::atomic<uint64_t> own_seen_clock_{0};  // relaxed: a maximum, and causality comes with the messages themselves
  bool closing_ = false;
};

}  // namespace daos::rpc
