// Two nodes under virtual time, for the contract tests of the transports that can run there.
#pragma once

#include "platform/fabric/contract/fabric_contract.h"
#include "platform/runtime/virtual_time.h"

namespace daos::fabric {

class VirtualBench : public FabricBench {
 public:
  runtime::Reactor& reactor(int node) override { return nodes_[node].reactor(); }
  void step() override {
    steps_++;
    timeline_.step();
  }
  bool out_of_time() override { return steps_ > 2'000'000; }

 protected:
  runtime::Timeline timeline_;
  runtime::VirtualClock clock_{timeline_};
  runtime::VirtualReactor nodes_[2] = {{timeline_, {.clock = &clock_, .seed = 1}},
                                       {timeline_, {.clock = &clock_, .seed = 2}}};
  uint64_t steps_ = 0;
};

}  // namespace daos::fabric
