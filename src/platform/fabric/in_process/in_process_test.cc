// Goal: the contract under virtual time, and the same transport between real threads (for the thread sanitizer).
#include "platform/fabric/in_process/in_process.h"

#include <latch>

#include "platform/base/codec.h"
#include "platform/fabric/contract/virtual_bench.h"
#include "platform/runtime/driver.h"

namespace daos::fabric {
namespace {

class InProcessBench : public VirtualBench {
 public:
  Result<std::unique_ptr<Endpoint>> open(int node, EndpointOptions options, Receiver& receiver) override {
    return transport_.open(reactor(node), std::move(options), receiver);
  }
  std::string any_address(int) override { return "inproc://"; }
  std::string dead_address(int) override { return "inproc://nobody"; }

 private:
  InProcessTransport transport_;
};
std::unique_ptr<FabricBench> make_bench() { return std::make_unique<InProcessBench>(); }
INSTANTIATE_TEST_SUITE_P(InProcess, FabricContract, testing::Values(&make_bench),
                         [](const auto&) { return std::string("virtual_time"); });

/// Pulls what each message offers, adds one to every byte, puts it back, and answers.
class Incrementer : public Receiver {
 public:
  explicit Incrementer(runtime::Reactor& reactor) : scope(reactor) {}
  void on_message(PeerId from, IoBuf message) override {
    scope.spawn(serve(*endpoint, from, *decode<RemoteMemory>(message.bytes().first(16), "offer"),
                      *decode<RemoteMemory>(message.bytes().subspan(16), "offer")));
  }
  void on_peer_down(PeerId, const Status&) override {}
  static runtime::Task<Status> serve(Endpoint& endpoint, PeerId from, RemoteMemory source, RemoteMemory sink) {
    IoBuf bytes = IoBuf::allocate(kBytes).take();
    DX_CO_TRY(co_await endpoint.get(from, source, bytes, runtime::CallContext{}));
    for (std::byte& b : bytes.writable()) b = static_cast<std::byte>(std::to_integer<int>(b) + 1);
    DX_CO_TRY(co_await endpoint.put(from, sink, bytes, runtime::CallContext{}));
    endpoint.send(from, as_bytes("done"));
    co_return Status();
  }
  static constexpr size_t kBytes = 600'000;
  runtime::Scope scope;
  std::unique_ptr<Endpoint> endpoint;
};

class Counter : public Receiver {
 public:
  explicit Counter(int rounds) : rounds_(rounds), all(1) {}
  void begin(const std::string& server) {
    peer_ = *endpoint->peer(server);
    memory_.assign(Incrementer::kBytes, std::byte(0));
    offer();
  }
  void offer() {
    source_ = endpoint->lend(Access::kPeerReads, {memory_});
    sink_ = endpoint->lend(Access::kPeerWrites, {memory_});
    ByteVector message = encode(RemoteMemory{source_, 0});
    encode_into(message, RemoteMemory{sink_, 0});
    endpoint->send(peer_, message);
  }
  void on_message(PeerId, IoBuf) override {
    endpoint->revoke(source_);
    endpoint->revoke(sink_);
    if (--rounds_ > 0) return offer();
    all.count_down();
  }
  void on_peer_down(PeerId, const Status& why) override { ADD_FAILURE() << why.to_string(); }
  std::byte last() const { return memory_.back(); }

 private:
  int rounds_;
  PeerId peer_;
  MemoryKey source_, sink_;
  std::vector<std::byte> memory_;

 public:
  std::latch all;
  std::unique_ptr<Endpoint> endpoint;
};

TEST(InProcess, ThreadsExchangeMessagesAndMemory) {
  constexpr int kRounds = 20;
  InProcessTransport transport;
  runtime::SystemClock clock;
  auto server_thread = runtime::ReactorThread::start("server", {.clock = &clock, .seed = 1}).take();
  Incrementer server(server_thread->reactor());
  std::string address;
  server_thread->call([&] {
    server.endpoint = transport.open(server_thread->reactor(), {.listen = "inproc://server"}, server).take();
    address = server.endpoint->address();
  });
  std::vector<std::unique_ptr<runtime::ReactorThread>> threads;
  std::vector<std::unique_ptr<Counter>> clients;
  for (uint64_t i = 0; i < 3; i++) {
    threads.push_back(runtime::ReactorThread::start("client", {.clock = &clock, .seed = 10 + i}).take());
    clients.push_back(std::make_unique<Counter>(kRounds));
    threads[i]->call([&, i] {
      clients[i]->endpoint = transport.open(threads[i]->reactor(), {}, *clients[i]).take();
      clients[i]->begin(address);
    });
  }
  for (uint64_t i = 0; i < 3; i++) {
    clients[i]->all.wait();
    threads[i]->call([&, i] {
      EXPECT_EQ(clients[i]->last(), std::byte(kRounds));
      clients[i]->endpoint.reset();
    });
    threads[i]->stop();
  }
  server_thread->call([&] { server.endpoint.reset(); });
  server_thread->stop();
}

TEST(InProcess, EndpointsComeAndGoUnderFire) {
  InProcessTransport transport;
  runtime::SystemClock clock;
  struct Quiet : Receiver {
    void on_message(PeerId, IoBuf) override {}
    void on_peer_down(PeerId, const Status&) override {}
  } quiet;
  auto server = runtime::ReactorThread::start("server", {.clock = &clock, .seed = 1}).take();
  auto client = runtime::ReactorThread::start("client", {.clock = &clock, .seed = 2}).take();
  std::unique_ptr<Endpoint> sender;
  client->call([&] { sender = transport.open(client->reactor(), {}, quiet).take(); });
  for (int life = 0; life < 50; life++) {
    std::unique_ptr<Endpoint> listening;
    server->call([&] { listening = transport.open(server->reactor(), {.listen = "inproc://here"}, quiet).take(); });
    client->call([&] {
      for (int i = 0; i < 10; i++) sender->send(*sender->peer("inproc://here"), as_bytes("x"));
    });
    server->call([&] { listening.reset(); });
  }
  client->call([&] { sender.reset(); });
  client->stop();
  server->stop();
}

}  // namespace
}  // namespace daos::fabric
