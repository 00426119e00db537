// An engine: its targets, its system listener, on rank 0 the services, and the order in which they start and stop.
// Knows neither processes nor threads: it is given rooms (a reactor, a disk, a network each), so it runs in simulation
// as it is.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "platform/rpc/node.h"
#include "platform/runtime/run_on.h"
#include "server/services/system/system_service.h"
#include "server/target/target.h"

namespace daos::engine {

struct EngineConfig {
  Uuid system;
  std::string system_name;
  std::string provider = "ofi+tcp";
  Uuid engine;
  map::Rank rank;
  messages::EngineAddress address;  // where it listens; ports are fixed, they are in the superblock
  std::string directory;            // on the rooms' disks; "" when their root is the engine's own
  std::string service_address;      // of rank 0's system listener
  uint64_t memory_bytes = 0;        // for tier 0 of all pools together
  uint64_t disk_bytes = 0;
  uint64_t incarnation = 0;  // differs after each restart
  std::string build;
  uint64_t log_segment_bytes = 16u << 20;
  uint64_t bulk_bytes_max = 256u << 20;  // of each target, for values on their way
  vos::PlantedBugs planted;              // simulation only
  /// Where tier 1 lies, if not in files: target T uses device T modulo their number.
  std::vector<vos::DeviceRef> devices;
};

/// What a part of the engine runs on. Everything outlives the engine.
struct Room {
  runtime::Reactor& reactor;
  storage::Disk& disk;
  fabric::Transport& transport;
};

class Engine {
 public:
  /// One room per target, each of a reactor of its own (they may be one in tests); the system room's reactor is where
  /// start() and stop() run.
  Engine(EngineConfig config, Room system, std::vector<Room> targets);
  ~Engine();

  /// Opens what is stored, listens, and begins to join the system. Success means that every target serves.
  runtime::Task<Status> start();
  /// Closes everything. Before the engine is destroyed, its rooms' reactors must have had (and ended) their last turn.
  runtime::Task<Status> stop();
  /// The system service knows this incarnation.
  bool joined() const { return joined_; }
  /// In a forked child of the process that it runs in, whose copy of it does nothing else any more: closes the copies
  /// of its sockets. At the fork no reactor of its rooms was inside a turn.
  void abandon_after_fork();
  const EngineConfig& config() const { return config_; }

 private:
  /// Nobody but us writes to the engine's devices, and they are the right ones.
  runtime::Task<Status> claim_devices();
  runtime::Task<Status> start_target(size_t index);
  runtime::Task<Status> stop_target(size_t index);
  runtime::Task<Status> join();
  void serve();
  messages::EngineStatusReply status() const;

  /// `operation(Target&)` gives a Task<Status>; runs on every target at once, the first error once all have ended.
  template <class Operation>
  runtime::Task<Status> on_all_targets(Operation operation);
  template <class Operation>
  runtime::Task<Status> on_target(size_t index, Operation operation);
  /// Registers a request that every target of the engine executes.
  template <class Request, class Operation>
  void serve_on_all(Operation operation);
  template <class Request, class Operation>
  runtime::Task<Result<messages::Nothing>> pass_on(Request request, Operation operation);
  runtime::Task<Result<messages::ShardSpaceReply>> space(Uuid pool);
  /// Pools that some target has a shard of.
  runtime::Task<Result<std::set<Uuid>>> pools_found();
  /// Tells the pools' services what targets have lost, until each of them knows.
  runtime::Task<Status> report_losses(fabric::PeerId service);
  runtime::Task<Status> report_loss(fabric::PeerId service, Uuid pool, std::vector<uint32_t> targets);
  runtime::Task<Status> remove_unknown_shards(std::set<Uuid> found, std::vector<Uuid> known);

  std::string path(std::string_view name) const {
    return config_.directory.empty() ? std::string(name) : fmt::format("{}/{}", config_.directory, name);
  }

  EngineConfig config_;
  Room system_;
  std::vector<Room> rooms_;
  std::vector<std::unique_ptr<target::Target>> targets_;
  std::vector<std::unique_ptr<runtime::Scope>> stopping_;  // per target, of its reactor: where its stop() runs
  rpc::Node node_;
  runtime::Scope scope_;
  std::unique_ptr<services::SystemService> services_;
  std::vector<std::unique_ptr<storage::File>> devices_;  // for their locks, of the system's disk
  bool joined_ = false;
};

}  // namespace daos::engine
