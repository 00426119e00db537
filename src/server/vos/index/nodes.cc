// Finding, making and removing the nodes of the tree.
#include "server/vos/index/nodes.h"

#include <algorithm>
#include <cstring>

#include "server/vos/index/impl.h"

namespace daos::vos {
namespace {

/// The akey inside a dkey is told from others by its bytes alone: no hash is needed.
bool is_first(const DkeyNode& dkey, ByteSpan key) {
  const ByteSpan first = dkey.first.key();
  return as_text(first) == as_text(key);
}

size_t dkey_node_bytes(const DkeyNode& dkey) { return sizeof(DkeyNode) + dkey.key_bytes + dkey.first_key_room; }

}  // namespace

Index::Impl::Impl() : containers(Counted<std::pair<const Uuid, ContainerNode*>>(store.memory)) {}

Index::Impl::~Impl() {
  size_t budget = SIZE_MAX;
  for (const auto& [id, container] : containers) free_some(*container, budget);
  for (ContainerNode* container : destroyed) free_some(*container, budget);
}

ObjectNode* Index::Impl::find_object(const Uuid& container, const classes::ObjectId& object) const {
  if (last_object != nullptr) {
    if (last_object->id == object && last_object->container->id == container) return last_object;
  }
  const auto in_container = containers.find(container);
  if (in_container == containers.end()) return nullptr;
  const auto found = in_container->second->objects.find(object);
  if (found == in_container->second->objects.end() || found->second.node == nullptr) return nullptr;
  last_object = found->second.node;
  return last_object;
}

ObjectSlot& Index::Impl::object_slot(const Uuid& container, const classes::ObjectId& object) {
  const auto [in_container, new_container] = containers.try_emplace(container, nullptr);
  if (new_container) in_container->second = make_counted<ContainerNode>(store.memory, store.memory, container);
  return in_container->second->objects[object];
}

ObjectNode& Index::Impl::object(const Uuid& container, const classes::ObjectId& object) {
  if (ObjectNode* found = find_object(container, object)) return *found;
  ObjectSlot& slot = object_slot(container, object);
  slot.node = make_counted<ObjectNode>(store.memory, *containers.find(container)->second, object);
  slot.node->highest_epoch = std::exchange(slot.highest_epoch, 0);
  last_object = slot.node;
  return *slot.node;
}

void Index::Impl::note_highest(const Uuid& container, const classes::ObjectId& object, uint64_t epoch) {
  newest_epoch = std::max(newest_epoch, epoch);
  ObjectNode* node = find_object(container, object);
  uint64_t& highest = node != nullptr ? node->highest_epoch : object_slot(container, object).highest_epoch;
  highest = std::max(highest, epoch);
}

DkeyNode* Index::Impl::find_dkey(const ObjectNode& object, ByteSpan key) const {
  if (last_dkey_object == &object) {
    const ByteSpan last = last_dkey->key();
    if (as_text(last) == as_text(key)) return last_dkey;
  }
  const uint64_t changes = store.memory.tree_changes;
  if (absent.object == &object && absent.changes == changes && as_text(key) == absent.key) return nullptr;
  DkeyNode* found = object.dkeys.find(probe_of(object.dkey_kind(), key));
  if (found != nullptr) {
    remember(object, *found);
  } else if (key.size() <= Absent::kKeyMax) {
    absent.object = &object;
    absent.changes = changes;
    absent.key.assign(as_text(key));
  }
  return found;
}

DkeyNode& Index::Impl::dkey(ObjectNode& object, ByteSpan key, ByteSpan akey) {
  if (DkeyNode* found = find_dkey(object, key)) return *found;
  const KeyProbe probe = probe_of(object.dkey_kind(), key);
  DkeyTree::Place place;
  object.dkeys.seek(probe, place);
  auto* node = new (store.memory.allocate(sizeof(DkeyNode) + key.size() + akey.size())) DkeyNode;
  node->key_bytes = static_cast<uint32_t>(key.size());
  node->is_lexical = probe.lexical;
  node->first_key_room = static_cast<uint32_t>(akey.size());
  std::ranges::copy(key, reinterpret_cast<std::byte*>(node + 1));
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
  object.dkeys.insert(store.memory, place, probe.rank, node);
  remember(object, *node);
  return *node;
}

AkeyNode* Index::Impl::find_akey(const ObjectNode& object, const DkeyNode& dkey, ByteSpan key) {
  if (dkey.has_first != 0 && is_first(dkey, key)) return const_cast<AkeyNode*>(&dkey.first);
  if (dkey.akeys == nullptr) return nullptr;
  return dkey.akeys->find(probe_of(object.akey_kind(), key));
}

AkeyNode& Index::Impl::akey(ObjectNode& object, DkeyNode& dkey, ByteSpan key) {
  if (dkey.has_first != 0 && is_first(dkey, key)) return dkey.first;
  AkeyTree::Place place;
  if (dkey.akeys == nullptr) {
    dkey.akeys = make_counted<AkeyTree>(store.memory);
    if (dkey.has_first != 0) {
      const KeyProbe first = probe_of(object.akey_kind(), dkey.first.key());
      dkey.akeys->seek(first, place);
      dkey.akeys->insert(store.memory, place, first.rank, &dkey.first);
    }
  }
  const KeyProbe probe = probe_of(object.akey_kind(), key);
  dkey.akeys->seek(probe, place);
  if (AkeyNode* found = place.node()) return *found;
  auto* node = new (store.memory.allocate(sizeof(AkeyNode) + key.size())) AkeyNode;
  node->key_offset = sizeof(AkeyNode);
  node->key_bytes = static_cast<uint32_t>(key.size());
  node->is_lexical = probe.lexical;
  std::ranges::copy(key, reinterpret_cast<std::byte*>(node + 1));
  dkey.akeys->insert(store.memory, place, probe.rank, node);
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
  if (AkeyRest* rest = akey.rest()) return *rest;
  auto* rest = make_counted<AkeyRest>(store.memory, store.memory);
  if (Blob* older = akey.older()) rest->history.insert(older);
  akey.set_rest(rest);
  return *rest;
}

Array& Index::Impl::array(AkeyNode& akey) {
  AkeyRest& more = rest(akey);
  if (more.array == nullptr) more.array = make_counted<Array>(store.memory, store.memory);
  return *more.array;
}

void Index::Impl::remove_array(AkeyNode& akey) {
  if (akey.array() == nullptr) return;
  release_counted(store.memory, akey.rest()->array);
  akey.rest()->array = nullptr;
}

void Index::Impl::remove_rest_if_empty(AkeyNode& akey) {
  AkeyRest* rest = akey.rest();
  if (rest == nullptr || rest->array != nullptr || !rest->markers.empty()) return;
  if (rest->history.size() > 1) return;
  Blob* older = rest->history.empty() ? nullptr : *rest->history.begin();
  release_counted(store.memory, rest);
  akey.set_rest(nullptr);
  if (older != nullptr) akey.set_older(older);
}

void Index::Impl::release_akey(AkeyNode& akey) {
  size_t budget = SIZE_MAX;
  free_some(akey, budget);
  akeys--;
  if (akey.embedded == 0) store.memory.release(&akey, sizeof(AkeyNode) + akey.key_bytes);
}

void Index::Impl::remove_akey(ObjectNode& object, DkeyNode& dkey, AkeyNode& akey) {
  if (dkey.akeys != nullptr) dkey.akeys->erase(store.memory, probe_of(object.akey_kind(), akey.key()));
  if (akey.embedded != 0) dkey.has_first = 0;
  release_akey(akey);
  if (dkey.akeys != nullptr && dkey.akeys->empty()) {
    release_counted(store.memory, dkey.akeys);
    dkey.akeys = nullptr;
  }
}

void Index::Impl::release_dkey(DkeyNode& dkey) {
  if (last_dkey == &dkey) last_dkey_object = nullptr;
  dkey.markers.clear(store.memory);
  const size_t bytes = dkey_node_bytes(dkey);
  dkey.~DkeyNode();
  store.memory.release(&dkey, bytes);
}

void Index::Impl::remove_dkey(ObjectNode& object, DkeyNode& dkey) {
  object.dkeys.erase(store.memory, probe_of(object.dkey_kind(), dkey.key()));
  release_dkey(dkey);
  if (is_dead(object)) remove_object(object);
}

void Index::Impl::remove_object(ObjectNode& object) {
  if (last_object == &object) last_object = nullptr;
  ObjectSlot& slot = object.container->objects.find(object.id)->second;
  slot = {.highest_epoch = object.highest_epoch};
  release_counted(store.memory, &object);
}

}  // namespace daos::vos
