// A network of simulated nodes on one Timeline: seeded delay, loss, late and duplicated messages, partitions, crashes.
// What happens depends on the seed and on what the nodes do, and on nothing else; every delivery is folded into a
// TraceHash.
//
// It behaves like connections of TCP, which is what the fabric promises: in order and whole. So
// - loss is a broken connection. The ends learn of it at different times, and what was under way may still arrive at
// one of
//   them (late_ppm), behind messages of the connection that replaced it;
// - a partition holds messages back (they are "retransmitted" when it heals) until the user time-out ends the
// connection;
// - a crashed process resets its connections; a crashed host says nothing, and its peers find out by a time-out;
// - a duplicate (duplicate_ppm) comes over a connection of its own that nobody listens to: what a retry by a client
// that
//   died looks like to the server.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "platform/base/hash.h"
#include "platform/fabric/fabric.h"
#include "platform/fabric/frames/frame.h"
#include "platform/fabric/frames/inbox.h"
#include "platform/runtime/rng.h"
#include "platform/runtime/virtual_time.h"

namespace daos::fabric {

using SimNodeId = StrongId<struct SimNodeTag, uint32_t>;

/// How a direction between two nodes behaves. Shares are of batches (what one turn sends one peer).
struct LinkModel {
  Duration delay_min = std::chrono::microseconds(20);
  Duration delay_max = std::chrono::microseconds(200);
  uint32_t slow_ppm = 0;  // takes up to slow_max instead
  Duration slow_max = std::chrono::milliseconds(20);
  uint64_t bytes_per_second = 1'000'000'000;
  uint32_t reset_ppm = 0;       // is lost, and the connection with it
  uint32_t late_ppm = 500'000;  // of the lost ones: arrives after all, up to late_max later
  Duration late_max = std::chrono::seconds(2);
  uint32_t duplicate_ppm = 0;  // arrives once more, up to duplicate_max later
  Duration duplicate_max = std::chrono::seconds(1);
};

enum class CrashKind : uint8_t {
  kReset,   // the process died: its host resets the connections
  kSilent,  // the host died: nobody says anything
};

/// What happened so far, for coverage.
struct SimNetworkCounts {
  uint64_t batches = 0;
  uint64_t resets = 0;
  uint64_t late = 0;
  uint64_t duplicates = 0;
  uint64_t held = 0;       // by a partition
  uint64_t timed_out = 0;  // connections that a partition or a silent host ended
};

class SimNetwork {
 public:
  static constexpr Duration kConnectTimeout = std::chrono::seconds(3);
  static constexpr Duration kConnectRetry = std::chrono::milliseconds(500);
  /// How long unacknowledged data, or silence of a dead host, is put up with.
  static constexpr Duration kUserTimeout = std::chrono::seconds(10);

  SimNetwork(runtime::Timeline& timeline, uint64_t seed) : timeline_(timeline), rng_(seed) {}
  ~SimNetwork();
  SimNetwork(const SimNetwork&) = delete;

  SimNodeId add_node(std::string name);
  /// The node's way to the network, for its present life: useless after crash(). Addresses: "scheme://host:port", any
  /// scheme and host; the names are just names, and port 0 gets a free one.
  std::unique_ptr<Transport> transport(SimNodeId node);

  void crash(SimNodeId node, CrashKind kind);
  /// The node may be given a new transport(). Its former life stays cut off.
  void restart(SimNodeId node);

  /// Nothing gets from `from` to `to` until unblock().
  void block(SimNodeId from, SimNodeId to);
  void unblock(SimNodeId from, SimNodeId to);
  void unblock_all();
  /// The behaviour from now on, of every direction without one of its own.
  void set_model(const LinkModel& model) { model_ = model; }
  void set_model(SimNodeId from, SimNodeId to, const LinkModel& model) { models_[{from, to}] = model; }
  void clear_models() { models_.clear(); }

  const TraceHash& trace() const { return trace_; }
  const SimNetworkCounts& counts() const { return counts_; }
  /// Told of every delivery, connection and break, in words; for reading a seed's run.
  void set_observer(std::function<void(const std::string&)> observer) { observer_ = std::move(observer); }

 private:
  class NodeTransport;
  class NodeCarrier;
  struct Node {
    std::string name;
    uint32_t life = 1;
    bool alive = true;
    bool silent = false;  // while not alive: does not even refuse
  };
  using Batch = std::vector<Frame>;
  struct End {
    SimNodeId node;
    uint32_t life = 0;
    std::shared_ptr<Inbox> inbox;
    bool closed = false;  // link_down was delivered, or the endpoint closed it
    // The direction towards this end.
    Time last_arrival;
    Time busy_until;
    uint64_t sent = 0;               // batches so far
    std::map<uint64_t, Batch> held;  // by their number: some are stopped on the way, later ones at the start
  };
  struct Connection {
    uint64_t id = 0;
    std::string address;
    Frame hello;  // of the connecting end, for duplicates
    bool broken = false;
    End ends[2];  // [0] connected, [1] accepted
  };
  struct Listener {
    SimNodeId node;
    uint32_t life = 0;
    std::shared_ptr<Inbox> inbox;
  };

  LinkId connect(SimNodeId node, uint32_t life, const std::shared_ptr<Inbox>& inbox, const std::string& address);
  void try_connect(const std::shared_ptr<Connection>& connection, Time give_up);
  void transmit(LinkId link, Batch frames);
  void convey(const std::shared_ptr<Connection>& connection, int to, uint64_t number, Batch batch);
  void deliver(const std::shared_ptr<Connection>& connection, int to, uint64_t number, Batch batch);
  void hold(const std::shared_ptr<Connection>& connection, int to, uint64_t number, Batch batch);
  void lose(const std::shared_ptr<Connection>& connection, int to, Batch batch);
  void duplicate(const Connection& connection, const Batch& batch, const LinkModel& model);
  void appear_again(const std::string& address, SimNodeId from, Frame hello, Batch messages);
  void end_at(const std::shared_ptr<Connection>& connection, int side, Time when, Status why);
  /// The endpoint at `side` is gone or closes this connection: the other one learns of it behind what is under way.
  void close(const std::shared_ptr<Connection>& connection, int side, const char* why);
  void forget_if_ended(const Connection& connection);
  void endpoint_gone(const std::shared_ptr<Inbox>& inbox, const std::string& address);

  bool lives(SimNodeId node, uint32_t life) const;
  bool blocked(SimNodeId from, SimNodeId to) const { return blocked_.contains({from, to}); }
  /// Within a node nothing goes wrong.
  const LinkModel& model(SimNodeId from, SimNodeId to) const;
  Duration delay(const LinkModel& model);
  Duration up_to(Duration most) { return Duration(static_cast<int64_t>(rng_.below(most.count() + 1))); }
  const std::string& name(SimNodeId node) const { return nodes_[node.value()].name; }
  template <class... Args>
  void note(fmt::format_string<Args...> format, Args&&... args) {
    if (observer_) observer_(fmt::format(format, std::forward<Args>(args)...));
  }

  runtime::Timeline& timeline_;
  runtime::Rng rng_;
  LinkModel model_;
  const LinkModel loopback_{};
  std::map<std::pair<SimNodeId, SimNodeId>, LinkModel> models_;
  std::set<std::pair<SimNodeId, SimNodeId>> blocked_;
  std::vector<Node> nodes_;
  std::map<std::string, Listener> listeners_;
  std::map<uint64_t, std::shared_ptr<Connection>> connections_;
  uint64_t next_connection_ = 1;
  uint32_t next_port_ = 20000;
  TraceHash trace_;
  SimNetworkCounts counts_;
  std::function<void(const std::string&)> observer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // events outlive the network in the timeline
};

}  // namespace daos::fabric
