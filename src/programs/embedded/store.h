// An open embedded store: one directory, its lock, its engine with threads in this process, and what an agent and an
// administrator do for it elsewhere (who is attached, the first pool). Thread-safety: one thread at a time, none of the
// engine's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/messages/attach.h"
#include "programs/hosted_engine/hosted_engine.h"
#include "programs/local/clients_file.h"
#include "programs/local/directory.h"
#include "programs/local/format.h"
#include "programs/local/service_client.h"
#include "programs/output/log_file.h"

namespace daos::embedded {

inline constexpr uint32_t kTargetsDefault = 2;

/// Of a store, or a pool, that is made. Empty: the default.
struct Settings {
  std::string targets;     // a number
  std::string pool_size;   // "1GiB", "50%"; all that the store may have
  std::string durability;  // "power", "process"
};

class Store {
 public:
  /// Makes the store if the directory is empty or not there. kBusy names the process that has it; kExists, and nothing
  /// is touched, when the directory holds something else.
  static Result<std::unique_ptr<Store>> open(local::Directory directory, const Settings& settings,
                                             messages::AttachRequest client);
  ~Store();
  Store(const Store&) = delete;
  /// Ends the client, then the engine, in order. Whatever fails, the store is then open no more.
  Status close();

  const std::string& path() const { return directory_.path(); }
  const Uuid& system() const { return installed_.system.system; }
  /// "@UUID": the doors are "tcp://@UUID:1" and so on, the system's first.
  std::string host() const;
  /// The ends that one enters by, the caller's to close.
  Result<std::vector<int>> doors() const;
  messages::AttachAnswer answer() const;

  /// The pool that is meant by `name`: itself when there is a pool at all, or when it can be none's label. Where there
  /// is none, one is made with that label. Empty: the only pool, or the one that is called as the directory is.
  Result<std::string> pool_named(std::string name);

  /// As HostedEngine's.
  void hold();
  void release();
  void abandon_after_fork();

 private:
  Store(local::Directory directory, local::ServerLock lock)
      : directory_(std::move(directory)), lock_(std::move(lock)) {}
  Status prepare(uint32_t targets);
  Status start();
  Status start_engine();
  Status attach(const messages::AttachRequest& client);
  Status make_pool(const std::string& label);
  Status end_client(const Uuid& client);

  template <class Request>
  Result<typename Request::Reply> ask(Request request);

  const local::Directory directory_;
  local::ServerLock lock_;
  Settings settings_;
  std::unique_ptr<output::LogFile> log_file_;
  Logger log_;
  local::Installed installed_;
  fabric::tcp::Doors doors_;  // of the engine's own connections, and to be copied
  std::unique_ptr<program::HostedEngine> engine_;
  std::unique_ptr<local::ServiceClient> services_;  // on the engine's system thread
  std::unique_ptr<local::ClientsFile> clients_;
  Uuid client_;
};

}  // namespace daos::embedded
