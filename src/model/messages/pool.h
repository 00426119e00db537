// To a pool's service: the pool's map and handles, its containers and theirs.
#pragma once

#include "model/messages/common.h"

namespace daos::messages {

/// The API's DAOS_PC_*.
enum class PoolAccess : uint8_t { kReadOnly = 1, kReadWrite = 2, kExclusive = 4 };

struct PoolInfo {
  PoolId pool;
  std::string label;
  map::MapVersion map_version;
  uint32_t targets = 0;
  uint32_t engines = 0;
  uint32_t targets_disabled = 0;
  map::Rank leader;
  bool with_space = false;
  Space space;                     // sum over targets
  uint64_t free_min[kTiers] = {};  // over targets
  uint64_t free_max[kTiers] = {};
  uint32_t containers = 0;
  uint32_t handles = 0;
  Properties properties;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.pool, self.label, self.map_version, self.targets, self.engines, self.targets_disabled, self.leader,
            self.with_space, self.space, self.free_min[0], self.free_min[1], self.free_max[0], self.free_max[1],
            self.containers, self.handles, self.properties);
  }
};

struct PoolConnectReply {
  ByteVector map;
  PoolInfo info;
  static void visit(auto&& visitor, auto& self) { visitor(self.map, self.info); }
};
/// kBusy: an exclusive handle is open, or one is asked for while others are. kNoPerm: the pool's list does not allow
/// it.
struct PoolConnectRequest {
  DX_REQUEST(kPoolConnect);
  using Reply = PoolConnectReply;
  uint8_t format = 1;
  PoolId pool;
  HandleId handle;
  PoolAccess access = PoolAccess::kReadOnly;
  Uuid client;
  Credential credential;
  bool with_space = false;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.pool, self.handle, self.access, self.client, self.credential, self.with_space);
  }
};
/// Success for a handle that is not known (any more). kBusy while containers opened through it are open.
struct PoolDisconnectRequest {
  DX_REQUEST(kPoolDisconnect);
  using Reply = Nothing;
  uint8_t format = 1;
  PoolId pool;
  HandleId handle;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool, self.handle); }
};
struct PoolQueryRequest {
  DX_REQUEST(kPoolQuery);
  using Reply = PoolInfo;
  uint8_t format = 1;
  PoolId pool;
  HandleId handle;  // nil: an administrator asks
  bool with_space = false;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool, self.handle, self.with_space); }
};
struct PoolMapReply {
  ByteVector map;
  static void visit(auto&& visitor, auto& self) { visitor(self.map); }
};
struct PoolMapFetchRequest {
  DX_REQUEST(kPoolMapFetch);
  using Reply = PoolMapReply;
  uint8_t format = 1;
  PoolId pool;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool); }
};

/// What a container handle allows; a target asks once and caches the answer until the handle is revoked.
struct HandleRights {
  ContainerId container;
  bool may_read = false;
  bool may_write = false;
  bool verify_checksums = false;  // of what is written, as the container's property asks
  static void visit(auto&& visitor, auto& self) {
    visitor(self.container, self.may_read, self.may_write, self.verify_checksums);
  }
};
struct HandleLookupRequest {
  DX_REQUEST(kHandleLookup);
  using Reply = HandleRights;
  uint8_t format = 2;
  PoolId pool;
  HandleId handle;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool, self.handle); }
};

struct ContainerInfo {
  ContainerId container;
  std::string label;
  uint32_t handles = 0;
  uint32_t snapshots = 0;
  uint64_t latest_snapshot = 0;
  uint64_t open_time = 0;    // HLC
  uint64_t modify_time = 0;  // HLC
  Properties properties;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.container, self.label, self.handles, self.snapshots, self.latest_snapshot, self.open_time,
            self.modify_time, self.properties);
  }
};

/// `container` is chosen by the caller: a repetition finds the container made.
struct ContainerCreateRequest {
  DX_REQUEST(kContainerCreate);
  using Reply = Nothing;
  uint8_t format = 1;
  PoolId pool;
  HandleId pool_handle;
  ContainerId container;
  Properties properties;  // with defaults; owner, group and access-control list may be left to the service
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.pool, self.pool_handle, self.container, self.properties);
  }
};
struct ContainerOpenRequest {
  DX_REQUEST(kContainerOpen);
  using Reply = ContainerInfo;
  uint8_t format = 1;
  PoolId pool;
  HandleId pool_handle;
  HandleId handle;
  std::string container;  // label or uuid
  uint32_t flags = 0;     // the API's DAOS_COO_*
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.pool, self.pool_handle, self.handle, self.container, self.flags);
  }
};
/// Success for a handle that is not known (any more).
struct ContainerCloseRequest {
  DX_REQUEST(kContainerClose);
  using Reply = Nothing;
  uint8_t format = 1;
  PoolId pool;
  HandleId handle;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool, self.handle); }
};
struct ContainerDestroyRequest {
  DX_REQUEST(kContainerDestroy);
  using Reply = Nothing;
  uint8_t format = 1;
  Uuid operation;
  PoolId pool;
  HandleId pool_handle;
  std::string container;  // label or uuid
  bool force = false;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.operation, self.pool, self.pool_handle, self.container, self.force);
  }
};
struct ContainerListReply {
  std::vector<ContainerInfo> containers;  // by label, then uuid
  static void visit(auto&& visitor, auto& self) { visitor(self.containers); }
};
struct ContainerListRequest {
  DX_REQUEST(kContainerList);
  using Reply = ContainerListReply;
  uint8_t format = 1;
  PoolId pool;
  HandleId pool_handle;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool, self.pool_handle); }
};
/// What is not asked for needs no right and is not in the reply.
struct ContainerQueryRequest {
  DX_REQUEST(kContainerQuery);
  using Reply = ContainerInfo;
  uint8_t format = 1;
  PoolId pool;
  HandleId handle;               // of the container
  bool with_properties = false;  // all but the access-control list
  bool with_acl = false;         // the list, owner and owner group
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.pool, self.handle, self.with_properties, self.with_acl);
  }
};

/// One target as it is now. kNonexistent: the map has no such target.
struct TargetInfo {
  map::State state = map::State::kUnknown;
  Space space;  // nothing for a target that does not serve
  static void visit(auto&& visitor, auto& self) { visitor(self.state, self.space); }
};
struct TargetQueryRequest {
  DX_REQUEST(kTargetQuery);
  using Reply = TargetInfo;
  uint8_t format = 1;
  PoolId pool;
  HandleId handle;  // nil: an administrator asks
  map::Rank rank;
  uint32_t target = 0;  // within its engine
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.pool, self.handle, self.rank, self.target);
  }
};
/// The service's leader steps down. The only replica takes over from itself: targets forget what they remember of
/// handles.
struct PoolServiceStopRequest {
  DX_REQUEST(kPoolServiceStop);
  using Reply = Nothing;
  uint8_t format = 1;
  PoolId pool;
  HandleId handle;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool, self.handle); }
};

/// From an engine: some of its targets lost acknowledged updates of the pool, with the machine's power.
struct PoolDataLostRequest {
  DX_REQUEST(kPoolDataLost);
  using Reply = Nothing;
  uint8_t format = 1;
  PoolId pool;
  map::Rank rank;
  std::vector<uint32_t> targets;  // within their engine
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool, self.rank, self.targets); }
};

}  // namespace daos::messages
