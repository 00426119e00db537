// To an engine's system listener: from the services (rank 0) and from daos_server.
#pragma once

#include "model/messages/common.h"

namespace daos::messages {

struct EngineStatusReply {
  Uuid system;
  std::string system_name;
  Uuid engine;
  map::Rank rank;
  uint64_t incarnation = 0;
  std::string build;
  uint32_t pools = 0;
  bool joined = false;  // the system service knows this incarnation, and every target serves
  static void visit(auto&& visitor, auto& self) {
    visitor(self.system, self.system_name, self.engine, self.rank, self.incarnation, self.build, self.pools,
            self.joined);
  }
};
struct EngineStatusRequest {
  DX_REQUEST(kEngineStatus);
  using Reply = EngineStatusReply;
  uint8_t format = 1;
  static void visit(auto&& visitor, auto& self) { visitor(self.format); }
};

/// What each target of a pool gets.
struct ShardSpec {
  uint64_t tier_bytes[kTiers] = {};
  uint8_t durability = 0;      // journal::Durability
  uint32_t inline_max = 4096;  // values up to this go to tier 0 while it has room; larger ones are always extents
  static void visit(auto&& visitor, auto& self) {
    visitor(self.tier_bytes[0], self.tier_bytes[1], self.durability, self.inline_max);
  }
};
/// On every target of the engine. Fine if it is there with the same spec.
struct ShardCreateRequest {
  DX_REQUEST(kShardCreate);
  using Reply = Nothing;
  uint8_t format = 1;
  PoolId pool;
  ShardSpec spec;
  ByteVector map;  // encoded PoolMap
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool, self.spec, self.map); }
};
struct ShardDestroyRequest {
  DX_REQUEST(kShardDestroy);
  using Reply = Nothing;
  uint8_t format = 1;
  PoolId pool;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool); }
};
struct ShardSpaceReply {
  std::vector<Space> targets;  // in order of the targets' index in the engine
  static void visit(auto&& visitor, auto& self) { visitor(self.targets); }
};
struct ShardSpaceRequest {
  DX_REQUEST(kShardSpace);
  using Reply = ShardSpaceReply;
  uint8_t format = 1;
  PoolId pool;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool); }
};
/// These handles are closed: every target refuses them once this is answered. No handles and no container: all that
/// targets remember is to be asked for again (the service restarted, and what it had not yet told may be lost).
struct HandleRevokeRequest {
  DX_REQUEST(kHandleRevoke);
  using Reply = Nothing;
  uint8_t format = 1;
  PoolId pool;
  std::vector<HandleId> handles;
  std::optional<ContainerId> destroyed;  // its data goes, too
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool, self.handles, self.destroyed); }
};
/// The client is gone: its sessions end.
struct ClientEndedRequest {
  DX_REQUEST(kClientEnded);
  using Reply = Nothing;
  uint8_t format = 1;
  PoolId pool;
  Uuid client;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool, self.client); }
};
struct MapUpdateRequest {
  DX_REQUEST(kMapUpdate);
  using Reply = Nothing;
  uint8_t format = 1;
  PoolId pool;
  ByteVector map;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool, self.map); }
};

}  // namespace daos::messages
