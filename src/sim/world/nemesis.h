// What goes wrong, and when: drawn from a seed. Each run gets a mix of its own, some faults often, some never, so that
// seeds differ in kind and not in detail only.
#pragma once

#include <array>
#include <vector>

#include "sim/world/world.h"

namespace daos::sim {

enum class Fault : uint8_t {
  kKill,        // a server's process dies and comes back
  kPowerLoss,   // a server's machine dies: unflushed writes are lost or torn; its connections are reset or hang
  kOutage,      // all servers at once
  kDiskStops,   // a server's machine dies inside the k-th disk operation from now
  kDiskFails,   // a disk operation fails; some time later the process is killed
  kDiskSlow,    // a server's disk takes its time for a while
  kPartition,   // some links work in one direction only, or not at all, for a while
  kWeather,     // the network loses, delays and repeats for a while
  kClockStep,   // a wall clock steps
  kClientDies,  // a client's process dies, and another one comes
};
inline constexpr size_t kFaults = 10;

struct NemesisOptions {
  std::vector<Node*> servers;
  std::vector<Node*> clients;
  /// Whether acknowledged data must survive loss of power (durability `power`); else machines only lose processes.
  bool power_may_fail = true;
  /// Whether messages come twice without the client's sending them twice. Harder than any network is: only for clients
  /// that never take the answer to a single attempt for the last word.
  bool messages_come_twice = true;
  /// How far servers' wall clocks may be from the truth.
  Duration clock_skew_max = std::chrono::milliseconds(40);
  /// The most that a fault's effect (partition, restart ...) lasts.
  Duration lasts_max = std::chrono::seconds(8);
};

class Nemesis {
 public:
  Nemesis(World& world, NemesisOptions options);
  /// Faults happen from now on.
  void begin();
  /// No new faults; everything works again, and what is down is started.
  void heal();

 private:
  void schedule(Fault fault);
  void strike(Fault fault);
  void crash(Node& node, storage::Loss loss);
  void restart_later(Node& node);
  void stop_disk(Node& node);
  void fail_disk(Node& node);
  void partition();
  void weather();
  Node* any(const std::vector<Node*>& nodes);
  Duration up_to(Duration most) { return Duration(static_cast<int64_t>(rng_.below(most.count() + 1))); }
  /// Mostly short, sometimes as long as allowed.
  Duration a_while();
  storage::Loss loss() const { return options_.power_may_fail ? storage::Loss::kPower : storage::Loss::kProcess; }

  World& world_;
  NemesisOptions options_;
  runtime::Rng rng_;
  std::array<Duration, kFaults> every_{};  // mean time between; 0: never
  fabric::LinkModel usual_;
  bool active_ = false;
  std::map<const Node*, Duration> skew_;  // looked up only
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

 public:
  ~Nemesis() { *alive_ = false; }
  Nemesis(const Nemesis&) = delete;
};

}  // namespace daos::sim
