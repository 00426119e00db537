// To the system service: ranks, and pools by label.
#pragma once

#include "model/messages/common.h"

namespace daos::messages {

/// Where an engine listens.
struct EngineAddress {
  std::string host;
  uint16_t system_port = 0;
  std::vector<uint16_t> target_ports;
  bool operator==(const EngineAddress&) const = default;
  static void visit(auto&& visitor, auto& self) { visitor(self.host, self.system_port, self.target_ports); }
};

enum class MemberState : uint8_t { kUnknown = 0, kJoined = 1, kStopped = 2, kExcluded = 3 };

struct Member {
  map::Rank rank;
  Uuid engine;
  EngineAddress address;
  MemberState state = MemberState::kUnknown;
  uint64_t incarnation = 0;
  uint64_t memory_bytes = 0;  // what the engine may use for tier 0, over all pools
  uint64_t disk_bytes = 0;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.rank, self.engine, self.address, self.state, self.incarnation, self.memory_bytes, self.disk_bytes);
  }
};

struct SystemJoinReply {
  std::vector<PoolId> pools;  // that the engine has a part of; what else it finds on its disk is of destroyed pools
  static void visit(auto&& visitor, auto& self) { visitor(self.pools); }
};
/// An engine that has started says so, at each start. A changed address raises the map version of its pools.
struct SystemJoinRequest {
  DX_REQUEST(kSystemJoin);
  using Reply = SystemJoinReply;
  uint8_t format = 1;
  Member member;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.member); }
};
struct SystemQueryReply {
  Uuid system;
  std::string name;
  std::string provider;
  std::vector<Member> members;  // by rank
  std::string build;            // of the service: "2.9.100"
  static void visit(auto&& visitor, auto& self) {
    visitor(self.system, self.name, self.provider, self.members, self.build);
  }
};
struct SystemQueryRequest {
  DX_REQUEST(kSystemQuery);
  using Reply = SystemQueryReply;
  uint8_t format = 1;
  static void visit(auto&& visitor, auto& self) { visitor(self.format); }
};

struct PoolSummary {
  PoolId pool;
  std::string label;
  std::vector<map::Rank> service_ranks;
  std::vector<map::Rank> ranks;
  uint64_t tier_bytes_per_engine[kTiers] = {};
  static void visit(auto&& visitor, auto& self) {
    visitor(self.pool, self.label, self.service_ranks, self.ranks, self.tier_bytes_per_engine[0],
            self.tier_bytes_per_engine[1]);
  }
};
/// `pool` is chosen by the caller: a repetition with the same id finds the pool made.
/// kExists: the label is taken. kNoSpace: the engines' memory or disk is too small, with what is free. kNotSupported: a
/// redundancy factor above 0, with the command that works.
struct PoolCreateRequest {
  DX_REQUEST(kPoolCreate);
  using Reply = PoolSummary;
  uint8_t format = 1;
  PoolId pool;
  std::string label;
  std::vector<map::Rank> ranks;  // empty: all
  uint64_t tier_bytes_per_engine[kTiers] = {};
  uint8_t durability = 0;
  Properties properties;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.pool, self.label, self.ranks, self.tier_bytes_per_engine[0],
            self.tier_bytes_per_engine[1], self.durability, self.properties);
  }
};
/// kBusy: containers are there and not `recursive`, or handles are open and not `force`.
struct PoolDestroyRequest {
  DX_REQUEST(kPoolDestroy);
  using Reply = Nothing;
  uint8_t format = 1;
  Uuid operation;    // random; a repetition is answered as the first was
  std::string pool;  // label or uuid
  bool recursive = false;
  bool force = false;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.operation, self.pool, self.recursive, self.force);
  }
};
struct PoolListReply {
  std::vector<PoolSummary> pools;  // by label
  static void visit(auto&& visitor, auto& self) { visitor(self.pools); }
};
struct PoolListRequest {
  DX_REQUEST(kPoolList);
  using Reply = PoolListReply;
  uint8_t format = 1;
  std::optional<Credential> asker;  // then only pools that it may connect to; an administrator sees all
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.asker); }
};
struct PoolResolveReply {
  PoolId pool;
  std::vector<std::string> service_addresses;
  static void visit(auto&& visitor, auto& self) { visitor(self.pool, self.service_addresses); }
};
struct PoolResolveRequest {
  DX_REQUEST(kPoolResolve);
  using Reply = PoolResolveReply;
  uint8_t format = 1;
  std::string pool;  // label or uuid
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool); }
};
/// The agent saw the process end: its handles and sessions go.
struct ClientEndRequest {
  DX_REQUEST(kClientEnd);
  using Reply = Nothing;
  uint8_t format = 1;
  Uuid client;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.client); }
};

}  // namespace daos::messages
