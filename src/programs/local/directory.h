// The directory of a local system: where everything in it is, and who runs it. Blocking; used before and beside the
// reactor. Thread-safety: a value; ServerLock belongs to one process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "platform/base/status.h"

namespace daos::local {

class Directory {
 public:
  /// An absolute path, whether or not it is there.
  static Result<Directory> at(const std::string& path);

  const std::string& path() const { return path_; }
  std::string run() const { return path_ + "/run"; }  // sockets; what DAOS_AGENT_DRPC_DIR names
  std::string logs() const { return path_ + "/log"; }
  std::string system_file() const { return path_ + "/system"; }
  std::string lock_file() const { return run() + "/daos_server.lock"; }
  std::string server_log() const { return logs() + "/daos_server.log"; }
  std::string clients_file() const { return run() + "/clients"; }
  std::string engine_name(uint32_t rank) const { return "engine-" + std::to_string(rank); }
  std::string engine(uint32_t rank) const { return path_ + "/" + engine_name(rank); }
  std::string engine_log(uint32_t rank) const { return logs() + "/" + engine_name(rank) + ".log"; }

  /// Makes it, and its folders, where they are not there. The error names the folder and the system's words.
  Status make() const;
  bool holds_system() const;
  /// `export DAOS_AGENT_DRPC_DIR=...`, quoted for a shell.
  std::string environment() const;

 private:
  explicit Directory(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// A process that runs a directory.
struct Owner {
  pid_t pid = 0;
  bool embedded = false;  // a program that has it open as an embedded store, not a daos_server
  /// "daos_server, process 12", "process 12 (python3)"
  std::string to_string() const;
};

/// Held by whoever runs the directory; ends with its process, however that ends.
class ServerLock {
 public:
  enum class Use : uint8_t { kServer, kEmbedded };
  /// kBusy, naming the process and the way out, when another one holds it.
  static Result<ServerLock> take(const Directory& directory, Use use = Use::kServer);
  ServerLock(ServerLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)), use_(other.use_) {}
  ServerLock& operator=(ServerLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(use_, other.use_);
    return *this;
  }
  ~ServerLock() { close(); }
  /// In a forked child too: its copy would hold the lock when the parent has ended.
  void close();
  /// Writes this process's id into the file; again after a fork.
  Status name_owner() const;

 private:
  ServerLock(int fd, Use use) : fd_(fd), use_(use) {}
  int fd_;
  Use use_;
};

/// The process that holds the lock; nothing when nobody does.
Result<std::optional<Owner>> running_owner(const Directory& directory);
/// The daos_server that does. kBusy when a program has it open as an embedded store.
Result<std::optional<pid_t>> running_server(const Directory& directory);

}  // namespace daos::local
