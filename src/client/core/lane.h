// What an operation runs on: one reactor and one endpoint, and what belongs to that endpoint. A context (context.h) has
// a lane that real threads drive; in simulation a lane stands on a virtual reactor. Operations know nothing else, so
// that they run in both. Thread-safety: belongs to whoever drives the reactor.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "client/core/client.h"
#include "model/map/pool_map.h"
#include "platform/rpc/node.h"
#include "platform/rpc/slots.h"
#include "platform/runtime/scope.h"

namespace daos::core {

class Lane {
 public:
  /// `client` and `reactor` outlive the lane.
  Lane(runtime::Reactor& reactor, Client& client, rpc::NodeOptions node = {.role = rpc::ClockRole::kClient});
  Lane(const Lane&) = delete;

  Status open(fabric::Transport& transport, fabric::Identity identity);
  /// Stops background work and all calls, waits for both.
  runtime::Task<void> close();

  runtime::Reactor& reactor() { return reactor_; }
  rpc::Node& node() { return node_; }
  Client& client() { return client_; }
  /// Stops when the lane closes; the parent of every operation's own token.
  runtime::StopToken stop() { return background_.token(); }
  /// For what goes on after an operation has returned.
  runtime::Scope& background() { return background_; }

  /// The slots of this endpoint's session with one pool's part of one target.
  rpc::SlotPool& session(const Uuid& pool, map::TargetId target);

  /// Where a pool's target was by one version of the map.
  struct KnownPeer {
    map::MapVersion version;
    std::optional<fabric::PeerId> peer;
  };
  KnownPeer& known_peer(const Uuid& pool, map::TargetId target) { return known_peers_[{pool, target}]; }

  /// One fetch of a pool's map at a time: `event` is set when the one under way has ended.
  struct Refresh {
    explicit Refresh(runtime::Reactor& reactor) : ended(reactor) {}
    runtime::Event ended;
    Status outcome;
  };
  std::map<Uuid, std::shared_ptr<Refresh>>& refreshes() { return refreshes_; }

  /// Learns and tells the clock that all lanes of the client share.
  void learn_clock() { reactor_.hlc().observe(client_.highest_clock()); }
  void tell_clock() { client_.observe_clock(reactor_.hlc().last()); }

 private:
  runtime::Reactor& reactor_;
  Client& client_;
  rpc::Node node_;
  runtime::Scope background_;
  std::map<std::pair<Uuid, map::TargetId>, std::unique_ptr<rpc::SlotPool>> sessions_;
  std::map<std::pair<Uuid, map::TargetId>, KnownPeer> known_peers_;
  std::map<Uuid, std::shared_ptr<Refresh>> refreshes_;
};

}  // namespace daos::core
