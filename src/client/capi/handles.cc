#include "client/capi/handles.h"

#include <daos_prop.h>

#include <map>

#include "client/capi/library.h"

namespace daos::capi {

std::string name_or_uuid(const char* name) {
  if (name == nullptr) return {};
  if (daos_label_is_valid(name)) return name;
  if (!daos_is_valid_uuid_string(name, UUID_SST_NONE)) return {};
  std::string uuid(name, DAOS_UUID_STR_SIZE - 1);  // what follows is not looked at
  for (char& c : uuid) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return uuid;
}

std::shared_ptr<PoolHandle> find_pool(Library& library, const Uuid& handle) {
  for (const auto& [cookie, pool] : library.handles().all<PoolHandle>()) {
    if (pool->core->handle() == handle) return pool;
  }
  return nullptr;
}

/// Pools, containers and objects keep their cookies; each becomes a copy that needs no lock that the parent's threads
/// held. An embedded store is opened anew, which its parent must not have any more.
Status Library::adopt_handles(Library& parent) {
  std::map<const PoolHandle*, std::shared_ptr<PoolHandle>> pools;
  std::map<const core::Container*, core::ContainerRef> containers;
  for (const auto& [cookie, pool] : parent.handles_.all<PoolHandle>()) {
    StoreLease store;
    if (pool->store.store() != nullptr) store = DX_TRY(stores_->open(pool->store.store()->path()));
    core::SystemSourceRef system = store.store() != nullptr ? store.store() : client_->own_system();
    const auto copy = std::make_shared<PoolHandle>(pool->core->clone_after_fork(std::move(system)), pool->properties,
                                                   true, std::move(store));
    pools[pool.get()] = copy;
    handles_.adopt(cookie, copy);
  }
  for (const auto& [cookie, container] : parent.handles_.all<ContainerHandle>()) {
    const auto pool = pools.find(container->pool.get());
    if (pool == pools.end()) continue;  // being closed
    pool->second->containers++;
    const core::ContainerRef core = container->core->clone_after_fork(pool->second->core);
    containers[container->core.get()] = core;
    handles_.adopt(cookie, std::make_shared<ContainerHandle>(core, pool->second, true));
  }
  const auto copy_object = [&](const core::Object& object) {
    const auto container = containers.find(object.container().get());
    core::ContainerRef core;
    if (container != containers.end()) {
      core = container->second;
    } else {  // closed before the fork: the object is of no use, and can be closed
      core = object.container()->clone_after_fork(object.container()->pool()->clone_after_fork(client_->own_system()));
    }
    return std::make_shared<const core::Object>(core, object.id(), object.shape(), object.may_write());
  };
  for (const auto& [cookie, object] : parent.handles_.all<ObjectHandle>()) {
    handles_.adopt(cookie, std::make_shared<ObjectHandle>(copy_object(*object->core)));
  }
  for (const auto& [cookie, kv] : parent.handles_.all<KvHandle>()) {
    handles_.adopt(cookie, std::make_shared<KvHandle>(copy_object(*kv->core)));
  }
  for (const auto& [cookie, array] : parent.handles_.all<ArrayHandle>()) {
    const core::Array& old = *array->core;
    handles_.adopt(
        cookie, std::make_shared<ArrayHandle>(std::make_shared<core::Array>(copy_object(*old.object()), old.shape())));
  }
  return {};
}

}  // namespace daos::capi
