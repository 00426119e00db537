// The nodes' side of the network: opening endpoints, and the carrier that each of them owns.
#include "platform/fabric/sim/sim_transport.h"
#include "platform/base/check.h"
#include "platform/fabric/frames/frame_endpoint.h"
#include "platform/fabric/sim/sim_network.h"

namespace daos::fabric {

SimNetwork::NodeCarrier::~NodeCarrier() {
  if (*network_alive_) network_.endpoint_gone(inbox_, address_);
}

LinkId SimNetwork::NodeCarrier::connect(const std::string& address) {
  return network_.connect(node_, life_, inbox_, address);
}

void SimNetwork::NodeCarrier::transmit(LinkId link, std::vector<Frame> frames) {
  network_.transmit(link, std::move(frames));
}

void SimNetwork::NodeCarrier::close(LinkId link) {
  const auto it = network_.connections_.find(link.value() / 2);
  if (it == network_.connections_.end()) return;
  const std::shared_ptr<Connection> connection = it->second;
  network_.close(connection, static_cast<int>(link.value() & 1), "the peer closed the connection");
}

Result<std::unique_ptr<Endpoint>> SimNetwork::NodeTransport::open(runtime::Reactor& reactor, EndpointOptions options,
                                                                  Receiver& receiver) {
  if (!network_.lives(node_, life_)) return error(Code::kIo, "node {} has crashed", network_.name(node_));
  std::string address = options.listen;
  auto endpoint = std::make_unique<FrameEndpoint>(reactor, std::move(options), receiver);
  if (!address.empty()) {
    if (address.ends_with(":0")) {
      address.pop_back();
      while (network_.listeners_.contains(address + std::to_string(network_.next_port_))) network_.next_port_++;
      address += std::to_string(network_.next_port_++);
    }
    auto& listener = network_.listeners_[address];
    if (listener.inbox && network_.lives(listener.node, listener.life)) {
      return error(Code::kBusy, "{}: somebody listens there already", address);
    }
    listener = {node_, life_, endpoint->inbox()};
  }
  endpoint->start(address, std::make_unique<NodeCarrier>(network_, node_, life_, endpoint->inbox(), address));
  return std::unique_ptr<Endpoint>(std::move(endpoint));
}

SimNodeId SimNetwork::add_node(std::string name) {
  nodes_.push_back({.name = std::move(name)});
  return SimNodeId(static_cast<uint32_t>(nodes_.size() - 1));
}

std::unique_ptr<Transport> SimNetwork::transport(SimNodeId node) {
  return std::make_unique<NodeTransport>(*this, node, nodes_[node.value()].life);
}

}  // namespace daos::fabric
