// An engine on threads of this process: a lock on its folder, its superblock, a thread with a disk and a transport for
// each target and one for the rest, and the order in which all that begins and ends. What the process is beside that (a
// daos_engine, a program with an embedded store) does not matter here.
//
// Thread-safety: one thread at a time, none of the engine's. fork: hold() before it, release() in the parent,
// abandon_after_fork() in the child, which then forgets the object without destroying it.
#pragma once

#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "platform/fabric/tcp/tcp.h"
#include "platform/runtime/driver.h"
#include "platform/storage/posix/posix_disk.h"
#include "server/engine/engine.h"
#include "server/engine/superblock.h"

namespace daos::program {

/// Held for as long as an engine runs: two on one folder would write over each other.
class FolderLock {
 public:
  /// kBusy when another process has it.
  static Result<FolderLock> take(const std::string& directory);
  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  /// In a forked child too: its copy would hold the lock when the parent has ended.
  ~FolderLock() { close(); }
  void close();
  /// Held until the process ends.
  void keep() { fd_ = -1; }

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

class HostedEngine {
 public:
  struct Options {
    std::string directory;  // the engine's folder
    Logger log;
    /// Behind the superblock's addresses, where these are doors. Outlives the engine.
    fabric::tcp::Doors* doors = nullptr;
  };
  /// Takes the lock, reads the superblock, starts the threads, which inherit the caller's signal mask.
  static Result<std::unique_ptr<HostedEngine>> open(Options options);
  /// After stop(), or a start() that was never called.
  ~HostedEngine();

  const engine::Superblock& superblock() const { return superblock_; }
  const Logger& log() const { return options_.log; }
  runtime::ReactorThread& system_thread() { return *system().thread; }
  fabric::Transport& system_transport() { return *system().transport; }

  /// Ends when the engine serves: every target answers, and the system knows this incarnation. `told` hears of that, or
  /// of an error, on the system's thread. After an error the engine is stopped as always.
  std::future<Status> start(std::move_only_function<void(const Status&)> told = {});
  /// A start() that waits for the system to answer ends, with success.
  void stop_waiting();
  Status stop();

  /// Runs a coroutine on the system's reactor.
  template <class T>
  std::future<T> run(std::move_only_function<runtime::Task<T>()> make) {
    std::promise<T> promise;
    std::future<T> future = promise.get_future();
    system().thread->reactor().post([this, make = std::move(make), promise = std::move(promise)]() mutable {
      scope_->spawn(carry<T>(std::move(make), std::move(promise)));
    });
    return future;
  }

  void hold();
  void release();
  void abandon_after_fork();

 private:
  /// A thread with all that a part of an engine runs on.
  struct Room {
    std::unique_ptr<runtime::ReactorThread> thread;
    std::unique_ptr<storage::Disk> disk;
    std::unique_ptr<fabric::tcp::TcpTransport> transport;
    engine::Room view() { return {.reactor = thread->reactor(), .disk = *disk, .transport = *transport}; }
  };
  /// All threads of the engine, between two turns.
  struct Rest {
    explicit Rest(size_t threads) : arrived(static_cast<std::ptrdiff_t>(threads)), over(1) {}
    std::latch arrived;
    std::latch over;
  };

  HostedEngine(Options options, FolderLock lock) : options_(std::move(options)), lock_(std::move(lock)) {}
  Status open_rooms();
  Result<Room> open_room(const std::string& name);
  Room& system() { return rooms_.back(); }
  runtime::Task<Status> serve(std::move_only_function<void(const Status&)> told);
  runtime::Task<Status> start_and_join();

  template <class T>
  static runtime::Task<void> carry(std::move_only_function<runtime::Task<T>()> make, std::promise<T> promise) {
    T value = co_await make();
    promise.set_value(std::move(value));
  }

  Options options_;
  FolderLock lock_;
  runtime::SystemClock clock_;
  engine::Superblock superblock_;
  std::vector<Room> rooms_;                 // the targets', then the system's
  std::unique_ptr<runtime::Scope> scope_;   // of the system's reactor
  runtime::StopSource stop_waiting_;        // the same
  std::unique_ptr<engine::Engine> engine_;  // goes after the last turn of all reactors, and before what it runs on
  std::shared_ptr<Rest> rest_;              // between hold() and release()
};

}  // namespace daos::program
