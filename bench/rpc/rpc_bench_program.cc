// A small call of the rpc layer against an echo of plain sockets with the same framing, in alternating slices of one
// run. Prints rows for scripts/bench. `rpc_bench_program [ms per row]`.
#include <cstdio>
#include <cstdlib>

#include "bench/yardstick/yardstick.h"
#include "platform/fabric/tcp/tcp.h"
#include "platform/rpc/node.h"
#include "platform/runtime/driver.h"

namespace daos {
namespace {

using Clock = std::chrono::steady_clock;
using yardstick::Figure;
using yardstick::Millis;

struct EchoReply {
  IoBuf bytes;
  static void visit(auto&& visitor, auto& self) { visitor(self.bytes); }
};
struct EchoRequest {
  static constexpr uint16_t kMethod = 1;
  static constexpr std::string_view kName = "echo";
  using Reply = EchoReply;
  IoBuf bytes;
  static void visit(auto&& visitor, auto& self) { visitor(self.bytes); }
};

void must(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.to_string().c_str());
  std::exit(1);
}
template <class T>
T must(Result<T> result) {
  must(result.status());
  return std::move(result).take();
}

runtime::Task<Result<EchoReply>> echo(EchoRequest request, rpc::Caller) {
  co_return EchoReply{std::move(request.bytes)};
}

/// The side that answers, on a reactor of its own.
class Server {
 public:
  Server() : thread_(must(runtime::ReactorThread::start("bench server", {.clock = &clock_, .seed = 1}))) {
    thread_->call([this] {
      yardstick::pin_this_thread(yardstick::Side::kFar);
      transport_ = std::make_unique<fabric::tcp::TcpTransport>(thread_->poller());
      node_ = std::make_unique<rpc::Node>(thread_->reactor(), rpc::NodeOptions{});
      node_->serve<EchoRequest>(
          [](EchoRequest request, rpc::Caller caller) { return echo(std::move(request), caller); });
      must(node_->open(*transport_, {.listen = "tcp://127.0.0.1:0"}));
      closing_ = std::make_unique<runtime::Scope>(thread_->reactor());
    });
  }
  ~Server() {
    std::atomic<bool> closed{false};
    thread_->call([&] {
      closing_->spawn([](rpc::Node& node, std::atomic<bool>& end) -> runtime::Task<void> {
        co_await node.close();
        end.store(true);
      }(*node_, closed));
    });
    while (!closed.load()) std::this_thread::yield();
    thread_->call([this] {
      closing_.reset();
      node_.reset();
      transport_.reset();
    });
  }
  std::string address() const { return node_->endpoint().address(); }

 private:
  runtime::SystemClock clock_;
  std::unique_ptr<runtime::ReactorThread> thread_;
  std::unique_ptr<fabric::tcp::TcpTransport> transport_;
  std::unique_ptr<rpc::Node> node_;
  std::unique_ptr<runtime::Scope> closing_;
};

/// The side that calls, driven by this thread.
class Client {
 public:
  explicit Client(const std::string& address)
      : reactor_({.clock = &clock_, .seed = 2}),
        poller_(must(runtime::EpollPoller::create())),
        driver_(reactor_, *poller_),
        transport_(*poller_),
        node_(reactor_, {.role = rpc::ClockRole::kClient}),
        scope_(reactor_) {
    yardstick::pin_this_thread(yardstick::Side::kNear);
    must(node_.open(transport_, {}));
    server_ = must(node_.endpoint().peer(address));
  }
  ~Client() {
    bool closed = false;
    scope_.spawn([](rpc::Node& node, bool& end) -> runtime::Task<void> {
      co_await node.close();
      end = true;
    }(node_, closed));
    while (!closed) driver_.step(std::chrono::milliseconds(1));
  }

  /// Microseconds of each call at depth 1; else calls per second in windows of 10 ms.
  Figure measure(size_t bytes, unsigned depth, Millis duration) {
    std::vector<double> samples;
    const auto finish = Clock::now() + duration;
    running_ = true;
    for (unsigned i = 0; i < depth; i++) scope_.spawn(call(bytes));
    auto begin = Clock::now();
    uint64_t before = ended_;
    while (scope_.running() > 0) {
      driver_.step(std::chrono::milliseconds(100));
      const auto now = Clock::now();
      running_ = now < finish;
      const double passed = std::chrono::duration<double>(now - begin).count();
      if (ended_ == before || (depth > 1 && passed < 0.01)) continue;
      samples.push_back(depth == 1 ? passed * 1e6 : static_cast<double>(ended_ - before) / passed);
      before = ended_;
      begin = now;
    }
    return yardstick::figure_of(std::move(samples));
  }

 private:
  runtime::Task<void> call(size_t bytes) {
    IoBuf payload = must(IoBuf::allocate(bytes));
    std::fill_n(payload.data(), bytes, std::byte{3});
    while (running_) {
      const EchoReply reply =
          must(co_await node_.call(server_, EchoRequest{payload.share()}, reactor_.within(std::chrono::seconds(10))));
      if (reply.bytes.size() != bytes) must(Status(Code::kCorrupt, "an echo of another length"));
      ended_++;
    }
  }

  runtime::SystemClock clock_;
  runtime::Reactor reactor_;
  std::unique_ptr<runtime::EpollPoller> poller_;
  runtime::Driver driver_;
  fabric::tcp::TcpTransport transport_;
  rpc::Node node_;
  runtime::Scope scope_;
  fabric::PeerId server_;
  uint64_t ended_ = 0;
  bool running_ = false;
};

constexpr int kSlices = 5;

void row(const char* what, size_t bytes, unsigned depth, Millis duration) {
  std::vector<double> limits;
  std::vector<double> ours;
  for (int slice = 0; slice < kSlices; slice++) {
    limits.push_back(depth == 1 ? yardstick::round_trip_us(bytes, duration / kSlices).median
                                : yardstick::echoes_per_s(bytes, depth, duration / kSlices).median);
    Server server;
    Client client(server.address());
    ours.push_back(client.measure(bytes, depth, duration / kSlices).median);
  }
  const double limit = yardstick::figure_of(limits).median;
  const double mine = yardstick::figure_of(ours).median;
  std::printf("%s\t%.4g\t%s\t%.2f x plain sockets (%.4g)\n", what, mine, depth == 1 ? "us" : "calls/s", mine / limit,
              limit);
  std::fflush(stdout);
}

}  // namespace
}  // namespace daos

int main(int argc, char** argv) {
  const daos::yardstick::Millis duration(argc > 1 ? std::max(250L, std::strtol(argv[1], nullptr, 10)) : 1000);
  daos::row("rpc round trip, 64 B", 64, 1, duration);
  daos::row("rpc round trip, 4 KiB", 4096, 1, duration);
  daos::row("rpc calls, 64 B, depth 16", 64, 16, duration);
  daos::row("rpc calls, 64 B, depth 64", 64, 64, duration);
  return 0;
}
