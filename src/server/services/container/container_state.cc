#include "server/services/container/container_state.h"

#include <algorithm>
#include <bit>
#include <tuple>

namespace daos::services {

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

Status Containers::create(messages::ContainerId id, messages::Properties properties, uint64_t now) {
  ContainerState state{.properties = std::move(properties), .open_time = now, .modify_time = now};
  if (const messages::Property* label = messages::find_property(state.properties, kContainerLabelProperty)) {
    state.label = label->text;
  }
  if (containers_.contains(id)) return {};  // a repetition: the id was chosen for this creation alone
  if (!state.label.empty() && find(state.label).ok()) {
    return error(Code::kExists, "the pool has a container {} already", state.label);
  }
  containers_[id] = std::move(state);
  return {};
}

Result<Containers::Opened> Containers::open(messages::HandleId id, ContainerHandle handle, const std::string& name,
                                            uint64_t now) {
  const uint32_t mode = handle.flags & (kOpenReadOnly | kOpenReadWrite | kOpenExclusive);
  const bool evict = (handle.flags & kOpenEvict) != 0;
  const bool evict_all = (handle.flags & kOpenEvictAll) != 0;
  if (!std::has_single_bit(mode) || (handle.flags >> 8) != 0 || (evict && (evict_all || mode == kOpenExclusive)) ||
      (evict_all && mode != kOpenExclusive)) {
    return error(Code::kInvalid, "open flags {:#x} do not go together", handle.flags);
  }
  handle.container = DX_TRY(find(name));
  Opened opened;
  if (!handles_.contains(id)) {  // else a repetition
    std::vector<messages::HandleId> others = handles_of(handle.container);
    if (evict || evict_all) {
      for (const messages::HandleId& other : others) {
        if (evict_all || handles_[other].user == handle.user) opened.evicted.handles.push_back(other);
      }
    }
    std::erase_if(others, [&](const messages::HandleId& other) {
      return std::find(opened.evicted.handles.begin(), opened.evicted.handles.end(), other) != opened.evicted.handles.end();
    });
    if (mode == kOpenExclusive && !others.empty()) {
      return error(Code::kBusy, "container {} is open {} times: an exclusive handle is not possible", name, others.size());
    }
    for (const messages::HandleId& other : others) {
      if ((handles_[other].flags & kOpenExclusive) != 0) {
        return error(Code::kBusy, "container {} is open exclusively", name);
      }
    }
    for (const messages::HandleId& evicted : opened.evicted.handles) handles_.erase(evicted);
    const bool keep_times = (handle.flags & (kOpenReadOnly | kOpenKeepTimes)) == (kOpenReadOnly | kOpenKeepTimes);
    if (!keep_times) containers_[handle.container].open_time = now;
    handles_[id] = handle;
  }
  opened.info = DX_TRY(info(handle.container));
  return opened;
}

bool Containers::close(messages::HandleId id, uint64_t now) {
  const auto found = handles_.find(id);
  if (found == handles_.end()) return false;
  const uint32_t flags = found->second.flags;
  const bool keep_times = (flags & (kOpenReadOnly | kOpenKeepTimes)) == (kOpenReadOnly | kOpenKeepTimes);
  if (const auto container = containers_.find(found->second.container); container != containers_.end() && !keep_times) {
    container->second.modify_time = now;
  }
  handles_.erase(found);
  return true;
}

Result<Containers::Destroyed> Containers::destroy(const std::string& name, bool force) {
  const messages::ContainerId id = DX_TRY(find(name));
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

Result<messages::ContainerInfo> Containers::info(messages::ContainerId id) const {
  const auto found = containers_.find(id);
  if (found == containers_.end()) return error(Code::kNonexistent, "the pool has no container {}", id);
  const ContainerState& state = found->second;
  return messages::ContainerInfo{.container = id,
                                 .label = state.label,
                                 .handles = static_cast<uint32_t>(handles_of(id).size()),
                                 .open_time = state.open_time,
                                 .modify_time = state.modify_time,
                                 .properties = state.properties};
}

Result<messages::ContainerInfo> Containers::info_of_handle(messages::HandleId handle) const {
  const auto found = handles_.find(handle);
  if (found == handles_.end()) return error(Code::kNoHandle, "the container handle is not open");
  return info(found->second.container);
}

Result<messages::HandleRights> Containers::rights(messages::HandleId handle) const {
  const auto found = handles_.find(handle);
  if (found == handles_.end()) return error(Code::kNoHandle, "the container handle is not open");
  return messages::HandleRights{.container = found->second.container,
                                .may_read = true,
                                .may_write = (found->second.flags & (kOpenReadWrite | kOpenExclusive)) != 0};
}

std::vector<messages::ContainerInfo> Containers::list() const {
  std::vector<messages::ContainerInfo> list;
  for (const auto& [id, state] : containers_) {
    Result<messages::ContainerInfo> entry = info(id);
    if (entry.ok()) list.push_back(std::move(entry).take());
  }
  std::stable_sort(list.begin(), list.end(), [](const messages::ContainerInfo& a, const messages::ContainerInfo& b) {
    return std::tie(a.label, a.container) < std::tie(b.label, b.container);
  });
  return list;
}

bool Containers::has_open(messages::HandleId pool_handle) const {
  return std::any_of(handles_.begin(), handles_.end(),
                     [&](const auto& entry) { return entry.second.pool_handle == pool_handle; });
}

}  // namespace daos::services
