// A whole system in one process: nodes with clocks, disks and reactors of their own, one network, one timeline. One
// seed decides everything. Single-threaded; several worlds may run on threads of their own.
//
// A node is a machine that keeps its medium; a Life is one run of a program on it, from start to crash. A crash takes
// the world away from the life at once (network cut, disks dead, medium as a crash leaves it) and lets its objects end
// at leisure, beside the next life: their waits are stopped, nothing they do reaches anybody. One that does not end is
// a failure.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/fabric/sim/sim_network.h"
#include "platform/runtime/virtual_time.h"
#include "platform/storage/memory/memory_disk.h"
#include "sim/world/probes.h"

namespace daos::sim {

class World;
class Node;

/// What runs on a node: an engine, a client. Built from the seams that its Life offers, and from nothing else.
class Program {
 public:
  virtual ~Program() = default;
  /// On the life's main reactor. Returns when it serves; an error while its world is whole is a failure of the run.
  virtual runtime::Task<Status> start(runtime::StopToken stop) = 0;
  /// Ends everything, within a world that no longer answers. Called once, after start() has returned, whatever that
  /// returned.
  virtual runtime::Task<void> stop() = 0;
};

/// One run of a program: what main() would have found and made.
class Life {
 public:
  Life(World& world, Node& node, uint32_t number);
  ~Life();
  Life(const Life&) = delete;

  Node& node() { return node_; }
  World& world() { return world_; }
  uint32_t number() const { return number_; }
  /// "engine-0.2": node and number of the life.
  const std::string& name() const { return name_; }
  runtime::Reactor& reactor() { return reactors_[0]->reactor(); }
  /// For a program with several threads.
  runtime::Reactor& add_reactor();
  fabric::Transport& transport() { return *transport_; }
  /// The node's medium as that reactor sees it; one per reactor.
  storage::MemoryDisk& disk(runtime::Reactor& reactor);
  const std::vector<std::unique_ptr<storage::MemoryDisk>>& disks() const { return disks_; }
  runtime::Clock& clock();
  uint64_t random() { return rng_.next(); }
  bool serving() const { return serving_; }
  /// Its world is gone: what it still sees and does means nothing.
  bool crashed() const { return crashed_; }
  /// A fault was injected that may make start() fail.
  void excuse() { excused_ = true; }

 private:
  friend class Node;
  friend class World;
  void begin(std::unique_ptr<Program> program);
  runtime::Task<void> run();
  runtime::Task<void> end();

  World& world_;
  Node& node_;
  const uint32_t number_;
  const std::string name_;
  runtime::Rng rng_;
  std::vector<std::unique_ptr<runtime::VirtualReactor>> reactors_;
  std::unique_ptr<fabric::Transport> transport_;
  std::vector<std::unique_ptr<storage::MemoryDisk>> disks_;
  std::map<const runtime::Reactor*, storage::MemoryDisk*> disk_of_;  // looked up only
  std::optional<runtime::Scope> scope_;
  runtime::StopSource stop_;
  std::unique_ptr<Program> program_;
  bool crashed_ = false;
  bool excused_ = false;
  bool serving_ = false;
  bool ended_ = false;
  Time crashed_at_;
};

using MakeProgram = std::function<std::unique_ptr<Program>(Life&)>;

class Node {
 public:
  Node(World& world, std::string name, uint64_t seed);

  const std::string& name() const { return name_; }
  fabric::SimNodeId id() const { return id_; }
  runtime::VirtualClock& clock() { return clock_; }
  /// Null between a crash and the next start.
  Life* life() { return life_.get(); }
  bool serving() const { return life_ && life_->serving(); }

  /// What runs here, at every start.
  void install(MakeProgram make) { make_ = std::move(make); }
  void start();
  void crash(fabric::CrashKind network, storage::Loss disk);
  /// How this node's disks behave, in this life and later ones.
  void set_disk_delay(storage::DiskOperation kind, storage::DiskDelay delay);
  storage::MemoryMedium& medium() { return *medium_; }

 private:
  friend class Life;
  World& world_;
  const std::string name_;
  fabric::SimNodeId id_;
  runtime::Rng rng_;
  runtime::VirtualClock clock_;
  std::shared_ptr<storage::MemoryMedium> medium_ = std::make_shared<storage::MemoryMedium>();
  std::array<storage::DiskDelay, storage::kDiskOperations> delays_{};
  MakeProgram make_;
  std::unique_ptr<Life> life_;
  uint32_t lives_ = 0;
};

class World {
 public:
  World(uint64_t seed, LogSink* log = nullptr);
  ~World();
  World(const World&) = delete;

  runtime::Timeline& timeline() { return timeline_; }
  fabric::SimNetwork& network() { return network_; }
  /// For decisions about the world; every part that draws often should fork() its own.
  runtime::Rng& rng() { return rng_; }
  Probes& probes() { return probes_; }
  Node& add_node(std::string name);
  Logger logger(std::string_view who) const { return Logger(log_, std::string(who)); }

  /// Lets virtual time pass. False: out of steps (something runs in a circle without time passing), see failures().
  bool run_for(Duration time);
  /// The same until `condition`, at most for `limit`; whether it came true.
  bool run_until(const std::function<bool()>& condition, Duration limit);
  /// Calls `what`, once, as soon as `condition` holds between two events.
  void when(std::function<bool()> condition, std::function<void()> what) {
    watched_.emplace_back(std::move(condition), std::move(what));
  }
  /// Crashes what still runs and waits until every life has ended.
  void take_down();

  /// Told what happens, a line with virtual time each; for reading a seed's run.
  void set_observer(std::function<void(const std::string& line)> observer);
  void note(std::string_view line);
  /// `line()` is called only if somebody listens.
  template <class Line>
    requires std::invocable<Line>
  void note(Line line) {
    if (observer_) note(std::string_view(line()));
  }

  /// What is wrong whatever the checkers say: a program that did not start, or did not end.
  const std::vector<std::string>& failures() const { return failures_; }
  void fail(std::string what) { failures_.push_back(std::move(what)); }
  /// Everything that happened.
  uint64_t trace() const { return network_.trace().value(); }

 private:
  friend class Life;
  friend class Node;
  static constexpr uint64_t kStepsMax = 100'000'000;
  static constexpr Duration kEndWithin = std::chrono::minutes(5);
  bool step(Time limit);
  void reap();
  void look();

  runtime::Timeline timeline_;
  runtime::Rng rng_;
  fabric::SimNetwork network_;
  Probes probes_;
  ProbeScope probe_scope_{probes_};
  LogSink* log_;
  std::function<void(const std::string& line)> observer_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::unique_ptr<Life>> ending_;
  bool reap_ = false;
  std::vector<std::pair<std::function<bool()>, std::function<void()>>> watched_;
  std::vector<std::string> failures_;
};

}  // namespace daos::sim
