// A destroyed container is invisible at once. Its memory comes back in steps, from the end of every tree, before
// reclaim looks at anything else.
#include "server/vos/index/impl.h"

namespace daos::vos {

void Index::destroy(const Uuid& container) {
  impl_->prepared.drop_container(container);
  const auto found = impl_->containers.find(container);
  if (found == impl_->containers.end()) return;
  impl_->destroyed.push_back(found->second);
  impl_->containers.erase(found);
  impl_->last_object = nullptr;
  impl_->last_dkey_object = nullptr;
}

bool Index::Impl::free_some(AkeyNode& akey, size_t& budget) {
  if (akey.single != nullptr) Blob::release(store, akey.single);
  akey.single = nullptr;
  if (Blob* older = akey.older()) Blob::release(store, older);
  AkeyRest* rest = akey.rest();
  if (rest != nullptr) {
    while (!rest->history.empty()) {
      if (budget == 0) return false;
      budget--;
      const auto last = std::prev(rest->history.end());
      Blob::release(store, *last);
      rest->history.erase(last);
    }
    if (rest->array != nullptr && !rest->array->clear(store, budget)) return false;
    remove_array(akey);
    rest->markers.clear(store.memory);
    release_counted(store.memory, rest);
  }
  akey.set_rest(nullptr);
  return true;
}

bool Index::Impl::free_some(DkeyNode& dkey, size_t& budget) {
  AkeyTree* tree = dkey.akeys;
  if (tree == nullptr) {
    if (dkey.has_first == 0) return true;
    if (!free_some(dkey.first, budget)) return false;
    release_akey(dkey.first);
    dkey.has_first = 0;
    return true;
  }
  while (AkeyNode* akey = tree->last()) {
    if (budget == 0 || !free_some(*akey, budget)) return false;
    budget--;
    tree->take_last(store.memory);
    release_akey(*akey);
  }
  release_counted(store.memory, tree);
  dkey.akeys = nullptr;
  dkey.has_first = 0;
  return true;
}

bool Index::Impl::free_some(ContainerNode& container, size_t& budget) {
  if (container.progress.past.blob != nullptr) Blob::release(store, container.progress.past.blob);
  container.progress = {};
  container.jobs.append(container.kept);
  while (!container.jobs.empty()) {
    if (budget == 0) return false;
    budget--;
    container.jobs.drop_some(store.memory);
  }
  while (!container.objects.empty()) {
    const auto last = std::prev(container.objects.end());
    ObjectNode* object = last->second.node;
    while (object != nullptr) {
      DkeyNode* dkey = object->dkeys.last();
      if (dkey == nullptr) break;
      if (budget == 0 || !free_some(*dkey, budget)) return false;
      budget--;
      object->dkeys.take_last(store.memory);
      release_dkey(*dkey);
    }
    if (budget == 0) return false;
    budget--;
    if (object != nullptr) object->markers.clear(store.memory);
    release_counted(store.memory, object);
    container.objects.erase(last);
  }
  release_counted(store.memory, &container);
  return true;
}

}  // namespace daos::vos
