// The tcp transport: fabric.h over plain non-blocking sockets. Start here, then endpoint.h, connection.h, and the two
// halves of a connection, inbound.h and outbound.h. Inside one process it works without a network: doors.h.
#pragma once

#include "platform/fabric/fabric.h"
#include "platform/fabric/tcp/doors.h"
#include "platform/runtime/epoll_poller.h"

namespace daos::fabric::tcp {

/// Endpoints of one reactor. `poller` is the one that its driver sleeps in, and outlives them; so do the doors behind
/// the addresses of this process, where there are any.
class TcpTransport : public Transport {
 public:
  explicit TcpTransport(runtime::EpollPoller& poller, Doors* doors = nullptr) : poller_(poller), doors_(doors) {}
  Result<std::unique_ptr<Endpoint>> open(runtime::Reactor& reactor, EndpointOptions options,
                                         Receiver& receiver) override;

 private:
  runtime::EpollPoller& poller_;
  Doors* doors_;
};

}  // namespace daos::fabric::tcp
