// The promises of fabric.h that every transport keeps, kept over loopback sockets, and through the doors of one
// process.
#include "platform/fabric/contract/fabric_contract.h"
#include "platform/fabric/tcp/tcp.h"
#include "platform/runtime/driver.h"

namespace daos::fabric {
namespace {

class TcpBench : public FabricBench {
 public:
  explicit TcpBench(bool by_doors) : by_doors_(by_doors) {}
  runtime::Reactor& reactor(int node) override { return nodes_[node].reactor; }
  Result<std::unique_ptr<Endpoint>> open(int node, EndpointOptions options, Receiver& receiver) override {
    return tcp::TcpTransport(*nodes_[node].poller, by_doors_ ? &doors_ : nullptr)
        .open(nodes_[node].reactor, std::move(options), receiver);
  }
  std::string any_address(int node) override {
    return by_doors_ ? fmt::format("tcp://@test:{}", ++last_door_) : "tcp://127.0.0.1:0";
  }
  std::string dead_address(int node) override { return by_doors_ ? "tcp://@nobody:1" : "tcp://127.0.0.1:1"; }
  void step() override {
    for (OneNode& node : nodes_) node.driver.step(Duration(0));
  }
  /// Only for what never happens: no condition of the suite depends on how fast the machine is.
  bool out_of_time() override { return clock_.now() - start_ > std::chrono::seconds(60); }

 private:
  struct OneNode {
    OneNode(runtime::Clock& clock, uint64_t seed)
        : reactor({.clock = &clock, .seed = seed}), poller(runtime::EpollPoller::create().take()) {}
    runtime::Reactor reactor;
    std::unique_ptr<runtime::EpollPoller> poller;
    runtime::Driver driver{reactor, *poller};
  };
  const bool by_doors_;
  int last_door_ = 0;
  tcp::Doors doors_;
  runtime::SystemClock clock_;
  Time start_ = clock_.now();
  OneNode nodes_[2] = {{clock_, 1}, {clock_, 2}};
};

INSTANTIATE_TEST_SUITE_P(Tcp, FabricContract, testing::Values(+[]() -> std::unique_ptr<FabricBench> {
                           return std::make_unique<TcpBench>(false);
                         }));
INSTANTIATE_TEST_SUITE_P(Doors, FabricContract, testing::Values(+[]() -> std::unique_ptr<FabricBench> {
                           return std::make_unique<TcpBench>(true);
                         }));

}  // namespace
}  // namespace daos::fabric
