// A store inside this process: the engine's library, loaded when first asked for, and the system that it makes of a
// directory (design: "embedded mode"). To every operation it is a system like any other, behind doors instead of ports.
//
// Thread-safety: any thread. Opening, closing and making the first pool block, for as long as the disk takes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "client/core/client.h"
#include "client/core/embedded_call.h"
#include "platform/fabric/tcp/doors.h"

namespace daos::core {

/// The engine's library.
class EmbeddedLibrary {
 public:
  /// From the folder of the library (or program) that this code is in. Never unloaded: its threads run its code.
  /// kNonexistent says which file is missing.
  static Result<EmbeddedLibrary> load();
  /// Null before the first load.
  static EmbeddedLibrary* loaded();

  /// The outcome of `call` as a Status.
  Status operator()(EmbeddedCall& call) const;

 private:
  explicit EmbeddedLibrary(EmbeddedFunction function) : function_(function) {}
  EmbeddedFunction function_;
};

/// What an operator may choose for a store that is made, as text that the engine reads; empty is its default.
struct EmbeddedSettings {
  std::string targets;
  std::string pool_size;
  std::string durability;
};

class EmbeddedStore : public SystemSource {
 public:
  /// kBusy names the process that has it. `doors` outlives the store.
  static Result<std::shared_ptr<EmbeddedStore>> open(const std::string& directory, const EmbeddedSettings& settings,
                                                     const Uuid& client, uint32_t pid);
  /// Does not close the store: see close().
  ~EmbeddedStore() override;

  /// Which directory it is, however it was named.
  const std::string& path() const { return path_; }
  /// Puts its doors where the client's transports find them, or takes them away.
  void join(fabric::tcp::Doors& doors);
  void leave(fabric::tcp::Doors& doors);
  /// Ends this use of the store; with the last one, the store.
  void close();

  runtime::Task<Result<SystemRef>> find(Lane& lane) override;
  runtime::Task<Result<std::string>> pool_named(Lane& lane, std::string name) override;

 private:
  explicit EmbeddedStore(EmbeddedLibrary library) : library_(library) {}
  Status take(EmbeddedCall& call);
  std::string door(size_t number) const { return fmt::format("tcp://{}:{}", host_, number + 1); }

  const EmbeddedLibrary library_;
  // constant after open()
  uint64_t store_ = 0;
  std::string path_;
  std::string host_;
  std::vector<int> door_ends_;  // until join()
  size_t door_count_ = 0;
  SystemRef view_;
};

}  // namespace daos::core
