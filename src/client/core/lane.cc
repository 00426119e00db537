#include "client/core/lane.h"

namespace daos::core {

Lane::Lane(runtime::Reactor& reactor, Client& client, rpc::NodeOptions node)
    : reactor_(reactor), client_(client), node_(reactor, node), background_(reactor) {}

Status Lane::open(fabric::Transport& transport, fabric::Identity identity) {
  DX_TRY(node_.open(transport, {.listen = {}, .identity = identity}));
  if (SystemSource* system = client_.system()) background_.spawn(system->keep(*this));
  return {};
}

runtime::Task<void> Lane::close() {
  background_.stop();
  co_await node_.close();
  const Status joined = co_await background_.join();
  joined.ignore("background work answers for its own errors");
}

rpc::SlotPool& Lane::session(const Uuid& pool, map::TargetId target) {
  std::unique_ptr<rpc::SlotPool>& session = sessions_[{pool, target}];
  if (session == nullptr) session = std::make_unique<rpc::SlotPool>(reactor_);
  return *session;
}

}  // namespace daos::core
