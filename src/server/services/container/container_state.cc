#include "server/services/container/container_state.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <tuple>

#include "server/services/container/container_health.h"
#include "server/services/container/container_properties.h"

namespace daos::services {
namespace {

bool keeps_times(uint32_t flags) {
  return (flags & (kOpenReadOnly | kOpenKeepTimes)) == (kOpenReadOnly | kOpenKeepTimes);
}

Status check_flags(uint32_t flags) {
  const uint32_t mode = flags & (kOpenReadOnly | kOpenReadWrite | kOpenExclusive);
  const bool evict = (flags & kOpenEvict) != 0;
  const bool evict_all = (flags & kOpenEvictAll) != 0;
  if (std::has_single_bit(mode) && (flags >> 8) == 0 && !(evict && (evict_all || mode == kOpenExclusive)) &&
      !(evict_all && mode != kOpenExclusive)) {
    return {};
  }
  return error(Code::kInvalid, "open flags {:#x} do not go together", flags);
}

/// What the handle may do, or kNoPerm.
Result<uint64_t> granted(const ContainerState& container, uint32_t flags, const messages::Credential& who,
                         const std::string& name) {
  const rights::Access access = (flags & kOpenReadOnly) != 0 ? rights::Access::kReadOnly : rights::Access::kReadWrite;
  const uint64_t permissions = permissions_of_container(container.properties, who);
  if (!rights::may_open(permissions, access)) {
    return error(Code::kNoPerm, "{} may not open container {} to {}", who.user, name,
                 access == rights::Access::kReadOnly ? "read" : "write");
  }
  if ((flags & kOpenExclusive) != 0 && who.user != owner_of(container.properties, messages::kContainerOwner)) {
    return error(Code::kNoPerm, "only its owner may open container {} exclusively", name);
  }
  return rights::through_handle(permissions, access);
}

}  // namespace

Result<messages::ContainerId> Containers::find(const std::string& name) const {
  for (const auto& [id, container] : containers_) {
    if (!container.label.empty() && container.label == name) return id;
  }
  if (const std::optional<Uuid> id = Uuid::parse(name); id && containers_.contains(*id)) return *id;
  return error(Code::kNonexistent, "the pool has no container {}", name);
}

std::vector<messages::HandleId> Containers::handles_of(messages::ContainerId id) const {
  std::vector<messages::HandleId> handles;
  for (const auto& [handle_id, handle] : handles_) {
    if (handle.container == id) handles.push_back(handle_id);
  }
  return handles;
}

Status Containers::create(messages::ContainerId id, messages::Properties properties, const map::PoolMap& map,
                          uint64_t now) {
  if (containers_.contains(id)) return {};  // a repetition: the id was chosen for this creation alone
  ContainerState state{
      .properties = std::move(properties), .healthy_at = map.version(), .open_time = now, .modify_time = now};
  if (const messages::Property* label = messages::find_property(state.properties, messages::kContainerLabel)) {
    state.label = label->text;
  }
  state.next_object_id = number_of(state.properties, messages::kContainerAllocatedIds, 0);
  if (!state.label.empty() && find(state.label).ok()) {
    return error(Code::kExists, "the pool has a container {} already", state.label);
  }
  containers_[id] = std::move(state);
  return {};
}

Result<Containers::Opened> Containers::open(Opening opening, const messages::Credential& who, const map::PoolMap& map,
                                            uint64_t now) {
  DX_TRY(check_flags(opening.flags));
  const messages::ContainerId id = DX_TRY(find(opening.name));
  ContainerState& container = containers_.at(id);
  Opened opened;
  if (!handles_.contains(opening.handle)) {  // else a repetition
    const uint64_t permissions = DX_TRY(granted(container, opening.flags, who, opening.name));
    if ((opening.flags & kOpenForce) == 0 && is_unclean(map, container.properties, container.healthy_at)) {
      if (lost_data(container.properties)) {
        return error(Code::kRedundancy,
                     "container {} has lost data: a target's machine lost its power, and the pool has durability "
                     "`process`; open it by force, or declare it healthy",
                     opening.name);
      }
      return error(Code::kRedundancy, "container {} may have lost data: {} failures since it was last declared healthy",
                   opening.name, failures_since(map, container.properties, container.healthy_at));
    }
    std::vector<messages::HandleId> others = handles_of(id);
    const auto goes = [&](const messages::HandleId& other) {
      return (opening.flags & kOpenEvictAll) != 0 ||
             ((opening.flags & kOpenEvict) != 0 && handles_.at(other).user == who.user);
    };
    std::copy_if(others.begin(), others.end(), std::back_inserter(opened.evicted.handles), goes);
    std::erase_if(others, goes);
    if ((opening.flags & kOpenExclusive) != 0 && !others.empty()) {
      return error(Code::kBusy, "container {} is open {} times: an exclusive handle is not possible", opening.name,
                   others.size());
    }
    for (const messages::HandleId& other : others) {
      if ((handles_.at(other).flags & kOpenExclusive) != 0) {
        return error(Code::kBusy, "container {} is open exclusively", opening.name);
      }
    }
    for (const messages::HandleId& evicted : opened.evicted.handles) handles_.erase(evicted);
    if (!keeps_times(opening.flags)) container.open_time = now;
    handles_[opening.handle] = {.container = id,
                                .pool_handle = opening.pool_handle,
                                .flags = opening.flags,
                                .client = opening.client,
                                .user = who.user,
                                .permissions = permissions};
  }
  opened.info = summary(id, container, handles_of(id).size());
  opened.info.properties = properties_of(container, map);
  std::erase_if(opened.info.properties,
                [](const messages::Property& property) { return property.type == messages::kContainerAcl; });
  return opened;
}

bool Containers::close(messages::HandleId id, uint64_t now) {
  const auto found = handles_.find(id);
  if (found == handles_.end()) return false;
  const auto container = containers_.find(found->second.container);
  if (container != containers_.end() && !keeps_times(found->second.flags)) container->second.modify_time = now;
  handles_.erase(found);
  return true;
}

Result<Containers::Destroyed> Containers::destroy(const std::string& name, bool force, const messages::Credential& who,
                                                  bool any) {
  const messages::ContainerId id = DX_TRY(find(name));
  if (!any && (permissions_of_container(containers_.at(id).properties, who) & rights::kDeleteContainer) == 0) {
    return error(Code::kNoPerm, "{} may not destroy container {}", who.user, name);
  }
  Destroyed destroyed{.container = id, .evicted = {handles_of(id)}};
  if (!destroyed.evicted.handles.empty() && !force) {
    return error(Code::kBusy, "container {} is open {} times; close it, or destroy it by force", name,
                 destroyed.evicted.handles.size());
  }
  for (const messages::HandleId& handle : destroyed.evicted.handles) handles_.erase(handle);
  containers_.erase(id);
  return destroyed;
}

Closed Containers::close_all_of(messages::HandleId pool_handle, uint64_t now) {
  Closed closed;
  for (const auto& [id, handle] : handles_) {
    if (handle.pool_handle == pool_handle) closed.handles.push_back(id);
  }
  for (const messages::HandleId& id : closed.handles) close(id, now);
  return closed;
}

Result<const ContainerHandle*> Containers::open_handle(messages::HandleId id) const {
  const auto found = handles_.find(id);
  if (found == handles_.end()) return error(Code::kNoHandle, "the container handle is not open");
  return &found->second;
}

Result<ContainerState*> Containers::to_change(messages::HandleId handle, uint64_t permissions, std::string_view what) {
  const ContainerHandle* open = DX_TRY(open_handle(handle));
  if ((open->permissions & permissions) == 0)
    return error(Code::kNoPerm, "the container handle does not allow {}", what);
  return &containers_.at(open->container);
}

// --- changes

Status Containers::change(messages::HandleId handle, messages::Properties wanted, const map::PoolMap& map,
                          uint64_t now) {
  const ContainerHandle* open = DX_TRY(open_handle(handle));
  wanted = DX_TRY(checked_change(std::move(wanted), open->permissions));
  ContainerState& container = containers_.at(open->container);
  if (const messages::Property* label = messages::find_property(wanted, messages::kContainerLabel)) {
    const Result<messages::ContainerId> taken = find(label->text);
    if (taken.ok() && *taken != open->container) {
      return error(Code::kExists, "the pool has a container {} already", label->text);
    }
    container.label = label->text;
  }
  for (messages::Property& property : wanted) {
    if (property.type == messages::kContainerStatus) {
      const bool clear = (property.number >> 48 & messages::kStatusClear) != 0;
      const map::MapVersion given(static_cast<uint32_t>(property.number));
      const auto is_status = [](const messages::Property& other) { return other.type == messages::kContainerStatus; };
      if (clear) std::erase_if(container.properties, is_status);
      container.healthy_at = clear ? map.version() : std::min(given, map.version());
    } else {
      messages::set_property(container.properties, std::move(property));
    }
  }
  container.modify_time = now;
  return {};
}

Status Containers::change_acl(messages::HandleId handle, const messages::AclChange& change, uint64_t now) {
  ContainerState* container = DX_TRY(to_change(handle, rights::kSetAcl, "changing the access-control list"));
  std::string changed =
      DX_TRY(changed_acl(container->properties, messages::kContainerAcl, rights::default_container_acl, change));
  messages::set_property(container->properties, {.type = messages::kContainerAcl, .text = std::move(changed)});
  container->modify_time = now;
  return {};
}

Status Containers::change_owner(const std::string& name, std::string user, std::string group, uint64_t now) {
  if (user.empty() && group.empty()) return error(Code::kInvalid, "neither a user nor a group is given");
  messages::Properties owners;
  if (!user.empty()) owners.push_back({.type = messages::kContainerOwner, .text = std::move(user)});
  if (!group.empty()) owners.push_back({.type = messages::kContainerOwnerGroup, .text = std::move(group)});
  owners = DX_TRY(checked_change(std::move(owners), rights::kSetOwner));
  ContainerState& container = containers_.at(DX_TRY(find(name)));
  for (messages::Property& owner : owners) messages::set_property(container.properties, std::move(owner));
  container.modify_time = now;
  return {};
}

Result<uint64_t> Containers::allocate(messages::HandleId handle, uint64_t count) {
  ContainerState* container = DX_TRY(to_change(handle, rights::kWrite, "allocating object ids"));
  if (count == 0) return error(Code::kInvalid, "no object ids are asked for");
  const uint64_t first = container->next_object_id;
  if (count > std::numeric_limits<uint64_t>::max() - first) {
    return error(Code::kOverflow, "{} object ids, {} are left", count, std::numeric_limits<uint64_t>::max() - first);
  }
  container->next_object_id = first + count;
  return first;
}

Status Containers::set_attributes(messages::HandleId handle, const std::map<std::string, std::string>& values,
                                  uint64_t other_bytes, uint64_t now) {
  ContainerState* container = DX_TRY(to_change(handle, rights::kWrite, "setting attributes"));
  DX_TRY(container->attributes.set(values, other_bytes + attribute_bytes() - container->attributes.bytes()));
  container->modify_time = now;
  return {};
}

Status Containers::delete_attributes(messages::HandleId handle, const std::vector<std::string>& names, uint64_t now) {
  ContainerState* container = DX_TRY(to_change(handle, rights::kWrite, "deleting attributes"));
  container->attributes.remove(names);
  container->modify_time = now;
  return {};
}

void Containers::mark_unclean(const map::PoolMap& map) {
  for (auto& [id, container] : containers_) {
    messages::set_property(container.properties,
                           {.type = messages::kContainerStatus,
                            .number = messages::container_status(messages::kStatusUnclean, 0, map.version().value())});
  }
}

// --- questions

Result<const Attributes*> Containers::attributes(messages::HandleId handle) const {
  const ContainerHandle* open = DX_TRY(open_handle(handle));
  if ((open->permissions & (rights::kRead | rights::kGetProperties)) == 0) {
    return error(Code::kNoPerm, "the container handle does not allow reading attributes");
  }
  return &containers_.at(open->container).attributes;
}

uint64_t Containers::attribute_bytes() const {
  uint64_t bytes = 0;
  for (const auto& [id, container] : containers_) bytes += container.attributes.bytes();
  return bytes;
}

messages::ContainerInfo Containers::summary(messages::ContainerId id, const ContainerState& state, size_t handles) {
  return {.container = id,
          .label = state.label,
          .handles = static_cast<uint32_t>(handles),
          .open_time = state.open_time,
          .modify_time = state.modify_time};
}

messages::Properties Containers::properties_of(const ContainerState& state, const map::PoolMap& map) const {
  messages::Properties all = state.properties;
  messages::set_property(all, {.type = messages::kContainerAllocatedIds, .number = state.next_object_id});
  const bool unclean = is_unclean(map, state.properties, state.healthy_at);
  messages::set_property(
      all, {.type = messages::kContainerStatus,
            .number = messages::container_status(unclean ? messages::kStatusUnclean : messages::kStatusHealthy, 0,
                                                 unclean ? map.version().value() : state.healthy_at.value())});
  return all;
}

Result<messages::ContainerInfo> Containers::query(const messages::ContainerQueryRequest& request,
                                                  const map::PoolMap& map) const {
  const ContainerHandle* open = DX_TRY(open_handle(request.handle));
  if (request.with_properties && (open->permissions & rights::kGetProperties) == 0) {
    return error(Code::kNoPerm, "the container handle does not allow reading properties");
  }
  if (request.with_acl && (open->permissions & rights::kGetAcl) == 0) {
    return error(Code::kNoPerm, "the container handle does not allow reading the access-control list");
  }
  const ContainerState& container = containers_.at(open->container);
  messages::ContainerInfo info = summary(open->container, container, handles_of(open->container).size());
  for (messages::Property& property : properties_of(container, map)) {
    const bool of_owner = property.type == messages::kContainerOwner || property.type == messages::kContainerOwnerGroup;
    const bool wanted = property.type == messages::kContainerAcl
                            ? request.with_acl
                            : request.with_properties || (of_owner && request.with_acl);
    if (wanted) info.properties.push_back(std::move(property));
  }
  return info;
}

Result<messages::HandleRights> Containers::rights(messages::HandleId handle) const {
  const ContainerHandle* open = DX_TRY(open_handle(handle));
  const ContainerState& container = containers_.at(open->container);
  return messages::HandleRights{
      .container = open->container,
      .may_read = (open->permissions & rights::kRead) != 0,
      .may_write = (open->permissions & rights::kWrite) != 0,
      .verify_checksums = number_of(container.properties, messages::kContainerServerVerify, 0) != 0};
}

std::vector<messages::ContainerInfo> Containers::list() const {
  std::vector<messages::ContainerInfo> list;
  std::map<messages::ContainerId, size_t> handles;
  for (const auto& [id, handle] : handles_) handles[handle.container]++;
  for (const auto& [id, state] : containers_) list.push_back(summary(id, state, handles[id]));
  std::sort(list.begin(), list.end(), [](const messages::ContainerInfo& a, const messages::ContainerInfo& b) {
    return std::tie(a.label, a.container) < std::tie(b.label, b.container);
  });
  return list;
}

bool Containers::has_open(messages::HandleId pool_handle) const {
  return std::any_of(handles_.begin(), handles_.end(),
                     [&](const auto& entry) { return entry.second.pool_handle == pool_handle; });
}

}  // namespace daos::services
