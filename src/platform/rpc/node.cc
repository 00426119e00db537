#include "platform/rpc/node.h"

#include <algorithm>

namespace daos::rpc {
namespace {

/// Engines' clocks run ahead of physical time by their reservations, 2 s for each of some quick restarts, and by their
/// skew.
constexpr Duration kClientLeadMax = std::chrono::minutes(10);

}  // namespace

Status check_request_format(ByteSpan body, uint8_t format, std::string_view name) {
  if (body.empty() || static_cast<uint8_t>(body[0]) == format)
    return {};  // an empty one is malformed, as it will turn out
  return error(
      Code::kProtocol,
      "{} came in format {}, this build speaks {}: the two ends are of different releases, bring them to the same",
      name, static_cast<uint8_t>(body[0]), format);
}

struct Node::Call {
  fabric::PeerId peer;
  runtime::Completion<Result<IoBuf>> done;
};

Node::Node(runtime::Reactor& reactor, NodeOptions options)
    : reactor_(reactor), options_(options), handlers_scope_(reactor), no_calls_(reactor) {
  no_calls_.set();
  if (options_.seen_clock == nullptr) options_.seen_clock = &own_seen_clock_;
}

Node::~Node() = default;

Status Node::open(fabric::Transport& transport, fabric::EndpointOptions options) {
  endpoint_ = DX_TRY(transport.open(reactor_, std::move(options), *this));
  return {};
}

runtime::Task<void> Node::close() {
  closing_ = true;
  handlers_scope_.stop();
  for (Call* call : calls_) {
    if (call != nullptr) call->done.set(Status(Code::kCancelled, "the node closes"));
  }
  Status joined = co_await handlers_scope_.join();
  joined.ignore("handlers answer their own errors");
  Status ended = co_await no_calls_.wait({});
  ended.ignore("it has no deadline");
  endpoint_.reset();
}

runtime::Task<Result<IoBuf>> Node::call_bytes(fabric::PeerId peer, Method method, ByteVector body, IoBuf payload,
                                              runtime::CallContext context) {
  if (closing_ || endpoint_ == nullptr) co_return Status(Code::kCancelled, "the node is closed");
  if (sizeof(Header) + body.size() + payload.size() > fabric::kMessageBytesMax) {
    co_return error(Code::kOverflow, "a request of {} bytes, a message has at most {}", body.size() + payload.size(),
                    fabric::kMessageBytesMax);
  }
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(calls_.size()));
    calls_.push_back(nullptr);
    generations_.push_back(0);
  }
  const uint32_t index = free_.back();
  free_.pop_back();
  no_calls_.reset();
  Call call{.peer = peer, .done = runtime::Completion<Result<IoBuf>>(reactor_)};
  calls_[index] = &call;

  Header header;
  header.method = method.value();
  header.call = static_cast<uint64_t>(generations_[index]) << 32 | index;
  stamp(header);
  if (context.deadline != Time::never()) {
    const int64_t ms = (context.deadline - reactor_.now()).count() / 1'000'000;
    header.limit_ms = static_cast<uint32_t>(std::clamp<int64_t>(ms, 1, UINT32_MAX));
  }
  ByteVector head(sizeof header + body.size());
  std::memcpy(head.data(), &header, sizeof header);
  std::copy(body.begin(), body.end(), head.begin() + sizeof header);
  endpoint_->send(peer, head, std::move(payload));

  Result<Result<IoBuf>> outcome = co_await call.done.wait(context);
  calls_[index] = nullptr;
  generations_[index]++;
  free_.push_back(index);
  if (free_.size() == calls_.size()) no_calls_.set();
  if (!outcome.ok()) co_return std::move(outcome).status();
  co_return std::move(*outcome);
}

void Node::stamp(Header& header) {
  if (options_.role == ClockRole::kClient) {
    header.hlc = options_.seen_clock->load(std::memory_order_relaxed);
  } else {
    header.hlc = reactor_.hlc().next();
    header.lead_ms = reactor_.hlc().lead_ms();
  }
}

void Node::on_message(fabric::PeerId from, IoBuf message) {
  Header header;
  if (message.size() < sizeof header) {
    endpoint_->drop(from, error(Code::kProtocol, "a message of {} bytes is shorter than its header", message.size()));
    return;
  }
  std::memcpy(&header, message.data(), sizeof header);
  const IoBuf body = message.slice(sizeof header, message.size() - sizeof header);
  if (header.kind == Kind::kReply) return finish(header, body, from);
  if (header.kind != Kind::kRequest) {
    endpoint_->drop(from, error(Code::kProtocol, "unknown message kind {}", static_cast<int>(header.kind)));
    return;
  }
  if (closing_) return reply(from, header, Status(Code::kShuttingDown));
  if (header.version != kRpcVersion) {
    return reply(from, header,
                 error(Code::kProtocol, "rpc version {} is not spoken here (ours is {})", header.version, kRpcVersion));
  }
  if (handlers_scope_.running() >= options_.requests_max) {
    return reply(from, header, error(Code::kBusy, "{} requests are being handled already", handlers_scope_.running()));
  }
  handlers_scope_.spawn(handle(from, header, body));
}

runtime::Task<void> Node::handle(fabric::PeerId from, Header header, IoBuf body) {
  const auto found = handlers_.find(header.method);
  if (found == handlers_.end()) {
    reply(from, header, error(Code::kNotImplemented, "method {} is not known to this build", header.method));
    co_return;
  }
  Caller caller{.peer = from, .context = {.stop = handlers_scope_.token()}};
  if (header.limit_ms != 0) caller.context.deadline = reactor_.now() + std::chrono::milliseconds(header.limit_ms);
  if (const auto peer = peers_.find(from.value()); peer != peers_.end()) caller.identity = peer->second;
  if (Status skew = learn_clock(header, from); !skew.ok()) {
    reply(from, header, std::move(skew));
    co_return;
  }
  Result<Answer> answer = co_await found->second(std::move(body), std::move(caller));
  reply(from, header, answer);
}

Status Node::learn_clock(const Header& header, fabric::PeerId from) {
  if (options_.role == ClockRole::kClient) {
    uint64_t seen = options_.seen_clock->load(std::memory_order_relaxed);
    while (seen < header.hlc &&
           !options_.seen_clock->compare_exchange_weak(seen, header.hlc, std::memory_order_relaxed)) {
    }
    return {};
  }
  const auto found = peers_.find(from.value());
  const bool engines = found != peers_.end() && found->second.role == fabric::Role::kEngine;
  if (engines) return reactor_.hlc().observe_engine(header.hlc, header.lead_ms, options_.clock_skew_max);
  // A client only carries what engines said, so a value far beyond our own clock is not one: learned, it would be every
  // later epoch's floor, for ever.
  const uint64_t limit = reactor_.hlc().physical() + runtime::hlc_duration(kClientLeadMax);
  if (header.hlc > limit) return error(Code::kInvalid, "the client's clock {:#x} is none of this system's", header.hlc);
  reactor_.hlc().observe(header.hlc);
  return {};
}

void Node::reply(fabric::PeerId to, const Header& request, const Result<Answer>& answer) {
  Header header;
  header.kind = Kind::kReply;
  header.call = request.call;
  stamp(header);
  ByteVector head(sizeof header);
  IoBuf payload;
  const size_t bytes = answer.ok() ? sizeof header + answer->head.size() + answer->payload.size() : 0;
  if (answer.ok() && bytes <= fabric::kMessageBytesMax) {
    head.insert(head.end(), answer->head.begin(), answer->head.end());
    payload = answer->payload;
  } else {
    // Nobody's question may end the process, not even one whose answer nobody thought to bound.
    const Status status = answer.ok() ? error(Code::kOverflow,
                                              "the answer would have {} bytes, a message has at most {}: "
                                              "ask for less at a time",
                                              bytes, fabric::kMessageBytesMax)
                                      : answer.status();
    header.status = static_cast<uint32_t>(status.code());
    const ByteSpan text = as_bytes(status.message());
    head.insert(head.end(), text.begin(), text.end());
  }
  std::memcpy(head.data(), &header, sizeof header);
  endpoint_->send(to, head, std::move(payload));
}

void Node::finish(const Header& header, IoBuf body, fabric::PeerId from) {
  const auto index = static_cast<uint32_t>(header.call);
  const auto generation = static_cast<uint32_t>(header.call >> 32);
  if (index >= calls_.size() || generations_[index] != generation) return;  // nobody waits for it any more
  Call* call = calls_[index];
  if (call == nullptr || call->peer != from) return;
  if (Status skew = learn_clock(header, from); !skew.ok()) {
    call->done.set(std::move(skew));
    return;
  }
  if (header.status == 0 && header.version != kRpcVersion) {
    call->done.set(error(Code::kProtocol, "the reply is of rpc version {}, ours is {}", header.version, kRpcVersion));
  } else if (header.status == 0) {
    call->done.set(std::move(body));
  } else {
    call->done.set(Status(code_from_number(static_cast<int32_t>(header.status)), std::string(as_text(body.bytes()))));
  }
}

void Node::on_peer_up(fabric::PeerId peer, const fabric::Identity& identity) { peers_[peer.value()] = identity; }

void Node::on_peer_down(fabric::PeerId peer, const Status& why) {
  if (const auto found = peers_.find(peer.value()); found != peers_.end()) {
    const fabric::Identity identity = found->second;
    peers_.erase(found);
    if (peer_end_) peer_end_(peer, identity);
  }
  for (Call* call : calls_) {
    if (call != nullptr && call->peer == peer) {
      call->done.set(Status(Code::kConnectionLost, std::string(why.message())));
    }
  }
}

}  // namespace daos::rpc
