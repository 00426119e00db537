// The containers of a pool as plain data, and the commands that change them. Pure functions of state and command.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/map/pool_map.h"
#include "model/messages/container.h"
#include "model/messages/pool.h"
#include "server/services/attributes.h"
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
  Attributes attributes;
  uint64_t next_object_id = 0;  // the first that allocate() has not given to anybody
  map::MapVersion healthy_at;   // of the map in which it was last declared healthy
  uint64_t open_time = 0;
  uint64_t modify_time = 0;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.label, self.properties, self.attributes, self.next_object_id, self.healthy_at, self.open_time,
            self.modify_time);
  }
};
struct ContainerHandle {
  messages::ContainerId container;
  messages::HandleId pool_handle;
  uint32_t flags = 0;
  Uuid client;
  std::string user;
  uint64_t permissions = 0;  // rights::Permission, as they were when it was opened, and as its mode leaves them
  static void visit(auto&& visitor, auto& self) {
    visitor(self.container, self.pool_handle, self.flags, self.client, self.user, self.permissions);
  }
};

/// What a command closed besides what it was asked for: targets must be told.
struct Closed {
  std::vector<messages::HandleId> handles;
  static void visit(auto&& visitor, auto& self) { visitor(self.handles); }
};

class Containers {
 public:
  /// `properties` are complete (container_properties.h).
  Status create(messages::ContainerId id, messages::Properties properties, const map::PoolMap& map, uint64_t now);

  struct Opening {
    messages::HandleId handle;
    messages::HandleId pool_handle;
    uint32_t flags = 0;
    Uuid client;
    std::string name;  // label or uuid
  };
  struct Opened {
    messages::ContainerInfo info;
    Closed evicted;
    static void visit(auto&& visitor, auto& self) { visitor(self.info, self.evicted); }
  };
  Result<Opened> open(Opening opening, const messages::Credential& who, const map::PoolMap& map, uint64_t now);
  /// True if the handle was open.
  bool close(messages::HandleId id, uint64_t now);
  /// Closes what was opened through a pool handle.
  Closed close_all_of(messages::HandleId pool_handle, uint64_t now);

  struct Destroyed {
    messages::ContainerId container;
    Closed evicted;
    static void visit(auto&& visitor, auto& self) { visitor(self.container, self.evicted); }
  };
  /// `any`: the pool allows the caller to destroy each of its containers.
  Result<Destroyed> destroy(const std::string& name, bool force, const messages::Credential& who, bool any);

  // --- changes through a handle
  Status change(messages::HandleId handle, messages::Properties wanted, const map::PoolMap& map, uint64_t now);
  Status change_acl(messages::HandleId handle, const messages::AclChange& change, uint64_t now);
  /// An administrator's, without a handle; what is empty stays.
  Status change_owner(const std::string& name, std::string user, std::string group, uint64_t now);
  /// The first of `count` numbers. kOverflow: there are not that many left.
  Result<uint64_t> allocate(messages::HandleId handle, uint64_t count);
  Status set_attributes(messages::HandleId handle, const std::map<std::string, std::string>& values,
                        uint64_t other_bytes, uint64_t now);
  Status delete_attributes(messages::HandleId handle, const std::vector<std::string>& names, uint64_t now);

  /// None of them is known to be whole any more, until each is declared healthy.
  void mark_unclean(const map::PoolMap& map);

  // --- questions
  Result<const Attributes*> attributes(messages::HandleId handle) const;
  uint64_t attribute_bytes() const;
  /// What the query asks for, as far as the handle allows it.
  Result<messages::ContainerInfo> query(const messages::ContainerQueryRequest& request, const map::PoolMap& map) const;
  Result<messages::HandleRights> rights(messages::HandleId handle) const;
  std::vector<messages::ContainerInfo> list() const;  // by label, then uuid; without properties
  size_t size() const { return containers_.size(); }
  bool has_open(messages::HandleId pool_handle) const;

  static void visit(auto&& visitor, auto& self) { visitor(self.containers_, self.handles_); }

 private:
  Result<messages::ContainerId> find(const std::string& name) const;  // by label or uuid
  std::vector<messages::HandleId> handles_of(messages::ContainerId id) const;
  Result<const ContainerHandle*> open_handle(messages::HandleId id) const;
  /// The container behind a handle that has one of these permissions.
  Result<ContainerState*> to_change(messages::HandleId handle, uint64_t permissions, std::string_view what);
  static messages::ContainerInfo summary(messages::ContainerId id, const ContainerState& state, size_t handles);
  messages::Properties properties_of(const ContainerState& state, const map::PoolMap& map) const;

  std::map<messages::ContainerId, ContainerState> containers_;
  std::map<messages::HandleId, ContainerHandle> handles_;
};

}  // namespace daos::services
