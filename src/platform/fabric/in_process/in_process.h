// Endpoints of one process, behind the fabric's seam: a batch of frames is posted to the other endpoint's reactor, so
// the reactors may be threads or virtual time. Addresses: "inproc://name"; listening on "inproc://" (or "...:0") picks
// a name. Thread-safety: open() from any reactor's thread; an endpoint as fabric.h says.
#pragma once

#include <memory>

#include "platform/fabric/fabric.h"

namespace daos::fabric {

class InProcessTransport : public Transport {
 public:
  InProcessTransport();
  ~InProcessTransport() override;
  Result<std::unique_ptr<Endpoint>> open(runtime::Reactor& reactor, EndpointOptions options,
                                         Receiver& receiver) override;

 private:
  struct Registry;
  class Link;
  std::shared_ptr<Registry> registry_;  // outlives the transport while endpoints exist
};

}  // namespace daos::fabric
