#include "server/services/pool/pool_state.h"

#include <algorithm>

#include "server/services/container/container_properties.h"

namespace daos::services {
namespace {

constexpr uint16_t kSnapshotFormat = 1;

struct SnapshotHeader {
  uint16_t format = kSnapshotFormat;
  static void visit(auto&& visitor, auto& self) { visitor(self.format); }
};

}  // namespace

Result<ByteVector> PoolState::apply(ByteSpan command) {
  CommandHeader header;
  Decoder decoder(command);
  decoder(header);
  const ByteSpan body = decoder.rest();
  switch (static_cast<PoolCommand>(header.kind)) {
    case PoolCommand::kInit:
      return run<PoolInit>(header, body);
    case PoolCommand::kConnect:
      return run<PoolConnect>(header, body);
    case PoolCommand::kDisconnect:
      return run<PoolDisconnect>(header, body);
    case PoolCommand::kSetMap:
      return run<PoolSetMap>(header, body);
    case PoolCommand::kContainerCreate:
      return run<ContainerCreate>(header, body);
    case PoolCommand::kContainerOpen:
      return run<ContainerOpen>(header, body);
    case PoolCommand::kContainerClose:
      return run<ContainerClose>(header, body);
    case PoolCommand::kContainerDestroy:
      return run<ContainerDestroy>(header, body);
    case PoolCommand::kEndClient:
      return run<EndClient>(header, body);
    case PoolCommand::kContainerWiped:
      return run<ContainerWiped>(header, body);
    case PoolCommand::kEvictAll:
      return run<EvictAll>(header, body);
    case PoolCommand::kContainerChange:
      return run<ContainerChange>(header, body);
    case PoolCommand::kContainerAcl:
      return run<ContainerAclChange>(header, body);
    case PoolCommand::kObjectIds:
      return run<ObjectIds>(header, body);
    case PoolCommand::kAttributesSet:
      return run<AttributesSet>(header, body);
    case PoolCommand::kAttributesDelete:
      return run<AttributesDelete>(header, body);
    case PoolCommand::kPoolChange:
      return run<PoolChange>(header, body);
    case PoolCommand::kPoolAcl:
      return run<PoolAclChange>(header, body);
    case PoolCommand::kContainerOwner:
      return run<ContainerOwner>(header, body);
    case PoolCommand::kDataLost:
      return run<DataLost>(header, body);
  }
  return error(Code::kFormatVersion, "pool command {} is not known to this build", header.kind);
}

ByteVector PoolState::snapshot() const {
  ByteVector bytes;
  Encoder encoder(bytes);
  encoder(SnapshotHeader{}, *this);
  return bytes;
}

Status PoolState::restore(ByteSpan snapshot) {
  SnapshotHeader header;
  Decoder decoder(snapshot);
  decoder(header);
  if (header.format != kSnapshotFormat) {
    return error(Code::kFormatVersion, "a pool snapshot of format {}, this build reads {}", header.format,
                 kSnapshotFormat);
  }
  decoder(*this);
  if (!decoder.ok() || !decoder.rest().empty()) return error(Code::kFormatInvalid, "a malformed pool snapshot");
  if (initialised()) decoded_map_ = DX_TRY(map::PoolMap::decode(map_));
  return {};
}

Result<PoolHandle> PoolState::handle(const messages::HandleId& id) const {
  const auto found = handles_.find(id);
  if (found == handles_.end()) return error(Code::kNoHandle, "the pool handle is not open");
  return found->second;
}

Status PoolState::require_write(const messages::HandleId& pool_handle, std::string_view what) const {
  const PoolHandle handle = DX_TRY(this->handle(pool_handle));
  if (handle.access == messages::PoolAccess::kReadOnly) {
    return error(Code::kNoPerm, "{} needs a pool handle that may write", what);
  }
  return {};
}

bool PoolState::may_connect(const messages::Credential& who) const {
  return rights::may_connect(permissions_of_pool(properties_, who), rights::Access::kReadOnly);
}

Result<const Attributes*> PoolState::attributes(messages::AttributesOf of, const messages::HandleId& handle) const {
  if (of == messages::AttributesOf::kContainer) return containers_.attributes(handle);
  DX_TRY(this->handle(handle));
  return &attributes_;
}

Result<Done> PoolState::on(PoolInit command) {
  decoded_map_ = DX_TRY(map::PoolMap::decode(command.map));
  pool_ = command.pool;
  label_ = std::move(command.label);
  ranks_ = std::move(command.ranks);
  map_ = std::move(command.map);
  properties_ = std::move(command.properties);
  return Done{};
}

Result<Done> PoolState::on(PoolConnect command) {
  if (handles_.contains(command.handle)) return Done{};  // a repetition
  if (!initialised()) return error(Code::kNonexistent, "the pool is not there yet");
  switch (command.what.access) {
    case messages::PoolAccess::kReadOnly:
    case messages::PoolAccess::kReadWrite:
    case messages::PoolAccess::kExclusive:
      break;
    default:
      return error(Code::kInvalid, "pool access {} is not known", static_cast<int>(command.what.access));
  }
  command.what.permissions = permissions_of_pool(properties_, command.what.credential);
  const rights::Access access =
      command.what.access == messages::PoolAccess::kReadOnly ? rights::Access::kReadOnly : rights::Access::kReadWrite;
  if (!rights::may_connect(command.what.permissions, access)) {
    return error(Code::kNoPerm, "{} may not connect to pool {} to {}", command.what.credential.user, label_,
                 access == rights::Access::kReadOnly ? "read" : "write");
  }
  const bool exclusive = command.what.access == messages::PoolAccess::kExclusive;
  if (exclusive && !handles_.empty()) {
    return error(Code::kBusy, "pool {} is connected {} times: an exclusive handle is not possible", label_,
                 handles_.size());
  }
  for (const auto& [id, handle] : handles_) {
    if (handle.access == messages::PoolAccess::kExclusive)
      return error(Code::kBusy, "pool {} is held exclusively", label_);
  }
  handles_[command.handle] = std::move(command.what);
  return Done{};
}

Result<Done> PoolState::on(PoolDisconnect command) {
  if (containers_.has_open(command.handle)) {
    return error(Code::kBusy, "containers opened through this pool handle are open");
  }
  handles_.erase(command.handle);
  return Done{};
}

Result<Done> PoolState::on(PoolSetMap command) {
  decoded_map_ = DX_TRY(map::PoolMap::decode(command.map));
  map_ = std::move(command.map);
  return Done{};
}

Result<Done> PoolState::on(ContainerCreate command) {
  DX_TRY(require_write(command.pool_handle, "creating a container"));
  const PoolHandle& pool_handle = handles_.at(command.pool_handle);
  if ((pool_handle.permissions & (rights::kCreateContainer | rights::kWrite)) == 0) {
    return error(Code::kNoPerm, "{} may not create containers in pool {}", pool_handle.credential.user, label_);
  }
  messages::Properties complete = DX_TRY(complete_properties(std::move(command.properties), pool_handle.credential));
  DX_TRY(containers_.create(command.container, std::move(complete), map(), command.now));
  return Done{};
}

Result<Containers::Opened> PoolState::on(ContainerOpen command) {
  const PoolHandle pool_handle = DX_TRY(handle(command.pool_handle));
  return containers_.open({.handle = command.handle,
                           .pool_handle = command.pool_handle,
                           .flags = command.flags,
                           .client = pool_handle.client,
                           .name = std::move(command.container)},
                          pool_handle.credential, map(), command.now);
}

Result<Closed> PoolState::on(ContainerClose command) {
  Closed closed;
  if (containers_.close(command.handle, command.now)) closed.handles.push_back(command.handle);
  return closed;
}

Result<Containers::Destroyed> PoolState::on(ContainerDestroy command) {
  DX_TRY(require_write(command.pool_handle, "destroying a container"));
  const PoolHandle& pool_handle = handles_.at(command.pool_handle);
  const bool any = (pool_handle.permissions & (rights::kDeleteContainer | rights::kWrite)) != 0;
  Containers::Destroyed destroyed =
      DX_TRY(containers_.destroy(command.container, command.force, pool_handle.credential, any));
  to_wipe_[destroyed.container] = ranks_;
  return destroyed;
}

Result<Done> PoolState::on(ContainerWiped command) {
  const auto found = to_wipe_.find(command.container);
  if (found == to_wipe_.end()) return Done{};
  std::erase_if(found->second, [&](map::Rank rank) {
    return std::find(command.ranks.begin(), command.ranks.end(), rank) != command.ranks.end();
  });
  if (found->second.empty()) to_wipe_.erase(found);
  return Done{};
}

Result<Closed> PoolState::on(EndClient command) {
  Closed all;
  std::vector<messages::HandleId> gone;
  for (const auto& [id, handle] : handles_) {
    if (handle.client == command.client) gone.push_back(id);
  }
  for (const messages::HandleId& id : gone) {
    const Closed closed = containers_.close_all_of(id, command.now);
    all.handles.insert(all.handles.end(), closed.handles.begin(), closed.handles.end());
    handles_.erase(id);
  }
  return all;
}

Result<Closed> PoolState::on(EvictAll command) {
  Closed all;
  for (const auto& [id, handle] : handles_) {
    const Closed closed = containers_.close_all_of(id, command.now);
    all.handles.insert(all.handles.end(), closed.handles.begin(), closed.handles.end());
  }
  handles_.clear();
  return all;
}

Result<Done> PoolState::on(ContainerChange command) {
  DX_TRY(containers_.change(command.handle, std::move(command.properties), map(), command.now));
  return Done{};
}

Result<Done> PoolState::on(ContainerAclChange command) {
  DX_TRY(containers_.change_acl(command.handle, command.change, command.now));
  return Done{};
}

Result<messages::ObjectIdsReply> PoolState::on(ObjectIds command) {
  return messages::ObjectIdsReply{.first = DX_TRY(containers_.allocate(command.handle, command.count))};
}

Result<Done> PoolState::on(AttributesSet command) {
  if (command.of == messages::AttributesOf::kContainer) {
    DX_TRY(containers_.set_attributes(command.handle, command.values, attributes_.bytes(), command.now));
  } else {
    DX_TRY(require_write(command.handle, "setting attributes of a pool"));
    DX_TRY(attributes_.set(command.values, containers_.attribute_bytes()));
  }
  return Done{};
}

Result<Done> PoolState::on(PoolChange command) {
  for (messages::Property& property : DX_TRY(checked_pool_change(std::move(command.properties)))) {
    if (property.type == messages::kPoolLabel) {
      label_ = std::move(property.text);
    } else {
      messages::set_property(properties_, std::move(property));
    }
  }
  return Done{};
}

Result<Done> PoolState::on(PoolAclChange command) {
  std::string changed = DX_TRY(changed_acl(properties_, messages::kPoolAcl, rights::default_pool_acl, command.change));
  messages::set_property(properties_, {.type = messages::kPoolAcl, .text = std::move(changed)});
  return Done{};
}

Result<Done> PoolState::on(ContainerOwner command) {
  DX_TRY(containers_.change_owner(command.container, std::move(command.user), std::move(command.group), command.now));
  return Done{};
}

Result<Done> PoolState::on(AttributesDelete command) {
  if (command.of == messages::AttributesOf::kContainer) {
    DX_TRY(containers_.delete_attributes(command.handle, command.names, command.now));
  } else {
    DX_TRY(require_write(command.handle, "deleting attributes of a pool"));
    attributes_.remove(command.names);
  }
  return Done{};
}

Result<Done> PoolState::on(DataLost) {
  containers_.mark_unclean(map());
  return Done{};
}

}  // namespace daos::services
