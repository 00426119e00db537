// What all lanes of one client share: who it is, how long it is patient, where the system is, the highest clock seen.
// Thread-safety: constant after construction, but for the clock (atomic) and the system source, which synchronises
// itself.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "model/messages/attach.h"
#include "model/messages/object.h"
#include "platform/base/log.h"
#include "platform/base/units.h"
#include "platform/runtime/task.h"

namespace daos::core {

class Lane;

/// The system as the agent describes it.
struct SystemView {
  Uuid system;
  std::string name;
  std::string provider;
  std::vector<std::string> service_addresses;
  messages::Credential credential;
  std::string agent;  // path of its socket; empty where there is none
};
using SystemRef = std::shared_ptr<const SystemView>;

/// Where the system is: an agent's socket, or what a simulation says.
class SystemSource {
 public:
  virtual ~SystemSource() = default;
  virtual runtime::Task<Result<SystemRef>> find(Lane& lane) = 0;
  /// The label or uuid of the pool that is meant by `name`.
  virtual runtime::Task<Result<std::string>> pool_named(Lane&, std::string name) { co_return name; }
  /// Runs in the background of every lane, until its stop token: keeps what must stay open.
  virtual runtime::Task<void> keep(Lane&) { co_return; }
  /// In a forked child: closes copies of descriptors and touches nothing else.
  virtual void abandon_after_fork() {}
};

using SystemSourceRef = std::shared_ptr<SystemSource>;

/// How long an operation tries, and when it says so.
struct Patience {
  Duration attempt_first = std::chrono::seconds(2);  // then half as much again, up to attempt_max
  Duration attempt_max = std::chrono::seconds(15);
  uint64_t bytes_per_ms_least = 10'000;                  // of long values, which lengthen their attempts at this rate
  Duration pause_first = std::chrono::milliseconds(10);  // between attempts that failed at once, doubling
  Duration pause_max = std::chrono::seconds(1);
  Duration warn_after = std::chrono::seconds(5);
  /// A whole operation (DAOS_CLIENT_TIMEOUT). Without it I/O is repeated as long as the map says that the target is up,
  /// and calls of services for services_limit.
  std::optional<Duration> total;
  Duration services_limit = std::chrono::seconds(60);
  /// Giving up a slot may take this long; then the outcome is unknown.
  Duration give_up = std::chrono::seconds(2);
};

class Client {
 public:
  struct Options {
    Uuid id;
    SystemSource* system = nullptr;  // outlives the client
    Patience patience;
    Logger log;
    /// A long fetch that a target does not answer at once is asked for in parts of this.
    uint64_t part_bytes = messages::kUpdateBytesMax / 4;
  };
  explicit Client(Options options) : options_(std::move(options)) {}
  Client(const Client&) = delete;

  const Uuid& id() const { return options_.id; }
  const Patience& patience() const { return options_.patience; }
  const Logger& log() const { return options_.log; }
  uint64_t part_bytes() const { return options_.part_bytes; }
  /// Null only where there is no network at all.
  SystemSource* system() { return options_.system; }
  /// The same as a reference that owns nothing.
  SystemSourceRef own_system() { return {SystemSourceRef(), options_.system}; }

  uint64_t highest_clock() const { return clock_.load(std::memory_order_acquire); }
  void observe_clock(uint64_t value) {
    uint64_t seen = clock_.load(std::memory_order_relaxed);
    while (seen < value && !clock_.compare_exchange_weak(seen, value, std::memory_order_acq_rel)) {
    }
  }

 private:
  Options options_;
  // acq_rel: a thread that learns of a completed operation and starts another must carry a clock at least as high
  std::atomic<uint64_t> clock_{0};
};

}  // namespace daos::core
