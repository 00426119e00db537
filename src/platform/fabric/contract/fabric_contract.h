// What every transport must pass, whatever carries its bytes. A transport's own test file gives a bench and
// instantiates:
//
//   INSTANTIATE_TEST_SUITE_P(InProcess, FabricContract, testing::Values(&make_bench), bench_name);
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "platform/fabric/fabric.h"

namespace daos::fabric {

/// Two reactors, each with its way to the network, driven by the test's thread.
class FabricBench {
 public:
  virtual ~FabricBench() = default;
  virtual runtime::Reactor& reactor(int node) = 0;
  virtual Result<std::unique_ptr<Endpoint>> open(int node, EndpointOptions options, Receiver& receiver) = 0;
  /// An address to listen on that picks a free port or name.
  virtual std::string any_address(int node) = 0;
  /// An address at which nobody listens.
  virtual std::string dead_address(int node) = 0;
  /// Lets a little happen: an event of virtual time, or a turn of each reactor.
  virtual void step() = 0;
  /// The time after which the test gives up has passed.
  virtual bool out_of_time() = 0;
};

using MakeFabricBench = std::unique_ptr<FabricBench> (*)();

class FabricContract : public testing::TestWithParam<MakeFabricBench> {};

}  // namespace daos::fabric
