// A pool as a state machine: its map, its handles, its containers.
#pragma once

#include "platform/consensus/replica.h"
#include "server/services/container/container_state.h"

namespace daos::services {

struct PoolHandle {
  messages::PoolAccess access = messages::PoolAccess::kReadOnly;
  Uuid client;
  messages::Credential credential;
  uint64_t permissions = 0;  // rights::Permission; the state machine computes them when the handle is opened
  static void visit(auto&& visitor, auto& self) {
    visitor(self.access, self.client, self.credential, self.permissions);
  }
};

// --- commands; `now` is the proposer's clock
enum class PoolCommand : uint16_t {
  kInit = 1,
  kConnect = 2,
  kDisconnect = 3,
  kSetMap = 4,
  kContainerCreate = 5,
  kContainerOpen = 6,
  kContainerClose = 7,
  kContainerDestroy = 8,
  kEndClient = 9,
  kEvictAll = 10,
  kContainerWiped = 11,
  kContainerChange = 12,
  kContainerAcl = 13,
  kObjectIds = 14,
  kAttributesSet = 15,
  kAttributesDelete = 16,
  kPoolChange = 17,
  kPoolAcl = 18,
  kContainerOwner = 19,
  kDataLost = 20,
};
struct PoolInit {
  static constexpr auto kKind = PoolCommand::kInit;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  messages::PoolId pool;
  std::string label;
  std::vector<map::Rank> ranks;
  ByteVector map;
  messages::Properties properties;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.pool, self.label, self.ranks, self.map, self.properties);
  }
};
struct PoolConnect {
  static constexpr auto kKind = PoolCommand::kConnect;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  messages::HandleId handle;
  PoolHandle what;
  static void visit(auto&& visitor, auto& self) { visitor(self.handle, self.what); }
};
struct PoolDisconnect {
  static constexpr auto kKind = PoolCommand::kDisconnect;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  messages::HandleId handle;
  static void visit(auto&& visitor, auto& self) { visitor(self.handle); }
};
struct PoolSetMap {
  static constexpr auto kKind = PoolCommand::kSetMap;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  ByteVector map;
  static void visit(auto&& visitor, auto& self) { visitor(self.map); }
};
struct ContainerCreate {
  static constexpr auto kKind = PoolCommand::kContainerCreate;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  messages::HandleId pool_handle;
  messages::ContainerId container;
  messages::Properties properties;
  uint64_t now = 0;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.pool_handle, self.container, self.properties, self.now);
  }
};
struct ContainerOpen {
  static constexpr auto kKind = PoolCommand::kContainerOpen;
  static constexpr uint8_t kFormat = 1;
  using Answer = Containers::Opened;
  messages::HandleId pool_handle;
  messages::HandleId handle;
  std::string container;
  uint32_t flags = 0;
  uint64_t now = 0;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.pool_handle, self.handle, self.container, self.flags, self.now);
  }
};
struct ContainerClose {
  static constexpr auto kKind = PoolCommand::kContainerClose;
  static constexpr uint8_t kFormat = 1;
  using Answer = Closed;
  messages::HandleId handle;
  uint64_t now = 0;
  static void visit(auto&& visitor, auto& self) { visitor(self.handle, self.now); }
};
struct ContainerDestroy {
  static constexpr auto kKind = PoolCommand::kContainerDestroy;
  static constexpr uint8_t kFormat = 1;
  using Answer = Containers::Destroyed;
  messages::HandleId pool_handle;
  std::string container;
  bool force = false;
  static void visit(auto&& visitor, auto& self) { visitor(self.pool_handle, self.container, self.force); }
};
/// These engines have removed the data of a destroyed container.
struct ContainerWiped {
  static constexpr auto kKind = PoolCommand::kContainerWiped;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  messages::ContainerId container;
  std::vector<map::Rank> ranks;
  static void visit(auto&& visitor, auto& self) { visitor(self.container, self.ranks); }
};
/// The client's process ended: everything it had open is closed.
struct EndClient {
  static constexpr auto kKind = PoolCommand::kEndClient;
  static constexpr uint8_t kFormat = 1;
  using Answer = Closed;
  Uuid client;
  uint64_t now = 0;
  static void visit(auto&& visitor, auto& self) { visitor(self.client, self.now); }
};
/// Closes every handle of the pool, before it is destroyed.
struct EvictAll {
  static constexpr auto kKind = PoolCommand::kEvictAll;
  static constexpr uint8_t kFormat = 1;
  using Answer = Closed;
  uint64_t now = 0;
  static void visit(auto&& visitor, auto& self) { visitor(self.now); }
};
struct ContainerChange {
  static constexpr auto kKind = PoolCommand::kContainerChange;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  messages::HandleId handle;
  messages::Properties properties;
  uint64_t now = 0;
  static void visit(auto&& visitor, auto& self) { visitor(self.handle, self.properties, self.now); }
};
struct ContainerAclChange {
  static constexpr auto kKind = PoolCommand::kContainerAcl;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  messages::HandleId handle;
  messages::AclChange change;
  uint64_t now = 0;
  static void visit(auto&& visitor, auto& self) { visitor(self.handle, self.change, self.now); }
};
struct ObjectIds {
  static constexpr auto kKind = PoolCommand::kObjectIds;
  static constexpr uint8_t kFormat = 1;
  using Answer = messages::ObjectIdsReply;
  messages::HandleId handle;
  uint64_t count = 0;
  static void visit(auto&& visitor, auto& self) { visitor(self.handle, self.count); }
};
struct AttributesSet {
  static constexpr auto kKind = PoolCommand::kAttributesSet;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  messages::AttributesOf of = messages::AttributesOf::kPool;
  messages::HandleId handle;
  std::map<std::string, std::string> values;
  uint64_t now = 0;
  static void visit(auto&& visitor, auto& self) { visitor(self.of, self.handle, self.values, self.now); }
};
struct AttributesDelete {
  static constexpr auto kKind = PoolCommand::kAttributesDelete;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  messages::AttributesOf of = messages::AttributesOf::kPool;
  messages::HandleId handle;
  std::vector<std::string> names;
  uint64_t now = 0;
  static void visit(auto&& visitor, auto& self) { visitor(self.of, self.handle, self.names, self.now); }
};

// --- an administrator's: no handle, no rights
struct PoolChange {
  static constexpr auto kKind = PoolCommand::kPoolChange;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  messages::Properties properties;
  static void visit(auto&& visitor, auto& self) { visitor(self.properties); }
};
struct PoolAclChange {
  static constexpr auto kKind = PoolCommand::kPoolAcl;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  messages::AclChange change;
  static void visit(auto&& visitor, auto& self) { visitor(self.change); }
};
struct ContainerOwner {
  static constexpr auto kKind = PoolCommand::kContainerOwner;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  std::string container;
  std::string user;
  std::string group;
  uint64_t now = 0;
  static void visit(auto&& visitor, auto& self) { visitor(self.container, self.user, self.group, self.now); }
};
/// Targets of an engine lost acknowledged updates: no container is known to be whole.
struct DataLost {
  static constexpr auto kKind = PoolCommand::kDataLost;
  static constexpr uint8_t kFormat = 1;
  using Answer = Done;
  map::Rank rank;
  std::vector<uint32_t> targets;
  static void visit(auto&& visitor, auto& self) { visitor(self.rank, self.targets); }
};

class PoolState : public consensus::StateMachine {
 public:
  Result<ByteVector> apply(ByteSpan command) override;
  ByteVector snapshot() const override;
  Status restore(ByteSpan snapshot) override;

  const messages::PoolId& pool() const { return pool_; }
  const std::string& label() const { return label_; }
  bool initialised() const { return !pool_.is_nil(); }
  /// Of an initialised pool.
  const map::PoolMap& map() const { return *decoded_map_; }
  const ByteVector& map_bytes() const { return map_; }
  const messages::Properties& properties() const { return properties_; }
  const Containers& containers() const { return containers_; }
  const std::vector<map::Rank>& ranks() const { return ranks_; }
  /// Destroyed containers whose data some engines still have.
  const std::map<messages::ContainerId, std::vector<map::Rank>>& to_wipe() const { return to_wipe_; }
  size_t handle_count() const { return handles_.size(); }
  /// kNoHandle for one that is not open.
  Result<PoolHandle> handle(const messages::HandleId& id) const;
  /// kNoHandle, or kNoPerm for one that only reads.
  Status require_write(const messages::HandleId& pool_handle, std::string_view what) const;
  /// Whether this user would get at least a read-only handle.
  bool may_connect(const messages::Credential& who) const;
  /// Of the pool or the container, whosever handle it is.
  Result<const Attributes*> attributes(messages::AttributesOf of, const messages::HandleId& handle) const;

  static void visit(auto&& visitor, auto& self) {
    visitor(self.pool_, self.label_, self.ranks_, self.map_, self.properties_, self.handles_, self.attributes_,
            self.containers_, self.to_wipe_);
  }

 private:
  Result<Done> on(PoolInit command);
  Result<Done> on(PoolConnect command);
  Result<Done> on(PoolDisconnect command);
  Result<Done> on(PoolSetMap command);
  Result<Done> on(ContainerCreate command);
  Result<Containers::Opened> on(ContainerOpen command);
  Result<Closed> on(ContainerClose command);
  Result<Containers::Destroyed> on(ContainerDestroy command);
  Result<Done> on(ContainerWiped command);
  Result<Closed> on(EndClient command);
  Result<Closed> on(EvictAll command);
  Result<Done> on(ContainerChange command);
  Result<Done> on(ContainerAclChange command);
  Result<messages::ObjectIdsReply> on(ObjectIds command);
  Result<Done> on(AttributesSet command);
  Result<Done> on(AttributesDelete command);
  Result<Done> on(PoolChange command);
  Result<Done> on(PoolAclChange command);
  Result<Done> on(ContainerOwner command);
  Result<Done> on(DataLost command);
  template <class Command>
  Result<ByteVector> run(CommandHeader header, ByteSpan body) {
    if constexpr (!std::is_same_v<Command, PoolInit>) {
      if (!initialised()) return error(Code::kCorrupt, "pool command {} before the pool's first", header.kind);
    }
    return encode_answer(on(DX_TRY(decode_command<Command>(header, body))));
  }

  messages::PoolId pool_;
  std::string label_;
  std::vector<map::Rank> ranks_;
  ByteVector map_;
  messages::Properties properties_;
  std::map<messages::HandleId, PoolHandle> handles_;
  Attributes attributes_;
  Containers containers_;
  std::map<messages::ContainerId, std::vector<map::Rank>> to_wipe_;
  map::PoolMapRef decoded_map_;  // of map_
};

}  // namespace daos::services
