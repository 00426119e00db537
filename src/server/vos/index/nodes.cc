// Finding, making and removing the nodes of the tree.
#include "server/vos/index/nodes.h"

#include <cstring>

#include "server/vos/index/impl.h"

namespace daos::vos {
namespace {

/// The akey inside a dkey is told from others by its bytes alone: no hash is needed.
bool is_first(const DkeyNode& dkey, ByteSpan key) {
  const ByteSpan first = dkey.first.key();
  return first.size() == key.size() && std::memcmp(first.data(), key.data(), key.size()) == 0;
}

size_t dkey_node_bytes(const DkeyNode& dkey) { return sizeof(DkeyNode) + dkey.key_bytes + dkey.first_key_room; }

}  // namespace

Index::Impl::Impl()
    : containers(Counted<std::pair<const Uuid, ContainerNode*>>(store.memory)),
      jobs(Counted<Job>(store.memory)),
      kept(Counted<Job>(store.memory)) {}

Index::Impl::~Impl() {
  for (const auto& [id, container] : containers) destroy(*container);
}

ObjectNode* Index::Impl::find_object(const Uuid& container, const classes::ObjectId& object) const {
  if (last_object != nullptr) {
    if (last_object->id == object && last_object->container->id == container) return last_object;
  }
  const auto in_container = containers.find(container);
  if (in_container == containers.end()) return nullptr;
  const auto found = in_container->second->objects.find(object);
  if (found == in_container->second->objects.end()) return nullptr;
  last_object = found->second;
  return found->second;
}

ObjectNode& Index::Impl::object(const Uuid& container, const classes::ObjectId& object) {
  if (ObjectNode* found = find_object(container, object)) return *found;
  const auto [in_container, new_container] = containers.try_emplace(container, nullptr);
  if (new_container) in_container->second = make_counted<ContainerNode>(store.memory, store.memory, container);
  ContainerNode& node = *in_container->second;
  ObjectNode* made = make_counted<ObjectNode>(store.memory, store.memory, node, object);
  node.objects.emplace(object, made);
  last_object = made;
  return *made;
}

DkeyNode* Index::Impl::find_dkey(const ObjectNode& object, ByteSpan key) {
  const KeyProbe probe = probe_of(object.dkey_kind(), key);
  const auto found = object.dkeys.find(probe);
  return found == object.dkeys.end() ? nullptr : found->node;
}

DkeyNode& Index::Impl::dkey(ObjectNode& object, ByteSpan key, ByteSpan akey) {
  const KeyProbe probe = probe_of(object.dkey_kind(), key);
  const auto place = object.dkeys.lower_bound(probe);
  if (place != object.dkeys.end() && !KeyOrder<DkeyNode>()(probe, *place)) return *place->node;
  auto* node = new (store.memory.allocate(sizeof(DkeyNode) + key.size() + akey.size())) DkeyNode;
  node->key_bytes = static_cast<uint32_t>(key.size());
  node->is_lexical = probe.lexical;
  node->first_key_room = static_cast<uint32_t>(akey.size());
  std::memcpy(reinterpret_cast<std::byte*>(node + 1), key.data(), key.size());
  if (!akey.empty()) {
    AkeyNode& first = node->first;
    first.key_bytes = static_cast<uint32_t>(akey.size());
    first.is_lexical = object.akey_kind() == classes::KeyKind::kLexical;
    first.embedded = 1;
    auto* bytes = reinterpret_cast<std::byte*>(node + 1) + key.size();
    first.key_offset = static_cast<uint32_t>(bytes - reinterpret_cast<std::byte*>(&first));
    std::memcpy(bytes, akey.data(), akey.size());
    node->has_first = 1;
    akeys++;
  }
  object.dkeys.insert(place, KeyEntry<DkeyNode>{.rank = probe.rank, .node = node});
  return *node;
}

AkeyNode* Index::Impl::find_akey(const ObjectNode& object, const DkeyNode& dkey, ByteSpan key) {
  if (dkey.has_first != 0 && is_first(dkey, key)) return const_cast<AkeyNode*>(&dkey.first);
  if (dkey.akeys == nullptr) return nullptr;
  const auto found = dkey.akeys->find(probe_of(object.akey_kind(), key));
  return found == dkey.akeys->end() ? nullptr : found->node;
}

AkeyNode& Index::Impl::akey(ObjectNode& object, DkeyNode& dkey, ByteSpan key) {
  if (dkey.has_first != 0 && is_first(dkey, key)) return dkey.first;
  const KeyProbe probe = probe_of(object.akey_kind(), key);
  if (dkey.akeys == nullptr) {
    dkey.akeys = make_counted<AkeyTree>(store.memory, Counted<KeyEntry<AkeyNode>>(store.memory));
    if (dkey.has_first != 0) {
      dkey.akeys->insert({.rank = probe_of(object.akey_kind(), dkey.first.key()).rank, .node = &dkey.first});
    }
  }
  const auto place = dkey.akeys->lower_bound(probe);
  if (place != dkey.akeys->end() && !KeyOrder<AkeyNode>()(probe, *place)) return *place->node;
  auto* node = new (store.memory.allocate(sizeof(AkeyNode) + key.size())) AkeyNode;
  node->key_offset = sizeof(AkeyNode);
  node->key_bytes = static_cast<uint32_t>(key.size());
  node->is_lexical = probe.lexical;
  std::memcpy(reinterpret_cast<std::byte*>(node + 1), key.data(), key.size());
  dkey.akeys->insert(place, KeyEntry<AkeyNode>{.rank = probe.rank, .node = node});
  akeys++;
  return *node;
}

Index::Impl::Found Index::Impl::find(const KeyPath& path) const {
  Found found;
  found.object = find_object(path.container, path.object);
  if (found.object != nullptr && !path.dkey.empty()) found.dkey = find_dkey(*found.object, path.dkey);
  if (found.dkey != nullptr && !path.akey.empty()) found.akey = find_akey(*found.object, *found.dkey, path.akey);
  return found;
}

AkeyRest& Index::Impl::rest(AkeyNode& akey) {
  if (akey.rest == nullptr) akey.rest = make_counted<AkeyRest>(store.memory, store.memory);
  return *akey.rest;
}

Array& Index::Impl::array(AkeyNode& akey) {
  AkeyRest& more = rest(akey);
  if (more.array == nullptr) more.array = make_counted<Array>(store.memory, store.memory);
  return *more.array;
}

void Index::Impl::remove_array(AkeyNode& akey) {
  if (akey.array() == nullptr) return;
  akey.rest->array->clear(store);
  release_counted(store.memory, akey.rest->array);
  akey.rest->array = nullptr;
}

void Index::Impl::remove_rest_if_empty(AkeyNode& akey) {
  if (akey.rest == nullptr || akey.rest->array != nullptr) return;
  if (!akey.rest->markers.empty() || !akey.rest->history.empty()) return;
  release_counted(store.memory, akey.rest);
  akey.rest = nullptr;
}

void Index::Impl::release_akey(AkeyNode& akey) {
  if (akey.single != nullptr) Blob::release(store, akey.single);
  akey.single = nullptr;
  if (akey.rest != nullptr) {
    remove_array(akey);
    for (Blob* blob : akey.rest->history) Blob::release(store, blob);
    akey.rest->markers.clear(store.memory);
    release_counted(store.memory, akey.rest);
    akey.rest = nullptr;
  }
  akeys--;
  if (akey.embedded == 0) store.memory.release(&akey, sizeof(AkeyNode) + akey.key_bytes);
}

void Index::Impl::remove_akey(ObjectNode& object, DkeyNode& dkey, AkeyNode& akey) {
  if (dkey.akeys != nullptr) dkey.akeys->erase(probe_of(object.akey_kind(), akey.key()));
  if (akey.embedded != 0) dkey.has_first = 0;
  release_akey(akey);
  if (dkey.akeys != nullptr && dkey.akeys->empty()) {
    release_counted(store.memory, dkey.akeys);
    dkey.akeys = nullptr;
  }
}

void Index::Impl::release_dkey(DkeyNode& dkey) {
  AkeyTree* tree = dkey.akeys;
  if (tree == nullptr) {
    if (dkey.has_first != 0) release_akey(dkey.first);
  } else {
    for (const auto& entry : *tree) release_akey(*entry.node);
    release_counted(store.memory, tree);
  }
  dkey.markers.clear(store.memory);
  const size_t bytes = dkey_node_bytes(dkey);
  dkey.~DkeyNode();
  store.memory.release(&dkey, bytes);
}

void Index::Impl::remove_dkey(ObjectNode& object, DkeyNode& dkey) {
  object.dkeys.erase(probe_of(object.dkey_kind(), dkey.key()));
  release_dkey(dkey);
}

void Index::Impl::destroy(ContainerNode& container) {
  last_object = nullptr;
  const auto of_container = [&](const Job& job) { return job.object->container == &container; };
  if (!jobs.empty() && of_container(jobs.front())) {
    if (progress.past.blob != nullptr) Blob::release(store, progress.past.blob);
    progress = {};
  }
  std::erase_if(jobs, of_container);
  std::erase_if(kept, of_container);
  for (const auto& [id, object] : container.objects) {
    for (const auto& entry : object->dkeys) release_dkey(*entry.node);
    object->markers.clear(store.memory);
    release_counted(store.memory, object);
  }
  release_counted(store.memory, &container);
}

}  // namespace daos::vos
