// The containers of a pool as plain data, and the commands that change them. Pure functions of state and command.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/messages/pool.h"
#include "server/services/command.h"

namespace daos::services {

/// The API's DAOS_COO_*.
enum OpenFlags : uint32_t {
  kOpenReadOnly = 1u << 0,
  kOpenReadWrite = 1u << 1,
  kOpenExclusive = 1u << 2,
  kOpenForce = 1u << 3,
  kOpenKeepTimes = 1u << 4,
  kOpenEvict = 1u << 5,
  kOpenEvictAll = 1u << 6,
  kOpenNewLayout = 1u << 7,
};

struct ContainerState {
  std::string label;  // empty: none
  messages::Properties properties;
  uint64_t open_time = 0;
  uint64_t modify_time = 0;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.label, self.properties, self.open_time, self.modify_time);
  }
};
struct ContainerHandle {
  messages::ContainerId container;
  messages::HandleId pool_handle;
  uint32_t flags = 0;
  Uuid client;
  std::string user;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.container, self.pool_handle, self.flags, self.client, self.user);
  }
};

/// What a command closed besides what it was asked for: targets must be told.
struct Closed {
  std::vector<messages::HandleId> handles;
  static void visit(auto&& visitor, auto& self) { visitor(self.handles); }
};

class Containers {
 public:
  Status create(messages::ContainerId id, messages::Properties properties, uint64_t now);
  struct Opened {
    messages::ContainerInfo info;
    Closed evicted;
    static void visit(auto&& visitor, auto& self) { visitor(self.info, self.evicted); }
  };
  Result<Opened> open(messages::HandleId id, ContainerHandle handle, const std::string& name, uint64_t now);
  /// True if the handle was open.
  bool close(messages::HandleId id, uint64_t now);
  struct Destroyed {
    messages::ContainerId container;
    Closed evicted;
    static void visit(auto&& visitor, auto& self) { visitor(self.container, self.evicted); }
  };
  Result<Destroyed> destroy(const std::string& name, bool force);
  /// Closes what was opened through a pool handle.
  Closed close_all_of(messages::HandleId pool_handle, uint64_t now);

  Result<messages::ContainerInfo> info(messages::ContainerId id) const;
  Result<messages::ContainerInfo> info_of_handle(messages::HandleId handle) const;
  Result<messages::HandleRights> rights(messages::HandleId handle) const;
  std::vector<messages::ContainerInfo> list() const;  // by label, then uuid
  size_t size() const { return containers_.size(); }
  bool has_open(messages::HandleId pool_handle) const;

  static void visit(auto&& visitor, auto& self) { visitor(self.containers_, self.handles_); }

 private:
  Result<messages::ContainerId> find(const std::string& name) const;  // by label or uuid
  std::vector<messages::HandleId> handles_of(messages::ContainerId id) const;

  std::map<messages::ContainerId, ContainerState> containers_;
  std::map<messages::HandleId, ContainerHandle> handles_;
};

inline constexpr uint32_t kContainerLabelProperty = 0x1001;  // DAOS_PROP_CO_LABEL

}  // namespace daos::services
