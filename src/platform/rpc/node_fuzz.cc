// Any bytes as a message to a node that has a call under way and a method to serve: dropped, refused or answered, never
// a crash.
#include "platform/base/check.h"
#include "platform/fabric/in_process/in_process.h"
#include "platform/rpc/node.h"
#include "platform/runtime/virtual_time.h"

namespace {

using namespace daos;

struct Nothing : fabric::Receiver {
  void on_message(fabric::PeerId, IoBuf) override {}
  void on_peer_down(fabric::PeerId, const Status&) override {}
};

runtime::Task<Result<rpc::Answer>> echo(IoBuf body, rpc::Caller) { co_return rpc::Answer{.payload = std::move(body)}; }
runtime::Task<void> call(rpc::Node& node, fabric::PeerId peer) {
  const auto reply = co_await node.call_bytes(peer, rpc::Method(1), {}, {}, {});
  reply.ignore("any outcome will do");
}
runtime::Task<Status> close(rpc::Node& node) {
  co_await node.close();
  co_return Status();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  runtime::Timeline timeline;
  runtime::VirtualClock clock(timeline);
  fabric::InProcessTransport transport;
  Nothing receiver;
  runtime::VirtualReactor other(timeline, {.clock = &clock, .seed = 1});
  const auto endpoint = transport.open(other.reactor(), {.listen = "inproc://other"}, receiver).take();
  runtime::VirtualReactor own(timeline, {.clock = &clock, .seed = 2});
  rpc::Node node(own.reactor(), {});
  DX_CHECK(node.open(transport, {.listen = "inproc://node"}).ok(), "no endpoint");
  node.serve_bytes(rpc::Method(1), echo);
  const fabric::PeerId peer = *node.endpoint().peer("inproc://other");
  runtime::Scope scope(own.reactor());
  own.reactor().post([&] { scope.spawn(call(node, peer)); });
  timeline.run_until(timeline.now() + std::chrono::milliseconds(1));
  own.reactor().post([&] { node.on_message(peer, IoBuf::copy_of(std::as_bytes(std::span(data, size)))); });
  timeline.run_until(timeline.now() + std::chrono::milliseconds(1));
  DX_CHECK(runtime::run(timeline, own.reactor(), close(node)).ok(), "close");
  DX_CHECK(runtime::run(timeline, own.reactor(), scope.join()).ok(), "join");
  return 0;
}
