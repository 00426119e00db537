// A local system at work: its engines as child processes that are started again when they die, the agent's socket, and
// a client to the services. Runs on one reactor; the public functions may be called from any other thread, and block.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "platform/runtime/driver.h"
#include "platform/runtime/scope.h"
#include "programs/local/agent.h"
#include "programs/local/directory.h"
#include "programs/local/engine_process.h"
#include "programs/local/format.h"
#include "programs/local/ports.h"
#include "programs/local/service_client.h"

namespace daos::local {

struct SystemOptions {
  std::string engine_program;  // path of daos_engine
  std::string name = "daos_server";
  Shape shape;             // zeros: what is there, or the default
  uint64_t scm_bytes = 0;  // of each engine; 0: chosen from the machine
  uint64_t nvme_bytes = 0;
  std::vector<std::string> devices;  // for tier 1, checked; none: files, or what is there
  bool format_used_devices = false;
  Duration start_limit = std::chrono::minutes(10);  // of engines that read long logs
};
inline constexpr Shape kDefaultShape{.engines = 1, .targets = 4};

struct EngineState {
  uint32_t rank = 0;
  pid_t pid = 0;  // 0: not running
  bool serving = false;
  messages::EngineAddress address;
  uint32_t restarts = 0;
  std::string last_end;
};
struct SystemState {
  SystemFile system;
  Limits limits;
  uint32_t devices = 0;  // for tier 1; 0: it is in files
  std::vector<EngineState> engines;
  std::vector<std::string> notes;  // what a person should know: ports that had to move
};

class LocalSystem {
 public:
  /// `transport` belongs to `thread`. Log lines go to the reactor's logger.
  LocalSystem(runtime::ReactorThread& thread, fabric::Transport& transport, Directory directory, SystemOptions options)
      : thread_(thread),
        directory_(std::move(directory)),
        options_(std::move(options)),
        services_(thread.reactor(), transport),
        scope_(thread.reactor()),
        supervisors_(thread.reactor()),
        changed_(thread.reactor()),
        ports_(thread.reactor().rng().next()),
        moving_(thread.reactor(), 1) {}
  /// After stop(), or when start() failed.
  ~LocalSystem();

  /// Formats if there is no system yet, starts every engine, and returns when all serve and the agent's socket answers.
  /// An error has stopped everything again.
  Status start();
  /// Starts what does not run, at once, and returns when all engines serve.
  Status resume();
  /// Ends the agent, then the engines, in order.
  void stop();
  SystemState state();

  /// Runs a coroutine on the reactor and waits for its end. `make` is called there; what it captures lives until the
  /// end.
  template <class T>
  T run(std::move_only_function<runtime::Task<T>()> make) {
    std::promise<T> promise;
    std::future<T> future = promise.get_future();
    thread_.reactor().post(
        [this, &make, promise = std::move(promise)]() mutable { scope_.spawn(carry<T>(&make, std::move(promise))); });
    return future.get();
  }
  ServiceClient& services() { return services_; }
  const Directory& directory() const { return directory_; }

 private:
  struct Engine {
    explicit Engine(runtime::Reactor& reactor) : ended(reactor), hurry(reactor) {}
    uint32_t rank() const { return superblock.rank.value(); }
    bool serving() const { return process != nullptr && process->ready(); }
    engine::Superblock superblock;
    std::unique_ptr<EngineProcess> process;
    Time started;
    uint32_t starts = 0;
    uint32_t failures = 0;  // ends in a row, each soon after the start
    std::string last_end;
    runtime::Event ended;  // the process is gone
    runtime::Event hurry;  // start now, whatever the pause says
  };

  template <class T>
  static runtime::Task<void> carry(std::move_only_function<runtime::Task<T>()>* make, std::promise<T> promise) {
    T value = co_await (*make)();
    promise.set_value(std::move(value));  // whoever waits may be gone after this
  }
  runtime::Task<Status> start_all();
  runtime::Task<Status> resume_all();
  runtime::Task<Status> stop_all();
  runtime::Task<Status> load_or_format();
  DeviceLinker linker() const;
  runtime::Task<void> supervise(Engine* engine);
  runtime::Task<Status> start_engine(Engine* engine);
  runtime::Task<Status> move_taken_ports(Engine* engine);
  runtime::Task<Status> wait_until_serving(Time deadline);
  runtime::Task<Status> wait_for_predecessor(std::string folder);
  runtime::Task<bool> all_answer();
  void on_engine_end(Engine& engine, std::string how);
  Status failed_to_start(const Engine& engine) const;

  runtime::ReactorThread& thread_;
  Directory directory_;
  SystemOptions options_;
  ServiceClient services_;
  runtime::Scope scope_;        // what run() carries
  runtime::Scope supervisors_;  // one for each engine
  runtime::Event changed_;      // an engine serves, or ended
  PortChooser ports_;
  runtime::Semaphore moving_;  // one at a time: moving rank 0 rewrites every superblock
  std::unique_ptr<storage::Disk> disk_;
  std::unique_ptr<Agent> agent_;
  SystemFile system_;
  Limits limits_;
  uint32_t devices_ = 0;
  std::vector<std::unique_ptr<Engine>> engines_;
  std::vector<std::string> notes_;
};

}  // namespace daos::local
