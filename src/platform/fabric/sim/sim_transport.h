// Private to this folder: the two classes through which a node's endpoints reach a SimNetwork.
#pragma once

#include "platform/fabric/sim/sim_network.h"

namespace daos::fabric {

class SimNetwork::NodeCarrier : public Carrier {
 public:
  NodeCarrier(SimNetwork& network, SimNodeId node, uint32_t life, std::shared_ptr<Inbox> inbox, std::string address)
      : network_(network),
        node_(node),
        life_(life),
        inbox_(std::move(inbox)),
        address_(std::move(address)),
        network_alive_(network.alive_) {}
  ~NodeCarrier() override;
  LinkId connect(const std::string& address) override;
  void transmit(LinkId link, std::vector<Frame> frames) override;
  void close(LinkId link) override;

 private:
  SimNetwork& network_;
  SimNodeId node_;
  uint32_t life_;
  std::shared_ptr<Inbox> inbox_;
  std::string address_;
  std::shared_ptr<bool> network_alive_;
};

class SimNetwork::NodeTransport : public Transport {
 public:
  NodeTransport(SimNetwork& network, SimNodeId node, uint32_t life) : network_(network), node_(node), life_(life) {}
  Result<std::unique_ptr<Endpoint>> open(runtime::Reactor& reactor, EndpointOptions options,
                                         Receiver& receiver) override;

 private:
  SimNetwork& network_;
  SimNodeId node_;
  uint32_t life_;
};

}  // namespace daos::fabric
