// The embedded stores that this process has open: the one of DAOS_EMBEDDED from daos_init to daos_fini, and those whose
// path was given as a pool's name, from the first such connection to the end of the last. Whoever uses one holds a
// lease.
//
// Thread-safety: any thread; opening and closing block. fork: hold() before it, release() in the parent, abandon() in
// the child.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "client/core/embedded.h"

namespace daos::capi {

/// Whether a pool's name is the directory of a store: it starts with /, ./ or ../, which no label does.
bool is_path(std::string_view pool_name);

class Stores;

/// A use of an open store. The last one closes it.
class StoreLease {
 public:
  StoreLease() = default;
  StoreLease(StoreLease&& other) noexcept
      : stores_(std::exchange(other.stores_, nullptr)), store_(std::move(other.store_)) {}
  StoreLease& operator=(StoreLease&& other) noexcept {
    std::swap(stores_, other.stores_);
    std::swap(store_, other.store_);
    return *this;
  }
  ~StoreLease();
  /// Null: of no store.
  const std::shared_ptr<core::EmbeddedStore>& store() const { return store_; }

 private:
  friend class Stores;
  StoreLease(Stores& stores, std::shared_ptr<core::EmbeddedStore> store) : stores_(&stores), store_(std::move(store)) {}
  Stores* stores_ = nullptr;
  std::shared_ptr<core::EmbeddedStore> store_;
};

class Stores {
 public:
  /// `doors`: those of the client's transports.
  Stores(std::shared_ptr<fabric::tcp::Doors> doors, core::EmbeddedSettings settings, const Uuid& client)
      : doors_(std::move(doors)), settings_(std::move(settings)), client_(client) {}

  /// Which process has it, what is in the way: the error says it in words, and so does a line on stderr.
  Result<StoreLease> open(const std::string& directory);

  void hold();
  void release();
  void abandon();

 private:
  friend class StoreLease;
  struct Open {
    std::shared_ptr<core::EmbeddedStore> store;
    unsigned uses = 0;
  };
  void close(const std::string& path);
  static void tell_engine(core::EmbeddedCall::Operation operation);

  const std::shared_ptr<fabric::tcp::Doors> doors_;
  const core::EmbeddedSettings settings_;
  const Uuid client_;
  std::mutex mutex_;
  std::map<std::string, Open> open_;  // guarded by mutex_; by path
};

}  // namespace daos::capi
